/**
 * `npm run bench:realtime`: what a frame of a realtime session costs. Measured twice: in steady processes with and
 * without the package, as in `npm run bench`, and between sessions of one process, of which one is observed.
 *
 *   --node 22,24  only these versions of Node.js; default 22 and 24
 *   --rounds N    slices of each process or session, default 10
 *   --quick       few and short slices, to see that everything runs
 *   --write       keep the figures in results.json, for `npm run docs`
 */
import { parseArgs } from 'node:util'
import { findNodes, type MeasuredNode } from './nodes.ts'
import { measureOverhead, summarise } from './overhead.ts'
import { runProgram, startServer } from './processes.ts'
import { formatRealtime } from './realtime-table.ts'
import { REALTIME_WORKLOADS } from './realtime-workloads.ts'
import { readResults, writeResults, type NodeResult, type WorkloadResult } from './results.ts'
import type { Slice } from './statistics.ts'

const { values: options } = parseArgs({
  options: {
    node: { type: 'string', default: '22,24' },
    rounds: { type: 'string', default: '10' },
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
})
const pace = options.quick
  ? { rounds: 3, sliceMs: 30, warmUpMs: 100 }
  : { rounds: Number(options.rounds), sliceMs: 120, warmUpMs: 700 }
/** Pairs of neighbouring sessions differ by little: shorter slices, and more of them. */
const turns = { ...pace, rounds: pace.rounds * 3, sliceMs: pace.sliceMs / 3 }

const server = await startServer('realtime-server.mjs')
const { origins } = server

async function measureTurns(node: MeasuredNode, workload: string): Promise<WorkloadResult> {
  const parameters = { origins, workload, ...turns }
  const { slices } = await runProgram<{ slices: Record<string, Slice[]> }>(
    node,
    'realtime-turns.mjs',
    parameters,
  )
  return summarise(new Map(Object.entries(slices)), new Map())
}

async function measure(node: MeasuredNode): Promise<NodeResult> {
  const inProcesses = REALTIME_WORKLOADS.filter(({ inTurnsAlone }) => inTurnsAlone !== true)
  const result = await measureOverhead(
    node,
    { origins, workloads: inProcesses, ...pace, sets: 1, floorSteps: false },
    ({ title }) => console.log(`Node ${node.major}: ${title}`),
  )
  const workloads: Record<string, WorkloadResult> = {}
  for (const { name } of REALTIME_WORKLOADS) {
    const beside = await measureTurns(node, name)
    const { plain, subjects } = result.workloads[name] ?? beside
    workloads[name] = { plain, subjects: { ...subjects, ...beside.subjects } }
  }
  return { ...result, workloads }
}

const realtime: Record<string, NodeResult> = {}
try {
  for (const node of findNodes(options.node)) realtime[node.major] = await measure(node)
} finally {
  server.stop()
}
if (options.write) writeResults({ realtime: { ...readResults().realtime, ...realtime } })
console.log(formatRealtime({ realtime }))
