import type { ClientRequest, IncomingMessage } from 'node:http'
import { subscribe } from './channels.ts'
import { onConnected, overrideDestroy, overrideResponse, overrideWrite } from './client-request-override.ts'
import { hasCreatedChannel, overridePrototype } from './client-request-prototype.ts'
import { readClientRequestHead } from './client-request.ts'
import { hookCreation } from './creation.ts'
import { errorType } from './error-type.ts'
import type { HookOptions, Unhook } from './exchange.ts'
import { createGuard, type GuardedExchange } from './guard.ts'
import { findHeader } from './headers.ts'
import { ClientHandshakes } from './websocket-node-http.ts'
import type { SessionHookOptions } from './websocket.ts'

interface Observed {
  readonly exchange: GuardedExchange
  status?: number
}

interface RequestMessage {
  readonly request: ClientRequest
}

interface ResponseMessage extends RequestMessage {
  readonly response: IncomingMessage
}

interface ErrorMessage extends RequestMessage {
  readonly error: unknown
}

/**
 * Observes every request made through `node:http` and `node:https` (axios, got, node-fetch, openai 4), with
 * any agent. undici does not use them, so no call is seen by both hooks. Each hop of a redirect and each
 * attempt of a retry is a request of its own. CONNECT and upgrades other than WebSocket handshakes are not seen, nor
 * is `node:http2`.
 *
 * Other instrumentations' spans: what they start in a subscriber of `http.client.request.created` or
 * `.start` becomes a child of ours. @opentelemetry/instrumentation-http (measured: 0.223) wraps
 * `http.request` instead and has started its span, and made it active, before Node creates the request: see
 * `telemetry/caller-context.ts`.
 *
 * After the returned undo, requests in flight go on unharmed and their exchanges hear nothing more, no `end`
 * either: whoever unhooks closes what it still holds open.
 *
 * https://nodejs.org/api/diagnostics_channel.html#http
 */
export function hookNodeHttp(options: HookOptions & SessionHookOptions): Unhook {
  const guard = createGuard(options)
  /** Every request that was asked about; `null` for those that are not observed. */
  const seen = new WeakMap<ClientRequest, Observed | null>()
  const handshakes = options.beginSession && new ClientHandshakes(options.beginSession, guard)

  const observe = (request: ClientRequest): GuardedExchange | undefined => {
    if (seen.has(request)) return undefined
    seen.set(request, null)
    const head = readClientRequestHead(request)
    if (head === undefined) {
      handshakes?.observe(request)
      return undefined
    }
    const exchange = guard.begin(head)
    if (exchange === undefined) return undefined
    const observed: Observed = { exchange }
    seen.set(request, observed)
    overrideWrite(request, exchange)
    overrideDestroy(request, (reason) => endEarly(observed, reason, true))
    onConnected(request, () => exchange.sent())
    return exchange
  }

  const undo: Unhook[] = ['http.client.request.created', 'http.client.request.start'].map((channel) =>
    hookCreation<RequestMessage>(
      channel,
      options.nestHttpSpans,
      guard,
      ({ request }) => observe(request) ?? seen.get(request)?.exchange ?? handshakes?.find(request),
    ),
  )
  if (!hasCreatedChannel()) {
    undo.push(
      overridePrototype((request) =>
        seen.has(request) ? undefined : guard.attempt('ClientRequest', () => observe(request)),
      ),
    )
  }

  const on = <Message>(channel: string, subscriber: (message: Message) => void): void => {
    undo.push(subscribe(channel, guard.subscriber(channel, subscriber)))
  }
  // Despite its name it is published when the head of the final response is there, before any listener.
  on<ResponseMessage>('http.client.response.finish', ({ request, response }) => {
    const observed = seen.get(request)
    if (!observed || observed.exchange.ended) return
    const { exchange } = observed
    const status = response.statusCode ?? 0
    observed.status = status
    exchange.responseHead(status, (name) => findHeader(response.rawHeaders, name))
    overrideResponse(response, exchange, (reason) => {
      // A connection that broke is destroyed by now; one that the application gives up is not.
      endEarly(observed, reason, response.socket?.destroyed === false)
    })
  })
  on<ErrorMessage>('http.client.request.error', ({ request, error }) => {
    const observed = seen.get(request)
    if (observed) endEarly(observed, error, false)
  })

  return () => {
    guard.release()
    handshakes?.release()
    for (const step of undo.splice(0)) step()
  }
}

/** The response was not received to its last byte. Clients drop the body of a redirect: nothing failed there. */
function endEarly({ exchange, status }: Observed, reason: unknown, cancelled: boolean): void {
  const redirected = cancelled && status !== undefined && status >= 300 && status < 400
  exchange.end(redirected ? undefined : errorType(reason, cancelled))
}
