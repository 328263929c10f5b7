/** Which polls of which account are overdue, for `/healthz` and `/readyz`. */
import type { Clock } from './clock.ts'
import type { RoundResult } from './poller.ts'

/** One poll of one account. */
export interface PollHealth {
  readonly account: string
  /** `balance`, `top-ups`, … */
  readonly poll: string
  /** It has not succeeded for more than 3 intervals and 60 s. */
  readonly isBehind: boolean
  /** Seconds since its last success. Absent when there was none. */
  readonly ageSeconds?: number
  /** Why the last round failed. */
  readonly errorType?: string
}

/** The state of all polls of the process. */
export interface Health {
  /** Adds a poll. Call the returned function with the result of every round. */
  watch(account: string, poll: string, intervalMs: number): (result: RoundResult) => void
  polls(): PollHealth[]
}

/** Intervals without success before a poll is overdue, … */
const TOLERATED_INTERVALS = 3
/** … plus this, because rounds that read many pages are slow. */
const TOLERATED_MS = 60_000

export function createHealth(clock: Clock): Health {
  const startedAtMs = clock.monotonicMs()
  const polls: {
    readonly account: string
    readonly poll: string
    readonly intervalMs: number
    succeededAtMs?: number
    errorType?: string | undefined
  }[] = []
  return {
    watch(account, poll, intervalMs) {
      const entry: (typeof polls)[number] = { account, poll, intervalMs }
      polls.push(entry)
      return ({ errorType }) => {
        entry.errorType = errorType
        if (errorType === undefined) entry.succeededAtMs = clock.monotonicMs()
      }
    },
    polls: () =>
      polls.map(({ account, poll, intervalMs, succeededAtMs, errorType }) => {
        const nowMs = clock.monotonicMs()
        const quietMs = nowMs - (succeededAtMs ?? startedAtMs)
        return {
          account,
          poll,
          isBehind: quietMs > TOLERATED_INTERVALS * intervalMs + TOLERATED_MS,
          ...(succeededAtMs !== undefined && { ageSeconds: Math.round((nowMs - succeededAtMs) / 1000) }),
          ...(errorType !== undefined && { errorType }),
        }
      }),
  }
}
