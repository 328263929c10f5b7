/** The only error this library throws, and only while it is being configured. */

/**
 * A bad option or environment variable. The message names it, the value (never one that may hold a key) and
 * what is accepted.
 */
export class ConfigurationError extends TypeError {
  override readonly name = 'ConfigurationError'
}

const MAX_SHOWN = 60

/** Where a value came from: `option "maxModels"` or `environment variable AIMLAPI_METRIC_TAGS`. */
export type Origin = string

export function optionOrigin(name: string): Origin {
  return `option "${name}"`
}

export function environmentOrigin(name: string): Origin {
  return `environment variable ${name}`
}

/** Whether a value came from a variable, and so is text. */
export function isEnvironmentOrigin(origin: Origin): boolean {
  return origin.startsWith(environmentOrigin(''))
}

/** Throws and shows `value`, which therefore must not be a secret. */
export function rejectValue(origin: Origin, value: unknown, accepted: string): never {
  throw new ConfigurationError(`${origin} is ${showValue(value)}; accepted: ${accepted}`)
}

/** The same for one entry of a list: `option "metricTags" has "1a"`. */
export function rejectEntry(origin: Origin, value: unknown, accepted: string): never {
  throw new ConfigurationError(`${origin} has ${showValue(value)}; accepted: ${accepted}`)
}

/** Throws without showing the value, which may be a key. */
export function rejectSecret(origin: Origin, problem: string, accepted: string): never {
  throw new ConfigurationError(`${origin} ${problem}; accepted: ${accepted}`)
}

function showValue(value: unknown): string {
  if (typeof value === 'string')
    return JSON.stringify(value.length > MAX_SHOWN ? `${value.slice(0, MAX_SHOWN)}…` : value)
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return String(value)
  return describeKind(value)
}

/** What kind of value it is, without showing it: `a number`, `an array`, `null`. */
export function describeKind(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
