/** Time and randomness for src/account, so that tests can replace both. */
import { performance } from 'node:perf_hooks'
import { clearTimeout, setTimeout } from 'node:timers'
import { inHomeContext } from '../home-context.ts'

/** Time and timers, so that tests can pass hours at once. */
export interface Clock {
  /** Milliseconds since the epoch. May jump when the host's clock is set. */
  now(): number
  /** Milliseconds of a clock that never jumps: for intervals and ages. */
  monotonicMs(): number
  /** Calls `fn` once after `delayMs`; the returned function cancels it. Does not keep the process alive. */
  after(delayMs: number, fn: () => void): () => void
  /** 0 ≤ n < 1. */
  random(): number
}

/** `setTimeout` fires at once for anything longer. */
const MAX_DELAY_MS = 2 ** 31 - 1

/**
 * The real clock. Its callbacks run in the async context in which the package was loaded, not in that of the call that
 * set the timer: a request of the host must neither stay in memory until a poll runs nor become its parent.
 */
export function createClock(): Clock {
  return {
    now: () => Date.now(),
    monotonicMs: () => performance.now(),
    after(delayMs, fn) {
      const timer = inHomeContext(() => setTimeout(fn, Math.min(delayMs, MAX_DELAY_MS)))
      timer.unref()
      return () => clearTimeout(timer)
    },
    random: () => Math.random(),
  }
}

/** A clock whose timers can be cancelled all at once: what waits for one of them then waits for ever. */
export interface StoppableClock extends Clock {
  /** Cancels every timer; none can be set any more. */
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
