/**
 * The benchmark: `npm run bench` at the top. What a call costs with the package, beside the same call without.
 *
 *   --node 22,24       only these versions of Node.js
 *   --only NAME,…      only these workloads (names in workloads.ts)
 *   --pairs N          pairs of slices of the package and of the control, default 12; the others get half
 *   --markdown         print the README's table at the end
 *   --write            keep the figures in results.json, for `npm run docs`
 *   --cpu-prof NAME    no comparison: profile this workload, and print where the time goes
 *   --subject NAME     with --cpu-prof: `plain`, `ours` (default), `instrumentation-undici`, …
 */
import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { formatOverhead, formatSpread } from './markdown.ts'
import { findNodes } from './nodes.ts'
import { measureOverhead } from './overhead.ts'
import { startServer } from './processes.ts'
import { profileWorkload } from './profile.ts'
import { mergeOverhead, readResults, writeResults, type NodeResult, type WorkloadResult } from './results.ts'
import { judge, WORKLOADS } from './workloads.ts'

const DEFAULT_PAIRS = 12
const SLICE_MS = 50

const { values: options } = parseArgs({
  options: {
    node: { type: 'string' },
    only: { type: 'string' },
    pairs: { type: 'string', default: String(DEFAULT_PAIRS) },
    markdown: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    'cpu-prof': { type: 'string' },
    subject: { type: 'string', default: 'ours' },
  },
})

function print(name: string, { subjects }: WorkloadResult): void {
  for (const [subject, { p50, cpu, throughput }] of Object.entries(subjects))
    console.log(
      `${name.padEnd(15)} ${subject.padEnd(23)} p50 ${formatSpread(p50)}  CPU ${formatSpread(cpu)}`,
      throughput === undefined ? '' : ` throughput ${formatSpread(throughput)}`,
    )
  const budget = WORKLOADS.find((row) => row.name === name)?.budget ?? {}
  for (const finding of judge(budget, subjects)) console.log(`${name.padEnd(15)} over the budget: ${finding}`)
}

const names = options.only?.split(',') ?? WORKLOADS.map(({ name }) => name)
const startedAt = Date.now()
const [load = 0] = loadavg()
if (load > 1) console.log(`The machine is not quiet (load ${load.toFixed(1)}): expect a wide control.`)
const nodes = findNodes(options.node)
const server = await startServer()
const profiled = options['cpu-prof']
const overhead: Record<string, NodeResult> = {}
try {
  for (const node of nodes) {
    if (profiled !== undefined) {
      await profileWorkload(node, server.origins, profiled, options.subject)
      continue
    }
    console.log(`Node ${node.major}`)
    overhead[node.major] = await measureOverhead(
      node,
      { origins: server.origins, only: names, pairs: Number(options.pairs), sliceMs: SLICE_MS },
      print,
    )
  }
} finally {
  server.stop()
}
console.log(`Took ${Math.round((Date.now() - startedAt) / 1000)} s.`)
if (options.write) writeResults({ overhead: mergeOverhead(readResults().overhead, overhead) })
if (options.markdown) console.log(formatOverhead({ overhead }))
