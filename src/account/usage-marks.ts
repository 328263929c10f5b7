/**
 * How much of each figure of a key's usage was counted, by day and model. The API's figures grow during the day, are
 * corrected later and may fall: only what exceeds the highest value so far is new.
 */
import type { UsageGroup } from '../api/account-usage.ts'
import type { UsageTotals } from '../ports.ts'
import type { Writable } from '../writable.ts'

const NOTHING: UsageTotals = { usd: 0, inputTokens: 0, outputTokens: 0, succeeded: 0, failed: 0 }
const FIELDS = Object.keys(NOTHING) as (keyof UsageTotals)[]
/** Smaller growth is rounding: sums of nano-dollars differ in their last bit. */
const NOISE = 1e-12

/** The high-water marks of one key. */
export class UsageMarks {
  /** By day and model. */
  readonly #marks = new Map<string, Writable<UsageTotals>>()

  /** The part of this group that was not counted before. `undefined`: nothing. */
  growth(group: UsageGroup): UsageTotals | undefined {
    const id = `${group.day} ${group.model ?? ''}`
    const mark = this.#marks.get(id) ?? { ...NOTHING }
    this.#marks.set(id, mark)
    const growth: Writable<UsageTotals> = { ...NOTHING }
    let grew = false
    for (const field of FIELDS) {
      const more = group[field] - mark[field]
      if (more <= NOISE) continue
      growth[field] = more
      mark[field] = group[field]
      grew = true
    }
    return grew ? growth : undefined
  }

  /** Forgets days before this one (`YYYY-MM-DD`): their figures no longer grow. */
  forget(day: string): void {
    for (const id of this.#marks.keys()) if (id < day) this.#marks.delete(id)
  }
}
