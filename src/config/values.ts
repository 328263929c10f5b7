/** Parsers for single values of options and variables. They throw a ConfigurationError for an invalid value. */
import {
  ConfigurationError,
  environmentOrigin,
  isEnvironmentOrigin,
  optionOrigin,
  rejectValue,
  type Origin,
} from './errors.ts'

/** Environment variables, such as `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>

const TRUE_WORDS: ReadonlySet<string> = new Set(['true', '1', 'yes', 'on'])
const FALSE_WORDS: ReadonlySet<string> = new Set(['false', '0', 'no', 'off'])

/** A variable's trimmed text. Empty counts as unset, as in the OpenTelemetry specification. */
export function readVariable(environment: Environment, name: string): string | undefined {
  const text = environment[name]?.trim()
  return text === '' ? undefined : text
}

/** The option, else the variable, else the default; each with its origin for messages. */
export function firstGiven(
  option: string,
  given: unknown,
  variable: string,
  environment: Environment,
  standard: unknown,
): [Origin, unknown] {
  return given === undefined
    ? [environmentOrigin(variable), readVariable(environment, variable) ?? standard]
    : [optionOrigin(option), given]
}

/** The trimmed, non-empty parts of a comma separated list. */
export function splitList(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

/** An option is `true` or `false`; a variable, being text, one of their words. */
export function parseBoolean(origin: Origin, value: unknown): boolean {
  if (typeof value === 'boolean') return value
  if (!isEnvironmentOrigin(origin)) return rejectValue(origin, value, 'true or false')
  const word = typeof value === 'string' ? value.trim().toLowerCase() : undefined
  if (word !== undefined && TRUE_WORDS.has(word)) return true
  if (word !== undefined && FALSE_WORDS.has(word)) return false
  return rejectValue(origin, value, 'true, false (also 1, 0, yes, no, on, off)')
}

/** A whole number; for a variable, which is text, decimal digits. `also` and `unit` describe what is accepted. */
export function parseInteger(
  origin: Origin,
  value: unknown,
  { min, max, unit = '', also = '' }: { min: number; max: number; unit?: string; also?: string },
): number {
  const isDigits = typeof value === 'string' && isEnvironmentOrigin(origin) && /^\s*\d{1,15}\s*$/.test(value)
  const number = isDigits ? Number(value) : value
  if (typeof number === 'number' && Number.isSafeInteger(number) && number >= min && number <= max)
    return number
  return rejectValue(origin, value, `${also}a whole number from ${min} to ${max}${unit}`)
}

/** Whether a value is an object: neither null nor an array. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Throws for a key that is not in `known`: a mistyped option must not be ignored silently. */
export function rejectUnknownKeys(
  given: Readonly<Record<string, unknown>>,
  known: readonly string[],
  prefix = '',
): void {
  for (const key of Object.keys(given)) {
    if (known.includes(key)) continue
    const closest = findClosest(key, known)
    const hint = closest === undefined ? '' : ` Did you mean "${prefix}${closest}"?`
    throw new ConfigurationError(
      `${optionOrigin(prefix + key)} is unknown; accepted: ${known.map((name) => prefix + name).join(', ')}.${hint}`,
    )
  }
}

/** The candidate most similar to `word`; `undefined` when none is similar. */
export function findClosest(word: string, candidates: readonly string[]): string | undefined {
  const distanceTo = (each: string): number => editDistance(word.toLowerCase(), each.toLowerCase())
  const [closest] = candidates.toSorted((a, b) => distanceTo(a) - distanceTo(b))
  const limit = Math.max(2, Math.floor(word.length / 3))
  return closest !== undefined && distanceTo(closest) <= limit ? closest : undefined
}

/** Levenshtein distance: insertions, deletions and replacements of one character. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      row.push(Math.min(replaced, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1))
    }
    previous = row
  }
  return previous[b.length] ?? 0
}
