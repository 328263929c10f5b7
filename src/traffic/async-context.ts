import { AsyncResource } from 'node:async_hooks'

/** Runs an action in a stored async context, and returns its result. */
export type RunInContext = <Result>(action: () => Result) => Result

/** Handlers that wrap each other (retry, redirect, …): at most this many are followed. */
const maxDepth = 8

/**
 * The async context in which the application made its call, if the request refers to it.
 *
 * undici creates most requests in that context, but those that waited in a queue or are repeated in that of another one
 * (`dispatch-context.ts`). The handlers of `request`, `stream` and `pipeline` are AsyncResources made in the caller's
 * context, and the request refers to its handler, directly or through decorators that keep theirs in a public field.
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

/** The symbols of a request's handler, one for each copy of undici seen so far. */
const handlerSymbols: symbol[] = []
const maxSymbols = 16

/** Each copy of undici keeps the handler under a symbol of its own, described as "handler" in 5 to 8. */
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
