/** Time for calls: precise where a call starts and ends, one reading per turn of the event loop for its chunks. */
import { performance } from 'node:perf_hooks'
import { setImmediate } from 'node:timers'

/** Milliseconds of a monotonic clock, with fractions. */
export function monotonicMs(): number {
  return performance.now()
}

let turnMs = 0
let turnIsOver = true

function endTurn(): void {
  turnIsOver = true
}

/**
 * The monotonic clock, read once per turn of the event loop. A clock reading costs as much as the rest of a
 * chunk's handling, and chunks of one turn came with one read of the socket: they arrived together.
 */
export function turnMonotonicMs(): number {
  if (turnIsOver) {
    turnIsOver = false
    turnMs = performance.now()
    setImmediate(endTurn).unref()
  }
  return turnMs
}
