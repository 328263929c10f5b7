/** `tagsFrom`: what becomes a spend tag without `withSpendTags`. */
import { environmentOrigin, optionOrigin, rejectValue, type Origin } from './errors.ts'
import { parseTagNames } from './metric-tags.ts'
import { isObject, readVariable, rejectUnknownKeys, splitList, type Environment } from './values.ts'

/** Names of baggage entries and span attributes. */
export interface TagsFrom {
  readonly baggage: readonly string[]
  readonly span: readonly string[]
}

/** Names of one kind at most; a call has no more tags. */
const MAX_TAGS_FROM = 32

/** The option, else its two variables. @throws ConfigurationError */
export function resolveTagsFrom(given: unknown, environment: Environment): TagsFrom {
  if (given === undefined) {
    return {
      baggage: fromVariable('AIMLAPI_TAGS_FROM_BAGGAGE', environment),
      span: fromVariable('AIMLAPI_TAGS_FROM_SPAN', environment),
    }
  }
  const origin = optionOrigin('tagsFrom')
  if (!isObject(given)) return rejectValue(origin, given, '{ baggage, span }, two arrays of names')
  rejectUnknownKeys(given, ['baggage', 'span'], 'tagsFrom.')
  return {
    baggage: parseNames(optionOrigin('tagsFrom.baggage'), given['baggage'] ?? []),
    span: parseNames(optionOrigin('tagsFrom.span'), given['span'] ?? []),
  }
}

function fromVariable(name: string, environment: Environment): readonly string[] {
  return parseNames(environmentOrigin(name), splitList(readVariable(environment, name) ?? ''))
}

function parseNames(origin: Origin, given: unknown): readonly string[] {
  return [...new Set(parseTagNames(origin, given, MAX_TAGS_FROM, 'names'))]
}
