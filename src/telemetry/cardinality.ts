/** Keeps label values clean, short and few, whatever the application or the API sends. */
import { OVERFLOW_VALUE } from './names.ts'

/** Returns a value as a label may show it, or `undefined` when it is no value of this kind. */
export type CleanValue = (raw: string) => string | undefined

const MAX_LENGTH = 128
const MODEL = /^[\p{L}\p{N}#@][\p{L}\p{N}._:/@+~#=,-]{0,127}$/u
const WORD = /^[\w.:-]{1,64}$/
// Line ends would break the text format of Prometheus, and no control character belongs into a label.
// oxlint-disable-next-line no-control-regex
const CONTROL_CHARACTERS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g

// In UTF-8 they all become U+FFFD: two different values would be written as one series twice.
const LONE_SURROGATE = /\p{Surrogate}/gu

/** A model's name. Text with spaces or line ends is rejected: it may be a prompt in the wrong field. */
export function cleanModel(raw: string): string | undefined {
  return MODEL.test(raw) ? raw : undefined
}

/** An identifier such as an error code. */
export function cleanWord(raw: string): string | undefined {
  return WORD.test(raw) ? raw : undefined
}

/** Free text of the application (spend tags): at most 128 characters, no control characters, valid Unicode. */
export function cleanText(raw: string): string | undefined {
  const text = raw
    .slice(0, MAX_LENGTH)
    .replace(LONE_SURROGATE, '\uFFFD')
    .replace(CONTROL_CHARACTERS, ' ')
    .trim()
  // In Prometheus an empty label is an absent one.
  return text === '' ? undefined : text
}

/**
 * Returns the function that gives each value as its label shows it: the first `max` distinct ones. Later ones share
 * `overflow`, so that neither a junk model name in a loop nor a user id in a tag can grow a metric without end.
 */
export function limitValues(max: number, clean: CleanValue, overflow: string = OVERFLOW_VALUE) {
  const known = new Set<string>()
  return (raw: string): string => {
    if (known.has(raw)) return raw
    const value = clean(raw)
    if (value === undefined) return overflow
    if (known.has(value)) return value
    if (known.size >= max) return overflow
    known.add(value)
    return value
  }
}

/**
 * Names the values of a label at one moment: the `max` largest by their amounts; all others share `OVERFLOW_VALUE`.
 * @param amounts there may be several of one value: they are summed.
 */
export function nameLargest(
  amounts: Iterable<readonly [value: string, amount: number]>,
  max: number,
  clean: CleanValue,
): (value: string) => string {
  const sums = new Map<string, number>()
  for (const [value, amount] of amounts)
    if (clean(value) === value) sums.set(value, (sums.get(value) ?? 0) + amount)
  const largestFirst = [...sums].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
  const named = new Set(largestFirst.slice(0, max).map(([value]) => value))
  return (value) => (named.has(value) ? value : OVERFLOW_VALUE)
}
