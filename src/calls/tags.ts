/** Spend tags: who or what a call is made for, carried by the async context. */
import { AsyncLocalStorage } from 'node:async_hooks'

export type SpendTags = Readonly<Record<string, string>>

const NO_TAGS: SpendTags = Object.freeze({})
/** Tags of one call at most; later ones are ignored. */
export const MAX_TAGS = 32
/** Characters of a tag's value at most; the rest is cut. */
export const MAX_VALUE_LENGTH = 256
// The ESM and the CommonJS build, and other copies of the package, must see each other's tags.
const STORE_KEY = Symbol.for('opentelemetry-instrumentation-aimlapi.spend-tags')

const holder = globalThis as { [STORE_KEY]?: AsyncLocalStorage<SpendTags> }

function openStore(): AsyncLocalStorage<SpendTags> {
  const store = holder[STORE_KEY] ?? new AsyncLocalStorage<SpendTags>()
  if (holder[STORE_KEY] === undefined)
    Object.defineProperty(holder, STORE_KEY, { value: store, configurable: true })
  return store
}

/**
 * Runs `fn` and returns what it returns; every call to AI/ML API made inside, across awaits, timers and
 * callbacks, carries `tags` as `aimlapi.tag.<name>`: on its span always, on metrics when the name is in
 * `metricTags`. Nested calls merge, the inner value of a name wins. At most 32 tags are kept and values are
 * cut at 256 characters; values that are not strings are left out. What `fn` throws comes through.
 *
 * @throws TypeError when `fn` is no function.
 *
 * @example
 * await withSpendTags({ team: 'search' }, () => openai.chat.completions.create({ … }))
 */
export function withSpendTags<T>(tags: Record<string, string>, fn: () => T): T {
  if (typeof fn !== 'function')
    throw new TypeError(
      `withSpendTags(tags, fn): fn is ${String(fn === null ? null : typeof fn)}; accepted: a function, inside of which calls carry the tags`,
    )
  return openStore().run(mergeTags(currentSpendTags(), tags), fn)
}

/** The tags active here; a frozen empty object outside of `withSpendTags`. */
export function currentSpendTags(): SpendTags {
  return holder[STORE_KEY]?.getStore() ?? NO_TAGS
}

/** Merges two sets of tags within the limits of a call; for a name in both, the inner value wins. */
export function mergeTags(outer: SpendTags, inner: unknown): SpendTags {
  if (typeof inner !== 'object' || inner === null) return outer
  const merged = new Map(Object.entries(outer))
  for (const [name, value] of Object.entries(inner)) {
    if (typeof value !== 'string' || name === '') continue
    if (merged.size < MAX_TAGS || merged.has(name)) merged.set(name, value.slice(0, MAX_VALUE_LENGTH))
  }
  // fromEntries defines own properties, so that a tag called `__proto__` stays a tag.
  return Object.freeze(Object.fromEntries(merged))
}
