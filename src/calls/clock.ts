/** Time for calls: precise where a call starts and ends, one reading for chunks that arrive together. */
import { performance } from 'node:perf_hooks'

/** Milliseconds of a monotonic clock, with fractions. */
export function monotonicMs(): number {
  return performance.now()
}

let turnMs = 0
let turnIsOver = true
const now = Promise.resolve()

function endTurn(): void {
  turnIsOver = true
}

/**
 * The monotonic clock, read once for all chunks that came with one read of the socket: those arrived together, and
 * a reading costs as much as the rest of a chunk's handling. Clients pass them on without a pause between.
 */
export function turnMonotonicMs(): number {
  if (turnIsOver) {
    turnIsOver = false
    turnMs = performance.now()
    void now.then(endTurn)
  }
  return turnMs
}
