/** The tables of what was measured. */
import { formatTable } from '../../scripts/docs/table.ts'
import type { NodeResult, Results, WorkloadResult } from './results.ts'
import type { Comparison, Spread } from './statistics.ts'
import { SUBJECTS, WORKLOADS, type Budget, type WorkloadRow } from './workloads.ts'

const NOT_MEASURED = '–'

/**
 * For the README: the package, the control and the peers that the budget names, in every version of Node.js, as
 * `p50 / CPU`.
 */
export function formatOverhead({ overhead = {} }: Results): string {
  const nodes = Object.values(overhead)
  if (nodes.length === 0) return 'Written by `npm run bench -- --write`.'
  const rows = WORKLOADS.flatMap((workload) =>
    subjectsOf(workload, nodes)
      .filter((subject) => ['ours', 'control', workload.budget.below].includes(subject))
      .map((subject, index) => [
        index === 0 ? workload.title : '',
        SUBJECTS[subject] ?? subject,
        ...nodes.map(({ workloads }) => formatMedians(workloads[workload.name]?.subjects[subject])),
      ]),
  )
  return [
    `Ratios to the same calls without anything, \`p50 of the latency / CPU per call\`, medians over all pairs of slices. ${describeMachines(nodes)}`,
    '',
    formatTable(['Calls', 'With', ...nodes.map(({ version }) => `Node ${version}`)], rows),
  ].join('\n')
}

/** Everything that was measured on one version of Node.js. */
export function formatNode(node: NodeResult): string {
  const rows = WORKLOADS.flatMap((workload) => {
    const measured = node.workloads[workload.name]
    if (measured === undefined) return []
    return subjectsOf(workload, [node]).map((subject, index) =>
      formatRow(workload, measured, subject, index === 0),
    )
  })
  return formatTable(
    ['Calls', 'Plain p50, CPU', 'Budget', 'With', 'p50', 'CPU', 'Throughput', 'Adds to p50, CPU', 'Pairs'],
    rows,
  )
}

function formatRow(
  { title, budget }: WorkloadRow,
  { plain, subjects }: WorkloadResult,
  subject: string,
  isFirst: boolean,
): string[] {
  const comparison = subjects[subject] as Comparison
  const { p50, cpu, throughput, addedP50Us, addedCpuUs, pairs } = comparison
  return [
    isFirst ? title : '',
    isFirst ? `${formatTime(plain.p50Us)}, ${formatTime(plain.cpuUs)}` : '',
    subject === 'ours' ? formatBudget(budget) : '',
    SUBJECTS[subject] ?? subject,
    formatSpread(p50),
    formatSpread(cpu),
    throughput === undefined ? NOT_MEASURED : formatSpread(throughput),
    `${formatTime(addedP50Us.median)}, ${formatTime(addedCpuUs.median)}`,
    String(pairs),
  ]
}

function subjectsOf({ name }: WorkloadRow, nodes: readonly NodeResult[]): string[] {
  return Object.keys(SUBJECTS).filter((subject) =>
    nodes.some(({ workloads }) => workloads[name]?.subjects[subject] !== undefined),
  )
}

/** Machines and days, each once. */
export function describeMachines(nodes: readonly NodeResult[]): string {
  const machines = new Set(
    nodes.map(({ machine, date }) => `${machine.cores} cores of ${machine.cpu}, ${date}`),
  )
  return `Measured on ${[...machines].join('; ')}.`
}

function formatMedians(comparison: Comparison | undefined): string {
  if (comparison === undefined) return NOT_MEASURED
  return `${comparison.p50.median.toFixed(2)} / ${comparison.cpu.median.toFixed(2)}`
}

/** Median, and the quartiles around it. */
export function formatSpread({ q1, median, q3 }: Spread): string {
  return `${median.toFixed(2)} (${q1.toFixed(2)}–${q3.toFixed(2)})`
}

function formatBudget({ p50, cpu, delayOnly, below }: Budget): string {
  const limits = [
    ...(p50 === undefined ? [] : [`p50 ≤ ${p50.toFixed(2)}`]),
    ...(cpu === undefined ? [] : [`CPU ≤ ${cpu.toFixed(2)}`]),
    ...(delayOnly ? ['delay as control'] : []),
    ...(below === undefined ? [] : ['below the peer']),
  ]
  return limits.join(', ')
}

/** Three digits at least, in the unit that reads best. */
export function formatTime(us: number): string {
  if (Math.abs(us) >= 10_000) return `${(us / 1000).toFixed(1)} ms`
  return `${us.toFixed(Math.abs(us) < 10 ? 1 : 0)} µs`
}
