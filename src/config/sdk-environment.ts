/** OpenTelemetry's standard variables, as `register()` uses them when it starts an SDK of its own. */
import { readProcessEnvironment } from './process-environment.ts'
import { findProblems, MILLISECONDS } from './sdk-problems.ts'
import { readVariable, splitList, type Environment } from './values.ts'

export interface SdkEnvironment {
  /** OTEL_SDK_DISABLED=true: nothing of OpenTelemetry is started. */
  readonly disabled: boolean
  /** Spans are exported only when a variable asks for it: without one, no collector is assumed. */
  readonly exportTraces: boolean
  readonly exportLogs: boolean
  /** Readers other than the Prometheus exporter, as OTEL_METRICS_EXPORTER names them: `otlp`, `console`. */
  readonly metricExporters: readonly string[]
  /** OTEL_EXPORTER_OTLP_METRICS_PROTOCOL, OTEL_EXPORTER_OTLP_PROTOCOL, else `http/protobuf`. */
  readonly otlpMetricsProtocol: string
  /** OTEL_METRIC_EXPORT_INTERVAL. Default 60000. */
  readonly metricExportIntervalMs: number
  /** OTEL_METRIC_EXPORT_TIMEOUT, at most the interval. Default 30000. */
  readonly metricExportTimeoutMs: number
  /** OTEL_NODE_RESOURCE_DETECTORS: `env`, `host`, `os`, `process`, `serviceinstance`, `all`, `none`. Absent when unset. */
  readonly resourceDetectors: readonly string[] | undefined
  /** OTEL_METRICS_EXPORTER is `none`: no metric leaves the process, unless the option `prometheus` is set. */
  readonly metricsAreOff: boolean
  /** OTEL_CONFIG_FILE (or its older name) is set, which nothing here reads. */
  readonly hasConfigFile: boolean
  /** OTEL_LOG_LEVEL, upper case; absent when it is unset. */
  readonly logLevel: string | undefined
  /** Values that nobody understands: a line each, for an SDK of our own. The SDK ignores them without a word. */
  readonly problems: readonly string[]
}

const CONFIG_FILE_VARIABLES = ['OTEL_CONFIG_FILE', 'OTEL_EXPERIMENTAL_CONFIG_FILE']
const NO_EXPORTER = 'none'
/** Exporters of metrics that we start, beside the Prometheus endpoint. */
const PUSHING: ReadonlySet<string> = new Set(['otlp', 'console'])

/**
 * A signal is exported over OTLP when its exporter variable or one of its endpoint variables is set accordingly. Unlike
 * the specification's default, an environment without these variables exports nothing, except to Prometheus.
 */
export function resolveSdkEnvironment(environment: Environment = readProcessEnvironment()): SdkEnvironment {
  const metricExportIntervalMs = readMilliseconds(environment, 'OTEL_METRIC_EXPORT_INTERVAL', 60_000)
  const timeoutMs = readMilliseconds(environment, 'OTEL_METRIC_EXPORT_TIMEOUT', 30_000)
  const exporters = readList(environment, 'OTEL_METRICS_EXPORTER')
  const impliedExporters = hasEndpoint(environment, 'METRICS') ? ['otlp'] : []
  return {
    disabled: readVariable(environment, 'OTEL_SDK_DISABLED')?.toLowerCase() === 'true',
    exportTraces: isExportAsked(environment, 'TRACES'),
    exportLogs: isExportAsked(environment, 'LOGS'),
    metricExporters: exporters?.filter((name) => PUSHING.has(name)) ?? impliedExporters,
    otlpMetricsProtocol:
      readVariable(environment, 'OTEL_EXPORTER_OTLP_METRICS_PROTOCOL') ??
      readVariable(environment, 'OTEL_EXPORTER_OTLP_PROTOCOL') ??
      'http/protobuf',
    metricExportIntervalMs,
    metricExportTimeoutMs: Math.min(timeoutMs, metricExportIntervalMs),
    resourceDetectors: readList(environment, 'OTEL_NODE_RESOURCE_DETECTORS'),
    metricsAreOff: exporters?.includes(NO_EXPORTER) === true,
    hasConfigFile: CONFIG_FILE_VARIABLES.some((name) => readVariable(environment, name) !== undefined),
    logLevel: readVariable(environment, 'OTEL_LOG_LEVEL')?.toUpperCase(),
    problems: findProblems(environment),
  }
}

/** Whether OTEL_METRICS_EXPORTER allows the Prometheus endpoint: it is unset, or `prometheus` is among its values. */
export function isPrometheusAsked(environment: Environment): boolean {
  const exporters = readList(environment, 'OTEL_METRICS_EXPORTER')
  return exporters === undefined || exporters.includes('prometheus')
}

function isExportAsked(environment: Environment, signal: string): boolean {
  const exporters = readList(environment, `OTEL_${signal}_EXPORTER`)
  if (exporters !== undefined) return !exporters.includes(NO_EXPORTER)
  return hasEndpoint(environment, signal)
}

function hasEndpoint(environment: Environment, signal: string): boolean {
  return ['OTEL_EXPORTER_OTLP_ENDPOINT', `OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`].some(
    (name) => readVariable(environment, name) !== undefined,
  )
}

function readList(environment: Environment, name: string): readonly string[] | undefined {
  const text = readVariable(environment, name)
  return text === undefined ? undefined : splitList(text)
}

/** The specification wants an unusable number to be ignored, not to be an error. */
function readMilliseconds(environment: Environment, name: string, standard: number): number {
  const text = readVariable(environment, name)
  return text !== undefined && MILLISECONDS.test(text) ? Number(text) : standard
}
