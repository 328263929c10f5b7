// The least that can be done for one fixed answer: one span, the same histograms and counters as the package's, by
// hand. No other endpoint, no failure, no limit, nothing shared. What a call costs here, no instrumentation can save.
//
// The steps add, one after the other, what the package must have besides to be safe in any service. Each is as small
// as it can be made; what the last of them leaves is the package's own generality.
import { AsyncResource } from 'node:async_hooks'
import diagnosticsChannel from 'node:diagnostics_channel'
import { createHash } from 'node:crypto'
import { gunzip } from 'node:zlib'

/** In the order in which they are added. What each stands for: workloads.ts. */
const STEPS = ['guard', 'hidden', 'context', 'bounds', 'identity', 'once']
const TAIL_BYTES = 4096
const DELAY_MS = 10
const DURATION_BUCKETS = [
  0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
]
const TOKEN_BUCKETS = [
  1, 4, 16, 64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864,
]
const COUNTERS = ['requests', 'input', 'output', 'credits', 'cost']
const MAX_BODY_BYTES = 1_048_576
const MAX_KNOWN = 10_000
const CREDITS_PER_USD = 2_000_000

/** @param step the last step that is added; empty for none. */
export async function startFloor({ answer, transport, origins, step }) {
  const last = STEPS.indexOf(step)
  if (step !== '' && last === -1) throw new Error(`the floor has no step ${step}`)
  const has = Object.fromEntries(STEPS.map((name, index) => [name, index <= last]))
  const { createTracerAndMeter, flushSpans } = await import('./telemetry.mjs')
  const { context, SpanKind } = await import('@opentelemetry/api')
  const record = createRecord(createTracerAndMeter('floor'), SpanKind, has)
  const calls = { waiting: [], timer: undefined, open: new Map(), has, answer, origins }

  const begin = () => {
    const call = {
      startMs: performance.now(),
      wallMs: Date.now(),
      context: context.active(),
      chunks: [],
      ended: false,
    }
    call.kept = 0
    if (has.bounds) calls.open.set(call, call.startMs)
    return call
  }
  const finish = (call) => {
    if (call.ended) return
    call.ended = true
    call.endMs = performance.now()
    if (has.bounds) calls.open.delete(call)
    calls.waiting.push(call)
    calls.timer ??= setTimeout(() => {
      calls.timer = undefined
      for (const waiting of calls.waiting.splice(0)) read(waiting, answer, record)
    }, DELAY_MS).unref()
  }
  const start = transport === 'http' ? hookHttp : hookUndici
  start({ begin, finish, has, origins, keep: createKeep(answer, has) })
  return () => {
    clearTimeout(calls.timer)
    calls.timer = undefined
    for (const waiting of calls.waiting.splice(0)) read(waiting, answer, record)
    return flushSpans()
  }
}

/** Keeps what is needed of a chunk: small bodies whole, long ones to their last kilobytes. */
function createKeep(answer, has) {
  const keepsTail = answer === 'events' || answer === 'image'
  return (call, chunk) => {
    if (has.bounds && call.kept + chunk.length > MAX_BODY_BYTES && !keepsTail) return
    call.kept += chunk.length
    if (!keepsTail) return void call.chunks.push(Buffer.from(chunk))
    const tail = (call.tail ??= Buffer.allocUnsafe(TAIL_BYTES))
    if (answer === 'events') call.lastMs = performance.now()
    if (chunk.length >= TAIL_BYTES) {
      tail.set(chunk.subarray(chunk.length - TAIL_BYTES))
      call.tailLength = TAIL_BYTES
      return
    }
    const length = call.tailLength ?? 0
    const dropped = Math.max(0, length + chunk.length - TAIL_BYTES)
    if (dropped > 0) tail.copyWithin(0, dropped, length)
    tail.set(chunk, length - dropped)
    call.tailLength = length - dropped + chunk.length
  }
}

function read(call, answer, record) {
  if (answer === 'gzip') {
    gunzip(Buffer.concat(call.chunks), { maxOutputLength: MAX_BODY_BYTES }, (error, body) => {
      if (error === null) record(call, JSON.parse(body.toString()))
    })
  } else if (answer === 'events') {
    const lines = call.tail.toString('utf8', 0, call.tailLength).split('\n\n')
    record(call, JSON.parse(lines.at(-3).slice('data: '.length)))
  } else if (answer === 'image') {
    const text = call.tail.toString('latin1', 0, call.tailLength)
    record(call, JSON.parse(`{${text.slice(text.lastIndexOf('"meta"'), -1)}}`))
  } else {
    const body = call.chunks.length === 1 ? call.chunks[0] : Buffer.concat(call.chunks)
    record(call, JSON.parse(body.toString()))
  }
}

function createRecord({ tracer, meter }, { CLIENT }, has) {
  const createHistogram = (name, explicitBucketBoundaries) =>
    meter.createHistogram(name, { advice: { explicitBucketBoundaries } })
  const duration = createHistogram('floor.duration', DURATION_BUCKETS)
  const tokens = createHistogram('floor.tokens', TOKEN_BUCKETS)
  const sums = new Map(COUNTERS.map((name) => [name, 0]))
  const add = (name, value) => sums.set(name, sums.get(name) + value)
  for (const name of COUNTERS)
    meter.createObservableCounter(`floor.${name}`).addCallback((result) => result.observe(sums.get(name)))

  const labels = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'aimlapi',
    'gen_ai.request.model': 'gpt-4o',
    'gen_ai.response.model': 'gpt-4o-2024-08-06',
    'server.address': '127.0.0.1',
    'server.port': 443,
  }
  const input = { ...labels, 'gen_ai.token.type': 'input' }
  const output = { ...labels, 'gen_ai.token.type': 'output' }
  const known = new Set()
  const models = new Map()

  return (call, body) => {
    const { usage, meta } = body
    const credits = call.credits ?? meta.usage.credits_used
    const durationMs = call.endMs - call.startMs
    if (has.once) {
      if (known.has(call.inferenceId)) return
      if (known.size >= MAX_KNOWN) known.delete(known.values().next().value)
      known.add(call.inferenceId)
    }
    if (has.identity) {
      const request = JSON.parse(call.requestBody.toString())
      const key = `${request.model}\0${body.model}\0${call.account}`
      if (!models.has(key) && models.size < 1000) models.set(key, { ...labels })
    }
    duration.record(durationMs / 1000, labels)
    add('requests', 1)
    add('credits', credits)
    add('cost', credits / CREDITS_PER_USD)
    const attributes = {
      ...labels,
      'aimlapi.endpoint': 'chat',
      'aimlapi.account': 'default',
      'aimlapi.usage.source': 'response',
      'aimlapi.credits.used': credits,
      'aimlapi.cost.usd': credits / CREDITS_PER_USD,
      'aimlapi.inference.id': call.inferenceId,
      'http.response.status_code': call.status,
    }
    if (usage !== undefined) {
      tokens.record(usage.prompt_tokens, input)
      tokens.record(usage.completion_tokens, output)
      add('input', usage.prompt_tokens)
      add('output', usage.completion_tokens)
      attributes['gen_ai.response.id'] = body.id
      attributes['gen_ai.response.finish_reasons'] = ['stop']
      attributes['gen_ai.request.temperature'] = 0.7
      attributes['gen_ai.request.max_tokens'] = 100
      attributes['gen_ai.usage.input_tokens'] = usage.prompt_tokens
      attributes['gen_ai.usage.output_tokens'] = usage.completion_tokens
    }
    const startTime = call.wallMs
    const span = tracer.startSpan('chat gpt-4o', { kind: CLIENT, startTime, attributes }, call.context)
    span.end(startTime + durationMs)
  }
}

/** The two headers that matter, from names and values in turn. */
function readHead(call, status, headers) {
  call.status = status
  for (let index = 0; index < headers.length; index += 2) {
    const { length } = headers[index]
    if (length !== 22 && length !== 14) continue
    const name = headers[index].toString('latin1').toLowerCase()
    if (name === 'x-aimlapi-credits-used') call.credits = Number(headers[index + 1].toString('latin1'))
    else if (name === 'x-inference-id') call.inferenceId = headers[index + 1].toString('latin1')
  }
}

/** What is thrown ends the observation and nothing else. */
function guarded(call, action) {
  if (call.ended) return
  try {
    action()
  } catch {
    call.ended = true
  }
}

/** What each request is observed by: in a property, or where nobody finds it. */
function createState(has) {
  const CALL = Symbol('floor')
  const hidden = new WeakMap()
  return has.hidden
    ? { find: (object) => hidden.get(object), attach: (object, call) => void hidden.set(object, call) }
    : {
        find: (object) => object[CALL],
        attach(object, call) {
          object[CALL] = call
        },
      }
}

/**
 * Overrides methods of a request or response: by closures that anybody can list, or by hidden functions that all
 * objects of a class share.
 */
function createOverride(has, methods) {
  const shared = new WeakMap()
  const entries = Object.entries(methods)
  const createShared = (prototype) =>
    entries.map(([name, create]) => [
      name,
      { value: create(prototype[name]), configurable: true, writable: true },
    ])
  return (object) => {
    if (!has.hidden) {
      for (const [name, create] of entries) object[name] = create(object[name])
      return
    }
    const prototype = Object.getPrototypeOf(object)
    if (!shared.has(prototype)) shared.set(prototype, createShared(prototype))
    for (const [name, property] of shared.get(prototype)) Object.defineProperty(object, name, property)
  }
}

const isCounted = (path) => path.endsWith('/chat/completions') || path.endsWith('/images/generations')

const accountOf = (authorization) =>
  createHash('sha256').update(String(authorization)).digest('hex').slice(0, 8)

function hookUndici({ begin, finish, has, origins, keep }) {
  const { find, attach } = createState(has)
  const run = has.guard ? guarded : (_call, action) => action()
  const takeRequest = (call, chunk) => {
    call.requestBody = Buffer.from(chunk)
  }
  const overrideBodies = createOverride(has, {
    onData: (below) =>
      function (chunk) {
        const call = find(this)
        run(call, () => keep(call, chunk))
        return below.call(this, chunk)
      },
    onBodySent: (below) =>
      function (chunk) {
        const call = find(this)
        run(call, () => takeRequest(call, chunk))
        return below.call(this, chunk)
      },
    ...(has.hidden && {
      onConnect: (below) =>
        function (abort) {
          const call = find(this)
          return below.call(this, (reason) => {
            call.cancelled = true
            return abort(reason)
          })
        },
    }),
  })

  const observe = (request) => {
    if (has.identity) {
      if (!origins.includes(new URL(request.path, request.origin).origin)) return
      if (request.method !== 'POST' || !isCounted(request.path)) return
    }
    const call = begin()
    if (has.identity) call.account = accountOf(request.headers[1])
    attach(request, call)
    if (request.onData !== undefined) overrideBodies(request)
  }
  /** The caller's own context, where the request's handler leads to it. */
  const observeInContext = (request) => {
    const symbol = Object.getOwnPropertySymbols(request).find(({ description }) => description === 'handler')
    const handler = request[symbol]
    if (handler instanceof AsyncResource) handler.runInAsyncScope(observe, undefined, request)
    else observe(request)
  }
  diagnosticsChannel.subscribe('undici:request:create', ({ request }) => {
    if (has.context) observeInContext(request)
    else observe(request)
  })
  diagnosticsChannel.subscribe('undici:request:headers', ({ request, response }) => {
    const call = find(request)
    if (call !== undefined) run(call, () => readHead(call, response.statusCode, response.headers))
  })
  diagnosticsChannel.subscribe('undici:request:trailers', ({ request }) => {
    const call = find(request)
    if (call !== undefined) finish(call)
  })
  // undici 8: its requests have no such methods.
  if (Number.parseInt(process.versions.node, 10) < 26) return
  diagnosticsChannel.subscribe('undici:request:bodyChunkReceived', ({ request, chunk }) => {
    const call = find(request)
    if (call !== undefined) run(call, () => keep(call, chunk))
  })
  diagnosticsChannel.subscribe('undici:request:bodyChunkSent', ({ request, chunk }) => {
    const call = find(request)
    if (call !== undefined) run(call, () => takeRequest(call, chunk))
  })
}

/** The caller's context needs no step here: Node.js announces a request in it. */
function hookHttp({ begin, finish, has, origins, keep }) {
  const { find, attach } = createState(has)
  const run = has.guard ? guarded : (_call, action) => action()
  const written = (below) =>
    function (chunk, ...rest) {
      const call = find(this)
      if (has.identity && chunk !== undefined)
        run(call, () => {
          call.requestBody = Buffer.from(chunk)
        })
      return below.call(this, chunk, ...rest)
    }
  const overrideRequest = createOverride(has, {
    write: written,
    end: written,
    destroy: (below) =>
      function (reason) {
        find(this).cancelled = true
        return below.call(this, reason)
      },
  })
  const overrideResponse = createOverride(has, {
    push: (below) =>
      function (chunk, encoding) {
        const call = find(this)
        if (chunk === null) finish(call)
        else run(call, () => keep(call, chunk))
        return below.call(this, chunk, encoding)
      },
    ...(has.hidden && {
      _destroy: (below) =>
        function (...args) {
          finish(find(this))
          return below.apply(this, args)
        },
    }),
  })
  diagnosticsChannel.subscribe('http.client.request.created', ({ request }) => {
    if (has.identity) {
      const { origin } = new URL(request.path, `${request.protocol}//${request.getHeader('host')}`)
      if (!origins.includes(origin)) return
      if (request.method !== 'POST' || !isCounted(request.path)) return
    }
    const call = begin()
    if (has.identity) call.account = accountOf(request.getHeader('authorization'))
    attach(request, call)
    if (has.hidden) overrideRequest(request)
  })
  diagnosticsChannel.subscribe('http.client.response.finish', ({ request, response }) => {
    const call = find(request)
    if (call === undefined) return
    run(call, () => readHead(call, response.statusCode, response.rawHeaders))
    attach(response, call)
    overrideResponse(response)
  })
}
