/** JSON bytes in any split → the bytes of the grammar, and texts of values and keys up to a limit. */
import { parseJson } from './fields.ts'

export const QUOTE = 0x22
const BACKSLASH = 0x5c
export const CLOSE_ARRAY = 0x5d
const LINE_FEED = 0x0a
export const NO_BYTES: Buffer = Buffer.alloc(0)

/** Classes of bytes inside a skipped object or array. */
const OPENS = 1
const CLOSES = 2
const QUOTES = 3
const NESTING = new Uint8Array(256)
for (const byte of Buffer.from('[{')) NESTING[byte] = OPENS
for (const byte of Buffer.from(']}')) NESTING[byte] = CLOSES
NESTING[QUOTE] = QUOTES

const SPACE = new Uint8Array(256)
for (const byte of Buffer.from(' \t\r\n')) SPACE[byte] = 1
/** Bytes that end a number or a word. */
const ENDS_SCALAR = new Uint8Array(256)
for (const byte of Buffer.from(',]}:[{" \t\r\n')) ENDS_SCALAR[byte] = 1

/** Bytes looked at one by one before a native search is called: most strings end earlier. */
const NEAR_BYTES = 40
/** After this many bytes without quote or bracket, a long list of numbers is assumed. */
const NUMBERS_BYTES = 256

/** Splits a JSON text that comes in pieces into its tokens. */
export class JsonTokens {
  /** The text of the value that `readValue` has read to its end; `undefined` when it is longer than `maxBytes`. */
  text: string | undefined
  #bytes = NO_BYTES
  #at = 0
  #to = 0
  #maxBytes = 0
  /** Where the value, or its rest, begins in the current bytes. */
  #valueFrom = 0
  /** The value's bytes of earlier chunks. */
  #kept: Buffer | undefined
  #isString = false
  #depth = 0
  /** The next byte belongs to an escape sequence that began in an earlier chunk. */
  #isEscaped = false
  /** Before this position of the current bytes, no list of numbers is searched again. */
  #noNumbersBefore = 0

  /** The name in the text of a key; empty for one that is too long or broken, which is none that is looked for. */
  get key(): string {
    const text = this.text ?? '""'
    return text.includes('\\') ? String(parseJson(text) ?? '') : text.slice(1, -1)
  }

  /** Goes on with `bytes[from, to)`. Borrowed: to be used up before they become invalid. */
  use(bytes: Buffer, from: number, to: number): void {
    this.#bytes = bytes
    this.#at = this.#valueFrom = from
    this.#to = to
  }

  get isUsedUp(): boolean {
    return this.#at >= this.#to
  }

  /** The next byte that is not white space; `undefined` when the bytes have run out. */
  next(): number | undefined {
    while (this.#at < this.#to) {
      const byte = this.#bytes[this.#at++] as number
      if (SPACE[byte] === 0) return byte
    }
    return undefined
  }

  /** Skips the rest of the line. False: it does not end in these bytes. */
  skipLine(): boolean {
    const lineEnd = this.#bytes.indexOf(LINE_FEED, this.#at)
    const hasEnded = lineEnd >= 0 && lineEnd < this.#to
    this.#at = hasEnded ? lineEnd + 1 : this.#to
    return hasEnded
  }

  /** Starts with a value or key, whose first byte was the last one read. */
  beginValue(firstByte: number, maxBytes: number): void {
    this.#maxBytes = maxBytes
    this.#valueFrom = this.#at - 1
    this.#kept = undefined
    this.#isString = firstByte === QUOTE
    this.#isEscaped = false
    this.#depth = NESTING[firstByte] === OPENS ? 1 : 0
  }

  /** Reads the value on. False: it does not end in these bytes. */
  readValue(): boolean {
    const end = this.#skip(this.#bytes, this.#at, this.#to)
    this.#at = end < 0 ? this.#to : end
    this.text = undefined
    if (this.#maxBytes > 0) this.#keep(end >= 0)
    return end >= 0
  }

  /** Copies what the bytes have of the value, because they are valid for this call only. */
  #keep(isEnd: boolean): void {
    const sizeBytes = this.#at - this.#valueFrom + (this.#kept?.length ?? 0)
    if (sizeBytes > this.#maxBytes) {
      this.#maxBytes = 0
      this.#kept = undefined
    } else if (isEnd && this.#kept === undefined) {
      this.text = this.#bytes.toString('utf8', this.#valueFrom, this.#at)
    } else {
      const piece = this.#bytes.subarray(this.#valueFrom, this.#at)
      this.#kept = Buffer.concat(this.#kept === undefined ? [piece] : [this.#kept, piece])
      if (isEnd) this.text = this.#kept.toString()
    }
  }

  #skip(bytes: Buffer, from: number, to: number): number {
    if (this.#depth > 0) return this.#skipNest(bytes, from, to)
    return this.#isString ? this.#skipString(bytes, from, to) : skipScalar(bytes, from, to)
  }

  #skipString(bytes: Buffer, from: number, to: number): number {
    let at = from
    if (this.#isEscaped && at < to) {
      this.#isEscaped = false
      at++
    }
    while (at < to) {
      const near = Math.min(at + NEAR_BYTES, to)
      while (at < near) {
        const byte = bytes[at]
        if (byte === QUOTE) return at + 1
        at += byte === BACKSLASH ? 2 : 1
      }
      if (at >= to) break
      const found = bytes.indexOf(QUOTE, at)
      const quote = found < 0 || found > to ? to : found
      let run = quote
      while (run > at && bytes[run - 1] === BACKSLASH) run--
      const isEscaped = (quote - run) % 2 === 1
      if (quote < to && !isEscaped) return quote + 1
      at = isEscaped ? quote + 1 : quote
    }
    this.#isEscaped = at > to
    return -1
  }

  #skipNest(bytes: Buffer, from: number, to: number): number {
    let at = from
    let ordinaryFrom = from
    this.#noNumbersBefore = from
    while (at < to) {
      if (this.#isString) {
        at = this.#skipString(bytes, at, to)
        if (at < 0) return -1
        this.#isString = false
        ordinaryFrom = at
        continue
      }
      const meaning = NESTING[bytes[at] as number]
      at++
      if (meaning === 0) {
        if (at - ordinaryFrom >= NUMBERS_BYTES && at >= this.#noNumbersBefore) {
          at = ordinaryFrom = this.#jumpNumbers(bytes, at, to)
        }
        continue
      }
      ordinaryFrom = at
      if (meaning === QUOTES) this.#isString = true
      else if (meaning === OPENS) this.#depth++
      else if (--this.#depth === 0) return at
    }
    return -1
  }

  /** The end of a list of numbers (an embedding); `from` when the list has other values too. */
  #jumpNumbers(bytes: Buffer, from: number, to: number): number {
    const found = bytes.indexOf(CLOSE_ARRAY, from)
    const end = found < 0 || found > to ? to : found
    const list = bytes.subarray(from, end)
    if (!list.includes(QUOTE) && !list.includes(0x5b) && !list.includes(0x7b) && !list.includes(0x7d))
      return end
    this.#noNumbersBefore = end
    return from
  }
}

function skipScalar(bytes: Buffer, from: number, to: number): number {
  for (let at = from; at < to; at++) if (ENDS_SCALAR[bytes[at] as number] === 1) return at
  return -1
}
