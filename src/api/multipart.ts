/**
 * Reads the field `model` of a `multipart/form-data` body (RFC 7578), in any split of the bytes. Files are skipped: only
 * the headers of each part are read.
 */
import { MAX_PART_BYTES } from './limits.ts'
import type { BodyForm } from './staged-body.ts'

const HEADERS_END = '\r\n\r\n'
/** Bytes searched at a time. */
const MAX_WINDOW_BYTES = 16 * 1024
const DISPOSITION = /^content-disposition:\s*form-data\s*;\s*name="?model"?\s*(?:;|$)/im

/** The boundary that a content type names, or `undefined` when it is no multipart form. */
export function readBoundary(contentType: string | undefined): string | undefined {
  if (contentType === undefined || !/^\s*multipart\/form-data\b/i.test(contentType)) return undefined
  const match = /;\s*boundary=(?:"([^"]{1,200})"|([^\s;]{1,200}))/i.exec(contentType)
  return match?.[1] ?? match?.[2]
}

export class ModelField implements BodyForm {
  /** The text of the field, once it is complete. If there are several, the first. */
  value: string | undefined
  readonly #delimiter: Buffer
  /** The last bytes, which may be the beginning of a delimiter. Starts as a line end, which the first delimiter lacks. */
  #rest = Buffer.from('\r\n')
  #part: 'headers' | 'field' | 'other' = 'other'

  constructor(boundary: string) {
    this.#delimiter = Buffer.from(`\r\n--${boundary}`)
  }

  read(bytes: Buffer, size: number): number {
    for (let from = 0; from < size && this.value === undefined; from += MAX_WINDOW_BYTES) {
      const to = Math.min(size, from + MAX_WINDOW_BYTES)
      this.#search(Buffer.concat([this.#rest, bytes.subarray(from, to)]))
    }
    return 0
  }

  end(bytes: Buffer, size: number): void {
    this.read(bytes, size)
  }

  #search(window: Buffer): void {
    let at = 0
    for (;;) {
      const end = window.indexOf(this.#part === 'headers' ? HEADERS_END : this.#delimiter, at)
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
        return
      }
      this.#part = 'headers'
      at = end + this.#delimiter.length
    }
    const maxBytes = MAX_PART_BYTES + this.#delimiter.length
    const isNeeded = this.#part !== 'other' && window.length - at <= maxBytes
    if (!isNeeded) this.#part = 'other'
    this.#rest = Buffer.from(
      window.subarray(isNeeded ? at : Math.max(at, window.length - this.#delimiter.length)),
    )
  }
}
