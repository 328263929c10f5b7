/** The short answer of docs/overhead.md: what a call costs. */
import { formatTable } from '../../scripts/docs/table.ts'
import { formatTime } from './markdown.ts'
import type { NodeResult } from './results.ts'
import type { Comparison } from './statistics.ts'
import { WORKLOADS } from './workloads.ts'

/** What `register()` does by default comes second, where it was measured. */
const SHOWN: readonly (readonly [subject: string, suffix: string])[] = [
  ['ours', ''],
  ['ours-metrics', ', metrics without spans'],
]

/** CPU time of one call without the package, and what the package adds: two columns for each Node.js. */
export function formatSummary(nodes: readonly NodeResult[]): string {
  const rows = WORKLOADS.flatMap(({ name, title }) =>
    SHOWN.map(([subject, suffix]) => [
      title + suffix,
      ...nodes.flatMap(({ workloads }) => formatCells(workloads[name], subject)),
    ]),
  )
  return formatTable(
    ['A call', ...nodes.flatMap(({ version }) => [`Node ${version}: without`, 'added'])],
    rows.filter((cells) => cells.slice(1).some((cell) => cell !== '')),
  )
}

function formatCells(measured: NodeResult['workloads'][string] | undefined, subject: string): string[] {
  const comparison = measured?.subjects[subject]
  if (measured === undefined || comparison === undefined) return ['', '']
  return [formatTime(measured.plain.cpuUs), formatAdded(comparison)]
}

/** A difference that is smaller than the noise may be negative. */
function formatAdded({ addedCpuUs }: Comparison): string {
  return addedCpuUs.median <= 0 ? 'not measurable' : formatTime(addedCpuUs.median)
}

const CALLS_PER_SECOND = 100
const US_PER_SECOND = 1_000_000

/** What the first row means for a service, in words; empty when it was not measured. */
export function formatLoad(nodes: readonly NodeResult[]): string {
  const [first] = WORKLOADS
  const shares = nodes.flatMap(({ version, workloads }) => {
    const added = workloads[first?.name ?? '']?.subjects['ours']?.addedCpuUs.median
    return added === undefined
      ? []
      : [`${((added * CALLS_PER_SECOND * 100) / US_PER_SECOND).toFixed(1)} % on Node ${version}`]
  })
  if (shares.length === 0) return ''
  return `A service that makes ${CALLS_PER_SECOND} such calls a second (${first?.title}) pays with this share of one core: ${shares.join(', ')}.`
}
