/** Makes our few lines visible where nobody has chosen a logger for OpenTelemetry's diagnostics. */
import { diag, DiagLogLevel, type DiagLogFunction, type DiagLogger } from '@opentelemetry/api'

const API_GLOBAL = Symbol.for('opentelemetry.js.api.1')
const DEFAULT_LEVEL = 'INFO'
const OWN_LINE = /^aimlapi\b/

/** To stderr: an application's stdout may be its product. */
const write: DiagLogFunction = (...words) => console.error(...words)

/** What OpenTelemetry's API says when an SDK of the application comes too late. */
const LATE_METER_PROVIDER = /duplicate registration of API: metrics/
const LATE_METER_PROVIDER_ADVICE =
  'aimlapi: a MeterProvider that was set after register() is not used; metrics go where register() sends them. ' +
  'Start that SDK first, or add AimlapiInstrumentation to it instead of calling register()'

/** Only what this library says. The SDK itself stays as silent as it is for everybody who sets no OTEL_LOG_LEVEL. */
const writeOwn: DiagLogFunction = (message, ...rest) => {
  if (OWN_LINE.test(message)) write(message, ...rest)
  // The one thing that nobody would find out: metrics of the application's own would be missing elsewhere.
  else if (LATE_METER_PROVIDER.test(message)) write(LATE_METER_PROVIDER_ADVICE)
}

function createLogger(log: DiagLogFunction): DiagLogger {
  return { error: log, warn: log, info: log, debug: log, verbose: log }
}

/**
 * Writes diagnostics to stderr when no logger is set: everything from `level` up, a value of OTEL_LOG_LEVEL, or
 * without one this library's own lines. Gives back how to take the logger away again.
 */
export function ensureLogger(level: string | undefined): () => void {
  if (currentLogger() !== undefined) return () => {}
  const known = level !== undefined && level in DiagLogLevel ? level : DEFAULT_LEVEL
  diag.setLogger(createLogger(level === undefined ? writeOwn : write), {
    logLevel: DiagLogLevel[known as keyof typeof DiagLogLevel],
  })
  const ours = currentLogger()
  return () => {
    if (ours !== undefined && currentLogger() === ours) diag.disable()
  }
}

/** The API does not tell; its global object does. */
function currentLogger(): unknown {
  return (globalThis as { [API_GLOBAL]?: { diag?: unknown } })[API_GLOBAL]?.diag
}
