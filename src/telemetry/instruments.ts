/** Creates the instruments of the tables in names.ts. */
import type { Meter, ObservableGauge } from '@opentelemetry/api'
import type { CounterBuffer, Recorder } from './counter-buffer.ts'
import { guarded, type ReportError } from './report-error.ts'
import type { MetricDefinition } from './names.ts'

/** The gauge of a row. The meter may throw. */
export function createGauge(meter: Meter, { name, unit, description }: MetricDefinition): ObservableGauge {
  return meter.createObservableGauge(name, { unit, description })
}

/** The synchronous instrument of a row: a counter or a histogram with the row's own buckets. */
function createRecorder(meter: Meter, definition: MetricDefinition, report: ReportError): Recorder {
  const { name, unit, description, buckets } = definition
  const record = guarded(report, 'the meter', (): Recorder => {
    if (buckets === undefined) {
      const counter = meter.createCounter(name, { unit, description })
      return (value, attributes) => counter.add(value, attributes)
    }
    const advice = { explicitBucketBoundaries: buckets }
    const histogram = meter.createHistogram(name, { unit, description, advice })
    return (value, attributes) => histogram.record(value, attributes)
  })
  return (value, attributes) => {
    // Each measurement by itself: a broken instrument must not prevent the next ones.
    try {
      record?.(value, attributes)
    } catch (error) {
      report('the meter', error)
    }
  }
}

/** A recorder for every row of a table, under the row's key. With a `buffer`, counters are buffered. */
export function createRecorders<T extends Readonly<Record<string, MetricDefinition>>>(
  meter: Meter,
  definitions: T,
  report: ReportError,
  buffer?: CounterBuffer,
): Readonly<Record<keyof T, Recorder>> {
  return Object.fromEntries(
    Object.entries(definitions).map(([key, definition]) => {
      const record = createRecorder(meter, definition, report)
      const isBuffered = buffer !== undefined && definition.kind === 'counter'
      return [key, isBuffered ? buffer.buffer(record) : record]
    }),
  ) as Record<keyof T, Recorder>
}
