/** Worlds that nobody thought of: names that process after process takes, at any pace. The same seed, the same world. */
import { type ProcessRun, random } from './processes.ts'
import { HOUR, push, run, scrape } from './runs.ts'
import type { World } from './world.ts'

const HOURS = 6
const LIVES_S = [300, 900, 3600]
const PAUSES_S = [15, 30, 120, 400, 1200, 5000]
const INTERVALS_S = [15, 30, 60]
const DOWN_S = [60, 120, 240, 400, 1200, 4800]

/** Up to three names; of each, whether it is scraped or pushes, fails, and has few or many label sets, is by chance. */
export function randomWorld(seed: number): World {
  const chance = random(seed)
  const pick = (values: readonly number[]) => values[Math.floor(chance() * values.length)] as number
  const around = (seconds: number) => Math.round(seconds * (0.5 + chance()))

  const runsOf = (instance: string): ProcessRun[] => {
    const [lifeS, pauseS, everyS] = [pick(LIVES_S), pick(PAUSES_S), pick(INTERVALS_S)]
    const spending =
      chance() < 0.6
        ? { labelSets: 30, everyS: 1200, credits: 20_000 }
        : { labelSets: 5, everyS: 60, credits: 20_000 }
    const by = chance() < 0.4 ? push : scrape
    const failing = chance() < 0.3 ? chance() / 2 : 0
    const fails = (atS: number) => random(seed * 1e5 + atS)() < failing
    const runs: ProcessRun[] = []
    for (let startS = 7.123 + around(300); startS < HOURS * HOUR;) {
      const endS = startS + around(lifeS)
      runs.push(run({ instance, startS, endS, spending, seen: by(everyS, { fails }) }))
      // Samples of a world lie on a grid of 5 s: a push at the end must not come after the next start.
      startS = endS + Math.max(10, around(pauseS))
    }
    return runs
  }

  const names = 1 + Math.floor(chance() * 3)
  const runs = Array.from({ length: names }, (_, index) => runsOf(`pod-${index}`)).flat()
  const down: World['down'] = chance() < 0.3 ? [[2 * HOUR, 2 * HOUR + pick(DOWN_S)]] : []
  return { name: `by chance, ${seed}`, hours: HOURS, gridS: 5, runs, down }
}
