/**
 * The ledger entries that were counted already, as far back as the ledger is read again. Entries have no id, and
 * several may be equal in every field: they are counted, not just remembered.
 */
import { createHash } from 'node:crypto'
import type { Transaction } from '../api/account.ts'

/** One reading of a stretch of the ledger from its end to its beginning. */
export interface LedgerWindow {
  /** The n-th entry of its kind in this window is new when fewer than n were counted before. Remembers it. */
  isNew(entry: Transaction): boolean
}

/** About 100 bytes each. */
export const MAX_ENTRIES = 100_000
const MINUTE_MS = 60_000
/** 96 bits: none is ever taken for another. */
const DIGEST_LENGTH = 16

export class SeenEntries {
  /** By the minute an entry is dated: how often it was counted. Whole minutes are forgotten at once. */
  readonly #minutes = new Map<number, Map<string, number>>()
  #size = 0

  openWindow(): LedgerWindow {
    const inWindow = new Map<string, number>()
    return {
      isNew: ({ identity, createdMs }) => {
        const digest = digestOf(identity)
        const times = (inWindow.get(digest) ?? 0) + 1
        inWindow.set(digest, times)
        const told = this.#ofMinute(createdMs)
        const known = told.get(digest) ?? 0
        if (known >= times) return false
        if (known === 0) this.#size += 1
        told.set(digest, times)
        return true
      },
    }
  }

  /**
   * Forgets the minutes before `beforeMs`, and as many more of the oldest as it takes to stay small, but nothing after
   * `keepFromMs`. Answers from which time on it still knows everything: what lies before must not be read again.
   */
  forget(beforeMs: number, keepFromMs = Number.POSITIVE_INFINITY): number {
    let knownFromMs = beforeMs
    const oldestFirst = [...this.#minutes.keys()].sort((a, b) => a - b)
    // The newest minute stays, however full it is: it is being read.
    for (const minute of oldestFirst.slice(0, -1)) {
      const endMs = (minute + 1) * MINUTE_MS
      if (endMs > beforeMs && (this.#size <= MAX_ENTRIES || endMs > keepFromMs)) break
      this.#size -= this.#minutes.get(minute)?.size ?? 0
      this.#minutes.delete(minute)
      knownFromMs = Math.max(knownFromMs, endMs)
    }
    return knownFromMs
  }

  #ofMinute(createdMs: number): Map<string, number> {
    const minute = Math.floor(createdMs / MINUTE_MS)
    const known = this.#minutes.get(minute)
    if (known !== undefined) return known
    const begun = new Map<string, number>()
    this.#minutes.set(minute, begun)
    return begun
  }
}

/** Identities are long texts, and of a day there are many. */
function digestOf(identity: string): string {
  return createHash('sha256').update(identity).digest('base64').slice(0, DIGEST_LENGTH)
}
