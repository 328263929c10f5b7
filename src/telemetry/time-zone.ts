/** The time zone of the exporter, so that rules know when a day ends. Includes daylight saving time. */
import type { Meter, ObservableResult } from '@opentelemetry/api'
import { createErrorReporter, guarded } from './report-error.ts'
import { METRICS } from './names.ts'

const WHERE = 'the meter'

/** Shows how far this process's clock (variable TZ) is east of UTC, at each collection. Returns the function that removes it. */
export function createTimeZone(meter: Meter): () => void {
  const report = createErrorReporter()
  const { name, unit, description } = METRICS.timeZoneOffset
  const gauge = guarded(report, WHERE, () => {
    const created = meter.createObservableGauge(name, { unit, description })
    created.addCallback(observe)
    return created
  })
  return () => {
    guarded(report, WHERE, () => gauge?.removeCallback(observe))
  }
}

function observe(result: ObservableResult): void {
  result.observe(-60 * new Date().getTimezoneOffset())
}
