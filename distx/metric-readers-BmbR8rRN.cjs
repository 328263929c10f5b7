const require_rolldown_runtime = require('./rolldown-runtime-D_mwlA32.cjs')
let _opentelemetry_api = require('@opentelemetry/api')
let node_worker_threads = require('node:worker_threads')
let _opentelemetry_exporter_metrics_otlp_grpc = require('@opentelemetry/exporter-metrics-otlp-grpc')
let _opentelemetry_exporter_metrics_otlp_http = require('@opentelemetry/exporter-metrics-otlp-http')
let _opentelemetry_exporter_metrics_otlp_proto = require('@opentelemetry/exporter-metrics-otlp-proto')
let _opentelemetry_exporter_prometheus = require('@opentelemetry/exporter-prometheus')
let _opentelemetry_sdk_metrics = require('@opentelemetry/sdk-metrics')
//#region src/sdk/metric-readers.ts
/** Where metrics go: a Prometheus endpoint, and what OTEL_METRICS_EXPORTER asks for besides. */
var metric_readers_exports = /* @__PURE__ */ require_rolldown_runtime.__exportAll({
  createMetricReaders: () => createMetricReaders,
})
const OTLP_EXPORTERS = {
  grpc: () => new _opentelemetry_exporter_metrics_otlp_grpc.OTLPMetricExporter(),
  'http/json': () => new _opentelemetry_exporter_metrics_otlp_http.OTLPMetricExporter(),
  'http/protobuf': () => new _opentelemetry_exporter_metrics_otlp_proto.OTLPMetricExporter(),
}
const DEFAULT_PROTOCOL = 'http/protobuf'
const LISTEN_PROBLEMS = {
  EADDRINUSE: 'the port is in use',
  EACCES: 'not permitted',
  EADDRNOTAVAIL: 'this machine does not have that address',
  ENOTFOUND: 'the host name is unknown',
}
function createMetricReaders(prometheus, environment) {
  const pushing = environment.metricExporters.flatMap((name) => createNamedReader(name, environment))
  if (prometheus === false)
    return {
      all: pushing,
      serve: async () => {},
    }
  const exporter = createPrometheusExporter(prometheus)
  return {
    all: [exporter, ...pushing],
    serve: () => listen(exporter, prometheus),
  }
}
function createPrometheusExporter({ host, port, endpoint }) {
  return new _opentelemetry_exporter_prometheus.PrometheusExporter({
    host,
    port,
    endpoint,
    withoutScopeInfo: true,
    preventServerStart: true,
  })
}
async function listen(exporter, { host, port }) {
  try {
    await exporter.startServer()
  } catch (error) {
    _opentelemetry_api.diag.error(describeListenError(error, host, port))
  }
}
function describeListenError(error, host, port) {
  const code = error?.code ?? 'unknown error'
  const problem = LISTEN_PROBLEMS[code]
  const thread = node_worker_threads.isMainThread
    ? ''
    : ' This is a worker thread, which needs a port of its own.'
  return `aimlapi: cannot serve metrics on ${host}:${port}: ${problem === void 0 ? code : `${problem} (${code})`}. Set OTEL_EXPORTER_PROMETHEUS_PORT (and OTEL_EXPORTER_PROMETHEUS_HOST) to a free address, or the option "prometheus" to false. The application goes on; nobody can scrape it.${thread}`
}
function createNamedReader(name, environment) {
  switch (name) {
    case 'otlp':
      return [createPeriodicReader(createOtlpExporter(environment.otlpMetricsProtocol), environment)]
    case 'console':
      return [createPeriodicReader(new _opentelemetry_sdk_metrics.ConsoleMetricExporter(), environment)]
    default:
      _opentelemetry_api.diag.warn(
        `aimlapi: OTEL_METRICS_EXPORTER names "${name}"; supported: otlp, console, prometheus, none`,
      )
      return []
  }
}
function createOtlpExporter(protocol) {
  const create = Object.hasOwn(OTLP_EXPORTERS, protocol) ? OTLP_EXPORTERS[protocol] : void 0
  if (create !== void 0) return create()
  _opentelemetry_api.diag.warn(
    `aimlapi: unsupported OTLP metrics protocol "${protocol}"; using ${DEFAULT_PROTOCOL}`,
  )
  return new _opentelemetry_exporter_metrics_otlp_proto.OTLPMetricExporter()
}
function createPeriodicReader(exporter, environment) {
  return new _opentelemetry_sdk_metrics.PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis: environment.metricExportIntervalMs,
    exportTimeoutMillis: environment.metricExportTimeoutMs,
  })
}
//#endregion
Object.defineProperty(exports, 'createMetricReaders', {
  enumerable: true,
  get: function () {
    return createMetricReaders
  },
})
Object.defineProperty(exports, 'metric_readers_exports', {
  enumerable: true,
  get: function () {
    return metric_readers_exports
  },
})
