/** Records finished calls as metrics and spans. */
import type { Meter, Tracer } from '@opentelemetry/api'
import type { CallSink } from '../ports.ts'
import type { CallRecord } from '../types.ts'
import { createLabels, type LabelOptions } from './attributes.ts'
import { createCallMetrics } from './call-metrics.ts'
import { CounterBuffer } from './counter-buffer.ts'
import { createLatestMetrics, createStableMetrics, SESSION } from './gen-ai-metrics.ts'
import { createErrorReporter } from './report-error.ts'
import { createCallSpans } from './spans.ts'

/** Nothing here throws. `tracer` is called for every span: the host may install its provider late. */
export function createCallSink(
  tracer: () => Tracer,
  firstMeter: Meter,
  config: LabelOptions & { readonly latestConventions: boolean },
) {
  const { latestConventions } = config
  const report = createErrorReporter()
  const labels = createLabels(config)
  const countCall = (record: CallRecord): void => {
    metrics.calls.finished(record)
    if (record.operation !== SESSION) metrics.genAi.finished(record)
  }
  const spans = createCallSpans({ tracer, latestConventions, report, countCall })
  const createMetrics = (meter: Meter) => {
    const buffer = new CounterBuffer()
    const genAi = latestConventions
      ? createLatestMetrics(meter, labels, report, buffer)
      : createStableMetrics(meter, labels, report)
    return { buffer, calls: createCallMetrics(meter, labels, report, buffer), genAi }
  }
  let metrics = createMetrics(firstMeter)

  const sink: CallSink = {
    ...spans,
    chunkIntervals: (identity, intervalsMs) => metrics.genAi.chunkIntervals(identity, intervalsMs),
    usage(identity, usage, source) {
      metrics.calls.usage(identity, usage, source)
      metrics.genAi.usage(identity, usage)
    },
    responded(response, session) {
      metrics.genAi.finished(response)
      spans.responded(response, session)
    },
    connected: (identity, seconds) => metrics.calls.connected(identity, seconds),
    missing: (identity, reason) => metrics.calls.missing(identity, reason),
    refunded: (identity, credits) => metrics.calls.refunded(identity, credits),
  }
  return {
    ...sink,
    /** Records on another meter from now on. Caps and label sets stay. */
    setMeter(meter: Meter): void {
      metrics.buffer.flush()
      metrics = createMetrics(meter)
    },
    /** Adds the buffered sums to the counters. To be called before each collection, else they are up to 1 s late. */
    flush: (): void => metrics.buffer.flush(),
  }
}
