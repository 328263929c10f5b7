/**
 * The one place that flushes: it records the finished calls that wait, and adds the buffered sums to the SDK's counters.
 * It happens before a collection of the metrics, before a flush or shutdown of the spans, when the
 * process exits, and when it is asked for.
 */
import type { Meter, TracerProvider } from '@opentelemetry/api'
import { Deferral } from './calls/deferral.ts'
import { ProviderFlush } from './drain/provider-flush.ts'
import { createProcessStart } from './telemetry/process-start.ts'

export interface Drain {
  /** Where finished calls wait. */
  readonly deferral: Deferral
  /** Records and counts all that waits, now; not what is still being decoded. */
  now(): void
  /** Listens to the collections of another meter. */
  setMeter(meter: Meter): void
  /** Flushes, and removes its gauge, its overrides and its process listener. */
  stop(): void
}

export interface DrainOptions {
  readonly meter: Meter
  /** Asked for again and again: it may be set late. */
  readonly tracerProvider: () => TracerProvider
  /** Gives the sums to the meter. */
  readonly flushSums: () => void
  /** Called with what recording a call throws. */
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
