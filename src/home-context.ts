import { AsyncResource } from 'node:async_hooks'

const home = new AsyncResource('Aimlapi', { requireManualDestroy: true })

/**
 * Runs `fn` in the async context in which the package was loaded. A timer that is set there runs there: one timer serves
 * many calls, and would otherwise run all of them, `onCall` included, in the context of the first one.
 */
export function inHomeContext<Result>(fn: () => Result): Result {
  return home.runInAsyncScope(fn)
}
