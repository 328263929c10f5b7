/** Runs rounds of requests: periodic, jittered, never two at once, backed off on failure. Never keeps the process alive. */
import type { Clock } from './clock.ts'
import { report } from '../diagnostics.ts'

/** The result of a round; without `errorType` it succeeded. */
export interface RoundResult {
  readonly errorType?: string
  /** `Retry-After` in milliseconds. */
  readonly retryAfterMs?: number
  /** It failed after some progress: the back-off does not grow. */
  readonly progressed?: boolean
}

export interface PollerOptions {
  readonly intervalMs: number
  readonly clock: Clock
  readonly round: () => Promise<RoundResult>
  /** Called before every scheduled round; after false the poller waits for `wake()`. Default: always true. */
  readonly wanted?: () => boolean
  /** Called after every round that ended in 401 or 403. */
  readonly onRefused?: (status: string) => void
}

/** The schedule of one kind of round. */
export type Poller = ReturnType<typeof createPoller>

/** After failures the delay doubles up to this: after an outage of an hour, data is back within minutes. */
const MAX_BACKOFF_MS = 5 * 60_000
/** The delay after a refused key, from the first refusal on. */
const REFUSED_BACKOFF_MS = 15 * 60_000
/** The longest `Retry-After` that is respected. */
const MAX_RETRY_AFTER_MS = 60 * 60_000
const SOON_MS = 1000
const JITTER = 0.1

/** The schedule of one kind of round. It ends with its clock. */
export function createPoller(options: PollerOptions) {
  const { intervalMs, clock, round, wanted = () => true, onRefused } = options
  let cancelTimer: (() => void) | undefined
  let underWay: Promise<RoundResult> | undefined
  let failures = 0
  let notBeforeMs = 0

  function schedule(delayMs: number): void {
    if (underWay !== undefined) return
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
    /** Schedules the first round within a second (or the interval, if that is shorter). */
    start: () => schedule(clock.random() * Math.min(SOON_MS, intervalMs)),
    /** Schedules a round one interval from now, unless one is scheduled or running already. */
    wake(): void {
      if (cancelTimer !== undefined) return
      const backedOffMs = failures > 0 ? notBeforeMs - clock.monotonicMs() : 0
      schedule(Math.max(jittered(intervalMs, clock.random()), backedOffMs))
    },
    /** Runs a round now, unless the last one failed and its back-off is not over, or one is running. */
    runUnlessBackedOff(): void {
      if (failures === 0 || clock.monotonicMs() >= notBeforeMs) void run()
    },
    /** Runs a round now, after the running one if there is one. Ignores back-off. */
    async runNow() {
      await underWay
      cancelTimer?.()
      cancelTimer = undefined
      return run()
    },
  }
}

/** Milliseconds until the next round. `failures`: in a row, including `result`. */
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
    `a poll of an account failed by a fault of this package (${error instanceof Error ? error.name : typeof error}); it is tried again`,
  )
  return { errorType: '_OTHER' }
}

/** The key was refused: trying again soon cannot help. */
function isRefused(errorType: string | undefined): errorType is '401' | '403' {
  return errorType === '401' || errorType === '403'
}

function jittered(delayMs: number, random: number): number {
  return delayMs * (1 - JITTER + 2 * JITTER * random)
}
