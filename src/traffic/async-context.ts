import { AsyncResource } from 'node:async_hooks'

/** Retry, redirect and the other decorators wrap each other; nobody stacks more than a few. */
const maxDepth = 8

/**
 * Runs `action` in the async context in which the application made its call.
 *
 * The context in which undici creates a request is that one for most calls, but it is another request's for
 * one that waited in the queue of a Pool or Agent with `connections` (undici before 8.12.3), for the retries
 * of a retry interceptor and the hops of a redirect interceptor on a connection that was used before. The
 * handlers of `request`, `stream` and `pipeline` are AsyncResources made in the caller's context, and the
 * request refers to its handler, directly or through the decorators that show theirs.
 */
export function runInCallerContext<Result>(request: object, action: () => Result): Result {
  const resource = findResource(request)
  return resource === undefined ? action() : resource.runInAsyncScope(action)
}

function findResource(request: object): AsyncResource | undefined {
  let handler = readHandler(request)
  for (let depth = 0; depth < maxDepth && typeof handler === 'object' && handler !== null; depth++) {
    if (handler instanceof AsyncResource) return handler
    handler = (handler as { readonly handler?: unknown }).handler
  }
  return undefined
}

/** undici keeps it under a symbol of each copy's own, called "handler" in all of 5 to 8. */
function readHandler(request: object): unknown {
  for (const symbol of Object.getOwnPropertySymbols(request)) {
    if (symbol.description === 'handler') return (request as Record<symbol, unknown>)[symbol]
  }
  return undefined
}
