import type { ClientRequest, IncomingMessage } from 'node:http'
import { createAttachment } from './attachment.ts'
import {
  onConnected,
  overrideRequest,
  overrideResponse,
  type HttpObservation,
} from './client-request-override.ts'
import { hasCreatedChannel, overridePrototype } from './client-request-prototype.ts'
import { readClientHead, readUpgrade } from './client-request.ts'
import { hookCreation } from './request-creation.ts'
import { errorType } from './error-type.ts'
import type { HookOptions, Unhook } from './exchange.ts'
import { Guard, type GuardedExchange } from './guard.ts'
import { findHeader } from './headers.ts'
import { ClientHandshakes } from './websocket-node-http.ts'
import type { SessionHookOptions } from './websocket.ts'

/** One observed request. */
class Observed implements HttpObservation {
  readonly exchange: GuardedExchange
  status: number | undefined

  constructor(exchange: GuardedExchange) {
    this.exchange = exchange
  }

  /** The response was not received completely. Clients drop the body of a redirect, which is no failure. */
  endEarly(reason: unknown, cancelled: boolean): void {
    const { exchange, status } = this
    const redirected = cancelled && status !== undefined && status >= 300 && status < 400
    exchange.end(redirected ? undefined : errorType(reason, cancelled))
  }
}

/** A message of one of the channels: the request, and the fields that the channel has. */
interface Message {
  readonly request: ClientRequest
  readonly response: IncomingMessage
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
 * `http.request` instead, and has started its span and made it active before Node creates the request: see
 * `telemetry/caller-context.ts`.
 *
 * After the returned undo, requests in flight continue, and their exchanges get no more events, not even `end`: the
 * caller closes the calls that are still open.
 *
 * https://nodejs.org/api/diagnostics_channel.html#http
 */
export function hookNodeHttp(options: HookOptions & SessionHookOptions): Unhook {
  const guard = new Guard(options)
  /** One entry for every request that `begin` was called for; `null` when the request is not observed. */
  const seen = createAttachment<Observed | null>()
  const handshakes = options.beginSession && new ClientHandshakes(options.beginSession, guard)

  const begin = (request: ClientRequest): GuardedExchange | undefined => {
    if (readUpgrade(request) !== undefined) {
      handshakes?.observe(request)
      return undefined
    }
    const head = request.method === 'CONNECT' ? undefined : readClientHead(request)
    return head && guard.begin(head)
  }

  const observe = (request: ClientRequest): GuardedExchange | undefined => {
    if (seen.find(request) !== undefined) return undefined
    const exchange = guard.attempt('request', begin, request)
    const observed = exchange === undefined ? null : new Observed(exchange)
    seen.attach(request, observed)
    if (observed === null) return undefined
    overrideRequest(request, observed)
    onConnected(request, () => observed.exchange.sent())
    return exchange
  }

  const undo: Unhook[] = ['http.client.request.created', 'http.client.request.start'].map((channel) =>
    hookCreation<Message>(
      channel,
      options.nestHttpSpans,
      guard,
      ({ request }) => observe(request) ?? seen.find(request)?.exchange ?? handshakes?.sessions?.get(request),
    ),
  )
  if (!hasCreatedChannel()) {
    undo.push(
      overridePrototype((request) =>
        seen.find(request) === undefined ? guard.attempt('ClientRequest', observe, request) : undefined,
      ),
    )
  }

  const on = (channel: string, subscriber: (message: Message) => void): void => {
    undo.push(guard.subscribe(channel, subscriber))
  }
  // Despite its name it is published when the head of the final response has arrived, before any listener runs.
  on('http.client.response.finish', ({ request, response }) => {
    const observed = seen.find(request)
    if (!observed || observed.exchange.ended) return
    const { exchange } = observed
    const status = response.statusCode ?? 0
    observed.status = status
    exchange.responseHead(status, (name) => findHeader(response.rawHeaders, name))
    overrideResponse(response, observed)
  })
  on('http.client.request.error', ({ request, error }) => {
    seen.find(request)?.endEarly(error, false)
  })

  return () => {
    guard.release()
    handshakes?.release()
    for (const step of undo.splice(0)) step()
  }
}
