/** Since when the points of our metrics count. */
import type { AggregationTemporality, InstrumentType } from '@opentelemetry/sdk-metrics'
import { loadBundled } from '../bundled.ts'

type Selector = (instrumentType: InstrumentType) => AggregationTemporality

/** Counters and histograms from the start of the process on; gauges as `selectGaugeTemporality` says. */
export const selectTemporality: Selector = (instrumentType) =>
  selectGaugeTemporality(instrumentType) ?? loadBundled('metrics').AggregationTemporality.CUMULATIVE

/**
 * Of gauges only what their callback said in this collection, else `undefined`. With cumulative temporality the SDK
 * keeps every series it has ever seen: the limit of a key that is deleted would stand there for good. No format shows
 * a gauge's temporality.
 */
export function selectGaugeTemporality(instrumentType: InstrumentType): AggregationTemporality | undefined {
  const { AggregationTemporality, InstrumentType } = loadBundled('metrics')
  return instrumentType === InstrumentType.OBSERVABLE_GAUGE ? AggregationTemporality.DELTA : undefined
}
