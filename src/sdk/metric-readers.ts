/** The metric readers: the text of `/metrics`, and the exporters of OTEL_METRICS_EXPORTER. */
import { diag } from '@opentelemetry/api'
import type { IMetricReader, PushMetricExporter } from '@opentelemetry/sdk-metrics'
import { loadBundled } from '../bundled.ts'
import type { SdkEnvironment } from '../config.ts'
import { createPullReader, type PullReaderOptions } from './pull-reader.ts'
import { selectGaugeTemporality, selectTemporality } from './temporality.ts'

const DEFAULT_PROTOCOL = 'http/protobuf'
/** Each exporter is loaded only when it is used. */
const OTLP_EXPORTERS = {
  grpc: () => loadBundled('otlp-grpc').OTLPMetricExporter,
  'http/json': () => loadBundled('otlp-json').OTLPMetricExporter,
  [DEFAULT_PROTOCOL]: () => loadBundled('otlp-protobuf').OTLPMetricExporter,
}

/** The readers of an SDK of our own. */
export interface MetricReaders {
  readonly all: readonly IMetricReader[]
  /** The text of `/metrics`. Rejects when the metrics cannot be collected. */
  readonly text: () => Promise<string>
}

/** The readers that the environment asks for. */
export function createMetricReaders(
  environment: SdkEnvironment,
  options: Omit<PullReaderOptions, 'isOneOfSeveral'>,
): MetricReaders {
  const create = (exporter: PushMetricExporter): IMetricReader =>
    new (loadBundled('metrics').PeriodicExportingMetricReader)({
      exporter: withGaugesThatEnd(exporter),
      exportIntervalMillis: environment.metricExportIntervalMs,
      exportTimeoutMillis: environment.metricExportTimeoutMs,
      cardinalityLimits: { default: options.seriesLimit },
    })
  const pushing = environment.metricExporters.map((name) =>
    create(
      name === 'otlp'
        ? createOtlpExporter(environment.otlpMetricsProtocol)
        : new (loadBundled('metrics').ConsoleMetricExporter)(),
    ),
  )
  const { reader, text } = createPullReader({ ...options, isOneOfSeveral: pushing.length > 0 })
  return { all: [reader, ...pushing], text }
}

/** Changes the exporter: of gauges it is handed only what was observed since the last export. */
function withGaugesThatEnd(exporter: PushMetricExporter): PushMetricExporter {
  const select = exporter.selectAggregationTemporality?.bind(exporter) ?? selectTemporality
  exporter.selectAggregationTemporality = (type) => selectGaugeTemporality(type) ?? select(type)
  return exporter
}

/**
 * The exporter of a protocol of OTEL_EXPORTER_OTLP_PROTOCOL; it reads the rest from the environment. For an unknown
 * protocol a warning is logged and http/protobuf is used.
 */
export function createOtlpExporter(protocol: string, timeoutMs?: number): PushMetricExporter {
  const known = Object.hasOwn(OTLP_EXPORTERS, protocol)
    ? (protocol as keyof typeof OTLP_EXPORTERS)
    : undefined
  if (known === undefined)
    diag.warn(
      `aimlapi: the OTLP protocol for metrics is "${protocol}"; accepted: ${Object.keys(OTLP_EXPORTERS).join(', ')}. ${DEFAULT_PROTOCOL} is used`,
    )
  const Exporter = OTLP_EXPORTERS[known ?? DEFAULT_PROTOCOL]()
  return new Exporter(timeoutMs === undefined ? {} : { timeoutMillis: timeoutMs })
}
