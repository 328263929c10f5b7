/** Polls one account: what is requested, how often, and the last results. */
import type { BalanceFacts } from '../api/account.ts'
import type { KeyFacts } from '../api/account-keys.ts'
import type { Config } from '../config.ts'
import type { AccountSnapshot, KeySnapshot, LedgerEntry, UsageGrowth } from '../ports.ts'
import type { AccountApi } from './account-api.ts'
import { createNonUsageRound } from './non-usage-entries.ts'
import { createBalanceRound } from './balance.ts'
import { createChargedCredits, type BalanceReading } from './charged-credits.ts'
import { createKeysRound } from './keys.ts'
import { createLedger } from './ledger.ts'
import type { Pollers } from './pollers.ts'
import { createUsage } from './key-usage.ts'
import { monthOf } from './spend-periods.ts'

/** What of an account is polled, and who is called with what is new. No listener may throw. */
export interface AccountPolls extends Pick<Config, 'balance' | 'usage' | 'ledger'> {
  /** Called with every new ledger entry, once. */
  readonly onLedgerEntry: (entry: LedgerEntry) => void
  /** Called with the credits charged to the account since the last call; only with `balance`, and `usage` or `ledger`. */
  readonly onCharged: (account: string, credits: number) => void
  /** Called with what a key used since the last call; only with `usage`. */
  readonly onUsage: (growth: UsageGrowth) => void
}

export interface WatchAccountOptions extends AccountPolls {
  readonly api: AccountApi
  readonly pollers: Pollers
  readonly useModel: (model: string) => void
}

/** Keys are requested once in this many intervals: limits rarely change, and nothing else needs them without a management key. */
const KEY_INTERVALS = 5

/** Polls from now on. Returns what reads the last known state: `undefined` before the first good response. */
export function watchAccount(options: WatchAccountOptions): () => AccountSnapshot | undefined {
  const { api, pollers, balance, usage, ledger, useModel, onLedgerEntry } = options
  const { name: account, isManaged, clock } = api
  let facts: Omit<AccountSnapshot, 'account'> = {}
  let latest: BalanceReading | undefined
  const learn = (more: Omit<AccountSnapshot, 'account'>): void => {
    facts = { ...facts, ...more }
  }

  const charged = createChargedCredits(api, (credits) => options.onCharged(account, credits))
  const nonUsagePoll = { api, poll: 'ledger', name: 'top-ups' } as const
  const followsMoney = usage.enabled || ledger.enabled
  const readNonUsage = createNonUsageRound(api, (entry) => {
    charged.moved(entry)
    const { direction, type, credits } = entry
    if (ledger.enabled) onLedgerEntry({ account, direction, type, credits })
  })
  const onBalance = (balanceFacts: BalanceFacts, atMs: number): void => {
    const { balanceCredits, balanceUsd } = balanceFacts
    learn({
      ...balanceFacts,
      ...(balanceUsd !== undefined && { updatedTimestampSeconds: clock.now() / 1000 }),
    })
    if (balanceCredits !== undefined) latest = { credits: balanceCredits, atMs }
  }
  const forgetFlag = (): void => {
    const { balanceLow: _low, lowBalanceThresholdCredits: _threshold, ...rest } = facts
    facts = rest
  }
  const askBalance = createBalanceRound(api, balance.intervalMs, onBalance, forgetFlag)
  if (balance.enabled) {
    const nonUsage = followsMoney
      ? pollers.create({ ...nonUsagePoll, intervalMs: balance.intervalMs, round: readMoney })
      : undefined
    const round = async () => {
      latest = undefined
      const result = await askBalance()
      // A key may be allowed to read the ledger and not the balance.
      if (result.errorType === undefined || result.errorType === '403') nonUsage?.runUnlessBackedOff()
      return result
    }
    pollers.start({ api, poll: 'balance', intervalMs: balance.intervalMs, round })
  } else if (ledger.enabled)
    pollers.start({ ...nonUsagePoll, intervalMs: ledger.intervalMs, round: readNonUsage })

  /** Reads the ledger after the balance, so that every entry before the balance is known. */
  async function readMoney() {
    const reading = latest
    const result = await readNonUsage()
    if (result.errorType === undefined && reading !== undefined) charged.balance(reading)
    return result
  }

  const ledgerRows = ledger.enabled
    ? createLedger(api, (entry) => {
        if (entry.model !== undefined) useModel(entry.model)
        onLedgerEntry(entry)
      })
    : undefined
  if (ledgerRows !== undefined)
    pollers.start({ api, poll: 'ledger', intervalMs: ledger.intervalMs, round: ledgerRows.round })

  const spend = usage.enabled ? createUsage({ api, onGrowth: options.onUsage, onModel: useModel }) : undefined
  let isListed = false
  let listedMs = 0
  function onKeys(keys: readonly KeyFacts[]): void {
    isListed = true
    listedMs = api.serverNow()
    learn({ keys: keys.map(({ createdMs: _created, name: _name, ...key }) => key) })
    spend?.keys(keys)
  }
  const readKeys = createKeysRound(api, onKeys)
  if (spend !== undefined) {
    const round = async () => {
      // The list first, so that the usage of each key is read at once: what is spent before the first response is not counted.
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

  /** The listed usage is that of the month: of another period it is what is known of that, of a month that is over nothing. */
  function showKey(key: KeySnapshot): KeySnapshot {
    const isOfMonth = key.retention === undefined || key.retention === 'month'
    if (isOfMonth && monthOf(api.serverNow()) === monthOf(listedMs)) return key
    const { usageUsd: _thisMonth, ...rest } = key
    const usageUsd = isOfMonth ? undefined : spend?.spentOfLimit(key)
    return { ...rest, ...(usageUsd !== undefined && { usageUsd }) }
  }

  return () => {
    const lagMs = ledgerRows?.lagMs()
    const spent = spend?.spend() ?? []
    if (Object.keys(facts).length === 0 && lagMs === undefined && spent.length === 0) return undefined
    return {
      account,
      ...facts,
      ...(facts.keys !== undefined && { keys: facts.keys.map(showKey) }),
      ...(spent.length > 0 && { spend: spent }),
      ...(lagMs !== undefined && { ledgerLagSeconds: lagMs / 1000 }),
    }
  }
}
