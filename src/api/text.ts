/** Texts of responses and requests as they may be recorded: bounded, and without control characters. */
import { MAX_ID_LENGTH, MAX_MODEL_LENGTH, MAX_WORD_LENGTH } from './limits.ts'

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
