/** Skips one JSON value without decoding it, in any split of the bytes and in constant memory. */

export const QUOTE = 0x22
const BACKSLASH = 0x5c
const CLOSE_ARRAY = 0x5d

/** Classes of bytes inside a skipped object or array. */
const OPENS = 1
const CLOSES = 2
const QUOTES = 3
const NESTING = new Uint8Array(256)
for (const byte of Buffer.from('[{')) NESTING[byte] = OPENS
for (const byte of Buffer.from(']}')) NESTING[byte] = CLOSES
NESTING[QUOTE] = QUOTES

/** Bytes that end a number or a word. */
const ENDS_SCALAR = new Uint8Array(256)
for (const byte of Buffer.from(',]}:[{" \t\r\n')) ENDS_SCALAR[byte] = 1

/** Bytes looked at one by one before a native search is called: most strings end earlier. */
const NEAR_BYTES = 40
/** After this many bytes without quote or bracket, a long list of numbers is assumed. */
const NUMBERS_BYTES = 256

export class Skipper {
  #isString = false
  #depth = 0
  /** The next byte belongs to an escape sequence that began in an earlier chunk. */
  #isEscaped = false
  /** Before this position of the current chunk, no list of numbers is searched again. */
  #noNumbersBefore = 0

  /** Starts with the first byte of a value; `read` continues after that byte. */
  begin(firstByte: number): void {
    this.#isString = firstByte === QUOTE
    this.#isEscaped = false
    this.#depth = NESTING[firstByte] === OPENS ? 1 : 0
  }

  /** The value is a number or a word: at the end of a body, only the end of the input ends it. */
  get isScalar(): boolean {
    return this.#depth === 0 && !this.#isString
  }

  /** The position after the value, or -1 when it does not end in `bytes[from, to)`. */
  read(bytes: Buffer, from: number, to: number): number {
    if (this.#depth > 0) return this.#readNest(bytes, from, to)
    return this.#isString ? this.#readString(bytes, from, to) : readScalar(bytes, from, to)
  }

  #readString(bytes: Buffer, from: number, to: number): number {
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

  #readNest(bytes: Buffer, from: number, to: number): number {
    let at = from
    let ordinaryFrom = from
    this.#noNumbersBefore = from
    while (at < to) {
      if (this.#isString) {
        at = this.#readString(bytes, at, to)
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

function readScalar(bytes: Buffer, from: number, to: number): number {
  for (let at = from; at < to; at++) if (ENDS_SCALAR[bytes[at] as number] === 1) return at
  return -1
}
