/**
 * What a request to AI/ML API is, told from its method and path. One table, one row per endpoint family: a new
 * endpoint is a row here and a fixture. Paths as the documentation and the OpenAPI files of docs.aimlapi.com
 * print them (2026-08), without version prefix: the API answers under `/v1`, `/v2`, `/api/v1` and bare.
 */
import type { EndpointName } from '../types.ts'
import { MAX_ID_LENGTH } from './limits.ts'

export interface Route {
  readonly endpoint: EndpointName
  /** `gen_ai.operation.name`. */
  readonly operation: string
  /** `create` starts a job, `poll` asks for it; everything else answers at once. */
  readonly phase: 'sync' | 'create' | 'poll'
  /** What the family produces, where the request does not say it itself. */
  readonly outputType?: string
  /** Azure style paths carry the model; it may contain slashes. */
  readonly model?: string
  /** The job that a poll asks for, decoded. At most 256 characters, else absent. */
  readonly generationId?: string
  /**
   * `always`: a 2xx answer without a cost is a hole in the books. `if_inference`: only when the response carries
   * `x-inference-id`. `none`: never charged.
   */
  readonly billing: 'always' | 'if_inference' | 'none'
}

/** What a path stands for inside its family; a string is the phase alone. */
type Meaning = Route['phase'] | Partial<Pick<Route, 'phase' | 'operation' | 'billing'>>

interface Family extends Pick<Route, 'endpoint' | 'operation' | 'outputType'> {
  readonly billing?: Route['billing']
  /** `METHOD /path`: `{name}` is one segment, `{name+}` several. Matches the end of a path. */
  readonly paths: Readonly<Record<string, Meaning>>
}

const POLL_OPERATION = 'fetch_response'
const UNBILLED = { billing: 'none' } as const

/** The table, in the order in which it is searched. */
export const FAMILIES: readonly Family[] = [
  {
    // Before `messages`: a thread's messages end in the same word.
    endpoint: 'assistants',
    operation: 'assistants',
    billing: 'none',
    paths: {
      'POST /threads/runs': { phase: 'create', operation: 'invoke_agent', billing: 'if_inference' },
      'POST /threads/{thread}/runs': { phase: 'create', operation: 'invoke_agent', billing: 'if_inference' },
      'GET /threads/{thread}/runs/{generation_id}': { phase: 'poll', billing: 'if_inference' },
      'POST /threads/{thread}/runs/{run}/submit_tool_outputs': {
        phase: 'create',
        operation: 'invoke_agent',
        billing: 'if_inference',
      },
      'POST /assistants': { operation: 'create_agent' },
      '* /assistants': 'sync',
      '* /assistants/{assistant}': 'sync',
      '* /threads': 'sync',
      '* /threads/{rest+}': 'sync',
      '* /files': 'sync',
      '* /files/{rest+}': 'sync',
    },
  },
  {
    endpoint: 'chat',
    operation: 'chat',
    paths: {
      'POST /openai/deployments/{model+}/chat/completions': 'sync',
      'POST /chat/completions': 'sync',
    },
  },
  { endpoint: 'responses', operation: 'chat', paths: { 'POST /responses': 'sync' } },
  { endpoint: 'messages', operation: 'chat', paths: { 'POST /messages': 'sync' } },
  { endpoint: 'embeddings', operation: 'embeddings', paths: { 'POST /embeddings': 'sync' } },
  {
    // Also the 3D models: `refineRoute` tells them by the model.
    endpoint: 'image',
    operation: 'image_generation',
    outputType: 'image',
    paths: {
      'POST /images/generations': 'sync',
      'POST /images/generations/with-url': 'sync',
      'POST /images/edits': 'sync',
    },
  },
  {
    endpoint: 'video',
    operation: 'video_generation',
    outputType: 'video',
    paths: {
      'POST /video/generations': 'create',
      'GET /video/generations': 'poll',
      'POST /generate/video/{vendor}/generation': 'create',
      'GET /generate/video/{vendor}/generation': 'poll',
    },
  },
  {
    endpoint: 'music',
    operation: 'music_generation',
    outputType: 'music',
    paths: {
      'POST /generate/audio': 'create',
      'GET /generate/audio': 'poll',
      'POST /generate/audio/minimax/generate': 'sync',
      'POST /generate/audio/minimax/upload': { billing: 'if_inference' },
      'GET /generate/audio/minimax/upload': { billing: 'if_inference' },
    },
  },
  { endpoint: 'speech', operation: 'speech', outputType: 'speech', paths: { 'POST /tts': 'sync' } },
  {
    endpoint: 'transcription',
    operation: 'transcription',
    outputType: 'text',
    paths: {
      'POST /stt/create': 'create',
      'POST /stt': 'sync',
      'GET /stt/{generation_id+}': 'poll',
    },
  },
  {
    endpoint: 'ocr',
    operation: 'ocr',
    outputType: 'text',
    paths: { 'POST /ocr': 'sync', 'POST /vision': 'sync' },
  },
  {
    endpoint: 'batch',
    operation: 'batch',
    outputType: 'text',
    paths: {
      'POST /batches': 'create',
      'GET /batches': 'poll',
      'POST /batches/cancel/{batch_id}': UNBILLED,
    },
  },
  {
    // After all others, which may follow a deployment too.
    endpoint: 'chat',
    operation: 'chat',
    paths: { 'POST /openai/deployments/{model+}': 'sync' },
  },
]

/** Account, key, usage, log, catalogue and metrics endpoints: not calls. Whole paths, after the version. */
const NOT_CALLS =
  /^(?:\/billing(?:\/.*)?|\/keys?(?:\/.*)?|\/usage(?:\/detail)?|\/logs|\/models(?:\/.*)?|\/model\/.+)$/
const VERSION_PREFIX = /^(?:\/api)?(?:\/v\d+)?(?=\/)/
/** The query parameters that carry a job's id in a poll. */
const JOB_ID_PARAMETERS: ReadonlySet<string> = new Set(['generation_id', 'batch_id'])

/** Image endpoints that make meshes: the last part of the model's name. */
const MODELS_3D: ReadonlySet<string> = new Set(['triposr', 'hunyuan-part'])
const ROUTE_3D = { endpoint: '3d', operation: '3d_generation', outputType: '3d' } as const

interface Matcher {
  readonly method: string
  readonly pattern: RegExp
  readonly route: Route
}

/** Routes of paths without parameters, by `METHOD /path`: most calls end here. */
const fixedRoutes = new Map<string, Route>()
const fixed = new Set<Route>()
/** All routes in the order of the table, matched against the end of the path. */
const matchers: readonly Matcher[] = FAMILIES.flatMap(compileFamily)
const OTHER: Route = { endpoint: 'other', operation: 'other', phase: 'sync', billing: 'if_inference' }

/**
 * Tells what a request is. `path` is path and query after the base URL's own prefix. `undefined`: not a call
 * (account, keys, usage, logs, model list, metrics). Unknown paths are calls of the family `other`.
 */
export function routeRequest(method: string, path: string): Route | undefined {
  const known = knownRoutes.get(path)?.get(method)
  if (known !== undefined) return known
  const route = findRoute(method, path)
  // Only paths without parameters and queries: the others are a new one for each job or deployment.
  if (route !== undefined && fixed.has(route) && !path.includes('?')) rememberRoute(method, path, route)
  return route
}

/** A service calls a few paths again and again, and the patterns take longer than all else that begins a call. */
const knownRoutes = new Map<string, Map<string, Route>>()
const MAX_KNOWN_PATHS = 64

function rememberRoute(method: string, path: string, route: Route): void {
  let byMethod = knownRoutes.get(path)
  if (byMethod === undefined) {
    if (knownRoutes.size >= MAX_KNOWN_PATHS) knownRoutes.clear()
    knownRoutes.set(path, (byMethod = new Map()))
  }
  byMethod.set(method, route)
}

function findRoute(method: string, path: string): Route | undefined {
  const queryAt = path.indexOf('?')
  const pathname = normalize(queryAt < 0 ? path : path.slice(0, queryAt))
  if (NOT_CALLS.test(pathname)) return undefined
  const query = queryAt < 0 ? '' : path.slice(queryAt + 1)

  const exact = fixedRoutes.get(`${method} ${pathname}`)
  if (exact !== undefined) return withJobId(exact, readJobId(query))
  for (const matcher of matchers) {
    if (matcher.method !== '*' && matcher.method !== method) continue
    const match = matcher.pattern.exec(pathname)
    if (match === null) continue
    const { model, generation_id: jobId } = match.groups ?? {}
    const route = withJobId(matcher.route, decode(jobId) ?? readJobId(query))
    const decodedModel = decode(model)
    return decodedModel === undefined ? route : { ...route, model: decodedModel }
  }
  return OTHER
}

/** The route once the model is known: 3D models answer on the path of images. */
export function refineRoute(route: Route, model: string | undefined): Route {
  if (route.endpoint !== 'image' || model === undefined) return route
  const name = model.slice(model.lastIndexOf('/') + 1).toLowerCase()
  return MODELS_3D.has(name) ? { ...route, ...ROUTE_3D } : route
}

/** Without version, and without the slashes that a base URL with a slash of its own adds. */
function normalize(pathname: string): string {
  return pathname
    .replace(/^\/{2,}/, '/')
    .replace(/\/+$/, '')
    .replace(VERSION_PREFIX, '')
}

function compileFamily(family: Family): Matcher[] {
  return Object.entries(family.paths).map(([line, meaning]) => {
    const [method = '', path = ''] = line.split(' ')
    const own = typeof meaning === 'string' ? { phase: meaning } : meaning
    const phase = own.phase ?? 'sync'
    const route: Route = {
      endpoint: family.endpoint,
      operation: own.operation ?? (phase === 'poll' ? POLL_OPERATION : family.operation),
      phase,
      billing: own.billing ?? family.billing ?? 'always',
      ...(family.outputType !== undefined && { outputType: family.outputType }),
    }
    if (!path.includes('{') && method !== '*') {
      fixedRoutes.set(line, route)
      fixed.add(route)
    }
    const source = path.replace(/\{(\w+)\+\}/g, '(?<$1>.+)').replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')
    return { method, pattern: new RegExp(`${source}$`), route }
  })
}

function withJobId(route: Route, generationId: string | undefined): Route {
  return route.phase === 'poll' && generationId !== undefined ? { ...route, generationId } : route
}

function readJobId(query: string): string | undefined {
  if (query === '') return undefined
  for (const pair of query.split('&', 32)) {
    const equalsAt = pair.indexOf('=')
    if (equalsAt > 0 && JOB_ID_PARAMETERS.has(pair.slice(0, equalsAt)))
      return decode(pair.slice(equalsAt + 1))
  }
  return undefined
}

function decode(text: string | undefined): string | undefined {
  if (text === undefined || text === '' || text.length > MAX_ID_LENGTH * 3) return undefined
  let decoded = text
  try {
    decoded = decodeURIComponent(text)
  } catch {
    // A stray percent sign: the API sees these very characters.
  }
  return decoded.length > MAX_ID_LENGTH ? undefined : decoded
}
