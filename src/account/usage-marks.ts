/**
 * How far each figure of a key's usage has been counted, by day and model. The API's figures grow while the day lasts,
 * settle later and may go down again: only what is above the highest figure so far is new.
 */
import type { UsageFigures, UsageGroup } from '../api/account-usage.ts'

type Mutable = { -readonly [Field in keyof UsageFigures]: number }

const FIELDS = ['usd', 'inputTokens', 'outputTokens', 'succeeded', 'failed'] as const
/** Sums of nano-dollars differ in their last bit. */
const NOISE = 1e-12

export class UsageMarks {
  /** By day, then by model. */
  readonly #days = new Map<string, Map<string, Mutable>>()

  /** What of this group was not counted before. `undefined`: nothing. */
  growth(group: UsageGroup): UsageFigures | undefined {
    const mark = this.#mark(group.day ?? '', group.model ?? '')
    const growth: Mutable = { usd: 0, inputTokens: 0, outputTokens: 0, succeeded: 0, failed: 0 }
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

  /** Days before this one (`YYYY-MM-DD`) are settled. */
  forget(day: string): void {
    for (const known of this.#days.keys()) if (known < day) this.#days.delete(known)
  }

  #mark(day: string, model: string): Mutable {
    let models = this.#days.get(day)
    if (models === undefined) this.#days.set(day, (models = new Map<string, Mutable>()))
    let mark = models.get(model)
    if (mark === undefined)
      models.set(model, (mark = { usd: 0, inputTokens: 0, outputTokens: 0, succeeded: 0, failed: 0 }))
    return mark
  }
}
