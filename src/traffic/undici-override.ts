/**
 * Unofficial. undici 5, 6 and 7 have no channel for body bytes (7.11 and later do, but Node 20, 22 and early
 * 24 bundle older copies), so the methods by which undici's connection talks to its request are overridden
 * as own properties of the one request that is observed. Nothing shared is touched.
 *
 * Measured on undici 5.0 to 7.30 and the copies in Node 20, 22 and 24. On undici 8 (Node 26) the methods
 * have other names (`onResponseData`) and the chunk channels are used instead; only `onRequestStart` is
 * overridden there. `test/integration/traffic-undici.test.ts` compares every byte, and so notices when a
 * version stops calling these.
 */
import { toBytes } from './bytes.ts'
import type { GuardedExchange } from './guard.ts'
import type { RequestBody } from './request-body.ts'
import type { UndiciRequest } from './undici-message.ts'

type Method = (this: unknown, ...args: unknown[]) => unknown

/** True when body bytes can be had by `overrideBody`; false where the chunk channels must give them. */
export function hasBodyMethods(request: UndiciRequest): boolean {
  return typeof request.onData === 'function'
}

/** Feeds the exchange with the bytes of both bodies. The results are passed on: they are the backpressure. */
export function overrideBody(request: UndiciRequest, body: RequestBody, exchange: GuardedExchange): void {
  const onData = request.onData as Method
  // The hottest function of all: one argument is what undici 5 to 7 hand over, and `call` is what inlines.
  override(request, 'onData', function (this: unknown, chunk: unknown) {
    exchange.responseChunk(chunk instanceof Uint8Array ? chunk : toBytes(chunk))
    return onData.call(this, chunk)
  })
  if (typeof request.onBodySent !== 'function') return
  const onBodySent = request.onBodySent as Method
  override(request, 'onBodySent', function (this: unknown, chunk: unknown) {
    if (!exchange.ended) body.sent(chunk)
    return Reflect.apply(onBodySent, this, arguments)
  })
}

/**
 * Tells when the request is ended through the `abort` function that undici hands to its API: by a signal,
 * `reader.cancel()`, a broken loop, a destroyed body. Failures of the connection never take that way, and
 * nothing else tells them from an abort whose reason is itself a system error.
 */
export function overrideAbort(request: UndiciRequest, onAbort: () => void): void {
  const key = typeof request.onConnect === 'function' ? 'onConnect' : 'onRequestStart'
  if (typeof request[key] !== 'function') return
  const start = request[key] as Method
  override(request, key, function (this: unknown, ...args: unknown[]) {
    const [abort, ...rest] = args
    if (typeof abort !== 'function') return Reflect.apply(start, this, args)
    const observedAbort = (...reason: unknown[]): unknown => {
      onAbort()
      return Reflect.apply(abort, undefined, reason)
    }
    return Reflect.apply(start, this, [observedAbort, ...rest])
  })
}

function override(request: UndiciRequest, key: keyof UndiciRequest, value: Method): void {
  Object.defineProperty(request, key, { value, configurable: true, enumerable: false, writable: true })
}
