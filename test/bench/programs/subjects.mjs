// What a process has switched on for good. Each comes with everything it makes the application use.
import { startFloor } from './floor.mjs'
import { API_KEY, DEFAULT_BASE_URL } from './workloads.mjs'

/** Its own polls would come into the slices; they are one a minute. */
const createOptions = (baseUrls) => ({ apiKey: API_KEY, baseUrls, balance: false })

/** As the one line does it: an SDK of the package's own, and a Prometheus endpoint that nobody scrapes. */
async function startAlone(baseUrls, exportsSpans) {
  if (exportsSpans) process.env.OTEL_TRACES_EXPORTER = 'otlp'
  const { register } = await import('../../../dist/index.mjs')
  const { forceFlush } = register({ ...createOptions(baseUrls), prometheus: { port: await findFreePort() } })
  if (exportsSpans) await forgetSpans()
  return forceFlush
}

/** Spans go as far as the batch, as with the other subjects. */
async function forgetSpans() {
  const { trace } = await import('@opentelemetry/api')
  const { FORGET } = await import('./forget.mjs')
  const provider = trace.getTracerProvider()
  const active = (provider.getDelegate?.() ?? provider)['_activeSpanProcessor']
  for (const processor of active['_spanProcessors']) processor['_exporter'] = FORGET
}

async function findFreePort() {
  const { createServer } = await import('node:net')
  const server = createServer().listen(0, 'localhost')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address()
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** In an application that has installed its own SDK. */
async function startInHost(baseUrls, sampled, folder = 'dist') {
  process.env.OTEL_LOG_LEVEL = 'error'
  const { flushSpans, provideGlobally } = await import('./telemetry.mjs')
  const { register } = await import(`../../../${folder}/index.mjs`)
  provideGlobally(sampled)
  const { forceFlush } = register(createOptions(baseUrls))
  return async () => {
    await forceFlush()
    await flushSpans()
  }
}

let wrap = (call) => call

/** A call as the subject's application makes it. To be asked once the subject is started. */
export function callIn(call) {
  return wrap(call)
}

/** As in a service whose requests have spans: each call is made inside of one, and recorded by itself. */
async function startInTrace(baseUrls) {
  const flush = await startInHost(baseUrls, true)
  const { context, trace } = await import('@opentelemetry/api')
  const span = trace.getTracer('application').startSpan('request')
  wrap = (call) => () => context.with(trace.setSpan(context.active(), span), call)
  return flush
}

const PEERS = {
  'instrumentation-undici': async () =>
    new (await import('@opentelemetry/instrumentation-undici')).UndiciInstrumentation(),
  'instrumentation-openai': async () =>
    new (await import('@opentelemetry/instrumentation-openai')).OpenAIInstrumentation(),
}

async function startPeer(name) {
  const { flushSpans, provide } = await import('./telemetry.mjs')
  provide(await PEERS[name]())
  return flushSpans
}

/** Listens to what we listen to, and does nothing: what Node's channels cost by themselves. */
async function startChannels() {
  const { subscribe } = await import('node:diagnostics_channel')
  for (const event of ['request:create', 'client:sendHeaders', 'request:headers', 'request:trailers'])
    subscribe(`undici:${event}`, () => {})
}

/** OpenTelemetry as an application has it, without any instrumentation. */
async function startSdk() {
  const { flushSpans, provideGlobally } = await import('./telemetry.mjs')
  provideGlobally(true)
  return flushSpans
}

const BUSY_MS = 0.03

/** The application does something with each answer, as long as an instrumentation does: what that alone changes. */
function startBusy() {
  wrap = (call) => async () => {
    const answer = await call()
    const untilMs = performance.now() + BUSY_MS
    while (performance.now() < untilMs);
    return answer
  }
}

const STARTS = {
  plain: () => {},
  busy: startBusy,
  control: () => {},
  channels: startChannels,
  sdk: startSdk,
  ours: (baseUrls) => startAlone(baseUrls, true),
  'ours-metrics': (baseUrls) => startAlone(baseUrls, false),
  'ours-host': (baseUrls) => startInHost(baseUrls, true),
  'ours-nested': startInTrace,
  // Built with source maps, by where.ts.
  'ours-host-mapped': (baseUrls) => startInHost(baseUrls, true, 'dist-mapped'),
  'ours-elsewhere': () => startAlone([DEFAULT_BASE_URL], true),
  'ours-unsampled': (baseUrls) => startInHost(baseUrls, false),
}

/**
 * Starts one subject. What it returns, if anything, hands on what the subject still holds.
 * @param name one of the above, `floor` or `floor-STEP`, or a package of @opentelemetry.
 */
export async function startSubject(name, { answer, transport }, baseUrls) {
  if (STARTS[name] !== undefined) return STARTS[name](baseUrls)
  if (!name.startsWith('floor')) return startPeer(name)
  return startFloor({ answer, transport, origins: baseUrls, step: name.slice('floor-'.length) })
}

const SILENT = new Set([
  'plain',
  'busy',
  'control',
  'channels',
  'sdk',
  'ours-unsampled',
  'ours-metrics',
  'ours-elsewhere',
])

/** Whose calls show a span. */
export function showsSpan(name, { foreign }) {
  if (foreign) return name.startsWith('instrumentation-')
  return !SILENT.has(name)
}

/** Whose spans have the cost of the call. */
export function knowsCost(name) {
  return name.startsWith('ours') || name.startsWith('floor')
}
