import type { HeaderLookup, RequestHead } from './exchange.ts'

/**
 * What undici 5 to 8 publish as `request` on their diagnostics channels, as far as it is used here. Which
 * of the methods exist tells which generation made it; `process.versions.undici` does not, because a global
 * fetch may be served by any copy through `setGlobalDispatcher`.
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
  onConnect?: unknown
  onRequestStart?: unknown
  onData?: unknown
  onBodySent?: unknown
}

/** The head of an undici request, or `undefined` for a tunnel, an upgrade or something unreadable. */
export function readRequestHead(request: UndiciRequest): RequestHead | undefined {
  if (request.method === 'CONNECT' || request.upgrade) return undefined
  const target = readTarget(request)
  if (target === undefined) return undefined
  return {
    method: request.method.toUpperCase(),
    origin: target.origin,
    path: target.path,
    header: (name) => findRequestHeader(request, name),
  }
}

/** An absolute URL as path is a plain HTTP request by way of a proxy: then `origin` is the proxy (7 and 8). */
function readTarget(request: UndiciRequest): { origin: string; path: string } | undefined {
  const { path } = request
  if (path.startsWith('/')) {
    const origin = normalizeOrigin(request.origin)
    return origin === undefined ? undefined : { origin, path }
  }
  return readAbsoluteTarget(path)
}

const absoluteUrl = /^(https?:\/\/[^/?#]+)([^#]*)/i

/** Origin and path of a request target in absolute form, the path as sent. */
export function readAbsoluteTarget(url: string): { origin: string; path: string } | undefined {
  const match = absoluteUrl.exec(url)
  if (match === null) return undefined
  const [, head, rest] = match
  const origin = normalizeOrigin(head)
  if (origin === undefined || rest === undefined) return undefined
  return { origin, path: rest.startsWith('/') ? rest : `/${rest}` }
}

/** Parsing a URL costs more than everything else that is done for a foreign request; hosts are few. */
const maxOrigins = 64
const origins = new Map<string, string | undefined>()

/** Scheme, host and port in the URL standard's spelling, default ports left out. */
export function normalizeOrigin(origin: unknown): string | undefined {
  if (origin instanceof URL) return origin.origin
  const spelling = String(origin)
  const known = origins.get(spelling)
  if (known !== undefined) return known
  const parsed = URL.canParse(spelling) ? new URL(spelling).origin : undefined
  if (origins.size >= maxOrigins) origins.clear()
  origins.set(spelling, parsed)
  return parsed
}

function findRequestHeader(request: UndiciRequest, name: string): string | undefined {
  // undici takes these two out of the list.
  if (name === 'host' && typeof request.host === 'string') return request.host
  if (name === 'content-length' && typeof request.contentLength === 'number')
    return `${request.contentLength}`
  return findHeader(request.headers, name)
}

/** Looks one header up in any of undici's forms, without reading the others. */
function findHeader(headers: unknown, name: string): string | undefined {
  let found: string | undefined
  forEachHeader(headers, (key, value) => {
    if (key.length !== name.length || key.toLowerCase() !== name) return
    const text = toText(value)
    found = found === undefined ? text : `${found}, ${text}`
  })
  return found
}

/**
 * The headers of a response, read at once: the buffers they stand in are the connection's own, and the
 * application may overwrite or transfer them together with the first bytes of the body.
 */
export function readResponseHeaders(headers: unknown): HeaderLookup {
  const values = new Map<string, string>()
  forEachHeader(headers, (key, value) => {
    const name = key.toLowerCase()
    const text = toText(value)
    const before = values.get(name)
    values.set(name, before === undefined ? text : `${before}, ${text}`)
  })
  return (name) => values.get(name)
}

/** Buffers or strings in pairs, lines in one string, or an object (HTTP/2 of undici 5 and 8). */
function forEachHeader(headers: unknown, visit: (name: string, value: unknown) => void): void {
  if (Array.isArray(headers)) {
    for (let index = 0; index + 1 < headers.length; index += 2)
      visit(toText(headers[index]), headers[index + 1])
  } else if (typeof headers === 'string') {
    for (const line of headers.split('\r\n')) {
      const colon = line.indexOf(':')
      if (colon > 0) visit(line.slice(0, colon), line.slice(colon + 1).trim())
    }
  } else if (typeof headers === 'object' && headers !== null) {
    for (const [name, value] of Object.entries(headers)) visit(name, value)
  }
}

function toText(value: unknown): string {
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.map(toText).join(', ')
  if (Buffer.isBuffer(value)) return value.toString('latin1')
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1')
  return String(value)
}
