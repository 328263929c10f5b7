/**
 * JSON bytes in any split → the few values that are looked for, in bounded memory; all others are checked for quotes and
 * brackets only. The result is that of `JSON.parse`, reduced to the selection; of a broken document, what came before.
 */
import { parseJson } from './fields.ts'
import { CLOSE_ARRAY, JsonTokens, NO_BYTES, QUOTE } from './json-tokens.ts'
import { MAX_ARRAY_ITEMS, MAX_DOCUMENT_VALUES_BYTES, MAX_KEY_BYTES, MAX_VALUE_BYTES } from './limits.ts'
import type { Selection } from './selection.ts'

const COMMA = 0x2c
export const COLON = 0x3a
const OPEN_ARRAY = 0x5b
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const EMPTY_TEXT = '""'
const END = Buffer.from(' ')
/** May stand before a document. */
export const BYTE_ORDER_MARK = Buffer.from('\uFEFF')

/** First bytes of a value. `NaN` and `Infinity` count: some servers print them in fields that are not read. */
const BEGINS_VALUE = new Uint8Array(256)
for (const byte of Buffer.from('"{[-0123456789tfnNI')) BEGINS_VALUE[byte] = 1
/** Those of a text, an object, a list and `true`: see `SOME` in selection.ts. */
const BEGINS_SOME = Buffer.from('"{[t')

const MALFORMED = 'malformed'
/** Reads a part of the grammar. Yields nothing when the bytes have run out, and `MALFORMED` to stop for good. */
type Reading<Result = void> = Generator<typeof MALFORMED | undefined, Result, void>

type Nest = Record<string, unknown> | unknown[]

/** Gets what was selected of each document, or each element of a top-level array. `isWhole`: not cut off, and valid. */
export type OnDocument = (document: unknown, isWhole: boolean) => void

/** Selects the values of a JSON text that comes in pieces. */
export class JsonSelector {
  /** Something read so far is not JSON, or ended before it was complete. */
  invalid = false
  /** A value that was looked for is longer than the limits, and was left out. */
  tooLarge = false
  /** The selected values of the current document so far; `undefined` when none is being read. */
  partial: unknown
  readonly #root: Selection
  readonly #onDocument: OnDocument
  readonly #lines: boolean
  readonly #tokens = new JsonTokens()
  #reading: Reading | undefined
  #isInDocument = false
  #isBroken = false
  #valuesBytes = 0

  /** `lines`: there may be several documents (NDJSON); after an invalid one reading continues with the next line. */
  constructor(root: Selection, onDocument: OnDocument, lines = false) {
    this.#root = root
    this.#onDocument = onDocument
    this.#lines = lines
  }

  /** Reads `bytes[from, to)`. Borrowed: nothing of them is referenced afterwards. */
  write(bytes: Buffer, from = 0, to = bytes.length): void {
    this.#tokens.use(bytes, from, to)
    while (!this.#tokens.isUsedUp) {
      if (this.#isBroken && !(this.#lines && this.#tokens.skipLine())) break
      this.#isBroken = false
      const { done, value } = (this.#reading ??= this.#readInput()).next()
      // It is done when `onDocument` has thrown.
      if (done === true || value === MALFORMED) this.#break()
    }
    this.#tokens.use(NO_BYTES, 0, 0)
  }

  /** Ends the input: a document that has begun is passed on as far as it was read. */
  end(): void {
    // Only the end of the input ends a number or a word that is the whole document.
    if (this.#isInDocument && this.partial === undefined) this.write(END)
    if (this.#isInDocument) this.#break()
    this.#begin()
  }

  #begin(): void {
    this.#reading = undefined
    this.#isInDocument = this.#isBroken = false
    this.partial = undefined
  }

  /** Gives up the current document, and passes on what was read of it. */
  #break(): void {
    const { partial } = this
    this.#begin()
    this.invalid = this.#isBroken = true
    if (partial !== undefined) this.#onDocument(partial, false)
  }

  *#awaitToken(): Reading<number> {
    for (;;) {
      yield
      const byte = this.#tokens.next()
      if (byte !== undefined) return byte
    }
  }

  *#readInput(): Reading {
    let hasDocument = false
    for (;;) {
      const byte = this.#tokens.next() ?? (yield* this.#awaitToken())
      if (hasDocument && !this.#lines) yield MALFORMED
      if (BYTE_ORDER_MARK.includes(byte)) continue
      hasDocument = this.#isInDocument = true
      if (byte === OPEN_ARRAY) yield* this.#readDocuments()
      else yield* this.#readDocument(byte)
      this.#isInDocument = false
    }
  }

  /** Reads a top-level array after its bracket. */
  *#readDocuments(): Reading {
    let byte = this.#tokens.next() ?? (yield* this.#awaitToken())
    while (byte !== CLOSE_ARRAY) {
      yield* this.#readDocument(byte)
      byte = this.#tokens.next() ?? (yield* this.#awaitToken())
      if (byte === COMMA) byte = this.#tokens.next() ?? (yield* this.#awaitToken())
      else if (byte !== CLOSE_ARRAY) yield MALFORMED
    }
  }

  *#readDocument(byte: number): Reading {
    this.#valuesBytes = 0
    const document = openNest(byte, this.#root)
    this.partial = document
    if (document === undefined) {
      if (!this.#beginValue(byte, undefined)) yield MALFORMED
      while (!this.#tokens.readValue()) yield
    } else yield* this.#readNest(this.#root, document)
    this.partial = undefined
    this.#onDocument(document, true)
  }

  /** Reads an object or a list after its bracket. */
  *#readNest({ fields, items }: Selection, nest: Nest): Reading {
    const close = Array.isArray(nest) ? CLOSE_ARRAY : CLOSE_OBJECT
    let byte = this.#tokens.next() ?? (yield* this.#awaitToken())
    if (byte === close) return
    for (;;) {
      let key = ''
      let selection: Selection | undefined
      if (Array.isArray(nest)) {
        if (nest.length < MAX_ARRAY_ITEMS) selection = items
      } else {
        if (byte !== QUOTE) yield MALFORMED
        this.#tokens.beginValue(QUOTE, MAX_KEY_BYTES)
        while (!this.#tokens.readValue()) yield
        key = this.#tokens.key
        selection = fields?.get(key)
        const colon = this.#tokens.next() ?? (yield* this.#awaitToken())
        if (colon !== COLON) yield MALFORMED
        byte = this.#tokens.next() ?? (yield* this.#awaitToken())
      }
      const inner = openNest(byte, selection)
      if (inner === undefined) {
        if (!this.#beginValue(byte, selection)) yield MALFORMED
        while (!this.#tokens.readValue()) yield
        if (selection !== undefined) assign(nest, key, this.#takeValue(byte, selection))
      } else {
        // Assigned before it is read, so that a broken document still has what was read of it.
        assign(nest, key, inner)
        yield* this.#readNest(selection as Selection, inner)
      }
      byte = this.#tokens.next() ?? (yield* this.#awaitToken())
      if (byte === close) return
      if (byte !== COMMA) yield MALFORMED
      byte = this.#tokens.next() ?? (yield* this.#awaitToken())
    }
  }

  /** Starts with a value that is not a selected object or list. False: the byte begins none. */
  #beginValue(byte: number, selection: Selection | undefined): boolean {
    let maxBytes = 0
    if (selection?.some === true) maxBytes = EMPTY_TEXT.length
    if (selection?.all === true)
      maxBytes = Math.min(MAX_VALUE_BYTES, MAX_DOCUMENT_VALUES_BYTES - this.#valuesBytes)
    this.#tokens.beginValue(byte, maxBytes)
    return BEGINS_VALUE[byte] !== 0
  }

  #takeValue(firstByte: number, { all, some }: Selection): unknown {
    const { text } = this.#tokens
    if (some) return BEGINS_SOME.includes(firstByte) && text !== EMPTY_TEXT ? true : undefined
    if (!all) return undefined
    this.#valuesBytes += text?.length ?? 0
    const value = text === undefined ? undefined : parseJson(text)
    if (text === undefined) this.tooLarge = true
    else if (value === undefined) this.invalid = true
    return value
  }
}

/** An object or list for the selected parts of the one that begins with `byte`; `undefined` for any other value. */
function openNest(byte: number, selection: Selection | undefined): Nest | undefined {
  if (byte === OPEN_OBJECT && selection?.fields !== undefined) return {}
  return byte === OPEN_ARRAY && selection?.items !== undefined ? [] : undefined
}

function assign(nest: Nest, key: string, value: unknown): void {
  if (Array.isArray(nest)) nest.push(value ?? null)
  // The last of several equal keys counts, also when its value is not selected.
  else if (value === undefined) delete nest[key]
  else nest[key] = value
}
