/** Reads one JSON value in any split of the bytes: captures it, skips it, or finds whether there is one (selection.ts). */
import { Capture } from './capture.ts'
import { BEGINS_VALUE, IS_SOME } from './json-bytes.ts'
import { MAX_DOCUMENT_VALUES_BYTES, MAX_VALUE_BYTES } from './limits.ts'
import type { Selection } from './selection.ts'
import { QUOTE, Skipper } from './skip.ts'

export class ValueReader {
  readonly #skipper = new Skipper()
  readonly #capture = new Capture()
  /** Result of a value that is not captured. */
  #present: true | undefined
  /** Only the opening quote of a text was read. */
  #isUnread = false
  /** Size of the values captured in the current document. */
  #valuesBytes = 0
  /** A captured value was no JSON. */
  invalid = false
  /** A selected value is longer than the limits, and was left out. */
  tooLarge = false
  /** The value that `read` has read to its end; undefined when it is not selected. */
  value: unknown

  /** The value is a number or a word: at the end of a body, only the end of the input ends it. */
  get isScalar(): boolean {
    return this.#skipper.isScalar
  }

  /** A new document: its limit of captured bytes begins at 0. */
  beginDocument(): void {
    this.#valuesBytes = 0
  }

  /** Starts with the first byte of a value, which is at `at`. */
  begin(byte: number, at: number, selection: Selection | undefined): void {
    if (selection?.all === true) this.#capture.begin(at)
    this.#present = selection?.some === true && BEGINS_VALUE[byte] === IS_SOME ? true : undefined
    this.#isUnread = byte === QUOTE
    this.#skipper.begin(byte)
  }

  /** The position after the value, or -1 when it does not end in `bytes[at, to)`. */
  read(bytes: Buffer, at: number, to: number): number {
    const end = this.#skipper.read(bytes, at, to)
    // An empty text does not count as a value.
    if (this.#isUnread && end === at + 1 && bytes[at] === QUOTE) this.#present = undefined
    this.#isUnread = false
    if (end >= 0) this.value = this.#capture.active ? this.#parse(bytes, end) : this.#present
    return end
  }

  /** A new chunk: the value continues at `from`. */
  resume(from: number): void {
    this.#capture.resume(from)
  }

  /** Copies what the current chunk has of the value, before the chunk becomes invalid. */
  keep(bytes: Buffer, to: number): void {
    if (this.#capture.active) this.#capture.keep(bytes, to, this.#maxValueBytes())
  }

  /** Gives up the value. */
  cancel(): void {
    this.#capture.cancel()
  }

  #parse(bytes: Buffer, end: number): unknown {
    const text = this.#capture.take(bytes, end, this.#maxValueBytes())
    if (text === undefined) {
      this.tooLarge = true
      return undefined
    }
    this.#valuesBytes += text.length
    try {
      return JSON.parse(text)
    } catch {
      this.invalid = true
      return undefined
    }
  }

  #maxValueBytes(): number {
    return Math.min(MAX_VALUE_BYTES, MAX_DOCUMENT_VALUES_BYTES - this.#valuesBytes)
  }
}
