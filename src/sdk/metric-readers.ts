/** Where metrics go: the text of `/metrics`, and what OTEL_METRICS_EXPORTER asks for besides. */
import { diag } from '@opentelemetry/api'
import type { IMetricReader, PushMetricExporter } from '@opentelemetry/sdk-metrics'
import { loadBundled } from '../bundled.ts'
import type { SdkEnvironment } from '../config.ts'
import { createPullReader } from './pull-reader.ts'

interface ExporterOptions {
  readonly timeoutMillis?: number
}

/** Each exporter is loaded only where it is asked for. */
const OTLP_EXPORTERS: Readonly<Record<string, (options: ExporterOptions) => PushMetricExporter>> = {
  grpc: (options) => new (loadBundled('otlp-grpc').OTLPMetricExporter)(options),
  'http/json': (options) => new (loadBundled('otlp-json').OTLPMetricExporter)(options),
  'http/protobuf': createProtobufExporter,
}
const DEFAULT_PROTOCOL = 'http/protobuf'

/** The readers of an SDK of our own. */
export interface MetricReaders {
  readonly all: readonly IMetricReader[]
  /** What `/metrics` answers. Rejects when it cannot be collected. */
  readonly text: () => Promise<string>
}

export interface MetricReaderOptions {
  /** Series kept apart in one metric. */
  readonly seriesLimit: number
  /** Leaves `target_info` out of the text. */
  readonly withoutTargetInfo: boolean
}

export function createMetricReaders(
  environment: SdkEnvironment,
  options: MetricReaderOptions,
): MetricReaders {
  const { seriesLimit, withoutTargetInfo } = options
  const create = (exporter: PushMetricExporter): IMetricReader =>
    new (loadBundled('metrics').PeriodicExportingMetricReader)({
      exporter,
      exportIntervalMillis: environment.metricExportIntervalMs,
      exportTimeoutMillis: environment.metricExportTimeoutMs,
      cardinalityLimits: { default: seriesLimit },
    })
  const pushing = environment.metricExporters.flatMap((name) => createExporter(name, environment)).map(create)
  const { reader, text } = createPullReader({
    seriesLimit,
    withoutTargetInfo,
    isOneOfSeveral: pushing.length > 0,
  })
  return { all: [reader, ...pushing], text }
}

function createExporter(name: string, environment: SdkEnvironment): PushMetricExporter[] {
  switch (name) {
    case 'otlp':
      return [createOtlpExporter(environment.otlpMetricsProtocol)]
    case 'console':
      return [new (loadBundled('metrics').ConsoleMetricExporter)()]
    default:
      diag.warn(
        `aimlapi: OTEL_METRICS_EXPORTER names "${name}"; accepted: prometheus, otlp, console, none. It is ignored`,
      )
      return []
  }
}

/**
 * The exporter of a protocol of OTEL_EXPORTER_OTLP_PROTOCOL, which takes the rest from the environment. An unknown
 * protocol is warned of.
 */
export function createOtlpExporter(protocol: string, timeoutMs?: number): PushMetricExporter {
  const options = timeoutMs === undefined ? {} : { timeoutMillis: timeoutMs }
  const create = Object.hasOwn(OTLP_EXPORTERS, protocol) ? OTLP_EXPORTERS[protocol] : undefined
  if (create !== undefined) return create(options)
  diag.warn(
    `aimlapi: the OTLP protocol for metrics is "${protocol}"; accepted: ${Object.keys(OTLP_EXPORTERS).join(', ')}. ${DEFAULT_PROTOCOL} is used`,
  )
  return createProtobufExporter(options)
}

function createProtobufExporter(options: ExporterOptions): PushMetricExporter {
  return new (loadBundled('otlp-protobuf').OTLPMetricExporter)(options)
}
