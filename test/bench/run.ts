/**
 * The benchmark: `npm run bench`. What a call costs with the package, beside the same call without. Every measured
 * process has one subject switched on from its start to its end; about 45 minutes on a machine at rest.
 *
 *   --node 22,24       only these versions of Node.js; default 22 and 24
 *   --only NAME,…      only these workloads (names in workloads.ts), those that are measured on request included
 *   --sets N           sets of processes for each workload, default 2
 *   --rounds N         slices of each process, default 5
 *   --quick            few and short slices, to see that everything runs
 *   --no-floor-steps   leave out what the floor would have to add
 *   --write            keep the figures in results.json, for `npm run docs`
 *   --cpu-prof NAME    no comparison: profile this workload, and print where the time goes
 *   --heap-prof NAME   no comparison: sample this workload's allocations, and print who makes them
 *   --subject NAME     with these two: `ours` (default), `plain`, `floor`, `instrumentation-undici`, …
 */
import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { formatBytes } from './memory-table.ts'
import { formatSpread } from './markdown.ts'
import { findNodes } from './nodes.ts'
import { measureOverhead } from './overhead.ts'
import { startServer, type Origins } from './processes.ts'
import { profileWorkload } from './profile.ts'
import { mergeOverhead, readResults, writeResults, type NodeResult, type WorkloadResult } from './results.ts'
import { judge, WORKLOADS, type WorkloadRow } from './workloads.ts'

const { values: options } = parseArgs({
  options: {
    node: { type: 'string', default: '22,24' },
    only: { type: 'string' },
    sets: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '5' },
    quick: { type: 'boolean', default: false },
    'no-floor-steps': { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    'cpu-prof': { type: 'string' },
    'heap-prof': { type: 'string' },
    subject: { type: 'string', default: 'ours' },
  },
})
const pace = options.quick
  ? { sets: 1, rounds: 2, sliceMs: 50, warmUpMs: 200 }
  : { sets: Number(options.sets), rounds: Number(options.rounds), sliceMs: 200, warmUpMs: 12_000 }

function print({ name, budget }: WorkloadRow, { subjects }: WorkloadResult): void {
  for (const [subject, { p50, cpu, addedCpuUs, addedThreadCpuUs, addedBytes }] of Object.entries(subjects))
    console.log(
      name.padEnd(13),
      subject.padEnd(23),
      `p50 ${formatSpread(p50)}  CPU ${formatSpread(cpu)} ${signed(addedCpuUs.median)} µs`,
      addedThreadCpuUs === undefined ? '' : `(main thread ${signed(addedThreadCpuUs.median)} µs)`,
      addedBytes === undefined ? '' : `heap ${formatBytes(addedBytes)}`,
    )
  for (const finding of judge(budget, subjects)) console.log(`${name.padEnd(13)} over the budget: ${finding}`)
}

function signed(value: number): string {
  return `${value < 0 ? '' : '+'}${value.toFixed(0)}`
}

const only = options.only?.split(',')
const workloads = WORKLOADS.filter(({ name, onRequest }) =>
  only === undefined ? !onRequest : only.includes(name),
)
const startedAt = Date.now()
const [load = 0] = loadavg()
if (load > 1) console.log(`The machine is not quiet (load ${load.toFixed(1)}): expect a wide control.`)
// The frames of sessions can be profiled here too; their comparison is bench:realtime.
const servers = [await startServer(), await startServer('realtime-server.mjs')]
const origins: Origins = Object.assign({}, ...servers.map((server) => server.origins))
const overhead: Record<string, NodeResult> = {}
try {
  for (const node of findNodes(options.node)) {
    const profiled = options['cpu-prof'] ?? options['heap-prof']
    if (profiled !== undefined) {
      const kind = options['cpu-prof'] === undefined ? 'heap' : 'cpu'
      await profileWorkload(node, {
        origins,
        workload: profiled,
        subject: options.subject,
        kind,
      })
      continue
    }
    console.log(`Node ${node.major}`)
    overhead[node.major] = await measureOverhead(
      node,
      { origins, workloads, ...pace, floorSteps: !options['no-floor-steps'] },
      print,
    )
    if (options.write) writeResults({ overhead: mergeOverhead(readResults().overhead, overhead) })
  }
} finally {
  for (const server of servers) server.stop()
}
console.log(`Took ${Math.round((Date.now() - startedAt) / 1000)} s.`)
