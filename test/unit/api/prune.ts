import { MAX_ARRAY_ITEMS } from '../../../src/api/limits.ts'
import type { Selection } from '../../../src/api/selection.ts'

/**
 * What is left of a parsed value under a selection: the meaning of "selected", to compare the selector with.
 * `undefined` when nothing of it was looked for. Array elements that were not looked for become `null`; those after
 * the limit are dropped.
 */
export function prune(value: unknown, selection: Selection): unknown {
  const { all, some, fields, items } = selection
  if (all) return value
  if (some && (fields === undefined || Array.isArray(value) || !isNest(value)))
    return (typeof value === 'string' && value !== '') || value === true || isNest(value) ? true : undefined
  if (Array.isArray(value)) {
    return items && value.slice(0, MAX_ARRAY_ITEMS).map((item) => prune(item, items) ?? null)
  }
  if (fields === undefined || !isNest(value)) return undefined
  const kept: Record<string, unknown> = {}
  for (const [key, inner] of fields) {
    if (!Object.hasOwn(value, key)) continue
    const pruned = prune((value as Record<string, unknown>)[key], inner)
    if (pruned !== undefined) kept[key] = pruned
  }
  return kept
}

function isNest(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
