/** Reads one object key in any split of the bytes. Keeps no more of it than the longest name that is looked for. */
import { MAX_KEY_BYTES } from './limits.ts'
import { QUOTE } from './skip.ts'

const BACKSLASH = 0x5c

export class KeyReader {
  #text = ''
  #isEscaped = false
  #hasEscapes = false

  /** The position after the closing quote, or -1 when the key does not end in `bytes[from, to)`. */
  read(bytes: Buffer, from: number, to: number): number {
    let at = from
    while (at < to) {
      const byte = bytes[at] as number
      if (this.#isEscaped) {
        this.#isEscaped = false
      } else if (byte === BACKSLASH) {
        this.#isEscaped = this.#hasEscapes = true
      } else if (byte === QUOTE) {
        this.#add(bytes, from, at)
        return at + 1
      }
      at++
    }
    this.#add(bytes, from, to)
    return -1
  }

  /** Returns the key and resets the reader. `undefined` for a key that is too long or broken: it matches no name. */
  take(): string | undefined {
    const text = this.#text
    const hasEscapes = this.#hasEscapes
    this.#text = ''
    this.#isEscaped = this.#hasEscapes = false
    if (text.length > MAX_KEY_BYTES) return undefined
    return hasEscapes ? unescapeText(text) : text
  }

  /** Bytes outside ASCII are decoded wrongly; such a key matches no name anyway. */
  #add(bytes: Buffer, from: number, to: number): void {
    const room = MAX_KEY_BYTES + 1 - this.#text.length
    if (room > 0) this.#text += bytes.toString('latin1', from, Math.min(to, from + room))
  }
}

function unescapeText(escaped: string): string | undefined {
  try {
    return JSON.parse(`"${escaped}"`) as string
  } catch {
    return undefined
  }
}
