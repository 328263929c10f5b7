/** The selected part of a JSON document while it is being read: the open objects and arrays, and what is assigned to them. */
import { MAX_ARRAY_ITEMS } from './limits.ts'
import type { Selection } from './selection.ts'

/** A selected object or array that is open. */
interface Frame {
  readonly selection: Selection
  readonly object: Record<string, unknown> | undefined
  readonly array: unknown[] | undefined
  key: string
}

export class PrunedDocument {
  readonly #root: Selection
  readonly #frames: Frame[] = []
  /** The selection of the next value; undefined when it is skipped. */
  selection: Selection | undefined

  constructor(root: Selection) {
    this.#root = root
  }

  /** Whether a selected object or array is open. */
  get isNested(): boolean {
    return this.#frames.length > 0
  }

  /** Whether the innermost open value is an object. */
  get isInObject(): boolean {
    return this.#frames.at(-1)?.object !== undefined
  }

  /** The outermost object as far as it was read. */
  get partial(): Record<string, unknown> | undefined {
    return this.#frames[0]?.object
  }

  /** Drops what is open, and starts with the next document. */
  begin(): void {
    this.#frames.length = 0
    this.selection = this.#root
  }

  /** A selected object or array begins. */
  open(selection: Selection, isObject: boolean): void {
    const object = isObject ? {} : undefined
    const array = isObject ? undefined : []
    // Assigned to its parent at once, so that a broken document still has what was read of it.
    this.assign(object ?? array)
    this.#frames.push({ selection, object, array, key: '' })
    this.selection = selection.items
  }

  /** The innermost open value ends. Returns it when it is an object. */
  close(): Record<string, unknown> | undefined {
    return this.#frames.pop()?.object
  }

  /** The key of the next value in the innermost object; undefined for one that is not selected. */
  name(key: string | undefined): void {
    const frame = this.#frames.at(-1) as Frame
    this.selection = key === undefined ? undefined : frame.selection.fields?.get(key)
    if (this.selection !== undefined) frame.key = key as string
  }

  /** Another element of the innermost array follows. */
  nextElement(): void {
    const { array, selection } = this.#frames.at(-1) as Frame
    this.selection = (array?.length ?? 0) < MAX_ARRAY_ITEMS ? selection.items : undefined
  }

  /** Puts a value into the innermost open object or array. */
  assign(value: unknown): void {
    const frame = this.#frames.at(-1)
    if (frame === undefined) return
    if (frame.array !== undefined) {
      if (frame.array.length < MAX_ARRAY_ITEMS) frame.array.push(value ?? null)
    } else if (frame.object !== undefined && this.selection !== undefined) {
      // The last of several equal keys counts, also when its value is not selected.
      if (value === undefined) delete frame.object[frame.key]
      else frame.object[frame.key] = value
    }
  }
}
