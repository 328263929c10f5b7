/** Finds the route of a request to AI/ML API by its method and path, in the table of families.ts. */
import { FAMILIES, POLL_OPERATION, type Family, type Route } from './families.ts'
import { MAX_ID_LENGTH } from './limits.ts'

/** A POST under a deployment whose path is not in the table is a chat: `POST /openai/deployments/{model}`. */
const DEPLOYMENTS = '/openai/deployments/'

/** Complete paths, after the version. Google's clients call a model under `/models/{model}:generateContent`. */
const NOT_CALLS =
  /^(?:\/billing(?:\/.*)?|\/keys?(?:\/.*)?|\/usage(?:\/.*)?|\/logs|\/models(?:\/(?!.+:\w*(?:generate|embed)content$).*)?|\/model\/.+|\/docs(?:[-/].*)?|\/openapi(?:\.\w+)?|(?:.*\/)?realtime\/(?:transcription_)?sessions(?:\/.*)?|(?:.*\/)?(?:client_?secrets?|auth_?tokens?)(?:[/:].*)?|(?:.*\/)?(?:[\w-]*auth)\/tokens?)$/i
const VERSION_PREFIX = /^(?:\/api)?(?:\/v\d+(?:alpha|beta)?\d*)?(?=\/)/
/** The query parameter that carries a job's id in a poll: by the documentation, or by other vendors. */
const JOB_ID = /(?:^|&)(?:generation_id|batch_id)=([^&]*)/
const OTHER_JOB_ID = /(?:^|&)(?:(?:task|job)_id|(?:generation|batch|task|job)Id|id)=([^&]*)/

/** Models of the image endpoints that make 3D meshes: two by name, and all of one vendor. */
const MODELS_3D = /(?:^|\/)(?:triposr|hunyuan-part)$|^meshy\//i
const ROUTE_3D = { endpoint: '3d', operation: '3d_generation', outputType: '3d' } as const

/** Routes of paths without parameters, by `METHOD /path`: most calls are found here. */
const fixedRoutes = new Map<string, Route>()
/** All routes in the order of the table, matched against the end of the path. */
const matchers = FAMILIES.flatMap(compileFamily)
const OTHER: Route = {
  endpoint: 'other',
  operation: 'other',
  phase: 'sync',
  billing: 'if_inference',
  billedBy: 'result',
}

/** The route of a request. `path`: after the base URL's own prefix, with its query. `undefined`: it is no call. */
export function routeRequest(method: string, path: string): Route | undefined {
  const known = knownRoutes.get(path)
  if (known?.method === method) return known.route
  const queryAt = path.indexOf('?')
  const pathname = normalize(queryAt < 0 ? path : path.slice(0, queryAt))
  if (NOT_CALLS.test(pathname)) return undefined
  const query = queryAt < 0 ? '' : path.slice(queryAt + 1)
  const fixed = fixedRoutes.get(`${method} ${pathname}`)
  if (fixed === undefined) return findRoute(method, pathname, query)
  if (query !== '') return withJobId(fixed, readJobId(query))
  // Only paths without parameters and queries: others are different for each job or deployment.
  if (knownRoutes.size >= MAX_KNOWN_PATHS) knownRoutes.clear()
  knownRoutes.set(path, { method, route: fixed })
  return fixed
}

/** A cache: a service calls a few paths again and again, and matching the patterns is the slowest step of a call's start. */
const knownRoutes = new Map<string, { readonly method: string; readonly route: Route }>()
const MAX_KNOWN_PATHS = 64

function findRoute(method: string, pathname: string, query: string): Route {
  if (pathname.startsWith(DEPLOYMENTS)) return findDeployment(method, pathname)
  for (const matcher of matchers) {
    if (matcher.method !== '*' && matcher.method !== method) continue
    const match = matcher.pattern.exec(pathname)
    if (match !== null)
      return withJobId(matcher.route, decode(match.groups?.['generation_id']) ?? readJobId(query))
  }
  return OTHER
}

/** The model, which may contain slashes, is between the prefix and a path of the table. */
function findDeployment(method: string, pathname: string): Route {
  const rest = pathname.slice(DEPLOYMENTS.length)
  for (let at = rest.indexOf('/'); at >= 0; at = rest.indexOf('/', at + 1)) {
    const route = fixedRoutes.get(`${method} ${rest.slice(at)}`)
    if (route !== undefined) return withModel(route, rest.slice(0, at))
  }
  const chat = fixedRoutes.get('POST /chat/completions')
  return chat === undefined || method !== 'POST' ? OTHER : withModel(chat, rest)
}

function withModel(route: Route, encoded: string): Route {
  const model = decode(encoded)
  return model === undefined ? route : { ...route, model }
}

/** The route once the model is known: 3D models share the path of images. */
export function refineRoute(route: Route, model: string | undefined): Route {
  if (route.endpoint !== 'image' || model === undefined) return route
  return MODELS_3D.test(model) ? { ...route, ...ROUTE_3D } : route
}

/** Removes the version, and slashes that a base URL with a trailing slash adds. */
function normalize(pathname: string): string {
  return pathname
    .replace(/^\/{2,}/, '/')
    .replace(/\/+$/, '')
    .replace(VERSION_PREFIX, '')
}

function compileFamily({ paths, billing = 'always', billedBy = 'result', ...shared }: Family) {
  return Object.entries(paths).map(([line, meaning]) => {
    const [method = '', path = ''] = line.split(' ')
    const own = typeof meaning === 'string' ? { phase: meaning } : { phase: 'sync' as const, ...meaning }
    const operation = own.phase === 'poll' ? POLL_OPERATION : shared.operation
    const route: Route = { ...shared, billing, billedBy, operation, ...own }
    if (!path.includes('{') && method !== '*') fixedRoutes.set(line, route)
    const source = path.replace(/\{(\w+)\+\}/g, '(?<$1>.+)').replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')
    return { method, pattern: new RegExp(`${source}$`), route }
  })
}

function withJobId(route: Route, generationId: string | undefined): Route {
  return route.phase === 'poll' && generationId !== undefined ? { ...route, generationId } : route
}

function readJobId(query: string): string | undefined {
  return decode((JOB_ID.exec(query) ?? OTHER_JOB_ID.exec(query))?.[1])
}

function decode(text: string | undefined): string | undefined {
  if (text === undefined || text === '' || text.length > MAX_ID_LENGTH * 3) return undefined
  let decoded = text
  try {
    decoded = decodeURIComponent(text)
  } catch {
    // A stray percent sign: the API gets the same characters.
  }
  return decoded.length > MAX_ID_LENGTH ? undefined : decoded
}
