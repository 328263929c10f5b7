/** JSON bytes in any split → documents: small bodies by `JSON.parse`, the others by selection. */
import { asBuffer } from './bytes.ts'
import { JsonSelector, type JsonSelectorOptions } from './json.ts'
import { MAX_SMALL_BYTES } from './limits.ts'
import type { Selection } from './selection.ts'

/**
 * As a JsonSelector, and several times cheaper for bodies of usual size. A document comes as it is when it was
 * small, and pruned otherwise: whoever reads it looks at selected values only.
 */
export class JsonReader {
  readonly #selection: Selection
  readonly #options: JsonSelectorOptions
  #small: Buffer | undefined
  #selector: JsonSelector | undefined

  constructor(selection: Selection, options: JsonSelectorOptions) {
    this.#selection = selection
    this.#options = options
  }

  get invalid(): boolean {
    return this.#selector?.invalid === true
  }

  get tooLarge(): boolean {
    return this.#selector?.tooLarge === true
  }

  /** Borrowed: nothing of the bytes is referenced afterwards. */
  write(bytes: Uint8Array): void {
    if (this.#selector !== undefined) {
      this.#selector.write(asBuffer(bytes))
    } else if ((this.#small?.length ?? 0) + bytes.length > MAX_SMALL_BYTES) {
      this.#select().write(asBuffer(bytes))
    } else {
      this.#small = this.#small === undefined ? Buffer.from(bytes) : Buffer.concat([this.#small, bytes])
    }
  }

  /** What is known of the document that is being read. */
  peek(): unknown {
    if (this.#selector === undefined && this.#small !== undefined) {
      const document = parseWhole(this.#small.toString())
      if (document !== undefined) return document
    }
    return this.#select().partial
  }

  /** Ends the input: a document that was begun is given as far as it was read. */
  end(): void {
    const document = this.#small === undefined ? undefined : parseWhole(this.#small.toString())
    if (document === undefined) this.#select().end()
    else giveDocuments(document, this.#options.onDocument)
  }

  #select(): JsonSelector {
    if (this.#selector === undefined) {
      this.#selector = new JsonSelector(this.#selection, this.#options)
      if (this.#small !== undefined) this.#selector.write(this.#small)
      this.#small = undefined
    }
    return this.#selector
  }
}

/** `undefined` for text that is no JSON document, or not one alone. */
export function parseWhole(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The elements of a top-level array are documents of their own. */
export function giveDocuments(document: unknown, onDocument: JsonSelectorOptions['onDocument']): void {
  if (!Array.isArray(document)) onDocument(document, true)
  else for (const element of document) onDocument(element, true)
}
