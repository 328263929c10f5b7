/**
 * Remembers the ledger entries that were counted, as far back as the ledger is read again. They have no id, several may
 * be equal in every field, and an amount may be corrected: so the sum of equal entries is remembered.
 */
import { createHash } from 'node:crypto'
import type { Transaction } from '../api/account.ts'

/** Entries remembered; about 100 bytes each. */
export const MAX_ENTRIES = 100_000
const MINUTE_MS = 60_000
/** 96 bits: it is practically impossible that two different entries have the same digest. */
const DIGEST_LENGTH = 16

/** What was counted of each entry of the ledger. */
export class SeenEntries {
  /** Credits of equal entries, by the minute of their date. Whole minutes are forgotten together. */
  readonly #minutes = new Map<number, Map<string, number>>()
  #size = 0

  /** For one reading of a stretch. What it returns remembers an entry and gives its credits that are new, if any. */
  openWindow(): (entry: Transaction) => number | undefined {
    const inWindow = new Map<string, number>()
    return ({ dedupeKey, createdMs, credits }) => {
      // A short stand-in: identities are long texts, and a day has many.
      const digest = createHash('sha256').update(dedupeKey).digest('base64').slice(0, DIGEST_LENGTH)
      const sum = (inWindow.get(digest) ?? 0) + credits
      inWindow.set(digest, sum)
      const minute = Math.floor(createdMs / MINUTE_MS)
      const counted = this.#minutes.get(minute) ?? new Map<string, number>()
      this.#minutes.set(minute, counted)
      const known = counted.get(digest)
      if (known !== undefined && sum <= known) return undefined
      if (known === undefined) this.#size += 1
      counted.set(digest, sum)
      return sum - (known ?? 0)
    }
  }

  /**
   * Forgets what is before `beforeMs`, and more of the oldest while there is too much, but nothing after `keepFromMs`.
   * Returns the time since which every entry is remembered: what lies before must not be read again.
   */
  forget(beforeMs: number, keepFromMs = Number.POSITIVE_INFINITY): number {
    let knownFromMs = beforeMs
    const oldestFirst = [...this.#minutes.keys()].sort((a, b) => a - b)
    // The newest minute always stays: it is being read.
    for (const minute of oldestFirst.slice(0, -1)) {
      const endMs = (minute + 1) * MINUTE_MS
      if (endMs > beforeMs && (this.#size <= MAX_ENTRIES || endMs > keepFromMs)) break
      this.#size -= this.#minutes.get(minute)?.size ?? 0
      this.#minutes.delete(minute)
      knownFromMs = Math.max(knownFromMs, endMs)
    }
    return knownFromMs
  }
}
