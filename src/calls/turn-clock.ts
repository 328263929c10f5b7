/** The clocks of calls: precise for start and end, one reading for chunks that arrive together. */
import { performance } from 'node:perf_hooks'

/** Milliseconds of a monotonic clock, with fractions. */
export function monotonicMs(): number {
  return performance.now()
}

/** Its reactions run when the current callback of the event loop has returned. */
const resolved = Promise.resolve()

/**
 * The monotonic clock, read once for all chunks of one read of the socket: they arrived together, and a reading costs as
 * much as everything else that is done for a chunk. Clients emit them in one turn of the event loop.
 */
export const turnClock = {
  /** Milliseconds; valid while `isOver` is false. */
  nowMs: 0,
  isOver: true,
  /** Reads the clock for this turn. */
  read(): number {
    turnClock.isOver = false
    turnClock.nowMs = performance.now()
    void resolved.then(endTurn)
    return turnClock.nowMs
  },
}

function endTurn(): void {
  turnClock.isOver = true
}
