/**
 * `node --import opentelemetry-instrumentation-aimlapi/register app.mjs` (or `--require`): `register()` from the
 * environment alone. In a package manager that starts the application (NODE_OPTIONS) it does nothing.
 */
import { ConfigurationError, resolveSdkEnvironment } from './config.ts'
import { report } from './diagnostics.ts'
import { register } from './sdk.ts'
import { ensureLogger } from './sdk/logger.ts'
import { isPackageManager } from './sdk/package-managers.ts'

try {
  if (!isPackageManager(process.argv[1])) register()
} catch (error) {
  ensureLogger(resolveSdkEnvironment().logLevel)
  const reason = error instanceof ConfigurationError ? error.message : error
  report('error', 'not registered, the application starts without telemetry:', reason)
}
