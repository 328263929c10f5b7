/** Whether the process is configured for a proxy at all. Which one a URL goes through is decided by `proxy-from-env`. */
import { readProcessEnvironment } from './process-environment.ts'
import type { Environment } from './values.ts'

const VARIABLES = ['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY']

/** As curl and most clients read it: in capitals or not. */
export function isProxyConfigured(environment: Environment = readProcessEnvironment()): boolean {
  return VARIABLES.some((name) => Boolean(environment[name] || environment[name.toLowerCase()]))
}
