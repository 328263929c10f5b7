/**
 * Looks up figures that responses did not have in the account's log (`GET /v2/logs`), while a call is pending. It is not
 * documented when a row appears or what its time means: so a stretch is read again until its rows must be visible, and a
 * call is searched for from its start on, more and more rarely, until it is found or too old.
 */
import type { PendingCall } from '../ports.ts'
import { holdProcess } from '../hold.ts'
import type { AccountApi } from './account-api.ts'
import type { Clock } from './clock.ts'
import { searchLog, TOO_LARGE } from './log-search.ts'
import { createPendingCalls, type PendingEntry } from './pending-calls.ts'
import { createPoller, type Poller, type RoundResult } from './poller.ts'
import type { Stretch } from '../api/account.ts'
import { findStartWindows } from './start-windows.ts'

const HOUR_MS = 60 * 60_000
/** Older calls are lost as `expired`. */
export const MAX_PENDING_MS = 24 * HOUR_MS
/** A row's date may be this much before the start of its call: clocks differ. */
const SKEW_MS = 60_000
/** Rows of this age are visible, except those of jobs and batches that are not over. */
const LAG_MS = HOUR_MS
/** Stretches around the starts of older calls that one round reads again; the others follow in the next round. */
const MAX_START_WINDOWS = 30
/** Stretches are read one by one, oldest first: a failure loses the progress of one. The API allows 92 days. */
const STRETCH_MS = HOUR_MS / 2
/** A call that was not found is searched for again after this share of its age. */
const NEXT_SEARCH_SHARE = 0.25

/** @param maxPending over all accounts. */
export function startSettlement(
  apis: readonly AccountApi[],
  intervalMs: number,
  maxPending: number,
  clock: Clock,
) {
  const pending = createPendingCalls(apis, maxPending)
  /** Accounts whose next round searches for every call, due or not. A round that is running does not see it. */
  const flushed = new Set<string>()
  let stopped = false

  async function searchRound(api: AccountApi): Promise<RoundResult> {
    const roundAtMs = clock.monotonicMs()
    pending.expire(roundAtMs - MAX_PENDING_MS)
    const entries = pending.ofAccount(api.name)
    const isFlush = flushed.delete(api.name)
    const due = new Map<PendingCall, PendingEntry>()
    for (const entry of entries) if (isFlush || entry.dueAtMs <= roundAtMs) due.set(entry.call, entry)

    const serverOffsetMs = api.serverTime(0)
    const nowMs = api.serverNow()
    const startOf = ({ startedAtMs }: PendingEntry): number => nowMs - (roundAtMs - startedAtMs)
    let startMs = Number.POSITIVE_INFINITY
    for (const entry of due.values())
      startMs = Math.min(startMs, Math.max(startOf(entry) - SKEW_MS, entry.searchedUntilMs))
    // Never query past the server's now: whether the API accepts that is not documented. The stretch is never empty:
    // a clock that was set back is noticed by the time in a response, so one request must be made.
    const endMs = Math.max(nowMs, startMs + 1)
    while (due.size > 0 && startMs < endMs) {
      const stretch = { startMs, endMs: Math.min(startMs + STRETCH_MS, endMs) }
      const failure = await search(api, stretch, [...due.keys()], due)
      // A stretch with too many rows would stop all later ones. Its calls are searched for around their own start.
      if (failure !== undefined && failure.errorType !== TOO_LARGE) return failure
      // The difference of the clocks has changed: this was the wrong stretch.
      if (api.serverTime(0) !== serverOffsetMs) return {}
      const searchedMs = Math.min(stretch.endMs, endMs - LAG_MS)
      for (const entry of due.values()) entry.searchedUntilMs = Math.max(entry.searchedUntilMs, searchedMs)
      startMs = stretch.endMs
    }
    // The row of a job may have the date of its start and appear at its end, long after that date was searched.
    const isOld = (entry: PendingEntry): boolean => startOf(entry) + SKEW_MS < entry.searchedUntilMs
    const windows = findStartWindows([...due.values()].filter(isOld), startOf, SKEW_MS, STRETCH_MS)
    const waiting = new Set(windows.slice(MAX_START_WINDOWS).flatMap(({ items }) => items))
    for (const { items, ...stretch } of windows.slice(0, MAX_START_WINDOWS)) {
      const wanted = items.map(({ call }) => call)
      const failure = await search(api, stretch, wanted, due)
      if (failure !== undefined && failure.errorType !== TOO_LARGE) return failure
    }
    for (const entry of due.values()) if (!waiting.has(entry)) entry.dueAtMs = nextSearchMs(entry, roundAtMs)
    return {}
  }

  /** Searches a stretch for every pending call, until those that are wanted are found. What is found is no longer due. */
  async function search(
    api: AccountApi,
    stretch: Stretch,
    wanted: readonly PendingCall[],
    due: Map<PendingCall, PendingEntry>,
  ): Promise<RoundResult | undefined> {
    const calls = [...pending.ofAccount(api.name)].map(({ call }) => call)
    const { findings, failure } = await searchLog(api, stretch, calls, wanted)
    for (const { call, usage, row } of findings) {
      due.delete(call)
      if (pending.remove(call)) call.found(usage, row.inferenceId, row.model)
    }
    return failure
  }

  /** At growing intervals, and once more just before the call expires. */
  function nextSearchMs({ addedAtMs }: PendingEntry, roundAtMs: number): number {
    const lastSearchAtMs = addedAtMs + MAX_PENDING_MS - 2 * intervalMs
    const nextAtMs = roundAtMs + (roundAtMs - addedAtMs) * NEXT_SEARCH_SHARE
    return roundAtMs < lastSearchAtMs ? Math.min(nextAtMs, lastSearchAtMs) : nextAtMs
  }

  const pollers = new Map<string, Poller>()
  for (const api of apis) {
    const round = () => searchRound(api)
    const wanted = () => pending.ofAccount(api.name).size > 0
    const onRefused = (status: string) => api.warnRefused('settlement', status)
    pollers.set(api.name, createPoller({ intervalMs, clock, round, wanted, onRefused }))
  }

  return {
    /** Returns false when the call cannot be looked up. */
    add(call: PendingCall): boolean {
      const ageMs = Math.max(0, clock.now() - call.startTimeMs)
      const addedAtMs = clock.monotonicMs()
      if (stopped || !pending.add(call, addedAtMs - ageMs, addedAtMs)) return false
      pollers.get(call.account)?.wake()
      return true
    },
    remove: (call: PendingCall): void => void pending.remove(call),
    /** Number of pending calls of every account whose log is read; 0 is included. */
    pendingByAccount: () => pending.countByAccount(),
    /** One last attempt for everything pending, at most `timeoutMs`; keeps the process alive that long. */
    async flush(timeoutMs: number): Promise<void> {
      const rounds = apis.flatMap(({ name }) => {
        if (pending.ofAccount(name).size === 0) return []
        flushed.add(name)
        return [pollers.get(name)?.runNow()]
      })
      if (rounds.length > 0) await holdProcess(Promise.all(rounds), timeoutMs)
    },
    /** Takes no more calls; those that are still pending are lost as `evicted`. */
    stop(): void {
      stopped = true
      pending.clear()
    },
  }
}
