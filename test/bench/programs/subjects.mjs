// What a process has switched on for good. Each comes with everything it makes the application use.
import { startFloor } from './floor.mjs'
import { API_KEY } from './workloads.mjs'

/** Its own polls would come into the slices; they are one a minute. */
const createOptions = (baseUrls) => ({ apiKey: API_KEY, baseUrls, balance: false })

async function startOurs(baseUrls, { sampled = true, owner }) {
  const { provide, provideGlobally } = await import('./telemetry.mjs')
  const { AimlapiInstrumentation } = await import('../../../dist/index.mjs')
  if (owner === 'host') provideGlobally()
  const instrumentation = new AimlapiInstrumentation({ ...createOptions(baseUrls), enabled: false })
  if (owner !== 'host') provide(instrumentation, sampled)
  instrumentation.enable()
  return () => instrumentation.forceFlush()
}

/** As the one line does it: an SDK of the package's own, metrics alone. */
async function startRegistered(baseUrls) {
  process.env.OTEL_METRICS_EXPORTER = 'none'
  const { register } = await import('../../../dist/index.mjs')
  const { forceFlush } = register(createOptions(baseUrls))
  return forceFlush
}

const PEERS = {
  'instrumentation-undici': async () =>
    new (await import('@opentelemetry/instrumentation-undici')).UndiciInstrumentation(),
  'instrumentation-openai': async () =>
    new (await import('@opentelemetry/instrumentation-openai')).OpenAIInstrumentation(),
}

async function startPeer(name) {
  const { provide } = await import('./telemetry.mjs')
  provide(await PEERS[name]())
}

/** Listens to what we listen to, and does nothing: what Node's channels cost by themselves. */
async function startChannels() {
  const { subscribe } = await import('node:diagnostics_channel')
  for (const event of ['request:create', 'client:sendHeaders', 'request:headers', 'request:trailers'])
    subscribe(`undici:${event}`, () => {})
}

const STARTS = {
  plain: () => {},
  control: () => {},
  channels: startChannels,
  ours: (baseUrls) => startOurs(baseUrls, {}),
  'ours-host': (baseUrls) => startOurs(baseUrls, { owner: 'host' }),
  'ours-unsampled': (baseUrls) => startOurs(baseUrls, { sampled: false }),
  'ours-registered': startRegistered,
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

/** Whose calls show a span. */
export function showsSpan(name, { foreign }) {
  if (foreign) return name.startsWith('instrumentation-')
  return !['plain', 'control', 'channels', 'ours-unsampled', 'ours-registered'].includes(name)
}

/** Whose spans have the cost of the call. */
export function knowsCost(name) {
  return name.startsWith('ours') || name.startsWith('floor')
}
