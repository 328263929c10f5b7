/** `tagsFrom`: what becomes a spend tag without `withSpendTags`. */
import {
  environmentOrigin,
  optionOrigin,
  rejectEntry,
  rejectSecret,
  rejectValue,
  type Origin,
} from './errors.ts'
import { isObject, readVariable, rejectUnknownKeys, splitList, type Environment } from './values.ts'

/** Names of baggage entries and span attributes. */
export interface TagsFrom {
  readonly baggage: readonly string[]
  readonly span: readonly string[]
}

const NAME = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/
/** Names of one kind at most; a call has no more tags. */
export const MAX_TAGS_FROM = 32

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
  if (!Array.isArray(given)) return rejectValue(origin, given, 'an array of names')
  if (given.length > MAX_TAGS_FROM)
    return rejectSecret(origin, `has ${given.length} names`, `at most ${MAX_TAGS_FROM} names`)
  for (const name of given as unknown[]) {
    if (typeof name === 'string' && NAME.test(name)) continue
    return rejectEntry(
      origin,
      name,
      'names of 1 to 64 letters, digits, "_", "." and "-" that begin with a letter',
    )
  }
  return [...new Set(given as string[])]
}
