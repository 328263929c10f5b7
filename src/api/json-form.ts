/** JSON bytes → documents: a body of usual size by `JSON.parse`, a longer one by selection. */
import { parseJson } from './fields.ts'
import { JsonSelector, type OnDocument } from './json.ts'
import type { Selection } from './selection.ts'
import type { BodyForm } from './staged-body.ts'

/** Reads a body of one JSON document, or of one on each line. */
export class JsonForm implements BodyForm {
  readonly #selection: Selection
  readonly #onDocument: OnDocument
  readonly #lines: boolean
  /** Present when bytes were read: the stage has only the rest of the body. */
  selector: JsonSelector | undefined

  constructor(selection: Selection, onDocument: OnDocument, lines = false) {
    this.#selection = selection
    this.#onDocument = onDocument
    this.#lines = lines
  }

  read(bytes: Buffer, size: number): number {
    this.selector ??= new JsonSelector(this.#selection, this.#onDocument, this.#lines)
    this.selector.write(bytes, 0, size)
    return 0
  }

  /** A document that has begun is passed on as far as it came. */
  end(bytes: Buffer, size: number): void {
    if (this.selector === undefined && parseDocuments(bytes.toString('utf8', 0, size), this.#onDocument))
      return
    this.read(bytes, size)
    this.selector?.end()
  }
}

/** Parses one JSON document and passes it on; of a top-level array, each element. False: the text is none. */
export function parseDocuments(text: string, onDocument: OnDocument): boolean {
  const document = parseJson(text)
  if (Array.isArray(document)) for (const element of document) onDocument(element, true)
  else if (document !== undefined) onDocument(document, true)
  return document !== undefined
}
