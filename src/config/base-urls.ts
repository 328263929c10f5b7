/** Base URLs: which traffic is observed, and where the account endpoints are. */
import { describeKind, rejectSecret, type Origin } from './errors.ts'

/** A URL whose traffic is observed: `https://api.aimlapi.com`, or with a path prefix. */
export interface BaseUrl {
  /** Scheme, host and port, as `URL.origin` gives it. */
  readonly origin: string
  /** Empty, or begins with `/` and does not end with one. */
  readonly pathPrefix: string
}

const DEFAULT_BASE_URL = 'https://api.aimlapi.com'
/** The API, and its toolbox, which is charged to the same account. */
export const DEFAULT_BASE_URLS = [DEFAULT_BASE_URL, 'https://tools.aimlapi.com'] as const
const EVERY_URL = '*'
const ACCEPTED = 'http or https URLs without credentials, query and fragment, or "*" for every URL'
const VERSION_SEGMENT = /\/(?:api\/)?v\d+$/

/** The base URLs of a configuration. */
export interface ResolvedBaseUrls {
  readonly baseUrls: readonly BaseUrl[] | '*'
  readonly accountBaseUrl: string
}

/** With `*` in the list every URL is observed; account endpoints are then at the first other URL, or the default. */
export function resolveBaseUrls(origin: Origin, values: readonly unknown[]): ResolvedBaseUrls {
  if (values.length === 0) rejectSecret(origin, 'is empty', ACCEPTED)
  const parsed = values.filter((value) => value !== EVERY_URL).map((value) => parseBaseUrl(origin, value))
  const [first] = parsed
  return {
    baseUrls: values.includes(EVERY_URL) ? EVERY_URL : parsed,
    accountBaseUrl: first === undefined ? DEFAULT_BASE_URL : withoutVersion(first),
  }
}

/**
 * The rest of `path` after the prefix of the base URL that covers it; it begins with `/` and includes the query.
 * `undefined` when no base URL covers it. A prefix ends at a segment: `/gate` covers `/gate/v1` and `/gate?x`, not
 * `/gateway`. If several cover it, the longest counts.
 */
export function matchBaseUrl(
  baseUrls: readonly BaseUrl[] | '*',
  origin: string,
  path: string,
): string | undefined {
  if (baseUrls === EVERY_URL) return path
  let longest = -1
  for (const { origin: known, pathPrefix } of baseUrls) {
    if (known === origin && pathPrefix.length > longest && isCovered(path, pathPrefix))
      longest = pathPrefix.length
  }
  if (longest <= 0) return longest === 0 ? path : undefined
  const rest = path.slice(longest)
  return rest.startsWith('/') ? rest : `/${rest}`
}

function isCovered(path: string, prefix: string): boolean {
  if (prefix === '') return true
  if (!path.startsWith(prefix)) return false
  const next = path[prefix.length]
  return next === undefined || next === '/' || next === '?' || next === '#'
}

/** @throws ConfigurationError for anything but an http or https URL without credentials, query and fragment. */
export function parseBaseUrl(origin: Origin, value: unknown): BaseUrl {
  const url = typeof value === 'string' ? parseUrl(value.trim()) : undefined
  // An unreadable URL is not shown completely: it may contain credentials.
  if (url === undefined) return rejectSecret(origin, `has ${showUnparsable(value)}`, ACCEPTED)
  const { protocol, username, password, search, hash, host } = url
  if (protocol !== 'http:' && protocol !== 'https:')
    return rejectSecret(origin, `has a URL with the scheme "${protocol}"`, ACCEPTED)
  if (username !== '' || password !== '')
    return rejectSecret(origin, `has a URL with credentials (host ${host})`, ACCEPTED)
  if (search !== '' || hash !== '')
    return rejectSecret(origin, `has a URL with a query or fragment (host ${host})`, ACCEPTED)
  return { origin: url.origin, pathPrefix: url.pathname.replace(/\/+$/, '') }
}

/** Adds URLs of other programs' variables, unless they are covered already. */
export function addBaseUrls(resolved: ResolvedBaseUrls, extra: readonly BaseUrl[]): ResolvedBaseUrls {
  const { baseUrls } = resolved
  if (baseUrls === EVERY_URL) return resolved
  const added = extra.filter(
    ({ origin, pathPrefix }) => matchBaseUrl(baseUrls, origin, pathPrefix) === undefined,
  )
  return added.length === 0 ? resolved : { ...resolved, baseUrls: [...baseUrls, ...added] }
}

function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined
}

function showUnparsable(value: unknown): string {
  if (typeof value !== 'string') return `${describeKind(value)}, which is not text`
  if (/^\s*["'].*["']\s*$/s.test(value)) return 'a value in quotation marks, which are not part of a URL'
  const place = value.includes('@') ? '…' : (value.split(/[?#]/, 1)[0] ?? '').slice(0, 60)
  return `"${place}", which is not an absolute URL`
}

/** Removes `/v1` and the like, as base URLs of SDKs have it: account paths begin with their own version. */
function withoutVersion({ origin, pathPrefix }: BaseUrl): string {
  return origin + pathPrefix.replace(VERSION_SEGMENT, '')
}
