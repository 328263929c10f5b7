/**
 * Unofficial. node:http has no channel for body bytes. The methods by which bytes pass are overridden for the one
 * request and the one response that are observed (see `patch.ts`).
 *
 * No listener for their data, response or errors is added: for 'data' it would switch the response to flowing, for 'response' stop Node from discarding
 * responses that nobody listens to, for 'error' swallow the application's uncaught errors.
 *
 * Measured on Node 20.20, 22.23, 24.21 and 26.10; `test/integration/traffic-node-http.test.ts` compares every
 * byte, and fails when a version stops calling these methods.
 */
import type { ClientRequest, IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { createAttachment } from './attachment.ts'
import { toBytes } from './bytes.ts'
import { errorType } from './error-type.ts'
import { GuardedExchange } from './guard.ts'
import { createSharedOverrides, type Method, type Override } from './patch.ts'

/** The exchange of one request. */
export class HttpObservation extends GuardedExchange {
  /** Of the final response. */
  status: number | undefined

  /**
   * Request or response was destroyed, `cancelled` by the application or not. May also come after the end of the stream.
   * Clients (axios) drop the body of a redirect, which is no failure.
   */
  endEarly(reason: unknown, cancelled: boolean): void {
    const { status } = this
    const redirected = cancelled && status !== undefined && status >= 300 && status < 400
    this.end(redirected ? undefined : errorType(reason, cancelled))
  }
}

const responses = createAttachment<HttpObservation>()
/** Every request that was seen; `null`: it is not observed. */
export const requests = createAttachment<HttpObservation | null>()

/** Feeds the exchange with the response's raw bytes, and ends it after the last one. Once for a response. */
export function overrideResponse(response: IncomingMessage, observation: HttpObservation): void {
  responses.attach(response, observation)
  overrideMethodsOfResponse(response)
}

const write =
  (name: 'write' | 'end'): Override<ClientRequest> =>
  (below) =>
    function (this: ClientRequest, chunk: unknown, encoding: unknown): unknown {
      const observation = requests.find(this)
      if (observation) feedWritten(observation, chunk, encoding)
      return Reflect.apply(below[name] as Method, this, arguments)
    } as Method

/** Feeds the exchange that is attached to the request with the body as the application writes it. */
export const overrideRequest = createSharedOverrides<ClientRequest>(() => ({
  write: write('write'),
  end: write('end'),
  destroy: (below) =>
    function (this: ClientRequest, reason: unknown): unknown {
      // By `destroy`, `abort` or a signal of the application: Node never calls it for a failure of the connection.
      if (!this.destroyed) requests.find(this)?.endEarly(reason, true)
      return Reflect.apply(below.destroy as Method, this, arguments)
    } as Method,
}))

const overrideMethodsOfResponse = createSharedOverrides<IncomingMessage>(() => ({
  push: (below) =>
    function (this: IncomingMessage, chunk: unknown, encoding: unknown): unknown {
      const observation = responses.find(this)
      if (chunk !== null) observation?.responseChunk(toBytes(chunk, encoding))
      // Without `complete` the connection was cut; `_destroy` gets the reason.
      else if (this.complete) observation?.end()
      return Reflect.apply(below.push as Method, this, arguments)
    } as Method,
  _destroy: (below) =>
    function (this: IncomingMessage, reason: unknown): unknown {
      // When the connection broke, its socket is destroyed by now; when the application cancels, it is not.
      responses.find(this)?.endEarly(reason, this.socket?.destroyed === false)
      return Reflect.apply(below['_destroy'] as Method, this, arguments)
    } as Method,
}))

/** Takes the first arguments of `write` and `end`, either of which may be the callback instead. */
export function feedWritten(observation: HttpObservation, chunk: unknown, encoding: unknown): void {
  if (observation.ended || typeof chunk === 'function' || chunk === undefined || chunk === null) return
  const bytes = toBytes(chunk, encoding)
  if (bytes.byteLength > 0) observation.requestChunk(bytes)
}

/** Calls `connected` when the request can be written to a connection: it is buffered while its socket connects. */
export function onConnected(request: ClientRequest, connected: () => void): void {
  const watch = (socket: Socket & { encrypted?: boolean; secureConnecting?: boolean }): void => {
    if (socket.connecting || socket.secureConnecting === true)
      socket.once(socket.encrypted === true ? 'secureConnect' : 'connect', connected)
    else connected()
  }
  if (request.socket) watch(request.socket)
  else request.once('socket', watch)
}
