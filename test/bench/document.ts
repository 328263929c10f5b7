/** docs/overhead.md: everything that was measured, and how. */
import { describeMachines, formatNode } from './markdown.ts'
import { formatMemory } from './memory-table.ts'
import type { Results } from './results.ts'
import { formatScale } from './scale-table.ts'
import { formatStartup } from './startup-table.ts'
import { formatSummary } from './summary.ts'
import { judgeAll } from './workloads.ts'

const METHOD = `One process per version of Node.js makes the calls, one after the other. A server in a second process answers with bytes that were made before, over loopback. The application's OpenTelemetry is real: a MeterProvider with a Prometheus reader, a BatchSpanProcessor whose exporter forgets, and the context manager and propagator of \`NodeSDK\`.

The package is switched on and off in slices of 50 ms: off, on, on, off, the next pair the other way round. Switching, a short warm-up and a collection of young garbage stand between the slices, outside of what is timed. Each pair gives a ratio of the median latency, of the CPU time of the whole process per call, and of calls per second; the tables show the median of the ratios and their quartiles. With the package goes all that it makes the application use: on Node 20 and 22 an AsyncLocalStorage that is in use slows down every promise of the process, and one that a subject puts to use is there in its own slices only. The control is switched like the package and is off in all four slices: what it strays is noise. Peers are switched and measured in the same run.

A paced stream has a chunk every 2 ms, four streams side by side; its figure is the delay from the server's write to the application's hands.

Over the budget is what is above its limit by more than the upper quartile of the control is above 1.`

export function formatDocument(results: Results): string {
  const nodes = Object.values(results.overhead ?? {})
  return [
    '# What a call costs',
    '',
    'Written by `npm run docs` from `test/bench/results.json`, which `npm run bench`, `bench:memory`, `bench:startup` and `bench:scale` fill with `-- --write`.',
    '',
    '## In short',
    '',
    formatSummary(results),
    '',
    '## Method',
    '',
    METHOD,
    '',
    ...nodes.flatMap((node) => [
      `## Node ${node.version}`,
      '',
      describeMachines([node]),
      '',
      formatNode(node),
      '',
      formatFindings(node.workloads),
      '',
    ]),
    '## Memory',
    '',
    formatMemory(results),
    '',
    '## Start-up and size',
    '',
    formatStartup(results),
    '',
    '## Scale of the structures on the way of every call',
    '',
    formatScale(results),
    '',
  ].join('\n')
}

function formatFindings(workloads: Parameters<typeof judgeAll>[0]): string {
  const findings = judgeAll(workloads)
  if (findings.length === 0) return 'Everything is within the budget.'
  return ['Over the budget:', '', ...findings.map(({ title, finding }) => `- ${title}: ${finding}`)].join(
    '\n',
  )
}
