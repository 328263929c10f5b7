/** Reads the field `model` of a `multipart/form-data` body (RFC 7578), in any split of the bytes. */
import { MAX_PART_BYTES } from './limits.ts'
import type { BodyForm } from './staged-body.ts'

const LINE_END = '\r\n'
const HEADERS_END = '\r\n\r\n'
const DISPOSITION = /^content-disposition:\s*form-data\s*;\s*name="?model"?\s*(?:;|$)/im

/** The boundary that a content type names, or `undefined` when it is no multipart form. */
export function readBoundary(contentType: string | undefined): string | undefined {
  if (contentType === undefined || !/^\s*multipart\/form-data\b/i.test(contentType)) return undefined
  const match = /;\s*boundary=(?:"([^"]{1,200})"|([^\s;]{1,200}))/i.exec(contentType)
  return match?.[1] ?? match?.[2]
}

/** Reads the field `model` of a multipart form. */
export class ModelField implements BodyForm {
  readonly looksBack = true
  isOpaque = false
  /** The text of the field, once it is complete. If there are several, the first. */
  value: string | undefined
  /** The first delimiter has no line end before it. */
  #delimiter: string
  #part: 'headers' | 'field' | 'other' = 'other'

  constructor(boundary: string) {
    this.#delimiter = `--${boundary}`
  }

  read(bytes: Buffer, size: number): number {
    const window = bytes.subarray(0, size)
    let at = 0
    while (this.value === undefined) {
      const end = window.indexOf(this.#part === 'headers' ? HEADERS_END : this.#delimiter, at, 'latin1')
      if (end < 0) break
      const isTooLong = end - at > MAX_PART_BYTES
      if (this.#part === 'headers') {
        const isField = !isTooLong && DISPOSITION.test(window.toString('latin1', at, end))
        this.#part = isField ? 'field' : 'other'
        // The blank line's own end may begin the delimiter of an empty part.
        at = end + HEADERS_END.length - 2
        continue
      }
      if (this.#part === 'field' && !isTooLong) {
        this.value = window.toString('utf8', Math.min(at + 2, end), end)
        this.isOpaque = true
      }
      this.#part = 'headers'
      at = end + this.#delimiter.length
      if (!this.#delimiter.startsWith(LINE_END)) this.#delimiter = LINE_END + this.#delimiter
    }
    const isNeeded = this.#part !== 'other' && size - at <= MAX_PART_BYTES + this.#delimiter.length
    if (!isNeeded) this.#part = 'other'
    // The last bytes may be the beginning of a delimiter.
    const from = isNeeded ? at : Math.max(at, size - this.#delimiter.length)
    bytes.copyWithin(0, from, size)
    return size - from
  }

  end(bytes: Buffer, size: number): void {
    this.read(bytes, size)
  }
}
