/** Finished calls become metrics and spans. */
import type { Meter, SpanContext, Tracer } from '@opentelemetry/api'
import type { ActiveCall, CallRecord, CallSink, CallStart } from '../types.ts'
import { Labels, type LabelOptions } from './attributes.ts'
import { CallMetrics } from './call-metrics.ts'
import { CounterBuffer } from './counter-buffer.ts'
import { createGenAiMetrics, type GenAiMetrics } from './gen-ai-metrics.ts'
import { createErrorReporter, guarded, type ReportError } from './guard.ts'
import type { Recorder } from './instruments.ts'
import { CallSpans, type CallSpan } from './spans.ts'

export interface CallSinkOptions {
  /** Asked for at every span: the host may install its provider after us. */
  readonly tracer: () => Tracer
  readonly meter: Meter
  readonly config: LabelOptions & { readonly latestConventions: boolean }
  /** Told once per kind of what the host's OpenTelemetry throws. Default: `diag.error`. */
  readonly report?: ReportError
}

export interface RebuildableCallSink extends CallSink {
  /** Records on another meter from now on (`InstrumentationBase.setMeterProvider`). Caps and label sets stay. */
  setMeter(meter: Meter): void
  /** Hands what was counted to the meter: to be called before each collection, or it comes up to 1 s late. */
  flush(): void
}

interface Metrics {
  readonly buffer: CounterBuffer
  readonly calls: CallMetrics
  readonly genAi: GenAiMetrics
}

const MS_PER_SECOND = 1000

/**
 * Where finished calls go. Nothing here throws. `usage`, `missing` and `refunded` count under the labels of the
 * identity they are given; an identity that also knows server and response model (a CallRecord does) completes
 * the `gen_ai.*` labels.
 */
export function createCallSink(options: CallSinkOptions): RebuildableCallSink {
  const { tracer, config } = options
  const { latestConventions } = config
  const report = options.report ?? createErrorReporter()
  const labels = new Labels(config)
  const spans = new CallSpans({ tracer, latestConventions, report })
  const createMetrics = (meter: Meter): Metrics => {
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

class MeasuredCall implements ActiveCall {
  readonly #start: CallStart
  readonly #span: CallSpan
  readonly #labels: Labels
  readonly #metrics: () => Metrics
  readonly #report: ReportError
  #requestModel: string | undefined
  /** Resolved at the first chunk: a stream has thousands. */
  #recordChunk: Recorder | undefined
  #chunkAttributes = {}

  constructor(start: CallStart, span: CallSpan, labels: Labels, metrics: () => Metrics, report: ReportError) {
    this.#start = start
    this.#span = span
    this.#labels = labels
    this.#metrics = metrics
    this.#report = report
    this.#requestModel = start.requestModel
  }

  get spanContext(): SpanContext | undefined {
    return this.#span.spanContext
  }

  within(fn: () => void): void {
    this.#span.within(fn)
  }

  named(requestModel: string): void {
    this.#requestModel = requestModel
    this.#span.named(requestModel)
  }

  chunkInterval(intervalMs: number): void {
    this.#recordChunk ??= this.#prepareChunks()
    this.#recordChunk(intervalMs / MS_PER_SECOND, this.#chunkAttributes)
  }

  finish(record: CallRecord, linkTo?: SpanContext): void {
    const metrics = this.#metrics()
    guarded(this.#report, 'counting a call', () => {
      metrics.calls.finished(record)
      metrics.genAi.finished(record)
    })
    this.#span.finish(record, linkTo)
  }

  #prepareChunks(): Recorder {
    const { operation, serverAddress, serverPort } = this.#start
    const requestModel = this.#requestModel
    // The response's own model is not known while its chunks are still coming.
    const identity = {
      operation,
      serverAddress,
      serverPort,
      ...(requestModel !== undefined && { requestModel }),
    }
    this.#chunkAttributes = this.#labels.ofGenAi(identity).attributes
    return this.#metrics().genAi.chunkInterval(operation)
  }
}
