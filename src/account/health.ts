/** Which polls of which account are behind, for `/healthz` and `/readyz`. */
import type { Clock } from './clock.ts'
import type { RoundResult } from './poller.ts'

/** One poll of one account. */
export interface PollHealth {
  readonly account: string
  /** `balance`, `top-ups`, … */
  readonly poll: string
  /** It has not succeeded for several of its intervals. */
  readonly isBehind: boolean
  /** Seconds since its last success. Absent: there was none. */
  readonly ageSeconds?: number
  /** Why the last round failed. */
  readonly errorType?: string
}

export interface Health {
  /** Adds a poll. The returned function is to be called with the result of every round. */
  watch(account: string, poll: string, intervalMs: number): (result: RoundResult) => void
  polls(): PollHealth[]
}

/** Intervals without success. */
const TOLERATED_INTERVALS = 3
/** Rounds that read many pages take their time. */
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
