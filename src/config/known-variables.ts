/** The known `AIMLAPI_*` variables, to warn of misspelt ones. */
import { OPTION_VARIABLES } from './options.ts'
import { findClosest, type Environment } from './values.ts'

/** Variables of the vendor's own tools: the URL to which they send requests. */
export const VENDOR_URL_VARIABLES = ['AIMLAPI_BASE_URL', 'AIMLAPI_INFERENCE_URL'] as const

const PREFIX = 'AIMLAPI_'
/** Variables named in the warning; the environment may have many. */
const MAX_NAMED = 5

/** One line about unknown `AIMLAPI_*` variables; `undefined` when there are none. Shows no value. */
export function describeUnknownVariables(environment: Environment): string | undefined {
  const known = new Set<string>([...Object.values(OPTION_VARIABLES).flat(), ...VENDOR_URL_VARIABLES])
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
