/** Where the Prometheus endpoint listens, and whether there is one. */
import { optionOrigin, rejectValue, type Origin } from './errors.ts'
import { isPrometheusAsked } from './sdk-environment.ts'
import { firstGiven, isObject, parseInteger, rejectUnknownKeys, type Environment } from './values.ts'

export type PrometheusOptions = Readonly<Exclude<ReturnType<typeof resolvePrometheus>, false>>

/** The URL of an endpoint, for people. */
export function showPrometheusUrl({ host, port, endpoint }: PrometheusOptions): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}${endpoint}`
}

export const HOST_VARIABLE = 'OTEL_EXPORTER_PROMETHEUS_HOST'
export const PORT_VARIABLE = 'OTEL_EXPORTER_PROMETHEUS_PORT'
const PORT = { min: 1, max: 65_535 }

/**
 * The option `prometheus`, else its variables, else `http://localhost:9464/metrics`. False where it is switched off, or
 * OTEL_METRICS_EXPORTER names other exporters only. @throws ConfigurationError
 */
export function resolvePrometheus(given: unknown, environment: Environment) {
  if (given === false) return false as const
  if (given === undefined && !isPrometheusAsked(environment)) return false as const
  const fields = given === undefined || given === true ? {} : given
  const names = ['host', 'port', 'endpoint']
  if (!isObject(fields))
    return rejectValue(optionOrigin('prometheus'), given, `true, false or { ${names.join(', ')} }`)
  rejectUnknownKeys(fields, names, 'prometheus.')
  const { host, port, endpoint = '/metrics' } = fields
  return {
    host: parseHost(...firstGiven('prometheus.host', host, HOST_VARIABLE, environment, 'localhost')),
    port: parseInteger(...firstGiven('prometheus.port', port, PORT_VARIABLE, environment, 9464), PORT),
    endpoint: parseEndpoint(optionOrigin('prometheus.endpoint'), endpoint),
  }
}

function parseHost(origin: Origin, value: unknown): string {
  // A host name or an IP address; `[::1]` is written `::1`.
  if (typeof value === 'string' && /^[\w.:%-]{1,255}$/.test(value)) return value
  return rejectValue(origin, value, 'a host name or IP address to listen on, such as localhost or 0.0.0.0')
}

function parseEndpoint(origin: Origin, value: unknown): string {
  if (typeof value === 'string' && /^\/?[\w./~-]{1,200}$/.test(value))
    return value.startsWith('/') ? value : `/${value}`
  return rejectValue(origin, value, 'a path such as /metrics')
}
