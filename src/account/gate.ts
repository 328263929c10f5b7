/**
 * Spaces out the requests of one key. Replicas that use the same key share one allowance of the API without knowing
 * of each other: who is refused (429) halves its rate, who is answered raises it a little, so all of them come to
 * about the same.
 */
import type { Clock } from './clock.ts'

export interface Gate {
  /** Resolves when the next request may go, in the order they came. */
  pass(): Promise<void>
  /** A request was answered. */
  answered(): void
  /** A request was refused with 429, which may say for how long nothing should come. */
  refused(retryAfterMs?: number): void
}

/** Of the fastest rate, for each request that is answered. */
const RECOVERY = 1 / 60
/** Of the fastest rate. */
const SLOWEST = 1 / 60
/** A server cannot hold the gate for longer. */
const MAX_HOLD_MS = 60_000

/** @param spacingMs between two requests while nothing is refused. */
export function createGate(spacingMs: number, clock: Clock): Gate {
  let freeAtMs = 0
  /** Share of the fastest rate. */
  let rate = 1
  let halvedAtMs = Number.NEGATIVE_INFINITY
  return {
    pass() {
      const nowMs = clock.monotonicMs()
      const atMs = Math.max(nowMs, freeAtMs)
      freeAtMs = atMs + spacingMs / rate
      return atMs === nowMs
        ? Promise.resolve()
        : new Promise((resolve) => {
            clock.after(atMs - nowMs, resolve)
          })
    },
    answered() {
      rate = Math.min(1, rate + RECOVERY)
    },
    refused(retryAfterMs = 0) {
      const nowMs = clock.monotonicMs()
      // Requests that were under way together are refused together: that is one refusal.
      if (nowMs - halvedAtMs >= spacingMs / rate) {
        rate = Math.max(SLOWEST, rate / 2)
        halvedAtMs = nowMs
      }
      // Replicas that were refused together must not come back together.
      const pauseMs = Math.min(retryAfterMs, MAX_HOLD_MS) + (spacingMs / rate) * (0.5 + clock.random())
      freeAtMs = Math.max(freeAtMs, nowMs + pauseMs)
    },
  }
}
