/** Headers in the forms in which undici and node:http keep them. */
/**
 * Looks up one header in any of the forms that clients keep them in, without reading the others: names and
 * values in turn (as buffers or strings), lines in one string, or an object.
 */
export function findHeader(headers: unknown, name: string): string | undefined {
  const list = Array.isArray(headers) ? headers : listHeaders(headers)
  let found: string | undefined
  for (let index = 0; index + 1 < list.length; index += 2) {
    if (!isNamed(list[index], name)) continue
    const text = toHeaderText(list[index + 1])
    found = found === undefined ? text : `${found}, ${text}`
  }
  return found
}

/** Whether a header has this lower-case name, in any case. Called so often that no string is created. */
function isNamed(key: unknown, name: string): boolean {
  if (typeof key === 'string') return key.length === name.length && key.toLowerCase() === name
  if (!(key instanceof Uint8Array)) return toHeaderText(key).toLowerCase() === name
  if (key.length !== name.length) return false
  for (let index = 0; index < name.length; index++) {
    const byte = key[index] as number
    // A to Z in lower case.
    const lowerCase = byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte
    if (lowerCase !== name.charCodeAt(index)) return false
  }
  return true
}

/** A header's value as text: several values joined by ", ", bytes as Latin-1. */
export function toHeaderText(value: unknown): string {
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.map(toHeaderText).join(', ')
  if (value instanceof Uint8Array)
    return (Buffer.isBuffer(value) ? value : Buffer.from(value)).toString('latin1')
  return String(value)
}

/** Names and values in turn. */
function listHeaders(headers: unknown): readonly unknown[] {
  if (typeof headers !== 'string') return Object.entries(headers ?? {}).flat()
  return headers.split('\r\n').flatMap((line) => {
    const colon = line.indexOf(':')
    return colon > 0 ? [line.slice(0, colon), line.slice(colon + 1).trim()] : []
  })
}
