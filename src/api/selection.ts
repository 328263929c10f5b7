/** Which values of a JSON document are looked for, as a tree of keys. */
import { MAX_ARRAY_ITEMS } from './limits.ts'

/** The value itself, whatever it is, up to the limit of one value. */
export const ALL = true
/** What to look for, written in the shape of the document: keys of objects, one pattern for all array elements. */
export type Shape = typeof ALL | { readonly [key: string]: Shape } | readonly [Shape]

/** A shape, made ready for looking keys up. */
export interface Selection {
  readonly all: boolean
  readonly fields: ReadonlyMap<string, Selection> | undefined
  readonly items: Selection | undefined
}

export function select(shape: Shape): Selection {
  if (shape === ALL) return { all: true, fields: undefined, items: undefined }
  if (isPattern(shape)) return { all: false, fields: undefined, items: select(shape[0]) }
  const fields = new Map(Object.entries(shape).map(([key, inner]) => [key, select(inner)]))
  return { all: false, fields, items: undefined }
}

/**
 * What is left of a parsed value under a selection: the meaning of "selected" in one place. `undefined` when
 * nothing of it was looked for. Array elements that were not looked for become `null`; those after the limit
 * are dropped.
 */
export function prune(value: unknown, selection: Selection): unknown {
  const { all, fields, items } = selection
  if (all) return value
  if (Array.isArray(value)) {
    return items && value.slice(0, MAX_ARRAY_ITEMS).map((item) => prune(item, items) ?? null)
  }
  if (fields === undefined || typeof value !== 'object' || value === null) return undefined
  const kept: Record<string, unknown> = {}
  for (const [key, inner] of fields) {
    if (!Object.hasOwn(value, key)) continue
    const pruned = prune((value as Record<string, unknown>)[key], inner)
    if (pruned !== undefined) kept[key] = pruned
  }
  return kept
}

function isPattern(shape: Shape): shape is readonly [Shape] {
  return Array.isArray(shape)
}
