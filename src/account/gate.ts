/**
 * Spaces out the requests of one key. Replicas with the same key share one rate limit without knowing of each other:
 * each halves its rate after a refusal (429) and raises it a little after a success, until their rates are about equal.
 */
import type { Clock } from './clock.ts'

/** Share of the fastest rate that each success adds. */
const RECOVERY = 1 / 60
/** The lowest rate, as a share of the fastest. */
const SLOWEST = 1 / 60
/** The longest `Retry-After` that is respected. */
const MAX_HOLD_MS = 60_000

/** @param spacingMs between two requests while nothing is refused. */
export function createGate(spacingMs: number, clock: Clock) {
  let freeAtMs = 0
  /** Share of the fastest rate. */
  let rate = 1
  let halvedAtMs = Number.NEGATIVE_INFINITY
  return {
    /** Resolves when the next request may be sent, in the order of the calls. */
    pass(): Promise<void> {
      const nowMs = clock.monotonicMs()
      const atMs = Math.max(nowMs, freeAtMs)
      freeAtMs = atMs + spacingMs / rate
      return atMs === nowMs
        ? Promise.resolve()
        : new Promise((resolve) => {
            clock.after(atMs - nowMs, resolve)
          })
    },
    /** A request succeeded. */
    answered(): void {
      rate = Math.min(1, rate + RECOVERY)
    },
    /** A request was refused with 429, possibly with `Retry-After`. */
    refused(retryAfterMs = 0): void {
      const nowMs = clock.monotonicMs()
      // Requests that were sent together are refused together: that counts as one refusal.
      if (nowMs - halvedAtMs >= spacingMs / rate) {
        rate = Math.max(SLOWEST, rate / 2)
        halvedAtMs = nowMs
      }
      // Random, so that replicas that were refused together do not retry together.
      const pauseMs = Math.min(retryAfterMs, MAX_HOLD_MS) + (spacingMs / rate) * (0.5 + clock.random())
      freeAtMs = Math.max(freeAtMs, nowMs + pauseMs)
    },
  }
}
