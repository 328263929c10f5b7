import { N as ConfigurationError, j as resolveSdkEnvironment } from './account-metrics-DotbwETn.mjs'
import { t as ensureLogger } from './diagnostics-DPWJhAHK.mjs'
import { t as register } from './sdk-BEaalovn.mjs'
import { diag } from '@opentelemetry/api'
//#region src/register.ts
/**
 * `node --import opentelemetry-instrumentation-aimlapi/register app.mjs` (or `--require`): `register()` from the
 * environment alone. What is wrong with the environment is logged, and the application starts without telemetry.
 */
try {
  register()
} catch (error) {
  ensureLogger(resolveSdkEnvironment().logLevel)
  const reason = error instanceof ConfigurationError ? error.message : error
  diag.error('aimlapi: not registered, the application starts without telemetry:', reason)
}
//#endregion
export {}
