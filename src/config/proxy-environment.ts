/** Whether the environment names a proxy. `proxy-from-env` decides which one a URL uses. */
import { readProcessEnvironment } from './process-environment.ts'
import type { Environment } from './values.ts'

const VARIABLES = ['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY']

/** In upper or lower case, as curl and most clients read them. */
export function isProxyConfigured(environment: Environment = readProcessEnvironment()): boolean {
  return VARIABLES.some((name) => Boolean(environment[name] || environment[name.toLowerCase()]))
}
