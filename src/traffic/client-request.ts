/** Reads the head of a request of node:http. */
import type { ClientRequest } from 'node:http'
import type { RequestHead } from './exchange.ts'
import { findHeader, toHeaderText } from './headers.ts'
import { readTarget } from './origin.ts'

/** The protocol that a request asks for instead of HTTP, e.g. `websocket`. */
export function readUpgrade(request: ClientRequest): string | undefined {
  return findClientHeader(request, 'upgrade')
}

/** The head of a node:http(s) request of any kind, or `undefined` for something unreadable. */
export function readClientHead(request: ClientRequest): RequestHead | undefined {
  // Only the Host header, which Node builds from the options, has the port.
  const authority = findClientHeader(request, 'host') ?? request.host
  const target = readTarget(`${request.protocol}//${authority}`, request.path)
  if (target === undefined) return undefined
  return {
    method: request.method,
    origin: target.origin,
    path: target.path,
    header: (name) => findClientHeader(request, name),
  }
}

function findClientHeader(request: ClientRequest, name: string): string | undefined {
  const value = request.getHeader(name)
  if (value !== undefined) return toHeaderText(value)
  // Headers given as an array are written out at once, and getHeader does not know them. All others it does know.
  const text: unknown = Reflect.get(request, '_header')
  if (typeof text !== 'string' || request.getHeaderNames().length > 0) return undefined
  return findHeader(text.slice(text.indexOf('\r\n') + 2), name)
}
