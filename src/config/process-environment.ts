/** Reads and changes `process.env`. Beside this file, only the package `proxy-from-env` reads it. */
import type { Environment } from './values.ts'

/** The variables of this process. */
export function readProcessEnvironment(): Environment {
  return process.env
}

const PROXY_VARIABLES = ['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY']

/**
 * Whether a proxy is named, in upper or lower case, as curl and most clients read it. `proxy-from-env` decides which one
 * a URL uses.
 */
export function isProxyConfigured(): boolean {
  return PROXY_VARIABLES.some((name) => Boolean(process.env[name] || process.env[name.toLowerCase()]))
}

/**
 * Runs `action` with other values of some variables; `undefined` unsets one. `action` is synchronous, so no other code
 * sees the values. For code that can be configured by variables only.
 */
export function withVariables<T>(values: Readonly<Record<string, string | undefined>>, action: () => T): T {
  const before = Object.fromEntries(Object.keys(values).map((name) => [name, process.env[name]]))
  assign(values)
  try {
    return action()
  } finally {
    assign(before)
  }
}

function assign(values: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) delete process.env[name]
    else process.env[name] = value
  }
}
