/** Keeps the process alive while something is awaited: exporters and account requests do not. */
import { clearTimeout, setTimeout } from 'node:timers'

/**
 * Resolves with `work` or after `limitMs`, whichever is first; the process stays alive until then. `work` is not stopped
 * at the limit.
 *
 * @param work must not reject.
 */
export function holdProcess(work: Promise<unknown>, limitMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, limitMs)
    void work.finally(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}
