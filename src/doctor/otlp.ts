/** Checks that the OTLP endpoint accepts metrics. */
import { loadBundled } from '../bundled.ts'
import { readProcessEnvironment, type Config } from '../config.ts'
import { createOtlpExporter } from '../sdk/metric-readers.ts'
import { findingsOf, type Check } from './check.ts'

const { ok, failure } = findingsOf('OTLP endpoint')
const TIMEOUT_MS = 5_000
const ENDPOINT_VARIABLES = ['OTEL_EXPORTER_OTLP_METRICS_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT']
/** ExportResultCode.SUCCESS of the SDK. */
const SUCCESS = 0

/** Sends an export without metrics, by the exporter that `register()` uses. No check when nothing is pushed. */
export async function checkOtlp(config: Config): Promise<Check[]> {
  const { metricExporters, otlpMetricsProtocol } = config.sdk
  if (!metricExporters.includes('otlp')) return []
  const place = describePlace(otlpMetricsProtocol)
  const problem = await exportNothing(otlpMetricsProtocol)
  if (problem === undefined) return [ok(`${place} takes metrics`)]
  return [
    failure(
      `${place} took no metrics: ${problem}`,
      `Is a Collector running there, and does it speak ${otlpMetricsProtocol}? Set OTEL_EXPORTER_OTLP_ENDPOINT, and OTEL_EXPORTER_OTLP_PROTOCOL to grpc, http/protobuf or http/json.`,
    ),
  ]
}

function exportNothing(protocol: string): Promise<string | undefined> {
  const exporter = createOtlpExporter(protocol, TIMEOUT_MS)
  const resource = loadBundled('metrics').defaultResource()
  return new Promise((resolve) => {
    exporter.export({ resource, scopeMetrics: [] }, ({ code, error }) => {
      resolve(code === SUCCESS ? undefined : describeError(error))
      void exporter.shutdown().catch(() => {})
    })
  })
}

/** The system's code, a status, or a time-out. The text of the Collector is not shown. */
function describeError(error: (Error & { code?: unknown }) | undefined): string {
  const { code, message = '' } = error ?? {}
  const system = /\b(?:E[A-Z]{4,}|UND_ERR_[A-Z_]+)\b/.exec(message)
  if (typeof code === 'string') return code
  if (system !== null) return system[0]
  if (typeof code === 'number') return `status ${code}`
  return /time/i.test(message) ? `no answer within ${TIMEOUT_MS / 1000} s` : 'the export failed'
}

/** The endpoint without credentials and query, which may be secret. */
function describePlace(protocol: string): string {
  const environment = readProcessEnvironment()
  const standard = protocol === 'grpc' ? 'http://localhost:4317' : 'http://localhost:4318'
  const given = ENDPOINT_VARIABLES.map((name) => environment[name]?.trim()).find((text) => text)
  if (given === undefined) return standard
  if (!URL.canParse(given)) return 'the endpoint'
  const { protocol: scheme, host } = new URL(given)
  return `${scheme}//${host}`
}
