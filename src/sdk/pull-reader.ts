/** What `/metrics` answers: the metrics of an SDK of our own as Prometheus text. */
import { clearInterval, setInterval } from 'node:timers'
import type { IMetricReader } from '@opentelemetry/sdk-metrics'
import { loadBundled } from '../bundled.ts'

export interface PullReader {
  readonly reader: IMetricReader
  /** Collects, now. Rejects when that fails. */
  text(): Promise<string>
}

export interface PullReaderOptions {
  /** Series kept apart in one metric. */
  readonly seriesLimit: number
  /** Leaves `target_info`, the resource's attributes, out of the text. */
  readonly withoutTargetInfo: boolean
  /** Other readers read the same provider: the SDK then keeps every change for this one until it reads as well. */
  readonly isOneOfSeveral: boolean
}

/** Beside a reader that pushes once a minute, more changes than this many minutes' are never kept. */
const KEEP_UP_INTERVAL_MS = 60_000

export function createPullReader(options: PullReaderOptions): PullReader {
  const { seriesLimit, withoutTargetInfo, isOneOfSeveral } = options
  const { AggregationTemporality, AggregationType, MetricReader, PrometheusSerializer } =
    loadBundled('metrics')
  // One scope only: its labels would split every series at each upgrade.
  const serializer = new PrometheusSerializer(undefined, false, undefined, withoutTargetInfo, true)

  class OnDemand extends MetricReader {
    #timer: NodeJS.Timeout | undefined

    protected override onInitialized(): void {
      if (!isOneOfSeveral) return
      this.#timer = setInterval(() => void this.collect().catch(() => {}), KEEP_UP_INTERVAL_MS)
      this.#timer.unref()
    }

    protected override async onForceFlush(): Promise<void> {}

    protected override async onShutdown(): Promise<void> {
      clearInterval(this.#timer)
    }
  }

  const reader = new OnDemand({
    aggregationSelector: () => ({ type: AggregationType.DEFAULT }),
    aggregationTemporalitySelector: () => AggregationTemporality.CUMULATIVE,
    cardinalitySelector: () => seriesLimit,
  })
  return {
    reader,
    // Errors of single callbacks are not fatal: what could be collected is served.
    text: async () => serializer.serialize((await reader.collect()).resourceMetrics),
  }
}
