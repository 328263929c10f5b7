/**
 * The account's ledger (`GET /v2/billing/transactions`) as a stream of entries: each one counted once, from
 * the start of this process on. Read in windows, oldest first; the newest stretch is read again every time, and
 * older ones ever more rarely up to a day, because entries land late.
 */
import { parseTransactions, transactionsPath, type Transaction } from '../api/account.ts'
import type { AccountApi } from './account-api.ts'
import type { Clock } from './clock.ts'
import type { RoundResult } from './poller.ts'
import { MAX_AGE_MS, ReadAgain } from './read-again.ts'
import { SeenEntries } from './seen-entries.ts'

/** One movement of the account's money that was not told before. */
export interface LedgerEntry {
  readonly account: string
  readonly direction: 'topup' | 'charge'
  /** `MODEL_USAGE`, `PAYMENT`, `REFUND`, …, or `other`. */
  readonly type: string
  readonly model?: string
  readonly credits: number
}

export interface LedgerOptions {
  readonly api: AccountApi
  readonly clock: Clock
  readonly onEntry: (entry: LedgerEntry) => void
  /** Of one window. A longer one is read in halves: it is held in memory until its end. Default 400. */
  readonly maxPages?: number
}

/** The API's largest page. */
const PAGE_SIZE = 100
/** Span of new time in one window, while an outage is caught up. */
const MIN_SPAN_MS = 1000
const MAX_SPAN_MS = 6 * 60 * 60_000
/** The newest stretch: read in every round. */
const FRESH_MS = 5 * 60_000
/** Older stretches hold up the next look at the newest no longer than this, and one window. */
const MAX_READING_AGAIN_MS = 30_000

type WindowResult = RoundResult & { readonly whole?: boolean }

/** One round of reading the ledger up to now; to be run by a poller. */
export function createLedgerRound(options: LedgerOptions): () => Promise<RoundResult> {
  const { api, clock, onEntry, maxPages = 400 } = options
  const registeredMs = clock.now()
  const seen = new SeenEntries()
  const readAgain = new ReadAgain()
  let spanMs = MAX_SPAN_MS
  /** Server time from which on entries count. Settled by the first window: only an answer tells the server's time. */
  let startMs: number | undefined
  /** Server time up to which the ledger was read. */
  let readUntilMs = 0
  /** Server time from which on it is read in every round. */
  let freshFromMs = 0

  function tell({ direction, type, model, credits }: Transaction): void {
    onEntry({ account: api.name, direction, type, credits, ...(model !== undefined && { model }) })
  }

  /** Tells the new entries of a window page by page. `whole`: it was read to its end. */
  async function readWindow(fromMs: number, toMs: number): Promise<WindowResult> {
    const window = seen.openWindow()
    const cursors = new Set<string>()
    let cursor: string | undefined
    for (let page = 0; page < maxPages; page += 1) {
      const reply = await api.ask({
        poll: 'ledger',
        path: transactionsPath({ fromMs, toMs, limit: PAGE_SIZE, ...(cursor !== undefined && { cursor }) }),
        parse: parseTransactions,
        isFlawed: ({ malformed }) => malformed > 0,
      })
      if (!('value' in reply)) return reply
      const { rows, nextCursor } = reply.value
      const sinceMs = Math.max(fromMs, startMs ?? api.serverTime(registeredMs))
      for (const row of rows) if (row.createdMs >= sinceMs && window.isNew(row)) tell(row)
      if (nextCursor === undefined) return { whole: true }
      // A cursor that leads back to a page already read would have its entries told again.
      if (cursors.has(nextCursor)) return { errorType: 'unparsable' }
      cursors.add(nextCursor)
      cursor = nextCursor
    }
    return {}
  }

  /** Undefined when it was read up to now. */
  async function readFresh(): Promise<RoundResult | undefined> {
    for (;;) {
      const serverOffsetMs = api.serverTime(0)
      const nowMs = api.serverTime(clock.now())
      const sinceMs = startMs ?? api.serverTime(registeredMs)
      const fromMs = Math.max(sinceMs, freshFromMs)
      // Never empty: should the host's clock have been set back, it takes an answer to notice.
      const toMs = Math.max(fromMs + 1, Math.min(nowMs, Math.max(fromMs, readUntilMs) + spanMs))
      const { whole, ...failure } = await readWindow(fromMs, toMs)
      if (failure.errorType !== undefined) return failure
      // The clocks turned out to differ otherwise than thought: this was the wrong window.
      if (api.serverTime(0) !== serverOffsetMs) return {}
      if (whole === true) {
        startMs = sinceMs
        readUntilMs = toMs
        const untilMs = Math.max(fromMs, Math.min(toMs, nowMs - FRESH_MS))
        readAgain.add(fromMs, untilMs)
        const knownFromMs = seen.forget(Math.min(untilMs, nowMs - MAX_AGE_MS - FRESH_MS))
        readAgain.forget(knownFromMs)
        freshFromMs = Math.max(untilMs, knownFromMs)
        spanMs = Math.min(spanMs * 2, MAX_SPAN_MS)
        if (toMs >= nowMs) return undefined
      } else if (spanMs > MIN_SPAN_MS) {
        const newMs = toMs - Math.max(fromMs, readUntilMs)
        spanMs = Math.max(newMs / 2, MIN_SPAN_MS)
      } else return { errorType: 'too_large' }
    }
  }

  async function readOlder(): Promise<RoundResult> {
    const startedMs = clock.monotonicMs()
    while (clock.monotonicMs() - startedMs < MAX_READING_AGAIN_MS) {
      const serverOffsetMs = api.serverTime(0)
      const nowMs = api.serverTime(clock.now())
      const stretch = readAgain.due(nowMs)
      if (stretch === undefined) break
      const { whole, ...failure } = await readWindow(stretch.fromMs, stretch.toMs)
      if (failure.errorType !== undefined) return failure
      if (api.serverTime(0) !== serverOffsetMs) break
      if (whole === true) readAgain.done(stretch, nowMs)
      else if (stretch.toMs - stretch.fromMs > MIN_SPAN_MS) readAgain.halve(stretch)
      else return { errorType: 'too_large' }
    }
    return {}
  }

  return async () => (await readFresh()) ?? readOlder()
}
