/**
 * Which stretches of the ledger are to be read again, and when. Entries land after the time they are dated: a
 * charge after its response, that of a video or a batch when it is done. So a stretch is looked at again while it
 * ages, ever more rarely: what lands late is found when the stretch is at most about twice as old as it was then.
 */

/** Server time, milliseconds since the epoch. */
export interface Stretch {
  readonly fromMs: number
  readonly toMs: number
}

interface AgeingStretch extends Stretch {
  /** Times it was read again. */
  readonly times: number
}

const MINUTE_MS = 60_000
/** Ages at which a stretch is read again; the last is beyond the 24 hours that a batch may take. */
const AGES_MS = [10, 20, 45, 90, 180, 360, 720, 1500].map((minutes) => minutes * MINUTE_MS)
/** After it nothing is read again. */
export const MAX_AGE_MS = AGES_MS.at(-1) as number
/** Shorter stretches that follow each other become one: a few hundred of them cover everything. */
const STRETCH_MS = 5 * MINUTE_MS

export class ReadAgain {
  /** The oldest first; they do not overlap. */
  #stretches: AgeingStretch[] = []

  get size(): number {
    return this.#stretches.length
  }

  /** From now on this stretch, which follows all others, ages. */
  add(fromMs: number, toMs: number): void {
    if (fromMs >= toMs) return
    const last = this.#stretches.at(-1)
    const joins = last?.times === 0 && last.toMs === fromMs && toMs - last.fromMs <= STRETCH_MS
    if (joins) this.#stretches.pop()
    this.#stretches.push({ fromMs: joins ? last.fromMs : fromMs, toMs, times: 0 })
  }

  /** The oldest stretch that is due. */
  due(nowMs: number): Stretch | undefined {
    return this.#stretches.find(({ toMs, times }) => nowMs - toMs >= (AGES_MS[times] ?? 0))
  }

  /** It was read again to its end at `nowMs`. */
  done(stretch: Stretch, nowMs: number): void {
    this.#replace(stretch, ({ fromMs, toMs }) => {
      const times = AGES_MS.findIndex((ageMs) => nowMs - toMs < ageMs)
      return times < 0 ? [] : [{ fromMs, toMs, times }]
    })
  }

  /** It is too long to be read in one go. */
  halve(stretch: Stretch): void {
    this.#replace(stretch, ({ fromMs, toMs, times }) => {
      const middleMs = Math.floor((fromMs + toMs) / 2)
      return [
        { fromMs, toMs: middleMs, times },
        { fromMs: middleMs, toMs, times },
      ]
    })
  }

  /** What lies before must not be read again. */
  forget(beforeMs: number): void {
    this.#stretches = this.#stretches
      .filter(({ toMs }) => toMs > beforeMs)
      .map((stretch) => (stretch.fromMs < beforeMs ? { ...stretch, fromMs: beforeMs } : stretch))
  }

  #replace(stretch: Stretch, by: (stretch: AgeingStretch) => AgeingStretch[]): void {
    this.#stretches = this.#stretches.flatMap((each) => (each === stretch ? by(each) : [each]))
  }
}
