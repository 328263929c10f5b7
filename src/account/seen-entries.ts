/**
 * The ledger entries that were told already, as far back as the ledger is read again. Entries have no id, and
 * several may be equal in every field: they are counted, not just remembered.
 */
import type { Transaction } from '../api/account.ts'

/** One reading of a stretch of the ledger from its end to its beginning. */
export interface LedgerWindow {
  /** The n-th entry of its kind in this window is new when fewer than n were told before. Remembers it. */
  isNew(entry: Transaction): boolean
}

/** About 200 bytes each. */
const MAX_ENTRIES = 20_000

export class SeenEntries {
  readonly #seen = new Map<string, { times: number; readonly createdMs: number }>()

  openWindow(): LedgerWindow {
    const inWindow = new Map<string, number>()
    return {
      isNew: ({ identity, createdMs }) => {
        const times = (inWindow.get(identity) ?? 0) + 1
        inWindow.set(identity, times)
        const known = this.#seen.get(identity)
        if (known !== undefined && known.times >= times) return false
        this.#seen.set(identity, { times, createdMs })
        return true
      },
    }
  }

  /**
   * Forgets entries dated before `beforeMs`, and as many more of the oldest as it takes to stay small. Answers
   * from which time on it still knows everything: what lies before must not be read again.
   */
  forget(beforeMs: number): number {
    for (const [identity, { createdMs }] of this.#seen) if (createdMs < beforeMs) this.#seen.delete(identity)
    if (this.#seen.size <= MAX_ENTRIES) return beforeMs
    const newestFirst = [...this.#seen].sort(([, a], [, b]) => b.createdMs - a.createdMs)
    const knownFromMs = (newestFirst[MAX_ENTRIES]?.[1].createdMs ?? beforeMs) + 1
    for (const [identity, { createdMs }] of newestFirst)
      if (createdMs < knownFromMs) this.#seen.delete(identity)
    return knownFromMs
  }
}
