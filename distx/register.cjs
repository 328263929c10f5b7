require('./rolldown-runtime-D_mwlA32.cjs')
const require_account_metrics = require('./account-metrics-BBDp1JNp.cjs')
const require_diagnostics = require('./diagnostics-DO1rGalb.cjs')
const require_sdk = require('./sdk-CgLlYo1S.cjs')
let _opentelemetry_api = require('@opentelemetry/api')
//#region src/register.ts
/**
 * `node --import opentelemetry-instrumentation-aimlapi/register app.mjs` (or `--require`): `register()` from the
 * environment alone. What is wrong with the environment is logged, and the application starts without telemetry.
 */
try {
  require_sdk.register()
} catch (error) {
  require_diagnostics.ensureLogger(require_account_metrics.resolveSdkEnvironment().logLevel)
  const reason = error instanceof require_account_metrics.ConfigurationError ? error.message : error
  _opentelemetry_api.diag.error('aimlapi: not registered, the application starts without telemetry:', reason)
}
//#endregion
