/**
 * The one place that flushes: records the finished calls that wait, and adds the buffered sums to the SDK's counters.
 * Before each collection of metrics, at the exit of the process, and on request. Before a flush of spans it only records.
 */
import type { Meter, TracerProvider } from '@opentelemetry/api'
import { Deferral } from './calls/deferral.ts'
import { createProviderFlush } from './drain/provider-flush.ts'
import { reportFirstError } from './diagnostics.ts'
import { showProcessStart } from './telemetry/process-gauges.ts'

/**
 * Flushes until `stop()`.
 * @param tracerProvider called again and again: the provider may be set late.
 * @param followMeter called before calls are recorded: calls `setMeter` if the host has another MeterProvider by now.
 * @param flushSums adds the buffered sums to the counters of the meter.
 */
export function createDrain(
  meter: Meter,
  tracerProvider: () => TracerProvider,
  followMeter: () => void,
  flushSums: () => void,
) {
  const providerFlush = createProviderFlush(() => deferral.recordAll())
  const deferral = new Deferral(() => {
    followMeter()
    return providerFlush.followProvider(tracerProvider())
  }, reportFirstError('recording a call'))
  const now = (): void => {
    deferral.recordAll()
    flushSums()
  }
  // A collection calls the gauges of a meter before it reads the counters.
  let removeStart = showProcessStart(meter, now)
  // The application may exit without a flush.
  process.on('exit', now)

  return {
    deferral,
    /** Flushes now. Bodies that are still being decoded are not included. */
    now,
    /** Flushes before the collections of another meter from now on. */
    setMeter(newMeter: Meter): void {
      removeStart()
      removeStart = showProcessStart(newMeter, now)
    },
    stop(): void {
      process.removeListener('exit', now)
      now()
      providerFlush.undo()
      removeStart()
    },
  }
}
