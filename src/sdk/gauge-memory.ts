/**
 * Unofficial. For each series of an observable instrument the SDK remembers the last value for good, up to its limit of
 * series; beyond the limit new series lose their labels. Gauges do not need it: keys and models come and go, and a
 * gauge has no difference to be taken. So what is remembered of gauges is dropped after each collection.
 *
 * Why this way: the SDK says itself that it has no means for it ("TODO: find a reasonable mean to clean the memo",
 * `DeltaMetricProcessor`). It uses private fields of the SDK that is built in (2.12), never of one that the application
 * has. `test/integration/exporter-memory.test.ts` notices when they are gone.
 */
// The names of private fields.
// oxlint-disable no-underscore-dangle
import type { MetricProducer } from '@opentelemetry/sdk-metrics'
import { loadBundled } from '../bundled.ts'

interface Storage {
  getInstrumentDescriptor?(): { readonly type?: unknown }
  readonly _deltaMetricStorage?: {
    readonly _cumulativeMemoStorage?: { _valueMap?: unknown; _keyMap?: unknown }
  }
}

interface Collector {
  readonly _sharedState?: {
    readonly meterSharedStates?: ReadonlyMap<
      string,
      { readonly metricStorageRegistry?: { getStorages?(collector: unknown): readonly Storage[] } }
    >
  }
}

/** @param producer what a reader of our own SDK collects from. */
export function forgetGauges(producer: MetricProducer): void {
  const gauge = loadBundled('metrics').InstrumentType.OBSERVABLE_GAUGE
  const meters = (producer as unknown as Collector)._sharedState?.meterSharedStates
  for (const { metricStorageRegistry } of meters?.values() ?? [])
    for (const storage of metricStorageRegistry?.getStorages?.(producer) ?? []) {
      const memo = storage._deltaMetricStorage?._cumulativeMemoStorage
      if (memo === undefined || storage.getInstrumentDescriptor?.().type !== gauge) continue
      for (const map of [memo._valueMap, memo._keyMap]) if (map instanceof Map) map.clear()
    }
}
