/** What a frame of a realtime session costs: the figure that is judged, where it comes from, and a check from outside. */
import { formatTable } from '../../scripts/docs/table.ts'
import { judgeInterval, type Interval, type Verdict } from './interval.ts'
import { describeMachines } from './markdown.ts'
import type { FrameResult } from './realtime-results.ts'
import { REALTIME_WORKLOADS, type RealtimeWorkload } from './realtime-workloads.ts'
import type { Results } from './results.ts'

type Measured = readonly [version: string, workload: RealtimeWorkload, result: FrameResult]

const NOTHING = '–'

export function formatRealtime({ realtime }: Pick<Results, 'realtime'>): string {
  const nodes = Object.entries(realtime ?? {})
  if (nodes.length === 0) return 'Not measured yet: `npm run bench:realtime -- --write`.'
  const measured = REALTIME_WORKLOADS.flatMap((workload) =>
    nodes.flatMap(([major, { frames }]): Measured[] => {
      const result = frames[workload.name]
      return result === undefined ? [] : [[`Node ${major}`, workload, result]]
    }),
  )
  return [
    describeMachines(nodes.map(([, node]) => node)),
    '',
    formatTable(
      ['A frame', '', 'Without', 'Budget', 'The package adds', 'Control', 'The budget is'],
      measured.map(formatJudged),
    ),
    '',
    ...EXPLAIN_MEMORY,
    '',
    formatTable(
      [
        'A frame',
        '',
        'Chunks',
        "The package's code from memory",
        'Of it: chunks',
        'Of it: reading',
        'On a real socket more',
        'Put on the heap',
      ],
      measured.map(formatMemory),
    ),
    '',
    ...EXPLAIN_PROCESSES,
    '',
    formatTable(
      [
        'A frame',
        '',
        'Sets of processes',
        'Without',
        'The package adds',
        'It adds to a session of another host',
        'Control',
        'The budget is',
      ],
      measured.flatMap(formatProcesses),
    ),
    '',
    describeFindings(measured),
  ].join('\n')
}

const EXPLAIN_MEMORY = [
  "Where it comes from: the package's code alone. The same bytes come from memory, in chunks of the sizes that the socket delivered, and go nowhere. A chunk costs something even if no frame begins in it. Sound of OpenAI's protocol is skipped by its length. In Gemini Live usage may stand behind the sound, so its end is searched. On a real socket the same code takes longer, because the client and the kernel use the caches in between. It is less where the search for the end brings the bytes into the cache, and the client then finds them there.",
]

const EXPLAIN_PROCESSES = [
  "A check from outside: processes with and without the package, started in sets. Each set gives one difference. It contains more than the frames: the package's other objects are on the heap too, and the engine collects garbage at other times. With frames of 100 kB, that takes a large part of the time (compare 'without' in the two tables), and it differs from one process to the next by more than the budget. If the session is another host's, no frame is looked at: that column shows how much comes from the rest.",
]

function formatJudged([version, { title, budgetNs }, { onSocket }]: Measured): string[] {
  const { plainNs, addedNs, controlNs } = onSocket
  return [
    title,
    version,
    formatNs(plainNs),
    budgetNs === undefined ? NOTHING : formatNs(budgetNs),
    formatInterval(addedNs),
    formatInterval(controlNs),
    formatVerdict(addedNs, controlNs, budgetNs),
  ]
}

function formatMemory([version, { title }, { fromMemory, onSocket }]: Measured): string[] {
  const { frameNs, chunksPerFrame, perChunkNs, allocatedBytes } = fromMemory
  const chunksNs = perChunkNs === undefined ? undefined : perChunkNs * chunksPerFrame
  return [
    title,
    version,
    chunksPerFrame.toPrecision(2),
    formatNs(frameNs),
    chunksNs === undefined || perChunkNs === undefined
      ? NOTHING
      : `${formatNs(chunksNs)} (${formatNs(perChunkNs)} each)`,
    chunksNs === undefined ? NOTHING : formatNs(frameNs - chunksNs),
    formatNs(onSocket.addedNs.median - frameNs),
    `${Math.round(allocatedBytes)} B`,
  ]
}

function formatProcesses([version, { title, budgetNs }, { betweenProcesses }]: Measured): string[][] {
  if (betweenProcesses === undefined) return []
  const { plainNs, addedNs, elsewhereNs, controlNs } = betweenProcesses
  return [
    [
      title,
      version,
      String(addedNs.count),
      formatNs(plainNs),
      formatInterval(addedNs),
      elsewhereNs === undefined ? NOTHING : formatInterval(elsewhereNs),
      formatInterval(controlNs),
      formatVerdict(addedNs, controlNs, budgetNs),
    ],
  ]
}

const VERDICTS: Readonly<Record<Verdict, string>> = {
  within: 'met',
  over: 'exceeded',
  'not decided': 'not decided',
}

function formatVerdict(added: Interval, control: Interval, budgetNs: number | undefined): string {
  return budgetNs === undefined ? NOTHING : VERDICTS[judgeInterval(added, control, budgetNs)]
}

function describeFindings(measured: readonly Measured[]): string {
  const findings = judgeRealtime(measured)
  if (findings.length === 0) return 'The budget is met.'
  return ['The budget is not shown to be met:', '', ...findings.map((finding) => `- ${finding}`)].join('\n')
}

/** Where the judged figure is not certainly within the budget, or the check from outside is certainly over it. */
export function judgeRealtime(measured: readonly Measured[]): string[] {
  return measured.flatMap(([version, { title, budgetNs }, { onSocket, betweenProcesses }]) => {
    if (budgetNs === undefined) return []
    const verdict = judgeInterval(onSocket.addedNs, onSocket.controlNs, budgetNs)
    const findings: string[] = []
    if (verdict !== 'within')
      findings.push(`${title}, ${version}: ${formatInterval(onSocket.addedNs)}, ${VERDICTS[verdict]}`)
    if (
      betweenProcesses !== undefined &&
      judgeInterval(betweenProcesses.addedNs, betweenProcesses.controlNs, budgetNs) === 'over'
    )
      findings.push(`${title}, ${version}, processes: ${formatInterval(betweenProcesses.addedNs)}, exceeded`)
    return findings
  })
}

/** The median, and between what it is with 95 % confidence. */
function formatInterval({ low, median, high }: Interval): string {
  return `${formatNs(median)} (${formatNs(low)} to ${formatNs(high)})`
}

/** Two digits are certain at most. */
function formatNs(ns: number): string {
  // Without the sign of a zero.
  return Math.abs(ns) < 100 ? `${Math.round(ns) + 0} ns` : `${(ns / 1000).toFixed(2)} µs`
}
