/** How far the counted spend of a world is off, under one promtool. */
import { config } from '../config.ts'
import { CREDITS_PER_USD } from '../names.ts'
import { recorded } from '../recording-rules.ts'
import { CREDITS, totalsOf } from '../rules/totals.ts'
import type { Sample } from './processes.ts'
import { type Group, askPromtool, notation, selector } from './promtool.ts'
import { WARM_UP_S, type World, play } from './world.ts'

/** Series of 1 while Prometheus is up: rules are not evaluated without it. */
const ALIVE = 'test_prometheus_is_up'

/** The rules that credits are counted by, as they are shipped. */
const groups: readonly Group[] = [
  {
    name: 'aimlapi-totals',
    interval: `${config.counting.intervalSeconds}s`,
    rules: totalsOf([CREDITS], []).map(({ record, expr }) => ({
      record,
      expr: `(${expr}) and on () ${ALIVE}`,
    })),
  },
]

export interface CountedWorld {
  readonly spentUsd: number
  /** Of the spend, what no scrape or push ever showed; not positive. */
  readonly unseenPercent: number
  /** Of the spend, what the rules say too much or too little. */
  readonly errorPercent: number
}

/** @param promtool Its command. */
export async function countWorld(promtool: string, world: World): Promise<CountedWorld> {
  const { series, spent, shown } = play(world)
  const gridS = world.gridS ?? 15
  const endS = WARM_UP_S + world.hours * 3600
  const input = series.map((one) => ({ series: selector(one), values: notation(one.samples, gridS) }))
  const [answers] = await askPromtool(
    promtool,
    {
      groups,
      gridS,
      everyS: world.evaluationS ?? 60,
      series: [{ series: ALIVE, values: notation(upSamples(world, endS, gridS), gridS) }, ...input],
    },
    [{ expr: `sum(${recorded.creditsUsed})`, atS: endS + 600 }],
  )
  const percent = (credits: number) => (credits / spent - 1) * 100
  return {
    spentUsd: spent / CREDITS_PER_USD,
    unseenPercent: percent(shown),
    errorPercent: percent(answers?.[0]?.value ?? Number.NaN),
  }
}

function upSamples(world: World, endS: number, gridS: number): Sample[] {
  const down = (world.down ?? []).map(([from, to]) => [from + WARM_UP_S, to + WARM_UP_S] as const)
  const steps = Math.ceil((endS + 1800) / gridS)
  const up: Sample[] = Array.from({ length: steps }, (_, step) => step * gridS)
    .filter((atS) => !down.some(([from, to]) => atS >= from && atS < to))
    .map((atS) => ({ atS, value: 1 }))
  for (const [from] of down) up.push({ atS: from, value: 'stale' })
  return up.toSorted((left, right) => left.atS - right.atS)
}
