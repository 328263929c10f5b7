import {
  context,
  diag,
  DiagLogLevel,
  type ContextManager,
  type MeterProvider,
  type TracerProvider,
} from '@opentelemetry/api'
import type { AimlapiInstrumentationConfig } from '../../../src/config.ts'
import { AimlapiInstrumentation } from '../../../src/index.ts'
import { installContextManager, recordMetrics, recordSpans } from '../../unit/telemetry/recording.ts'

/** What the whole package made of a program. */
export interface Telemetry {
  /** Finished spans of calls. */
  readonly spans: number
  /** The metric of requests. */
  readonly requests: number
  /** What it had to say, warnings and worse. */
  readonly said: readonly unknown[]
}

/** What a host has installed, where it is not all in order. */
export interface Host {
  readonly config?: AimlapiInstrumentationConfig
  readonly tracerProvider?: TracerProvider
  readonly meterProvider?: MeterProvider
  /** `null`: none. */
  readonly contextManager?: ContextManager | null
  /** What its logger does with what it is told. */
  readonly log?: () => void
}

/** Runs a program with the whole package in its process: hooks, calls, spans and metrics, on every URL. */
export async function runWithUs<Result>(
  program: () => Promise<Result>,
  { config = {}, tracerProvider, meterProvider, contextManager, log = () => {} }: Host = {},
): Promise<{ readonly result: Result; readonly telemetry: Telemetry }> {
  const said: unknown[] = []
  const note = (...words: unknown[]): void => {
    said.push(words)
    log()
  }
  const logger = { error: note, warn: note, info: log, debug: log, verbose: log }
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true })
  if (contextManager === undefined) installContextManager()
  else if (contextManager !== null) context.setGlobalContextManager(contextManager)
  const metrics = recordMetrics()
  const traces = recordSpans()
  const instrumentation = new AimlapiInstrumentation({
    enabled: false,
    baseUrls: '*',
    balance: false,
    settlement: false,
    ...config,
  })
  instrumentation.setMeterProvider(meterProvider ?? metrics.provider)
  instrumentation.setTracerProvider(tracerProvider ?? traces.provider)
  instrumentation.enable()
  try {
    const result = await program()
    await instrumentation.shutdown()
    const points = await metrics.points('aimlapi.requests')
    const requests = points.reduce((sum, { value }) => sum + value, 0)
    return { result, telemetry: { spans: traces.spans().length, requests, said } }
  } finally {
    instrumentation.disable()
    context.disable()
    diag.disable()
  }
}
