/** Where metrics go: a Prometheus endpoint, and what OTEL_METRICS_EXPORTER asks for besides. */
import { isMainThread } from 'node:worker_threads'
import { diag } from '@opentelemetry/api'
import { OTLPMetricExporter as GrpcMetricExporter } from '@opentelemetry/exporter-metrics-otlp-grpc'
import { OTLPMetricExporter as JsonMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http'
import { OTLPMetricExporter as ProtobufMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto'
import {
  ConsoleMetricExporter,
  PeriodicExportingMetricReader,
  type IMetricReader,
  type PushMetricExporter,
} from '@opentelemetry/sdk-metrics'
import type { PrometheusOptions, SdkEnvironment } from '../config.ts'
import { PrometheusEndpoint } from './prometheus-endpoint.ts'

const OTLP_EXPORTERS: Readonly<Record<string, () => PushMetricExporter>> = {
  grpc: () => new GrpcMetricExporter(),
  'http/json': () => new JsonMetricExporter(),
  'http/protobuf': () => new ProtobufMetricExporter(),
}
const DEFAULT_PROTOCOL = 'http/protobuf'
const LISTEN_PROBLEMS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is in use',
  EACCES: 'not permitted',
  EADDRNOTAVAIL: 'this machine does not have that address',
  ENOTFOUND: 'the host name is unknown',
}

/** The readers of an SDK of our own. */
export interface MetricReaders {
  readonly all: readonly IMetricReader[]
  /**
   * Begins to serve `/metrics`, where that is wanted. Never rejects: where it cannot listen, it says so once and the
   * application goes on unserved.
   */
  readonly serve: () => Promise<void>
}

export function createMetricReaders(
  prometheus: PrometheusOptions | false,
  environment: SdkEnvironment,
): MetricReaders {
  const pushing = environment.metricExporters.flatMap((name) => createNamedReader(name, environment))
  if (prometheus === false) return { all: pushing, serve: async () => {} }
  const exporter = new PrometheusEndpoint(prometheus)
  return { all: [exporter, ...pushing], serve: () => listen(exporter, prometheus) }
}

async function listen(
  exporter: PrometheusEndpoint,
  { host, port, endpoint }: PrometheusOptions,
): Promise<void> {
  try {
    await exporter.startServer()
    diag.debug(`aimlapi: serving http://${host}:${port}${endpoint}`)
  } catch (error) {
    diag.error(describeListenError(error, host, port))
  }
}

function describeListenError(error: unknown, host: string, port: number): string {
  const code = (error as NodeJS.ErrnoException | undefined)?.code ?? 'unknown error'
  const problem = LISTEN_PROBLEMS[code]
  const thread = isMainThread ? '' : ' This is a worker thread, which needs a port of its own.'
  return (
    `aimlapi: cannot serve metrics on ${host}:${port}: ${problem === undefined ? code : `${problem} (${code})`}. ` +
    'Set OTEL_EXPORTER_PROMETHEUS_PORT (and OTEL_EXPORTER_PROMETHEUS_HOST) to a free address, or the option ' +
    `"prometheus" to false. The application goes on; nobody can scrape it.${thread}`
  )
}

function createNamedReader(name: string, environment: SdkEnvironment): IMetricReader[] {
  switch (name) {
    case 'otlp':
      return [createPeriodicReader(createOtlpExporter(environment.otlpMetricsProtocol), environment)]
    case 'console':
      return [createPeriodicReader(new ConsoleMetricExporter(), environment)]
    default:
      diag.warn(`aimlapi: OTEL_METRICS_EXPORTER names "${name}"; supported: otlp, console, prometheus, none`)
      return []
  }
}

function createOtlpExporter(protocol: string): PushMetricExporter {
  const create = Object.hasOwn(OTLP_EXPORTERS, protocol) ? OTLP_EXPORTERS[protocol] : undefined
  if (create !== undefined) return create()
  diag.warn(`aimlapi: unsupported OTLP metrics protocol "${protocol}"; using ${DEFAULT_PROTOCOL}`)
  return new ProtobufMetricExporter()
}

function createPeriodicReader(exporter: PushMetricExporter, environment: SdkEnvironment): IMetricReader {
  return new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis: environment.metricExportIntervalMs,
    exportTimeoutMillis: environment.metricExportTimeoutMs,
  })
}
