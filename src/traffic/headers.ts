import type { HeaderLookup } from './exchange.ts'

/**
 * Looks up one header in any of the forms that clients keep them in, without reading the others: names and
 * values in turn (as buffers or strings), lines in one string, or an object.
 */
export function findHeader(headers: unknown, name: string): string | undefined {
  let found: string | undefined
  forEachHeader(headers, (key, value) => {
    if (key.length !== name.length || key.toLowerCase() !== name) return
    const text = toHeaderText(value)
    found = found === undefined ? text : `${found}, ${text}`
  })
  return found
}

/**
 * All headers in one of those forms, read at once: the buffers they stand in are the connection's own, and
 * the application may overwrite or transfer them together with the first bytes of the body.
 */
export function readHeaders(headers: unknown): HeaderLookup {
  const values = new Map<string, string>()
  forEachHeader(headers, (key, value) => {
    const name = key.toLowerCase()
    const text = toHeaderText(value)
    const before = values.get(name)
    values.set(name, before === undefined ? text : `${before}, ${text}`)
  })
  return (name) => values.get(name)
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

function forEachHeader(headers: unknown, visit: (name: string, value: unknown) => void): void {
  if (Array.isArray(headers)) {
    for (let index = 0; index + 1 < headers.length; index += 2) {
      visit(toHeaderText(headers[index]), headers[index + 1])
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
