/** How far the counted spend of a world is off, under one promtool. */
import { recorded, recordingGroups } from '../recording-rules.ts'
import { COUNTED_START, WATCHING_SINCE, countedValue } from '../counting.ts'
import { metric } from '../names.ts'
import { askPromtool } from './promtool.ts'
import { type World, play } from './world.ts'

/** The rules that credits are counted by, as they are shipped. */
const NEEDED = new Set([
  WATCHING_SINCE,
  recorded.creditsUsed,
  countedValue(metric.creditsUsed),
  COUNTED_START,
])
const groups = recordingGroups
  .map((group) => ({ ...group, rules: group.rules.filter(({ record }) => NEEDED.has(record)) }))
  .filter(({ rules }) => rules.length > 0)

export interface CountedWorld {
  readonly name: string
  readonly spentUsd: number
  /** Of the spend, what no scrape or push ever showed; not positive. */
  readonly unseenPercent: number
  /** Of the spend, what the rules say too much or too little. */
  readonly errorPercent: number
}

const CREDITS_PER_USD = 2_000_000

/** @param promtool Path of promtool or vmalert-tool. */
export async function countWorld(promtool: string, world: World): Promise<CountedWorld> {
  const played = play(world)
  const [counted = Number.NaN] = await askPromtool(promtool, groups, played, [recorded.creditsUsed])
  const percent = (credits: number) => (credits / played.spent - 1) * 100
  return {
    name: world.name,
    spentUsd: played.spent / CREDITS_PER_USD,
    unseenPercent: percent(played.shown),
    errorPercent: percent(counted),
  }
}
