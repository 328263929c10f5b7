/** JSON bytes → documents: a body of usual size by `JSON.parse`, a longer one by selection. */
import { JsonSelector, type JsonSelectorOptions } from './json.ts'
import type { Selection } from './selection.ts'
import type { BodyForm } from './staged-body.ts'

/**
 * A document is complete when the body fits into the stage, else pruned to the selection. Its readers use selected values
 * only.
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

  /** Bytes were read: the stage has only the rest of the body. */
  get hasRead(): boolean {
    return this.#selector !== undefined
  }

  /** The selected values of the current document so far. */
  get partial(): unknown {
    return this.#selector?.partial
  }

  read(bytes: Buffer, size: number): number {
    this.#selector ??= new JsonSelector(this.#selection, this.#options)
    this.#selector.write(bytes, 0, size)
    return 0
  }

  /** A document that has begun is passed on as far as it came. */
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

/** Parses one JSON document. `undefined` for anything else. */
export function parseWhole(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Passes on a document; of a top-level array, each element. */
export function giveDocuments(document: unknown, onDocument: JsonSelectorOptions['onDocument']): void {
  if (!Array.isArray(document)) onDocument(document, true)
  else for (const element of document) onDocument(element, true)
}
