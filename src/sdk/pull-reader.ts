/** The metrics of our own SDK as Prometheus text. */
import { clearInterval, setInterval } from 'node:timers'
import type { IMetricReader, MetricProducer } from '@opentelemetry/sdk-metrics'
import { loadBundled } from '../bundled.ts'
import { forgetGauges } from './gauge-memory.ts'
import { selectTemporality } from './temporality.ts'

/** Beside other readers this one collects once a minute, so that the SDK never keeps more than a minute of changes. */
const KEEP_UP_INTERVAL_MS = 60_000

/**
 * A reader that collects on demand, and what does that: `text` rejects when it fails.
 *
 * @param limit series of one metric; later ones lose their labels.
 * @param isOneOfSeveral the provider has other readers too: the SDK then keeps every change until this one has collected
 *   as well.
 */
export function createPullReader(limit: number, withoutTargetInfo: boolean, isOneOfSeveral: boolean) {
  const { AggregationType, MetricReader, PrometheusSerializer } = loadBundled('metrics')
  // Without scope labels: there is one scope, and its version would split every series at each upgrade.
  const serializer = new PrometheusSerializer(undefined, false, undefined, withoutTargetInfo, true)

  class OnDemand extends MetricReader {
    #timer: NodeJS.Timeout | undefined
    #producer: MetricProducer | undefined

    override setMetricProducer(producer: MetricProducer): void {
      this.#producer = producer
      super.setMetricProducer(producer)
    }

    override async collect(...request: Parameters<IMetricReader['collect']>) {
      const collected = await super.collect(...request)
      if (this.#producer !== undefined) forgetGauges(this.#producer)
      return collected
    }

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

  const reader: IMetricReader = new OnDemand({
    aggregationSelector: () => ({ type: AggregationType.DEFAULT }),
    aggregationTemporalitySelector: selectTemporality,
    cardinalitySelector: () => limit,
  })
  return {
    reader,
    // Errors of single callbacks are ignored: what could be collected is served.
    text: async () => serializer.serialize((await reader.collect()).resourceMetrics),
  }
}
