/** Time for calls: precise where a call starts and ends, one reading for chunks that arrive together. */
import { performance } from 'node:perf_hooks'

/** Milliseconds of a monotonic clock, with fractions. */
export function monotonicMs(): number {
  return performance.now()
}

const now = Promise.resolve()

/**
 * The monotonic clock, read once for all chunks that came with one read of the socket: those arrived together, and
 * a reading costs as much as the rest of a chunk's handling. Clients pass them on without a pause between.
 */
export const turnClock = {
  /** Milliseconds; of this turn only while it is not over. */
  nowMs: 0,
  isOver: true,
  /** Reads the clock for this turn. */
  read(): number {
    turnClock.isOver = false
    turnClock.nowMs = performance.now()
    void now.then(endTurn)
    return turnClock.nowMs
  },
}

function endTurn(): void {
  turnClock.isOver = true
}
