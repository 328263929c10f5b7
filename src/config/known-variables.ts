/** The `AIMLAPI_*` variables that exist. A misspelt one is warned of. */
import { ACCOUNTS_VARIABLE, KEY_VARIABLES } from './accounts.ts'
import { OPTIONS } from './options.ts'
import { findClosest, type Environment } from './values.ts'

/** Of the vendor's own tools: the URL that they send to. */
export const VENDOR_URL_VARIABLES = ['AIMLAPI_BASE_URL', 'AIMLAPI_INFERENCE_URL'] as const

const PREFIX = 'AIMLAPI_'
/** More are not named: the environment may have been filled by a program. */
const MAX_NAMED = 5

/** One line about the variables that begin like ours and are none; undefined when there is none. Shows no value. */
export function describeUnknownVariables(environment: Environment): string | undefined {
  const known = new Set<string>([
    ...OPTIONS.flatMap((row) => row.environment),
    ...KEY_VARIABLES,
    ACCOUNTS_VARIABLE,
    ...VENDOR_URL_VARIABLES,
  ])
  const unknown = Object.keys(environment).filter((name) => name.startsWith(PREFIX) && !known.has(name))
  if (unknown.length === 0) return undefined
  const named = unknown
    .sort()
    .slice(0, MAX_NAMED)
    .map((name) => {
      const closest = findClosest(name, [...known])
      return closest === undefined ? name : `${name} (did you mean ${closest}?)`
    })
  const rest = unknown.length > MAX_NAMED ? ` and ${unknown.length - MAX_NAMED} more` : ''
  return `unknown environment variables are ignored: ${named.join(', ')}${rest}`
}
