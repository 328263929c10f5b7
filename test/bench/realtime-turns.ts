/** What the observation of a frame costs: on a real socket in turns with and without it, and from memory. */
import { intervalOf } from './interval.ts'
import type { MeasuredNode } from './nodes.ts'
import { runProgram, type Origins } from './processes.ts'
import type { FromMemory, OnSocket } from './realtime-results.ts'
import type { RealtimeWorkload } from './realtime-workloads.ts'
import { median } from './statistics.ts'
import { LARGE_YOUNG_GENERATION } from './steady-process.ts'

/** Nanoseconds of the main thread per frame, of three turns one after the other. */
interface Round {
  readonly plain: number
  readonly observed: number
  readonly control: number
}

export interface TurnsPace {
  readonly warmUpMs: number
  readonly durationMs: number
}

export async function measureTurns(
  node: MeasuredNode,
  origins: Origins,
  workload: RealtimeWorkload,
  pace: TurnsPace,
): Promise<OnSocket> {
  const { rounds } = await runProgram<{ rounds: Round[] }>(node, 'realtime-pairs.mjs', {
    ...openingOf(origins, workload),
    warmFrames: workload.framesPerTurn,
    frames: workload.framesPerTurn,
    ...pace,
  })
  return {
    plainNs: median(rounds.map(({ plain }) => plain)),
    addedNs: intervalOf(rounds.map(({ plain, observed }) => observed - plain)),
    controlNs: intervalOf(rounds.map(({ plain, control }) => control - plain)),
  }
}

/** @param durationMs of each of a handful of measurements. */
export function measureFromMemory(
  node: MeasuredNode,
  origins: Origins,
  workload: RealtimeWorkload,
  durationMs: number,
): Promise<FromMemory> {
  return runProgram<FromMemory>(
    node,
    'realtime-memory.mjs',
    { ...openingOf(origins, workload), frames: 2 * workload.framesPerTurn, durationMs },
    LARGE_YOUNG_GENERATION,
  )
}

function openingOf(
  origins: Origins,
  { origin, protocol, frame, areApart, client }: RealtimeWorkload,
): object {
  return { origin: origins[origin], protocol, frame, areApart, client }
}
