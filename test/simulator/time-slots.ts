/** Entries of the books by time: found, and added up, without a look at all the others. */
import type { LedgerEntry } from './ledger.ts'
import { UsageSums, type UsageSum } from './usage-sums.ts'

/** Entries are found by time through slots of this length. No time zone has midnight within one. */
const SLOT_MS = 5000

type Time = 'createdAt' | 'requestedAt'

interface Slot {
  /** Of entries that have one of their times in it. */
  readonly sequences: Set<number>
  /** Of entries that were requested in it and are forgotten. */
  readonly forgotten: UsageSums
  /** Of all that were requested in it, since when the log shows all of them. Absent: to be added up again. */
  summed?: { readonly sums: UsageSums; readonly visibleAt: number }
}

/** What was used within one slot, or the part of it that was asked for. */
export interface UsageSlice {
  /** A moment of it. */
  readonly atMs: number
  readonly sums: Iterable<Readonly<UsageSum>>
}

export class TimeSlots {
  readonly #kept: ReadonlyMap<number, LedgerEntry>
  /** By account, then by number. */
  readonly #slots = new Map<string, Map<number, Slot>>()

  constructor(kept: ReadonlyMap<number, LedgerEntry>) {
    this.#kept = kept
  }

  /** It is new, or has changed. */
  put(entry: LedgerEntry): void {
    for (const slot of this.#slotsOf(entry)) {
      slot.sequences.add(entry.sequence)
      delete slot.summed
    }
  }

  /** It is kept no longer. What it used stays in the sums. */
  forget(entry: LedgerEntry): void {
    const [created, requested] = this.#slotsOf(entry)
    created.sequences.delete(entry.sequence)
    requested.sequences.delete(entry.sequence)
    requested.forgotten.addEntry(entry)
    delete requested.summed
  }

  /** Kept entries with `fromMs` ≤ time < `toMs`, in no order. */
  between(account: string, fromMs: number, toMs: number, time: Time): LedgerEntry[] {
    const found: LedgerEntry[] = []
    for (const slot of this.#between(account, fromMs, toMs))
      for (const entry of this.#entriesOf(slot, fromMs, toMs, time)) found.push(entry)
    return found
  }

  /** Of those by `createdAt` the newest first, as many as are accepted and asked for. */
  newest(
    account: string,
    fromMs: number,
    toMs: number,
    limit: number,
    accept: (entry: LedgerEntry) => boolean,
  ): LedgerEntry[] {
    const found: LedgerEntry[] = []
    for (const slot of this.#between(account, fromMs, toMs).toReversed()) {
      const entries = this.#entriesOf(slot, fromMs, toMs, 'createdAt').filter(accept)
      found.push(...entries.sort((x, y) => y.createdAt - x.createdAt || y.sequence - x.sequence))
      if (found.length >= limit) break
    }
    return found.slice(0, limit)
  }

  /** What was requested with `fromMs` ≤ time < `toMs` and is in the log at `shownMs`. */
  usage(account: string, fromMs: number, toMs: number, shownMs: number): UsageSlice[] {
    return this.#between(account, fromMs, toMs).map(([number, slot]) => {
      const atMs = number * SLOT_MS
      const isWhole = atMs >= fromMs && atMs + SLOT_MS <= toMs
      if (isWhole) {
        const { sums, visibleAt } = this.#sum(number, slot)
        if (visibleAt <= shownMs) return { atMs, sums: sums.all }
      }
      const sums = new UsageSums()
      if (isWhole) for (const sum of slot.forgotten.all) sums.add(sum)
      for (const entry of this.#entriesOf([number, slot], fromMs, toMs, 'requestedAt'))
        if (entry.logVisibleAt <= shownMs) sums.addEntry(entry)
      return { atMs, sums: sums.all }
    })
  }

  #sum(number: number, slot: Slot): NonNullable<Slot['summed']> {
    if (slot.summed !== undefined) return slot.summed
    const sums = new UsageSums()
    let visibleAt = Number.NEGATIVE_INFINITY
    for (const sum of slot.forgotten.all) sums.add(sum)
    for (const entry of this.#entriesOf([number, slot], -Infinity, Infinity, 'requestedAt')) {
      if (entry.type !== 'MODEL_USAGE') continue
      sums.addEntry(entry)
      visibleAt = Math.max(visibleAt, entry.logVisibleAt)
    }
    return (slot.summed = { sums, visibleAt })
  }

  #slotsOf({ account, createdAt, requestedAt }: LedgerEntry): [created: Slot, requested: Slot] {
    let ofAccount = this.#slots.get(account)
    if (ofAccount === undefined) this.#slots.set(account, (ofAccount = new Map<number, Slot>()))
    const own = ofAccount
    const slotAt = (atMs: number): Slot => {
      const number = Math.floor(atMs / SLOT_MS)
      let slot = own.get(number)
      if (slot === undefined) own.set(number, (slot = { sequences: new Set(), forgotten: new UsageSums() }))
      return slot
    }
    return [slotAt(createdAt), slotAt(requestedAt)]
  }

  /** The oldest first. */
  #between(account: string, fromMs: number, toMs: number): (readonly [number, Slot])[] {
    return [...(this.#slots.get(account) ?? [])]
      .filter(([number]) => (number + 1) * SLOT_MS > fromMs && number * SLOT_MS < toMs)
      .sort(([x], [y]) => x - y)
  }

  #entriesOf(
    [number, { sequences }]: readonly [number, Slot],
    fromMs: number,
    toMs: number,
    time: Time,
  ): LedgerEntry[] {
    const found: LedgerEntry[] = []
    for (const sequence of sequences) {
      const entry = this.#kept.get(sequence)
      // It stands in the slots of both of its times.
      if (entry === undefined || Math.floor(entry[time] / SLOT_MS) !== number) continue
      if (entry[time] >= fromMs && entry[time] < toMs) found.push(entry)
    }
    return found
  }
}
