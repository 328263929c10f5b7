/** What a frame of a realtime session costs, by its size. */
import { formatTable } from '../../scripts/docs/table.ts'
import { describeMachines } from './markdown.ts'
import { REALTIME_SUBJECTS, REALTIME_WORKLOADS, type RealtimeWorkload } from './realtime-workloads.ts'
import type { NodeResult, Results } from './results.ts'
import type { Spread } from './statistics.ts'

/** What is judged, and what shows the noise of its measurement. */
const CONTROLS = [
  ['beside-ours', 'beside-control'],
  ['ours', 'control'],
] as const

export function formatRealtime({ realtime }: Pick<Results, 'realtime'>): string {
  const nodes = Object.entries(realtime ?? {})
  if (nodes.length === 0) return 'Not measured yet: `npm run bench:realtime -- --write`.'
  const rows = nodes.flatMap(([major, node]) =>
    REALTIME_WORKLOADS.flatMap((row) => formatFrame(`Node ${major}`, row, node)),
  )
  const findings = nodes.flatMap(([major, node]) =>
    judgeRealtime(node).map((finding) => `- Node ${major}, ${finding}`),
  )
  return [
    describeMachines(nodes.map(([, node]) => node)),
    '',
    formatTable(
      [
        'A frame',
        '',
        'Plain CPU',
        'Budget',
        'With',
        'Adds to CPU',
        'Adds to the main thread',
        'Adds to the heap',
      ],
      rows,
    ),
    '',
    findings.length === 0
      ? 'Everything is within the budget.'
      : ['Over the budget:', '', ...findings].join('\n'),
  ].join('\n')
}

function formatFrame(
  version: string,
  { name, title, budgetUs, framesPerCall }: RealtimeWorkload,
  { workloads }: NodeResult,
): string[][] {
  const measured = workloads[name]
  if (measured === undefined) return []
  return Object.entries(REALTIME_SUBJECTS).flatMap(([subject, what], index) => {
    const comparison = measured.subjects[subject]
    if (comparison === undefined) return []
    const { addedCpuUs, addedThreadCpuUs, addedBytes } = comparison
    const isFirst = index === 0
    return [
      [
        isFirst ? title : '',
        isFirst ? version : '',
        isFirst ? formatFrameTime(measured.plain.cpuUs / framesPerCall) : '',
        isFirst && budgetUs !== undefined ? formatFrameTime(budgetUs) : '',
        what,
        formatAdded(addedCpuUs, framesPerCall),
        addedThreadCpuUs === undefined ? '–' : formatAdded(addedThreadCpuUs, framesPerCall),
        addedBytes === undefined ? '–' : `${Math.round(addedBytes / framesPerCall)} B`,
      ],
    ]
  })
}

/** What is over the budget by more than the control strays, in words; empty when it is met. */
export function judgeRealtime({ workloads }: NodeResult): string[] {
  return REALTIME_WORKLOADS.flatMap(({ name, title, budgetUs, framesPerCall }) => {
    const subjects = workloads[name]?.subjects ?? {}
    return CONTROLS.flatMap(([subject, control]) => {
      const { [subject]: ours, [control]: nothing } = subjects
      if (budgetUs === undefined || ours === undefined || nothing === undefined) return []
      const addedUs = ours.addedCpuUs.median / framesPerCall
      const noiseUs = Math.max(0, nothing.addedCpuUs.q3) / framesPerCall
      if (addedUs <= budgetUs + noiseUs) return []
      return [
        `${title}, ${REALTIME_SUBJECTS[subject]}: adds ${formatFrameTime(addedUs)} > ${formatFrameTime(budgetUs)} + ${formatFrameTime(noiseUs)} of the control`,
      ]
    })
  })
}

/** Median, and the quartiles around it. */
function formatAdded({ q1, median, q3 }: Spread, frames: number): string {
  const [low, high] = [q1, q3].map((us) => (us / frames).toFixed(2))
  return `${formatFrameTime(median / frames)} (${low}–${high})`
}

function formatFrameTime(us: number): string {
  return `${us.toFixed(2)} µs`
}
