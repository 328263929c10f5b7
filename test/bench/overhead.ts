/** One version of Node.js, all workloads. */
import type { MeasuredNode } from './nodes.ts'
import { runProgram, type Origins } from './processes.ts'
import { describeMachine, type NodeResult, type WorkloadResult } from './results.ts'
import { compare, plainOf, type Pair } from './statistics.ts'

export interface OverheadOptions {
  readonly origins: Origins
  /** Names of workloads. */
  readonly only: readonly string[]
  /** Of the package and its control; the others get half of them. */
  readonly pairs: number
  readonly sliceMs: number
}

interface Measured {
  readonly workload: string
  readonly version: string
  readonly subjects: Readonly<Record<string, readonly Pair[]>>
}

/** @param onWorkload told of each workload as soon as it is measured. */
export async function measureOverhead(
  node: MeasuredNode,
  options: OverheadOptions,
  onWorkload: (name: string, result: WorkloadResult) => void,
): Promise<NodeResult> {
  const workloads: Record<string, WorkloadResult> = {}
  const { version } = await runProgram<Measured>(
    node,
    'client.mjs',
    options,
    ['--expose-gc'],
    ({ workload, subjects }) => {
      const result = summarise(subjects)
      workloads[workload] = result
      onWorkload(workload, result)
    },
  )
  return { version, date: new Date().toISOString().slice(0, 10), machine: describeMachine(), workloads }
}

function summarise(subjects: Measured['subjects']): WorkloadResult {
  return {
    plain: plainOf(Object.values(subjects).flat()),
    subjects: Object.fromEntries(Object.entries(subjects).map(([name, pairs]) => [name, compare(pairs)])),
  }
}
