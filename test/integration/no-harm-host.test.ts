/** Faults in everything that the host gives us: listener, providers, processors, exporters, readers, contexts, logger. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { runInNewContext } from 'node:vm'
import { ROOT_CONTEXT, type ContextManager, type MeterProvider as Meters } from '@opentelemetry/api'
import { MeterProvider, MetricReader, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  SimpleSpanProcessor,
  type Sampler,
  type SpanExporter,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { observe } from './no-harm-support/compare.ts'
import { programs } from './no-harm-support/programs.ts'
import { runWithUs, type Host } from './no-harm-support/with-us.ts'

const boom = (): never => {
  throw new Error('a fault of the host')
}
const reject = (): Promise<never> => Promise.reject(new Error('a fault of the host'))
const throwing = <Type>(): Type => new Proxy({}, { get: () => boom }) as Type

/** As of a query builder: nothing is sent before somebody waits for it. */
class Query {
  // oxlint-disable-next-line unicorn/no-thenable -- what onCall returns may be one
  get then(): undefined {
    escaped.push('sent')
    return undefined
  }
}

const brokenProcessor: SpanProcessor = {
  onStart: boom,
  onEnd: boom,
  forceFlush: reject,
  shutdown: reject,
}
const brokenExporter: SpanExporter = { export: boom, forceFlush: reject, shutdown: reject }
const brokenSampler: Sampler = { shouldSample: boom, toString: boom }
const brokenManager: ContextManager = {
  active: boom,
  with: boom,
  bind: boom,
  enable: () => brokenManager,
  disable: () => brokenManager,
}
const forgetfulManager: ContextManager = {
  ...brokenManager,
  active: () => ROOT_CONTEXT,
  with: () => undefined as never,
}
const tracers = (...spanProcessors: SpanProcessor[]): Host => ({
  tracerProvider: new BasicTracerProvider({ spanProcessors }),
})
/** Exports all the time, and fails. */
const metersWith = (exporter: object): Meters =>
  new MeterProvider({
    readers: [
      new PeriodicExportingMetricReader({
        exporter: exporter as never,
        exportIntervalMillis: 5,
        exportTimeoutMillis: 5,
      }),
    ],
  })

class BrokenReader extends MetricReader {
  constructor() {
    super({ aggregationSelector: boom, aggregationTemporalitySelector: boom, cardinalitySelector: boom })
  }
  protected override onForceFlush = reject
  protected override onShutdown = reject
}

const hosts: [string, () => Host][] = [
  ['onCall throws', () => ({ config: { onCall: boom } })],
  ['onCall rejects', () => ({ config: { onCall: reject } })],
  [
    'onCall rejects with the promise of another realm',
    () => ({ config: { onCall: () => runInNewContext('Promise.reject(new Error())') } }),
  ],
  ['onCall gives a query that is sent by its `then`', () => ({ config: { onCall: () => new Query() } })],
  ['onCall never ends', () => ({ config: { onCall: () => new Promise(() => {}) } })],
  ['a span processor throws', () => tracers(brokenProcessor)],
  ['a span exporter throws', () => tracers(new SimpleSpanProcessor(brokenExporter))],
  [
    'a span exporter throws in a batch',
    () => tracers(new BatchSpanProcessor(brokenExporter, { scheduledDelayMillis: 1 })),
  ],
  ['a sampler throws', () => ({ tracerProvider: new BasicTracerProvider({ sampler: brokenSampler }) })],
  ['a tracer throws', () => ({ tracerProvider: { getTracer: () => throwing() } })],
  [
    'a metric exporter throws',
    () => ({ meterProvider: metersWith({ export: boom, forceFlush: reject, shutdown: reject }) }),
  ],
  ['a metric reader throws', () => ({ meterProvider: new MeterProvider({ readers: [new BrokenReader()] }) })],
  ['a meter throws', () => ({ meterProvider: { getMeter: () => throwing() } })],
  ['a context manager is missing', () => ({ contextManager: null })],
  ['a context manager throws', () => ({ contextManager: brokenManager })],
  ['a context manager forgets to call', () => ({ contextManager: forgetfulManager })],
  ['a logger throws', () => ({ log: boom, config: { onCall: boom } })],
]

let escaped: unknown[]
const note = (error: unknown): void => void escaped.push(error)
beforeEach(() => {
  escaped = []
  process.on('uncaughtExceptionMonitor', note).on('unhandledRejection', note)
})
afterEach(() => {
  process.off('uncaughtExceptionMonitor', note).off('unhandledRejection', note)
})

/** Rejections are told of after the turn in which nobody handled them. */
const nextTurns = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 10))

describe.each(programs)('%s does not notice that', (_name, program) => {
  test.each(hosts)('%s', async (_fault, createHost) => {
    const bare = await observe(program)
    const { result } = await runWithUs(() => observe(program), createHost())
    await nextTurns()
    expect(result).toEqual(bare)
    expect(escaped).toEqual([])
  })

  test.each([
    ['throws', boom],
    ['rejects', reject],
  ])('onCall %s, which costs no telemetry and is said once', async (_fault, onCall) => {
    const sound = await runWithUs(() => observe(program))
    const { telemetry } = await runWithUs(() => observe(program), { config: { onCall } })
    await nextTurns()
    expect(sound.telemetry.spans).toBeGreaterThan(0)
    expect([telemetry.spans, telemetry.requests]).toEqual([sound.telemetry.spans, sound.telemetry.requests])
    // The broken exporters of other tests have their say too.
    expect(telemetry.said.filter((words) => String(words).startsWith('aimlapi'))).toHaveLength(1)
    expect(escaped).toEqual([])
  })

  test.each(['run', 'getStore'] as const)('%s() of AsyncLocalStorage is missing', async (method) => {
    const bare = await observe(program)
    const { prototype } = AsyncLocalStorage
    const descriptor = Object.getOwnPropertyDescriptor(prototype, method) as PropertyDescriptor
    const { result } = await runWithUs(async () => {
      delete (prototype as Partial<typeof prototype>)[method]
      return observe(program).finally(() => Object.defineProperty(prototype, method, descriptor))
    })
    await nextTurns()
    expect(result).toEqual(bare)
    expect(escaped).toEqual([])
  })
})
