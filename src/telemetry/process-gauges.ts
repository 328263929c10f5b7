/** Gauges of the process itself. */
import type { Meter, ObservableResult } from '@opentelemetry/api'
import { createGauge } from './instruments.ts'
import { METRICS, type MetricDefinition } from './names.ts'
import { createErrorReporter, guarded } from './report-error.ts'

/**
 * Shows when the counters of this meter began at 0: now, in seconds since the epoch. It is exported with the counters, so
 * that rules can decide whether a series that they see for the first time is new spend or an old total. Returns the
 * function that removes it. Nothing here throws.
 * @param beforeCollection called before each collection of the meter; the SDK reads its counters after it. Must not throw.
 *   This is how drain.ts notices a collection: the SDK has no other event for it.
 */
export function showProcessStart(meter: Meter, beforeCollection = (): void => {}): () => void {
  const startSeconds = Date.now() / 1000
  return addGauge(meter, METRICS.processStart, () => {
    beforeCollection()
    return startSeconds
  })
}

/**
 * Shows how far this process's clock (variable TZ) is east of UTC, at each collection, so that rules know when a day
 * ends. Includes daylight saving time. Returns the function that removes it.
 */
export function showTimeZone(meter: Meter): () => void {
  return addGauge(meter, METRICS.timeZoneOffset, () => -60 * new Date().getTimezoneOffset())
}

function addGauge(meter: Meter, definition: MetricDefinition, read: () => number): () => void {
  const report = createErrorReporter()
  const observe = (result: ObservableResult): void => result.observe(read())
  const gauge = guarded(report, 'the meter', () => {
    const created = createGauge(meter, definition)
    created.addCallback(observe)
    return created
  })
  return () => {
    guarded(report, 'the meter', () => gauge?.removeCallback(observe))
  }
}
