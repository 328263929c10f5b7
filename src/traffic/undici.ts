import { findCallerContext, rememberDispatches } from './async-context.ts'
import { toBytes } from './bytes.ts'
import { hookCreation, type Nest } from './request-creation.ts'
import { errorType } from './error-type.ts'
import type { HookOptions, Unhook } from './exchange.ts'
import { Guard } from './guard.ts'
import { findHeader } from './headers.ts'
import { readNamedHead, readUndiciHead, type UndiciMessage } from './undici-message.ts'
import { findObservation, observeRequest } from './undici-override.ts'
import { UndiciHandshakes } from './websocket-undici.ts'
import type { SessionHookOptions } from './websocket.ts'

/**
 * Observes every request made through undici: the global `fetch` and any copy of the npm package, 5 to 8,
 * with any dispatcher, whenever it was loaded. Each attempt of a retry and each hop of a redirect is a request
 * of its own. CONNECT, upgrades other than WebSocket handshakes, and mocked dispatchers are not seen.
 *
 * Channels tell of everything but the bytes of bodies, which come from the methods in `undici-override.ts` (undici 5 to 7).
 *
 * After the returned undo, exchanges of requests in flight get no more events, not even `end`.
 *
 * https://github.com/nodejs/undici/blob/main/docs/docs/api/DiagnosticsChannel.md
 */
export function hookUndici(options: HookOptions & SessionHookOptions): Unhook {
  const guard = new Guard(options)
  const dispatches = rememberDispatches(guard)
  const handshakes = options.beginSession && new UndiciHandshakes(options.beginSession, guard)
  let observesChunks = false

  const observe = ({ request }: UndiciMessage): Nest | undefined => {
    if (findObservation(request) !== undefined) return undefined
    dispatches.followGlobal()
    const runInContext = findCallerContext(request) ?? dispatches.current()
    if (request.upgrade === 'websocket')
      return runInContext ? runInContext(() => handshakes?.observe(request)) : handshakes?.observe(request)
    const head = request.method === 'CONNECT' || request.upgrade ? undefined : readUndiciHead(request)
    if (head === undefined) return undefined
    let exchange = guard.begin(head, runInContext)
    if (exchange === undefined) {
      const named = readNamedHead(request, head)
      exchange = named && guard.begin(named, runInContext)
    }
    if (exchange === undefined) return undefined
    const observation = observeRequest(request, exchange, guard)
    if (!observation.byMethods) observeChunks()
    return observation
  }

  /** With the first request that needs it: a subscription costs about 10 ns for every chunk of the process. */
  const observeChunks = (): void => {
    if (observesChunks) return
    observesChunks = true
    guard.subscribe('undici:request:bodyChunkReceived', ({ request, chunk }: UndiciMessage) => {
      const observation = findObservation(request)
      if (observation?.byMethods === false) observation.responseChunk(toBytes(chunk))
    })
    guard.subscribe('undici:request:bodyChunkSent', ({ request, chunk }: UndiciMessage) => {
      const observation = findObservation(request)
      if (observation?.byMethods === false) observation.bodySent(chunk)
    })
  }

  guard.attempt('dispatch', dispatches.followGlobal)
  hookCreation('undici:request:create', options.nestHttpSpans, guard, observe)
  guard.subscribe('undici:client:sendHeaders', ({ request, socket }: UndiciMessage) => {
    const observation = findObservation(request)
    if (observation === undefined) return
    observation.headWritten()
    dispatches.followSocket(request, socket)
  })
  guard.subscribe('undici:request:headers', ({ request, response }: UndiciMessage) => {
    if (response.statusCode < 200) return
    findObservation(request)?.responseHead(response.statusCode, (name) => findHeader(response.headers, name))
  })
  // An error may follow the trailers (a retried 503): the guard passes on the first of the two.
  guard.subscribe('undici:request:trailers', ({ request }: UndiciMessage) => findObservation(request)?.end())
  guard.subscribe('undici:request:error', ({ request, error }: UndiciMessage) => {
    const observation = findObservation(request)
    observation?.end(errorType(error, observation.cancelled))
  })

  return () => guard.release()
}
