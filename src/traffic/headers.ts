/**
 * Looks up one header in any of the forms that clients keep them in, without reading the others: names and
 * values in turn (as buffers or strings), lines in one string, or an object.
 */
export function findHeader(headers: unknown, name: string): string | undefined {
  let found: string | undefined
  forEachHeader(headers, (key, value) => {
    // Most are of another length: only the others are worth making a string of.
    if (lengthOf(key) !== name.length || toHeaderText(key).toLowerCase() !== name) return
    const text = toHeaderText(value)
    found = found === undefined ? text : `${found}, ${text}`
  })
  return found
}

/** A header's value as text: several values joined by ", ", bytes as Latin-1. */
export function toHeaderText(value: unknown): string {
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.map(toHeaderText).join(', ')
  if (value instanceof Uint8Array) {
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('latin1')
  }
  return String(value)
}

function forEachHeader(headers: unknown, visit: (name: unknown, value: unknown) => void): void {
  if (Array.isArray(headers)) {
    for (let index = 0; index + 1 < headers.length; index += 2) {
      visit(headers[index], headers[index + 1])
    }
  } else if (typeof headers === 'string') {
    for (const line of headers.split('\r\n')) {
      const colon = line.indexOf(':')
      if (colon > 0) visit(line.slice(0, colon), line.slice(colon + 1).trim())
    }
  } else if (typeof headers === 'object' && headers !== null) {
    for (const [name, value] of Object.entries(headers)) visit(name, value)
  }
}

function lengthOf(name: unknown): number {
  return typeof name === 'string' || name instanceof Uint8Array ? name.length : toHeaderText(name).length
}
