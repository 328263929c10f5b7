/** Polls one account: what is requested, how often, and the last results. */
import type { BalanceFacts } from '../api/account.ts'
import type { KeyFacts } from '../api/account-keys.ts'
import type { PollOptions } from '../config.ts'
import type { AccountSnapshot, KeySnapshot, LedgerEntry, UsageGrowth } from '../ports.ts'
import type { AccountApi } from './account-api.ts'
import { createNonUsageRound } from './non-usage-entries.ts'
import { createBalanceRound } from './balance.ts'
import { createChargedCredits, type BalanceReading } from './charged-credits.ts'
import type { Clock } from './clock.ts'
import { createKeysRound } from './keys.ts'
import { createLedger } from './ledger.ts'
import type { Pollers } from './pollers.ts'
import { createUsage, type AccountUsage } from './key-usage.ts'

export interface WatchAccountOptions {
  readonly api: AccountApi
  readonly isManaged: boolean
  readonly clock: Clock
  readonly pollers: Pollers
  readonly balance: PollOptions
  readonly usage: PollOptions
  readonly ledger: PollOptions
  readonly useModel: (model: string) => void
  readonly onLedgerEntry: (entry: LedgerEntry) => void
  readonly onCharged: (account: string, credits: number) => void
  readonly onUsage: (growth: UsageGrowth) => void
}

/** The last known state of one account. */
export interface WatchedAccount {
  /** `undefined` before the first good response. */
  snapshot(): AccountSnapshot | undefined
}

/** Keys are requested once in this many intervals: limits rarely change, and nothing else needs them without a management key. */
const KEY_INTERVALS = 5

export function watchAccount(options: WatchAccountOptions): WatchedAccount {
  const { api, isManaged, clock, pollers, balance, usage, ledger, useModel, onLedgerEntry } = options
  const account = api.name
  let facts: Omit<AccountSnapshot, 'account'> = {}
  let latest: BalanceReading | undefined
  const learn = (more: Omit<AccountSnapshot, 'account'>): void => {
    facts = { ...facts, ...more }
  }

  const charged = createChargedCredits({
    account,
    clock,
    onCharged: (credits) => options.onCharged(account, credits),
  })
  const topUps = { api, poll: 'ledger', name: 'top-ups' } as const
  const followsMoney = usage.enabled || ledger.enabled
  const readNonUsage = createNonUsageRound({
    api,
    clock,
    onEntry(entry) {
      charged.moved(entry)
      const { direction, type, credits } = entry
      if (ledger.enabled) onLedgerEntry({ account, direction, type, credits })
    },
  })
  const askBalance = createBalanceRound({
    api,
    intervalMs: balance.intervalMs,
    clock,
    onFacts(balanceFacts: BalanceFacts, atMs) {
      const { balanceCredits, balanceUsd } = balanceFacts
      learn({
        ...balanceFacts,
        ...(balanceUsd !== undefined && { updatedTimestampSeconds: clock.now() / 1000 }),
      })
      if (balanceCredits !== undefined) latest = { credits: balanceCredits, atMs }
    },
  })
  if (balance.enabled) {
    const additions = followsMoney
      ? pollers.create({ ...topUps, intervalMs: balance.intervalMs, round: readMoney })
      : undefined
    const round = async () => {
      const result = await askBalance()
      if (result.errorType === undefined) void additions?.runNow()
      return result
    }
    pollers.start({ api, poll: 'balance', intervalMs: balance.intervalMs, round })
  } else if (ledger.enabled) pollers.start({ ...topUps, intervalMs: ledger.intervalMs, round: readNonUsage })

  /** Reads the ledger after the balance, so that every entry before the balance is known. */
  async function readMoney() {
    const reading = latest
    const result = await readNonUsage()
    if (result.errorType === undefined && reading !== undefined) charged.balance(reading)
    return result
  }

  const rows = ledger.enabled
    ? createLedger({
        api,
        clock,
        onEntry(entry) {
          if (entry.model !== undefined) useModel(entry.model)
          onLedgerEntry(entry)
        },
      })
    : undefined
  if (rows !== undefined)
    pollers.start({ api, poll: 'ledger', intervalMs: ledger.intervalMs, round: rows.round })

  const spend = usage.enabled
    ? createUsage({
        api,
        clock,
        isManaged,
        onGrowth: options.onUsage,
        onModel: useModel,
      })
    : undefined
  let isListed = false
  function onKeys(keys: readonly KeyFacts[]): void {
    isListed = true
    learn({ keys: keys.map(({ createdMs: _created, name: _name, ...key }) => key) })
    spend?.keys(keys)
  }
  const readKeys = createKeysRound({ api, isManaged, onKeys })
  if (spend !== undefined) {
    const round = async () => {
      // Whose usage is to be asked for? What is spent before the first answer is not counted.
      const { errorType, ...rest } = isManaged && !isListed ? await readKeys() : {}
      return errorType === undefined ? spend.round() : { errorType, ...rest }
    }
    pollers.start({ api, poll: 'usage', intervalMs: usage.intervalMs, round })
  }
  if (balance.enabled || usage.enabled) {
    const intervalMs =
      isManaged && usage.enabled
        ? usage.intervalMs
        : KEY_INTERVALS * (balance.enabled ? balance : usage).intervalMs
    pollers.start({ api, poll: 'key', intervalMs, round: readKeys })
  }

  return {
    snapshot() {
      const lagMs = rows?.lagMs()
      const spent = spend?.spend() ?? []
      if (Object.keys(facts).length === 0 && lagMs === undefined && spent.length === 0) return undefined
      return {
        account,
        ...facts,
        ...(facts.keys !== undefined && { keys: facts.keys.map((key) => withinLimit(key, spend)) }),
        ...(spent.length > 0 && { spend: spent }),
        ...(lagMs !== undefined && { ledgerLagSeconds: lagMs / 1000 }),
      }
    },
  }
}

/** The listed usage of a key is that of the month: for a limit of another period it is replaced by what is known of that. */
function withinLimit(key: KeySnapshot, spend: AccountUsage | undefined): KeySnapshot {
  if (key.retention === undefined || key.retention === 'month') return key
  const { usageUsd: _thisMonth, ...rest } = key
  const usageUsd = spend?.spentOfLimit(key)
  return { ...rest, ...(usageUsd !== undefined && { usageUsd }) }
}
