/** docs/overhead.md: everything that was measured, and how. */
import { describeMachines, formatFloor, formatNode } from './markdown.ts'
import { formatMemory } from './memory-table.ts'
import { formatRealtime } from './realtime-table.ts'
import type { NodeResult, Results } from './results.ts'
import { formatScale } from './scale-table.ts'
import { formatStartup } from './startup-table.ts'
import { judgeAll } from './workloads.ts'

const METHOD = `Every measured process has one subject switched on from its start to its end; nothing is switched in between. For each workload, one process of each subject is warmed up; then they take turns: in every round each is timed for 120 ms, calls one after the other, and each round begins with another one. Then all are started anew: two processes of one program are not compiled alike. A server in a process of its own answers with bytes that were made before, over loopback. The application's OpenTelemetry is real: a MeterProvider with a Prometheus reader, a BatchSpanProcessor whose exporter forgets, and the context manager and propagator of \`NodeSDK\`; the plain process has none of it.

Each round gives a ratio and a difference to the plain process of that round: of the median latency, of the CPU time of the whole process per call (garbage collection and compilation beside the main thread included), and of the main thread's. The tables show medians over all rounds, ratios with their quartiles. What a call puts on the heap is counted in processes whose young generation is large enough to need no collection. The control is a second plain process: what it strays is noise. No process counts that has not shown a span with the right cost.

The floor is the least that anybody could do: the same span, histograms and counters for one fixed answer, written by hand (\`test/bench/programs/floor.mjs\`), without another endpoint, failure or limit.

Over the budget is what is above its limit by more than the upper quartile of the control is above nothing.`

export function formatDocument(results: Results): string {
  const nodes = Object.values(results.overhead ?? {})
  return [
    '# What a call costs',
    '',
    'Written by `npm run docs` from `test/bench/results.json`, which `npm run bench`, `bench:memory`, `bench:startup`, `bench:scale` and `bench:realtime` fill with `-- --write`.',
    '',
    METHOD,
    '',
    ...(nodes.length === 0
      ? ['Not measured yet: `npm run bench -- --write`.', '']
      : nodes.flatMap(formatOneNode)),
    '## Memory',
    '',
    formatMemory(results),
    '',
    '## Start-up and size',
    '',
    formatStartup(results),
    '',
    '## Realtime sessions',
    '',
    'CPU time of a whole process that reads one session through `ws`, per frame: the medians of several processes with the package and without it, in turns.',
    '',
    formatRealtime(results),
    '',
    '## Scale of the structures on the way of every call',
    '',
    formatScale(results),
    '',
  ].join('\n')
}

function formatOneNode(node: NodeResult): string[] {
  const floor = formatFloor(node)
  return [
    `## Node ${node.version}`,
    '',
    describeMachines([node]),
    '',
    formatNode(node),
    '',
    formatFindings(node.workloads),
    '',
    ...(floor === undefined
      ? []
      : [`### From the floor to this package on Node ${node.version}: ${FLOOR_CALLS}`, '', floor, '']),
  ]
}

const FLOOR_CALLS = 'chat JSON by fetch'

function formatFindings(workloads: Parameters<typeof judgeAll>[0]): string {
  const findings = judgeAll(workloads)
  if (findings.length === 0) return 'Everything is within the budget.'
  return ['Over the budget:', '', ...findings.map(({ title, finding }) => `- ${title}: ${finding}`)].join(
    '\n',
  )
}
