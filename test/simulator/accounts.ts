/** Who pays: accounts with their keys, balances, limits and automatic top-ups. */
import type { Random } from './random.ts'
import { CREDITS_PER_USD, type Ledger, type LedgerEntry, type TransactionType } from './ledger.ts'

export interface KeyOptions {
  /** 32 hex characters, as the API hands them out; anything else works too. */
  readonly key: string
  readonly name?: string
  /** Management keys are refused on `/v2/billing/transactions`, and may read other keys' logs. */
  readonly management?: boolean
  readonly disabled?: boolean
  readonly limit?: {
    readonly retention: 'no_reset' | 'day' | 'week' | 'month'
    readonly thresholdUsd: number
  }
}

export interface AccountOptions {
  readonly name: string
  readonly keys: readonly (string | KeyOptions)[]
  /** Default 1,000,000,000 credits (500 USD). */
  readonly balanceCredits?: number
  /** Default 10,000 credits. */
  readonly lowBalanceThresholdCredits?: number
  readonly autoTopUp?: {
    readonly enabled: boolean
    readonly thresholdUsd: number
    readonly amountUsd: number
  }
}

export interface SimulatedKey extends KeyOptions {
  /** First 8 characters. */
  readonly prefix: string
  readonly account: SimulatedAccount
  readonly createdAt: number
}

export interface SimulatedAccount {
  readonly name: string
  readonly keys: readonly SimulatedKey[]
  /** Never to be seen in any signal: tests hunt for both. */
  readonly email: string
  readonly userId: number
  readonly lowBalanceThresholdCredits: number
  readonly autoTopUp: { readonly enabled: boolean; readonly thresholdUsd: number; readonly amountUsd: number }
  /** May fall below 0: a token price is known only when the answer is written. */
  readonly balanceCredits: number
  /** Adds (or, as CREDITS_EXPIRED, takes away) credits, and writes the ledger. */
  topUp(credits: number, type?: Exclude<TransactionType, 'MODEL_USAGE'>, createdAt?: number): LedgerEntry
}

export interface Accounts {
  get(name: string): SimulatedAccount
  all(): readonly SimulatedAccount[]
  /** The key as sent by the client. */
  byKey(secret: string): SimulatedKey | undefined
  /** Makes a key in an account that exists. */
  addKey(account: string, key: KeyOptions): SimulatedKey
  /** The key is gone: it is neither listed nor accepted. What it spent stays in the books. */
  deleteKey(secret: string): void
  /** A charge, a hold or (negative) what a failed job gives back. Tops up when the account says so. */
  charge(account: SimulatedAccount, credits: number): void
}

export interface AccountsContext {
  readonly ledger: Ledger
  readonly random: Random
  readonly now: () => number
  /** Drawn for each new entry: milliseconds until `/v2/billing/transactions` shows it. */
  readonly transactionLagMs: () => number
}

export function createAccounts(options: readonly AccountOptions[], context: AccountsContext): Accounts {
  const { ledger, random, now } = context
  const accounts = new Map<string, SimulatedAccount & { balanceCredits: number }>()
  const keys = new Map<string, SimulatedKey>()
  const ownedKeys = new Map<string, SimulatedKey[]>()

  for (const [index, option] of options.entries()) {
    const owned: SimulatedKey[] = []
    ownedKeys.set(option.name, owned)
    const account = {
      name: option.name,
      keys: owned,
      email: `canary.person.${index}@example.invalid`,
      userId: 770_001_000 + index,
      lowBalanceThresholdCredits: option.lowBalanceThresholdCredits ?? 10_000,
      autoTopUp: option.autoTopUp ?? { enabled: false, thresholdUsd: 0, amountUsd: 0 },
      balanceCredits: option.balanceCredits ?? 1_000_000_000,
      topUp(credits: number, type: Exclude<TransactionType, 'MODEL_USAGE'> = 'PAYMENT', createdAt = now()) {
        const direction = type === 'CREDITS_EXPIRED' ? ('CHARGE' as const) : ('TOPUP' as const)
        account.balanceCredits += direction === 'TOPUP' ? credits : -credits
        return ledger.append({
          account: account.name,
          keyPrefix: '',
          direction,
          type,
          status: 'charged',
          inferenceId: type === 'PAYMENT' || type === 'REFUND' ? `pay_${random.hex(16)}` : null,
          clientRequestId: null,
          requestId: null,
          model: null,
          catalogueModel: null,
          endpoint: 'account',
          tag: null,
          credits,
          heldCredits: 0,
          tokens: { input: 0, output: 0 },
          requestedAt: createdAt,
          createdAt,
          transactionVisibleAt: now() + context.transactionLagMs(),
          logVisibleAt: Number.POSITIVE_INFINITY,
        })
      },
    }
    accounts.set(option.name, account)
    for (const key of option.keys) addKey(option.name, typeof key === 'string' ? { key } : key)
  }

  function existing(name: string): SimulatedAccount & { balanceCredits: number } {
    const account = accounts.get(name)
    if (account === undefined) throw new Error(`the simulator has no account named ${name}`)
    return account
  }

  function addKey(account: string, key: KeyOptions): SimulatedKey {
    const simulated = { ...key, prefix: key.key.slice(0, 8), account: existing(account), createdAt: now() }
    ownedKeys.get(account)?.push(simulated)
    keys.set(key.key, simulated)
    return simulated
  }

  return {
    addKey,
    deleteKey(secret) {
      const key = keys.get(secret)
      if (key === undefined) return
      keys.delete(secret)
      const owned = ownedKeys.get(key.account.name)
      owned?.splice(owned.indexOf(key), 1)
    },
    get: existing,
    all: () => [...accounts.values()],
    byKey: (secret) => keys.get(secret),
    charge({ name }, credits) {
      const account = existing(name)
      account.balanceCredits -= credits
      const { enabled, thresholdUsd, amountUsd } = account.autoTopUp
      if (enabled && amountUsd > 0 && account.balanceCredits < thresholdUsd * CREDITS_PER_USD) {
        account.topUp(Math.round(amountUsd * CREDITS_PER_USD))
      }
    },
  }
}
