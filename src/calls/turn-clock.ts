/** The clocks of calls: precise for start and end, one reading for chunks that arrive together. */
import { performance } from 'node:perf_hooks'

export const monotonicMs = (): number => performance.now()

/** Its reactions run when the current callback of the event loop has returned. */
const resolved = Promise.resolve()

/** Monotonic, read once for all chunks of one read of the socket: a reading costs as much as the rest of a chunk. */
export const turnClock = {
  /** Milliseconds; valid while `isOver` is false. */
  nowMs: 0,
  isOver: true,
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
