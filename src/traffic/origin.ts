/** The origin and path of a request's URL. */
// The global one may be replaced, such as by a DOM in tests.
import { URL } from 'node:url'
import type { RequestHead } from './exchange.ts'

/** Parsing a URL costs more than everything else that is done for a foreign request, and a service has few hosts. */
const maxOrigins = 64
const origins = new Map<string, string>()

/** The dot at the end of a host, which keeps a resolver from trying search domains, names the same host. */
const finalDot = /\.(?=:\d+$|$)/

/** Scheme, host and port in the URL standard's spelling, default ports left out; `undefined` if it is no URL. */
export function normalizeOrigin(origin: unknown): string | undefined {
  const spelling = String(origin)
  const known = origins.get(spelling)
  if (known !== undefined) return known
  if (!URL.canParse(spelling)) return undefined
  const normalized = new URL(spelling).origin.replace(finalDot, '')
  if (origins.size >= maxOrigins) origins.clear()
  origins.set(spelling, normalized)
  return normalized
}

const absoluteUrl = /^(https?:\/\/[^/?#]+)([^#]*)/i

/** Origin and path of the target. With a path in absolute form (HTTP through a proxy), `origin` may be the proxy's. */
export function readTarget(origin: unknown, path: string): Pick<RequestHead, 'origin' | 'path'> | undefined {
  if (path.startsWith('/')) {
    const normalized = normalizeOrigin(origin)
    return normalized === undefined ? undefined : { origin: normalized, path }
  }
  const [, ownOrigin, rest = ''] = absoluteUrl.exec(path) ?? []
  // `*` of OPTIONS and the like: no path of an API.
  if (ownOrigin === undefined) return undefined
  return readTarget(ownOrigin, rest.startsWith('/') ? rest : `/${rest}`)
}
