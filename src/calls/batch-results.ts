/** What the results of a batch say, which come one by one, in parts and more than once. */
import { CREDITS_PER_USD } from '../api/credits.ts'
import { isEmpty } from '../api/usage.ts'
import type { CallRecord, Usage } from '../types.ts'
import type { Writable } from '../writable.ts'
import { sumOf } from './usage-sums.ts'

/** Items remembered per batch: as many as the API accepts in one. */
const MAX_ITEMS = 100_000
/** Items remembered of all batches, before the next one is read. */
export const MAX_ITEMS_OF_ALL = 500_000

/** What the results of a batch said so far. */
export interface BatchResults {
  /** The credits of each, by `custom_id`. */
  readonly items: Map<string, number>
  /** What they state together. */
  credits: number
  /** Too many were read since: its items are forgotten, and no more of them count. */
  isClosed: boolean
  /** Their last reading was broken off. */
  isPartial: boolean
  /** What was counted and stands in no record yet. */
  unreported: Usage
}

/** Bounds what is remembered of the results of batches, which is held by their generations alone. */
export class KeptResults {
  readonly #maxItems: number
  /** In the order in which they were read first. */
  #kept: WeakRef<BatchResults>[] = []

  constructor(maxItems = MAX_ITEMS_OF_ALL) {
    this.#maxItems = maxItems
  }

  /** For a batch whose results are read for the first time. Where the bound is passed, it closes the oldest ones. */
  begin(): BatchResults {
    const living = this.#kept.map((kept) => kept.deref()).filter((results) => results !== undefined)
    let count = living.reduce((sum, { items }) => sum + items.size, 0)
    for (const results of living) {
      if (count <= this.#maxItems) break
      count -= results.items.size
      results.items.clear()
      results.isClosed = true
    }
    const begun = { items: new Map(), credits: 0, isClosed: false, isPartial: false, unreported: {} }
    this.#kept = [...living.filter(({ isClosed }) => !isClosed), begun].map((results) => new WeakRef(results))
    return begun
  }
}

/** Whether the item is to be counted: it was not seen before, and the batch still takes some. It is remembered then. */
export function takeItem({ items, isClosed }: BatchResults, id: string, credits: number): boolean {
  if (isClosed || items.has(id) || items.size >= MAX_ITEMS) return false
  items.set(id, credits)
  return true
}

/** The results of two batches that prove to be one. Those that both have read count once. */
export function joinResults(
  into: BatchResults | undefined,
  from: BatchResults | undefined,
): BatchResults | undefined {
  if (into === undefined || from === undefined) return into ?? from
  let credits = into.credits + from.credits
  for (const [id, ofItem] of from.items) if (into.items.has(id)) credits -= ofItem
  return {
    items: new Map([...from.items, ...into.items]),
    credits,
    isClosed: into.isClosed || from.isClosed,
    isPartial: into.isPartial && from.isPartial,
    unreported: sumOf(into.unreported, from.unreported),
  }
}

/** The part of a batch's cost that was not counted yet. */
export function growthOfBatch(counted = 0, { credits = 0 }: Usage): Pick<Usage, 'credits' | 'usd'> {
  const more = credits - counted
  return more > 0 ? { credits: more, usd: more / CREDITS_PER_USD } : {}
}

/** The record of a poll that has read results of a batch has what these used together. */
export function reportResults(results: BatchResults, isPartial: boolean, record: Writable<CallRecord>): void {
  const { unreported } = results
  results.unreported = {}
  results.isPartial = isPartial
  if (!isEmpty(unreported)) record.usage = sumOf(record.usage ?? {}, unreported)
}
