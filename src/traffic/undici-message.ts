/** The messages of undici's channels, and the head of a request in them. */
import { URL } from 'node:url'
import type { RequestHead } from './exchange.ts'
import { findHeader } from './headers.ts'
import { readTarget } from './origin.ts'

/**
 * What undici 5 to 8 publish as `request` on their diagnostics channels, as far as it is used here. The methods that exist
 * show which major version made it; `process.versions.undici` does not, because a process may have several copies.
 */
export interface UndiciRequest {
  readonly method: string
  readonly origin?: unknown
  readonly path: string
  /** A string of lines (5), an object (5, HTTP/2), or an array of names and values (6 and later). */
  readonly headers?: unknown
  readonly host?: unknown
  readonly contentLength?: unknown
  readonly upgrade?: unknown
  readonly onData?: unknown
  readonly onRequestUpgrade?: unknown
}

/** A message of one of undici's channels: the request, and the fields that the channel has. */
export interface UndiciMessage {
  readonly request: UndiciRequest
  readonly socket: unknown
  readonly response: { readonly statusCode: number; readonly headers: unknown }
  readonly chunk: unknown
  readonly error: unknown
}

/** The head of an undici request of any kind, or `undefined` for something unreadable. */
export function readUndiciHead(request: UndiciRequest): RequestHead | undefined {
  const target = readTarget(request.origin, request.path)
  if (target === undefined) return undefined
  // Not the request itself: a deferred call would keep the request, its body and its handlers in memory.
  const { headers, host, contentLength } = request
  return {
    method: request.method.toUpperCase(),
    origin: target.origin,
    path: target.path,
    header(name) {
      // undici removes these two from the list.
      if (name === 'host' && typeof host === 'string') return host
      if (name === 'content-length' && typeof contentLength === 'number') return `${contentLength}`
      return findHeader(headers, name)
    },
  }
}

/**
 * The head with the host of a Host header that the application gave: undici's DNS interceptor connects to an address, and
 * only that header has the name. Without a port in it (undici 6) the port stays. `undefined`: there is no such header.
 */
export function readNamedHead({ host }: UndiciRequest, head: RequestHead): RequestHead | undefined {
  if (typeof host !== 'string') return undefined
  const named = new URL(head.origin)
  named.host = host
  return { ...head, origin: named.origin }
}
