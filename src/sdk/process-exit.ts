/** Flushes before the process ends, and never changes whether or how it ends. */
import { isMainThread } from 'node:worker_threads'
import { holdProcess } from '../hold.ts'

/** What to do when the process ends. */
export interface ExitWork {
  /** For a signal that the application handles itself: the process may continue afterwards. */
  readonly flush: () => Promise<void>
  /** For an empty event loop: the process ends unless another listener has work. */
  readonly finish: () => Promise<void>
  /** `finish` delays a natural exit by no more than this. */
  readonly finishLimitMs: number
  /** For a signal that nobody else handles: the process ends afterwards. */
  readonly shutdown: () => Promise<void>
}

const SIGNALS = ['SIGTERM', 'SIGINT'] as const
/** The longest delay of a signal; container runtimes kill after 10 s by default. */
export const MAX_DELAY_MS = 8_000

/**
 * Calls `work`, which never rejects, when the event loop has run empty and on SIGTERM and SIGINT. A signal that nobody
 * else listens to ends the process by that same signal, after a shutdown of at most 8 s; a second one ends it at once.
 * Where the application listens itself, it decides, and we only flush beside it. PID 1 of a container is only
 * flushed, too: a signal that nobody handles does not end it. Returns what stops listening.
 */
export function watchProcessExit(work: ExitWork): () => void {
  // Once: flushing adds work to the loop, so `beforeExit` would be emitted for ever.
  const onEmptyLoop = (): void => void holdProcess(work.finish(), work.finishLimitMs)

  const onSignal = (signal: NodeJS.Signals): void => {
    // Removed first: other libraries end the process only when they are the only listener.
    process.removeListener(signal, onSignal)
    if (process.listenerCount(signal) > 0 || process.pid === 1) {
      void work.flush().finally(() => {
        if (!stopped) process.prependListener(signal, onSignal)
      })
      return
    }
    // Held: an empty loop would end the process with the wrong exit code.
    void holdProcess(work.shutdown(), MAX_DELAY_MS).then(() => process.kill(process.pid, signal))
  }

  let stopped = false
  process.once('beforeExit', onEmptyLoop)
  // Worker threads get no signals.
  if (isMainThread) for (const signal of SIGNALS) process.prependListener(signal, onSignal)
  return () => {
    stopped = true
    process.removeListener('beforeExit', onEmptyLoop)
    for (const signal of SIGNALS) process.removeListener(signal, onSignal)
  }
}
