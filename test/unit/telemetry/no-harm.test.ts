import { context, diag, DiagLogLevel, ROOT_CONTEXT, type Meter, type Tracer } from '@opentelemetry/api'
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base'
import { afterEach, describe, expect, it } from 'vitest'
import { createAccountMetrics } from '../../../src/telemetry/account-metrics.ts'
import { createCallSink } from '../../../src/telemetry/call-sink.ts'
import { RECORD, START } from './calls.ts'
import { publishOnce } from '../../../src/traffic/request-creation.ts'
import { recordMetrics, recordSpans } from './recording.ts'

const CONFIG = { metricTags: [], maxModels: 200, maxTagValues: 100, latestConventions: false }
const boom = () => {
  throw new Error('boom')
}

const ignore = () => {}

function listen(): unknown[][] {
  const errors: unknown[][] = []
  const logger = { error: (...words: unknown[]) => errors.push(words), warn: ignore, info: ignore }
  diag.setLogger({ ...logger, debug: ignore, verbose: ignore }, { logLevel: DiagLogLevel.ERROR })
  return errors
}

/** Everything a call ever does to the sink. */
function runCall(sink: ReturnType<typeof createCallSink>): number {
  let ran = 0
  const call = sink.start(START, sink.caller())
  call.within(() => ran++)
  sink.chunkIntervals(START, [5])
  sink.usage(RECORD, { inputTokens: 1, outputTokens: 2, credits: 3, usd: 0.1 }, 'response')
  sink.missing(RECORD, 'absent')
  sink.refunded(RECORD, 1)
  sink.settled(RECORD, { credits: 1 }, 'inf-1', call.spanContext)
  call.finish(RECORD, call.spanContext)
  sink.flush()
  return ran
}

afterEach(() => {
  diag.disable()
  context.disable()
})

describe('what the host installed may be broken', () => {
  it('a tracer that throws costs no metric, and is reported once', async () => {
    const errors = listen()
    const { meter, points } = recordMetrics()
    const sink = createCallSink(boom, meter, CONFIG)
    expect(runCall(sink)).toBe(1)
    expect(runCall(sink)).toBe(1)
    expect(await points('aimlapi.requests')).toMatchObject([{ value: 2 }])
    expect(errors).toHaveLength(1)
    expect(String(errors[0]?.[0])).toContain('the tracer threw')
  })

  it('a span processor that throws in every callback costs no metric', async () => {
    const errors = listen()
    const { meter, points } = recordMetrics()
    const broken = {
      onStart: boom,
      onEnding: boom,
      onEnd: boom,
      forceFlush: async () => {},
      shutdown: async () => {},
    }
    const tracer = new BasicTracerProvider({ spanProcessors: [broken] }).getTracer('test')
    expect(runCall(createCallSink(() => tracer, meter, CONFIG))).toBe(1)
    expect(await points('aimlapi.requests')).toMatchObject([{ value: 1 }])
    expect(errors).toHaveLength(1)
  })

  it('a span whose every method throws costs no metric either', () => {
    listen()
    const span = new Proxy({}, { get: () => boom })
    const tracer = { startSpan: () => span } as unknown as Tracer
    expect(runCall(createCallSink(() => tracer, recordMetrics().meter, CONFIG))).toBe(1)
  })

  it('a meter that throws at creation or at every value costs no span', () => {
    const errors = listen()
    const instrument = { add: boom, record: boom }
    const meters = [new Proxy({}, { get: () => boom }), new Proxy({}, { get: () => () => instrument })]
    for (const meter of meters as Meter[]) {
      const { tracer, spans } = recordSpans()
      runCall(createCallSink(() => tracer, meter, CONFIG))
      expect(spans().map(({ name }) => name)).toEqual(['settle openai/gpt-5', 'chat openai/gpt-5'])
      createAccountMetrics(meter, { snapshots: () => [], pendingByAccount: () => new Map() }, 200).polled(
        'a',
        'key',
      )
    }
    expect(errors.length).toBeGreaterThan(0)
  })

  it('a context manager that throws still lets the call run, once', () => {
    listen()
    const { tracer } = recordSpans()
    for (const runsFirst of [true, false]) {
      const manager = {
        active: () => ROOT_CONTEXT,
        with: (_: unknown, fn: () => unknown) => (runsFirst && fn(), boom()),
        bind: <T>(_: unknown, target: T) => target,
        enable: () => manager,
        disable: () => manager,
      }
      context.setGlobalContextManager(manager as never)
      let ran = 0
      const sink = createCallSink(() => tracer, recordMetrics().meter, CONFIG)
      const call = sink.start(START, sink.caller())
      // As the hooks call it.
      publishOnce(
        () => ran++,
        (once) => call.within(once),
      )
      expect(ran).toBe(1)
      context.disable()
    }
  })

  it('a logger that throws costs no metric either', () => {
    const broken = { error: boom, warn: boom, info: boom, debug: boom, verbose: boom }
    diag.setLogger(broken, { logLevel: DiagLogLevel.ERROR, suppressOverrideMessage: true })
    expect(runCall(createCallSink(boom, recordMetrics().meter, CONFIG))).toBe(1)
  })
})
