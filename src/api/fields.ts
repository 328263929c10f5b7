/** JSON documents and their objects, which may have any shape. */

/** The fields of an object; each may be absent and hold any value. */
export type Fields = Readonly<Record<string, unknown>>

const NO_FIELDS: Fields = {}

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
