/**
 * The one place that hands on whatever waits: finished calls that are not recorded yet, and sums that the SDK has not
 * been given. It happens before a collection of the metrics, before a flush or shutdown of the spans, when the
 * process exits, and when it is asked for.
 */
import type { Meter, TracerProvider } from '@opentelemetry/api'
import { Deferral } from './calls/deferral.ts'
import { ProviderFlush } from './drain/provider-flush.ts'
import { createProcessStart } from './telemetry/process-start.ts'

export interface Drain {
  /** Where finished calls wait. */
  readonly deferral: Deferral
  /** Hands on all that waits, now; not what is still being decoded. */
  now(): void
  /** Listens to the collections of another meter. */
  setMeter(meter: Meter): void
  /** Hands on all that waits, and leaves meter, provider and process as they were. */
  stop(): void
}

export interface DrainOptions {
  readonly meter: Meter
  /** Asked for again and again: it may be set late. */
  readonly tracerProvider: () => TracerProvider
  /** Gives the sums to the meter. */
  readonly flushSums: () => void
  /** Told of what recording a call throws. */
  readonly onInternalError: (error: unknown) => void
}

export function createDrain({ meter, tracerProvider, flushSums, onInternalError }: DrainOptions): Drain {
  const providerFlush = new ProviderFlush(() => deferral.recordAll())
  const deferral = new Deferral({
    patience: () => providerFlush.patience(tracerProvider()),
    onInternalError,
  })
  const now = (): void => {
    deferral.recordAll()
    flushSums()
  }
  // The gauges of a meter are asked before its counters are read.
  const processStart = createProcessStart(meter, { beforeCollection: now })
  // The application may end without any flush, and its exporter may need none.
  process.on('exit', now)

  return {
    deferral,
    now,
    setMeter: (newMeter) => processStart.setMeter(newMeter),
    stop() {
      process.removeListener('exit', now)
      now()
      providerFlush.undo()
      processStart.dispose()
    },
  }
}
