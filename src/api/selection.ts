/** Which values of a JSON document are selected, as a tree of keys. */

/** Selects the value itself, of any type, up to the limit of one value. */
export const ALL = true
/** Selects only whether there is a value: `true` for a non-empty text, an object, a list or `true`; else nothing. */
export const SOME = 'some'
type Keys = { readonly [key: string]: Shape }
/** A selection in the shape of the document: keys of objects, one pattern for all array elements. */
type Shape = typeof ALL | typeof SOME | Keys | readonly [Shape] | readonly [typeof SOME, Keys]

/** A compiled shape. */
export interface Selection {
  readonly all: boolean
  readonly some: boolean
  readonly fields: ReadonlyMap<string, Selection> | undefined
  readonly items: Selection | undefined
}

export function select(shape: Shape): Selection {
  if (shape === ALL || shape === SOME) {
    return { all: shape === ALL, some: shape === SOME, fields: undefined, items: undefined }
  }
  // Keys of an object, and of any other value only whether there is one.
  if (Array.isArray(shape) && shape.length === 2) return { ...select(shape[1]), some: true }
  if (Array.isArray(shape)) return { all: false, some: false, fields: undefined, items: select(shape[0]) }
  const fields = new Map(Object.entries(shape).map(([key, inner]) => [key, select(inner)]))
  return { all: false, some: false, fields, items: undefined }
}
