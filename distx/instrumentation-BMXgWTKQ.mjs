import {
  A as TAG_PREFIX,
  C as ATTRIBUTE,
  E as METRICS,
  M as matchBaseUrl,
  O as PROVIDER,
  R as version,
  S as resolveConfig,
  T as GEN_AI_METRICS,
  a as BoundedCache,
  c as cleanText,
  i as guarded,
  k as SCOPE_NAME,
  l as cleanWord,
  m as isOwnTraffic,
  n as createRecorders,
  o as LabelValues,
  r as createErrorReporter$1,
  s as cleanModel,
  t as createAccountMetrics,
  u as watchAccounts,
  w as GEN_AI_LATEST_METRICS,
  z as CREDITS_PER_USD,
} from './account-metrics-DotbwETn.mjs'
import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks'
import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  context,
  diag,
  isSpanContextValid,
  trace,
} from '@opentelemetry/api'
import { InstrumentationBase } from '@opentelemetry/instrumentation'
import { performance } from 'node:perf_hooks'
import * as zlib from 'node:zlib'
import {
  clearInterval,
  clearTimeout,
  setImmediate as setImmediate$1,
  setInterval,
  setTimeout,
} from 'node:timers'
import diagnosticsChannel from 'node:diagnostics_channel'
//#region src/calls/tags.ts
/** Spend tags: who or what a call is made for, carried along the async context. */
const NO_TAGS = Object.freeze({})
const MAX_TAGS = 32
const MAX_VALUE_LENGTH = 256
const STORE_KEY = Symbol.for('opentelemetry-instrumentation-aimlapi.spend-tags')
function findStore() {
  return globalThis[STORE_KEY]
}
function openStore() {
  const existing = findStore()
  if (existing !== void 0) return existing
  const store = new AsyncLocalStorage()
  Object.defineProperty(globalThis, STORE_KEY, {
    value: store,
    configurable: true,
  })
  return store
}
/**
 * Runs `fn` and returns what it returns; every call to AI/ML API made inside, across awaits, timers and
 * callbacks, carries `tags` as `aimlapi.tag.<name>`: on its span always, on metrics when the name is in
 * `metricTags`. Nested calls merge, the inner value of a name wins. At most 32 tags are kept and values are
 * cut at 256 characters; values that are not strings are left out. Never throws by itself: what `fn` throws
 * comes through.
 *
 * @example
 * await withSpendTags({ team: 'search' }, () => openai.chat.completions.create({ … }))
 */
function withSpendTags(tags, fn) {
  return openStore().run(mergeTags(currentSpendTags(), tags), fn)
}
/** The tags active here; a frozen empty object outside of `withSpendTags`. */
function currentSpendTags() {
  return findStore()?.getStore() ?? NO_TAGS
}
function mergeTags(outer, inner) {
  if (typeof inner !== 'object' || inner === null) return outer
  const merged = new Map(Object.entries(outer))
  for (const [name, value] of Object.entries(inner)) {
    if (typeof value !== 'string' || name === '') continue
    if (merged.size < MAX_TAGS || merged.has(name)) merged.set(name, value.slice(0, MAX_VALUE_LENGTH))
  }
  return Object.freeze(Object.fromEntries(merged))
}
//#endregion
//#region src/calls/accounts.ts
/** The account of calls whose key is none of the configured ones. */
const OTHER_ACCOUNT = 'other'
/** The account of every call while no key is configured at all: there is just one, and its key is unknown. */
const DEFAULT_ACCOUNT = 'default'
/** Where clients put the key: OpenAI style, Anthropic style, Azure style. */
const KEY_HEADERS = ['authorization', 'x-api-key', 'api-key']
function createAccountFinder(accounts) {
  if (accounts.length === 0) return () => DEFAULT_ACCOUNT
  const nameByKey = new Map(accounts.map(({ name, apiKey }) => [apiKey, name]))
  return (header) => {
    for (const headerName of KEY_HEADERS) {
      const value = header(headerName)
      if (value === void 0) continue
      const name = nameByKey.get(value.replace(/^bearer\s+/i, '').trim())
      if (name !== void 0) return name
    }
    return OTHER_ACCOUNT
  }
}
/** One captured JSON value (a usage object, a model name). A longer one is dropped and reported as too large. */
const MAX_VALUE_BYTES = 16 * 1024
/** All captured values of one JSON document or SSE event together. */
const MAX_DOCUMENT_VALUES_BYTES = 32 * 1024
/** SSE: bytes copied before they are looked at together; grows up to here. */
const MAX_STAGE_BYTES = 16 * 1024
/** SSE: the newest bytes that stay staged when the stage is full, so that the last events are seen together. */
const KEPT_STAGE_BYTES = 4 * 1024
/** Multipart: bytes of one part's headers, and of the value of the field looked for. */
const MAX_PART_BYTES = 2 * 1024
/** Compressed bytes collected before a decoder is started; a body that ends earlier is decoded in one step. */
const MAX_COLLECTED_BYTES = 16 * 1024
/** Decoded size up to which a collected body is decoded in one step; a larger one goes through a stream. */
const MAX_ONE_STEP_BYTES = 1024 * 1024
//#endregion
//#region src/api/endpoints.ts
const POLL_OPERATION = 'fetch_response'
/** The table, in the order in which it is searched. */
const FAMILIES = [
  {
    endpoint: 'assistants',
    operation: 'assistants',
    billing: 'none',
    paths: {
      'POST /threads/runs': {
        phase: 'create',
        operation: 'invoke_agent',
        billing: 'if_inference',
      },
      'POST /threads/{thread}/runs': {
        phase: 'create',
        operation: 'invoke_agent',
        billing: 'if_inference',
      },
      'GET /threads/{thread}/runs/{generation_id}': {
        phase: 'poll',
        billing: 'if_inference',
      },
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
  {
    endpoint: 'responses',
    operation: 'chat',
    paths: { 'POST /responses': 'sync' },
  },
  {
    endpoint: 'messages',
    operation: 'chat',
    paths: { 'POST /messages': 'sync' },
  },
  {
    endpoint: 'embeddings',
    operation: 'embeddings',
    paths: { 'POST /embeddings': 'sync' },
  },
  {
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
  {
    endpoint: 'speech',
    operation: 'speech',
    outputType: 'speech',
    paths: { 'POST /tts': 'sync' },
  },
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
    paths: {
      'POST /ocr': 'sync',
      'POST /vision': 'sync',
    },
  },
  {
    endpoint: 'batch',
    operation: 'batch',
    outputType: 'text',
    paths: {
      'POST /batches': 'create',
      'GET /batches': 'poll',
      'POST /batches/cancel/{batch_id}': { billing: 'none' },
    },
  },
  {
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
const JOB_ID_PARAMETERS = new Set(['generation_id', 'batch_id'])
/** Image endpoints that make meshes: the last part of the model's name. */
const MODELS_3D = new Set(['triposr', 'hunyuan-part'])
const ROUTE_3D = {
  endpoint: '3d',
  operation: '3d_generation',
  outputType: '3d',
}
/** Routes of paths without parameters, by `METHOD /path`: most calls end here. */
const fixedRoutes = /* @__PURE__ */ new Map()
/** All routes in the order of the table, matched against the end of the path. */
const matchers = FAMILIES.flatMap(compileFamily)
const OTHER = {
  endpoint: 'other',
  operation: 'other',
  phase: 'sync',
  billing: 'if_inference',
}
/**
 * Tells what a request is. `path` is path and query after the base URL's own prefix. `undefined`: not a call
 * (account, keys, usage, logs, model list, metrics). Unknown paths are calls of the family `other`.
 */
function routeRequest(method, path) {
  const queryAt = path.indexOf('?')
  const pathname = normalize(queryAt < 0 ? path : path.slice(0, queryAt))
  if (NOT_CALLS.test(pathname)) return void 0
  const query = queryAt < 0 ? '' : path.slice(queryAt + 1)
  const fixed = fixedRoutes.get(`${method} ${pathname}`)
  if (fixed !== void 0) return withJobId(fixed, readJobId(query))
  for (const matcher of matchers) {
    if (matcher.method !== '*' && matcher.method !== method) continue
    const match = matcher.pattern.exec(pathname)
    if (match === null) continue
    const { model, generation_id: jobId } = match.groups ?? {}
    const route = withJobId(matcher.route, decode(jobId) ?? readJobId(query))
    const decodedModel = decode(model)
    return decodedModel === void 0
      ? route
      : {
          ...route,
          model: decodedModel,
        }
  }
  return OTHER
}
/** The route once the model is known: 3D models answer on the path of images. */
function refineRoute(route, model) {
  if (route.endpoint !== 'image' || model === void 0) return route
  const name = model.slice(model.lastIndexOf('/') + 1).toLowerCase()
  return MODELS_3D.has(name)
    ? {
        ...route,
        ...ROUTE_3D,
      }
    : route
}
/** Without version, and without the slashes that a base URL with a slash of its own adds. */
function normalize(pathname) {
  return pathname
    .replace(/^\/{2,}/, '/')
    .replace(/\/+$/, '')
    .replace(VERSION_PREFIX, '')
}
function compileFamily(family) {
  return Object.entries(family.paths).map(([line, meaning]) => {
    const [method = '', path = ''] = line.split(' ')
    const own = typeof meaning === 'string' ? { phase: meaning } : meaning
    const phase = own.phase ?? 'sync'
    const route = {
      endpoint: family.endpoint,
      operation: own.operation ?? (phase === 'poll' ? POLL_OPERATION : family.operation),
      phase,
      billing: own.billing ?? family.billing ?? 'always',
      ...(family.outputType !== void 0 && { outputType: family.outputType }),
    }
    if (!path.includes('{') && method !== '*') fixedRoutes.set(line, route)
    const source = path.replace(/\{(\w+)\+\}/g, '(?<$1>.+)').replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')
    return {
      method,
      pattern: new RegExp(`${source}$`),
      route,
    }
  })
}
function withJobId(route, generationId) {
  return route.phase === 'poll' && generationId !== void 0
    ? {
        ...route,
        generationId,
      }
    : route
}
function readJobId(query) {
  if (query === '') return void 0
  for (const pair of query.split('&', 32)) {
    const equalsAt = pair.indexOf('=')
    if (equalsAt > 0 && JOB_ID_PARAMETERS.has(pair.slice(0, equalsAt)))
      return decode(pair.slice(equalsAt + 1))
  }
}
function decode(text) {
  if (text === void 0 || text === '' || text.length > 256 * 3) return void 0
  let decoded = text
  try {
    decoded = decodeURIComponent(text)
  } catch {}
  return decoded.length > 256 ? void 0 : decoded
}
//#endregion
//#region src/calls/generation.ts
function createGeneration(identity, span, createdHere) {
  return {
    identity,
    span,
    createdHere,
    tokensCounted: false,
    unitsCounted: false,
    failed: false,
    lost: false,
  }
}
/**
 * Takes from `usage` what was not counted for this generation before, and marks it counted. `undefined` when
 * there is nothing new. A failed generation is not charged: whatever is reported of it afterwards is nothing.
 */
function claimUsage(generation, usage) {
  if (generation.failed || generation.lost) return void 0
  const claimed = {}
  if (generation.credits === void 0 && usage.credits !== void 0) {
    generation.credits = usage.credits
    claimed.credits = usage.credits
    if (usage.usd !== void 0) claimed.usd = usage.usd
  }
  if (!generation.tokensCounted && reportsTokens(usage)) {
    generation.tokensCounted = true
    if (usage.inputTokens !== void 0) claimed.inputTokens = usage.inputTokens
    if (usage.outputTokens !== void 0) claimed.outputTokens = usage.outputTokens
    if (usage.details !== void 0) claimed.details = usage.details
  }
  if (!generation.unitsCounted && usage.units !== void 0) {
    generation.unitsCounted = true
    claimed.units = usage.units
  }
  return Object.keys(claimed).length === 0 ? void 0 : claimed
}
function reportsTokens(usage) {
  return usage.inputTokens !== void 0 || usage.outputTokens !== void 0
}
//#endregion
//#region src/calls/books.ts
/** Retries follow their first attempt within minutes. */
const MAX_TAKEN_IDS = 1e4
var Books = class {
  #sink
  #settlement
  /** Inference ids that belong to a call already, the newest last. */
  #taken = /* @__PURE__ */ new Set()
  constructor(sink, settlement) {
    this.#sink = sink
    this.#settlement = settlement
  }
  /** Counts what is new in `usage`, and gives it back. */
  count(generation, usage, source) {
    const claimed = claimUsage(generation, usage)
    if (claimed === void 0) return void 0
    this.#sink.usage(generation.identity, claimed, source)
    if (generation.pending !== void 0 && generation.credits !== void 0 && source === 'response') {
      this.#settlement.remove(generation.pending)
      delete generation.pending
    }
    return claimed
  }
  /** A response has said whose inference this is: its row in the log can settle no other call. */
  take(inferenceId) {
    this.#taken.add(inferenceId)
    if (this.#taken.size <= MAX_TAKEN_IDS) return
    const [oldest] = this.#taken
    if (oldest !== void 0) this.#taken.delete(oldest)
  }
  /** Has the missing part looked up in the account's log. False when nobody will look. */
  awaitLedger(generation, ids) {
    if (generation.pending !== void 0) return true
    const pending = {
      account: generation.identity.account,
      ...ids,
      accepts: (inferenceId) => !this.#taken.has(inferenceId),
      settled: (usage, inferenceId) => {
        delete generation.pending
        const counted = this.count(generation, usage, 'ledger')
        if (counted === void 0) return
        this.#sink.settled(generation.identity, counted, ids.inferenceId ?? inferenceId, generation.span)
      },
      lost: (reason) => {
        delete generation.pending
        this.lose(generation, reason)
      },
    }
    generation.pending = pending
    if (this.#settlement.add(pending)) return true
    delete generation.pending
    return false
  }
  /** Nothing more will come for this generation. */
  lose(generation, reason) {
    if (generation.lost || generation.failed) return
    generation.lost = true
    this.#sink.missing(generation.identity, reason)
  }
  /** The generation failed: it is not charged. Takes back what was counted; gives the credits taken back. */
  fail(generation) {
    if (generation.failed) return 0
    generation.failed = true
    if (generation.pending !== void 0) {
      this.#settlement.remove(generation.pending)
      delete generation.pending
    }
    const credits = generation.credits ?? 0
    if (credits > 0) this.#sink.refunded(generation.identity, credits)
    return credits
  }
}
//#endregion
//#region src/api/bytes.ts
/** The same memory as a Buffer, whose searches are several times faster than those of a Uint8Array. */
function asBuffer(bytes) {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
//#endregion
//#region src/api/capture.ts
/** Collects the bytes of one JSON value over chunk borders, up to a limit, and parses it when it is complete. */
var Capture = class {
  /** Where the value, or its rest, begins in the current chunk. */
  #from = -1
  #kept
  #keptBytes = 0
  #isTooLong = false
  get active() {
    return this.#from >= 0
  }
  begin(from) {
    this.#from = from
    this.#keptBytes = 0
    this.#isTooLong = false
  }
  /** A new chunk: the value goes on at `from`. */
  resume(from) {
    if (this.active) this.#from = from
  }
  cancel() {
    this.#from = -1
    this.#kept = void 0
  }
  /** Copies what the current chunk has of the value, before the chunk goes away. */
  keep(bytes, to, maxBytes) {
    if (!this.active || this.#isTooLong) return
    const addedBytes = to - this.#from
    if (this.#keptBytes + addedBytes > maxBytes) {
      this.#isTooLong = true
      this.#kept = void 0
      return
    }
    const needed = this.#keptBytes + addedBytes
    if (this.#kept === void 0 || this.#kept.length < needed) {
      const grown = Buffer.allocUnsafeSlow(Math.min(Math.max(needed * 2, 64), Math.max(maxBytes, needed)))
      this.#kept?.copy(grown, 0, 0, this.#keptBytes)
      this.#kept = grown
    }
    bytes.copy(this.#kept, this.#keptBytes, this.#from, to)
    this.#keptBytes = needed
  }
  /** The text of the value that ends at `to`; `undefined` when it is longer than `maxBytes`. */
  take(bytes, to, maxBytes) {
    const from = this.#from
    this.#from = -1
    if (this.#isTooLong || this.#keptBytes + to - from > maxBytes) {
      this.#kept = void 0
      return
    }
    if (this.#keptBytes === 0) return bytes.toString('utf8', from, to)
    const whole = Buffer.concat([this.#kept.subarray(0, this.#keptBytes), bytes.subarray(from, to)])
    this.#kept = void 0
    return whole.toString('utf8')
  }
}
const BACKSLASH$1 = 92
const CLOSE_ARRAY$1 = 93
/** What a byte means inside a skipped object or array. */
const OPENS = 1
const CLOSES = 2
const QUOTES = 3
const NESTING = new Uint8Array(256)
for (const byte of Buffer.from('[{')) NESTING[byte] = OPENS
for (const byte of Buffer.from(']}')) NESTING[byte] = CLOSES
NESTING[34] = QUOTES
/** What ends a number or a word. */
const ENDS_SCALAR = new Uint8Array(256)
for (const byte of Buffer.from(',]}:[{" 	\r\n')) ENDS_SCALAR[byte] = 1
/** Bytes looked at one by one before a native search is called: most strings end earlier. */
const NEAR_BYTES = 40
/** Bytes without quote or bracket after which a long list of numbers is supposed. */
const NUMBERS_BYTES = 256
var Skipper = class {
  #isString = false
  #depth = 0
  /** The next byte belongs to an escape sequence that began in an earlier chunk. */
  #isEscaped = false
  /** No use looking for a list of numbers again before this position of the current chunk. */
  #noNumbersBefore = 0
  /** Starts with the first byte of a value; `read` goes on after that byte. */
  begin(firstByte) {
    this.#isString = firstByte === 34
    this.#isEscaped = false
    this.#depth = NESTING[firstByte] === OPENS ? 1 : 0
  }
  /** A number or a word: nothing but the end of the input may end it. */
  get isScalar() {
    return this.#depth === 0 && !this.#isString
  }
  /** The position after the value, or -1 when it does not end in `bytes[from, to)`. */
  read(bytes, from, to) {
    if (this.#depth > 0) return this.#readNest(bytes, from, to)
    return this.#isString ? this.#readString(bytes, from, to) : readScalar(bytes, from, to)
  }
  #readString(bytes, from, to) {
    let at = from
    if (this.#isEscaped && at < to) {
      this.#isEscaped = false
      at++
    }
    while (at < to) {
      const near = Math.min(at + NEAR_BYTES, to)
      while (at < near) {
        const byte = bytes[at]
        if (byte === 34) return at + 1
        at += byte === BACKSLASH$1 ? 2 : 1
      }
      if (at >= to) break
      const found = bytes.indexOf(34, at)
      const quote = found < 0 || found > to ? to : found
      let run = quote
      while (run > at && bytes[run - 1] === BACKSLASH$1) run--
      const isEscaped = (quote - run) % 2 === 1
      if (quote < to && !isEscaped) return quote + 1
      at = isEscaped ? quote + 1 : quote
    }
    this.#isEscaped = at > to
    return -1
  }
  #readNest(bytes, from, to) {
    let at = from
    let ordinaryFrom = from
    this.#noNumbersBefore = from
    while (at < to) {
      if (this.#isString) {
        at = this.#readString(bytes, at, to)
        if (at < 0) return -1
        this.#isString = false
        ordinaryFrom = at
        continue
      }
      const meaning = NESTING[bytes[at]]
      at++
      if (meaning === 0) {
        if (at - ordinaryFrom >= NUMBERS_BYTES && at >= this.#noNumbersBefore)
          at = ordinaryFrom = this.#jumpNumbers(bytes, at, to)
        continue
      }
      ordinaryFrom = at
      if (meaning === QUOTES) this.#isString = true
      else if (meaning === OPENS) this.#depth++
      else if (--this.#depth === 0) return at
    }
    return -1
  }
  /** To the end of a list of numbers (an embedding) at once, or nowhere when other things come before it. */
  #jumpNumbers(bytes, from, to) {
    const found = bytes.indexOf(CLOSE_ARRAY$1, from)
    const end = found < 0 || found > to ? to : found
    const list = bytes.subarray(from, end)
    if (!list.includes(34) && !list.includes(91) && !list.includes(123) && !list.includes(125)) return end
    this.#noNumbersBefore = end
    return from
  }
}
function readScalar(bytes, from, to) {
  for (let at = from; at < to; at++) if (ENDS_SCALAR[bytes[at]] === 1) return at
  return -1
}
//#endregion
//#region src/api/json-key.ts
/** Reads one object key in any split of the bytes, keeping no more of it than a name looked for can have. */
const BACKSLASH = 92
var KeyReader = class {
  #text = ''
  #isEscaped = false
  #hasEscapes = false
  /** The position after the closing quote, or -1 when the key does not end in `bytes[from, to)`. */
  read(bytes, from, to) {
    let at = from
    while (at < to) {
      const byte = bytes[at]
      if (this.#isEscaped) this.#isEscaped = false
      else if (byte === BACKSLASH) this.#isEscaped = this.#hasEscapes = true
      else if (byte === 34) {
        this.#add(bytes, from, at)
        return at + 1
      }
      at++
    }
    this.#add(bytes, from, to)
    return -1
  }
  /** The key that was read, and starts anew. `undefined` for one that is no name looked for: too long, or broken. */
  take() {
    const text = this.#text
    const hasEscapes = this.#hasEscapes
    this.#text = ''
    this.#isEscaped = this.#hasEscapes = false
    if (text.length > 128) return void 0
    return hasEscapes ? unescapeText(text) : text
  }
  /** Bytes outside ASCII come out wrong, and equal no name looked for all the same. */
  #add(bytes, from, to) {
    const room = 129 - this.#text.length
    if (room > 0) this.#text += bytes.toString('latin1', from, Math.min(to, from + room))
  }
}
function unescapeText(escaped) {
  try {
    return JSON.parse(`"${escaped}"`)
  } catch {
    return
  }
}
//#endregion
//#region src/api/json.ts
/**
 * JSON bytes in any split → the few values that are looked for, in bounded memory. Everything else is skipped
 * without being decoded: strings of many megabytes at the speed of `memchr`.
 *
 * For a whole document the outcome is that of `JSON.parse` followed by `prune`. For a broken one it is whatever
 * had been read completely before the break. Skipped parts are checked for quotes and brackets only.
 */
const COMMA = 44
const COLON$1 = 58
const OPEN_OBJECT = 123
const CLOSE_OBJECT = 125
const OPEN_ARRAY = 91
const CLOSE_ARRAY = 93
const LINE_FEED$1 = 10
/** Between tokens: white space. Before a document also the three bytes of a byte order mark. */
const SPACE$1 = new Uint8Array(256)
for (const byte of Buffer.from(' 	\r\n')) SPACE$1[byte] = 1
const BYTE_ORDER_MARK$1 = Buffer.from('﻿')
/** What a value can begin with; `NaN` and `Infinity` among it, which some servers print where nobody looks. */
const BEGINS_VALUE = new Uint8Array(256)
for (const byte of Buffer.from('"{[-0123456789tfnNI')) BEGINS_VALUE[byte] = 1
/** What the next byte belongs to. */
const BEFORE_DOCUMENT = 0
const VALUE = 1
const VALUE_OR_END = 2
const IN_VALUE = 3
const AFTER_VALUE = 4
const KEY = 5
const KEY_OR_END = 6
const IN_KEY = 7
const AFTER_KEY = 8
const AFTER_DOCUMENT = 9
const BROKEN = 10
var JsonSelector = class {
  #root
  #onDocument
  #lines
  #skipper = new Skipper()
  #capture = new Capture()
  #keyReader = new KeyReader()
  #frames = []
  #state = BEFORE_DOCUMENT
  #isRootArray = false
  /** Of the value that comes next; undefined when it is skipped. */
  #selection
  #valuesBytes = 0
  #invalid = false
  #tooLarge = false
  constructor(root, options) {
    this.#root = root
    this.#onDocument = options.onDocument
    this.#lines = options.lines === true
  }
  /** Something read so far is not JSON, or ended before it was complete. */
  get invalid() {
    return this.#invalid
  }
  /** A value that was looked for is longer than the limits, and was left out. */
  get tooLarge() {
    return this.#tooLarge
  }
  /** What the document being read has said so far; `undefined` when none is being read. */
  get partial() {
    return this.#frames[0]?.object
  }
  /** Reads `bytes[from, to)`. Borrowed: nothing of them is referenced afterwards. */
  write(bytes, from = 0, to = bytes.length) {
    this.#capture.resume(from)
    let at = from
    while (at < to)
      if (this.#state === IN_VALUE) at = this.#readValue(bytes, at, to)
      else if (this.#state === IN_KEY) at = this.#readKey(bytes, at, to)
      else if (this.#state === BROKEN) at = this.#skipBroken(bytes, at, to)
      else if (SPACE$1[bytes[at]] === 1) at++
      else at = this.#readToken(bytes, at)
    if (this.#capture.active) this.#capture.keep(bytes, to, this.#maxValueBytes())
  }
  /** Ends the input: a document that was begun is given as far as it was read. */
  end() {
    if (this.#state === IN_VALUE && this.#frames.length === 0 && !this.#isRootArray && this.#skipper.isScalar)
      this.#onDocument(void 0, true)
    else if (this.#state !== BEFORE_DOCUMENT && this.#state !== AFTER_DOCUMENT && this.#state !== BROKEN)
      this.#break()
    this.#begin()
  }
  #begin() {
    this.#state = BEFORE_DOCUMENT
    this.#isRootArray = false
    this.#valuesBytes = 0
  }
  /** Gives up the current document, keeping what it had said. */
  #break() {
    const partial = this.#frames[0]?.object
    this.#invalid = true
    this.#frames.length = 0
    this.#capture.cancel()
    this.#keyReader.take()
    this.#state = BROKEN
    if (partial !== void 0) this.#onDocument(partial, false)
  }
  #skipBroken(bytes, at, to) {
    if (!this.#lines) return to
    const lineEnd = bytes.indexOf(LINE_FEED$1, at)
    if (lineEnd < 0 || lineEnd >= to) return to
    this.#begin()
    return lineEnd + 1
  }
  #readToken(bytes, at) {
    const byte = bytes[at]
    switch (this.#state) {
      case BEFORE_DOCUMENT:
      case AFTER_DOCUMENT:
        return this.#beginDocument(byte, at)
      case VALUE_OR_END:
        if (byte === CLOSE_ARRAY) return this.#close(at)
        return this.#beginValue(byte, at)
      case VALUE:
        return this.#beginValue(byte, at)
      case KEY_OR_END:
      case KEY:
        if (byte === CLOSE_OBJECT && this.#state === KEY_OR_END) return this.#close(at)
        if (byte === 34) this.#state = IN_KEY
        else this.#break()
        return at + 1
      case AFTER_KEY:
        if (byte === COLON$1) this.#state = VALUE
        else this.#break()
        return at + 1
      default:
        return this.#readSeparator(byte, at)
    }
  }
  #beginDocument(byte, at) {
    if (this.#state === AFTER_DOCUMENT && !this.#lines) {
      this.#break()
      return at
    }
    if (BYTE_ORDER_MARK$1.includes(byte)) return at + 1
    this.#begin()
    this.#selection = this.#root
    if (byte !== OPEN_ARRAY) return this.#beginValue(byte, at)
    this.#isRootArray = true
    this.#state = VALUE_OR_END
    return at + 1
  }
  #beginValue(byte, at) {
    const selection = this.#selection
    if (selection !== void 0 && !selection.all) {
      if (byte === OPEN_OBJECT && selection.fields !== void 0) return this.#open(selection, {}, void 0, at)
      if (byte === OPEN_ARRAY && selection.items !== void 0) return this.#open(selection, void 0, [], at)
    }
    if (BEGINS_VALUE[byte] === 0) {
      this.#break()
      return at + 1
    }
    if (selection?.all === true) this.#capture.begin(at)
    this.#skipper.begin(byte)
    this.#state = IN_VALUE
    return at + 1
  }
  #open(selection, object, array, at) {
    if (this.#frames.length > 0) this.#assign(object ?? array)
    this.#frames.push({
      selection,
      object,
      array,
      key: '',
    })
    this.#selection = selection.items
    this.#state = object === void 0 ? VALUE_OR_END : KEY_OR_END
    return at + 1
  }
  #close(at) {
    const closed = this.#frames.pop()
    if (closed === void 0) {
      this.#isRootArray = false
      this.#state = AFTER_DOCUMENT
    } else this.#afterValue(closed.object)
    return at + 1
  }
  #readValue(bytes, at, to) {
    const end = this.#skipper.read(bytes, at, to)
    if (end < 0) return to
    const value = this.#capture.active ? this.#parse(bytes, end) : void 0
    if (this.#frames.length > 0) this.#assign(value)
    this.#afterValue(void 0)
    return end
  }
  #parse(bytes, end) {
    const text = this.#capture.take(bytes, end, this.#maxValueBytes())
    if (text === void 0) {
      this.#tooLarge = true
      return
    }
    this.#valuesBytes += text.length
    try {
      return JSON.parse(text)
    } catch {
      this.#invalid = true
      return
    }
  }
  #maxValueBytes() {
    return Math.min(MAX_VALUE_BYTES, MAX_DOCUMENT_VALUES_BYTES - this.#valuesBytes)
  }
  #assign(value) {
    const frame = this.#frames.at(-1)
    if (frame.array !== void 0) {
      if (frame.array.length < 128) frame.array.push(value ?? null)
    } else if (frame.object !== void 0 && this.#selection !== void 0)
      if (value === void 0) delete frame.object[frame.key]
      else frame.object[frame.key] = value
  }
  #afterValue(document) {
    if (this.#frames.length > 0) {
      this.#state = AFTER_VALUE
      return
    }
    this.#state = this.#isRootArray ? AFTER_VALUE : AFTER_DOCUMENT
    this.#onDocument(document, true)
  }
  #readSeparator(byte, at) {
    const frame = this.#frames.at(-1)
    if (byte === (frame?.object === void 0 ? CLOSE_ARRAY : CLOSE_OBJECT)) return this.#close(at)
    if (byte !== COMMA) this.#break()
    else if (frame === void 0) {
      this.#selection = this.#root
      this.#valuesBytes = 0
      this.#state = VALUE
    } else if (frame.array !== void 0) {
      this.#selection = frame.array.length < 128 ? frame.selection.items : void 0
      this.#state = VALUE
    } else this.#state = KEY
    return at + 1
  }
  #readKey(bytes, at, to) {
    const end = this.#keyReader.read(bytes, at, to)
    if (end < 0) return to
    const key = this.#keyReader.take()
    const frame = this.#frames.at(-1)
    this.#selection = key === void 0 ? void 0 : frame.selection.fields?.get(key)
    if (this.#selection !== void 0) frame.key = key
    this.#state = AFTER_KEY
    return end
  }
}
//#endregion
//#region src/api/json-reader.ts
/** JSON bytes in any split → documents: small bodies by `JSON.parse`, the others by selection. */
/**
 * As a JsonSelector, and several times cheaper for bodies of usual size. A document comes as it is when it was
 * small, and pruned otherwise: whoever reads it looks at selected values only.
 */
var JsonReader = class {
  #selection
  #options
  #small
  #selector
  constructor(selection, options) {
    this.#selection = selection
    this.#options = options
  }
  get invalid() {
    return this.#selector?.invalid === true
  }
  get tooLarge() {
    return this.#selector?.tooLarge === true
  }
  /** Borrowed: nothing of the bytes is referenced afterwards. */
  write(bytes) {
    if (this.#selector !== void 0) this.#selector.write(asBuffer(bytes))
    else if ((this.#small?.length ?? 0) + bytes.length > 4096) this.#select().write(asBuffer(bytes))
    else this.#small = this.#small === void 0 ? Buffer.from(bytes) : Buffer.concat([this.#small, bytes])
  }
  /** What is known of the document that is being read. */
  peek() {
    if (this.#selector === void 0 && this.#small !== void 0) {
      const document = parseWhole(this.#small.toString())
      if (document !== void 0) return document
    }
    return this.#select().partial
  }
  /** Ends the input: a document that was begun is given as far as it was read. */
  end() {
    const document = this.#small === void 0 ? void 0 : parseWhole(this.#small.toString())
    if (document === void 0) this.#select().end()
    else giveDocuments(document, this.#options.onDocument)
  }
  #select() {
    if (this.#selector === void 0) {
      this.#selector = new JsonSelector(this.#selection, this.#options)
      if (this.#small !== void 0) this.#selector.write(this.#small)
      this.#small = void 0
    }
    return this.#selector
  }
}
/** `undefined` for text that is no JSON document, or not one alone. */
function parseWhole(text) {
  try {
    return JSON.parse(text)
  } catch {
    return
  }
}
/** The elements of a top-level array are documents of their own. */
function giveDocuments(document, onDocument) {
  if (!Array.isArray(document)) onDocument(document, true)
  else for (const element of document) onDocument(element, true)
}
//#endregion
//#region src/api/multipart.ts
/**
 * One form field of a `multipart/form-data` body (RFC 7578), in any split of the bytes. Files pass by without
 * being kept: only the headers of each part are looked at.
 */
const HEADERS_END = '\r\n\r\n'
/** Bytes searched at a time. */
const MAX_WINDOW_BYTES = 16 * 1024
/** The boundary that a content type names, or `undefined` when it is no multipart form. */
function readBoundary(contentType) {
  if (contentType === void 0 || !/^\s*multipart\/form-data\b/i.test(contentType)) return void 0
  const match = /;\s*boundary=(?:"([^"]{1,200})"|([^\s;]{1,200}))/i.exec(contentType)
  return match?.[1] ?? match?.[2]
}
var MultipartField = class {
  /** The text of the field, once it was read to its end. Of several the first. */
  value
  #disposition
  #delimiter
  /** The end of what was read, which may belong to what comes next. The first delimiter has no line before it. */
  #rest = Buffer.from('\r\n')
  #part = 'other'
  /** `name` is made of letters, digits, `_` and `-`. */
  constructor(name, boundary) {
    this.#disposition = new RegExp(
      `^content-disposition:\\s*form-data\\s*;\\s*name="?${name}"?\\s*(?:;|$)`,
      'im',
    )
    this.#delimiter = Buffer.from(`\r\n--${boundary}`)
  }
  /** Borrowed: nothing of the bytes is referenced afterwards. */
  write(bytes) {
    for (let from = 0; from < bytes.length && this.value === void 0; from += MAX_WINDOW_BYTES)
      this.#read(Buffer.concat([this.#rest, bytes.subarray(from, from + MAX_WINDOW_BYTES)]))
  }
  #read(window) {
    let at = 0
    for (;;) {
      const end = window.indexOf(this.#part === 'headers' ? HEADERS_END : this.#delimiter, at)
      if (end < 0) break
      const isTooLong = end - at > MAX_PART_BYTES
      if (this.#part === 'headers') {
        const isField = !isTooLong && this.#disposition.test(window.toString('latin1', at, end))
        this.#part = isField ? 'field' : 'other'
        at = end + 4 - 2
        continue
      }
      if (this.#part === 'field' && !isTooLong) {
        this.value = window.toString('utf8', Math.min(at + 2, end), end)
        return
      }
      this.#part = 'headers'
      at = end + this.#delimiter.length
    }
    const maxBytes = MAX_PART_BYTES + this.#delimiter.length
    const isNeeded = this.#part !== 'other' && window.length - at <= maxBytes
    if (!isNeeded) this.#part = 'other'
    this.#rest = Buffer.from(
      window.subarray(isNeeded ? at : Math.max(at, window.length - this.#delimiter.length)),
    )
  }
}
function select(shape) {
  if (shape === true)
    return {
      all: true,
      fields: void 0,
      items: void 0,
    }
  if (isPattern(shape))
    return {
      all: false,
      fields: void 0,
      items: select(shape[0]),
    }
  return {
    all: false,
    fields: new Map(Object.entries(shape).map(([key, inner]) => [key, select(inner)])),
    items: void 0,
  }
}
function isPattern(shape) {
  return Array.isArray(shape)
}
//#endregion
//#region src/api/text.ts
/** Strings from the wire, made fit to be labels: bounded, and without control characters. */
const CONTROL_CHARACTERS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g
/** A model's name, cut to its limit; `undefined` for anything that is none. */
function readModel(value) {
  return readText(value)?.slice(0, 200)
}
/** An id, or `undefined`. A cut id would be another one: too long is none. */
function readId(value) {
  const id = readText(value)
  return id !== void 0 && id.length <= 256 ? id : void 0
}
/** A word such as a finish reason, cut to its limit. */
function readWord(value) {
  return readText(value)?.slice(0, 64)
}
function readText(value) {
  if (typeof value !== 'string') return void 0
  const text = value.replace(CONTROL_CHARACTERS, '').trim()
  return text === '' ? void 0 : text
}
//#endregion
//#region src/api/request.ts
/** Keys of requests, in the spellings of the families, that are plain numbers. Of several the first counts. */
const NUMBERS = {
  max_completion_tokens: 'maxTokens',
  max_output_tokens: 'maxTokens',
  max_tokens: 'maxTokens',
  temperature: 'temperature',
  top_p: 'topP',
  top_k: 'topK',
  frequency_penalty: 'frequencyPenalty',
  presence_penalty: 'presencePenalty',
  seed: 'seed',
  n: 'choiceCount',
  num_images: 'choiceCount',
  dimensions: 'dimensionCount',
  output_dimension: 'dimensionCount',
}
/** Requested formats → `gen_ai.output.type`. Image families say `url` or `b64_json` here, which is another matter. */
const OUTPUT_TYPES = new Map([
  ['text', 'text'],
  ['json_object', 'json'],
  ['json_schema', 'json'],
])
const REQUEST_SELECTION = select({
  ...Object.fromEntries(Object.keys(NUMBERS).map((key) => [key, true])),
  model: true,
  stream: true,
  stop: true,
  stop_sequences: true,
  reasoning_effort: true,
  reasoning: { effort: true },
  encoding_format: true,
  response_format: { type: true },
  text: { format: { type: true } },
})
const NOTHING = {
  stream: false,
  parameters: {},
}
/**
 * Reads JSON bodies, whatever they call themselves, and the field `model` of multipart forms. A compressed body
 * says nothing here: no client of the API is known to send one.
 */
function createRequestReader(contentType, contentEncoding) {
  if (contentEncoding !== void 0 && !/^\s*(?:identity)?\s*$/i.test(contentEncoding)) return SILENT_READER
  const boundary = readBoundary(contentType)
  return boundary === void 0 ? new JsonRequest() : new FormRequest(boundary)
}
const SILENT_READER = {
  write() {},
  facts: () => NOTHING,
}
var FormRequest = class {
  #field
  constructor(boundary) {
    this.#field = new MultipartField('model', boundary)
  }
  write(bytes) {
    this.#field.write(asBuffer(bytes))
  }
  facts() {
    const model = readModel(this.#field.value)
    return model === void 0
      ? NOTHING
      : {
          ...NOTHING,
          model,
        }
  }
}
var JsonRequest = class {
  #reader = new JsonReader(REQUEST_SELECTION, {
    onDocument: (document) => {
      this.#document = document
    },
  })
  #document
  /** Facts of the bytes so far; gone with the next ones. */
  #facts
  write(bytes) {
    this.#facts = void 0
    this.#reader.write(bytes)
  }
  facts() {
    this.#facts ??= readFacts(this.#document ?? this.#reader.peek())
    return this.#facts
  }
}
function readFacts(document) {
  if (typeof document !== 'object' || document === null) return NOTHING
  const fields = document
  const model = readModel(fields['model'])
  return {
    stream: fields['stream'] === true,
    parameters: readParameters(fields),
    ...(model !== void 0 && { model }),
  }
}
function readParameters(fields) {
  const parameters = {}
  for (const key in NUMBERS) {
    const value = fields[key]
    const name = NUMBERS[key]
    if (typeof value === 'number' && Number.isFinite(value)) parameters[name] ??= value
  }
  const stopSequences = readWords(fields['stop'] ?? fields['stop_sequences'])
  if (stopSequences !== void 0) parameters.stopSequences = stopSequences
  const reasoningLevel = readWord(fields['reasoning_effort'] ?? fieldsOf$1(fields['reasoning'])['effort'])
  if (reasoningLevel !== void 0) parameters.reasoningLevel = reasoningLevel
  const encodingFormats = readWords(fields['encoding_format'])
  if (encodingFormats !== void 0) parameters.encodingFormats = encodingFormats
  const format =
    fieldsOf$1(fields['response_format'])['type'] ?? fieldsOf$1(fieldsOf$1(fields['text'])['format'])['type']
  const outputType = OUTPUT_TYPES.get(format)
  if (outputType !== void 0) parameters.outputType = outputType
  return parameters
}
/** One word or several. Stop sequences are often white space, so nothing is trimmed. */
function readWords(value) {
  const words = (Array.isArray(value) ? value : [value]).filter(
    (word) => typeof word === 'string' && word !== '',
  )
  return words.length === 0 ? void 0 : words.slice(0, 16).map((word) => word.slice(0, 64))
}
function fieldsOf$1(value) {
  return typeof value === 'object' && value !== null ? value : {}
}
//#endregion
//#region src/api/usage.ts
/** In the order in which a usage object is asked whether it speaks them. */
const DIALECTS = [
  {
    spokenBy: ['prompt_tokens', 'completion_tokens'],
    spellings: {
      prompt_tokens: 'input',
      completion_tokens: 'output',
      total_tokens: 'total',
      'prompt_tokens_details.cached_tokens': 'cache_read',
      'prompt_tokens_details.cache_write_tokens': 'cache_write',
      'prompt_tokens_details.audio_tokens': 'input_audio',
      'prompt_tokens_details.image_tokens': 'input_image',
      'prompt_tokens_details.text_tokens': 'input_text',
      'prompt_tokens_details.video_tokens': 'input_video',
      'completion_tokens_details.reasoning_tokens': 'reasoning',
      'completion_tokens_details.audio_tokens': 'output_audio',
      'completion_tokens_details.image_tokens': 'output_image',
      'completion_tokens_details.text_tokens': 'output_text',
      'completion_tokens_details.video_tokens': 'output_video',
      'completion_tokens_details.accepted_prediction_tokens': 'accepted_prediction',
      'completion_tokens_details.rejected_prediction_tokens': 'rejected_prediction',
      prompt_cache_hit_tokens: 'cache_read',
      cache_read_input_tokens: 'cache_read',
      cache_creation_input_tokens: 'cache_write',
    },
  },
  {
    spokenBy: ['cache_read_input_tokens', 'cache_creation_input_tokens'],
    spellings: {
      input_tokens: 'input',
      output_tokens: 'output',
      cache_read_input_tokens: 'cacheReadApart',
      cache_creation_input_tokens: 'cacheWriteApart',
    },
  },
  {
    spokenBy: ['input_tokens', 'output_tokens', 'total_tokens'],
    spellings: {
      input_tokens: 'input',
      output_tokens: 'output',
      total_tokens: 'total',
      'input_tokens_details.cached_tokens': 'cache_read',
      'input_tokens_details.cache_write_tokens': 'cache_write',
      'input_tokens_details.audio_tokens': 'input_audio',
      'input_tokens_details.image_tokens': 'input_image',
      'input_tokens_details.text_tokens': 'input_text',
      'input_tokens_details.video_tokens': 'input_video',
      'input_token_details.cached_tokens': 'cache_read',
      'input_token_details.audio_tokens': 'input_audio',
      'input_token_details.image_tokens': 'input_image',
      'input_token_details.text_tokens': 'input_text',
      'output_tokens_details.reasoning_tokens': 'reasoning',
      'output_tokens_details.audio_tokens': 'output_audio',
      'output_tokens_details.image_tokens': 'output_image',
      'output_tokens_details.text_tokens': 'output_text',
      'output_tokens_details.video_tokens': 'output_video',
      'output_token_details.reasoning_tokens': 'reasoning',
      'output_token_details.audio_tokens': 'output_audio',
      'output_token_details.image_tokens': 'output_image',
      'output_token_details.text_tokens': 'output_text',
    },
  },
]
/**
 * What is billed by other units, as literally said. Not here, because nothing is billed by them: `duration` and
 * other metadata of media, MiniMax's `total_characters` beside tokens, Perplexity's and xAI's source counts.
 */
const UNITS = {
  seconds: 'second',
  characters: 'character',
  images: 'image',
  generated_images: 'image',
  image_count: 'image',
  pages_processed: 'page',
}
/** Units may be fractions; tokens may not. */
const UNIT_NAMES = ['image', 'second', 'character', 'page']
const DETAIL_NAMES = [
  'cache_read',
  'cache_write',
  'reasoning',
  'input_audio',
  'input_image',
  'input_text',
  'input_video',
  'output_audio',
  'output_image',
  'output_text',
  'output_video',
  'accepted_prediction',
  'rejected_prediction',
]
const dialects = DIALECTS.map(({ spokenBy, spellings }) => ({
  spokenBy,
  rows: compileRows(spellings),
}))
const unitRows = compileRows(UNITS)
/**
 * Adds what a usage object (`usage`, `usage_info`) says to the figures of its body. False when it says
 * something that is no count: a string, a negative, a fraction of a token, a number that is not safe.
 */
function collectFigures(usage, figures) {
  if (usage === void 0 || usage === null) return true
  if (Array.isArray(usage)) return usage.length === 0
  if (typeof usage !== 'object') return false
  const fields = usage
  const dialect = dialects.find(({ spokenBy }) => spokenBy.some((key) => (fields[key] ?? null) !== null))
  const isReadable = dialect === void 0 || collectRows(fields, dialect.rows, figures, isCount)
  return collectRows(fields, unitRows, figures, isAmount) && isReadable
}
/** The figures of a whole body as Usage, by the counting rules (README, "Counting rules"). */
function summarize(figures) {
  const usage = {}
  const inputTokens = sumInput(figures)
  if (inputTokens !== void 0) usage.inputTokens = inputTokens
  const outputTokens = sumOutput(figures)
  if (outputTokens !== void 0) usage.outputTokens = outputTokens
  const details = pick(DETAIL_NAMES, figures)
  const { cacheReadApart, cacheWriteApart } = figures
  if (cacheReadApart !== void 0) details.cache_read = cacheReadApart
  if (cacheWriteApart !== void 0) details.cache_write = cacheWriteApart
  if (!isEmpty(details)) usage.details = details
  const units = pick(UNIT_NAMES, figures)
  if (!isEmpty(units)) usage.units = units
  return usage
}
/** Prompt tokens with cached ones; where only a total is said (embeddings), all of it is input. */
function sumInput(figures) {
  const { input, output, total, cacheReadApart = 0, cacheWriteApart = 0 } = figures
  if (input !== void 0) return safeSum(input, cacheReadApart + cacheWriteApart)
  return output === void 0 ? total : void 0
}
/** Completion tokens with reasoning, which some vendors leave out: the total shows it. */
function sumOutput({ input, output, total, reasoning = 0 }) {
  return input !== void 0 && output !== void 0 && total === input + output + reasoning
    ? safeSum(output, reasoning)
    : output
}
function safeSum(count, more) {
  return isCount(count + more) ? count + more : count
}
function compileRows(spellings) {
  const byParent = /* @__PURE__ */ new Map()
  for (const [path, figure] of Object.entries(spellings).reverse()) {
    const dotAt = path.indexOf('.')
    const parent = dotAt < 0 ? void 0 : path.slice(0, dotAt)
    const figures = byParent.get(parent) ?? []
    figures.push([path.slice(dotAt + 1), figure])
    byParent.set(parent, figures)
  }
  return [...byParent]
    .map(([parent, figures]) => ({
      parent,
      figures,
    }))
    .sort(byImportance)
}
/** The usage object's own keys first, so that what is inside of it, where it says the same, has the last word. */
function byImportance(a, b) {
  return Number(a.parent !== void 0) - Number(b.parent !== void 0)
}
function collectRows(fields, rows, figures, isValid) {
  let isReadable = true
  for (const { parent, figures: keys } of rows) {
    const holder = parent === void 0 ? fields : fields[parent]
    if (typeof holder !== 'object' || holder === null) continue
    for (const [key, figure] of keys) {
      const value = holder[key]
      if (value === void 0 || value === null) continue
      if (isValid(value)) figures[figure] = value
      else isReadable = false
    }
  }
  return isReadable
}
/** A number of things: whole, not negative, and exact in a double. */
function isCount(value) {
  return Number.isSafeInteger(value) && value >= 0
}
/** An amount that may be a fraction. */
function isAmount(value) {
  return typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER
}
function pick(names, figures) {
  const picked = {}
  for (const name of names) {
    const figure = figures[name]
    if (figure !== void 0) picked[name] = figure
  }
  return picked
}
function isEmpty(object) {
  for (const _ in object) return false
  return true
}
//#endregion
//#region src/api/cost.ts
/**
 * What the account is charged for a call: credits and US dollars, from headers and body, by counting rule 1.
 * Vendors' own figures (`usage.cost`, `cost_in_usd_ticks`, `cost_details`) are upstream prices, never read.
 */
const CREDITS_HEADER = 'x-aimlapi-credits-used'
const USD_HEADER = 'x-aimlapi-usd-spent'
/** As the documentation prints them: an integer, and a decimal with nine places. */
const INTEGER = /^\d{1,16}$/
const DECIMAL = /^\d{1,16}(?:\.\d{1,18})?(?:e-?\d{1,2})?$/i
function readCostHeaders(header) {
  const creditsText = header(CREDITS_HEADER)?.trim()
  const usdText = header(USD_HEADER)?.trim()
  const cost = { isUnreadable: false }
  if (creditsText) setCredits(cost, INTEGER.test(creditsText) ? Number(creditsText) : creditsText)
  if (usdText) setUsd(cost, DECIMAL.test(usdText) ? Number(usdText) : usdText)
  return cost
}
/**
 * Adds what a `meta.usage` object says. `tokens_used` is the old name of `credits_used`, never a number of
 * tokens (the documented 2025 bodies show prices under it).
 */
function collectCost(metaUsage, cost) {
  if (metaUsage === void 0 || metaUsage === null) return
  if (typeof metaUsage !== 'object' || Array.isArray(metaUsage)) {
    cost.isUnreadable = true
    return
  }
  const { credits_used: credits, tokens_used: legacyCredits, usd_spent: usd } = metaUsage
  setCredits(cost, isCount(credits) ? credits : (legacyCredits ?? credits))
  setUsd(cost, usd)
}
/** Header before body, credits before dollars; what only one of the two said is computed from the other. */
function addCost(usage, header, body) {
  const reportedUsd = header.usd ?? body.usd
  const credits = header.credits ?? body.credits ?? (reportedUsd === void 0 ? void 0 : toCredits(reportedUsd))
  if (credits === void 0) return
  usage.credits = credits
  usage.usd = reportedUsd ?? credits / 2e6
}
function setCredits(cost, value) {
  if (isCount(value)) cost.credits = value
  else if (value !== void 0 && value !== null) cost.isUnreadable = true
}
function setUsd(cost, value) {
  if (isAmount(value) && isCount(toCredits(value))) cost.usd = value
  else if (value !== void 0 && value !== null) cost.isUnreadable = true
}
function toCredits(usd) {
  return Math.round(usd * CREDITS_PER_USD)
}
//#endregion
//#region src/api/statuses.ts
const JOB_WORDS = {
  pending: [
    'queued',
    'waiting',
    'active',
    'generating',
    'processing',
    'in_progress',
    'pending',
    'running',
    'starting',
    'submitted',
    'preparing',
    'requires_action',
    'cancelling',
    'canceling',
  ],
  succeeded: ['completed', 'succeeded', 'success', 'ended', 'done', 'finished', 'incomplete'],
  failed: ['error', 'failed', 'cancelled', 'canceled', 'expired'],
}
/** A batch that was cancelled or expired still has results, and is charged for them. */
const BATCH_WORDS = {
  pending: JOB_WORDS.pending,
  succeeded: [...JOB_WORDS.succeeded, 'cancelled', 'canceled', 'expired'],
  failed: ['error', 'failed'],
}
const jobStatuses = invert(JOB_WORDS)
const batchStatuses = invert(BATCH_WORDS)
/** `undefined` for a word that is not known. */
function readJobStatus(endpoint, word) {
  return (endpoint === 'batch' ? batchStatuses : jobStatuses).get(word.toLowerCase())
}
function invert(words) {
  return new Map(Object.entries(words).flatMap(([status, row]) => row.map((word) => [word, status])))
}
//#endregion
//#region src/api/answer.ts
const SPENT = {
  usage: true,
  meta: { usage: true },
}
const MESSAGE = {
  ...SPENT,
  id: true,
  model: true,
  stop_reason: true,
}
/** Everything that is ever read of a response, of whichever family. Content is not among it. */
const RESPONSE_SELECTION = select({
  ...MESSAGE,
  usage_info: true,
  generation_id: true,
  requestId: true,
  object: true,
  type: true,
  status: true,
  processing_status: true,
  incomplete_details: { reason: true },
  choices: [
    {
      index: true,
      finish_reason: true,
    },
  ],
  delta: { stop_reason: true },
  error: {},
  /** Anthropic's `message_start`. */
  message: MESSAGE,
  /** Typed events of the Responses API. */
  response: {
    ...MESSAGE,
    status: true,
    incomplete_details: { reason: true },
  },
  /** Transcription polls; one request of a batch. */
  result: {
    ...SPENT,
    type: true,
    status: true,
    message: MESSAGE,
  },
  output: {
    ...SPENT,
    status: true,
  },
  custom_id: true,
})
var Answer = class {
  id
  model
  generationId
  jobStatus
  /** The stream ended in an error event, or the response says that it failed. */
  hasFailed = false
  /** Something that should be a count is none. */
  isUnreadable = false
  cost = { isUnreadable: false }
  #route
  #onBatchItem
  #figures = {}
  #finishReasons = /* @__PURE__ */ new Map()
  constructor(route, onBatchItem) {
    this.#route = route
    this.#onBatchItem = onBatchItem
  }
  get usage() {
    return summarize(this.#figures)
  }
  get finishReasons() {
    if (this.#finishReasons.size === 0) return void 0
    return [...this.#finishReasons].sort(([a], [b]) => a - b).map(([, reason]) => reason)
  }
  /** Neither id nor model has been said yet. */
  get isAnonymous() {
    return this.id === void 0 || this.model === void 0
  }
  /** Adds one document. `isWhole`: it was read to its end. `isEvent`: it is the data of an SSE event. */
  add(document, isWhole, isEvent) {
    if (!isFields(document)) return
    if (this.#route.endpoint === 'batch' && this.#addBatchItem(document, isWhole)) return
    const response = fieldsOf(document['response'])
    const message = fieldsOf(document['message'])
    this.#addUsage(document)
    for (const part of [response, message, document['result'], document['output']]) this.#addUsage(part)
    this.id ??=
      readId(document['id']) ??
      readId(response['id']) ??
      readId(message['id']) ??
      readId(document['requestId'])
    this.model ??= readModel(document['model']) ?? readModel(response['model']) ?? readModel(message['model'])
    this.#addFinishReasons(document, response, message)
    if (this.#route.phase !== 'sync') this.#addJob(document, isWhole)
    this.#addFailure(document, response, isEvent)
  }
  #addUsage(part) {
    if (!isFields(part)) return
    const isReadable = collectFigures(part['usage'], this.#figures)
    if (!collectFigures(part['usage_info'], this.#figures) || !isReadable) this.isUnreadable = true
    collectCost(fieldsOf(part['meta'])['usage'], this.cost)
  }
  #addFinishReasons(document, response, message) {
    if (Array.isArray(document['choices'])) {
      for (const [position, choice] of document['choices'].slice(0, 128).entries()) {
        const { index, finish_reason: reason } = fieldsOf(choice)
        this.#setFinishReason(typeof index === 'number' ? index : position, reason)
      }
      return
    }
    const { stop_reason: deltaReason } = fieldsOf(document['delta'])
    this.#setFinishReason(0, document['stop_reason'] ?? deltaReason ?? message['stop_reason'])
    const said = document['object'] === 'response' ? document : response
    const { reason } = fieldsOf(said['incomplete_details'])
    if (said['status'] !== 'in_progress' && said['status'] !== 'queued')
      this.#setFinishReason(0, reason ?? said['status'])
  }
  #setFinishReason(index, reason) {
    const word = readWord(reason)
    if (word === void 0) return
    if (this.#finishReasons.size < 128 || this.#finishReasons.has(index)) this.#finishReasons.set(index, word)
  }
  #addJob(document, isWhole) {
    this.generationId ??= readId(document['generation_id']) ?? readId(document['id'])
    const parts = [document, fieldsOf(document['result']), fieldsOf(document['output'])]
    const word = [document['processing_status'], ...parts.map(({ status }) => status)].find(
      (value) => typeof value === 'string',
    )
    if (word !== void 0) this.jobStatus = readJobStatus(this.#route.endpoint, word)
    else if (isWhole && this.#route.phase === 'poll' && parts.some(({ usage }) => isFields(usage)))
      this.jobStatus = 'succeeded'
  }
  /** The mere presence of `error` says nothing in a job or a response; in a stream's event it does. */
  #addFailure(document, response, isEvent) {
    if (
      (document['object'] === 'response' ? document : response)['status'] === 'failed' ||
      document['type'] === 'response.failed'
    )
      this.hasFailed = true
    if (isEvent && (document['type'] === 'error' || isFields(document['error']))) this.hasFailed = true
  }
  #addBatchItem(document, isWhole) {
    const customId = readId(document['custom_id'])
    const result = document['result']
    if (customId === void 0 || !isFields(result)) return false
    const message = fieldsOf(result['message'])
    const usage = this.#readItemUsage([document, result, message])
    if (!isWhole && usage.inputTokens === void 0) return true
    this.jobStatus = 'succeeded'
    const model = readModel(message['model'])
    const failed = result['type'] !== 'succeeded'
    this.#onBatchItem?.({
      customId,
      usage,
      failed,
      ...(model !== void 0 && { model }),
    })
    return true
  }
  #readItemUsage(parts) {
    const figures = {}
    const cost = { isUnreadable: false }
    for (const part of parts) {
      if (!collectFigures(part['usage'], figures)) this.isUnreadable = true
      collectCost(fieldsOf(part['meta'])['usage'], cost)
    }
    const usage = summarize(figures)
    addCost(usage, NO_COST, cost)
    return usage
  }
}
const NO_COST = { isUnreadable: false }
function isFields(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
const NO_FIELDS = {}
function fieldsOf(value) {
  return isFields(value) ? value : NO_FIELDS
}
//#endregion
//#region src/api/sse.ts
/**
 * Server-sent events (WHATWG HTML, section "Server-sent events") in any split of the bytes → the documents in
 * their data, in bounded memory. An event of any size is read without being kept.
 *
 * A stream has hundreds of events, and few say anything that is looked for. Chunks are therefore only copied,
 * and looked at together: the first events are read until they have named the answer, the last ones always,
 * and of those between every one that speaks of tokens or credits. Where such a batch ends depends on the count
 * of bytes alone, so the outcome is the same for every split.
 */
const LINE_FEED = 10
const CARRIAGE_RETURN = 13
const COLON = 58
const SPACE = 32
const BYTE_ORDER_MARK = Buffer.from('﻿')
const NEW_LINE = Buffer.from('\n')
const DONE = '[DONE]'
const EMPTY = Buffer.alloc(0)
/**
 * Ends of the keys by which an event speaks of usage: `…tokens`, `credits_used`, `tokens_used`. Fewer than seven
 * bytes, beginning with a rare one: Node then searches at the speed of `memchr`, several times faster than for
 * a longer word.
 */
const TOKENS_WORD = 'kens"'
const CREDITS_WORD = '_used"'
/** Events read at the beginning, as long as id and model are not known. */
const FIRST_EVENTS = 8
/** Events read at the end, whatever they say: finish reasons, errors, usage in other words. */
const LAST_EVENTS = 4
const FIRST_STAGE_BYTES = 1024
/** Full stages kept for the next streams: a new one is expensive, and few streams begin at once. */
const MAX_SPARE_STAGES = 8
const spareStages = []
/** A line that did not end within so many bytes is read piece by piece; a shorter one waits for its end. */
const SHORT_LINE_BYTES = 64
/** What the rest of a line belongs to. */
const AT_LINE_START = 0
const IN_DATA = 1
const IN_REST = 2
var SseReader = class {
  #options
  #selector
  #stage = EMPTY
  #stagedBytes = 0
  /** The staged bytes, while they are read. */
  #bytes = this.#stage
  #line = AT_LINE_START
  #isFirstLine = true
  /** The line before ended in a carriage return: a line feed now is part of that end. */
  #isAfterReturn = false
  #inEvent = false
  /** A whole and only line of data, not read yet: `JSON.parse` can have it when the event ends with it. */
  #dataFrom = -1
  #dataTo = -1
  #dataLines = 0
  #eventsRead = 0
  #hasData = false
  constructor(selection, options) {
    this.#options = options
    this.#selector = new JsonSelector(selection, { onDocument: options.onDocument })
  }
  /** Some event's data was no JSON, or was cut off. */
  get invalid() {
    return this.#selector.invalid
  }
  get tooLarge() {
    return this.#selector.tooLarge
  }
  /** At least one line of data was read: this is an event stream indeed. */
  get hasData() {
    return this.#hasData
  }
  /** Borrowed: the bytes are copied. */
  write(bytes) {
    const size = bytes.length
    if (this.#stagedBytes + size < this.#stage.length) {
      this.#stage.set(bytes, this.#stagedBytes)
      this.#stagedBytes += size
      return
    }
    let from = 0
    while (from < size) {
      this.#makeRoom(size - from)
      const to = Math.min(size, from + this.#stage.length - this.#stagedBytes)
      this.#stage.set(to - from === size ? bytes : bytes.subarray(from, to), this.#stagedBytes)
      this.#stagedBytes += to - from
      from = to
      if (this.#stagedBytes === 16384) this.#drain()
    }
  }
  /** Reads what is left. A last event counts without the blank line after it, as far as it came. */
  end() {
    this.#readRange(this.#stagedBytes, true)
    this.#endEvent()
    if (this.#stage.length === 16384 && spareStages.length < MAX_SPARE_STAGES) spareStages.push(this.#stage)
    this.#stage = this.#bytes = EMPTY
    this.#stagedBytes = 0
  }
  #makeRoom(bytes) {
    const size = this.#stage.length
    if (this.#stagedBytes + bytes <= size || size === 16384) return
    const needed = Math.max(this.#stagedBytes + bytes, size * 4, FIRST_STAGE_BYTES)
    const grown = spareStages.pop() ?? Buffer.allocUnsafeSlow(Math.min(needed, 16384))
    grown.set(this.#stage.subarray(0, this.#stagedBytes))
    this.#stage = grown
  }
  /** Reads the full stage, except for the newest events. */
  #drain() {
    this.#bytes = this.#stage
    const boundary = this.#lastEventEnd(MAX_STAGE_BYTES - KEPT_STAGE_BYTES)
    const at = this.#readRange(boundary > 0 ? boundary : MAX_STAGE_BYTES, false)
    this.#stage.copyWithin(0, at, MAX_STAGE_BYTES)
    this.#stagedBytes = MAX_STAGE_BYTES - at
  }
  /** Reads up to `to`; gives the position where it stopped, because a short line has not ended. */
  #readRange(to, isEnd) {
    this.#bytes = this.#stage.subarray(0, to)
    const loudTokens = new Occurrences(this.#bytes, TOKENS_WORD)
    const loudCredits = new Occurrences(this.#bytes, CREDITS_WORD)
    const returns = new Occurrences(this.#bytes, '\r')
    const lastEventsFrom = isEnd ? this.#lastEventsStart(to) : to
    let at = 0
    while (at < to) {
      if (!this.#inEvent && !(this.#eventsRead < FIRST_EVENTS && this.#options.isAnonymous())) {
        const loud = Math.min(loudTokens.next(at), loudCredits.next(at), lastEventsFrom)
        at = Math.max(at, this.#lastEventEnd(loud))
        if (at >= to) break
      }
      const lineEnd = this.#findLineEnd(at, to, returns)
      if (lineEnd === to && !isEnd && to - at < SHORT_LINE_BYTES) {
        this.#selectData()
        return at
      }
      this.#readLine(at, lineEnd, lineEnd < to || isEnd)
      at = lineEnd + 1
    }
    if (!isEnd) this.#selectData()
    return to
  }
  /** The position of the line feed or carriage return that ends the line at `at`; `to` when it does not end. */
  #findLineEnd(at, to, returns) {
    const found = this.#bytes.indexOf(LINE_FEED, at)
    return Math.min(found < 0 ? to : found, returns.next(at), to)
  }
  #readLine(from, to, isEnded) {
    const isLineFeedOnly = from === to && this.#isAfterReturn && this.#bytes[to] === LINE_FEED
    this.#isAfterReturn = isEnded && this.#bytes[to] === CARRIAGE_RETURN
    if (isLineFeedOnly) return
    if (this.#line === IN_DATA) this.#selector.write(this.#bytes, from, to)
    else if (this.#line === AT_LINE_START) this.#beginLine(from, to, isEnded)
    if (isEnded) this.#line = AT_LINE_START
  }
  #beginLine(lineFrom, to, isEnded) {
    let from = lineFrom
    if (this.#isFirstLine) {
      this.#isFirstLine = false
      if (this.#bytes.subarray(from, from + 3).equals(BYTE_ORDER_MARK)) from += 3
    }
    if (from === to) {
      this.#endEvent()
      return
    }
    this.#inEvent = true
    this.#line = IN_REST
    if (this.#isField('data', from, to))
      this.#beginData(Math.min(to, this.#valueStart(from + 4)), to, isEnded)
    else if (this.#isField('event', from, to)) {
      const nameFrom = this.#valueStart(from + 5)
      const name = this.#bytes.toString('latin1', nameFrom, Math.min(to, nameFrom + 64))
      this.#options.onEventName(name)
    }
  }
  #isField(name, from, to) {
    const end = from + name.length
    if (end > to || (end < to && this.#bytes[end] !== COLON)) return false
    return this.#bytes.toString('latin1', from, end) === name
  }
  #valueStart(colonAt) {
    return this.#bytes[colonAt + 1] === SPACE ? colonAt + 2 : colonAt + 1
  }
  #beginData(from, to, isEnded) {
    this.#hasData = true
    if (to - from === 6 && this.#bytes.toString('latin1', from, to) === DONE) return
    this.#line = IN_DATA
    if (this.#dataLines++ === 0 && isEnded && to - from <= 4096) {
      this.#dataFrom = from
      this.#dataTo = to
      return
    }
    this.#selectData()
    if (this.#dataLines > 1) this.#selector.write(NEW_LINE)
    this.#selector.write(this.#bytes, from, to)
  }
  /** Hands the waiting line of data to the selector: more is to come, or its bytes are about to go away. */
  #selectData() {
    if (this.#dataFrom < 0) return
    this.#selector.write(this.#bytes, this.#dataFrom, this.#dataTo)
    this.#dataFrom = -1
  }
  #endEvent() {
    if (this.#dataLines > 0) {
      this.#eventsRead++
      this.#endData()
    }
    this.#dataLines = 0
    this.#inEvent = false
    this.#line = AT_LINE_START
  }
  #endData() {
    const document =
      this.#dataFrom >= 0 ? parseWhole(this.#bytes.toString('utf8', this.#dataFrom, this.#dataTo)) : void 0
    if (document === void 0) {
      this.#selectData()
      this.#selector.end()
    } else {
      this.#dataFrom = -1
      giveDocuments(document, this.#options.onDocument)
    }
  }
  /** The last position up to `limit` that follows a blank line; 0 when there is none. */
  #lastEventEnd(limit) {
    let lineFeed = limit
    while (lineFeed > 1) {
      lineFeed = this.#bytes.lastIndexOf(LINE_FEED, lineFeed - 1)
      if (lineFeed < 1) return 0
      const before = this.#bytes[lineFeed - 1]
      if (before === LINE_FEED) return lineFeed + 1
      if (before === CARRIAGE_RETURN && this.#bytes[lineFeed - 2] === LINE_FEED) return lineFeed + 1
    }
    return 0
  }
  #lastEventsStart(to) {
    let start = to
    for (let count = 0; count < LAST_EVENTS && start > 0; count++) start = this.#lastEventEnd(start - 1)
    return start
  }
}
/** Finds a word again and again in ascending positions, searching each byte once. */
var Occurrences = class {
  #bytes
  #word
  #found = -1
  constructor(bytes, word) {
    this.#bytes = bytes
    this.#word = word
  }
  /** The first occurrence at or after `from`; the size of the bytes when there is none. */
  next(from) {
    if (this.#found < from) {
      const found = this.#bytes.indexOf(this.#word, from, 'latin1')
      this.#found = found < 0 ? this.#bytes.length : found
    }
    return this.#found
  }
}
//#endregion
//#region src/api/body.ts
/**
 * The decoded bytes of a response body → its documents, whatever form they come in. The form is told by the
 * first byte that is not white space, because content types lie: an event stream may call itself JSON, and
 * JSON plain text. Only what calls itself binary is taken at its word, and never looked at.
 */
const BINARY_TYPE = /^(?:audio|video|image|font|model)\/|^application\/(?:octet-stream|zip|pdf|x-tar|gzip)\b/i
const EVENT_STREAM_TYPE = /^text\/event-stream\b/i
const LINES_TYPE = /^application\/(?:x-ndjson|ndjson|jsonl|x-jsonlines|json-seq|stream\+json)\b/i
function createBodyReader({ contentType = '', lines, answer }) {
  const type = contentType.trim()
  if (BINARY_TYPE.test(type)) return new OpaqueBody(false)
  return new SniffedBody(EVENT_STREAM_TYPE.test(type), lines || LINES_TYPE.test(type), answer)
}
/** Whether an answer comes piece by piece by its nature, as far as the head says. */
function isStreamType(contentType, contentLength) {
  const type = contentType?.trim() ?? ''
  return (
    EVENT_STREAM_TYPE.test(type) ||
    LINES_TYPE.test(type) ||
    (/^audio\//i.test(type) && contentLength === void 0)
  )
}
/** A body that is not looked into. */
var OpaqueBody = class {
  invalid
  tooLarge = false
  isEventStream = false
  constructor(invalid) {
    this.invalid = invalid
  }
  write() {}
  end() {}
}
/** White space, and the bytes of a byte order mark. */
const BLANK = new Set(Buffer.from(' 	\r\n﻿'))
/** `{`, `[`, a string, a number, `true`, `false`, `null`. */
const BEGINS_JSON = new Set(Buffer.from('{["-0123456789tfn'))
/** `data`, `event`, `id`, `retry`, or a comment. */
const BEGINS_EVENTS = new Set(Buffer.from('deir:'))
var SniffedBody = class {
  #isEventStreamType
  #lines
  #answer
  #body
  constructor(isEventStreamType, lines, answer) {
    this.#isEventStreamType = isEventStreamType
    this.#lines = lines
    this.#answer = answer
  }
  get invalid() {
    if (this.#body instanceof EventBody && !this.#body.hasData) return !this.#isEventStreamType
    return this.#body?.invalid === true
  }
  get tooLarge() {
    return this.#body?.tooLarge === true
  }
  get isEventStream() {
    return this.#body === void 0 ? this.#isEventStreamType : this.#body.isEventStream
  }
  write(bytes) {
    this.#body ??= this.#recognize(bytes)
    this.#body?.write(bytes)
  }
  end() {
    this.#body?.end()
  }
  #recognize(bytes) {
    const first = bytes.find((byte) => !BLANK.has(byte))
    if (first === void 0) return void 0
    if (BEGINS_JSON.has(first)) return new JsonBody(this.#answer, this.#lines)
    if (this.#isEventStreamType || BEGINS_EVENTS.has(first)) return new EventBody(this.#answer)
    return new OpaqueBody(true)
  }
}
var JsonBody = class extends JsonReader {
  isEventStream = false
  constructor(answer, lines) {
    const onDocument = (document, isWhole) => answer.add(document, isWhole, false)
    super(RESPONSE_SELECTION, {
      onDocument,
      lines,
    })
  }
}
var EventBody = class {
  isEventStream = true
  #reader
  constructor(answer) {
    this.#reader = new SseReader(RESPONSE_SELECTION, {
      onDocument: (document, isWhole) => answer.add(document, isWhole, true),
      onEventName: (name) => {
        if (name === 'error') answer.hasFailed = true
      },
      isAnonymous: () => answer.isAnonymous,
    })
  }
  get invalid() {
    return this.#reader.invalid
  }
  get tooLarge() {
    return this.#reader.tooLarge
  }
  get hasData() {
    return this.#reader.hasData
  }
  write(bytes) {
    this.#reader.write(bytes)
  }
  end() {
    this.#reader.end()
  }
}
//#endregion
//#region src/api/decode.ts
/**
 * Content codings (RFC 9110, section 8.4.1): encoded bytes → decoded bytes, bounded in memory and in work, and
 * off the host's path. Small bodies are decoded in one step after the host has had its response; larger ones by
 * zlib's own threads while they arrive. The host never waits: what cannot be kept up with is given up.
 */
/** A body that was cut off still gives its beginning. */
const ZLIB_OPTIONS = { finishFlush: zlib.constants.Z_SYNC_FLUSH }
const BROTLI_OPTIONS = { finishFlush: zlib.constants.BROTLI_OPERATION_FLUSH }
const ONE_STEP = { maxOutputLength: MAX_ONE_STEP_BYTES }
const GZIP = {
  inOneStep: (bytes) =>
    zlib.gunzipSync(bytes, {
      ...ZLIB_OPTIONS,
      ...ONE_STEP,
    }),
  asStream: () => zlib.createGunzip(ZLIB_OPTIONS),
}
const CODINGS = new Map([
  ['gzip', GZIP],
  ['x-gzip', GZIP],
  [
    'deflate',
    {
      inOneStep: (bytes, first) =>
        isRawDeflate(first)
          ? zlib.inflateRawSync(bytes, {
              ...ZLIB_OPTIONS,
              ...ONE_STEP,
            })
          : zlib.inflateSync(bytes, {
              ...ZLIB_OPTIONS,
              ...ONE_STEP,
            }),
      asStream: (first) =>
        isRawDeflate(first) ? zlib.createInflateRaw(ZLIB_OPTIONS) : zlib.createInflate(ZLIB_OPTIONS),
    },
  ],
  [
    'br',
    {
      inOneStep: (bytes) =>
        zlib.brotliDecompressSync(bytes, {
          ...BROTLI_OPTIONS,
          ...ONE_STEP,
        }),
      asStream: () => zlib.createBrotliDecompress(BROTLI_OPTIONS),
    },
  ],
  ...('createZstdDecompress' in zlib ? [['zstd', createZstd(zlib)]] : []),
])
/** A decoder for a `content-encoding`; `undefined` when the bytes are what they are. */
function createDecoder(contentEncoding, onDecoded) {
  if (contentEncoding === void 0) return void 0
  const applied = contentEncoding
    .split(',', 6)
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '' && name !== 'identity')
  if (applied.length === 0) return void 0
  const codings = applied.map((name) => CODINGS.get(name))
  if (codings.length > 5 || !codings.every((coding) => coding !== void 0))
    return createUnableDecoder(onDecoded)
  return new ChainDecoder(codings.reverse(), onDecoded)
}
/**
 * Hands the bytes on as they are: a coding that nobody knows may only be claimed, and the application's client
 * then reads the plain body too. When they say nothing, the body counts as undecodable.
 */
function createUnableDecoder(onDecoded) {
  return {
    write: onDecoded,
    end: () => Promise.resolve('undecodable'),
  }
}
var ChainDecoder = class {
  #codings
  #onDecoded
  #collected = Buffer.alloc(0)
  #collectedBytes = 0
  #encodedBytes = 0
  #decodedBytes = 0
  #streams
  #failure
  #isOver = false
  #finish
  constructor(codings, onDecoded) {
    this.#codings = codings
    this.#onDecoded = onDecoded
  }
  write(bytes) {
    if (this.#isOver) return
    if (this.#collectedBytes + bytes.length > 16384) {
      this.#feed(this.#takeCollected())
      if (bytes.length > 16384) {
        this.#feed(Buffer.from(bytes))
        return
      }
    }
    const needed = this.#collectedBytes + bytes.length
    if (needed > this.#collected.length) {
      const grown = Buffer.allocUnsafeSlow(
        Math.min(Math.max(needed, this.#collected.length * 2), MAX_COLLECTED_BYTES),
      )
      grown.set(this.#collected.subarray(0, this.#collectedBytes))
      this.#collected = grown
    }
    this.#collected.set(bytes, this.#collectedBytes)
    this.#collectedBytes = needed
  }
  end() {
    return new Promise((resolve) => {
      this.#finish = () => resolve(this.#failure)
      if (this.#isOver) this.#finish()
      else if (this.#streams !== void 0) this.#endStreams()
      else if (this.#collectedBytes === 0) this.#stop(void 0)
      else setImmediate(() => this.#decodeInOneStep())
    })
  }
  #decodeInOneStep() {
    try {
      let bytes = this.#collected.subarray(0, this.#collectedBytes)
      for (const coding of this.#codings) bytes = coding.inOneStep(bytes, bytes[0])
      this.#onDecoded(bytes)
      this.#stop(void 0)
    } catch {
      this.#endStreams()
    }
  }
  #takeCollected() {
    const taken = this.#collected.subarray(0, this.#collectedBytes)
    this.#collected = Buffer.alloc(0)
    this.#collectedBytes = 0
    return taken
  }
  /** Takes ownership of the bytes. */
  #feed(bytes) {
    if (bytes.length === 0 || this.#isOver) return
    this.#encodedBytes += bytes.length
    this.#streams ??= this.#connect(bytes[0])
    const [first] = this.#streams
    if (first.writableLength + bytes.length > 4194304) this.#stop('too_large')
    else first.write(bytes)
  }
  #endStreams() {
    this.#feed(this.#takeCollected())
    this.#streams?.[0]?.end()
  }
  #connect(firstByte) {
    const streams = this.#codings.map((coding, index) => coding.asStream(index === 0 ? firstByte : void 0))
    for (const [index, stream] of streams.entries()) {
      const next = streams[index + 1]
      stream.on('error', () => this.#stop('undecodable'))
      stream.on('end', () => (next === void 0 ? this.#stop(void 0) : next.end()))
      stream.on('data', (bytes) => {
        if (!this.#count(bytes.length)) return
        if (next === void 0) this.#onDecoded(bytes)
        else if (!next.write(bytes)) {
          stream.pause()
          next.once('drain', () => stream.resume())
        }
      })
    }
    return streams
  }
  /** Counts the output of every coding: a bomb may hide in an inner one. */
  #count(bytes) {
    if (this.#isOver) return false
    this.#decodedBytes += bytes
    if (
      !(this.#decodedBytes > 8388608 && this.#decodedBytes > this.#encodedBytes * 250) &&
      this.#decodedBytes <= 1073741824
    )
      return true
    this.#stop('too_large')
    return false
  }
  #stop(failure) {
    if (this.#isOver) return
    this.#isOver = true
    this.#failure = failure
    this.#takeCollected()
    for (const stream of this.#streams ?? []) stream.destroy()
    this.#finish?.()
  }
}
function isRawDeflate(firstByte) {
  return firstByte !== void 0 && (firstByte & 15) !== 8
}
function createZstd(library) {
  const { ZSTD_e_flush: finishFlush, ZSTD_d_windowLogMax: windowLogMax } = library.constants
  const options = {
    finishFlush,
    params: { [windowLogMax]: 23 },
  }
  return {
    inOneStep: (bytes) =>
      library.zstdDecompressSync(bytes, {
        ...options,
        ...ONE_STEP,
      }),
    asStream: () => library.createZstdDecompress(options),
  }
}
//#endregion
//#region src/api/response.ts
/** `header` reads a response header by its lower-case name. `onBatchItem` is given each result of a batch. */
function createResponseReader(route, status, header, onBatchItem) {
  return new Reader(route, status, header, onBatchItem)
}
var Reader = class {
  head
  #route
  #status
  #headerCost
  #answer
  #body
  #decoder
  #isStreamType
  #hasBroken = false
  constructor(route, status, header, onBatchItem) {
    this.#route = route
    this.#status = status
    this.#headerCost = readCostHeaders(header)
    const inferenceId = readId(header('x-inference-id'))
    const clientRequestId = readId(header('x-client-request-id'))
    this.head = {
      ...(inferenceId !== void 0 && { inferenceId }),
      ...(clientRequestId !== void 0 && { clientRequestId }),
    }
    const contentType = header('content-type')
    this.#isStreamType = isStreamType(contentType, header('content-length'))
    this.#answer = new Answer(route, onBatchItem)
    this.#body = createBodyReader({
      contentType,
      lines: route.endpoint === 'batch',
      answer: this.#answer,
    })
    this.#decoder = createDecoder(header('content-encoding'), (bytes) => this.#read(bytes))
  }
  get streaming() {
    return this.#isStreamType || this.#body.isEventStream
  }
  write(bytes) {
    if (this.#decoder === void 0) this.#read(bytes)
    else this.#decoder.write(asBuffer(bytes))
  }
  end(whole) {
    if (this.#decoder === void 0) return this.#finish(whole, void 0)
    return this.#decoder.end().then((failure) => this.#finish(whole, failure))
  }
  #read(bytes) {
    if (this.#hasBroken) return
    try {
      this.#body.write(bytes)
    } catch {
      this.#hasBroken = true
    }
  }
  #finish(whole, failure) {
    try {
      if (!this.#hasBroken) this.#body.end()
    } catch {
      this.#hasBroken = true
    }
    const { usage, model, jobStatus, finishReasons, hasFailed } = this.#answer
    addCost(usage, this.#headerCost, this.#answer.cost)
    const facts = { usage }
    const problem = failure ?? this.#explain(whole, usage)
    if (problem !== void 0) facts.problem = problem
    if (model !== void 0) facts.responseModel = model
    if (finishReasons !== void 0) facts.finishReasons = finishReasons
    if (jobStatus !== void 0) facts.jobStatus = jobStatus
    if (hasFailed) facts.streamFailed = true
    const responseId = this.#status < 400 ? this.#answer.id : void 0
    if (this.#route.phase !== 'sync') {
      const generationId = this.#route.generationId ?? this.#answer.generationId
      if (generationId !== void 0) facts.generationId = generationId
    } else if (responseId !== void 0) facts.responseId = responseId
    return facts
  }
  #explain(whole, { credits }) {
    if (this.#body.tooLarge) return 'too_large'
    if (this.#hasBroken || (whole && this.#body.invalid) || this.#answer.isUnreadable) return 'unparsable'
    if (credits !== void 0) return void 0
    return this.#answer.cost.isUnreadable || this.#headerCost.isUnreadable ? 'unparsable' : 'absent'
  }
}
//#endregion
//#region src/calls/clock.ts
/** Time for calls: precise where a call starts and ends, one reading per turn of the event loop for its chunks. */
/** Milliseconds of a monotonic clock, with fractions. */
function monotonicMs() {
  return performance.now()
}
let turnMs = 0
let turnIsOver = true
function endTurn() {
  turnIsOver = true
}
/**
 * The monotonic clock, read once per turn of the event loop. A clock reading costs as much as the rest of a
 * chunk's handling, and chunks of one turn came with one read of the socket: they arrived together.
 */
function turnMonotonicMs() {
  if (turnIsOver) {
    turnIsOver = false
    turnMs = performance.now()
    setImmediate$1(endTurn).unref()
  }
  return turnMs
}
//#endregion
//#region src/calls/call.ts
/** One call's life: the events of an Exchange become exactly one CallRecord. */
const NO_FACTS = {
  stream: false,
  parameters: {},
}
/** An id the application made itself, as the API accepts it (docs: request tracing); anything else is dropped there too. */
const CLIENT_REQUEST_ID = /^[A-Za-z0-9._:-]{1,128}$/
var Call = class {
  start
  active
  retryCount
  #room
  #startMs = monotonicMs()
  #requestReader
  #ownClientRequestId
  #route
  #request = NO_FACTS
  #generation
  #responseReader
  #status
  #wasSent = false
  #firstChunkMs
  #lastEventMs = this.#startMs
  #ended = false
  constructor(room, route, head, start) {
    this.#room = room
    this.#route = route
    this.start = start
    const { header } = head
    const hasBody = head.method !== 'GET' && head.method !== 'HEAD'
    this.#requestReader = hasBody
      ? createRequestReader(header('content-type'), header('content-encoding'))
      : void 0
    this.retryCount = parseCount(header('x-stainless-retry-count'))
    const clientRequestId = header('x-client-request-id')
    this.#ownClientRequestId =
      clientRequestId !== void 0 && CLIENT_REQUEST_ID.test(clientRequestId) ? clientRequestId : void 0
    this.active = room.sink.start(start)
    this.#generation = this.#earlierGeneration() ?? this.#newGeneration()
    room.opened(this)
  }
  get lastEventMs() {
    return this.#lastEventMs
  }
  get hasResponse() {
    return this.#status !== void 0
  }
  get route() {
    return this.#route
  }
  get status() {
    return this.#status
  }
  get request() {
    return this.#request
  }
  get generation() {
    return this.#generation
  }
  /** Bytes have left: the API may charge even when no answer comes back. */
  get wasSent() {
    return this.#wasSent
  }
  get isStreaming() {
    return this.#request.stream || this.#responseReader?.streaming === true
  }
  get inferenceId() {
    return this.#responseReader?.head.inferenceId
  }
  get clientRequestId() {
    return this.#responseReader?.head.clientRequestId ?? this.#ownClientRequestId
  }
  get timeToFirstChunkMs() {
    return this.isStreaming && this.#firstChunkMs !== void 0 ? this.#firstChunkMs - this.#startMs : void 0
  }
  /** Labels of this very HTTP attempt (a poll's own operation, the generation's model, account and tags). */
  get identity() {
    const { account, tags, requestModel } = this.#generation.identity
    const { operation, endpoint } = this.#route
    return {
      operation,
      endpoint,
      account,
      tags,
      ...(requestModel !== void 0 && { requestModel }),
    }
  }
  within(publish) {
    this.active.within(publish)
  }
  sent() {
    this.#wasSent = true
  }
  requestChunk(bytes) {
    this.#wasSent = true
    this.#requestReader?.write(bytes)
  }
  responseHead(status, header) {
    this.#lastEventMs = monotonicMs()
    this.#status = status
    this.#readRequest()
    const onBatchItem =
      this.#route.endpoint === 'batch' && this.#route.phase === 'poll'
        ? (item) => this.#room.closing.countBatchItem(this.#generation, item)
        : void 0
    this.#responseReader = createResponseReader(this.#route, status, header, onBatchItem)
    if (this.#ownClientRequestId !== void 0 && this.inferenceId !== void 0)
      this.#room.takeInference(this.inferenceId)
    if (this.#route.phase === 'create' && isSuccess$1(status) && this.inferenceId !== void 0)
      this.#room.rememberGeneration(this.inferenceId, this.#generation)
  }
  responseChunk(bytes) {
    const nowMs = turnMonotonicMs()
    if (this.#firstChunkMs === void 0) this.#firstChunkMs = Math.max(nowMs, this.#startMs)
    else if (nowMs > this.#lastEventMs && this.isStreaming)
      this.active.chunkInterval(nowMs - this.#lastEventMs)
    this.#lastEventMs = nowMs
    this.#responseReader?.write(bytes)
  }
  abandon() {
    this.end('abandoned')
  }
  end(errorType) {
    if (this.#ended) return
    this.#ended = true
    const durationMs = monotonicMs() - this.#startMs
    this.#room.closed(this)
    this.#readRequest()
    const facts = this.#responseReader?.end(errorType === void 0)
    if (facts instanceof Promise)
      this.#room.finishing(
        facts.then((decoded) => this.#close(decoded, durationMs, errorType)).catch(() => {}),
      )
    else this.#close(facts, durationMs, errorType)
  }
  #close(facts, durationMs, errorType) {
    this.#generation = this.#earlierGeneration() ?? this.#generation
    this.#room.closing.close(this, facts, durationMs, errorType)
  }
  /** A poll belongs to the generation of its create call, as soon as that one is known. */
  #earlierGeneration() {
    const { phase, generationId } = this.#route
    return phase === 'poll' && generationId !== void 0 ? this.#room.findGeneration(generationId) : void 0
  }
  #newGeneration() {
    const { startTimeMs: _startTimeMs, ...identity } = this.start
    const generation = createGeneration(identity, this.active.spanContext, this.#route.phase !== 'poll')
    generation.tokensCounted = this.#route.endpoint === 'batch'
    return generation
  }
  #readRequest() {
    if (this.#requestReader === void 0) return
    this.#request = this.#requestReader.facts()
    const model = this.#route.model ?? this.#request.model
    if (model === void 0 || this.#generation.identity.requestModel === model) return
    this.#route = refineRoute(this.#route, model)
    const { operation, endpoint } = this.#route
    this.#generation.identity = {
      ...this.#generation.identity,
      operation,
      endpoint,
      requestModel: model,
    }
    this.active.named(model)
  }
}
function isSuccess$1(status) {
  return status >= 200 && status < 300
}
function parseCount(value) {
  return value !== void 0 && /^\d{1,4}$/.test(value) ? Number(value) : void 0
}
//#endregion
//#region src/calls/closing.ts
/** Families whose every answer has tokens: one that could not be read is looked up even when its cost is known. */
const TOKEN_BILLED = new Set(['chat', 'responses', 'messages', 'embeddings'])
/** Batch items remembered per batch: as many as the API takes in one. */
const MAX_BATCH_ITEMS = 1e5
const EMPTY_FACTS = { usage: {} }
var Closing = class {
  #books
  #remember
  #onRecord
  constructor(options) {
    this.#books = options.books
    this.#remember = options.remember
    this.#onRecord = options.onRecord
  }
  close(call, facts = EMPTY_FACTS, durationMs, transportError) {
    this.#rememberIds(call, facts)
    const record = describeCall(
      call,
      facts,
      durationMs,
      transportError,
      this.#settle(call, facts, transportError),
    )
    const linkTo = call.route.phase === 'poll' ? call.generation.span : void 0
    call.active.finish(record, linkTo)
    this.#onRecord(record)
  }
  /** Counts one item of a batch's results, under the item's own model, the first time it is seen. */
  countBatchItem(batch, item) {
    batch.items ??= /* @__PURE__ */ new Set()
    if (batch.items.has(item.customId) || batch.items.size >= MAX_BATCH_ITEMS) return
    batch.items.add(item.customId)
    if (item.failed) return
    const model = item.model ?? batch.identity.requestModel
    const identity = {
      ...batch.identity,
      operation: 'batch',
      ...(model !== void 0 && { requestModel: model }),
    }
    const counted = this.#books.count(createGeneration(identity, batch.span, true), item.usage, 'response')
    if (counted?.credits !== void 0) batch.credits = (batch.credits ?? 0) + counted.credits
  }
  #rememberIds(call, facts) {
    const { phase, generationId } = call.route
    if (phase === 'sync' || !isSuccess(call.status)) return
    for (const id of [generationId, facts.generationId])
      if (id !== void 0) this.#remember(id, call.generation)
  }
  #settle(call, facts, transportError) {
    const { generation, route } = call
    if (facts.responseModel !== void 0 && route.phase !== 'poll')
      generation.identity = {
        ...generation.identity,
        responseModel: facts.responseModel,
      }
    if (facts.jobStatus === 'failed') {
      const refundedCredits = this.#books.fail(generation)
      return {
        pending: false,
        ...(refundedCredits > 0 && { refundedCredits }),
      }
    }
    const usage = this.#books.count(generation, facts.usage, 'response')
    const counted = usage === void 0 ? void 0 : { usage }
    if (!isAnythingUnknown(call, facts, transportError))
      return {
        pending: false,
        ...counted,
      }
    const { inferenceId = facts.generationId ?? route.generationId, clientRequestId } = call
    if (
      this.#books.awaitLedger(generation, {
        startTimeMs: call.start.startTimeMs,
        ...(inferenceId !== void 0 && { inferenceId }),
        ...(clientRequestId !== void 0 && { clientRequestId }),
      }) ||
      !isFinal(call, facts, transportError)
    )
      return {
        pending: true,
        ...counted,
      }
    const missing = missingReason(facts, transportError)
    this.#books.lose(generation, missing)
    return {
      pending: false,
      missing,
      ...counted,
    }
  }
}
/** Whether the API may have charged for something that no response has said yet. */
function isAnythingUnknown(call, facts, transportError) {
  const { generation, route, status } = call
  if (!generation.createdHere || generation.lost || generation.failed) return false
  if (!mayBeCharged(call)) return false
  if (generation.credits === void 0) return true
  return (
    (transportError !== void 0 || facts.problem !== void 0) &&
    isSuccess(status) &&
    TOKEN_BILLED.has(route.endpoint) &&
    !generation.tokensCounted
  )
}
function mayBeCharged({ route, status, wasSent, inferenceId }) {
  if (route.billing === 'none') return false
  if (status === void 0) return wasSent && route.billing === 'always' && route.phase !== 'poll'
  if (!isSuccess(status)) return false
  return route.billing === 'always' || inferenceId !== void 0
}
/** Whether no later response can bring the cost: a job's create call may still be followed by polls. */
function isFinal(call, facts, transportError) {
  if (call.route.phase === 'create') return transportError !== void 0
  if (call.route.phase === 'poll') return facts.jobStatus === 'succeeded' || call.generation.items !== void 0
  return true
}
function missingReason(facts, transportError) {
  if (transportError !== void 0) return 'aborted'
  return facts.problem ?? 'absent'
}
function describeCall(call, facts, durationMs, transportError, outcome) {
  const { start, request, status, retryCount, clientRequestId, timeToFirstChunkMs } = call
  const errorType = classifyError(status, transportError, facts)
  const inferenceId = call.inferenceId ?? call.route.generationId
  const outputType = request.parameters.outputType ?? call.route.outputType
  return {
    ...call.identity,
    serverAddress: start.serverAddress,
    serverPort: start.serverPort,
    startTimeMs: start.startTimeMs,
    durationMs,
    stream: call.isStreaming,
    parameters:
      outputType === void 0
        ? request.parameters
        : {
            ...request.parameters,
            outputType,
          },
    ...(timeToFirstChunkMs !== void 0 && { timeToFirstChunkMs }),
    ...(status !== void 0 && { httpStatus: status }),
    ...(errorType !== void 0 && { errorType }),
    ...(retryCount !== void 0 && { retryCount }),
    ...(inferenceId !== void 0 && { inferenceId }),
    ...(clientRequestId !== void 0 && { clientRequestId }),
    ...(facts.responseId !== void 0 && { responseId: facts.responseId }),
    ...(facts.responseModel !== void 0 && { responseModel: facts.responseModel }),
    ...(facts.finishReasons !== void 0 && { finishReasons: facts.finishReasons }),
    ...outcome,
  }
}
function classifyError(status, transportError, facts) {
  if (status !== void 0 && status >= 400) return String(status)
  if (transportError !== void 0) return transportError
  if (facts.jobStatus === 'failed') return 'job_failed'
  return facts.streamFailed === true ? '_OTHER' : void 0
}
function isSuccess(status) {
  return status !== void 0 && status >= 200 && status < 300
}
//#endregion
//#region src/calls/generations.ts
const DEFAULT_MAX_IDS = 2e4
const DEFAULT_MAX_IDLE_MS = 1440 * 60 * 1e3
var Generations = class {
  #entries = /* @__PURE__ */ new Map()
  #maxIds
  #maxIdleMs
  #onLost
  constructor(options) {
    this.#maxIds = options.maxIds ?? DEFAULT_MAX_IDS
    this.#maxIdleMs = options.maxIdleMs ?? DEFAULT_MAX_IDLE_MS
    this.#onLost = options.onLost
  }
  get size() {
    return this.#entries.size
  }
  /** The generation of that id, and keeps it from being the next to be forgotten. */
  find(id, nowMs) {
    const entry = this.#entries.get(id)
    if (entry === void 0) return void 0
    entry.touchedMs = nowMs
    this.#entries.delete(id)
    this.#entries.set(id, entry)
    return entry.generation
  }
  /** Makes the generation known by `id`; an id that is known already keeps its generation. */
  remember(id, generation, nowMs) {
    if (this.#entries.has(id)) return
    this.#entries.set(id, {
      generation,
      touchedMs: nowMs,
    })
    if (this.#entries.size > this.#maxIds) this.#forgetOldest('evicted')
  }
  /** Forgets what nobody spoke of for too long. */
  expire(nowMs) {
    for (const entry of this.#entries.values()) {
      if (nowMs - entry.touchedMs < this.#maxIdleMs) return
      this.#forgetOldest('expired')
    }
  }
  /** Forgets everything; unfinished generations are lost as `expired`. */
  clear() {
    while (this.#entries.size > 0) this.#forgetOldest('expired')
  }
  #forgetOldest(reason) {
    const [oldest] = this.#entries
    if (oldest === void 0) return
    const [id, { generation }] = oldest
    this.#entries.delete(id)
    if (
      generation.createdHere &&
      generation.credits === void 0 &&
      !generation.failed &&
      !generation.lost &&
      generation.pending === void 0
    )
      this.#onLost(generation, reason)
  }
}
//#endregion
//#region src/calls/open-calls.ts
/** The calls under way: closes those that nobody reads any more, and knows which bodies are still being decoded. */
/** An unread body is closed after 10 minutes without an event. */
const UNREAD_BODY_LIMIT_MS = 600 * 1e3
/** A request without an answer is given up after an hour; clients without a timeout of their own wait for ever. */
const UNANSWERED_LIMIT_MS = 3600 * 1e3
const SWEEP_INTERVAL_MS = 3e4
var OpenCalls = class {
  #calls = /* @__PURE__ */ new Set()
  #finishing = /* @__PURE__ */ new Set()
  #nowMs
  #onSweep
  #timer
  /** `onSweep` runs with every sweep, so that other bounded state can age without a timer of its own. */
  constructor(nowMs, onSweep) {
    this.#nowMs = nowMs
    this.#onSweep = onSweep
  }
  get size() {
    return this.#calls.size
  }
  start() {
    if (this.#timer !== void 0) return
    this.#timer = setInterval(() => this.sweep(), SWEEP_INTERVAL_MS)
    this.#timer.unref()
  }
  add(call) {
    this.#calls.add(call)
  }
  remove(call) {
    this.#calls.delete(call)
  }
  /** Keeps a promise that never rejects until it is settled. */
  finishing(work) {
    this.#finishing.add(work)
    work.then(() => this.#finishing.delete(work))
  }
  /** Resolves when every body that has arrived is decoded and counted. */
  async flush() {
    while (this.#finishing.size > 0) await Promise.all(this.#finishing)
  }
  sweep() {
    const nowMs = this.#nowMs()
    for (const call of this.#calls) {
      const limitMs = call.hasResponse ? UNREAD_BODY_LIMIT_MS : UNANSWERED_LIMIT_MS
      if (nowMs - call.lastEventMs >= limitMs) call.abandon()
    }
    this.#onSweep()
  }
  /** Abandons every open call and stops the sweep. */
  stop() {
    if (this.#timer !== void 0) clearInterval(this.#timer)
    this.#timer = void 0
    for (const call of this.#calls) call.abandon()
  }
}
//#endregion
//#region src/calls/observer.ts
/** The calls room as one thing: give it to the traffic hooks as their `Begin`. */
const DEFAULT_PORTS = {
  'http:': 80,
  'https:': 443,
}
/** Watches calls until `stop()`. Its sweep timer does not keep the process alive. */
function observeCalls(options) {
  const { sink, settlement, findAccount, matchPath, onRecord } = options
  const books = new Books(sink, settlement)
  const generations = new Generations({ onLost: (generation, reason) => books.lose(generation, reason) })
  const openCalls = new OpenCalls(monotonicMs, () => generations.expire(monotonicMs()))
  const remember = (id, generation) => generations.remember(id, generation, monotonicMs())
  const room = {
    sink,
    closing: new Closing({
      books,
      remember,
      onRecord,
    }),
    findGeneration: (id) => generations.find(id, monotonicMs()),
    rememberGeneration: remember,
    takeInference: (inferenceId) => books.take(inferenceId),
    opened: (call) => openCalls.add(call),
    closed: (call) => openCalls.remove(call),
    finishing: (work) => openCalls.finishing(work),
  }
  openCalls.start()
  const begin = (head) => {
    const path = matchPath(head.origin, head.path)
    if (path === void 0) return void 0
    const route = routeRequest(head.method, path)
    if (route === void 0) return void 0
    const earlier =
      route.phase === 'poll' && route.generationId !== void 0
        ? room.findGeneration(route.generationId)?.identity
        : void 0
    const requestModel = earlier?.requestModel ?? route.model
    return new Call(room, route, head, {
      operation: route.operation,
      endpoint: route.endpoint,
      account: earlier?.account ?? findAccount(head.header),
      tags: earlier?.tags ?? currentSpendTags(),
      ...readServer(head.origin),
      startTimeMs: Date.now(),
      ...(requestModel !== void 0 && { requestModel }),
    })
  }
  return {
    begin,
    flush: () => openCalls.flush(),
    async stop() {
      openCalls.stop()
      await openCalls.flush()
      generations.clear()
    },
  }
}
/** Parsing a URL costs as much as starting a span; a service calls one origin or two. */
const servers = /* @__PURE__ */ new Map()
const MAX_SERVERS = 64
function readServer(origin) {
  const known = servers.get(origin)
  if (known !== void 0) return known
  const { hostname, port, protocol } = new URL(origin)
  const server = {
    serverAddress: hostname,
    serverPort: port === '' ? (DEFAULT_PORTS[protocol] ?? 0) : Number(port),
  }
  if (servers.size >= MAX_SERVERS) servers.clear()
  servers.set(origin, server)
  return server
}
//#endregion
//#region src/telemetry/attributes.ts
/** The conventions' own word for an error that is none of the known ones. */
const OTHER_ERROR = '_OTHER'
const CACHED_LABEL_SETS = 1e3
const SEPARATOR = '\0'
/** One set of attributes and those made of it by adding one more. Kept as a tree, so that each exists once. */
var AttributeSet = class AttributeSet {
  /** Never changed after construction. */
  attributes
  #children
  constructor(attributes) {
    this.attributes = Object.fromEntries(Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1)))
  }
  /** This set with one attribute more. `value` comes from a bounded set of values. */
  with(name, value) {
    this.#children ??= /* @__PURE__ */ new Map()
    let named = this.#children.get(name)
    if (named === void 0) this.#children.set(name, (named = /* @__PURE__ */ new Map()))
    let child = named.get(value)
    if (child === void 0)
      named.set(
        value,
        (child = new AttributeSet({
          ...this.attributes,
          [name]: value,
        })),
      )
    return child
  }
}
/** Turns calls into label sets, within the caps of the configuration. One per process: the caps live here. */
var Labels = class {
  #options
  #requestModels
  #responseModels
  #serverAddresses
  #errorTypes
  #tagValues
  #callSets = new BoundedCache(CACHED_LABEL_SETS)
  #genAiSets = new BoundedCache(CACHED_LABEL_SETS)
  constructor(options) {
    const { metricTags, maxModels, maxTagValues } = options
    this.#options = options
    this.#requestModels = new LabelValues(maxModels, cleanModel)
    this.#responseModels = new LabelValues(maxModels, cleanModel)
    this.#serverAddresses = new LabelValues(maxTagValues, cleanText)
    this.#errorTypes = new LabelValues(maxTagValues, cleanWord, OTHER_ERROR)
    this.#tagValues = new Map(metricTags.map((tag) => [tag, new LabelValues(maxTagValues, cleanText)]))
  }
  /** What every `aimlapi.*` metric of a call is split by. */
  ofCall(identity) {
    const { operation, endpoint, requestModel, account, tags } = identity
    let key = `${operation}${SEPARATOR}${endpoint}${SEPARATOR}${account}${SEPARATOR}${requestModel ?? ''}`
    for (const tag of this.#options.metricTags) key += SEPARATOR + (ownValue(tags, tag) ?? '')
    const cached = this.#callSets.get(key)
    if (cached !== void 0) return cached
    const set = new AttributeSet({
      [ATTRIBUTE.operation]: operation,
      ...(requestModel !== void 0 && { [ATTRIBUTE.requestModel]: this.#requestModels.admit(requestModel) }),
      [ATTRIBUTE.endpoint]: endpoint,
      [ATTRIBUTE.account]: account,
      ...this.#tagAttributes(tags),
    })
    this.#callSets.set(key, set)
    return set
  }
  /** What the `gen_ai.*` metrics are split by, as far as it is known. */
  ofGenAi(identity) {
    const { operation, requestModel, responseModel, serverAddress, serverPort } = identity
    const key = `${operation}${SEPARATOR}${requestModel ?? ''}${SEPARATOR}${responseModel ?? ''}${SEPARATOR}${serverAddress ?? ''}${SEPARATOR}${serverPort ?? ''}`
    const cached = this.#genAiSets.get(key)
    if (cached !== void 0) return cached
    const set = new AttributeSet({
      [ATTRIBUTE.operation]: operation,
      [ATTRIBUTE.provider]: PROVIDER,
      ...(requestModel !== void 0 && { [ATTRIBUTE.requestModel]: this.#requestModels.admit(requestModel) }),
      ...(responseModel !== void 0 && {
        [ATTRIBUTE.responseModel]: this.#responseModels.admit(responseModel),
      }),
      ...this.#serverAttributes(serverAddress, serverPort),
    })
    this.#genAiSets.set(key, set)
    return set
  }
  /** An `error.type` as metrics show it: known codes, the rest is `_OTHER`. */
  errorType(raw) {
    return this.#errorTypes.admit(raw)
  }
  #tagAttributes(tags) {
    const attributes = {}
    for (const [tag, values] of this.#tagValues) {
      const value = ownValue(tags, tag)
      if (value !== void 0 && value.trim() !== '') attributes[TAG_PREFIX + tag] = values.admit(value)
    }
    return attributes
  }
  #serverAttributes(address, port) {
    if (address === void 0) return {}
    const admitted = this.#serverAddresses.admit(address)
    if (port === void 0 || admitted === 'other') return { [ATTRIBUTE.serverAddress]: admitted }
    return {
      [ATTRIBUTE.serverAddress]: admitted,
      [ATTRIBUTE.serverPort]: port,
    }
  }
}
function ownValue(tags, tag) {
  return Object.hasOwn(tags, tag) ? tags[tag] : void 0
}
//#endregion
//#region src/telemetry/call-metrics.ts
const CALL_METRICS = {
  requests: METRICS.requests,
  tokens: METRICS.tokens,
  tokenDetails: METRICS.tokenDetails,
  creditsUsed: METRICS.creditsUsed,
  costUsd: METRICS.costUsd,
  creditsRefunded: METRICS.creditsRefunded,
  units: METRICS.units,
  usageMissing: METRICS.usageMissing,
}
var CallMetrics = class {
  #labels
  #record
  constructor(meter, labels, report, buffer) {
    this.#labels = labels
    this.#record = createRecorders(meter, CALL_METRICS, report, buffer)
  }
  finished(record) {
    const set = this.#labels.ofCall(record)
    const { errorType } = record
    const labelled =
      errorType === void 0 ? set : set.with(ATTRIBUTE.errorType, this.#labels.errorType(errorType))
    this.#record.requests(1, labelled.attributes)
  }
  usage(identity, usage, source) {
    const { inputTokens, outputTokens, details, units, credits, usd } = usage
    const set = this.#labels.ofCall(identity)
    const sourced = set.with(ATTRIBUTE.usageSource, source)
    if (inputTokens !== void 0)
      this.#record.tokens(inputTokens, sourced.with(ATTRIBUTE.tokenType, 'input').attributes)
    if (outputTokens !== void 0)
      this.#record.tokens(outputTokens, sourced.with(ATTRIBUTE.tokenType, 'output').attributes)
    if (credits !== void 0) this.#record.creditsUsed(credits, sourced.attributes)
    if (usd !== void 0) this.#record.costUsd(usd, sourced.attributes)
    if (details !== void 0)
      this.#countEach(this.#record.tokenDetails, details, sourced, ATTRIBUTE.tokenDetail)
    if (units !== void 0) this.#countEach(this.#record.units, units, set, ATTRIBUTE.unit)
  }
  missing(identity, reason) {
    this.#record.usageMissing(
      1,
      this.#labels.ofCall(identity).with(ATTRIBUTE.missingReason, reason).attributes,
    )
  }
  refunded(identity, credits) {
    this.#record.creditsRefunded(credits, this.#labels.ofCall(identity).attributes)
  }
  #countEach(count, values, set, attribute) {
    for (const name in values) count(values[name] ?? 0, set.with(attribute, name).attributes)
  }
}
//#endregion
//#region src/telemetry/counter-buffer.ts
/**
 * Sums between the calls and the SDK. The SDK sorts and serializes the attributes at every `add`, which for the
 * dozen counts of one call costs more than reading its response. Here a count is one look-up by the identity of
 * its attributes, and the SDK is given one sum per label set: before each collection, else once a second.
 */
const MAX_DELAY_MS = 1e3
/** Sums held, over all counters; one more hands all of them on. */
const MAX_SUMS = 1e3
var CounterBuffer = class {
  #counters = []
  #sums = 0
  #timer
  /** The counter behind `add`, buffered. Attributes are told apart by identity, and must not change afterwards. */
  buffer(add) {
    const byAttributes = /* @__PURE__ */ new Map()
    this.#counters.push({
      add,
      byAttributes,
    })
    return (value, attributes) => {
      const sum = byAttributes.get(attributes)
      byAttributes.set(attributes, (sum ?? 0) + value)
      if (sum === void 0) this.#began()
    }
  }
  /** Hands every sum on. */
  flush() {
    clearTimeout(this.#timer)
    this.#timer = void 0
    this.#sums = 0
    for (const { add, byAttributes } of this.#counters) {
      for (const [attributes, sum] of byAttributes) add(sum, attributes)
      byAttributes.clear()
    }
  }
  #began() {
    if (++this.#sums > MAX_SUMS) this.flush()
    else this.#timer ??= setTimeout(() => this.flush(), MAX_DELAY_MS).unref()
  }
}
//#endregion
//#region src/telemetry/modality.ts
const PARTS = {
  input: [
    ['text', 'input_text'],
    ['image', 'input_image'],
    ['audio', 'input_audio'],
    ['video', 'input_video'],
  ],
  output: [
    ['text', 'output_text'],
    ['image', 'output_image'],
    ['audio', 'output_audio'],
    ['video', 'output_video'],
  ],
}
/** Operations whose tokens are text unless the API says otherwise. */
const TEXT_OPERATIONS = new Set(['chat', 'text_completion', 'batch', 'invoke_agent'])
/**
 * Splits `total` into parts that add up to it again. What the details leave over has the operation's usual
 * modality; details that claim more than the total are not believed.
 */
function splitByModality(direction, total, details, operation) {
  const usual = TEXT_OPERATIONS.has(operation) ? 'text' : 'unknown'
  const tokens = /* @__PURE__ */ new Map()
  let rest = total
  for (const [modality, detail] of PARTS[direction]) {
    const part = details?.[detail] ?? 0
    if (part <= 0) continue
    tokens.set(modality, part)
    rest -= part
  }
  if (rest < 0) return [['unknown', total]]
  if (rest > 0 || tokens.size === 0) tokens.set(usual, (tokens.get(usual) ?? 0) + rest)
  return [...tokens]
}
/** The modality of a part that is not split itself (cached, reasoning): that of the whole, if it has just one. */
function modalityOfPart(parts) {
  const [only] = parts
  return only !== void 0 && parts.length === 1 ? only[0] : 'unknown'
}
//#endregion
//#region src/telemetry/gen-ai-metrics.ts
/** Retrieving an answer is no generation: the conventions count no tokens for it. */
const RETRIEVAL = 'fetch_response'
const MS_PER_SECOND$2 = 1e3
/** Operations that are inference in the words of the rewritten conventions; others keep `operation.duration`. */
const INFERENCE_OPERATIONS = new Set([
  'chat',
  'text_completion',
  'generate_content',
  'image_generation',
  '3d_generation',
  'video_generation',
  'music_generation',
  'speech',
  'transcription',
  'ocr',
])
/** Items of a batch are inferences too, though the request that brings them is not. */
const TOKEN_OPERATIONS = new Set([...INFERENCE_OPERATIONS, 'batch', 'invoke_agent'])
function createGenAiMetrics(meter, labels, latestConventions, report, buffer) {
  return latestConventions
    ? new LatestMetrics(meter, labels, report, buffer)
    : new StableMetrics(meter, labels, report)
}
function withError(labels, set, errorType) {
  return errorType === void 0
    ? set.attributes
    : set.with(ATTRIBUTE.errorType, labels.errorType(errorType)).attributes
}
var StableMetrics = class {
  #labels
  #record
  constructor(meter, labels, report) {
    this.#labels = labels
    this.#record = createRecorders(meter, GEN_AI_METRICS, report)
  }
  finished(record) {
    const set = this.#labels.ofGenAi(record)
    this.#record.operationDuration(
      record.durationMs / MS_PER_SECOND$2,
      withError(this.#labels, set, record.errorType),
    )
    if (record.stream && record.timeToFirstChunkMs !== void 0)
      this.#record.timeToFirstChunk(record.timeToFirstChunkMs / MS_PER_SECOND$2, set.attributes)
  }
  usage(identity, { inputTokens, outputTokens }) {
    if (identity.operation === RETRIEVAL || (inputTokens === void 0 && outputTokens === void 0)) return
    const set = this.#labels.ofGenAi(identity)
    if (inputTokens !== void 0)
      this.#record.tokenUsage(inputTokens, set.with(ATTRIBUTE.tokenType, 'input').attributes)
    if (outputTokens !== void 0)
      this.#record.tokenUsage(outputTokens, set.with(ATTRIBUTE.tokenType, 'output').attributes)
  }
  chunkInterval() {
    return this.#record.timePerOutputChunk
  }
}
var LatestMetrics = class {
  #labels
  #record
  constructor(meter, labels, report, buffer) {
    this.#labels = labels
    this.#record = createRecorders(meter, GEN_AI_LATEST_METRICS, report, buffer)
  }
  finished(record) {
    const set = this.#labels.ofGenAi(record)
    const isInference = INFERENCE_OPERATIONS.has(record.operation)
    ;(isInference ? this.#record.inferenceDuration : this.#record.operationDuration)(
      record.durationMs / MS_PER_SECOND$2,
      withError(this.#labels, set, record.errorType),
    )
    if (!isInference) return
    if (record.stream && record.timeToFirstChunkMs !== void 0)
      this.#record.timeToFirstChunk(record.timeToFirstChunkMs / MS_PER_SECOND$2, set.attributes)
    if (record.usage?.inputTokens === void 0 && record.usage?.outputTokens === void 0) {
      const unknown = set.with(ATTRIBUTE.tokenModality, 'unknown').attributes
      this.#record.inputTokens(0, unknown)
      this.#record.outputTokens(0, unknown)
    }
  }
  usage(identity, usage) {
    const { operation } = identity
    const { inputTokens, outputTokens, details } = usage
    if (!TOKEN_OPERATIONS.has(operation) || (inputTokens === void 0 && outputTokens === void 0)) return
    const set = this.#labels.ofGenAi(identity)
    const record = this.#record
    if (inputTokens !== void 0) {
      const parts = splitByModality('input', inputTokens, details, operation)
      const part = set.with(ATTRIBUTE.tokenModality, modalityOfPart(parts)).attributes
      for (const [modality, tokens] of parts)
        record.inputTokens(tokens, set.with(ATTRIBUTE.tokenModality, modality).attributes)
      if (details?.cache_read !== void 0) record.cacheReadInputTokens(details.cache_read, part)
      if (details?.cache_write !== void 0) record.cacheWriteInputTokens(details.cache_write, part)
      record.operationInputTokens(inputTokens, set.attributes)
    }
    if (outputTokens !== void 0) {
      const parts = splitByModality('output', outputTokens, details, operation)
      const part = set.with(ATTRIBUTE.tokenModality, modalityOfPart(parts)).attributes
      for (const [modality, tokens] of parts)
        record.outputTokens(tokens, set.with(ATTRIBUTE.tokenModality, modality).attributes)
      if (details?.reasoning !== void 0) record.reasoningOutputTokens(details.reasoning, part)
      record.operationOutputTokens(outputTokens, set.attributes)
    }
  }
  chunkInterval(operation) {
    return INFERENCE_OPERATIONS.has(operation) ? this.#record.timePerOutputChunk : () => {}
  }
}
//#endregion
//#region src/telemetry/span-attributes.ts
const MS_PER_SECOND$1 = 1e3
const PARAMETERS = [
  ['maxTokens', ATTRIBUTE.requestMaxTokens],
  ['temperature', ATTRIBUTE.requestTemperature],
  ['topP', ATTRIBUTE.requestTopP],
  ['topK', ATTRIBUTE.requestTopK],
  ['frequencyPenalty', ATTRIBUTE.requestFrequencyPenalty],
  ['presencePenalty', ATTRIBUTE.requestPresencePenalty],
  ['seed', ATTRIBUTE.requestSeed],
  ['stopSequences', ATTRIBUTE.requestStopSequences],
  ['reasoningLevel', ATTRIBUTE.requestReasoningLevel],
  ['encodingFormats', ATTRIBUTE.requestEncodingFormats],
  ['dimensionCount', ATTRIBUTE.embeddingsDimensionCount],
  ['outputType', ATTRIBUTE.outputType],
]
/** A model as a span may show it: something that cannot be a model's name is not shown. */
function spanModel(model) {
  return model === void 0 ? void 0 : (cleanModel(model) ?? 'other')
}
/** `{operation} {model}`, or the operation alone. */
function spanName(operation, model) {
  return model === void 0 ? operation : `${operation} ${model}`
}
/** What a sampler can decide on. */
function startAttributes(start) {
  const attributes = identityAttributes(start)
  attributes[ATTRIBUTE.serverAddress] = start.serverAddress
  attributes[ATTRIBUTE.serverPort] = start.serverPort
  return attributes
}
/** Everything that was not known when the span began, or has become known better since. */
function finishAttributes(record, latestConventions) {
  const attributes = {
    [ATTRIBUTE.operation]: record.operation,
    [ATTRIBUTE.endpoint]: record.endpoint,
  }
  put(attributes, ATTRIBUTE.requestModel, spanModel(record.requestModel))
  if (record.stream) attributes[ATTRIBUTE.requestStream] = true
  putParameters(attributes, record.parameters)
  put(attributes, ATTRIBUTE.responseId, record.responseId)
  put(attributes, ATTRIBUTE.responseModel, spanModel(record.responseModel))
  put(attributes, ATTRIBUTE.finishReasons, record.finishReasons)
  if (record.timeToFirstChunkMs !== void 0)
    attributes[ATTRIBUTE.timeToFirstChunk] = record.timeToFirstChunkMs / MS_PER_SECOND$1
  put(attributes, ATTRIBUTE.httpStatus, record.httpStatus)
  if (record.retryCount !== void 0 && record.retryCount > 0)
    attributes[ATTRIBUTE.httpResendCount] = record.retryCount
  put(attributes, ATTRIBUTE.inferenceId, record.inferenceId)
  put(attributes, ATTRIBUTE.clientRequestId, record.clientRequestId)
  put(attributes, ATTRIBUTE.usageMissing, record.missing)
  put(attributes, ATTRIBUTE.creditsRefunded, record.refundedCredits)
  if (record.errorType !== void 0) attributes[ATTRIBUTE.errorType] = spanErrorType(record.errorType)
  if (record.usage !== void 0) {
    attributes[ATTRIBUTE.usageSource] = 'response'
    putUsage(attributes, record.usage, latestConventions)
  }
  return attributes
}
/** What settlement found out about a call that has ended long ago. */
function settlementAttributes(identity, usage, inferenceId, latestConventions) {
  const attributes = identityAttributes({
    ...identity,
    operation: 'settle',
  })
  put(attributes, ATTRIBUTE.inferenceId, inferenceId)
  attributes[ATTRIBUTE.usageSource] = 'ledger'
  putUsage(attributes, usage, latestConventions)
  return attributes
}
function spanErrorType(raw) {
  return cleanWord(raw) ?? '_OTHER'
}
function identityAttributes(identity) {
  const attributes = {
    [ATTRIBUTE.operation]: identity.operation,
    [ATTRIBUTE.provider]: PROVIDER,
    [ATTRIBUTE.endpoint]: identity.endpoint,
    [ATTRIBUTE.account]: identity.account,
  }
  put(attributes, ATTRIBUTE.requestModel, spanModel(identity.requestModel))
  for (const [name, value] of Object.entries(identity.tags))
    put(attributes, TAG_PREFIX + name, cleanText(value))
  return attributes
}
function putParameters(attributes, parameters) {
  for (const [field, attribute] of PARAMETERS) put(attributes, attribute, parameters[field])
  if (parameters.choiceCount !== void 0 && parameters.choiceCount !== 1)
    attributes[ATTRIBUTE.requestChoiceCount] = parameters.choiceCount
}
function putUsage(attributes, usage, latestConventions) {
  const { details } = usage
  put(attributes, ATTRIBUTE.usageInputTokens, usage.inputTokens)
  put(attributes, ATTRIBUTE.usageOutputTokens, usage.outputTokens)
  put(attributes, ATTRIBUTE.usageCacheReadInputTokens, details?.cache_read)
  put(
    attributes,
    latestConventions ? ATTRIBUTE.usageCacheWriteInputTokens : ATTRIBUTE.usageCacheCreationInputTokens,
    details?.cache_write,
  )
  put(attributes, ATTRIBUTE.usageReasoningOutputTokens, details?.reasoning)
  put(attributes, ATTRIBUTE.creditsUsed, usage.credits)
  put(attributes, ATTRIBUTE.costUsd, usage.usd)
  if (latestConventions && usage.usd !== void 0) {
    attributes[ATTRIBUTE.usageCostAmount] = usage.usd
    attributes[ATTRIBUTE.usageCostCurrency] = 'USD'
    attributes[ATTRIBUTE.usageCostSource] = 'provider'
  }
}
function put(attributes, name, value) {
  if (value !== void 0) attributes[name] = value
}
//#endregion
//#region src/telemetry/spans.ts
/** One CLIENT span a call (GenAI conventions), and one `settle` span for a cost that came later. */
const WHERE = 'the tracer'
var CallSpans = class {
  #tracer
  #latestConventions
  #report
  constructor({ tracer, latestConventions, report }) {
    this.#tracer = tracer
    this.#latestConventions = latestConventions
    this.#report = report
  }
  start(start) {
    return new CallSpan(this.#startSpan(start), start, this.#latestConventions, this.#report)
  }
  /** A span of its own, without a parent: the call's trace has long ended. */
  settled(identity, usage, inferenceId, call) {
    guarded(this.#report, WHERE, () => {
      const name = spanName('settle', spanModel(identity.requestModel))
      const attributes = settlementAttributes(identity, usage, inferenceId, this.#latestConventions)
      const links = call === void 0 ? [] : [{ context: call }]
      this.#tracer()
        .startSpan(
          name,
          {
            kind: SpanKind.INTERNAL,
            attributes,
            links,
          },
          ROOT_CONTEXT,
        )
        .end()
    })
  }
  #startSpan(start) {
    try {
      return this.#tracer().startSpan(spanName(start.operation, spanModel(start.requestModel)), {
        kind: SpanKind.CLIENT,
        startTime: start.startTimeMs,
        attributes: startAttributes(start),
      })
    } catch (error) {
      this.#report(WHERE, error)
      return
    }
  }
}
/** The span of one call. Where it could not be started, everything here is without effect. */
var CallSpan = class {
  spanContext
  #span
  #operation
  #latestConventions
  #report
  #name
  constructor(span, start, latestConventions, report) {
    this.#span = span
    this.#operation = start.operation
    this.#latestConventions = latestConventions
    this.#report = report
    this.#name = spanName(start.operation, spanModel(start.requestModel))
    this.spanContext = guarded(report, WHERE, () => validContext(span))
  }
  /** Runs `fn` exactly once with the span active. What `fn` throws is thrown, what the host's context throws is not. */
  within(fn) {
    const span = this.#span
    if (span === void 0) {
      fn()
      return
    }
    let ran = false
    let failure
    try {
      context.with(activeWith(span), () => {
        ran = true
        try {
          fn()
        } catch (error) {
          failure = { error }
        }
      })
    } catch (error) {
      this.#report('the context manager', error)
    }
    if (!ran) fn()
    if (failure !== void 0) throw failure.error
  }
  named(requestModel) {
    this.#rename(spanName(this.#operation, spanModel(requestModel)))
  }
  finish(record, linkTo) {
    const span = this.#span
    if (span === void 0) return
    this.#rename(spanName(record.operation, spanModel(record.requestModel)))
    guarded(this.#report, WHERE, () => {
      if (!span.isRecording()) return
      span.setAttributes(finishAttributes(record, this.#latestConventions))
      if (linkTo !== void 0) span.addLink({ context: linkTo })
      if (record.errorType !== void 0) span.setStatus({ code: SpanStatusCode.ERROR })
    })
    guarded(this.#report, WHERE, () => span.end(record.startTimeMs + record.durationMs))
  }
  #rename(name) {
    if (name === this.#name) return
    this.#name = name
    guarded(this.#report, WHERE, () => this.#span?.updateName(name))
  }
}
function activeWith(span) {
  return trace.setSpan(context.active(), span)
}
function validContext(span) {
  const spanContext = span?.spanContext()
  return spanContext !== void 0 && isSpanContextValid(spanContext) ? spanContext : void 0
}
//#endregion
//#region src/telemetry/call-sink.ts
const MS_PER_SECOND = 1e3
/**
 * Where finished calls go. Nothing here throws. `usage`, `missing` and `refunded` count under the labels of the
 * identity they are given; an identity that also knows server and response model (a CallRecord does) completes
 * the `gen_ai.*` labels.
 */
function createCallSink(options) {
  const { tracer, config } = options
  const { latestConventions } = config
  const report = options.report ?? createErrorReporter$1()
  const labels = new Labels(config)
  const spans = new CallSpans({
    tracer,
    latestConventions,
    report,
  })
  const createMetrics = (meter) => {
    const buffer = new CounterBuffer()
    return {
      buffer,
      calls: new CallMetrics(meter, labels, report, buffer),
      genAi: createGenAiMetrics(meter, labels, latestConventions, report, buffer),
    }
  }
  let metrics = createMetrics(options.meter)
  return {
    start: (start) => new MeasuredCall(start, spans.start(start), labels, () => metrics, report),
    usage(identity, usage, source) {
      guarded(report, 'counting usage', () => {
        metrics.calls.usage(identity, usage, source)
        metrics.genAi.usage(identity, usage)
      })
    },
    missing(identity, reason) {
      guarded(report, 'counting missing usage', () => metrics.calls.missing(identity, reason))
    },
    refunded(identity, credits) {
      guarded(report, 'counting refunds', () => metrics.calls.refunded(identity, credits))
    },
    settled: (identity, usage, inferenceId, call) => spans.settled(identity, usage, inferenceId, call),
    setMeter(meter) {
      metrics.buffer.flush()
      metrics = createMetrics(meter)
    },
    flush: () => metrics.buffer.flush(),
  }
}
var MeasuredCall = class {
  #start
  #span
  #labels
  #metrics
  #report
  #requestModel
  /** Resolved at the first chunk: a stream has thousands. */
  #recordChunk
  #chunkAttributes = {}
  constructor(start, span, labels, metrics, report) {
    this.#start = start
    this.#span = span
    this.#labels = labels
    this.#metrics = metrics
    this.#report = report
    this.#requestModel = start.requestModel
  }
  get spanContext() {
    return this.#span.spanContext
  }
  within(fn) {
    this.#span.within(fn)
  }
  named(requestModel) {
    this.#requestModel = requestModel
    this.#span.named(requestModel)
  }
  chunkInterval(intervalMs) {
    this.#recordChunk ??= this.#prepareChunks()
    this.#recordChunk(intervalMs / MS_PER_SECOND, this.#chunkAttributes)
  }
  finish(record, linkTo) {
    const metrics = this.#metrics()
    guarded(this.#report, 'counting a call', () => {
      metrics.calls.finished(record)
      metrics.genAi.finished(record)
    })
    this.#span.finish(record, linkTo)
  }
  #prepareChunks() {
    const { operation, serverAddress, serverPort } = this.#start
    const requestModel = this.#requestModel
    const identity = {
      operation,
      serverAddress,
      serverPort,
      ...(requestModel !== void 0 && { requestModel }),
    }
    this.#chunkAttributes = this.#labels.ofGenAi(identity).attributes
    return this.#metrics().genAi.chunkInterval(operation)
  }
}
//#endregion
//#region src/traffic/channels.ts
/** Subscribes, and gives the undo. `subscriber` must not throw (see `guard.ts`). */
function subscribe(name, subscriber) {
  diagnosticsChannel.subscribe(name, subscriber)
  return () => {
    diagnosticsChannel.unsubscribe(name, subscriber)
  }
}
//#endregion
//#region src/traffic/bytes.ts
const nothing = new Uint8Array(0)
/**
 * A chunk as applications write them, seen as bytes without copying where there is memory to look at:
 * strings (UTF-8 unless said otherwise), any view, any buffer. Empty for everything else. Never throws.
 */
function toBytes(chunk, encoding) {
  if (chunk instanceof Uint8Array) return chunk
  try {
    if (typeof chunk === 'string')
      return Buffer.from(
        chunk,
        typeof encoding === 'string' && Buffer.isEncoding(encoding) ? encoding : 'utf8',
      )
    if (ArrayBuffer.isView(chunk)) return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    if (chunk instanceof ArrayBuffer || chunk instanceof SharedArrayBuffer) return new Uint8Array(chunk)
  } catch {}
  return nothing
}
//#endregion
//#region src/traffic/client-request-override.ts
/** Feeds the exchange with the request's body as the application writes it. */
function overrideWrite(request, exchange) {
  for (const name of ['write', 'end'])
    override$1(
      request,
      name,
      (original) =>
        function (chunk, encoding) {
          feedWritten(exchange, chunk, encoding)
          return Reflect.apply(original, this, arguments)
        },
    )
}
/** Takes the first arguments of `write` and `end`, either of which may be the callback instead. */
function feedWritten(exchange, chunk, encoding) {
  if (exchange.ended || typeof chunk === 'function' || chunk === void 0 || chunk === null) return
  const bytes = toBytes(chunk, encoding)
  if (bytes.byteLength > 0) exchange.requestChunk(bytes)
}
/**
 * Tells when the application ends the request: `destroy`, `abort`, a signal. Node itself never calls
 * `destroy` on a client request for a failure of the connection.
 */
function overrideDestroy(request, onDestroy) {
  override$1(
    request,
    'destroy',
    (original) =>
      function (reason) {
        if (!request.destroyed) onDestroy(reason)
        return Reflect.apply(original, this, arguments)
      },
  )
}
/** Tells when the request has a connection to be written to: a request is buffered while its socket connects. */
function onConnected(request, connected) {
  const watch = (socket) => {
    const secure = socket.encrypted === true
    const { connecting } = socket
    const handshaking = secure && socket.secureConnecting === true
    if (connecting || handshaking) socket.once(secure ? 'secureConnect' : 'connect', connected)
    else connected()
  }
  if (request.socket) watch(request.socket)
  else request.once('socket', watch)
}
/**
 * Feeds the exchange with the response's raw bytes, and tells how it ended: whole, or destroyed before the
 * last byte. `destroyed` may come before the end of the stream (redirects of axios) and also after it.
 */
function overrideResponse(response, exchange, destroyed) {
  override$1(
    response,
    'push',
    (original) =>
      function (chunk, encoding) {
        if (chunk === null) {
          if (response.complete) exchange.end()
        } else if (!exchange.ended) exchange.responseChunk(toBytes(chunk, encoding))
        return Reflect.apply(original, this, arguments)
      },
  )
  override$1(
    response,
    '_destroy',
    (original) =>
      function (reason) {
        destroyed(reason)
        return Reflect.apply(original, this, arguments)
      },
  )
}
function override$1(target, name, wrap) {
  const value = wrap(target[name])
  Object.defineProperty(target, name, {
    value,
    configurable: true,
    enumerable: false,
    writable: true,
  })
}
//#endregion
//#region src/traffic/client-request-prototype.ts
/** True where the channel says it all and nothing need be overridden. */
function hasCreatedChannel(version = process.versions.node) {
  return Number.parseInt(version, 10) >= 22
}
/**
 * Calls `announce` for every request before the first byte of its body; it may be called again for the same
 * one, and returns the exchange the first time only.
 */
function overridePrototype(announce) {
  const { ClientRequest } = process.getBuiltinModule('node:http')
  const prototype = ClientRequest.prototype
  const undo = ['onSocket', 'write', 'end'].map((name) => {
    const previous = Object.getOwnPropertyDescriptor(prototype, name)
    const original = prototype[name]
    let active = true
    const value = function (chunk, encoding) {
      const exchange = active ? announce(this) : void 0
      if (exchange !== void 0 && name !== 'onSocket') feedWritten(exchange, chunk, encoding)
      return Reflect.apply(original, this, arguments)
    }
    Object.defineProperty(prototype, name, {
      value,
      configurable: true,
      enumerable: true,
      writable: true,
    })
    return () => {
      active = false
      if (prototype[name] !== value) return
      if (previous === void 0) delete prototype[name]
      else Object.defineProperty(prototype, name, previous)
    }
  })
  return () => {
    for (const step of undo) step()
  }
}
//#endregion
//#region src/traffic/headers.ts
/**
 * Looks up one header in any of the forms that clients keep them in, without reading the others: names and
 * values in turn (as buffers or strings), lines in one string, or an object.
 */
function findHeader(headers, name) {
  let found
  forEachHeader(headers, (key, value) => {
    if (lengthOf(key) !== name.length || toHeaderText(key).toLowerCase() !== name) return
    const text = toHeaderText(value)
    found = found === void 0 ? text : `${found}, ${text}`
  })
  return found
}
/** A header's value as text: several values joined by ", ", bytes as Latin-1. */
function toHeaderText(value) {
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.map(toHeaderText).join(', ')
  if (value instanceof Uint8Array)
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('latin1')
  return String(value)
}
function forEachHeader(headers, visit) {
  if (Array.isArray(headers))
    for (let index = 0; index + 1 < headers.length; index += 2) visit(headers[index], headers[index + 1])
  else if (typeof headers === 'string')
    for (const line of headers.split('\r\n')) {
      const colon = line.indexOf(':')
      if (colon > 0) visit(line.slice(0, colon), line.slice(colon + 1).trim())
    }
  else if (typeof headers === 'object' && headers !== null)
    for (const [name, value] of Object.entries(headers)) visit(name, value)
}
function lengthOf(name) {
  return typeof name === 'string' || name instanceof Uint8Array ? name.length : toHeaderText(name).length
}
//#endregion
//#region src/traffic/origin.ts
/** Parsing a URL costs more than all else that is done for a foreign request; the hosts of a service are few. */
const maxOrigins = 64
const origins = /* @__PURE__ */ new Map()
/** Scheme, host and port in the URL standard's spelling, default ports left out; `undefined` if it is no URL. */
function normalizeOrigin(origin) {
  if (origin instanceof URL) return origin.origin
  const spelling = String(origin)
  const known = origins.get(spelling)
  if (known !== void 0) return known
  if (!URL.canParse(spelling)) return void 0
  const normalized = new URL(spelling).origin
  if (origins.size >= maxOrigins) origins.clear()
  origins.set(spelling, normalized)
  return normalized
}
const absoluteUrl = /^(https?:\/\/[^/?#]+)([^#]*)/i
/**
 * Where a request line leads. A path in absolute form is a plain HTTP request by way of a proxy, and then
 * `origin` may be the proxy's.
 */
function readTarget(origin, path) {
  if (!path.startsWith('/')) {
    const match = absoluteUrl.exec(path)
    if (match === null) return void 0
    const rest = match[2]
    return toTarget(match[1], rest.startsWith('/') ? rest : `/${rest}`)
  }
  return toTarget(origin, path)
}
function toTarget(origin, path) {
  const normalized = normalizeOrigin(origin)
  return normalized === void 0
    ? void 0
    : {
        origin: normalized,
        path,
      }
}
//#endregion
//#region src/traffic/client-request.ts
/**
 * The head of a node:http(s) request, or `undefined` for a tunnel, an upgrade (a WebSocket handshake) or
 * something unreadable.
 */
function readClientRequestHead(request) {
  if (request.method === 'CONNECT' || findClientHeader(request, 'upgrade') !== void 0) return void 0
  const authority = findClientHeader(request, 'host') ?? request.host
  const target = readTarget(`${request.protocol}//${authority}`, request.path)
  if (target === void 0) return void 0
  return {
    method: request.method,
    origin: target.origin,
    path: target.path,
    header: (name) => findClientHeader(request, name),
  }
}
function findClientHeader(request, name) {
  const value = request.getHeader(name)
  if (value !== void 0) return toHeaderText(value)
  const text = Reflect.get(request, '_header')
  return typeof text === 'string' ? findHeader(text.slice(text.indexOf('\r\n') + 2), name) : void 0
}
//#endregion
//#region src/traffic/publish-override.ts
/**
 * Unofficial. A subscriber of a diagnostics channel cannot set the async context in which the subscribers
 * after it run: undici and node:http use `publish`, for which `bindStore` has no effect. To make spans that
 * other instrumentations start in their own subscribers children of ours, whichever subscribed first, the
 * channel gets an own property `publish` that runs the real one inside our span.
 *
 * Measured on Node 20.20, 22.23, 24.21 and 26.10 with undici 5 to 8.
 * `test/integration/traffic-nesting.test.ts` notices when it stops working; requests are observed even then,
 * because whoever overrides also subscribes.
 */
/**
 * Calls `around` for every publication on the channel. It must call `publish` once, synchronously; that
 * reaches all subscribers. Only publications made while somebody subscribes are seen.
 */
function overridePublish(name, around) {
  const channel = diagnosticsChannel.channel(name)
  const previous = Object.getOwnPropertyDescriptor(channel, 'publish')
  let active = true
  const publish = function (message) {
    const next = previous?.value ?? Object.getPrototypeOf(channel).publish
    if (active) around(message, () => Reflect.apply(next, this, [message]))
    else Reflect.apply(next, this, [message])
  }
  Object.defineProperty(channel, 'publish', {
    value: publish,
    configurable: true,
    writable: true,
  })
  return () => {
    active = false
    if (Object.getOwnPropertyDescriptor(channel, 'publish')?.value !== publish) return
    if (previous === void 0) delete channel.publish
    else Object.defineProperty(channel, 'publish', previous)
  }
}
//#endregion
//#region src/traffic/creation.ts
/**
 * Calls `observe` once for every message on a channel that announces requests. With `nest`, the channel's
 * other subscribers run inside the exchange that it returned, so that their spans become children of ours.
 */
function hookCreation(channel, nest, guard, observe) {
  /** The message that the override has shown to `observe` and is publishing. */
  let publishing
  const unsubscribe = subscribe(
    channel,
    guard.subscriber(channel, (message) => {
      if (message !== publishing) observe(message)
    }),
  )
  if (!nest) return unsubscribe
  const undoOverride = overridePublish(channel, (message, publish) => {
    const exchange = guard.attempt(channel, () => observe(message))
    const outer = publishing
    publishing = message
    try {
      if (exchange === void 0) publish()
      else exchange.within(publish)
    } finally {
      publishing = outer
    }
  })
  return () => {
    undoOverride()
    unsubscribe()
  }
}
//#endregion
//#region src/traffic/error-type.ts
/** How far `.cause` is followed: a longer chain is a cycle or somebody's accident. */
const maxDepth$1 = 4
/** How many errors of an AggregateError are looked at: one for each address that was tried. */
const maxErrors = 8
/**
 * The shape of codes that come from below (libuv, resolver, OpenSSL, llhttp, Node, undici). Anything else
 * that stands in `code` is the application's own and could take any number of values, which an attribute
 * of a metric must never do.
 */
const systemCode =
  /^(?:E[A-Z][A-Z0-9]{1,24}|EAI_[A-Z]{2,16}|(?:ERR|UND_ERR|HPE|CERT|UNABLE_TO|DEPTH_ZERO|SELF_SIGNED|CRL)_[A-Z0-9_]{2,56})$/
/** Codes by which clients say that their own caller gave up. */
const abortCodes = new Set(['ABORT_ERR', 'ECANCELED', 'ERR_ABORTED', 'ERR_CANCELED', 'UND_ERR_ABORTED'])
/**
 * The `error.type` of a request that failed with `error`, which may be any value at all: `timeout` for the
 * reason of `AbortSignal.timeout`; `aborted` when the caller gave up (also with a reason that is no error);
 * else the system's code (`ECONNREFUSED`, `UND_ERR_SOCKET`), followed through `.cause` and AggregateError;
 * else `_OTHER`.
 *
 * @param cancelled the request is known to have been ended from the caller's side. A code in `error` then
 *   belongs to the caller's reason (`controller.abort(someError)`) and says nothing of this connection.
 */
function errorType(error, cancelled = false) {
  try {
    if (isTimeout(error, 0)) return 'timeout'
    if (cancelled || isAbort(error)) return 'aborted'
    const code = findSystemCode(error, 0)
    if (code !== void 0) return code
    return error instanceof Error ? '_OTHER' : 'aborted'
  } catch {
    return cancelled ? 'aborted' : '_OTHER'
  }
}
/** Only of the web's kind, whose `code` is a number: client libraries that time out have a code of their own. */
function isTimeout(error, depth) {
  if (!isErrorLike(error) || depth > maxDepth$1) return false
  if (error.name === 'TimeoutError' && typeof error.code !== 'string') return true
  return isTimeout(error.cause, depth + 1)
}
function isAbort(error) {
  if (!isErrorLike(error)) return true
  return error.name === 'AbortError' || abortCodes.has(error.code)
}
function findSystemCode(error, depth) {
  if (!isErrorLike(error) || depth > maxDepth$1) return void 0
  if (typeof error.code === 'string' && systemCode.test(error.code)) return error.code
  const inner = Array.isArray(error.errors) ? error.errors.slice(0, maxErrors) : []
  for (const candidate of [...inner, error.cause]) {
    const code = findSystemCode(candidate, depth + 1)
    if (code !== void 0) return code
  }
}
function isErrorLike(error) {
  return typeof error === 'object' && error !== null
}
//#endregion
//#region src/traffic/guard.ts
/** `onInternalError` hears of each kind (the name of the callback that threw) once. */
function createGuard(options) {
  const hook = {
    live: true,
    report: reportOncePerKind(options.onInternalError),
  }
  return {
    begin(request) {
      try {
        const exchange = options.begin(request)
        return exchange === void 0 ? void 0 : new Guarded(exchange, hook)
      } catch (error) {
        hook.report('begin', error)
        return
      }
    },
    subscriber(kind, subscriber) {
      return (message) => {
        try {
          subscriber(message)
        } catch (error) {
          hook.report(kind, error)
        }
      }
    },
    attempt(kind, action) {
      try {
        return action()
      } catch (error) {
        hook.report(kind, error)
        return
      }
    },
    release() {
      hook.live = false
    },
  }
}
function reportOncePerKind(onInternalError) {
  const reported = /* @__PURE__ */ new Set()
  return (kind, error) => {
    if (reported.has(kind)) return
    reported.add(kind)
    try {
      onInternalError(error)
    } catch {}
  }
}
var Guarded = class {
  #ended = false
  #exchange
  #hook
  constructor(exchange, hook) {
    this.#exchange = exchange
    this.#hook = hook
  }
  get ended() {
    return this.#ended || !this.#hook.live
  }
  /** Runs `publish` exactly once whatever the owner does, and lets through what `publish` itself throws. */
  within(publish) {
    let called = false
    let thrown
    const once = () => {
      if (called) return
      called = true
      try {
        publish()
      } catch (error) {
        thrown = { error }
      }
    }
    if (!this.ended)
      try {
        this.#exchange.within(once)
      } catch (error) {
        this.#fail('within', error)
      }
    once()
    if (thrown !== void 0) throw thrown.error
  }
  sent() {
    if (this.ended) return
    try {
      this.#exchange.sent()
    } catch (error) {
      this.#fail('sent', error)
    }
  }
  requestChunk(bytes) {
    if (this.ended) return
    try {
      this.#exchange.requestChunk(bytes)
    } catch (error) {
      this.#fail('requestChunk', error)
    }
  }
  responseHead(status, header) {
    if (this.ended) return
    try {
      this.#exchange.responseHead(status, header)
    } catch (error) {
      this.#fail('responseHead', error)
    }
  }
  responseChunk(bytes) {
    if (this.ended) return
    try {
      this.#exchange.responseChunk(bytes)
    } catch (error) {
      this.#fail('responseChunk', error)
    }
  }
  end(type) {
    if (this.ended) return
    this.#ended = true
    try {
      this.#exchange.end(type)
    } catch (error) {
      this.#hook.report('end', error)
    }
  }
  #fail(kind, error) {
    this.#hook.report(kind, error)
    this.end('_OTHER')
  }
}
//#endregion
//#region src/traffic/node-http.ts
/**
 * Observes every request made through `node:http` and `node:https` (axios, got, node-fetch, openai 4), with
 * any agent. undici does not use them, so no call is seen by both hooks. Each hop of a redirect and each
 * attempt of a retry is a request of its own. CONNECT and upgrades are not seen, nor is `node:http2`.
 *
 * Other instrumentations' spans: what they start in a subscriber of `http.client.request.created` or
 * `.start` becomes a child of ours. @opentelemetry/instrumentation-http (measured: 0.223) wraps
 * `http.request` instead and has started its span, and made it active, before Node creates the request: there
 * ours becomes the child of that span. Neither is lost or doubled.
 *
 * After the returned undo, requests in flight go on unharmed and their exchanges hear nothing more, no `end`
 * either: whoever unhooks closes what it still holds open.
 *
 * https://nodejs.org/api/diagnostics_channel.html#http
 */
function hookNodeHttp(options) {
  const guard = createGuard(options)
  /** Every request that was asked about; `null` for those that are not observed. */
  const seen = /* @__PURE__ */ new WeakMap()
  const observe = (request) => {
    if (seen.has(request)) return void 0
    seen.set(request, null)
    const head = readClientRequestHead(request)
    const exchange = head && guard.begin(head)
    if (exchange === void 0) return void 0
    const observed = { exchange }
    seen.set(request, observed)
    overrideWrite(request, exchange)
    overrideDestroy(request, (reason) => endEarly(observed, reason, true))
    onConnected(request, () => exchange.sent())
    return exchange
  }
  const undo = ['http.client.request.created', 'http.client.request.start'].map((channel) =>
    hookCreation(
      channel,
      options.nestHttpSpans,
      guard,
      ({ request }) => observe(request) ?? seen.get(request)?.exchange,
    ),
  )
  if (!hasCreatedChannel())
    undo.push(
      overridePrototype((request) =>
        seen.has(request) ? void 0 : guard.attempt('ClientRequest', () => observe(request)),
      ),
    )
  const on = (channel, subscriber) => {
    undo.push(subscribe(channel, guard.subscriber(channel, subscriber)))
  }
  on('http.client.response.finish', ({ request, response }) => {
    const observed = seen.get(request)
    if (!observed || observed.exchange.ended) return
    const { exchange } = observed
    const status = response.statusCode ?? 0
    observed.status = status
    exchange.responseHead(status, (name) => findHeader(response.rawHeaders, name))
    overrideResponse(response, exchange, (reason) => {
      endEarly(observed, reason, response.socket?.destroyed === false)
    })
  })
  on('http.client.request.error', ({ request, error }) => {
    const observed = seen.get(request)
    if (observed) endEarly(observed, error, false)
  })
  return () => {
    guard.release()
    for (const step of undo.splice(0)) step()
  }
}
/** The response was not received to its last byte. Clients drop the body of a redirect: nothing failed there. */
function endEarly({ exchange, status }, reason, cancelled) {
  const redirected = cancelled && status !== void 0 && status >= 300 && status < 400
  exchange.end(redirected ? void 0 : errorType(reason, cancelled))
}
//#endregion
//#region src/traffic/async-context.ts
/** Retry, redirect and the other decorators wrap each other; nobody stacks more than a few. */
const maxDepth = 8
/**
 * The async context in which the application made its call, if the request refers to it.
 *
 * The context in which undici creates a request is that one for most calls. It is another request's for a
 * call that waited in the queue of a Pool or Agent with `connections` (undici before 8.12.3), and for the
 * repetitions of a retry or redirect interceptor on a connection that was used before. The handlers of
 * `request`, `stream` and `pipeline` are AsyncResources made in the caller's context, and the request refers
 * to its handler, directly or through those decorators that show theirs. For `fetch` and for decorators with
 * private fields see `dispatch-context.ts`.
 */
function findCallerContext(request) {
  let handler = readHandler(request)
  for (let depth = 0; depth < maxDepth && typeof handler === 'object' && handler !== null; depth++) {
    if (handler instanceof AsyncResource) {
      const resource = handler
      return (action) => resource.runInAsyncScope(action)
    }
    handler = handler.handler
  }
}
/** The symbols under which the copies of undici that were seen so far keep a request's handler. */
const handlerSymbols = []
const maxSymbols = 16
/** It is a symbol of each copy's own, called "handler" in all of 5 to 8. */
function readHandler(request) {
  for (const symbol of handlerSymbols) {
    const handler = request[symbol]
    if (handler !== void 0) return handler
  }
  for (const symbol of Object.getOwnPropertySymbols(request)) {
    if (symbol.description !== 'handler') continue
    if (handlerSymbols.length < maxSymbols) handlerSymbols.push(symbol)
    return request[symbol]
  }
}
//#endregion
//#region src/traffic/dispatch-context.ts
/**
 * Unofficial. Remembers the async context of calls that undici dispatches again later on: those that wait in
 * the queue of a Pool (or Agent) with `connections`, and those that a retry or redirect handler repeats. For
 * the handlers of `fetch`, and for all of undici 7's decorators, nothing that the new request refers to leads
 * back to the caller, so `dispatch` of undici's own base class is overridden to look at handlers on their way
 * in. It calls through in every case; an ordinary call costs two look-ups.
 *
 * The class of a copy is found through the global dispatcher, else through the connection of the first
 * observed request. Out of reach are: what a copy that is not the global dispatcher's queues before that, and
 * what an interceptor repeats that was composed before the class was found (it holds on to the plain method).
 *
 * Measured on undici 5.29, 6.29, 7.30, 8.12 and the copies in Node 20.20, 22.23, 24.21 and 26.10 (undici 8.12.3
 * and later keep the context of queued calls themselves). `test/integration/traffic-context.test.ts` notices
 * when it stops working: contexts are wrong then, nothing else.
 */
/** Nothing that goes wrong in here reaches the dispatching application. */
function rememberDispatches(guard) {
  const byHandler = /* @__PURE__ */ new WeakMap()
  /** undici 7 wraps some handlers anew while they wait, but passes the options on as they are. */
  const byOptions = /* @__PURE__ */ new WeakMap()
  const overridden = /* @__PURE__ */ new Map()
  const globals = []
  /** The prototypes of requests whose copy of undici has been looked up. */
  const copies = /* @__PURE__ */ new WeakSet()
  let running
  let depth = 0
  const remember = (dispatcher, options, handler) => {
    if (!isObject(handler)) return
    const run = byHandler.get(handler) ?? running ?? snapshot()
    byHandler.set(handler, run)
    if (isObject(options) && byOptions.get(options)?.run !== run)
      byOptions.set(options, {
        run,
        dispatcher,
      })
  }
  /** The caller's context of a call that was dispatched before. */
  const enter = (dispatcher, options, handler) => {
    if (depth > 0 || !isObject(handler)) return void 0
    const run = byHandler.get(handler)
    if (run !== void 0) return run
    const queued = isObject(options) ? byOptions.get(options) : void 0
    if (queued !== void 0 && queued.dispatcher !== dispatcher) return queued.run
    if (isRepeating(handler)) byHandler.set(handler, snapshot())
  }
  const overrideDispatch = (prototype) => {
    const original = prototype.dispatch
    let active = true
    const dispatch = function (options, handler) {
      if (!active || handler instanceof AsyncResource) return Reflect.apply(original, this, arguments)
      const known = guard.attempt('dispatch', () => enter(this, options, handler))
      const outer = running
      if (depth === 0) running = known
      depth++
      try {
        const result = Reflect.apply(original, this, arguments)
        if (result === false && depth === 1) guard.attempt('dispatch', () => remember(this, options, handler))
        return result
      } finally {
        depth--
        running = outer
      }
    }
    Object.defineProperty(prototype, 'dispatch', {
      value: dispatch,
      configurable: true,
      writable: true,
    })
    overridden.set(prototype, () => {
      active = false
      if (prototype.dispatch !== dispatch) return
      Object.defineProperty(prototype, 'dispatch', {
        value: original,
        configurable: true,
        writable: true,
      })
    })
  }
  const follow = (dispatcher) => {
    const prototype = findBasePrototype(dispatcher)
    if (prototype !== void 0 && !overridden.has(prototype)) overrideDispatch(prototype)
  }
  return {
    current: () => running,
    followGlobal() {
      for (let index = 0; index < globalDispatchers.length; index++) {
        const dispatcher = globalThis[globalDispatchers[index]]
        if (dispatcher === void 0 || dispatcher === globals[index]) continue
        globals[index] = dispatcher
        follow(dispatcher)
      }
    },
    followSocket(request, socket) {
      const copy = Object.getPrototypeOf(request)
      if (copies.has(copy) || !isObject(socket)) return
      copies.add(copy)
      follow(findClient(socket))
    },
    undo() {
      for (const step of overridden.values()) step()
      overridden.clear()
    },
  }
}
/** Up to undici 7, and from 8 on. */
const globalDispatchers = [Symbol.for('undici.globalDispatcher.1'), Symbol.for('undici.globalDispatcher.2')]
function snapshot() {
  const run = AsyncLocalStorage.snapshot()
  return (action) => run(action)
}
function isRepeating(handler) {
  return typeof handler.dispatch === 'function'
}
/** undici's DispatcherBase by its shape: bundles have other names for it. */
function findBasePrototype(dispatcher) {
  let candidate = dispatcher
  for (let depth = 0; depth < 6 && isObject(candidate); depth++) {
    if (
      typeof Object.getOwnPropertyDescriptor(candidate, 'dispatch')?.value === 'function' &&
      Object.getOwnPropertyDescriptor(candidate, 'closed')?.get !== void 0 &&
      Object.getOwnPropertyDescriptor(candidate, 'destroyed')?.get !== void 0
    )
      return candidate
    candidate = Object.getPrototypeOf(candidate)
  }
}
/** undici keeps the Client of a connection under a symbol of its own on the socket. */
function findClient(socket) {
  for (const symbol of Object.getOwnPropertySymbols(socket))
    if (symbol.description === 'client') return socket[symbol]
}
function isObject(value) {
  return typeof value === 'object' && value !== null
}
//#endregion
//#region src/traffic/request-body.ts
/**
 * Passes each byte of an undici request's body on once. undici writes one and the same request again, from
 * the start, when the connection closed before it was its turn (pipelining, a GOAWAY of HTTP/2).
 */
var RequestBody = class {
  #exchange
  #passedBytes = 0
  #repeatedBytes = 0
  constructor(exchange) {
    this.#exchange = exchange
  }
  /** The request's head is being written: what follows is the body from its first byte. */
  start() {
    this.#repeatedBytes = this.#passedBytes
  }
  /** A chunk of the body was written. */
  sent(chunk) {
    const bytes = toBytes(chunk)
    const repeated = Math.min(this.#repeatedBytes, bytes.byteLength)
    this.#repeatedBytes -= repeated
    this.#passedBytes += bytes.byteLength - repeated
    this.#exchange.sent()
    if (bytes.byteLength > repeated) this.#exchange.requestChunk(bytes.subarray(repeated))
  }
}
//#endregion
//#region src/traffic/undici-message.ts
/** The head of an undici request, or `undefined` for a tunnel, an upgrade or something unreadable. */
function readRequestHead(request) {
  if (request.method === 'CONNECT' || request.upgrade) return void 0
  const target = readTarget(request.origin, request.path)
  if (target === void 0) return void 0
  return {
    method: request.method.toUpperCase(),
    origin: target.origin,
    path: target.path,
    header: (name) => findRequestHeader(request, name),
  }
}
function findRequestHeader(request, name) {
  if (name === 'host' && typeof request.host === 'string') return request.host
  if (name === 'content-length' && typeof request.contentLength === 'number')
    return `${request.contentLength}`
  return findHeader(request.headers, name)
}
//#endregion
//#region src/traffic/undici-override.ts
/**
 * Unofficial. undici 5, 6 and 7 have no channel for body bytes (7.11 and later do, but Node 20, 22 and early
 * 24 bundle older copies), so the methods by which undici's connection talks to its request are overridden
 * as own properties of the one request that is observed. Nothing shared is touched.
 *
 * Measured on undici 5.0 to 7.30 and the copies in Node 20, 22 and 24. On undici 8 (Node 26) the methods
 * have other names (`onResponseData`) and the chunk channels are used instead; only `onRequestStart` is
 * overridden there. `test/integration/traffic-undici.test.ts` compares every byte, and so notices when a
 * version stops calling these.
 */
/** True when body bytes can be had by `overrideBody`; false where the chunk channels must give them. */
function hasBodyMethods(request) {
  return typeof request.onData === 'function'
}
/** Feeds the exchange with the bytes of both bodies. The results are passed on: they are the backpressure. */
function overrideBody(request, body, exchange) {
  const onData = request.onData
  override(request, 'onData', function (chunk) {
    exchange.responseChunk(chunk instanceof Uint8Array ? chunk : toBytes(chunk))
    return onData.call(this, chunk)
  })
  if (typeof request.onBodySent !== 'function') return
  const onBodySent = request.onBodySent
  override(request, 'onBodySent', function (chunk) {
    if (!exchange.ended) body.sent(chunk)
    return Reflect.apply(onBodySent, this, arguments)
  })
}
/**
 * Tells when the request is ended through the `abort` function that undici hands to its API: by a signal,
 * `reader.cancel()`, a broken loop, a destroyed body. Failures of the connection never take that way, and
 * nothing else tells them from an abort whose reason is itself a system error.
 */
function overrideAbort(request, onAbort) {
  const key = typeof request.onConnect === 'function' ? 'onConnect' : 'onRequestStart'
  if (typeof request[key] !== 'function') return
  const start = request[key]
  override(request, key, function (...args) {
    const [abort, ...rest] = args
    if (typeof abort !== 'function') return Reflect.apply(start, this, args)
    const observedAbort = (...reason) => {
      onAbort()
      return Reflect.apply(abort, void 0, reason)
    }
    return Reflect.apply(start, this, [observedAbort, ...rest])
  })
}
function override(request, key, value) {
  Object.defineProperty(request, key, {
    value,
    configurable: true,
    enumerable: false,
    writable: true,
  })
}
//#endregion
//#region src/traffic/undici.ts
/**
 * Observes every request made through undici: the global `fetch` and any copy of the npm package, 5 to 8,
 * with any dispatcher, whenever it was loaded. Each attempt of a retry and each hop of a redirect is a request
 * of its own. CONNECT, upgrades and mocked dispatchers are not seen.
 *
 * After the returned undo, requests in flight go on unharmed and their exchanges hear nothing more, no `end`
 * either: whoever unhooks closes what it still holds open.
 *
 * https://github.com/nodejs/undici/blob/main/docs/docs/api/DiagnosticsChannel.md
 */
function hookUndici(options) {
  const guard = createGuard(options)
  const observations = /* @__PURE__ */ new WeakMap()
  const dispatches = rememberDispatches(guard)
  const undo = [dispatches.undo]
  let observesChunks = false
  const on = (channel, subscriber) => {
    undo.push(subscribe(channel, guard.subscriber(channel, subscriber)))
  }
  const observe = (request) => {
    dispatches.followGlobal()
    const head = readRequestHead(request)
    if (head === void 0) return void 0
    const runInContext = findCallerContext(request) ?? dispatches.current()
    const exchange = runInContext === void 0 ? guard.begin(head) : runInContext(() => guard.begin(head))
    if (exchange === void 0) return void 0
    const requestBody = new RequestBody(exchange)
    const observed = {
      exchange,
      requestBody,
      byMethods: hasBodyMethods(request),
      cancelled: false,
    }
    observations.set(request, observed)
    overrideAbort(request, () => {
      observed.cancelled = true
    })
    if (observed.byMethods) overrideBody(request, requestBody, exchange)
    else observeChunks()
    return exchange
  }
  /** Only once such a request was seen: a subscription costs about 10 ns for every chunk of the process. */
  const observeChunks = () => {
    if (observesChunks) return
    observesChunks = true
    on('undici:request:bodyChunkReceived', ({ request, chunk }) => {
      const observed = observations.get(request)
      if (observed !== void 0 && !observed.byMethods) observed.exchange.responseChunk(toBytes(chunk))
    })
    on('undici:request:bodyChunkSent', ({ request, chunk }) => {
      const observed = observations.get(request)
      if (observed !== void 0 && !observed.byMethods) observed.requestBody.sent(chunk)
    })
  }
  const end = (request, failure) => {
    const observed = observations.get(request)
    if (observed === void 0) return
    if (failure === void 0) observed.exchange.end()
    else observed.exchange.end(errorType(failure.error, observed.cancelled))
  }
  guard.attempt('dispatch', dispatches.followGlobal)
  undo.push(
    hookCreation('undici:request:create', options.nestHttpSpans, guard, ({ request }) => observe(request)),
  )
  on('undici:client:sendHeaders', ({ request, socket }) => {
    const observed = observations.get(request)
    if (observed === void 0) return
    observed.exchange.sent()
    observed.requestBody.start()
    dispatches.followSocket(request, socket)
  })
  on('undici:request:headers', ({ request, response }) => {
    const observed = observations.get(request)
    if (observed === void 0 || response.statusCode < 200) return
    observed.exchange.responseHead(response.statusCode, (name) => findHeader(response.headers, name))
  })
  on('undici:request:trailers', ({ request }) => end(request))
  on('undici:request:error', ({ request, error }) => end(request, { error }))
  return () => {
    guard.release()
    for (const step of undo.splice(0)) step()
  }
}
//#endregion
//#region src/connection.ts
/** Traffic → calls → telemetry, and the account beside them, joined for as long as the instrumentation is enabled. */
/** Hooks the traffic of this process. `tracer` is asked for with every call, since providers may come later. */
function connect(config, tracer, meter) {
  const reportOnce = createErrorReporter()
  const watch = watchAccounts({
    accounts: config.accounts,
    baseUrl: config.accountBaseUrl,
    balance: config.balance,
    settlement: config.settlement,
    ledger: config.ledger,
    onPoll: (account, poll, errorType) => accountMetrics.polled(account, poll, errorType),
    onLedgerEntry: (entry) => accountMetrics.ledgerEntry(entry),
  })
  const sink = createCallSink({
    tracer,
    meter,
    config,
  })
  const accountMetrics = createAccountMetrics(
    meter,
    {
      snapshots: () => watch.snapshots(),
      pendingByAccount: () => watch.settlement.pendingByAccount(),
    },
    { beforeCollection: () => sink.flush() },
  )
  const observer = observeCalls({
    sink,
    settlement: watch.settlement,
    findAccount: createAccountFinder(config.accounts),
    matchPath: (origin, path) => (isOwnTraffic() ? void 0 : matchBaseUrl(config.baseUrls, origin, path)),
    onRecord: guardListener(config.onCall, reportOnce),
  })
  const hookOptions = {
    begin: observer.begin,
    nestHttpSpans: config.nestHttpSpans,
    onInternalError: reportOnce,
  }
  const unhooks = [hookUndici(hookOptions), hookNodeHttp(hookOptions)]
  return {
    useMeter(newMeter) {
      sink.setMeter(newMeter)
      accountMetrics.setMeter(newMeter)
    },
    async flush() {
      await observer.flush()
      sink.flush()
    },
    async stop() {
      for (const unhook of unhooks) unhook()
      await observer.stop()
      if (config.settlement.settleOnShutdown) await watch.flush()
      watch.stop()
      sink.flush()
      accountMetrics.dispose()
    },
  }
}
/** A throw in the application's listener, or a rejection if it is async, ends here. */
function guardListener(listener, report) {
  if (listener === void 0) return () => {}
  return (record) => {
    try {
      const returned = listener(record)
      if (returned instanceof Promise) returned.catch(report)
    } catch (error) {
      report(error)
    }
  }
}
/** Reports the first internal error. Its message is left out: it may hold what must not be logged. */
function createErrorReporter() {
  let wasReported = false
  return (error) => {
    if (wasReported) return
    wasReported = true
    try {
      const kind = error instanceof Error ? error.name : typeof error
      diag.warn(
        `aimlapi: an error inside the instrumentation or one of its listeners was caught (${kind}); calls go on`,
      )
    } catch {}
  }
}
//#endregion
//#region src/instrumentation.ts
/** The shell that OpenTelemetry knows: configuration, life cycle, and one live hook per process. */
const HOOK_OWNER = Symbol.for('opentelemetry-instrumentation-aimlapi.hook-owner')
/**
 * OpenTelemetry instrumentation of AI/ML API for people who own a `NodeSDK`:
 * `new NodeSDK({ instrumentations: [new AimlapiInstrumentation()] })`. Observes fetch, undici and node:http
 * calls to the configured base URLs and polls the account, from construction (unless `enabled: false`) until
 * `disable()`. A second live instance in the process stays inert and warns once.
 *
 * @throws ConfigurationError from the constructor and from `enable()` when an option or variable is invalid.
 */
var AimlapiInstrumentation = class extends InstrumentationBase {
  constructor(config = {}) {
    super(SCOPE_NAME, version, config)
  }
  init() {}
  /** Hooks the traffic and starts polling the account. Does nothing when enabled already. */
  enable() {
    if (this.connection !== void 0) return
    const config = resolveConfig(this.getConfig())
    const holder = globalThis
    if (holder[HOOK_OWNER] !== void 0) {
      diag.warn('aimlapi: another AimlapiInstrumentation is live in this process; this one stays inert')
      return
    }
    Object.defineProperty(holder, HOOK_OWNER, {
      value: this,
      configurable: true,
    })
    this.connection = connect(config, () => this.tracer, this.meter)
  }
  /** Unhooks at once and stops every timer. `shutdown()` does the same and can be waited for. */
  disable() {
    const { connection } = this
    if (connection === void 0) return
    this.connection = void 0
    delete globalThis[HOOK_OWNER]
    this.stopping = connection.stop().catch(() => {})
  }
  setMeterProvider(meterProvider) {
    super.setMeterProvider(meterProvider)
    this.connection?.useMeter(this.meter)
  }
  /** Resolves when every response that has arrived is counted: call before flushing the metric readers. */
  async forceFlush() {
    await this.connection?.flush()
  }
  /** `disable()`, and resolves when what was under way is closed and counted. Never rejects. */
  async shutdown() {
    this.disable()
    await this.stopping
  }
}
//#endregion
export { withSpendTags as n, AimlapiInstrumentation as t }
