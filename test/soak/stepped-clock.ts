/** Time that stands still while a request is under way: hours in seconds, over real sockets, on a machine of any speed. */
import type { Client } from '../../src/account/client.ts'
import type { Clock } from '../../src/account/clock.ts'

export interface SteppedClock extends Clock {
  /** Lets time pass; everything that becomes due happens in its order, and is over before the next. */
  pass(ms: number): Promise<void>
  /** Requests of this client hold time up. */
  watch(client: Client): Client
}

export function createSteppedClock(startMs: number, random: () => number): SteppedClock {
  let nowMs = startMs
  let underWay = 0
  let idle: (() => void) | undefined
  const timers: { readonly atMs: number; readonly fn: () => void }[] = []

  /** What is ready to run has run, and what it asked for is answered. */
  async function settle(): Promise<void> {
    for (let turn = 0; turn < 3; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve))
      if (underWay === 0) continue
      await new Promise<void>((resolve) => (idle = resolve))
      turn = -1
    }
  }

  return {
    now: () => nowMs,
    monotonicMs: () => nowMs - startMs,
    random,
    after(delayMs, fn) {
      const timer = { atMs: nowMs + Math.ceil(delayMs), fn }
      timers.push(timer)
      return () => {
        const index = timers.indexOf(timer)
        if (index >= 0) timers.splice(index, 1)
      }
    },
    async pass(ms) {
      const untilMs = nowMs + ms
      await settle()
      for (;;) {
        const next = timers.reduce<(typeof timers)[number] | undefined>(
          (first, timer) => (first === undefined || timer.atMs < first.atMs ? timer : first),
          undefined,
        )
        if (next === undefined || next.atMs > untilMs) break
        timers.splice(timers.indexOf(next), 1)
        nowMs = Math.max(nowMs, next.atMs)
        next.fn()
        await settle()
      }
      nowMs = untilMs
    },
    watch: (client) => ({
      ...client,
      async get(...request) {
        underWay += 1
        try {
          return await client.get(...request)
        } finally {
          underWay -= 1
          if (underWay === 0) idle?.()
        }
      },
    }),
  }
}
