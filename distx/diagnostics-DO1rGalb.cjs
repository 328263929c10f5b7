require('./rolldown-runtime-D_mwlA32.cjs')
let _opentelemetry_api = require('@opentelemetry/api')
//#region src/sdk/diagnostics.ts
/** Makes our few lines visible where nobody has chosen a logger for OpenTelemetry's diagnostics. */
const API_GLOBAL = Symbol.for('opentelemetry.js.api.1')
const DEFAULT_LEVEL = 'INFO'
const OWN_LINE = /^aimlapi\b/
/** To stderr: an application's stdout may be its product. */
const write = (...words) => console.error(...words)
/** Only what this library says. The SDK itself stays as silent as it is for everybody who sets no OTEL_LOG_LEVEL. */
const writeOwn = (message, ...rest) => {
  if (OWN_LINE.test(message)) write(message, ...rest)
}
function createLogger(log) {
  return {
    error: log,
    warn: log,
    info: log,
    debug: log,
    verbose: log,
  }
}
/**
 * Writes diagnostics to stderr when no logger is set: everything from `level` up, a value of OTEL_LOG_LEVEL, or
 * without one this library's own lines. Gives back how to take the logger away again.
 */
function ensureLogger(level) {
  if (currentLogger() !== void 0) return () => {}
  const known = level !== void 0 && level in _opentelemetry_api.DiagLogLevel ? level : DEFAULT_LEVEL
  _opentelemetry_api.diag.setLogger(createLogger(level === void 0 ? writeOwn : write), {
    logLevel: _opentelemetry_api.DiagLogLevel[known],
  })
  const ours = currentLogger()
  return () => {
    if (ours !== void 0 && currentLogger() === ours) _opentelemetry_api.diag.disable()
  }
}
/** The API does not tell; its global object does. */
function currentLogger() {
  return globalThis[API_GLOBAL]?.diag
}
//#endregion
Object.defineProperty(exports, 'ensureLogger', {
  enumerable: true,
  get: function () {
    return ensureLogger
  },
})
