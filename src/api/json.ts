/**
 * JSON bytes in any split → the few values that are looked for, in bounded memory. Everything else is skipped
 * without being decoded: strings of many megabytes at the speed of `memchr`.
 *
 * For a complete document the result is that of `JSON.parse`, reduced to the selection. For a broken one it is what was
 * read before the break. Skipped parts are checked for quotes and brackets only.
 */
import { BEGINS_VALUE, BYTE, BYTE_ORDER_MARK, SPACE } from './json-bytes.ts'
import { KeyReader } from './json-key.ts'
import { PrunedDocument } from './pruned-document.ts'
import type { Selection } from './selection.ts'
import { ValueReader } from './value-reader.ts'

/** What the next byte belongs to. */
const BEFORE_DOCUMENT = 0
const VALUE = 1
const VALUE_OR_END = 2
const IN_VALUE = 3
const AFTER_VALUE = 4
const KEY = 5
const KEY_OR_END = 6
const IN_KEY = 7
const AFTER_KEY = 8
const AFTER_DOCUMENT = 9
const BROKEN = 10

export interface JsonSelectorOptions {
  /**
   * Called with each document, reduced to the selection; `undefined` when nothing of it was selected. The elements of a
   * top-level array are documents of their own. `isWhole` is false for one that was cut off or is invalid.
   */
  readonly onDocument: (value: unknown, isWhole: boolean) => void
  /** There may be several documents (NDJSON); after an invalid one reading continues with the next line. */
  readonly lines?: boolean
}

export class JsonSelector {
  readonly #document: PrunedDocument
  readonly #onDocument: JsonSelectorOptions['onDocument']
  readonly #lines: boolean
  readonly #values = new ValueReader()
  readonly #keyReader = new KeyReader()
  #state = BEFORE_DOCUMENT
  #isRootArray = false
  #invalid = false

  constructor(root: Selection, options: JsonSelectorOptions) {
    this.#document = new PrunedDocument(root)
    this.#onDocument = options.onDocument
    this.#lines = options.lines === true
  }

  /** Something read so far is not JSON, or ended before it was complete. */
  get invalid(): boolean {
    return this.#invalid || this.#values.invalid
  }

  /** A value that was looked for is longer than the limits, and was left out. */
  get tooLarge(): boolean {
    return this.#values.tooLarge
  }

  /** The selected values of the current document so far; `undefined` when none is being read. */
  get partial(): unknown {
    return this.#document.partial
  }

  /** Reads `bytes[from, to)`. Borrowed: nothing of them is referenced afterwards. */
  write(bytes: Buffer, from = 0, to = bytes.length): void {
    this.#values.resume(from)
    let at = from
    while (at < to) {
      if (this.#state === IN_VALUE) at = this.#readValue(bytes, at, to)
      else if (this.#state === IN_KEY) at = this.#readKey(bytes, at, to)
      else if (this.#state === BROKEN) at = this.#skipBroken(bytes, at, to)
      else if (SPACE[bytes[at] as number] === 1) at++
      else at = this.#readToken(bytes, at)
    }
    this.#values.keep(bytes, to)
  }

  /** Ends the input: a document that has begun is passed on as far as it was read. */
  end(): void {
    const isTopValue = this.#state === IN_VALUE && !this.#document.isNested && !this.#isRootArray
    if (isTopValue && this.#values.isScalar) this.#onDocument(undefined, true)
    else if (this.#state !== BEFORE_DOCUMENT && this.#state !== AFTER_DOCUMENT && this.#state !== BROKEN)
      this.#break()
    this.#begin()
  }

  #begin(): void {
    this.#state = BEFORE_DOCUMENT
    this.#isRootArray = false
    this.#values.beginDocument()
    this.#document.begin()
  }

  /** Gives up the current document, and passes on what was read of it. */
  #break(): void {
    const { partial } = this.#document
    this.#invalid = true
    this.#document.begin()
    this.#values.cancel()
    this.#keyReader.take()
    this.#state = BROKEN
    if (partial !== undefined) this.#onDocument(partial, false)
  }

  #skipBroken(bytes: Buffer, at: number, to: number): number {
    if (!this.#lines) return to
    const lineEnd = bytes.indexOf(BYTE.lineFeed, at)
    if (lineEnd < 0 || lineEnd >= to) return to
    this.#begin()
    return lineEnd + 1
  }

  #readToken(bytes: Buffer, at: number): number {
    const byte = bytes[at] as number
    switch (this.#state) {
      case BEFORE_DOCUMENT:
      case AFTER_DOCUMENT:
        return this.#beginDocument(byte, at)
      case VALUE_OR_END:
      case VALUE:
        if (byte === BYTE.closeArray && this.#state === VALUE_OR_END) return this.#close(at)
        return this.#beginValue(byte, at)
      case KEY_OR_END:
      case KEY:
        if (byte === BYTE.closeObject && this.#state === KEY_OR_END) return this.#close(at)
        if (byte === BYTE.quote) this.#state = IN_KEY
        else this.#break()
        return at + 1
      case AFTER_KEY:
        if (byte === BYTE.colon) this.#state = VALUE
        else this.#break()
        return at + 1
      default:
        return this.#readSeparator(byte, at)
    }
  }

  #beginDocument(byte: number, at: number): number {
    if (this.#state === AFTER_DOCUMENT && !this.#lines) {
      this.#break()
      return at
    }
    if (BYTE_ORDER_MARK.includes(byte)) return at + 1
    this.#begin()
    if (byte !== BYTE.openArray) return this.#beginValue(byte, at)
    this.#isRootArray = true
    this.#state = VALUE_OR_END
    return at + 1
  }

  #beginValue(byte: number, at: number): number {
    const { selection } = this.#document
    if (selection !== undefined && !selection.all) {
      const isObject = byte === BYTE.openObject && selection.fields !== undefined
      if (isObject || (byte === BYTE.openArray && selection.items !== undefined)) {
        this.#document.open(selection, isObject)
        this.#state = isObject ? KEY_OR_END : VALUE_OR_END
        return at + 1
      }
    }
    if (BEGINS_VALUE[byte] === 0) {
      this.#break()
      return at + 1
    }
    this.#values.begin(byte, at, selection)
    this.#state = IN_VALUE
    return at + 1
  }

  #close(at: number): number {
    if (this.#document.isNested) this.#afterValue(this.#document.close())
    else {
      this.#isRootArray = false
      this.#state = AFTER_DOCUMENT
    }
    return at + 1
  }

  #readValue(bytes: Buffer, at: number, to: number): number {
    const end = this.#values.read(bytes, at, to)
    if (end < 0) return to
    this.#document.assign(this.#values.value)
    this.#afterValue(undefined)
    return end
  }

  #afterValue(document: unknown): void {
    const { isNested } = this.#document
    this.#state = isNested || this.#isRootArray ? AFTER_VALUE : AFTER_DOCUMENT
    if (!isNested) this.#onDocument(document, true)
  }

  #readSeparator(byte: number, at: number): number {
    const { isInObject, isNested } = this.#document
    if (byte === (isInObject ? BYTE.closeObject : BYTE.closeArray)) return this.#close(at)
    if (byte !== BYTE.comma) {
      this.#break()
      return at + 1
    }
    this.#state = isInObject ? KEY : VALUE
    if (!isNested) {
      this.#document.begin()
      this.#values.beginDocument()
    } else if (!isInObject) this.#document.nextElement()
    return at + 1
  }

  #readKey(bytes: Buffer, at: number, to: number): number {
    const end = this.#keyReader.read(bytes, at, to)
    if (end < 0) return to
    this.#document.name(this.#keyReader.take())
    this.#state = AFTER_KEY
    return end
  }
}
