/** A request, read and understood: who sends it, what it asks, and what was ordered to go wrong with it. */
import type { IncomingMessage } from 'node:http'
import type { Accounts, SimulatedKey } from './accounts.ts'
import { matchAccountRoute, type AccountRow } from './account/routes.ts'
import { parseBehaviour, type Behaviour } from './behaviour.ts'
import { Refusal, type JsonObject } from './call.ts'
import { parseFaults, type FaultRules, type Faults } from './faults.ts'
import { parseBody, readBody } from './request-body.ts'
import { matchRoute, type RouteMatch } from './routes.ts'

/** What stands in the head alone. */
export interface Head {
  readonly requestedAt: number
  readonly method: string
  /** With the simulator's own path prefix, if it was sent. */
  readonly url: URL
  /** Without query and prefix. */
  readonly path: string
  readonly key: SimulatedKey | undefined
  readonly tag: string | undefined
  /** As sent, when it is valid; else it is silently dropped. */
  readonly clientRequestId: string | null
  readonly idempotencyKey: string | undefined
}

export interface Incoming extends Head {
  readonly route: RouteMatch | undefined
  readonly accountRow: AccountRow | undefined
  readonly body: JsonObject
  readonly sizeBytes: number
  readonly modelName: string | undefined
  readonly behaviour: Behaviour
  readonly faults: Faults
  /** The request cannot be understood: its body, or an order for the simulator. */
  readonly refusal: Refusal | undefined
}

const CLIENT_REQUEST_ID = /^[A-Za-z0-9._:-]{1,128}$/

function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name]
  return Array.isArray(value) ? value.join(', ') : value
}

function secretOf(request: IncomingMessage): string {
  const bearer = /^(?:Bearer|Token)\s+(?<key>\S+)$/i.exec(headerOf(request, 'authorization') ?? '')?.groups?.[
    'key'
  ]
  // Of browsers, which can set no header of a WebSocket.
  const protocols = headerOf(request, 'sec-websocket-protocol') ?? ''
  const subprotocol = /(?:^|[\s,])openai-insecure-api-key\.(?<key>[^\s,]+)/.exec(protocols)?.groups?.['key']
  const header = ['x-api-key', 'api-key', 'x-goog-api-key']
    .map((name) => headerOf(request, name))
    .find((value) => value !== undefined)
  return bearer ?? header ?? subprotocol ?? ''
}

export function readHead(
  request: IncomingMessage,
  accounts: Accounts,
  pathPrefix: string,
  requestedAt: number,
): Head {
  // Two slashes at the beginning, as Google's SDK sends them, would be a host.
  const url = new URL((request.url ?? '/').replace(/^\/{2,}/, '/'), 'http://simulator')
  const prefixed = pathPrefix !== '' && url.pathname.startsWith(`${pathPrefix}/`)
  const sentId = headerOf(request, 'x-client-request-id')
  return {
    requestedAt,
    method: request.method ?? 'GET',
    url,
    path: prefixed ? url.pathname.slice(pathPrefix.length) : url.pathname,
    key: accounts.byKey(secretOf(request)),
    tag: headerOf(request, 'x-sim-tag'),
    idempotencyKey: headerOf(request, 'idempotency-key'),
    clientRequestId: sentId !== undefined && CLIENT_REQUEST_ID.test(sentId) ? sentId : null,
  }
}

/** Rejects when the client leaves before the body is complete. */
export async function readIncoming(
  request: IncomingMessage,
  head: Head,
  defaults: Behaviour,
  rules: FaultRules,
): Promise<Incoming> {
  const { method, path, key, tag } = head
  const bytes = await readBody(request)
  let body: JsonObject = {}
  let refusal: Refusal | undefined
  try {
    body = parseBody(bytes, headerOf(request, 'content-type'))
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    refusal = error
  }
  const route = matchRoute(method, path)
  const named = typeof body['model'] === 'string' ? body['model'] : undefined
  const modelName = route?.parameters['model'] ?? named

  const ordered = parseFaults(headerOf(request, 'x-sim-fault'))
  if (typeof ordered === 'string') refusal = new Refusal(400, `x-sim-fault: ${ordered}`)
  const behaviour = parseBehaviour(headerOf(request, 'x-sim-options'), defaults)
  if (typeof behaviour === 'string') refusal = new Refusal(400, `x-sim-options: ${behaviour}`)
  const { clientRequestId } = head
  const account = key?.account.name
  const byRule = rules.hit({ method, path, model: modelName, account, tag, clientRequestId })
  return {
    ...head,
    route,
    accountRow: route === undefined ? matchAccountRoute(method, path) : undefined,
    body,
    sizeBytes: bytes.length,
    modelName,
    behaviour: typeof behaviour === 'string' ? defaults : behaviour,
    faults: typeof ordered === 'string' ? byRule : { ...byRule, ...ordered },
    refusal,
  }
}
