/** `tagsFrom`: what becomes a spend tag without `withSpendTags`. */
import { optionOrigin, rejectValue } from './errors.ts'
import { parseTagNames } from './metric-tags.ts'
import { firstGiven, isObject, rejectUnknownKeys, type Environment } from './values.ts'

/** Names of baggage entries and span attributes. */
export interface TagsFrom {
  readonly baggage: readonly string[]
  readonly span: readonly string[]
}

/** Names of one kind at most; a call has no more tags. */
const MAX_TAGS_FROM = 32

/** The option, else its two variables. @throws ConfigurationError */
export function resolveTagsFrom(given: unknown, environment: Environment): TagsFrom {
  if (given !== undefined && !isObject(given))
    return rejectValue(optionOrigin('tagsFrom'), given, '{ baggage, span }, two arrays of names')
  rejectUnknownKeys(given ?? {}, ['baggage', 'span'], 'tagsFrom.')
  const resolveNames = (kind: 'baggage' | 'span', variable: string): readonly string[] => {
    const names = given === undefined ? undefined : (given[kind] ?? [])
    const [origin, value] = firstGiven(`tagsFrom.${kind}`, names, variable, environment, [])
    return [...new Set(parseTagNames(origin, value, MAX_TAGS_FROM, 'names'))]
  }
  return {
    baggage: resolveNames('baggage', 'AIMLAPI_TAGS_FROM_BAGGAGE'),
    span: resolveNames('span', 'AIMLAPI_TAGS_FROM_SPAN'),
  }
}
