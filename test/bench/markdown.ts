/** The tables of what calls cost. */
import { formatTable } from '../../scripts/docs/table.ts'
import { formatBytes } from './memory-table.ts'
import type { NodeResult, WorkloadResult } from './results.ts'
import type { Comparison, Spread } from './statistics.ts'
import { FLOOR_STEPS, SUBJECTS, WORKLOADS, type Budget, type WorkloadRow } from './workloads.ts'

const NOT_MEASURED = '–'

/** Everything that was measured on one version of Node.js. */
export function formatNode({ workloads }: NodeResult): string {
  const rows = WORKLOADS.flatMap((workload) => {
    const measured = workloads[workload.name]
    if (measured === undefined) return []
    return Object.keys(SUBJECTS)
      .filter((subject) => measured.subjects[subject] !== undefined)
      .map((subject, index) => formatRow(workload, measured, subject, index === 0))
  })
  return formatTable(
    [
      'Calls',
      'Plain p50, CPU',
      'Budget',
      'With',
      'p50',
      'CPU',
      'Adds to p50',
      'Adds to CPU, to the main thread',
      'Allocates more, freed later',
    ],
    rows,
  )
}

function formatRow(
  { title, budget }: WorkloadRow,
  measured: WorkloadResult,
  subject: string,
  isFirst: boolean,
): string[] {
  const { plain, subjects } = measured
  const comparison = subjects[subject] as Comparison
  return [
    isFirst ? title : '',
    isFirst ? `${formatTime(plain.p50Us)}, ${formatTime(plain.cpuUs)}` : '',
    isFirst ? formatBudget(budget) : '',
    SUBJECTS[subject] ?? subject,
    formatSpread(comparison.p50),
    formatSpread(comparison.cpu),
    formatTime(comparison.addedP50Us.median),
    `${formatTime(comparison.addedCpuUs.median)}, ${formatThread(comparison)}`,
    comparison.addedBytes === undefined ? NOT_MEASURED : formatBytes(comparison.addedBytes),
  ]
}

/** From the floor to this package, step by step; `undefined` where the steps were not measured. */
export function formatFloor({ subjects }: WorkloadResult): string | undefined {
  if (subjects['floor-guard'] === undefined) return undefined
  const steps = { floor: 'the floor', ...FLOOR_STEPS, ours: 'this package' }
  const measured = Object.entries(steps).filter(([name]) => subjects[name] !== undefined)
  const rows = measured.map(([name, what]) => {
    const comparison = subjects[name] as Comparison
    const { addedCpuUs, addedP50Us, addedBytes } = comparison
    return [
      what,
      formatTime(addedP50Us.median),
      formatTime(addedCpuUs.median),
      formatThread(comparison),
      addedBytes === undefined ? NOT_MEASURED : formatBytes(addedBytes),
    ]
  })
  return formatTable(
    [
      'Each with all before it',
      'Adds to p50',
      'Adds to CPU',
      'Adds to the main thread',
      'Allocates more, freed later',
    ],
    rows,
  )
}

/** Machines and days, each once. */
export function describeMachines(nodes: readonly Pick<NodeResult, 'machine' | 'date'>[]): string {
  const machines = new Set(
    nodes.map(({ machine, date }) => `${machine.cores} cores of ${machine.cpu}, ${date}`),
  )
  return `Measured on ${[...machines].join('; ')}.`
}

/** Median, and the quartiles around it. */
export function formatSpread({ q1, median, q3 }: Spread): string {
  return `${median.toFixed(2)} (${q1.toFixed(2)}–${q3.toFixed(2)})`
}

function formatThread({ addedThreadCpuUs }: Comparison): string {
  return addedThreadCpuUs === undefined ? NOT_MEASURED : formatTime(addedThreadCpuUs.median)
}

function formatBudget({ p50, cpuOfFloor, cpuOfPeer, orChannels }: Budget): string {
  const limits = [
    ...(p50 === undefined ? [] : [`p50 ≤ ${p50.toFixed(2)}${orChannels ? ' or the channels alone' : ''}`]),
    ...(cpuOfFloor === undefined ? [] : [`added CPU ≤ ${cpuOfFloor.toFixed(1)} × the floor's`]),
    ...(cpuOfPeer === undefined ? [] : [`added CPU ≤ ${cpuOfPeer}'s`]),
  ]
  return limits.join(', ')
}

/** Three digits at least, in the unit that reads best. */
export function formatTime(us: number): string {
  if (Math.abs(us) >= 10_000) return `${(us / 1000).toFixed(1)} ms`
  return `${us.toFixed(Math.abs(us) < 10 ? 1 : 0)} µs`
}
