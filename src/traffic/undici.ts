import { findCallerContext } from './async-context.ts'
import { toBytes } from './bytes.ts'
import { subscribe } from './channels.ts'
import { hookCreation } from './creation.ts'
import { rememberDispatches } from './dispatch-context.ts'
import { errorType } from './error-type.ts'
import type { HookOptions, Unhook } from './exchange.ts'
import { createGuard, type GuardedExchange } from './guard.ts'
import { findHeader } from './headers.ts'
import { RequestBody } from './request-body.ts'
import { readRequestHead, type UndiciRequest } from './undici-message.ts'
import { hasBodyMethods, overrideAbort, overrideBody } from './undici-override.ts'

interface Observed {
  readonly exchange: GuardedExchange
  readonly requestBody: RequestBody
  /** Body bytes come from the request's own methods; the chunk channels, which may exist as well, are ignored. */
  readonly byMethods: boolean
  cancelled: boolean
}

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
 * of its own. CONNECT, upgrades and mocked dispatchers are not seen.
 *
 * After the returned undo, requests in flight go on unharmed and their exchanges hear nothing more, no `end`
 * either: whoever unhooks closes what it still holds open.
 *
 * https://github.com/nodejs/undici/blob/main/docs/docs/api/DiagnosticsChannel.md
 */
export function hookUndici(options: HookOptions): Unhook {
  const guard = createGuard(options)
  const observations = new WeakMap<UndiciRequest, Observed>()
  const dispatches = rememberDispatches(guard)
  const undo: Unhook[] = [dispatches.undo]
  let observesChunks = false

  const on = <Message>(channel: string, subscriber: (message: Message) => void): void => {
    undo.push(subscribe(channel, guard.subscriber(channel, subscriber)))
  }

  const observe = (request: UndiciRequest): GuardedExchange | undefined => {
    dispatches.followGlobal()
    const head = readRequestHead(request)
    if (head === undefined) return undefined
    const runInContext = findCallerContext(request) ?? dispatches.current()
    const exchange = runInContext === undefined ? guard.begin(head) : runInContext(() => guard.begin(head))
    if (exchange === undefined) return undefined
    const requestBody = new RequestBody(exchange)
    const observed: Observed = { exchange, requestBody, byMethods: hasBodyMethods(request), cancelled: false }
    observations.set(request, observed)
    overrideAbort(request, () => {
      observed.cancelled = true
    })
    if (observed.byMethods) overrideBody(request, requestBody, exchange)
    else observeChunks()
    return exchange
  }

  /** Only once such a request was seen: a subscription costs about 10 ns for every chunk of the process. */
  const observeChunks = (): void => {
    if (observesChunks) return
    observesChunks = true
    on<ChunkMessage>('undici:request:bodyChunkReceived', ({ request, chunk }) => {
      const observed = observations.get(request)
      if (observed !== undefined && !observed.byMethods) observed.exchange.responseChunk(toBytes(chunk))
    })
    on<ChunkMessage>('undici:request:bodyChunkSent', ({ request, chunk }) => {
      const observed = observations.get(request)
      if (observed !== undefined && !observed.byMethods) observed.requestBody.sent(chunk)
    })
  }

  const end = (request: UndiciRequest, failure?: { readonly error: unknown }): void => {
    const observed = observations.get(request)
    if (observed === undefined) return
    // An error may follow the trailers (a retried 503): the exchange hears of the first one only.
    if (failure === undefined) observed.exchange.end()
    else observed.exchange.end(errorType(failure.error, observed.cancelled))
  }

  guard.attempt('dispatch', dispatches.followGlobal)
  undo.push(
    hookCreation<RequestMessage>('undici:request:create', options.nestHttpSpans, guard, ({ request }) =>
      observe(request),
    ),
  )
  on<SendHeadersMessage>('undici:client:sendHeaders', ({ request, socket }) => {
    const observed = observations.get(request)
    if (observed === undefined) return
    observed.exchange.sent()
    observed.requestBody.start()
    dispatches.followSocket(request, socket)
  })
  on<HeadersMessage>('undici:request:headers', ({ request, response }) => {
    const observed = observations.get(request)
    if (observed === undefined || response.statusCode < 200) return
    observed.exchange.responseHead(response.statusCode, (name) => findHeader(response.headers, name))
  })
  on<RequestMessage>('undici:request:trailers', ({ request }) => end(request))
  on<ErrorMessage>('undici:request:error', ({ request, error }) => end(request, { error }))

  return () => {
    guard.release()
    for (const step of undo.splice(0)) step()
  }
}
