/**
 * The books: what really was charged, whatever the responses said. Sums survive the eviction of old entries,
 * so a simulator that runs for days stays small and still answers exactly.
 */
import type { Family } from './models.ts'
import { TimeSlots, type UsageSlice } from './time-slots.ts'

/** 2,000,000 credits are 1 USD. */
export const CREDITS_PER_USD = 2_000_000

export type TransactionType =
  | 'PAYMENT'
  | 'BONUS'
  | 'REFUND'
  | 'ADJUSTMENT'
  | 'MODEL_USAGE'
  | 'CREDITS_EXPIRED'
  | 'INIT'

/**
 * `held`: taken at submit, the job still runs. `charged`: final. `released`: the job failed and the hold was
 * given back. `failed`: the request was refused and never cost anything (in the log only).
 */
export type EntryStatus = 'held' | 'charged' | 'released' | 'failed'

export interface LedgerEntry {
  readonly sequence: number
  readonly account: string
  readonly keyPrefix: string
  readonly direction: 'CHARGE' | 'TOPUP'
  readonly type: TransactionType
  readonly status: EntryStatus
  /** The generation's id; the payment's for a payment; null for bonus, expiry and adjustment. */
  readonly inferenceId: string | null
  readonly clientRequestId: string | null
  readonly requestId: string | null
  /** As the request named it. */
  readonly model: string | null
  /** `source/alias`, as the account endpoints name it. */
  readonly catalogueModel: string | null
  readonly endpoint: Family | 'account'
  /** The request's `x-sim-tag`. */
  readonly tag: string | null
  /** What the account pays now: 0 when failed or released. Always positive; `direction` gives the sign. */
  readonly credits: number
  readonly usd: number
  /** What was held at submit, also after it was released. */
  readonly heldCredits: number
  readonly tokens: { readonly input: number; readonly output: number }
  /** Milliseconds since the epoch: when the request came. */
  readonly requestedAt: number
  /** Milliseconds since the epoch, as `created_at` of the transaction says. */
  readonly createdAt: number
  /** From when on `/v2/billing/transactions` shows it. Infinite while held. */
  readonly transactionVisibleAt: number
  /** From when on `/v2/logs` shows it. Infinite while held. */
  readonly logVisibleAt: number
  /** A header or body that stated exactly these credits went out to the client in full. */
  readonly reported: boolean
}

export type NewEntry = Omit<LedgerEntry, 'sequence' | 'usd' | 'reported'>

export interface LedgerFilter {
  readonly account?: string
  /** Empty for what no key did. */
  readonly keyPrefix?: string
  readonly model?: string
  readonly catalogueModel?: string
  readonly endpoint?: Family | 'account'
  /** null: only entries without a tag. */
  readonly tag?: string | null
  readonly status?: EntryStatus
  readonly direction?: 'CHARGE' | 'TOPUP'
  readonly reported?: boolean
  readonly type?: TransactionType
}

export interface LedgerSum {
  readonly credits: number
  readonly entries: number
  readonly inputTokens: number
  readonly outputTokens: number
}

interface Bucket {
  readonly sample: LedgerEntry
  credits: number
  entries: number
  inputTokens: number
  outputTokens: number
}

export interface Ledger {
  append(entry: NewEntry): LedgerEntry
  /** Replaces fields of an entry (a hold becomes a charge, a charge was reported). Unknown or evicted: nothing. */
  amend(sequence: number, change: Partial<Omit<LedgerEntry, 'sequence' | 'usd'>>): LedgerEntry | undefined
  /** Entries that are still kept, oldest first. */
  entries(filter?: LedgerFilter): LedgerEntry[]
  /**
   * Exact over everything ever booked, evicted entries too. Charges and holds for model usage, unless
   * `direction` or `type` says otherwise.
   */
  sum(filter?: LedgerFilter): LedgerSum
  find(inferenceId: string): LedgerEntry | undefined
  /** Kept entries of an account with `fromMs` ≤ time < `toMs`, without a look at all the others; in no order. */
  between: TimeSlots['between']
  /** Of those by `createdAt` the newest first, as many as are accepted and asked for. */
  newest: TimeSlots['newest']
  /**
   * What was requested with `fromMs` ≤ time < `toMs` and is in the log at `shownMs`: kept entries, and forgotten ones
   * where the whole slot is asked for.
   */
  usage(account: string, fromMs: number, toMs: number, shownMs: number): UsageSlice[]
}

const BUCKET_FIELDS = [
  'account',
  'keyPrefix',
  'model',
  'catalogueModel',
  'endpoint',
  'tag',
  'status',
  'direction',
  'reported',
  'type',
] as const

/** @param maxEntries entries kept; older ones are forgotten but stay in the sums. Holds, and what is no use of a model, are never forgotten. */
export function createLedger(maxEntries: number): Ledger {
  /** Insertion order is the order of booking. */
  const kept = new Map<number, LedgerEntry>()
  const byInference = new Map<string, number>()
  const buckets = new Map<string, Bucket>()
  const slots = new TimeSlots(kept)
  let lastSequence = 0

  function count(entry: LedgerEntry, sign: 1 | -1): void {
    const key = JSON.stringify(BUCKET_FIELDS.map((field) => entry[field]))
    let bucket = buckets.get(key)
    if (bucket === undefined) {
      bucket = { sample: entry, credits: 0, entries: 0, inputTokens: 0, outputTokens: 0 }
      buckets.set(key, bucket)
    }
    bucket.credits += sign * entry.credits
    bucket.entries += sign
    bucket.inputTokens += sign * entry.tokens.input
    bucket.outputTokens += sign * entry.tokens.output
  }

  function evict(): void {
    if (kept.size <= maxEntries * 1.25) return
    let excess = kept.size - maxEntries
    for (const entry of kept.values()) {
      if (excess-- <= 0) break
      if (entry.status === 'held' || entry.type !== 'MODEL_USAGE') continue
      kept.delete(entry.sequence)
      slots.forget(entry)
      if (entry.inferenceId !== null) byInference.delete(entry.inferenceId)
    }
  }

  function matches(entry: LedgerEntry, filter: LedgerFilter): boolean {
    return BUCKET_FIELDS.every((field) => filter[field] === undefined || filter[field] === entry[field])
  }

  return {
    append(fields) {
      const entry: LedgerEntry = {
        ...fields,
        sequence: ++lastSequence,
        usd: fields.credits / CREDITS_PER_USD,
        reported: false,
      }
      kept.set(entry.sequence, entry)
      slots.put(entry)
      if (entry.inferenceId !== null) byInference.set(entry.inferenceId, entry.sequence)
      count(entry, 1)
      evict()
      return entry
    },
    amend(sequence, change) {
      const before = kept.get(sequence)
      if (before === undefined) return undefined
      const merged = { ...before, ...change }
      const after: LedgerEntry = { ...merged, usd: merged.credits / CREDITS_PER_USD }
      kept.set(sequence, after)
      slots.put(after)
      count(before, -1)
      count(after, 1)
      return after
    },
    entries: (filter = {}) => [...kept.values()].filter((entry) => matches(entry, filter)),
    sum(filter = {}) {
      const ofUsage = filter.direction === undefined && filter.type === undefined
      const wanted: LedgerFilter = ofUsage ? { ...filter, type: 'MODEL_USAGE' } : filter
      const sum = { credits: 0, entries: 0, inputTokens: 0, outputTokens: 0 }
      for (const bucket of buckets.values()) {
        if (!matches(bucket.sample, wanted)) continue
        sum.credits += bucket.credits
        sum.entries += bucket.entries
        sum.inputTokens += bucket.inputTokens
        sum.outputTokens += bucket.outputTokens
      }
      return sum
    },
    between: (...query) => slots.between(...query),
    newest: (...query) => slots.newest(...query),
    usage: (...query) => slots.usage(...query),
    find(inferenceId) {
      const sequence = byInference.get(inferenceId)
      return sequence === undefined ? undefined : kept.get(sequence)
    },
  }
}
