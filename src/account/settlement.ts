/**
 * Settlement: what responses did not say is looked up in the account's log (`GET /v2/logs`). Asked only while
 * something is pending, one poller an account. The log keeps no promise of when a row appears or what its
 * time means, so a stretch of it is read again until rows in it would long be visible, and a call is looked
 * for over everything since it began, ever more rarely, until it is found or too old.
 */
import type { PendingCall, SettlementPort } from '../ports.ts'
import type { AccountApi } from './account-api.ts'
import type { Clock } from './clock.ts'
import type { Finding } from './log-matches.ts'
import { searchLog } from './log-search.ts'
import { PendingCalls, type PendingEntry } from './pending-calls.ts'
import { createPoller, type Poller, type RoundResult } from './poller.ts'
import { findStartWindows } from './start-windows.ts'

export interface Settlement extends SettlementPort {
  /** Pending calls of every account that is settled, 0 included. */
  pendingByAccount(): Map<string, number>
}

export interface RunningSettlement extends Settlement {
  /** One last attempt for everything pending, at most `timeoutMs`; keeps the process alive that long. */
  flush(timeoutMs: number): Promise<void>
  /** What is still pending is lost: `evicted`. */
  stop(): void
}

export interface SettlementRunOptions {
  /** One per account that is settled. */
  readonly apis: readonly AccountApi[]
  readonly intervalMs: number
  /** Over all accounts. */
  readonly maxPending: number
  readonly clock: Clock
}

const HOUR_MS = 60 * 60_000
/** Older calls are lost as `expired`. */
export const MAX_AGE_MS = 24 * HOUR_MS
/** A row may be dated this much before its call began: clocks differ. */
const SKEW_MS = 60_000
/** Rows that are this old are visible, but for those of jobs and batches that still run. */
const LAG_MS = HOUR_MS
/** Stretches in which older calls began, looked at again in one round; the others have their turn in the next. */
const MAX_START_WINDOWS = 30
/** Read in one go, oldest first: a failure loses no more progress than this. Far below the API's 92 days. */
const STRETCH_MS = HOUR_MS / 2
/** A call that was not found is looked for again when it is older by this share of its age. */
const PATIENCE = 0.25

export function startSettlement(options: SettlementRunOptions): RunningSettlement {
  const { apis, intervalMs, maxPending, clock } = options
  const pending = new PendingCalls(
    apis.map(({ name }) => name),
    maxPending,
  )
  let stopped = false

  async function settle(api: AccountApi): Promise<RoundResult> {
    const roundAtMs = clock.monotonicMs()
    pending.expire(roundAtMs - MAX_AGE_MS)
    const entries = pending.ofAccount(api.name)
    const due = new Map<PendingCall, PendingEntry>()
    for (const entry of entries) if (entry.dueAtMs <= roundAtMs) due.set(entry.call, entry)

    const serverOffsetMs = api.serverTime(0)
    const nowMs = api.serverTime(clock.now())
    const searchFroms = [...due.values()].map(({ startedAtMs, searchedUntilMs }) =>
      Math.max(nowMs - (roundAtMs - startedAtMs) - SKEW_MS, searchedUntilMs),
    )
    let startMs = earliest(searchFroms)
    // Never query past the server's now: whether the API accepts that is not documented. The stretch is never empty:
    // where the host's clock was set back, only a response shows it.
    const endMs = Math.max(nowMs, startMs + 1)
    while (due.size > 0 && startMs < endMs) {
      const stretch = { startMs, endMs: Math.min(startMs + STRETCH_MS, endMs) }
      const calls = [...entries].map(({ call }) => call)
      const result = await searchLog(api, stretch, calls, [...due.keys()])
      if (!('findings' in result)) return result
      settleFound(result.findings, due)
      // The server's clock turned out to be another one: this was the wrong stretch.
      if (api.serverTime(0) !== serverOffsetMs) return {}
      const searchedMs = Math.min(stretch.endMs, endMs - LAG_MS)
      for (const entry of due.values()) entry.searchedUntilMs = Math.max(entry.searchedUntilMs, searchedMs)
      startMs = stretch.endMs
    }
    // The row of a job may be dated when it began and shown when it is over, long after its time was searched.
    const startOf = ({ startedAtMs }: PendingEntry): number => nowMs - (roundAtMs - startedAtMs)
    const isOld = (entry: PendingEntry): boolean => startOf(entry) + SKEW_MS < entry.searchedUntilMs
    const windows = findStartWindows([...due.values()].filter(isOld), startOf, SKEW_MS, STRETCH_MS)
    const waiting = new Set(windows.slice(MAX_START_WINDOWS).flatMap(({ items }) => items))
    for (const { items, ...stretch } of windows.slice(0, MAX_START_WINDOWS)) {
      const calls = [...entries].map(({ call }) => call)
      const result = await searchLog(
        api,
        stretch,
        calls,
        items.map(({ call }) => call),
      )
      if (!('findings' in result)) return result
      settleFound(result.findings, due)
    }
    for (const entry of due.values()) if (!waiting.has(entry)) entry.dueAtMs = nextLook(entry, roundAtMs)
    return {}
  }

  function settleFound(findings: readonly Finding[], due: Map<PendingCall, PendingEntry>): void {
    for (const { call, usage, inferenceId } of findings) {
      due.delete(call)
      if (pending.remove(call)) call.settled(usage, inferenceId)
    }
  }

  /** At growing intervals, and once more just before the call expires. */
  function nextLook({ addedAtMs }: PendingEntry, roundAtMs: number): number {
    const lastLookAtMs = addedAtMs + MAX_AGE_MS - 2 * intervalMs
    const nextAtMs = roundAtMs + (roundAtMs - addedAtMs) * PATIENCE
    return roundAtMs < lastLookAtMs ? Math.min(nextAtMs, lastLookAtMs) : nextAtMs
  }

  const pollers = new Map<string, Poller>()
  for (const api of apis) {
    const poller = createPoller({
      intervalMs,
      clock,
      round: () => settle(api),
      wanted: () => pending.ofAccount(api.name).size > 0,
      onRefused: (status) => api.warnRefused('settlement', status),
    })
    pollers.set(api.name, poller)
  }

  return {
    add(call) {
      const ageMs = Math.max(0, clock.now() - call.startTimeMs)
      if (stopped || !pending.add(call, clock.monotonicMs(), ageMs)) return false
      pollers.get(call.account)?.wake()
      return true
    },
    remove(call) {
      pending.remove(call)
    },
    pendingByAccount: () => pending.counts(),
    async flush(timeoutMs) {
      const rounds = apis.flatMap(({ name }) => {
        const entries = pending.ofAccount(name)
        for (const entry of entries) entry.dueAtMs = 0
        return entries.size > 0 ? [pollers.get(name)?.runNow()] : []
      })
      if (rounds.length === 0) return
      // A timer that holds the process: everything else in this room lets it go.
      const { promise: deadline, timer } = createDeadline(timeoutMs)
      await Promise.race([Promise.all(rounds), deadline])
      clearTimeout(timer)
    },
    stop() {
      stopped = true
      for (const poller of pollers.values()) poller.stop()
      pending.clear()
    },
  }
}

function earliest(times: readonly number[]): number {
  return times.reduce((first, time) => Math.min(first, time), Number.POSITIVE_INFINITY)
}

function createDeadline(timeoutMs: number): { promise: Promise<void>; timer: NodeJS.Timeout | undefined } {
  let timer: NodeJS.Timeout | undefined
  const promise = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs)
  })
  return { promise, timer }
}
