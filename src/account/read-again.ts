/**
 * Which stretches of the ledger are read again, and when. Entries may appear later than their date, those of a video or
 * batch when it is over: a stretch is read again, ever more rarely, and a late entry found before it is about twice as old.
 */
import type { Stretch } from '../api/account.ts'

interface AgeingStretch extends Stretch {
  /** Index in AGES_MS of the next reading. */
  readonly times: number
}

const MINUTE_MS = 60_000
/** Ages at which a stretch is read again; the last is beyond the 24 hours that a batch may take. */
const AGES_MS = [10, 20, 45, 90, 180, 360, 720, 1500].map((minutes) => minutes * MINUTE_MS)
export const LAST_READING_AGE_MS = AGES_MS.at(-1) as number
/** Adjacent shorter stretches are joined up to this: a few hundred stretches cover a day. */
const STRETCH_MS = 5 * MINUTE_MS

/** The stretches of the ledger that were read and are read again, and when. */
export class ReadAgain {
  /** The oldest first; they do not overlap. */
  #stretches: AgeingStretch[] = []

  /** Adds a stretch that is later than all others. */
  add(startMs: number, endMs: number): void {
    if (startMs >= endMs) return
    const last = this.#stretches.at(-1)
    const joins = last?.times === 0 && last.endMs === startMs && endMs - last.startMs <= STRETCH_MS
    if (joins) this.#stretches.pop()
    this.#stretches.push({ startMs: joins ? last.startMs : startMs, endMs, times: 0 })
  }

  /** The oldest stretch that is due. */
  due(nowMs: number): Stretch | undefined {
    return this.#stretches.find(({ endMs, times }) => nowMs - endMs >= (AGES_MS[times] ?? 0))
  }

  /** The stretch was read again completely at `nowMs`. */
  done(stretch: Stretch, nowMs: number): void {
    this.#replace(stretch, ({ startMs, endMs }) => {
      const times = AGES_MS.findIndex((ageMs) => nowMs - endMs < ageMs)
      return times < 0 ? [] : [{ startMs, endMs, times }]
    })
  }

  /** Splits a stretch that has too many pages. */
  halve(stretch: Stretch): void {
    this.#replace(stretch, ({ startMs, endMs, times }) => {
      const middleMs = Math.floor((startMs + endMs) / 2)
      return [
        { startMs, endMs: middleMs, times },
        { startMs: middleMs, endMs, times },
      ]
    })
  }

  /** Drops what lies before: it must not be read again. */
  forget(beforeMs: number): void {
    this.#stretches = this.#stretches
      .filter(({ endMs }) => endMs > beforeMs)
      .map((stretch) => (stretch.startMs < beforeMs ? { ...stretch, startMs: beforeMs } : stretch))
  }

  #replace(stretch: Stretch, by: (stretch: AgeingStretch) => AgeingStretch[]): void {
    this.#stretches = this.#stretches.flatMap((each) => (each === stretch ? by(each) : [each]))
  }
}
