/** One scheduler: periodic, jittered, never two rounds at once, backed off on failure. Keeps nothing alive. */
import type { Clock } from './clock.ts'
import { report } from '../diagnostics.ts'

/** How a round went: `errorType` absent when it was good. */
export interface RoundResult {
  readonly errorType?: string
  /** How long the server asked to be left alone. */
  readonly retryAfterMs?: number
  /** It failed, but not before it got further than the round before: no reason to wait longer each time. */
  readonly progressed?: boolean
}

export interface PollerOptions {
  readonly intervalMs: number
  readonly clock: Clock
  /** One round. */
  readonly round: () => Promise<RoundResult>
  /** Asked before every scheduled round; false lets the poller rest until `wake()`. Default: always wanted. */
  readonly wanted?: () => boolean
  /** Told of every round that ended in 401 or 403. */
  readonly onRefused?: (status: string) => void
}

export interface Poller {
  /** Schedules the first round within a second (or the interval, if that is shorter). */
  start(): void
  /** Schedules a round, one interval from now, unless one is scheduled or under way already. */
  wake(): void
  /** A round at once, after the one under way if there is one. Back-off does not hold it up. */
  runNow(): Promise<RoundResult>
  stop(): void
}

/** After failures the delay doubles up to this: what was down for an hour is back on the graphs in minutes. */
const MAX_BACKOFF_MS = 5 * 60_000
/** A refused key is retried this slowly from the first time. */
const REFUSED_BACKOFF_MS = 15 * 60_000
/** A server cannot silence a poller for longer. */
const MAX_RETRY_AFTER_MS = 60 * 60_000
const SOON_MS = 1000
const JITTER = 0.1

export function createPoller(options: PollerOptions): Poller {
  const { intervalMs, clock, round, wanted = () => true, onRefused } = options
  let cancelTimer: (() => void) | undefined
  let underWay: Promise<RoundResult> | undefined
  let failures = 0
  let notBeforeMs = 0
  let stopped = false

  function schedule(delayMs: number): void {
    if (stopped || underWay !== undefined) return
    cancelTimer?.()
    cancelTimer = clock.after(delayMs, () => {
      cancelTimer = undefined
      if (wanted()) void run()
    })
  }

  function run(): Promise<RoundResult> {
    underWay ??= round()
      .catch(reportDefect)
      .then((result) => {
        underWay = undefined
        failures = result.errorType === undefined ? 0 : result.progressed === true ? 1 : failures + 1
        if (isRefused(result.errorType)) onRefused?.(result.errorType)
        const delayMs = readDelay(result, failures, intervalMs, clock.random())
        notBeforeMs = clock.monotonicMs() + delayMs
        if (wanted()) schedule(delayMs)
        return result
      })
    return underWay
  }

  return {
    start: () => schedule(clock.random() * Math.min(SOON_MS, intervalMs)),
    wake() {
      if (cancelTimer !== undefined) return
      const backedOffMs = failures > 0 ? notBeforeMs - clock.monotonicMs() : 0
      schedule(Math.max(jittered(intervalMs, clock.random()), backedOffMs))
    },
    async runNow() {
      await underWay
      cancelTimer?.()
      cancelTimer = undefined
      return run()
    },
    stop() {
      stopped = true
      cancelTimer?.()
      cancelTimer = undefined
    },
  }
}

/** Milliseconds until the next round: after `failures` in a row, of which `result` is the last. */
export function readDelay(result: RoundResult, failures: number, intervalMs: number, random: number): number {
  const { errorType, retryAfterMs = 0 } = result
  if (errorType === undefined) return jittered(intervalMs, random)
  const backoffMs = isRefused(errorType)
    ? REFUSED_BACKOFF_MS
    : Math.min(intervalMs * 2 ** (failures - 1), MAX_BACKOFF_MS)
  const cappedMs = Math.max(intervalMs, backoffMs)
  return Math.max(jittered(cappedMs, random), Math.min(retryAfterMs, MAX_RETRY_AFTER_MS))
}

function reportDefect(error: unknown): RoundResult {
  // The message is left out: it may hold what must not be logged.
  report(
    'error',
    `a round of account polling failed unexpectedly (${error instanceof Error ? error.name : '?'})`,
  )
  return { errorType: '_OTHER' }
}

/** The key was not accepted: trying again soon cannot help. */
function isRefused(errorType: string | undefined): errorType is '401' | '403' {
  return errorType === '401' || errorType === '403'
}

function jittered(delayMs: number, random: number): number {
  return delayMs * (1 - JITTER + 2 * JITTER * random)
}
