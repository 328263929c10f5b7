/** JSON bytes → documents: a body of usual size by `JSON.parse`, a longer one by selection. */
import { JsonSelector, type JsonSelectorOptions } from './json.ts'
import type { Selection } from './selection.ts'
import type { BodyForm } from './staged-body.ts'

/**
 * A document comes as it is when the body fits into the stage, and pruned otherwise: whoever reads it looks at
 * selected values only.
 */
export class JsonForm implements BodyForm {
  readonly #selection: Selection
  readonly #options: JsonSelectorOptions
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

  /** Bytes were read: what is staged is not all. */
  get hasRead(): boolean {
    return this.#selector !== undefined
  }

  /** What the document being read has said so far. */
  get partial(): unknown {
    return this.#selector?.partial
  }

  read(bytes: Buffer, size: number): number {
    this.#selector ??= new JsonSelector(this.#selection, this.#options)
    this.#selector.write(bytes, 0, size)
    return 0
  }

  /** A document that was begun is given as far as it came. */
  end(bytes: Buffer, size: number): void {
    const document = this.#selector === undefined ? parseWhole(bytes.toString('utf8', 0, size)) : undefined
    if (document === undefined) {
      this.read(bytes, size)
      this.#selector?.end()
    } else {
      giveDocuments(document, this.#options.onDocument)
    }
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
