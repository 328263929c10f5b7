/**
 * What an account was charged, at any rate of charges: credits added less the change of the balance. No charge is read
 * for it, so 5,000 charges a second need no more requests than one. (Which calls are charged: calls/charging.ts.)
 *
 * Ledger and balance are read one after the other and may describe different moments: a top-up may appear in one of them
 * first. Therefore the charged amount is the minimum of the last responses; an amount that falls again within two
 * responses never counts. The same holds for a hold (credits reserved for a job): released within two responses it never
 * counts; released later, the counter does not grow until as much was charged.
 */
import type { Transaction } from '../api/account.ts'
import { CREDITS_PER_USD } from '../api/credits.ts'
import type { AccountApi } from './account-api.ts'
import { report } from '../diagnostics.ts'

/** The balance of one response. */
export interface BalanceReading {
  readonly credits: number
  /** By the server's clock. */
  readonly atMs: number
}

/** Computes what was charged from the entries and balances it is given. */
export interface ChargedCredits {
  /** Adds an entry that is no use of a model: see `non-usage-entries.ts`. */
  moved(entry: Transaction): void
  /** Adds a balance. `moved` must have been called for every earlier entry of the ledger. */
  balance(reading: BalanceReading): void
}

/** Responses whose minimum counts: polled once a minute, a charge counts after two minutes. */
export const AGREEING_ANSWERS = 3
/** An entry this close to the first balance may be in it or not: the server's clock is known to the second only. */
const UNSURE_MS = 5000
const MAX_LATEST = 100
/** A warning is logged when the balance is above what the ledger explains by this much, … */
const UNEXPLAINED_CREDITS = CREDITS_PER_USD
/** … for this long. */
const UNEXPLAINED_MS = 30 * 60_000

/** @param onCharged called with the credits charged since the last call; 0 with the first balance. Never negative. */
export function createChargedCredits(
  { name: account, clock }: Pick<AccountApi, 'name' | 'clock'>,
  onCharged: (credits: number) => void,
): ChargedCredits {
  /** The balance from which changes are measured. */
  let first: BalanceReading | undefined
  /** The newest entries, in case there is no `first` yet. */
  let latest: readonly Transaction[] = []
  let isBegun = false
  /** Credits counted before `first`. */
  let carried = 0
  /** Credits added since `first`, less charges that are no use of a model. */
  let added = 0
  let counted = 0
  /** The charged amounts according to the last responses. */
  let recent: number[] = []
  let belowSinceMs: number | undefined
  let isReported = false

  /** Warns once when the balance is above what the ledger explains for long. */
  function reportUnexplained(charged: number): void {
    if (counted - charged < UNEXPLAINED_CREDITS) {
      belowSinceMs = undefined
      isReported = false
      return
    }
    belowSinceMs ??= clock.monotonicMs()
    if (isReported || clock.monotonicMs() - belowSinceMs < UNEXPLAINED_MS) return
    isReported = true
    report(
      'warn',
      `the balance of account "${account}" is ${((counted - charged) / CREDITS_PER_USD).toFixed(2)} USD above what its ledger ` +
        'explains (something given back, or not in the ledger yet): aimlapi.account.charged.credits pauses until that ' +
        'much is charged',
    )
  }

  /** Starts to measure, unless it is uncertain whether an entry is in the balance. */
  function begin(reading: BalanceReading): void {
    if (!isBegun) onCharged(0)
    isBegun = true
    if (latest.some((entry) => isUnsure(entry, reading))) return
    first = reading
    carried = counted
    added = latest.reduce((sum, entry) => sum + (entry.createdMs > reading.atMs ? signed(entry) : 0), 0)
    recent = []
  }

  return {
    moved(entry) {
      latest = [...latest.slice(1 - MAX_LATEST), entry]
      if (first === undefined || isUnsure(entry, first)) first = undefined
      else if (entry.createdMs > first.atMs) added += signed(entry)
    },
    balance(reading) {
      if (first === undefined) begin(reading)
      if (first === undefined) return
      const charged = carried + added - (reading.credits - first.credits)
      recent = [...recent.slice(1 - AGREEING_ANSWERS), charged]
      reportUnexplained(charged)
      if (recent.length < AGREEING_ANSWERS) return
      const agreed = Math.min(...recent)
      if (agreed <= counted) return
      onCharged(agreed - counted)
      counted = agreed
    },
  }
}

function isUnsure({ createdMs }: Transaction, { atMs }: BalanceReading): boolean {
  return Math.abs(createdMs - atMs) < UNSURE_MS
}

function signed({ direction, credits }: Transaction): number {
  return direction === 'topup' ? credits : -credits
}
