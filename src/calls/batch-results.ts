/** What the results of a batch say, which come one by one, in parts and more than once. */
import { CREDITS_PER_USD } from '../api/credits.ts'
import type { Usage } from '../types.ts'
import { sumOf } from './usage-sums.ts'

/** What the results of a batch said so far. */
export interface BatchResults {
  /** The credits of each, by `custom_id`. */
  readonly items: Map<string, number>
  /** What they state together. */
  credits: number
  /** Their last reading was broken off. */
  isPartial: boolean
  /** What was counted and stands in no record yet. */
  unreported: Usage
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
    isPartial: into.isPartial && from.isPartial,
    unreported: sumOf(into.unreported, from.unreported),
  }
}

/** The part of a batch's cost that was not counted yet. */
export function growthOfBatch(counted = 0, { credits = 0 }: Usage): Pick<Usage, 'credits' | 'usd'> {
  const more = credits - counted
  return more > 0 ? { credits: more, usd: more / CREDITS_PER_USD } : {}
}
