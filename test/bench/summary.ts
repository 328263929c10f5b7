/** The short answer of docs/overhead.md: what a call costs. */
import { formatTable } from '../../scripts/docs/table.ts'
import { formatTime } from './markdown.ts'
import type { NodeResult } from './results.ts'
import { WORKLOADS } from './workloads.ts'

/** What `register()` does by default comes second, where it was measured. */
const SHOWN: readonly (readonly [subject: string, suffix: string])[] = [
  ['ours', ''],
  ['ours-metrics', ', metrics without spans'],
]

/** CPU time that the package adds to one call, beside what the call takes without it: a column for each Node.js. */
export function formatSummary(nodes: readonly NodeResult[]): string {
  const rows = WORKLOADS.flatMap(({ name, title }) =>
    SHOWN.map(([subject, suffix]) => [
      title + suffix,
      ...nodes.map(({ workloads }) => formatCell(workloads[name], subject)),
    ]),
  )
  return formatTable(
    ['A call', ...nodes.map(({ version }) => `Node ${version}`)],
    rows.filter((cells) => cells.slice(1).some((cell) => cell !== '')),
  )
}

function formatCell(measured: NodeResult['workloads'][string] | undefined, subject: string): string {
  const comparison = measured?.subjects[subject]
  if (measured === undefined || comparison === undefined) return ''
  return `${formatTime(comparison.addedCpuUs.median)} more than ${formatTime(measured.plain.cpuUs)}`
}
