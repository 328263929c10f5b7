/** docs/overhead.md: everything that was measured, and how. */
import { describeMachines, formatFloor, formatNode } from './markdown.ts'
import { formatMemory } from './memory-table.ts'
import { formatRealtime } from './realtime-table.ts'
import type { NodeResult, PlacesOfSubjects, Results } from './results.ts'
import { formatScale } from './scale-table.ts'
import { formatStartup } from './startup-table.ts'
import { formatLoad, formatSummary } from './summary.ts'
import { formatPlaces, PROFILED_WORKLOADS } from './where-table.ts'
import { judgeAll, WORKLOADS } from './workloads.ts'

const METHOD = `## How it is measured

- **Processes.** A measured process has one subject (this package, another instrumentation, nothing) switched on from its start to its end. They run one after the other, each alone: it makes 30,000 calls (fewer if they take 12 s), until the engine has compiled what is called often, and is then timed in slices of 200 ms, one call after the other. After fewer calls larger code is still being compiled, which looks like a cost of each call. Then all are started again, because the engine does not compile two processes of one program alike. One process may also change its pace after seconds: differences within the quartiles say nothing.
- **Server.** It runs in a process of its own and answers over loopback with bytes that were made before. Client and server share one CPU: they take turns anyway, and on two CPUs each message wakes the other one. On a virtual machine that takes longer than what is measured, and longer still after 30 µs of work of any kind.
- **OpenTelemetry.** The application has a real one: a MeterProvider with a Prometheus reader, a BatchSpanProcessor whose exporter drops the spans, and the context manager and propagator of \`NodeSDK\`. The plain process has none of it.
- **Figures.** Each slice gives a ratio and a difference to the same slice of the plain process: of the median latency, of the CPU time of the whole process per call (garbage collection and compilation in other threads included), and of the main thread's CPU time. The tables show the medians over all slices, and quartiles of the ratios. Allocated memory is counted in processes that need no garbage collection meanwhile.
- **Control.** A second plain process. How far it is from the first one is the noise of the measurement.
- **Check.** A process counts only if it has shown a span with the right cost.
- **Floor.** The least that any instrumentation could do: the same span, histograms and counters for one fixed answer, written by hand (\`test/bench/programs/floor.mjs\`), without other endpoints, failures or limits. Its steps add what a service needs besides; with all of them it is the least that a service could have. What this package costs beyond that is its generality: every endpoint, every way a stream can end, options.
- **Where the time goes.** CPU profiles of the main thread of warm processes, by \`npm run bench:where\`. The profiler itself makes a call slower. The column with 30 µs of work shows what changes in Node.js and the kernel because the process is busy a little longer. Functions of the engine belong to whoever calls them.

A figure is "over the budget" if it is above its limit by more than the noise: the upper quartile of the control.`

const SUMMARY =
  'The CPU time of one call without this package, and what the package adds with its own SDK, spans and metrics. The client is included, the server is not. More below: [memory](#memory), [start-up](#start-up-and-size), [how it is measured](#how-it-is-measured).'

const REALTIME_METHOD = [
  'CPU time of the main thread per frame that a session through `ws`, or the global WebSocket, receives. One session of one process is read in short turns, with and without the override by which the package sees its bytes. The server sends whole frames when it is asked, so nothing else differs between two turns.',
  '',
  'This figure is judged: it contains everything that the package does while frames arrive, in a real client. The table gives the median of the differences between neighbouring turns, and the range that contains it with 95 % confidence (sign test). The control is the same with turns that are both without. The budget is met only if the upper end of the range, and what the control may be off by, are together below it. A median hides what happens rarely, such as a collection of garbage; the last column of the second table shows how much garbage there is.',
  '',
  'An application that opens no WebSocket pays nothing: `test/integration/realtime-cost.test.ts` counts the functions that are called.',
]

export function formatDocument(results: Results): string {
  const nodes = Object.values(results.overhead ?? {})
  return [
    '# What a call costs',
    '',
    'Written by `npm run docs` from `test/bench/results.json`, which the `bench` commands fill with `-- --write`. `npm run bench:all` runs them all.',
    '',
    ...(nodes.length === 0
      ? ['Not measured yet: `npm run bench -- --write`.', '']
      : [
          SUMMARY,
          '',
          formatLoad(nodes),
          '',
          formatSummary(nodes),
          '',
          ...nodes.flatMap((node) => formatOneNode(node, results)),
        ]),
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
    ...REALTIME_METHOD,
    '',
    formatRealtime(results),
    '',
    '## Cost by number of entries',
    '',
    formatScale(results),
    '',
    METHOD,
    '',
  ].join('\n')
}

function formatOneNode(node: NodeResult, { where }: Results): string[] {
  return [
    `## Node ${node.version}`,
    '',
    describeMachines([node]),
    '',
    formatNode(node),
    '',
    formatFindings(node.workloads),
    '',
    ...formatSteps(node),
    ...formatWhere(node.version, where?.[node.version.split('.')[0] as string] ?? {}),
  ]
}

function formatSteps({ version, workloads }: NodeResult): string[] {
  return WORKLOADS.flatMap(({ name, title }) => {
    const result = workloads[name]
    const floor = result === undefined ? undefined : formatFloor(result)
    return floor === undefined
      ? []
      : [`### From the floor to this package on Node ${version}: ${title}`, '', floor, '']
  })
}

function formatWhere(version: string, workloads: Readonly<Record<string, PlacesOfSubjects>>): string[] {
  return Object.keys(PROFILED_WORKLOADS).flatMap((name) => {
    const places = workloads[name]
    const title = WORKLOADS.find((row) => row.name === name)?.title
    return places === undefined
      ? []
      : [`### Where the time goes on Node ${version}: ${title}`, '', formatPlaces(places), '']
  })
}

const OVER = 'Over the budget. The budgets are goals of development, no limits for a service.'

function formatFindings(workloads: Parameters<typeof judgeAll>[0]): string {
  const findings = judgeAll(workloads)
  if (findings.length === 0) return 'Everything is within the budget.'
  return [OVER, '', ...findings.map(({ title, finding }) => `- ${title}: ${finding}`)].join('\n')
}
