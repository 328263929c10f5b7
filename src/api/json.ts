/**
 * JSON bytes in any split → the few values that are looked for, in bounded memory. Everything else is skipped
 * without being decoded: strings of many megabytes at the speed of `memchr`.
 *
 * For a complete document the result is that of `JSON.parse`, reduced to the selection. For a broken one it is what was
 * read before the break. Skipped parts are checked for quotes and brackets only.
 */
import { Capture } from './capture.ts'
import { BEGINS_VALUE, BYTE_ORDER_MARK, IS_SOME, SPACE } from './json-bytes.ts'
import { KeyReader } from './json-key.ts'
import { MAX_ARRAY_ITEMS, MAX_DOCUMENT_VALUES_BYTES, MAX_VALUE_BYTES } from './limits.ts'
import type { Selection } from './selection.ts'
import { QUOTE, Skipper } from './skip.ts'

const COMMA = 0x2c
const COLON = 0x3a
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const LINE_FEED = 0x0a

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

/** A selected object or array that is open. */
interface Frame {
  readonly selection: Selection
  readonly object: Record<string, unknown> | undefined
  readonly array: unknown[] | undefined
  key: string
}

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
  readonly #root: Selection
  readonly #onDocument: JsonSelectorOptions['onDocument']
  readonly #lines: boolean
  readonly #skipper = new Skipper()
  readonly #capture = new Capture()
  readonly #keyReader = new KeyReader()
  readonly #frames: Frame[] = []
  #state = BEFORE_DOCUMENT
  #isRootArray = false
  /** The selection of the next value; undefined when it is skipped. */
  #selection: Selection | undefined
  /** Assigned instead of the value that is being skipped. */
  #present: true | undefined
  /** Only the opening quote of a text was read. */
  #isUnread = false
  #valuesBytes = 0
  #invalid = false
  #tooLarge = false

  constructor(root: Selection, options: JsonSelectorOptions) {
    this.#root = root
    this.#onDocument = options.onDocument
    this.#lines = options.lines === true
  }

  /** Something read so far is not JSON, or ended before it was complete. */
  get invalid(): boolean {
    return this.#invalid
  }

  /** A value that was looked for is longer than the limits, and was left out. */
  get tooLarge(): boolean {
    return this.#tooLarge
  }

  /** The selected values of the current document so far; `undefined` when none is being read. */
  get partial(): unknown {
    return this.#frames[0]?.object
  }

  /** Reads `bytes[from, to)`. Borrowed: nothing of them is referenced afterwards. */
  write(bytes: Buffer, from = 0, to = bytes.length): void {
    this.#capture.resume(from)
    let at = from
    while (at < to) {
      if (this.#state === IN_VALUE) at = this.#readValue(bytes, at, to)
      else if (this.#state === IN_KEY) at = this.#readKey(bytes, at, to)
      else if (this.#state === BROKEN) at = this.#skipBroken(bytes, at, to)
      else if (SPACE[bytes[at] as number] === 1) at++
      else at = this.#readToken(bytes, at)
    }
    if (this.#capture.active) this.#capture.keep(bytes, to, this.#maxValueBytes())
  }

  /** Ends the input: a document that has begun is passed on as far as it was read. */
  end(): void {
    const isTopValue = this.#state === IN_VALUE && this.#frames.length === 0 && !this.#isRootArray
    if (isTopValue && this.#skipper.isScalar) {
      this.#onDocument(undefined, true)
    } else if (this.#state !== BEFORE_DOCUMENT && this.#state !== AFTER_DOCUMENT && this.#state !== BROKEN) {
      this.#break()
    }
    this.#begin()
  }

  #begin(): void {
    this.#state = BEFORE_DOCUMENT
    this.#isRootArray = false
    this.#valuesBytes = 0
  }

  /** Gives up the current document, and passes on what was read of it. */
  #break(): void {
    const partial = this.#frames[0]?.object
    this.#invalid = true
    this.#frames.length = 0
    this.#capture.cancel()
    this.#keyReader.take()
    this.#state = BROKEN
    if (partial !== undefined) this.#onDocument(partial, false)
  }

  #skipBroken(bytes: Buffer, at: number, to: number): number {
    if (!this.#lines) return to
    const lineEnd = bytes.indexOf(LINE_FEED, at)
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
        if (byte === CLOSE_ARRAY) return this.#close(at)
        return this.#beginValue(byte, at)
      case VALUE:
        return this.#beginValue(byte, at)
      case KEY_OR_END:
      case KEY:
        if (byte === CLOSE_OBJECT && this.#state === KEY_OR_END) return this.#close(at)
        if (byte === QUOTE) this.#state = IN_KEY
        else this.#break()
        return at + 1
      case AFTER_KEY:
        if (byte === COLON) this.#state = VALUE
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
    this.#selection = this.#root
    if (byte !== OPEN_ARRAY) return this.#beginValue(byte, at)
    this.#isRootArray = true
    this.#state = VALUE_OR_END
    return at + 1
  }

  #beginValue(byte: number, at: number): number {
    const selection = this.#selection
    if (selection !== undefined && !selection.all) {
      if (byte === OPEN_OBJECT && selection.fields !== undefined)
        return this.#open(selection, {}, undefined, at)
      if (byte === OPEN_ARRAY && selection.items !== undefined)
        return this.#open(selection, undefined, [], at)
    }
    if (BEGINS_VALUE[byte] === 0) {
      this.#break()
      return at + 1
    }
    if (selection?.all === true) this.#capture.begin(at)
    this.#present = selection?.some === true && BEGINS_VALUE[byte] === IS_SOME ? true : undefined
    this.#isUnread = byte === QUOTE
    this.#skipper.begin(byte)
    this.#state = IN_VALUE
    return at + 1
  }

  #open(
    selection: Selection,
    object: Record<string, unknown> | undefined,
    array: unknown[] | undefined,
    at: number,
  ): number {
    // Assigned to its parent at once, so that a broken document still has what was read of it.
    if (this.#frames.length > 0) this.#assign(object ?? array)
    this.#frames.push({ selection, object, array, key: '' })
    this.#selection = selection.items
    this.#state = object === undefined ? VALUE_OR_END : KEY_OR_END
    return at + 1
  }

  #close(at: number): number {
    const closed = this.#frames.pop()
    if (closed === undefined) {
      this.#isRootArray = false
      this.#state = AFTER_DOCUMENT
    } else {
      this.#afterValue(closed.object)
    }
    return at + 1
  }

  #readValue(bytes: Buffer, at: number, to: number): number {
    const end = this.#skipper.read(bytes, at, to)
    // An empty text does not count as a value.
    if (this.#isUnread && end === at + 1 && bytes[at] === QUOTE) this.#present = undefined
    this.#isUnread = false
    if (end < 0) return to
    const value = this.#capture.active ? this.#parse(bytes, end) : this.#present
    if (this.#frames.length > 0) this.#assign(value)
    this.#afterValue(undefined)
    return end
  }

  #parse(bytes: Buffer, end: number): unknown {
    const text = this.#capture.take(bytes, end, this.#maxValueBytes())
    if (text === undefined) {
      this.#tooLarge = true
      return undefined
    }
    this.#valuesBytes += text.length
    try {
      return JSON.parse(text)
    } catch {
      this.#invalid = true
      return undefined
    }
  }

  #maxValueBytes(): number {
    return Math.min(MAX_VALUE_BYTES, MAX_DOCUMENT_VALUES_BYTES - this.#valuesBytes)
  }

  #assign(value: unknown): void {
    const frame = this.#frames.at(-1) as Frame
    if (frame.array !== undefined) {
      if (frame.array.length < MAX_ARRAY_ITEMS) frame.array.push(value ?? null)
    } else if (frame.object !== undefined && this.#selection !== undefined) {
      // The last of several equal keys counts, also when its value is not selected.
      if (value === undefined) delete frame.object[frame.key]
      else frame.object[frame.key] = value
    }
  }

  #afterValue(document: unknown): void {
    if (this.#frames.length > 0) {
      this.#state = AFTER_VALUE
      return
    }
    this.#state = this.#isRootArray ? AFTER_VALUE : AFTER_DOCUMENT
    this.#onDocument(document, true)
  }

  #readSeparator(byte: number, at: number): number {
    const frame = this.#frames.at(-1)
    if (byte === (frame?.object === undefined ? CLOSE_ARRAY : CLOSE_OBJECT)) return this.#close(at)
    if (byte !== COMMA) {
      this.#break()
    } else if (frame === undefined) {
      this.#selection = this.#root
      this.#valuesBytes = 0
      this.#state = VALUE
    } else if (frame.array !== undefined) {
      this.#selection = frame.array.length < MAX_ARRAY_ITEMS ? frame.selection.items : undefined
      this.#state = VALUE
    } else {
      this.#state = KEY
    }
    return at + 1
  }

  #readKey(bytes: Buffer, at: number, to: number): number {
    const end = this.#keyReader.read(bytes, at, to)
    if (end < 0) return to
    const key = this.#keyReader.take()
    const frame = this.#frames.at(-1) as Frame
    this.#selection = key === undefined ? undefined : frame.selection.fields?.get(key)
    if (this.#selection !== undefined) frame.key = key as string
    this.#state = AFTER_KEY
    return end
  }
}
