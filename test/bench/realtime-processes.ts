/** Steady processes that read a session, with the package and without: what two of them differ by. */
import { intervalOf, type Interval } from './interval.ts'
import type { MeasuredNode } from './nodes.ts'
import type { Origins } from './processes.ts'
import type { BetweenProcesses } from './realtime-results.ts'
import type { RealtimeWorkload } from './realtime-workloads.ts'
import { median } from './statistics.ts'
import { SteadyProcess } from './steady-process.ts'

export interface ProcessesPace {
  /** Sets of processes, six at least: each gives one value, because two processes of one program are not compiled alike. */
  readonly sets: number
  /** Slices of each process. */
  readonly rounds: number
  readonly sliceMs: number
  readonly warmUpMs: number
}

const SUBJECTS = ['plain', 'ours', 'ours-elsewhere', 'control'] as const
type Times = Readonly<Record<(typeof SUBJECTS)[number], number>>

export async function measureProcesses(
  node: MeasuredNode,
  origins: Origins,
  workload: RealtimeWorkload & { readonly framesPerCall: number },
  pace: ProcessesPace,
): Promise<BetweenProcesses> {
  const sets: Times[] = []
  for (let set = 0; set < pace.sets; set++) sets.push(await measureSet(node, origins, workload, pace))
  const differences = (subject: keyof Times): Interval =>
    intervalOf(sets.map((times) => times[subject] - times.plain))
  return {
    plainNs: median(sets.map(({ plain }) => plain)),
    addedNs: differences('ours'),
    elsewhereNs: differences('ours-elsewhere'),
    controlNs: differences('control'),
  }
}

/** CPU time of each main thread per frame, in nanoseconds: the median of slices that are timed in turns. */
async function measureSet(
  node: MeasuredNode,
  origins: Origins,
  { name, framesPerCall }: RealtimeWorkload & { readonly framesPerCall: number },
  { rounds, sliceMs, warmUpMs }: ProcessesPace,
): Promise<Times> {
  const started: SteadyProcess[] = []
  try {
    // All at once: nothing is measured yet.
    await Promise.all(
      SUBJECTS.map(async (subject, index) => {
        const options = { origins, workload: name, subject, warmUpMs, isAlone: false }
        started[index] = await SteadyProcess.start(node, options)
      }),
    )
    const times = started.map((): number[] => [])
    for (let round = 0; round < rounds; round++)
      for (let turn = 0; turn < started.length; turn++) {
        const index = (round + turn) % started.length
        const { threadCpuUs, cpuUs } = await (started[index] as SteadyProcess).time(sliceMs)
        times[index]?.push(((threadCpuUs ?? cpuUs) / framesPerCall) * 1000)
      }
    for (const process of started) await process.end()
    return Object.fromEntries(
      SUBJECTS.map((subject, index) => [subject, median(times[index] ?? [])]),
    ) as Times
  } finally {
    for (const process of started) process?.kill()
  }
}
