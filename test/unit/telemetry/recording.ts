/** A real SDK whose metrics and spans can be read back. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { context, ROOT_CONTEXT, type Attributes, type Context, type HrTime } from '@opentelemetry/api'
import { DataPointType, type Histogram, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'

class ManualReader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

export interface Point {
  readonly name: string
  readonly attributes: Attributes
  /** The sum of a histogram. */
  readonly value: number
  /** Histograms only: number of values. */
  readonly count?: number
  readonly boundaries?: readonly number[]
  readonly unit: string
}

export function recordMetrics() {
  const reader = new ManualReader()
  const provider = new MeterProvider({ readers: [reader] })
  const points = async (name?: string): Promise<Point[]> => {
    const { resourceMetrics, errors } = await reader.collect()
    if (errors.length > 0) throw errors[0]
    return resourceMetrics.scopeMetrics
      .flatMap(({ metrics }) => metrics)
      .filter(({ descriptor }) => name === undefined || descriptor.name === name)
      .flatMap((metric) =>
        metric.dataPoints.map((point): Point => {
          const common = {
            name: metric.descriptor.name,
            unit: metric.descriptor.unit,
            attributes: point.attributes,
          }
          if (metric.dataPointType !== DataPointType.HISTOGRAM)
            return { ...common, value: point.value as number }
          const { sum, count, buckets } = point.value as Histogram
          return { ...common, value: sum ?? 0, count, boundaries: buckets.boundaries }
        }),
      )
  }
  return { meter: provider.getMeter('test'), provider, points }
}

export function recordSpans() {
  const exporter = new InMemorySpanExporter()
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
  return { tracer: provider.getTracer('test'), provider, spans: () => exporter.getFinishedSpans() }
}

/** Makes `context.with` work, as an SDK would. Undone by `context.disable()`. */
export function installContextManager(): void {
  const storage = new AsyncLocalStorage<Context>()
  const manager: Parameters<typeof context.setGlobalContextManager>[0] = {
    active: () => storage.getStore() ?? ROOT_CONTEXT,
    with: (active, fn, thisArg, ...args) => storage.run(active, () => fn.call(thisArg as never, ...args)),
    bind: (_, target) => target,
    enable: () => manager,
    disable: () => manager,
  }
  context.setGlobalContextManager(manager)
}

export function toMilliseconds([seconds, nanoseconds]: HrTime): number {
  return seconds * 1000 + nanoseconds / 1e6
}
