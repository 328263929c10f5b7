/** The calls under way: closes those without events for too long, and waits for bodies that are still being decoded. */
import { clearInterval, setInterval } from 'node:timers'
import { inHomeContext } from '../home-context.ts'
import { monotonicMs } from './turn-clock.ts'

/** A call between its first and its last event. */
export interface OpenCall {
  /** Monotonic time of the begin of the call, or of the last event of its response. Of its request none counts. */
  readonly lastEventMs: number
  /** Of the response, whose body is still missing; absent until its head has arrived. */
  readonly status: number | undefined
  /** Ends the observation, though the application may still be reading; its response is not touched. */
  end(errorType: 'abandoned' | 'aborted'): void
}

/** An unread body is closed after 10 minutes without an event. */
export const UNREAD_BODY_LIMIT_MS = 10 * 60 * 1000
/** A request without a response is closed after an hour: clients without a timeout wait for ever. */
export const UNANSWERED_LIMIT_MS = 60 * 60 * 1000
const SWEEP_INTERVAL_MS = 30_000

/** The calls that have not ended. */
export type OpenCalls = ReturnType<typeof createOpenCalls>

/** `onSweep` runs with every sweep, so that other bounded state can age without a timer of its own. */
export function createOpenCalls(onSweep: (nowMs: number) => void) {
  const calls = new Set<OpenCall>()
  const decoding = new Set<Promise<void>>()

  function sweep(nowMs = monotonicMs()): void {
    for (const call of calls) {
      const limitMs = call.status === undefined ? UNANSWERED_LIMIT_MS : UNREAD_BODY_LIMIT_MS
      if (nowMs - call.lastEventMs >= limitMs) call.end('abandoned')
    }
    onSweep(nowMs)
  }

  const timer = inHomeContext(() => setInterval(sweep, SWEEP_INTERVAL_MS).unref())
  return {
    sweep,
    add: (call: OpenCall): void => void calls.add(call),
    remove: (call: OpenCall): void => void calls.delete(call),
    /** Keeps a promise that never rejects until it is settled. */
    keepDecoding(work: Promise<void>): void {
      decoding.add(work)
      void work.then(() => decoding.delete(work))
    },
    /** Resolves when every body that has arrived until now is decoded and counted. Later ones are not waited for. */
    async flush(): Promise<void> {
      await Promise.all(decoding)
    },
    /** Ends every open call as `aborted` and stops the sweep. */
    stop(): void {
      clearInterval(timer)
      for (const call of calls) call.end('aborted')
    },
  }
}
