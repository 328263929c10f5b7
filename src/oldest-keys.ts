/**
 * Returns the oldest keys of a Map or Set, for evicting. The iterator that is kept here skips entries deleted at the front
 * once; a new one would skip them all again, which at 10,000 entries takes twenty times as long as the rest. It is kept
 * weakly: V8 keeps everything that was deleted since an iterator was used last.
 */
export function createOldestKeys<K>(collection: { keys(): IterableIterator<K> }) {
  let kept: WeakRef<IterableIterator<K>> | undefined
  return {
    /** The oldest key; `undefined` when there is none. It must be deleted before the next call. */
    next(): K | undefined {
      const next = kept?.deref()?.next()
      if (next !== undefined && next.done !== true) return next.value
      // An iterator that has reached the end stays there, even when keys are added later.
      const keys = collection.keys()
      kept = new WeakRef(keys)
      const first = keys.next()
      return first.done === true ? undefined : first.value
    },
  }
}
