/**
 * What an account was charged, at any rate of charges: what was added less the change of the balance. No charge is
 * read for it, so 5,000 of them a second cost no more requests than one.
 *
 * Ledger and balance are read one after the other and need not tell of the same moment: a top-up may show in one of
 * them first. So what was charged is taken as the least that the last answers agree on; a figure that goes down again
 * within two answers never counts. This holds for what a job sets aside (a hold) too: given back within two answers it
 * never counts; given back later it counts until as much was charged, and no longer.
 */
import type { Transaction } from '../api/account.ts'
import type { Clock } from './clock.ts'
import { report } from '../diagnostics.ts'

/** A balance as one answer said it. */
export interface BalanceReading {
  readonly credits: number
  /** By the server's clock. */
  readonly atMs: number
}

export interface Charged {
  /** An entry that is no use of a model: see `additions.ts`. */
  moved(entry: Transaction): void
  /** A balance; `moved` has been called for every earlier entry that the ledger shows. */
  balance(reading: BalanceReading): void
}

export interface ChargedOptions {
  readonly account: string
  readonly clock: Clock
  /** Called with what was charged since the last time, 0 with the first balance. Never negative. */
  readonly onCharged: (credits: number) => void
}

/** Answers that must agree: with the pollers' minute, a charge counts after two. */
export const AGREEING_ANSWERS = 3
/** An entry so close to the first balance may be in it or not: the server's clock is known to the second. */
const UNSURE_MS = 5000
const MAX_LATEST = 100
/** The balance is above what the ledger explains by so much, … */
const SURPRISING_CREDITS = 2_000_000
/** … and stays there for so long. */
const SURPRISING_MS = 30 * 60_000

export function createCharged({ account, clock, onCharged }: ChargedOptions): Charged {
  /** What the change of the balance is measured from. */
  let first: BalanceReading | undefined
  /** The newest entries, in case there is no `first` yet. */
  let latest: readonly Transaction[] = []
  let isBegun = false
  /** Credits counted before `first`. */
  let carried = 0
  /** Credits added since `first`, less those that went without use. */
  let added = 0
  let counted = 0
  /** What was charged according to the last answers. */
  let recent: number[] = []
  let belowSinceMs: number | undefined
  let isSurprised = false

  function noteSurprise(charged: number): void {
    const isBelow = counted - charged >= SURPRISING_CREDITS
    if (!isBelow) {
      belowSinceMs = undefined
      isSurprised = false
      return
    }
    belowSinceMs ??= clock.monotonicMs()
    if (isSurprised || clock.monotonicMs() - belowSinceMs < SURPRISING_MS) return
    isSurprised = true
    report(
      'warn',
      `the balance of account "${account}" is ${((counted - charged) / 2_000_000).toFixed(2)} USD above what its ledger ` +
        'explains (something given back, or not in the ledger yet): aimlapi.account.charged.credits stands still until ' +
        'as much is charged',
    )
  }

  /** Begins to measure, unless an entry is so close that the balance may hold it or not. */
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
      noteSurprise(charged)
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
