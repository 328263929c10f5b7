/**
 * Unofficial. undici 5, 6 and 7 have no channel for body bytes (7.11 and later do, but Node 20, 22 and early
 * 24 bundle older copies), so the methods by which undici's connection talks to its request are overridden
 * for the one request that is observed, by a prototype of ours (see `patch.ts`). Nothing shared is touched.
 *
 * Measured on undici 5.0 to 7.30 and the copies in Node 20, 22 and 24. On undici 8 (Node 26) the methods
 * have other names (`onResponseData`) and the chunk channels are used instead; only `onRequestStart` is
 * overridden there. `test/integration/traffic-undici.test.ts` compares every byte, and so notices when a
 * version stops calling these.
 */
import { toBytes } from './bytes.ts'
import type { GuardedExchange } from './guard.ts'
import { createOverlay, type Method, type Override, type Overrides } from './patch.ts'
import { RequestBody } from './request-body.ts'
import type { UndiciRequest } from './undici-message.ts'

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
  }
  Object.defineProperty(request, OBSERVATION, { value: observation, enumerable: false })
  overlay(request as OverriddenRequest)
  return observation
}

/** The methods that are overridden, each where the version has it. */
type OverriddenRequest = UndiciRequest &
  Record<'onConnect' | 'onRequestStart' | 'onData' | 'onBodySent', (...args: unknown[]) => unknown>

/** The hottest function of all: one argument is what undici 5 to 7 hand over, and `call` is what inlines. */
const onData: Override<OverriddenRequest> = (below) =>
  function (this: ObservedRequest, chunk: unknown): unknown {
    this[OBSERVATION].exchange.responseChunk(chunk instanceof Uint8Array ? chunk : toBytes(chunk))
    return below.onData.call(this, chunk)
  } as Method

const onBodySent: Override<OverriddenRequest> = (below) =>
  function (this: ObservedRequest, ...args: unknown[]): unknown {
    const { exchange, requestBody } = this[OBSERVATION]
    if (!exchange.ended) requestBody.sent(args[0])
    return Reflect.apply(below.onBodySent, this, args)
  } as Method

const onStart =
  (name: 'onConnect' | 'onRequestStart'): Override<OverriddenRequest> =>
  (below) =>
    function (this: ObservedRequest, ...args: unknown[]): unknown {
      const observation = this[OBSERVATION]
      const [abort, ...rest] = args
      if (typeof abort !== 'function') return Reflect.apply(below[name], this, args)
      const observedAbort = (...reason: unknown[]): unknown => {
        observation.cancelled = true
        return Reflect.apply(abort, undefined, reason)
      }
      return Reflect.apply(below[name], this, [observedAbort, ...rest])
    } as Method

/** undici 5 to 7, and 8. `onBodySent` alone (8) would tell the request's bytes beside their channel. */
const starts = { onConnect: onStart('onConnect'), onRequestStart: onStart('onRequestStart') }
const withBodies: Overrides<OverriddenRequest> = { ...starts, onData, onBodySent }

const overlay = createOverlay<OverriddenRequest>((prototype) =>
  hasBodyMethods(prototype) ? withBodies : starts,
)

/** undici 5 to 7; later ones have channels for the chunks instead. */
function hasBodyMethods(request: Partial<UndiciRequest>): boolean {
  return typeof request.onData === 'function'
}
