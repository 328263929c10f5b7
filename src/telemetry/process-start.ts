/**
 * When the counters of this process began at 0, as a gauge beside them. It is scraped or pushed with the counters,
 * and so tells rules whether a series that they see for the first time is new spend or an old total.
 *
 * Its callback is also how the drain learns of a collection: the SDK tells nobody else.
 */
import type { Meter, ObservableResult } from '@opentelemetry/api'
import { createErrorReporter, guarded, type ReportError } from './report-error.ts'
import { METRICS } from './names.ts'

export interface ProcessStart {
  /** The counters begin anew on another meter; so does the time. */
  setMeter(meter: Meter): void
  /** Takes the gauge away. Idempotent. */
  dispose(): void
}

export interface ProcessStartOptions {
  /** Called before each collection of the meter; the SDK reads its counters after it. Must not throw. */
  readonly beforeCollection?: () => void
  /** Reports what the host's OpenTelemetry throws. Default: `diag.error`, once per kind. */
  readonly report?: ReportError
}

/** Shows the time of this call, in seconds since the epoch. Nothing here throws. */
export function createProcessStart(meter: Meter, options: ProcessStartOptions = {}): ProcessStart {
  const { beforeCollection = () => {}, report = createErrorReporter() } = options
  const addGauge = (to: Meter): (() => void) => addTimeGauge(to, beforeCollection, report)
  let remove = addGauge(meter)
  return {
    setMeter(newMeter) {
      remove()
      remove = addGauge(newMeter)
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
