/** Where a request goes: the target's own origin, and path with query as sent. */
export interface Target {
  readonly origin: string
  readonly path: string
}

/** Parsing a URL costs more than all else that is done for a foreign request; the hosts of a service are few. */
const maxOrigins = 64
const origins = new Map<string, string | undefined>()

/** Scheme, host and port in the URL standard's spelling, default ports left out; `undefined` if it is no URL. */
export function normalizeOrigin(origin: unknown): string | undefined {
  if (origin instanceof URL) return origin.origin
  const spelling = String(origin)
  if (origins.has(spelling)) return origins.get(spelling)
  const normalized = URL.canParse(spelling) ? new URL(spelling).origin : undefined
  if (origins.size >= maxOrigins) origins.clear()
  origins.set(spelling, normalized)
  return normalized
}

const absoluteUrl = /^(https?:\/\/[^/?#]+)([^#]*)/i

/**
 * Where a request line leads. A path in absolute form is a plain HTTP request by way of a proxy, and then
 * `origin` may be the proxy's.
 */
export function readTarget(origin: unknown, path: string): Target | undefined {
  const [, absoluteOrigin, rest] = path.startsWith('/') ? [] : (absoluteUrl.exec(path) ?? [])
  const normalized = normalizeOrigin(absoluteOrigin ?? origin)
  if (normalized === undefined) return undefined
  const pathAsSent = rest ?? path
  return { origin: normalized, path: pathAsSent.startsWith('/') ? pathAsSent : `/${pathAsSent}` }
}
