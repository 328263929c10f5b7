/** Base URLs: which traffic is observed, and where the account endpoints are. */
import { URL } from 'node:url'
import { describeKind, environmentOrigin, rejectSecret, rejectValue, type Origin } from './errors.ts'
import { VENDOR_URL_VARIABLES } from './known-variables.ts'
import { firstGiven, readVariable, splitList, type Environment } from './values.ts'

/** A URL whose traffic is observed: `https://api.aimlapi.com`, or with a path prefix. */
export interface BaseUrl {
  /** Scheme, host and port, as `URL.origin` gives it, without a dot at the end of the host. */
  readonly origin: string
  /** Empty, or begins with `/` and does not end with one. */
  readonly pathPrefix: string
}

const DEFAULT_BASE_URL = 'https://api.aimlapi.com'
/** The API, and its toolbox, which is charged to the same account. */
const DEFAULT_BASE_URLS = [DEFAULT_BASE_URL, 'https://tools.aimlapi.com']
const EVERY_URL = '*' as const
const ACCEPTED = 'http or https URLs without credentials, query and fragment, or "*" for every URL'
const VERSION_SEGMENT = /\/(?:api\/)?v\d+$/

/**
 * The URLs of the option, else of AIMLAPI_BASE_URLS, else the default, and those of the vendor's own tools. With `*` in the
 * list every URL is observed; account endpoints are then at the first other URL, or the default.
 */
export function resolveBaseUrls(given: unknown, environment: Environment, warn: (line: string) => void) {
  const [origin, value] = firstGiven('baseUrls', given, 'AIMLAPI_BASE_URLS', environment, DEFAULT_BASE_URLS)
  const values: unknown = typeof value === 'string' ? splitList(value) : value
  if (!Array.isArray(values)) return rejectValue(origin, value, 'a URL or an array of URLs')
  if (values.length === 0) rejectSecret(origin, 'is empty', ACCEPTED)
  const parsed = values.filter((url) => url !== EVERY_URL).map((url) => parseBaseUrl(origin, url))
  const first = parsed[0] ?? { origin: DEFAULT_BASE_URL, pathPrefix: '' }
  const vendors = vendorUrls(parsed, environment, warn)
  return {
    baseUrls: values.includes(EVERY_URL) ? EVERY_URL : [...parsed, ...vendors],
    /** The first base URL, without a version at its end. */
    accountBaseUrl: first.origin + first.pathPrefix.replace(VERSION_SEGMENT, ''),
  }
}

/** The URLs to which the vendor's own tools send requests, unless they are covered already. */
function vendorUrls(
  known: readonly BaseUrl[],
  environment: Environment,
  warn: (line: string) => void,
): BaseUrl[] {
  return VENDOR_URL_VARIABLES.flatMap((name) => {
    const value = readVariable(environment, name)
    if (value === undefined) return []
    try {
      const url = parseBaseUrl(environmentOrigin(name), value)
      return matchBaseUrl(known, url.origin, url.pathPrefix) === undefined ? [url] : []
    } catch (error) {
      // Another program's variable: for us an invalid value is no error.
      warn(`${(error as Error).message}. It is not observed`)
      return []
    }
  })
}

/**
 * What follows in `path`, from a `/` on, after the base URL that covers it; else `undefined`. A prefix ends at a segment:
 * `/gate` covers `/gate/v1` and `/gate?x`, not `/gateway`. If several cover it, the longest counts.
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
  return prefix === '' || (path.startsWith(prefix) && '/?#'.includes(path[prefix.length] ?? '/'))
}

function parseBaseUrl(origin: Origin, value: unknown): BaseUrl {
  // An unreadable URL is not shown completely: it may contain credentials.
  const text = typeof value === 'string' ? value.trim() : ''
  if (!URL.canParse(text)) return rejectSecret(origin, `has ${showUnparsable(value)}`, ACCEPTED)
  const url = new URL(text)
  const { protocol, username, password, search, hash, host } = url
  if (protocol !== 'http:' && protocol !== 'https:')
    return rejectSecret(origin, `has a URL with the scheme "${protocol}"`, ACCEPTED)
  if (username !== '' || password !== '')
    return rejectSecret(origin, `has a URL with credentials (host ${host})`, ACCEPTED)
  if (search !== '' || hash !== '')
    return rejectSecret(origin, `has a URL with a query or fragment (host ${host})`, ACCEPTED)
  return { origin: url.origin.replace(/\.(?=:\d+$|$)/, ''), pathPrefix: url.pathname.replace(/\/+$/, '') }
}

function showUnparsable(value: unknown): string {
  if (typeof value !== 'string') return `${describeKind(value)}, which is not text`
  if (/^\s*["'].*["']\s*$/s.test(value)) return 'a value in quotation marks, which are not part of a URL'
  const place = value.includes('@') ? '…' : (value.split(/[?#]/, 1)[0] ?? '').slice(0, 60)
  return `"${place}", which is not an absolute URL`
}
