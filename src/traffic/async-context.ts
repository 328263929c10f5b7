import { AsyncResource } from 'node:async_hooks'

/** Runs an action in an async context that was kept. */
export type RunInContext = <Result>(action: () => Result) => Result

/** Retry, redirect and the other decorators wrap each other; nobody stacks more than a few. */
const maxDepth = 8

/**
 * The async context in which the application made its call, if the request refers to it.
 *
 * The context in which undici creates a request is that one for most calls. It is another request's for a
 * call that waited in the queue of a Pool or Agent with `connections` (undici before 8.12.3), and for the
 * repetitions of a retry or redirect interceptor on a connection that was used before. The handlers of
 * `request`, `stream` and `pipeline` are AsyncResources made in the caller's context, and the request refers
 * to its handler, directly or through those decorators that show theirs. For `fetch` and for decorators with
 * private fields see `dispatch-context.ts`.
 */
export function findCallerContext(request: object): RunInContext | undefined {
  let handler = readHandler(request)
  for (let depth = 0; depth < maxDepth && typeof handler === 'object' && handler !== null; depth++) {
    if (handler instanceof AsyncResource) {
      const resource = handler
      return (action) => resource.runInAsyncScope(action)
    }
    handler = (handler as { readonly handler?: unknown }).handler
  }
  return undefined
}

/** The symbols under which the copies of undici that were seen so far keep a request's handler. */
const handlerSymbols: symbol[] = []
const maxSymbols = 16

/** It is a symbol of each copy's own, called "handler" in all of 5 to 8. */
function readHandler(request: object): unknown {
  for (const symbol of handlerSymbols) {
    const handler = (request as Record<symbol, unknown>)[symbol]
    if (handler !== undefined) return handler
  }
  for (const symbol of Object.getOwnPropertySymbols(request)) {
    if (symbol.description !== 'handler') continue
    if (handlerSymbols.length < maxSymbols) handlerSymbols.push(symbol)
    return (request as Record<symbol, unknown>)[symbol]
  }
  return undefined
}
