/**
 * Unofficial. node:http has no channel for body bytes. The methods by which bytes pass are overridden as own
 * properties of the one request and the one response that are observed; nothing shared is touched.
 *
 * No 'data', 'end' or 'response' listener is ever added: a 'data' listener would switch the response to
 * flowing, a 'response' listener would stop Node from discarding the responses that nobody listens to. No
 * 'error' listener either: it would swallow the application's uncaught errors.
 *
 * Measured on Node 20.20, 22.23, 24.21 and 26.10; `test/integration/traffic-node-http.test.ts` compares every
 * byte, and so notices when a version stops calling these.
 */
import type { ClientRequest, IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { toBytes } from './bytes.ts'
import type { GuardedExchange } from './guard.ts'

type Method = (this: unknown, ...args: unknown[]) => unknown

/** Feeds the exchange with the request's body as the application writes it. */
export function overrideWrite(request: ClientRequest, exchange: GuardedExchange): void {
  for (const name of ['write', 'end'] as const) {
    override(
      request,
      name,
      (original) =>
        function (this: unknown, chunk: unknown, encoding: unknown) {
          feedWritten(exchange, chunk, encoding)
          return Reflect.apply(original, this, arguments)
        },
    )
  }
}

/** Takes the first arguments of `write` and `end`, either of which may be the callback instead. */
export function feedWritten(exchange: GuardedExchange, chunk: unknown, encoding: unknown): void {
  if (exchange.ended || typeof chunk === 'function' || chunk === undefined || chunk === null) return
  const bytes = toBytes(chunk, encoding)
  if (bytes.byteLength > 0) exchange.requestChunk(bytes)
}

/**
 * Tells when the application ends the request: `destroy`, `abort`, a signal. Node itself never calls
 * `destroy` on a client request for a failure of the connection.
 */
export function overrideDestroy(request: ClientRequest, onDestroy: (reason: unknown) => void): void {
  override(
    request,
    'destroy',
    (original) =>
      function (this: unknown, reason: unknown) {
        if (!request.destroyed) onDestroy(reason)
        return Reflect.apply(original, this, arguments)
      },
  )
}

/** Tells when the request has a connection to be written to: a request is buffered while its socket connects. */
export function onConnected(request: ClientRequest, connected: () => void): void {
  const watch = (socket: Socket): void => {
    const secure = (socket as Partial<TLSSocket>).encrypted === true
    const { connecting } = socket
    const handshaking =
      secure && (socket as { readonly secureConnecting?: boolean }).secureConnecting === true
    if (connecting || handshaking) socket.once(secure ? 'secureConnect' : 'connect', connected)
    else connected()
  }
  if (request.socket) watch(request.socket)
  else request.once('socket', watch)
}

/**
 * Feeds the exchange with the response's raw bytes, and tells how it ended: whole, or destroyed before the
 * last byte. `destroyed` may come before the end of the stream (redirects of axios) and also after it.
 */
export function overrideResponse(
  response: IncomingMessage,
  exchange: GuardedExchange,
  destroyed: (reason: unknown) => void,
): void {
  override(
    response,
    'push',
    (original) =>
      function (this: unknown, chunk: unknown, encoding: unknown) {
        if (chunk === null) {
          // Without `complete` the connection was cut; `_destroy` has more to say about it.
          if (response.complete) exchange.end()
        } else if (!exchange.ended) {
          exchange.responseChunk(toBytes(chunk, encoding))
        }
        return Reflect.apply(original, this, arguments)
      },
  )
  override(
    response,
    '_destroy',
    (original) =>
      function (this: unknown, reason: unknown) {
        destroyed(reason)
        return Reflect.apply(original, this, arguments)
      },
  )
}

function override<Target extends object>(
  target: Target,
  name: keyof Target & string,
  wrap: (original: Method) => Method,
): void {
  const value = wrap(target[name] as Method)
  Object.defineProperty(target, name, { value, configurable: true, enumerable: false, writable: true })
}
