/**
 * The time at which the counters of this process began at 0, as a gauge. It is exported with the counters, so that rules
 * can decide whether a series that they see for the first time is new spend or an old total.
 *
 * Its callback is also how drain.ts notices a collection: the SDK has no other event for it.
 */
import type { Meter, ObservableResult } from '@opentelemetry/api'
import { createErrorReporter, guarded, type ReportError } from './report-error.ts'
import { METRICS } from './names.ts'

/** The gauge of the start time. */
export interface ProcessStart {
  /** Moves the gauge to another meter, whose counters begin at 0: the time begins anew too. */
  setMeter(meter: Meter): void
  /** Removes the gauge. Idempotent. */
  dispose(): void
}

/**
 * Shows the time of this call, in seconds since the epoch. Nothing here throws.
 * @param beforeCollection called before each collection of the meter; the SDK reads its counters after it. Must not throw.
 */
export function createProcessStart(meter: Meter, beforeCollection = (): void => {}): ProcessStart {
  const report = createErrorReporter()
  let remove = addTimeGauge(meter, beforeCollection, report)
  return {
    setMeter(newMeter) {
      remove()
      remove = addTimeGauge(newMeter, beforeCollection, report)
    },
    dispose: () => remove(),
  }
}

function addTimeGauge(meter: Meter, beforeCollection: () => void, report: ReportError): () => void {
  const { name, unit, description } = METRICS.processStart
  const startSeconds = Date.now() / 1000
  const observe = (result: ObservableResult): void => {
    beforeCollection()
    result.observe(startSeconds)
  }
  const gauge = guarded(report, 'the meter', () => {
    const created = meter.createObservableGauge(name, { unit, description })
    created.addCallback(observe)
    return created
  })
  return () => {
    guarded(report, 'the meter', () => gauge?.removeCallback(observe))
  }
}
