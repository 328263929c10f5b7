/** Names of spend tags, and `metricTags`: those that become metric attributes. */
import { prometheusLabel } from '../telemetry/names.ts'
import { isEnvironmentOrigin, rejectEntry, rejectSecret, rejectValue, type Origin } from './errors.ts'
import { firstGiven, splitList, type Environment } from './values.ts'

const TAG_NAME = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/
const ACCEPTED = 'names of 1 to 64 letters, digits, "_", "." and "-" that begin with a letter'
/** Names in `metricTags` at most. */
export const MAX_METRIC_TAGS = 10

/** The names of the option, else of AIMLAPI_METRIC_TAGS, else none. @throws ConfigurationError */
export function resolveMetricTags(given: unknown, environment: Environment): readonly string[] {
  const [origin, value] = firstGiven('metricTags', given, 'AIMLAPI_METRIC_TAGS', environment, [])
  const names = parseTagNames(origin, value, MAX_METRIC_TAGS, 'tag names')
  const labels = new Set<string>()
  for (const name of names) {
    // Two attributes with the same Prometheus spelling would be one label twice.
    const label = tagLabel(name)
    if (labels.has(label))
      return rejectEntry(origin, name, `each name once, also in its Prometheus spelling (${label})`)
    labels.add(label)
  }
  return names
}

/** How Prometheus spells the name of a tag, in any version: equal for names that become one label. */
export function tagLabel(name: string): string {
  return prometheusLabel(name).replace(/_{2,}/g, '_')
}

/** At most `max` names, in a variable separated by commas; `what` is their name in errors. @throws ConfigurationError */
export function parseTagNames(origin: Origin, given: unknown, max: number, what: string): string[] {
  const list: unknown = typeof given === 'string' && isEnvironmentOrigin(origin) ? splitList(given) : given
  if (!Array.isArray(list)) return rejectValue(origin, list, `an array of ${what}`)
  if (list.length > max) return rejectSecret(origin, `has ${list.length} names`, `at most ${max} ${what}`)
  for (const name of list as unknown[])
    if (typeof name !== 'string' || !TAG_NAME.test(name)) return rejectEntry(origin, name, ACCEPTED)
  return [...(list as string[])]
}
