/**
 * The ledger entries that are no use of a model: top-ups of every kind, and a few kinds of charges (expired credits,
 * adjustments, refunded payments). They are few and are requested by filters of their own, so that they never wait behind
 * the charges of calls.
 */
import type { LedgerFilter, Transaction } from '../api/account.ts'
import type { AccountApi } from './account-api.ts'
import { LedgerReading } from './ledger-pages.ts'
import type { RoundResult } from './poller.ts'
import { SeenEntries } from './seen-entries.ts'

/** Types of charges that are no use of a model. */
export const NON_USAGE_TYPES: readonly string[] = ['CREDITS_EXPIRED', 'ADJUSTMENT', 'REFUND']

const FILTERS: readonly LedgerFilter[] = [
  { direction: 'TOPUP' },
  ...NON_USAGE_TYPES.map((type) => ({ direction: 'CHARGE' as const, type })),
]

const HOUR_MS = 60 * 60_000
/** Entries may appear late: this much of the past is read again in every round, … */
const OVERLAP_MS = HOUR_MS
/** … and this much once an hour. */
const DEEP_OVERLAP_MS = 25 * HOUR_MS
/** Pages of one filter in a round: no account has 20,000 top-ups in an hour. */
const MAX_PAGES = 200

/**
 * Returns one round of reading the entries up to now, to be run by a poller.
 * @param onEntry called once with every entry since the start of this process.
 */
export function createNonUsageRound(
  api: AccountApi,
  onEntry: (entry: Transaction) => void,
): () => Promise<RoundResult> {
  const { clock } = api
  const registeredMs = clock.now()
  const seen = new SeenEntries()
  let firstMs: number | undefined
  let readUntilMs: number | undefined
  let knownFromMs = 0
  let deepAtMs = clock.monotonicMs() + HOUR_MS

  return async () => {
    const nowMs = api.serverNow()
    const isDeep = clock.monotonicMs() >= deepAtMs
    const sinceMs = firstMs ?? api.serverTime(registeredMs)
    const overlapMs = isDeep ? DEEP_OVERLAP_MS : OVERLAP_MS
    const startMs = Math.max(sinceMs, knownFromMs, (readUntilMs ?? sinceMs) - overlapMs)
    // Never empty. May end in the server's future, because its clock is known to the second only.
    const stretch = { startMs, endMs: Math.max(startMs, nowMs) + 1 }
    const serverOffsetMs = api.serverTime(0)
    const rows: Transaction[] = []
    for (const filter of FILTERS) {
      const onRow = (row: Transaction): number => rows.push(row)
      const reading = new LedgerReading({ api, stretch, maxPages: MAX_PAGES, onRow, ...filter })
      const { whole, ...failure } = await reading.read()
      if (whole !== true) return failure.errorType === undefined ? { errorType: 'too_large' } : failure
    }
    // The first response has shown that the clocks differ: this was the wrong stretch.
    if (api.serverTime(0) !== serverOffsetMs) return { errorType: 'clock' }
    firstMs = sinceMs
    readUntilMs = stretch.endMs
    const countNew = seen.openWindow()
    for (const row of rows) {
      const credits = row.createdMs >= startMs ? countNew(row) : undefined
      if (credits !== undefined) onEntry({ ...row, credits })
    }
    knownFromMs = seen.forget(nowMs - DEEP_OVERLAP_MS - HOUR_MS, stretch.endMs)
    if (isDeep) deepAtMs = clock.monotonicMs() + HOUR_MS
    return {}
  }
}
