/** `metricTags`: the spend tags that become metric attributes. */
import { prometheusLabel } from '../telemetry/names.ts'
import { environmentOrigin, optionOrigin, rejectEntry, rejectSecret, rejectValue } from './errors.ts'
import { readVariable, splitList, type Environment } from './values.ts'

const METRIC_TAGS_VARIABLE = 'AIMLAPI_METRIC_TAGS'
const TAG_NAME = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/
/** Names in `metricTags` at most. */
export const MAX_METRIC_TAGS = 10

/**
 * The names of the option, else of AIMLAPI_METRIC_TAGS, else none.
 *
 * @throws ConfigurationError
 */
export function resolveMetricTags(given: unknown, environment: Environment): readonly string[] {
  const origin = given === undefined ? environmentOrigin(METRIC_TAGS_VARIABLE) : optionOrigin('metricTags')
  const names: unknown =
    given === undefined ? splitList(readVariable(environment, METRIC_TAGS_VARIABLE) ?? '') : given
  if (!Array.isArray(names)) return rejectValue(origin, names, 'an array of tag names')
  if (names.length > MAX_METRIC_TAGS)
    return rejectSecret(origin, `has ${names.length} names`, `at most ${MAX_METRIC_TAGS} tag names`)
  const labels = new Set<string>()
  for (const name of names as unknown[]) {
    if (typeof name !== 'string' || !TAG_NAME.test(name))
      return rejectEntry(
        origin,
        name,
        'names of 1 to 64 letters, digits, "_", "." and "-" that begin with a letter',
      )
    // Two attributes with the same Prometheus spelling would be one label twice.
    const label = prometheusLabel(name).replace(/_{2,}/g, '_')
    if (labels.has(label))
      return rejectEntry(origin, name, `each name once, also in its Prometheus spelling (${label})`)
    labels.add(label)
  }
  return [...(names as string[])]
}
