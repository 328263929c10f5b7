import { context, diag, DiagLogLevel, metrics, propagation, trace } from '@opentelemetry/api'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { register, type Registration } from '../../src/index.ts'
import { hasMeterProvider, hasTracerProvider } from '../../src/sdk/existing-providers.ts'
import { findFreePort } from '../free-port.ts'
import { recordMetrics, recordSpans } from '../unit/telemetry/recording.ts'
import { chat, scrape, startApi, startCollector, type LocalServer } from './register-support/http.ts'

const LABEL = 'gen_ai_request_model="gpt-5"'
const EVENTS = ['beforeExit', 'SIGTERM', 'SIGINT', 'unhandledRejection', 'uncaughtException']
const listeners = () => EVENTS.map((event) => process.listenerCount(event))
const symbols = () => Object.getOwnPropertySymbols(globalThis).map(String).sort()

let api: LocalServer
let port: number
let warnings: string[]
let notes: string[]
let registration: Registration | undefined

function start(options: Parameters<typeof register>[0] = {}): Registration {
  registration = register({ baseUrls: api.url, prometheus: { port }, ...options })
  return registration
}

async function requestsOf(): Promise<string | undefined> {
  const text = await scrape(port)
  const line = text
    ?.split('\n')
    .find((each) => each.startsWith('aimlapi_requests_total{') && each.includes(LABEL))
  return line?.split(' ').at(-1)
}

beforeAll(async () => {
  api = await startApi()
})
afterAll(() => api.close())
beforeEach(async () => {
  port = await findFreePort()
  warnings = []
  const note = (...words: unknown[]) => warnings.push(words.join(' '))
  notes = []
  // The SDK has remarks of its own.
  const info = (text: string) => text.startsWith('aimlapi') && notes.push(text)
  const logger = { error: note, warn: note, info, debug: () => {}, verbose: () => {} }
  diag.setLogger(logger, { logLevel: DiagLogLevel.INFO, suppressOverrideMessage: true })
})
afterEach(async () => {
  await registration?.shutdown()
  registration = undefined
  vi.unstubAllEnvs()
  diag.disable()
})

describe('register() in an application without OpenTelemetry', () => {
  it('pushes once for each flush: a collector that hangs is waited for once', async () => {
    const collector = await startCollector()
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', collector.url)
    vi.stubEnv('OTEL_EXPORTER_OTLP_PROTOCOL', 'http/json')
    vi.stubEnv('OTEL_TRACES_EXPORTER', 'none')
    const { forceFlush, shutdown } = start({ prometheus: false })
    await chat(api.url)
    await forceFlush()
    expect(collector.received).toHaveLength(1)
    await forceFlush()
    expect(collector.received).toHaveLength(2)
    await shutdown()
    collector.close()
  })

  it('serves what a call cost on /metrics', async () => {
    start()
    await chat(api.url)
    await registration?.forceFlush()
    const text = await scrape(port)
    expect(text).toMatch(/^aimlapi_credits_used_total\{[^}]*gen_ai_request_model="gpt-5"[^}]*\} 2000$/m)
    expect(text).toMatch(/^aimlapi_cost_usd_total\{[^}]*\} 0.001$/m)
    expect(text).toMatch(/^gen_ai_client_token_usage_sum\{[^}]*gen_ai_token_type="output"[^}]*\} 5$/m)
    expect(text).not.toContain('otel_scope_name')
    expect(warnings).toEqual([])
  })

  it('says in one line that nothing of the account can be known without a key', async () => {
    start()
    await chat(api.url)
    const { instrumentation } = registration as Registration
    instrumentation.enable()
    expect(notes).toEqual([expect.stringMatching(/^aimlapi: no API key is configured \(AIMLAPI_API_KEY/)])
  })

  it.each([
    ['with a key', { apiKey: 'canary-key' }],
    ['when nothing is asked of the account', { balance: false, settlement: false }],
  ])('says nothing of keys %s', (_when, options) => {
    start(options)
    expect(notes).toEqual([])
  })

  it('listens on the address of the standard variables', async () => {
    vi.stubEnv('OTEL_EXPORTER_PROMETHEUS_PORT', String(port))
    vi.stubEnv('OTEL_EXPORTER_PROMETHEUS_HOST', '127.0.0.1')
    registration = register({ baseUrls: api.url })
    await chat(api.url)
    await registration.forceFlush()
    expect(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()).toContain('aimlapi_requests_total')
  })

  it('gives the first registration again when called again, counts once, and warns once', async () => {
    const first = start()
    expect(start({ prometheus: false })).toBe(first)
    expect(start()).toBe(first)
    await chat(api.url)
    await first.forceFlush()
    expect(await requestsOf()).toBe('1')
    expect(warnings).toEqual([
      'aimlapi: register() was called again; the first registration stays, with its own options',
    ])
  })

  it('leaves nothing behind after shutdown', async () => {
    const before = { listeners: listeners(), symbols: symbols() }
    await start().shutdown()
    expect(await scrape(port)).toBeUndefined()
    expect({ listeners: listeners(), symbols: symbols() }).toEqual(before)
    expect(hasMeterProvider()).toBe(false)
    expect(hasTracerProvider()).toBe(false)
    await chat(api.url)
    expect(warnings).toEqual([])
  })

  it('starts anew after shutdown, as often as one likes, on the same port', async () => {
    for (let round = 0; round < 3; round++) {
      start()
      await chat(api.url)
      await registration?.forceFlush()
      expect(await requestsOf()).toBe('1')
      await registration?.shutdown()
    }
  })

  it('says that nothing is measured when it is called again before its shutdown has resolved', async () => {
    const stopping = start().shutdown()
    start()
    await stopping
    expect(warnings).toEqual([
      'aimlapi: register() was called before shutdown() had resolved: nothing is measured from now on. Await shutdown(), then call register()',
    ])
    start()
    await chat(api.url)
    await registration?.forceFlush()
    expect(await requestsOf()).toBe('1')
  })

  it('may be shut down twice, and flushed afterwards', async () => {
    const first = start()
    await Promise.all([first.shutdown(), first.shutdown()])
    await first.forceFlush()
    expect(warnings).toEqual([])
  })

  it('changes nothing when an option is bad', async () => {
    const before = { listeners: listeners(), symbols: symbols() }
    expect(() => register({ maxModels: -1 })).toThrow('option "maxModels" is -1')
    expect({ listeners: listeners(), symbols: symbols() }).toEqual(before)
    expect(hasMeterProvider()).toBe(false)
  })

  it('installs no TracerProvider and no LoggerProvider that nobody asked for', async () => {
    start()
    expect(hasMeterProvider()).toBe(true)
    expect(hasTracerProvider()).toBe(false)
    expect(symbols()).not.toContain('Symbol(io.opentelemetry.js.api.logs)')
    expect(process.env['OTEL_LOGS_EXPORTER']).toBeUndefined()
  })

  it('is inert with OTEL_SDK_DISABLED, and says nothing', async () => {
    vi.stubEnv('OTEL_SDK_DISABLED', 'true')
    start()
    expect(hasMeterProvider()).toBe(false)
    await chat(api.url)
    expect(await scrape(port)).toBeUndefined()
    expect(warnings).toEqual([])
  })

  it('survives a port in use with one error that says what to do, and measures all the same', async () => {
    const taken = await startApi()
    port = taken.port
    try {
      start({ prometheus: { host: '127.0.0.1', port } })
      await vi.waitFor(() => expect(warnings).toHaveLength(1))
      expect(warnings[0]).toContain(
        `cannot serve metrics on 127.0.0.1:${port}: the port is in use (EADDRINUSE)`,
      )
      expect(warnings[0]).toContain('OTEL_EXPORTER_PROMETHEUS_PORT')
      await chat(api.url)
      await registration?.shutdown()
      expect(warnings).toHaveLength(1)
    } finally {
      taken.close()
    }
  })
})

describe('register() in an application with providers of its own', () => {
  afterEach(() => {
    metrics.disable()
    trace.disable()
    context.disable()
    propagation.disable()
  })

  it('uses both, opens no port, and leaves them installed after shutdown', async () => {
    const { provider: meters, points } = recordMetrics()
    const { provider: tracers, spans } = recordSpans()
    metrics.setGlobalMeterProvider(meters)
    trace.setGlobalTracerProvider(tracers)
    const { shutdown, forceFlush } = start()
    await chat(api.url)
    await forceFlush()
    expect(await points('aimlapi.requests')).toMatchObject([{ value: 1 }])
    expect(spans().map(({ name }) => name)).toEqual(['chat gpt-5'])
    expect(await scrape(port)).toBeUndefined()
    await shutdown()
    expect(metrics.getMeterProvider()).toBe(meters)
    expect(hasTracerProvider()).toBe(true)
    expect(warnings).toEqual([])
  })

  it('with a TracerProvider alone, uses it for spans and serves metrics of its own', async () => {
    const { provider: tracers, spans } = recordSpans()
    trace.setGlobalTracerProvider(tracers)
    const { shutdown, forceFlush } = start()
    await chat(api.url)
    await forceFlush()
    expect(await requestsOf()).toBe('1')
    expect(spans().map(({ name }) => name)).toEqual(['chat gpt-5'])
    await shutdown()
    expect(hasTracerProvider()).toBe(true)
    expect(hasMeterProvider()).toBe(false)
    // Neither provider, context manager nor propagator was registered twice.
    expect(warnings).toEqual([])
  })
})
