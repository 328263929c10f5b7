/** Makes our few lines visible where nobody has chosen a logger for OpenTelemetry's diagnostics. */
import { diag, DiagLogLevel, type DiagLogger } from '@opentelemetry/api'

const API_GLOBAL = Symbol.for('opentelemetry.js.api.1')
const DEFAULT_LEVEL = 'WARN'

/** Everything to stderr: an application's stdout may be its product. */
const STDERR_LOGGER: DiagLogger = {
  error: (...words) => console.error(...words),
  warn: (...words) => console.error(...words),
  info: (...words) => console.error(...words),
  debug: (...words) => console.error(...words),
  verbose: (...words) => console.error(...words),
}

/**
 * Writes diagnostics to stderr when no logger is set. `level` is a value of OTEL_LOG_LEVEL, `WARN` when it is
 * absent or none of its values. Gives back how to take the logger away again.
 */
export function ensureLogger(level: string = DEFAULT_LEVEL): () => void {
  if (currentLogger() !== undefined) return () => {}
  const logLevel = DiagLogLevel[(level in DiagLogLevel ? level : DEFAULT_LEVEL) as keyof typeof DiagLogLevel]
  diag.setLogger(STDERR_LOGGER, { logLevel })
  const ours = currentLogger()
  return () => {
    if (ours !== undefined && currentLogger() === ours) diag.disable()
  }
}

/** The API does not tell; its global object does. */
function currentLogger(): unknown {
  return (globalThis as { [API_GLOBAL]?: { diag?: unknown } })[API_GLOBAL]?.diag
}
