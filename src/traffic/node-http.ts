import type { ClientRequest, IncomingMessage } from 'node:http'
import {
  HttpObservation,
  onConnected,
  overrideRequest,
  overrideResponse,
  requests,
} from './client-request-override.ts'
import { overridePrototype } from './client-request-prototype.ts'
import { readClientHead, readUpgrade } from './client-request.ts'
import { hookCreation } from './request-creation.ts'
import type { Exchange, HookOptions, Unhook } from './exchange.ts'
import { Guard } from './guard.ts'
import { findHeader } from './headers.ts'
import { ClientHandshakes } from './websocket-node-http.ts'
import type { SessionHookOptions } from './websocket.ts'

/** A message of one of the channels: the request, and the fields that the channel has. */
interface Message {
  readonly request: ClientRequest
  readonly response: IncomingMessage
  readonly error: unknown
}

/**
 * Observes every request made through `node:http` and `node:https` (axios, got, node-fetch, openai 4), with
 * any agent. Each hop of a redirect and each attempt of a retry is a request of its own. CONNECT, upgrades other than
 * WebSocket handshakes and `node:http2` are not seen.
 *
 * The request is announced by `http.client.request.created` or `.start` (Node 20: the prototype), the head of the response
 * by `http.client.response.finish`. Everything else comes from the methods in `client-request-override.ts`.
 *
 * Spans that others start in a subscriber of `http.client.request.created` or `.start` become children of ours. Those of
 * @opentelemetry/instrumentation-http are started before Node creates the request: see `telemetry/caller-context.ts`.
 *
 * After the returned undo, exchanges of requests in flight get no more events, not even `end`.
 *
 * https://nodejs.org/api/diagnostics_channel.html#http
 */
export function hookNodeHttp(options: HookOptions & SessionHookOptions): Unhook {
  const guard = new Guard(options)
  const handshakes = options.beginSession && new ClientHandshakes(options.beginSession, guard)

  const begin = (request: ClientRequest): Exchange | undefined => {
    if (readUpgrade(request) !== undefined) {
      handshakes?.observe(request)
      return undefined
    }
    const head = request.method === 'CONNECT' ? undefined : readClientHead(request)
    return head && guard.begin(head)
  }

  /** Observes a request the first time that it is seen. */
  const observe = (request: ClientRequest): HttpObservation | undefined => {
    if (requests.find(request) !== undefined) return undefined
    const exchange = guard.attempt('request', begin, request)
    const observation = exchange === undefined ? null : new HttpObservation(exchange, guard)
    requests.attach(request, observation)
    if (observation === null) return undefined
    overrideRequest(request)
    onConnected(request, () => observation.sent())
    return observation
  }

  for (const channel of ['http.client.request.created', 'http.client.request.start']) {
    hookCreation<Message>(
      channel,
      options.nestHttpSpans,
      guard,
      ({ request }) => observe(request) ?? requests.find(request) ?? handshakes?.sessions?.get(request),
    )
  }
  const announce = (request: ClientRequest): HttpObservation | undefined =>
    requests.find(request) === undefined ? guard.attempt('ClientRequest', observe, request) : undefined
  // The prototype may be frozen.
  guard.attempt('prototype', () => overridePrototype(guard, announce))
  // Despite its name it is published when the head of the final response has arrived, before any listener runs.
  guard.subscribe('http.client.response.finish', ({ request, response }: Message) => {
    const observation = requests.find(request)
    if (!observation || observation.ended) return
    const status = response.statusCode ?? 0
    observation.status = status
    observation.responseHead(status, (name) => findHeader(response.rawHeaders, name))
    overrideResponse(response, observation)
  })
  guard.subscribe('http.client.request.error', ({ request, error }: Message) => {
    requests.find(request)?.endEarly(error, false)
  })

  return () => guard.release()
}
