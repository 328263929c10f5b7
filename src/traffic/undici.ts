import { findCallerContext } from './async-context.ts'
import { toBytes } from './bytes.ts'
import { subscribe } from './channels.ts'
import { hookCreation, type Nest } from './request-creation.ts'
import { rememberDispatches } from './dispatch-context.ts'
import { errorType } from './error-type.ts'
import type { HookOptions, Unhook } from './exchange.ts'
import { createGuard } from './guard.ts'
import { findHeader } from './headers.ts'
import { readRequestHead, type UndiciRequest } from './undici-message.ts'
import { findObservation } from './undici-observation.ts'
import { observeRequest } from './undici-override.ts'
import type { SocketSession } from './websocket-session.ts'
import { UndiciHandshakes } from './websocket-undici.ts'
import type { SessionHookOptions } from './websocket.ts'

interface RequestMessage {
  readonly request: UndiciRequest
}

interface ChunkMessage extends RequestMessage {
  readonly chunk: unknown
}

interface SendHeadersMessage extends RequestMessage {
  readonly socket: unknown
}

interface HeadersMessage extends RequestMessage {
  readonly response: { readonly statusCode: number; readonly headers: unknown }
}

interface ErrorMessage extends RequestMessage {
  readonly error: unknown
}

/**
 * Observes every request made through undici: the global `fetch` and any copy of the npm package, 5 to 8,
 * with any dispatcher, whenever it was loaded. Each attempt of a retry and each hop of a redirect is a request
 * of its own. CONNECT, upgrades other than WebSocket handshakes, and mocked dispatchers are not seen.
 *
 * After the returned undo, requests in flight continue, and their exchanges get no more events, not even `end`: the
 * caller closes the calls that are still open.
 *
 * https://github.com/nodejs/undici/blob/main/docs/docs/api/DiagnosticsChannel.md
 */
export function hookUndici(options: HookOptions & SessionHookOptions): Unhook {
  const guard = createGuard(options)
  const dispatches = rememberDispatches(guard)
  const undo: Unhook[] = [dispatches.undo]
  const handshakes = options.beginSession && new UndiciHandshakes(options.beginSession, guard)
  let observesChunks = false

  const on = <Message>(channel: string, subscriber: (message: Message) => void): void => {
    undo.push(subscribe(channel, guard.subscriber(channel, subscriber)))
  }

  const observe = (request: UndiciRequest): Nest | undefined => {
    if (request.upgrade === 'websocket') return handshakes && observeHandshake(request, handshakes)
    if (findObservation(request) !== undefined) return undefined
    dispatches.followGlobal()
    const head = readRequestHead(request)
    if (head === undefined) return undefined
    const runInContext = findCallerContext(request) ?? dispatches.current()
    const exchange = runInContext === undefined ? guard.begin(head) : runInContext(() => guard.begin(head))
    if (exchange === undefined) return undefined
    if (!observeRequest(request, exchange).byMethods) observeChunks()
    return exchange
  }

  const observeHandshake = (
    request: UndiciRequest,
    sessions: UndiciHandshakes,
  ): SocketSession | undefined => {
    dispatches.followGlobal()
    const runInContext = findCallerContext(request) ?? dispatches.current()
    return runInContext === undefined
      ? sessions.observe(request)
      : runInContext(() => sessions.observe(request))
  }

  /**
   * Called for the first request whose body does not come by the overridden methods. Not earlier: a subscription costs
   * about 10 ns for every chunk of the process.
   */
  const observeChunks = (): void => {
    if (observesChunks) return
    observesChunks = true
    on<ChunkMessage>('undici:request:bodyChunkReceived', ({ request, chunk }) => {
      const observation = findObservation(request)
      if (observation !== undefined && !observation.byMethods)
        observation.exchange.responseChunk(toBytes(chunk))
    })
    on<ChunkMessage>('undici:request:bodyChunkSent', ({ request, chunk }) => {
      const observation = findObservation(request)
      if (observation !== undefined && !observation.byMethods) observation.bodySent(chunk)
    })
  }

  guard.attempt('dispatch', dispatches.followGlobal)
  undo.push(
    hookCreation<RequestMessage>('undici:request:create', options.nestHttpSpans, guard, ({ request }) =>
      observe(request),
    ),
  )
  on<SendHeadersMessage>('undici:client:sendHeaders', ({ request, socket }) => {
    const observation = findObservation(request)
    if (observation === undefined) return
    observation.startBody()
    dispatches.followSocket(request, socket)
  })
  on<HeadersMessage>('undici:request:headers', ({ request, response }) => {
    const observation = findObservation(request)
    if (observation === undefined || response.statusCode < 200) return
    observation.exchange.responseHead(response.statusCode, (name) => findHeader(response.headers, name))
  })
  on<RequestMessage>('undici:request:trailers', ({ request }) => end(request))
  on<ErrorMessage>('undici:request:error', ({ request, error }) => end(request, { error }))

  return () => {
    guard.release()
    handshakes?.release()
    for (const step of undo.splice(0)) step()
  }
}

function end(request: UndiciRequest, failure?: { readonly error: unknown }): void {
  const observation = findObservation(request)
  if (observation === undefined) return
  // An error may follow the trailers (a retried 503): the guard passes on the first of the two.
  if (failure === undefined) observation.exchange.end()
  else observation.exchange.end(errorType(failure.error, observation.cancelled))
}
