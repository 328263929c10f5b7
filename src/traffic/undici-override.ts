/**
 * Unofficial. undici 5, 6 and 7 have no channel for body bytes (7.11 and later do, but Node 20, 22 and early
 * 24 bundle older copies), so the methods by which undici's connection talks to its request are overridden
 * for the one request that is observed: it gets a prototype of ours, which inherits from its own. Nothing shared
 * is touched, and nobody who lists the properties of the request finds another one. (Closures for every request,
 * defined as its own properties, took as long as all that is done in them.)
 *
 * Measured on undici 5.0 to 7.30 and the copies in Node 20, 22 and 24. On undici 8 (Node 26) the methods
 * have other names (`onResponseData`) and the chunk channels are used instead; only `onRequestStart` is
 * overridden there. `test/integration/traffic-undici.test.ts` compares every byte, and so notices when a
 * version stops calling these.
 */
import { toBytes } from './bytes.ts'
import type { GuardedExchange } from './guard.ts'
import { RequestBody } from './request-body.ts'
import type { UndiciRequest } from './undici-message.ts'

type Method = (this: ObservedRequest, ...args: unknown[]) => unknown

const OBSERVATION = Symbol('aimlapi.observation')

/** What is known of one request while it is under way. */
export interface Observation {
  readonly exchange: GuardedExchange
  readonly requestBody: RequestBody
  /** Body bytes come from the request's own methods; the chunk channels, which may exist as well, are ignored. */
  readonly byMethods: boolean
  /**
   * The request was ended through the `abort` function that undici hands to its API: by a signal,
   * `reader.cancel()`, a broken loop, a destroyed body. Failures of the connection never take that way, and
   * nothing else tells them from an abort whose reason is itself a system error.
   */
  cancelled: boolean
  /** The request's own methods. */
  readonly onData: unknown
  readonly onBodySent: unknown
  readonly onStart: unknown
}

interface ObservedRequest {
  readonly [OBSERVATION]: Observation
}

/** The observation of a request, if it is observed. */
export function findObservation(request: UndiciRequest): Observation | undefined {
  return (request as Partial<ObservedRequest>)[OBSERVATION]
}

/**
 * Feeds the exchange with the bytes of both bodies, where the request's methods give them. The results of the
 * methods are passed on: they are the backpressure. To be called once for a request.
 */
export function observeRequest(request: UndiciRequest, exchange: GuardedExchange): Observation {
  const observation: Observation = {
    exchange,
    requestBody: new RequestBody(exchange),
    byMethods: hasBodyMethods(request),
    cancelled: false,
    onData: request.onData,
    onBodySent: request.onBodySent,
    onStart: request[findStartName(request)],
  }
  ;(request as { [OBSERVATION]?: Observation })[OBSERVATION] = observation
  Object.setPrototypeOf(request, deriveObserved(Object.getPrototypeOf(request)))
  return observation
}

/** Prototypes of the requests of each copy of undici → those of its observed requests. */
const derived = new WeakMap<object, object>()

function deriveObserved(prototype: Partial<UndiciRequest>): object {
  let observed = derived.get(prototype)
  if (observed === undefined) {
    observed = Object.create(prototype) as object
    derived.set(prototype, observed)
    const start = [findStartName(prototype), observeStart] as const
    // `onBodySent` alone (undici 8) would tell the request's bytes beside their channel.
    const overrides = hasBodyMethods(prototype) ? [start, ...BODY_METHODS] : [start]
    for (const [name, value] of overrides) {
      if (typeof prototype[name] === 'function')
        Object.defineProperty(observed, name, { value, configurable: true, writable: true })
    }
  }
  return observed
}

/** The hottest function of all: one argument is what undici 5 to 7 hand over, and `call` is what inlines. */
function observeData(this: ObservedRequest, chunk: unknown): unknown {
  const { exchange, onData } = this[OBSERVATION]
  exchange.responseChunk(chunk instanceof Uint8Array ? chunk : toBytes(chunk))
  return (onData as Method).call(this, chunk)
}

function observeBodySent(this: ObservedRequest, chunk: unknown): unknown {
  const { exchange, requestBody, onBodySent } = this[OBSERVATION]
  if (!exchange.ended) requestBody.sent(chunk)
  return Reflect.apply(onBodySent as Method, this, arguments)
}

function observeStart(this: ObservedRequest, ...args: unknown[]): unknown {
  const observation = this[OBSERVATION]
  const [abort, ...rest] = args
  const onStart = observation.onStart as Method
  if (typeof abort !== 'function') return Reflect.apply(onStart, this, args)
  const observedAbort = (...reason: unknown[]): unknown => {
    observation.cancelled = true
    return Reflect.apply(abort, undefined, reason)
  }
  return Reflect.apply(onStart, this, [observedAbort, ...rest])
}

const BODY_METHODS = [
  ['onData', observeData],
  ['onBodySent', observeBodySent],
] as const

/** undici 5 to 7, and 8. */
function findStartName(request: Partial<UndiciRequest>): 'onConnect' | 'onRequestStart' {
  return typeof request.onConnect === 'function' ? 'onConnect' : 'onRequestStart'
}

/** undici 5 to 7; later ones have channels for the chunks instead. */
function hasBodyMethods(request: Partial<UndiciRequest>): boolean {
  return typeof request.onData === 'function'
}
