/**
 * Unofficial. The async context in which the application made its call. undici creates most requests in that context,
 * but those that waited in the queue of a Pool (or Agent) with `connections`, and those that a retry or redirect handler
 * repeats, in that of another one. Some requests refer to it (`findCallerContext`). With the handlers of `fetch`, and with
 * all of undici 7's decorators, nothing does. So `dispatch` of undici's base class, `DispatcherBase`, is overridden for
 * all dispatchers of a copy, to keep the context of calls that undici dispatches a second time.
 *
 * The class of a copy is found through the global dispatcher, else through the connection of the first observed
 * request. Not covered: what another copy queues before that, and what an interceptor repeats that was composed before
 * (it has kept a reference to the original method).
 *
 * Measured on undici 5.29, 6.29, 7.30, 8.12 and the copies in Node 20.20, 22.23, 24.21 and 26.10 (undici 8.12.3
 * and later keep the context of queued calls themselves). `test/integration/traffic-context.test.ts` notices
 * when it stops working; then only contexts are wrong.
 */
import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks'
import type { RunInContext } from './exchange.ts'
import type { Guard } from './guard.ts'
import { patch, type Around } from './patch.ts'

/** Handlers that wrap each other (retry, redirect, …): at most this many are followed. */
const maxDepth = 8

/**
 * The context that a request refers to, if any. The handlers of `request`, `stream` and `pipeline` are AsyncResources made
 * in the caller's context, and the request has its handler, directly or through decorators with a public field for it.
 */
export function findCallerContext(request: object): RunInContext | undefined {
  let handler = readHandler(request)
  for (let depth = 0; depth < maxDepth && isObject(handler); depth++) {
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
  const symbol = findSymbol(request, 'handler')
  if (symbol !== undefined && handlerSymbols.length < maxSymbols) handlerSymbols.push(symbol)
  return symbol && (request as Record<symbol, unknown>)[symbol]
}

/** undici keeps things under symbols of its own, other ones in each copy. */
function findSymbol(object: object, name: string): symbol | undefined {
  return Object.getOwnPropertySymbols(object).find(({ description }) => description === name)
}

/** Remembers and finds contexts until the guard is released. Errors are reported to it, and never thrown. */
export function rememberDispatches(guard: Guard) {
  const byHandler = new WeakMap<object, RunInContext>()
  /** undici 7 wraps some handlers anew while they wait, but passes the options on as they are. */
  const byOptions = new WeakMap<object, { readonly run: RunInContext; readonly dispatcher: unknown }>()
  const overridden = new WeakSet<object>()
  const globals: unknown[] = []
  /** Prototypes of requests, one per copy of undici whose dispatcher was looked up. */
  const copies = new WeakSet<object>()
  /** False in most processes: no call was queued or repeated, so `recall` looks nothing up. */
  let hasRemembered = false
  let recalled: RunInContext | undefined
  let isDispatching = false

  /** Keeps the context of a call that may have been queued. */
  const remember = (dispatcher: unknown, options: unknown, handler: unknown, context?: RunInContext) => {
    if (!isObject(handler)) return
    const run = byHandler.get(handler) ?? context ?? AsyncLocalStorage.snapshot()
    hasRemembered = true
    byHandler.set(handler, run)
    // Dequeuing dispatches a second time: the dispatcher that queued the call is the one to keep.
    if (isObject(options) && byOptions.get(options)?.run !== run) byOptions.set(options, { run, dispatcher })
  }

  /** The caller's context of a call that was dispatched before. */
  const recall = (dispatcher: unknown, options: unknown, handler: unknown): RunInContext | undefined => {
    if (!isObject(handler)) return undefined
    if (hasRemembered) {
      const run = byHandler.get(handler)
      if (run !== undefined) return run
      const queued = isObject(options) ? byOptions.get(options) : undefined
      // The same dispatcher means that the application reuses its options object for another call.
      if (queued !== undefined && queued.dispatcher !== dispatcher) return queued.run
    }
    // A retry or redirect handler has the dispatch function that it will call again.
    if (typeof (handler as { readonly dispatch?: unknown }).dispatch === 'function') {
      hasRemembered = true
      byHandler.set(handler, AsyncLocalStorage.snapshot())
    }
    return undefined
  }

  const aroundDispatch: Around = (original, self, args) => {
    const handler: unknown = args[1]
    // Within one call an Agent dispatches to a Pool, and that to a Client: only the outermost matters.
    if (isDispatching || handler instanceof AsyncResource) return Reflect.apply(original, self, args)
    const options: unknown = args[0]
    const context = guard.attempt('dispatch', recall, self, options, handler)
    let result
    isDispatching = true
    recalled = context
    try {
      result = Reflect.apply(original, self, args)
    } finally {
      isDispatching = false
      recalled = undefined
    }
    // `false` means: the call may have been queued, by this dispatcher or by one that it dispatched to.
    if (result === false) guard.attempt('dispatch', remember, self, options, handler, context)
    return result
  }

  const follow = (dispatcher: unknown): void => {
    const prototype = findBasePrototype(dispatcher)
    if (prototype === undefined || overridden.has(prototype)) return
    overridden.add(prototype)
    guard.onRelease(patch(prototype, 'dispatch', aroundDispatch))
  }

  return {
    /** The caller's context of the dispatch that is running now, if it is a second one of the same call. */
    current: (): RunInContext | undefined => recalled,
    /** Overrides the copy that provides the global dispatcher, once. Cheap: to be called for every request. */
    followGlobal(): void {
      for (let index = 0; index < globalDispatchers.length; index++) {
        const dispatcher = (globalThis as Record<symbol, unknown>)[globalDispatchers[index] as symbol]
        if (dispatcher === undefined || dispatcher === globals[index]) continue
        globals[index] = dispatcher
        follow(dispatcher)
      }
    },
    /** Overrides the copy that made this request and writes it to this connection, once. */
    followSocket(request: object, socket: unknown): void {
      const copy: object = Object.getPrototypeOf(request)
      if (copies.has(copy) || !isObject(socket)) return
      copies.add(copy)
      const client = findSymbol(socket, 'client')
      if (client !== undefined) follow((socket as Record<symbol, unknown>)[client])
    },
  }
}

/** Up to undici 7, and from 8 on. */
const globalDispatchers = [Symbol.for('undici.globalDispatcher.1'), Symbol.for('undici.globalDispatcher.2')]

/** undici's DispatcherBase, by its properties: bundles rename the class. */
function findBasePrototype(dispatcher: unknown): object | undefined {
  let candidate: unknown = dispatcher
  for (let depth = 0; depth < 6 && isObject(candidate); depth++) {
    if (
      typeof Object.getOwnPropertyDescriptor(candidate, 'dispatch')?.value === 'function' &&
      Object.getOwnPropertyDescriptor(candidate, 'closed')?.get !== undefined &&
      Object.getOwnPropertyDescriptor(candidate, 'destroyed')?.get !== undefined
    )
      return candidate
    candidate = Object.getPrototypeOf(candidate)
  }
  return undefined
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
