/** Which values of a JSON document are looked for, as a tree of keys. */

/** The value itself, whatever it is, up to the limit of one value. */
export const ALL = true
/** Only whether there is one: `true` in place of a text that is not empty, an object, a list or `true`; nothing for any other value. */
export const SOME = 'some'
/** What to look for, written in the shape of the document: keys of objects, one pattern for all array elements. */
export type Shape = typeof ALL | typeof SOME | { readonly [key: string]: Shape } | readonly [Shape]

/** A shape, made ready for looking keys up. */
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
  if (isPattern(shape)) return { all: false, some: false, fields: undefined, items: select(shape[0]) }
  const fields = new Map(Object.entries(shape).map(([key, inner]) => [key, select(inner)]))
  return { all: false, some: false, fields, items: undefined }
}

function isPattern(shape: Shape): shape is readonly [Shape] {
  return Array.isArray(shape)
}
