/** Fields of JSON documents, which may have any shape, and checked values of them: texts as they may be recorded. */
import { MAX_ID_LENGTH, MAX_MODEL_LENGTH, MAX_WORD_LENGTH } from './limits.ts'

/** The fields of an object; each may be absent and hold any value. */
export type Fields = Readonly<Record<string, unknown>>

export const NO_FIELDS: Fields = {}

/** Whether a value is an object: neither null nor an array. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The object itself; for any other value an empty object. */
export function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : NO_FIELDS
}

/** Parses one JSON document. `undefined` for anything else. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Decimals as programs write them: `12`, `12.50`, `.5`, `5.`, `+5`, `1.2e3`. */
const DECIMAL = /^\+?(?:\d{1,32}(?:\.\d{0,32})?|\.\d{1,32})(?:e[+-]?\d{1,3})?$/i

/** A count: whole, not negative, and exact in a double. Text gives `undefined`. */
export function readCount(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) + 0 : undefined
}

/** An amount that may be a fraction, as a number or as text: `1199.5`, `"1199.0"`, `"1.2e3"`. At most 2^53 - 1. */
export function readAmount(value: unknown): number | undefined {
  if (typeof value === 'string') {
    const text = value.trim()
    return DECIMAL.test(text) ? readAmount(Number(text)) : undefined
  }
  return typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER ? value + 0 : undefined
}

// oxlint-disable-next-line no-control-regex -- control characters are what this is about
const CONTROL_CHARACTERS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g

/** A model's name, cut to its limit; `undefined` for anything but text. */
export function readModel(value: unknown): string | undefined {
  return readText(value)?.slice(0, MAX_MODEL_LENGTH)
}

/** An id, or `undefined` when it is too long: a cut id would be another id. */
export function readId(value: unknown): string | undefined {
  const id = readText(Number.isSafeInteger(value) ? String(value) : value)
  return id !== undefined && id.length <= MAX_ID_LENGTH ? id : undefined
}

/** A word such as a finish reason, cut to its limit. */
export function readWord(value: unknown): string | undefined {
  return readText(value)?.slice(0, MAX_WORD_LENGTH)
}

function readText(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  const text = value.replace(CONTROL_CHARACTERS, '').trim()
  return text === '' ? undefined : text
}
