/** OpenTelemetry's standard variables, as `register()` uses them when it starts an SDK of its own. */
import { readProcessEnvironment } from './process-environment.ts'
import { findProblems, MILLISECONDS } from './sdk-problems.ts'
import { readVariable, splitList, type Environment } from './values.ts'

export type SdkEnvironment = Readonly<ReturnType<typeof resolveSdkEnvironment>>

const CONFIG_FILE_VARIABLES = ['OTEL_CONFIG_FILE', 'OTEL_EXPERIMENTAL_CONFIG_FILE']
const NO_EXPORTER = 'none'
/** Exporters of metrics that we start, beside the Prometheus endpoint. */
const PUSHING: ReadonlySet<string> = new Set(['otlp', 'console'])

/**
 * A signal is exported over OTLP when its exporter variable or one of its endpoint variables is set accordingly. Unlike
 * the specification's default, an environment without these variables exports nothing, except to Prometheus.
 */
export function resolveSdkEnvironment(environment: Environment = readProcessEnvironment()) {
  const metricExportIntervalMs = readMilliseconds(environment, 'OTEL_METRIC_EXPORT_INTERVAL', 60_000)
  const timeoutMs = readMilliseconds(environment, 'OTEL_METRIC_EXPORT_TIMEOUT', 30_000)
  const exporters = readList(environment, 'OTEL_METRICS_EXPORTER')
  const impliedExporters = hasEndpoint(environment, 'METRICS') ? ['otlp'] : []
  return {
    /** Nothing of OpenTelemetry is started. */
    disabled: readVariable(environment, 'OTEL_SDK_DISABLED')?.toLowerCase() === 'true',
    /** Spans are exported only when a variable asks for it: without one, no collector is assumed. */
    exportTraces: isExportAsked(environment, 'TRACES'),
    exportLogs: isExportAsked(environment, 'LOGS'),
    /** Readers other than the Prometheus exporter: `otlp`, `console`. */
    metricExporters: exporters?.filter((name) => PUSHING.has(name)) ?? impliedExporters,
    otlpMetricsProtocol:
      readVariable(environment, 'OTEL_EXPORTER_OTLP_METRICS_PROTOCOL') ??
      readVariable(environment, 'OTEL_EXPORTER_OTLP_PROTOCOL') ??
      'http/protobuf',
    metricExportIntervalMs,
    metricExportTimeoutMs: Math.min(timeoutMs, metricExportIntervalMs),
    /** `env`, `host`, `os`, `process`, `serviceinstance`, `all`, `none`. Absent when unset. */
    resourceDetectors: readList(environment, 'OTEL_NODE_RESOURCE_DETECTORS'),
    /** No metric leaves the process, unless the option `prometheus` is set. */
    metricsAreOff: exporters?.includes(NO_EXPORTER) === true,
    /** OTEL_CONFIG_FILE (or its older name) is set, which nothing here reads. */
    hasConfigFile: CONFIG_FILE_VARIABLES.some((name) => readVariable(environment, name) !== undefined),
    /** Upper case; absent when it is unset. */
    logLevel: readVariable(environment, 'OTEL_LOG_LEVEL')?.toUpperCase(),
    /** Values that nobody understands: a line each, for an SDK of our own. The SDK ignores them without a word. */
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
