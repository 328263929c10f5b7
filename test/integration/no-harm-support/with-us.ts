import { context, diag, DiagLogLevel } from '@opentelemetry/api'
import { AimlapiInstrumentation } from '../../../src/index.ts'
import type { AimlapiInstrumentationConfig } from '../../../src/config.ts'
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

/** Runs a program with the whole package in its process: hooks, calls, spans and metrics, on every URL. */
export async function runWithUs<Result>(
  program: () => Promise<Result>,
  config: AimlapiInstrumentationConfig = {},
): Promise<{ readonly result: Result; readonly telemetry: Telemetry }> {
  const said: unknown[] = []
  const note = (...words: unknown[]): void => void said.push(words)
  const ignore = (): void => {}
  const logger = { error: note, warn: note, info: ignore, debug: ignore, verbose: ignore }
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true })
  installContextManager()
  const metrics = recordMetrics()
  const traces = recordSpans()
  const instrumentation = new AimlapiInstrumentation({
    enabled: false,
    baseUrls: '*',
    balance: false,
    settlement: false,
    ...config,
  })
  instrumentation.setMeterProvider(metrics.provider)
  instrumentation.setTracerProvider(traces.provider)
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
