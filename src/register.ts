/**
 * `node --import opentelemetry-instrumentation-aimlapi/register app.mjs` (or `--require`): `register()` from the
 * environment alone. What is wrong with the environment is logged, and the application starts without telemetry.
 * Set in NODE_OPTIONS, it also reaches the npm that starts the application: that one is left alone.
 */
import { diag } from '@opentelemetry/api'
import { ConfigurationError, resolveSdkEnvironment } from './config.ts'
import { register } from './sdk.ts'
import { ensureLogger } from './sdk/logger.ts'
import { isPackageManager } from './sdk/package-managers.ts'

try {
  if (!isPackageManager(process.argv[1])) register()
} catch (error) {
  ensureLogger(resolveSdkEnvironment().logLevel)
  const reason = error instanceof ConfigurationError ? error.message : error
  diag.error('aimlapi: not registered, the application starts without telemetry:', reason)
}
