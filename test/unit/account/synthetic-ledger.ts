/** A ledger with so many charges a second that none of them is kept: each follows from its number. */
import type { ManualClock } from './fakes.ts'

/** A charge's credits, by its number. */
const creditsOf = (number: number): number => 1 + (number % 97)

export class SyntheticLedger {
  readonly #clock: Pick<ManualClock, 'trueMs'>
  readonly #startMs: number
  readonly #spacingMs: number
  #endMs = Number.POSITIVE_INFINITY

  constructor(clock: Pick<ManualClock, 'trueMs'>, perSecond: number) {
    this.#clock = clock
    this.#startMs = clock.trueMs()
    this.#spacingMs = 1000 / perSecond
  }

  /** From now on nothing is charged. */
  stop(): void {
    this.#endMs = this.#clock.trueMs()
  }

  /** Credits of everything that is dated before. */
  chargedUntil(ms: number): number {
    let credits = 0
    for (let number = this.#firstFrom(ms) - 1; number >= 0; number -= 1) credits += creditsOf(number)
    return credits
  }

  answer(url: URL): object {
    const from = Date.parse(url.searchParams.get('from') ?? '')
    const to = Math.min(Date.parse(url.searchParams.get('to') ?? ''), this.#clock.trueMs(), this.#endMs)
    const limit = Number(url.searchParams.get('limit'))
    const before = Number(url.searchParams.get('cursor') ?? this.#firstFrom(to))
    const first = Math.max(this.#firstFrom(from), before - limit)
    const numbers = Array.from({ length: Math.max(0, before - first) }, (_, index) => before - 1 - index)
    const hasMore = first > this.#firstFrom(from)
    return {
      data: numbers.map((number) => ({
        created_at: new Date(this.#createdMs(number)).toISOString(),
        direction: 'CHARGE',
        type: 'MODEL_USAGE',
        amount: { credits: creditsOf(number) },
        model: 'openai/gpt-5',
        reference_id: String(number),
      })),
      pagination: { has_more: hasMore, next_cursor: hasMore ? String(first) : null },
    }
  }

  #createdMs(number: number): number {
    return Math.floor(this.#startMs + number * this.#spacingMs)
  }

  /** The number of the first charge that is not dated before. */
  #firstFrom(ms: number): number {
    let number = Math.max(0, Math.floor((ms - this.#startMs) / this.#spacingMs) - 1)
    while (this.#createdMs(number) < ms) number += 1
    return number
  }
}
