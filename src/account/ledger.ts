/**
 * The charges of the account's ledger (`GET /v2/billing/transactions`), each counted once, since the start of this process.
 * Read in windows, oldest first. Entries may appear late, so the newest stretch is read again in every round, and older
 * ones more and more rarely, up to a day. With very many charges a warning is logged once, and `lagMs` grows.
 */
import { PAGE_SIZE, type Stretch, type Transaction } from '../api/account.ts'
import type { LedgerEntry } from '../ports.ts'
import type { AccountApi } from './account-api.ts'
import { NON_USAGE_TYPES } from './non-usage-entries.ts'
import { report } from '../diagnostics.ts'
import { LedgerReading } from './ledger-pages.ts'
import type { RoundResult } from './poller.ts'
import { LAST_READING_AGE_MS, ReadAgain } from './read-again.ts'
import { SeenEntries } from './seen-entries.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
/** Range of new time in one window, while catching up after an outage. */
const MIN_SPAN_MS = 1000
const MAX_SPAN_MS = 6 * HOUR_MS
/** Pages of new time in one window, estimated from the rate of charges: progress is kept after each window. */
const SPAN_PAGES = 100
/** The newest stretch, read again in every round: at most this long, and at most FRESH_PAGES. */
const MAX_FRESH_MS = 5 * MINUTE_MS
const MIN_FRESH_MS = MINUTE_MS / 2
const FRESH_PAGES = 10
/** Time for older stretches in one round, so that the newest is not delayed by more than this and one window. */
const MAX_READING_AGAIN_MS = 30_000
/** From this lag on the ledger counts as not followed; below the other one as followed again. */
const LOST_LAG_MS = 15 * MINUTE_MS
const FOUND_LAG_MS = 2 * MINUTE_MS
/** Charges older than this are skipped when the reading is behind. */
const MAX_LAG_MS = 24 * HOUR_MS

/** @param maxPages of one window; one with more is halved. */
export function createLedger(api: AccountApi, onEntry: (entry: LedgerEntry) => void, maxPages = 400) {
  const { clock, serverNow } = api
  const registeredMs = clock.now()
  const seen = new SeenEntries()
  const readAgain = new ReadAgain()
  let spanMs = MAX_SPAN_MS
  /** Server time since which entries count. Set by the first window: only a response shows the server's time. */
  let firstMs: number | undefined
  /** Server time up to which the ledger was read. */
  let readUntilMs = 0
  /** Server time since which the ledger is read in every round. */
  let freshFromMs = 0
  let rowsPerMs = 0
  let fresh: LedgerReading | undefined
  /** Server time since which every counted entry is remembered. */
  let knownFromMs = 0
  let serverOffsetMs = 0
  let isLost = false
  /** Lag after the last window. Infinite after a failure: the lag of an outage is made up for. */
  let lastLagMs = Number.POSITIVE_INFINITY

  function open(stretch: Stretch): LedgerReading {
    const countNew = seen.openWindow()
    const onRow = (row: Transaction): void => {
      const sinceMs = Math.max(stretch.startMs, knownFromMs, firstMs ?? api.serverTime(registeredMs))
      const { direction, type, model } = row
      // Counted with the top-ups: see `non-usage-entries.ts`.
      if (NON_USAGE_TYPES.includes(type)) return
      const credits = row.createdMs >= sinceMs ? countNew(row) : undefined
      if (credits !== undefined)
        onEntry({ account: api.name, direction, type, credits, ...(model !== undefined && { model }) })
    }
    return new LedgerReading({ api, stretch, maxPages, onRow, direction: 'CHARGE' })
  }

  /** Whether the difference of the clocks has changed: then the current stretch is the wrong one. */
  function clockMoved(): boolean {
    const moved = api.serverTime(0) !== serverOffsetMs
    serverOffsetMs = api.serverTime(0)
    return moved
  }

  function nextFresh(nowMs: number): Stretch {
    const startMs = Math.max(firstMs ?? api.serverTime(registeredMs), freshFromMs)
    // Never empty: if the host's clock was set back, only a response shows it.
    const endMs = Math.max(startMs + 1, Math.min(nowMs, Math.max(startMs, readUntilMs) + spanMs))
    return { startMs, endMs }
  }

  function finished({ stretch: { startMs, endMs }, rowCount }: LedgerReading, nowMs: number): void {
    firstMs ??= startMs
    readUntilMs = endMs
    rowsPerMs = (rowsPerMs + rowCount / (endMs - startMs)) / 2
    const pagesMs = (pages: number): number => (pages * PAGE_SIZE) / rowsPerMs
    const freshMs = Math.max(MIN_FRESH_MS, Math.min(MAX_FRESH_MS, pagesMs(FRESH_PAGES)))
    const untilMs = Math.max(startMs, Math.min(endMs, nowMs - freshMs))
    readAgain.add(startMs, untilMs)
    knownFromMs = seen.forget(Math.min(untilMs, nowMs - LAST_READING_AGE_MS - MAX_FRESH_MS), untilMs)
    readAgain.forget(knownFromMs)
    freshFromMs = Math.max(untilMs, knownFromMs)
    spanMs = Math.max(MIN_SPAN_MS, Math.min(spanMs * 2, MAX_SPAN_MS, pagesMs(SPAN_PAGES)))
  }

  /** Reads the new charges. Returns `undefined` when they were read up to now. */
  async function readFresh(): Promise<RoundResult | undefined> {
    for (;;) {
      skipLost()
      const reading = (fresh ??= open(nextFresh(serverNow())))
      const { whole, ...failure } = await reading.read()
      if (clockMoved()) {
        fresh = undefined
        return {}
      }
      if (failure.errorType !== undefined) {
        lastLagMs = Number.POSITIVE_INFINITY
        // The response was unreadable, or its cursor is no longer known: start the window again.
        if (/^4\d\d$|^unparsable$/.test(failure.errorType) && failure.errorType !== '429') fresh = undefined
        return failure
      }
      fresh = undefined
      const { startMs, endMs } = reading.stretch
      if (whole === true) {
        const nowMs = serverNow()
        const isUpToDate = endMs >= nowMs - MIN_FRESH_MS
        finished(reading, nowMs)
        noteLag(nowMs - endMs)
        if (isUpToDate) return undefined
      } else if (spanMs > MIN_SPAN_MS) {
        const newMs = endMs - Math.max(startMs, readUntilMs)
        spanMs = Math.max(newMs / 2, MIN_SPAN_MS)
      } else return { errorType: 'too_large' }
    }
  }

  async function readOlder(): Promise<RoundResult> {
    const startedMs = clock.monotonicMs()
    while (clock.monotonicMs() - startedMs < MAX_READING_AGAIN_MS) {
      const nowMs = serverNow()
      const stretch = readAgain.due(nowMs)
      if (stretch === undefined) break
      const { whole, ...failure } = await open(stretch).read()
      if (failure.errorType !== undefined) return failure
      if (clockMoved()) break
      if (whole === true) readAgain.done(stretch, nowMs)
      else if (stretch.endMs - stretch.startMs > MIN_SPAN_MS) readAgain.halve(stretch)
      else return { errorType: 'too_large' }
    }
    return {}
  }

  function noteLag(lagMs: number): void {
    if (lagMs < FOUND_LAG_MS && isLost) {
      isLost = false
      report('warn', `the ledger of account "${api.name}" is read up to now again`)
    }
    const isGrowing = lagMs > lastLagMs
    lastLagMs = lagMs
    if (lagMs <= LOST_LAG_MS || isLost || !isGrowing) return
    isLost = true
    report(
      'warn',
      `the ledger of account "${api.name}" has more charges (about ${Math.round(rowsPerMs * 1000)} a second) than ` +
        `can be read page by page: it is ${Math.round(lagMs / MINUTE_MS)} min behind. ` +
        'aimlapi.account.charged.credits counts all of them.',
    )
  }

  function skipLost(): void {
    const nowMs = serverNow()
    if (firstMs === undefined || nowMs - readUntilMs <= MAX_LAG_MS) return
    fresh = undefined
    readUntilMs = nowMs - MAX_FRESH_MS
    freshFromMs = readUntilMs
    report(
      'warn',
      `the ledger of account "${api.name}" is more than a day behind: charges that were not read until now are skipped, and missing in aimlapi.ledger.charged.credits`,
    )
  }

  return {
    /** One round of reading up to now, to be run by a poller. */
    round: async (): Promise<RoundResult> => (await readFresh()) ?? readOlder(),
    /** How far the reading is behind the server's clock. `undefined` before the first response. */
    lagMs: () => (firstMs === undefined ? undefined : Math.max(0, serverNow() - readUntilMs)),
  }
}
