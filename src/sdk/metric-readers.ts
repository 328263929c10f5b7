/** The metric readers: the text of `/metrics`, and the exporters of OTEL_METRICS_EXPORTER. */
import type { PushMetricExporter } from '@opentelemetry/sdk-metrics'
import { loadBundled } from '../bundled.ts'
import type { Config } from '../config.ts'
import { report } from '../diagnostics.ts'
import { createPullReader } from './pull-reader.ts'
import { seriesLimit } from './series-limit.ts'
import { selectGaugeTemporality, selectTemporality } from './temporality.ts'

/** The file of each exporter, which is loaded only when it is used. */
const OTLP_EXPORTERS: Readonly<Record<string, 'otlp-grpc' | 'otlp-json' | 'otlp-protobuf'>> = {
  grpc: 'otlp-grpc',
  'http/json': 'otlp-json',
  'http/protobuf': 'otlp-protobuf',
}

/** `text` rejects when the metrics cannot be collected. `withoutTargetInfo` leaves the resource's attributes out of it. */
export function createMetricReaders(config: Config, withoutTargetInfo: boolean) {
  const { metricExporters, otlpMetricsProtocol, metricExportIntervalMs, metricExportTimeoutMs } = config.sdk
  const { ConsoleMetricExporter, PeriodicExportingMetricReader } = loadBundled('metrics')
  const limit = seriesLimit(config)
  const pushing = metricExporters.map((name) => {
    const exporter = name === 'otlp' ? createOtlpExporter(otlpMetricsProtocol) : new ConsoleMetricExporter()
    return new PeriodicExportingMetricReader({
      exporter: withGaugesThatEnd(exporter),
      exportIntervalMillis: metricExportIntervalMs,
      exportTimeoutMillis: metricExportTimeoutMs,
      cardinalityLimits: { default: limit },
    })
  })
  const pull = createPullReader(limit, withoutTargetInfo, pushing.length > 0)
  return { all: [pull.reader, ...pushing], text: pull.text }
}

/** Changes the exporter: of gauges it is handed only what was observed since the last export. */
function withGaugesThatEnd(exporter: PushMetricExporter): PushMetricExporter {
  const select = exporter.selectAggregationTemporality?.bind(exporter) ?? selectTemporality
  exporter.selectAggregationTemporality = (type) => selectGaugeTemporality(type) ?? select(type)
  return exporter
}

/** By a protocol of OTEL_EXPORTER_OTLP_PROTOCOL; the exporter reads the rest from the environment. */
export function createOtlpExporter(protocol: string, timeoutMs?: number): PushMetricExporter {
  const file = Object.hasOwn(OTLP_EXPORTERS, protocol) ? OTLP_EXPORTERS[protocol] : undefined
  if (file === undefined)
    report(
      'warn',
      `the OTLP protocol for metrics is "${protocol}"; accepted: ${Object.keys(OTLP_EXPORTERS).join(', ')}. http/protobuf is used`,
    )
  const { OTLPMetricExporter } = loadBundled(file ?? 'otlp-protobuf')
  return new OTLPMetricExporter(timeoutMs === undefined ? {} : { timeoutMillis: timeoutMs })
}
