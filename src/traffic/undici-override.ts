/**
 * Unofficial. undici before 7.11 (in Node 20, 22 and early 24) has no channel for body bytes. So in all of 5 to 7 the
 * methods by which undici's connection talks to its request are overridden for the one request that is observed (see
 * `patch.ts`).
 *
 * Measured on undici 5.0 to 7.30 and the copies in Node 20, 22 and 24. On undici 8 (Node 26; measured to 8.13) the
 * methods have other names and the chunk channels are used instead; only `onRequestStart` and `onQueuedAbort` are
 * overridden there, to tell an abort of the caller from a failure. `test/integration/traffic-undici.test.ts` compares
 * every byte, and fails when a version stops calling these.
 */
import { createAttachment } from './attachment.ts'
import { toBytes } from './bytes.ts'
import type { Exchange } from './exchange.ts'
import { GuardedExchange, type Guard } from './guard.ts'
import { createSharedOverrides, type Method, type Override, type Overrides } from './patch.ts'
import type { UndiciRequest } from './undici-message.ts'

/** The exchange of one undici request, while it is under way. */
export class Observation extends GuardedExchange {
  /** Body bytes come from the request's own methods; the chunk channels, which may exist as well, are ignored. */
  readonly byMethods: boolean
  /**
   * The request was ended through the `abort` function that undici hands to its API: by a signal, `reader.cancel()`,
   * leaving a loop, a destroyed body. Failures of the connection never call it, and nothing else tells them from an
   * abort whose reason is a system error.
   */
  cancelled = false
  #passedBytes = 0
  #repeatedBytes = 0

  constructor(exchange: Exchange, guard: Guard, byMethods: boolean) {
    super(exchange, guard)
    this.byMethods = byMethods
  }

  /**
   * The request's head is being written, and its body follows from the first byte. undici writes one and the same
   * request again when the connection closed before it was its turn (pipelining, a GOAWAY of HTTP/2).
   */
  headWritten(): void {
    this.#repeatedBytes = this.#passedBytes
    this.sent()
  }

  /** A chunk of the request's body was written. Each byte is passed on once. */
  bodySent(chunk: unknown): void {
    if (this.ended) return
    const bytes = toBytes(chunk)
    const repeated = Math.min(this.#repeatedBytes, bytes.byteLength)
    this.#repeatedBytes -= repeated
    this.#passedBytes += bytes.byteLength - repeated
    this.sent()
    if (bytes.byteLength > repeated) this.requestChunk(repeated === 0 ? bytes : bytes.subarray(repeated))
  }
}

const observations = createAttachment<Observation>()

/** The observation of a request, if it is observed. */
export const findObservation: (request: UndiciRequest) => Observation | undefined = observations.find

/**
 * Feeds the exchange with the bytes of both bodies, where the request's methods give them. The results of the
 * methods are returned: they carry the backpressure. To be called once for a request.
 */
export function observeRequest(request: UndiciRequest, exchange: Exchange, guard: Guard): Observation {
  const observation = new Observation(exchange, guard, hasBodyMethods(request))
  observations.attach(request, observation)
  overrideMethodsOf(request as OverriddenRequest)
  return observation
}

/** The methods that are overridden, each where the version has it. */
type OverriddenRequest = UndiciRequest &
  Record<
    'onConnect' | 'onRequestStart' | 'onQueuedAbort' | 'onData' | 'onBodySent',
    (...args: unknown[]) => unknown
  >

/** Called for every chunk. One argument is what undici 5 to 7 hand over; `call` is what the engine inlines. */
const observeData: Override<OverriddenRequest> = (below) =>
  function onData(this: UndiciRequest, chunk: unknown): unknown {
    findObservation(this)?.responseChunk(chunk instanceof Uint8Array ? chunk : toBytes(chunk))
    return below.onData.call(this, chunk)
  } as Method

const onBodySent: Override<OverriddenRequest> = (below) =>
  function (this: UndiciRequest, chunk: unknown): unknown {
    findObservation(this)?.bodySent(chunk)
    return Reflect.apply(below.onBodySent, this, arguments)
  } as Method

/** The first argument is the `abort` function of `Observation.cancelled`; undici 8 has a second one. */
const onStart =
  (name: 'onConnect' | 'onRequestStart'): Override<OverriddenRequest> =>
  (below) =>
    function (this: UndiciRequest, abort: unknown, ...rest: unknown[]): unknown {
      const observation = findObservation(this)
      if (typeof abort !== 'function' || observation === undefined)
        return Reflect.apply(below[name], this, arguments)
      const observedAbort = (...reason: unknown[]): unknown => {
        observation.cancelled = true
        return Reflect.apply(abort, undefined, reason)
      }
      return below[name].call(this, observedAbort, ...rest)
    } as Method

/** Since 8.13, a request that is aborted before it reached a connection never gets the `abort` function of `onStart`. */
const onQueuedAbort: Override<OverriddenRequest> = (below) =>
  function (this: UndiciRequest): unknown {
    const observation = findObservation(this)
    if (observation !== undefined) observation.cancelled = true
    return Reflect.apply(below.onQueuedAbort, this, arguments)
  } as Method

const starts = {
  onConnect: onStart('onConnect'),
  onRequestStart: onStart('onRequestStart'),
  onQueuedAbort,
}
const withBodies: Overrides<OverriddenRequest> = { ...starts, onData: observeData, onBodySent }

/** undici 8 has `onBodySent` too, but its channel reports the same. */
const overrideMethodsOf = createSharedOverrides<OverriddenRequest>((prototype) =>
  hasBodyMethods(prototype) ? withBodies : starts,
)

/** undici 5 to 7; later ones have channels for the chunks instead. */
function hasBodyMethods(request: Partial<UndiciRequest>): boolean {
  return typeof request.onData === 'function'
}
