/**
 * When the counters of this process began at 0, as a gauge beside them. It is scraped or pushed with the counters,
 * and so tells rules whether a series that they see for the first time is new spend or an old total.
 */
import type { Meter, ObservableResult } from '@opentelemetry/api'
import { createErrorReporter, guarded, type ReportError } from './guard.ts'
import { METRICS } from './names.ts'

export interface ProcessStart {
  /** The counters begin anew on another meter; so does the time. */
  setMeter(meter: Meter): void
  /** Takes the gauge away. Idempotent. */
  dispose(): void
}

/** Shows the time of this call, in seconds since the epoch. Nothing here throws. */
export function createProcessStart(meter: Meter, report: ReportError = createErrorReporter()): ProcessStart {
  let remove = addGauge(meter, report)
  return {
    setMeter(newMeter) {
      remove()
      remove = addGauge(newMeter, report)
    },
    dispose: () => remove(),
  }
}

function addGauge(meter: Meter, report: ReportError): () => void {
  const { name, unit, description } = METRICS.processStart
  const startSeconds = Date.now() / 1000
  const observe = (result: ObservableResult): void => result.observe(startSeconds)
  const gauge = guarded(report, 'the meter', () => {
    const created = meter.createObservableGauge(name, { unit, description })
    created.addCallback(observe)
    return created
  })
  return () => {
    guarded(report, 'the meter', () => gauge?.removeCallback(observe))
  }
}
