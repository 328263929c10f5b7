/** How the worlds' processes are written down. */
import type { ProcessRun, Seen, Spending } from './processes.ts'

export const HOUR = 3600
/** 2.40 USD an hour, on average. */
export const BUSY: Spending = { labelSets: 6, everyS: 90, credits: 20_000 }
export const SPARSE: Spending = { labelSets: 30, everyS: 4 * HOUR, credits: 20_000 }

export const scrape = (everyS = 15, more: Partial<Extract<Seen, { by: 'scrape' }>> = {}): Seen => ({
  by: 'scrape',
  everyS,
  ...more,
})
export const push = (everyS = 60, more: Partial<Extract<Seen, { by: 'push' }>> = {}): Seen => ({
  by: 'push',
  everyS,
  ...more,
})

/** A process of the shop for the whole world, unless said otherwise. */
export const run = (more: Partial<ProcessRun> = {}): ProcessRun => ({
  job: 'shop',
  instance: 'a',
  startS: 7.123,
  endS: Infinity,
  spending: BUSY,
  seen: scrape(),
  ...more,
})

/** One process after the other, each for so long, with so long between them. */
export function generations(
  hours: number,
  lifeS: number,
  pauseS: number,
  more: (generation: number) => Partial<ProcessRun>,
): ProcessRun[] {
  const count = Math.ceil((hours * HOUR) / lifeS)
  return Array.from({ length: count }, (_, index) => {
    const startS = 7.123 + index * lifeS
    return run({ startS, endS: startS + lifeS - pauseS, ...more(index) })
  })
}
