/** The account room as one thing: balance, key, settlement and ledger of every configured account. */
import type { AccountFacts } from '../api/account.ts'
import type { Account, PollOptions, SettlementOptions } from '../config.ts'
import type { AccountSnapshot } from '../ports.ts'
import { createAccountApi, type AccountApi, type OnPoll } from './account-api.ts'
import { createBalanceRound } from './balance.ts'
import { createClient } from './client.ts'
import { createClock, type Clock } from './clock.ts'
import { createGate } from './gate.ts'
import { createKeyRound } from './key.ts'
import { createLedgerRound, type LedgerEntry } from './ledger.ts'
import { createPoller, type Poller, type RoundResult } from './poller.ts'
import { startSettlement, type Settlement } from './settlement.ts'

export interface WatchOptions {
  /** Empty: nothing is asked and nothing settled. */
  readonly accounts: readonly Account[]
  /** Where the account endpoints are: origin and optional path prefix. */
  readonly baseUrl: string
  /** Balance and, less often, the key's limit. */
  readonly balance: PollOptions
  readonly settlement: SettlementOptions
  readonly ledger: PollOptions
  /** Told of every request to an account endpoint. Must not throw. */
  readonly onPoll: OnPoll
  /** Told of every new ledger entry, once. Must not throw. */
  readonly onLedgerEntry: (entry: LedgerEntry) => void
  /** Default: the real one. */
  readonly clock?: Clock
  /** Between two pages of one account. Default 1 s: the API allows 200 requests a minute, other processes included. */
  readonly pageSpacingMs?: number
}

export interface AccountWatch {
  /** The last good answers, one per account that ever gave one. Never waits. */
  snapshots(): AccountSnapshot[]
  readonly settlement: Settlement
  /** One last attempt to settle what is pending (`settleOnShutdown`), at most 5 s. Never rejects. */
  flush(): Promise<void>
  /** Ends polling and requests under way. Calls still pending are told that they are lost. Idempotent. */
  stop(): void
}

/** Of the last attempt to settle, with `settleOnShutdown`. */
export const FLUSH_TIMEOUT_MS = 5000
/** Between two pages of an account's log or ledger. */
export const PAGE_SPACING_MS = 1000
/** Key limits change by hand and usage by the month. */
const KEY_INTERVALS = 5

/** Watches until `stop()`. Nothing of it keeps the process alive, throws, or is seen as traffic of the host. */
export function watchAccounts(options: WatchOptions): AccountWatch {
  const { accounts, baseUrl, balance, settlement, ledger, onLedgerEntry } = options
  const { clock = createClock(), pageSpacingMs = PAGE_SPACING_MS } = options
  const client = createClient()
  const snapshots = new Map<string, AccountSnapshot>()
  const pollers: Poller[] = []
  let stopped = false

  const onPoll: OnPoll = (...asked) => {
    if (!stopped) options.onPoll(...asked)
  }

  function learn(account: string, facts: Partial<AccountSnapshot>): void {
    snapshots.set(account, { ...snapshots.get(account), ...facts, account })
  }

  function poll(
    api: AccountApi,
    kind: 'balance' | 'key' | 'ledger',
    intervalMs: number,
    round: () => Promise<RoundResult>,
  ): void {
    const onRefused = (status: string): void => api.warnRefused(kind, status)
    const poller = createPoller({ intervalMs, clock, round, onRefused })
    poller.start()
    pollers.push(poller)
  }

  function watch(api: AccountApi): void {
    const onBalance = (facts: AccountFacts): void =>
      learn(api.name, {
        ...facts,
        ...(facts.balanceUsd !== undefined && { updatedTimestampSeconds: clock.now() / 1000 }),
      })
    const onKey = (facts: AccountFacts): void => learn(api.name, facts)
    if (balance.enabled) {
      const { intervalMs } = balance
      poll(api, 'balance', intervalMs, createBalanceRound({ api, intervalMs, clock, onFacts: onBalance }))
      poll(api, 'key', intervalMs * KEY_INTERVALS, createKeyRound(api, onKey))
    }
    if (ledger.enabled)
      poll(api, 'ledger', ledger.intervalMs, createLedgerRound({ api, clock, onEntry: onLedgerEntry }))
  }

  const apis = accounts.map((account) => {
    const pages = createGate(pageSpacingMs, clock)
    return createAccountApi({ account, baseUrl, client, clock, pages, onPoll })
  })
  for (const api of apis) watch(api)
  const { intervalMs, maxPending } = settlement
  const settling = startSettlement({ apis: settlement.enabled ? apis : [], intervalMs, maxPending, clock })

  return {
    snapshots: () => [...snapshots.values()],
    settlement: settling,
    flush: () => settling.flush(FLUSH_TIMEOUT_MS),
    stop() {
      stopped = true
      for (const poller of pollers) poller.stop()
      settling.stop()
      client.close()
    },
  }
}
