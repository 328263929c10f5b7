/** Time and chance for the account room, so that tests can own both. */
import { AsyncResource } from 'node:async_hooks'
import { performance } from 'node:perf_hooks'

export interface Clock {
  /** Milliseconds since the epoch. May jump when the host's clock is set. */
  now(): number
  /** Milliseconds of a clock that never jumps: for intervals and ages. */
  monotonicMs(): number
  /** Calls `fn` once after `delayMs`; the answer cancels it. Does not keep the process alive. */
  after(delayMs: number, fn: () => void): () => void
  /** 0 ≤ n < 1. */
  random(): number
}

/** `setTimeout` fires at once for anything longer. */
const MAX_DELAY_MS = 2 ** 31 - 1

/**
 * The real clock. Its callbacks run in the async context of whoever made it, not of the call that happened to
 * set the timer: a host's request must neither stay in memory until a poll fires nor be that poll's parent.
 */
export function createClock(): Clock {
  const home = new AsyncResource('AimlapiAccount', { requireManualDestroy: true })
  return {
    now: () => Date.now(),
    monotonicMs: () => performance.now(),
    after(delayMs, fn) {
      const timer = home.runInAsyncScope(() => setTimeout(fn, Math.min(delayMs, MAX_DELAY_MS)))
      timer.unref()
      return () => clearTimeout(timer)
    },
    random: () => Math.random(),
  }
}

/** A clock whose timers can be given up all at once: what waits for one of them then waits for ever. */
export interface StoppableClock extends Clock {
  /** No timer fires any more, and none is left behind. */
  stop(): void
}

export function createStoppableClock(clock: Clock): StoppableClock {
  const cancels = new Set<() => void>()
  let isStopped = false
  return {
    now: () => clock.now(),
    monotonicMs: () => clock.monotonicMs(),
    random: () => clock.random(),
    after(delayMs, fn) {
      if (isStopped) return () => {}
      const cancel = clock.after(delayMs, () => {
        cancels.delete(cancel)
        fn()
      })
      cancels.add(cancel)
      return () => {
        cancels.delete(cancel)
        cancel()
      }
    },
    stop() {
      isStopped = true
      for (const cancel of cancels) cancel()
      cancels.clear()
    },
  }
}
