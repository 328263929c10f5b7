/** Spaces out requests: each passes at least `spacingMs` after the one before, in the order they came. */
import type { Clock } from './clock.ts'

export interface Gate {
  pass(): Promise<void>
}

export function createGate(spacingMs: number, clock: Clock): Gate {
  let freeAtMs = 0
  return {
    pass() {
      const nowMs = clock.monotonicMs()
      const atMs = Math.max(nowMs, freeAtMs)
      freeAtMs = atMs + spacingMs
      return atMs === nowMs
        ? Promise.resolve()
        : new Promise((resolve) => {
            clock.after(atMs - nowMs, resolve)
          })
    },
  }
}
