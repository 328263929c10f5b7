import { diag } from '@opentelemetry/api'
import { isMainThread } from 'node:worker_threads'
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-grpc'
import { OTLPMetricExporter as OTLPMetricExporter$1 } from '@opentelemetry/exporter-metrics-otlp-http'
import { OTLPMetricExporter as OTLPMetricExporter$2 } from '@opentelemetry/exporter-metrics-otlp-proto'
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus'
import { ConsoleMetricExporter, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
//#region \0rolldown/runtime.js
var __defProp = Object.defineProperty
var __exportAll = (all, no_symbols) => {
  let target = {}
  for (var name in all)
    __defProp(target, name, {
      get: all[name],
      enumerable: true,
    })
  if (!no_symbols) __defProp(target, Symbol.toStringTag, { value: 'Module' })
  return target
}
//#endregion
//#region src/sdk/metric-readers.ts
/** Where metrics go: a Prometheus endpoint, and what OTEL_METRICS_EXPORTER asks for besides. */
var metric_readers_exports = /* @__PURE__ */ __exportAll({ createMetricReaders: () => createMetricReaders })
const OTLP_EXPORTERS = {
  grpc: () => new OTLPMetricExporter(),
  'http/json': () => new OTLPMetricExporter$1(),
  'http/protobuf': () => new OTLPMetricExporter$2(),
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
  return new PrometheusExporter({
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
    diag.error(describeListenError(error, host, port))
  }
}
function describeListenError(error, host, port) {
  const code = error?.code ?? 'unknown error'
  const problem = LISTEN_PROBLEMS[code]
  const thread = isMainThread ? '' : ' This is a worker thread, which needs a port of its own.'
  return `aimlapi: cannot serve metrics on ${host}:${port}: ${problem === void 0 ? code : `${problem} (${code})`}. Set OTEL_EXPORTER_PROMETHEUS_PORT (and OTEL_EXPORTER_PROMETHEUS_HOST) to a free address, or the option "prometheus" to false. The application goes on; nobody can scrape it.${thread}`
}
function createNamedReader(name, environment) {
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
function createOtlpExporter(protocol) {
  const create = Object.hasOwn(OTLP_EXPORTERS, protocol) ? OTLP_EXPORTERS[protocol] : void 0
  if (create !== void 0) return create()
  diag.warn(`aimlapi: unsupported OTLP metrics protocol "${protocol}"; using ${DEFAULT_PROTOCOL}`)
  return new OTLPMetricExporter$2()
}
function createPeriodicReader(exporter, environment) {
  return new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis: environment.metricExportIntervalMs,
    exportTimeoutMillis: environment.metricExportTimeoutMs,
  })
}
//#endregion
export { metric_readers_exports as n, createMetricReaders as t }
