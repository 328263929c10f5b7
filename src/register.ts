/**
 * `node --import opentelemetry-instrumentation-aimlapi/register app.mjs` (or `--require`): `register()` from the
 * environment alone. What is wrong with the environment is logged, and the application starts without telemetry.
 */
import { diag } from '@opentelemetry/api'
import { ConfigurationError, resolveSdkEnvironment } from './config.ts'
import { register } from './sdk.ts'
import { ensureLogger } from './sdk/diagnostics.ts'

try {
  register()
} catch (error) {
  ensureLogger(resolveSdkEnvironment().logLevel)
  const reason = error instanceof ConfigurationError ? error.message : error
  diag.error('aimlapi: not registered, the application starts without telemetry:', reason)
}
