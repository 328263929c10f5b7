/**
 * `npm run bench:realtime`: what a frame of a realtime session costs. Measured in three ways: on a real socket in turns
 * with and without observation, from memory, and between steady processes with and without the package.
 *
 *   --node 22,24   only these versions of Node.js; default 22 and 24
 *   --only NAME,…  only these workloads (names in realtime-workloads.ts); nothing is kept
 *   --quick        little time for each, to see that everything runs
 *   --write        keep the figures in results.json, for `npm run docs`
 */
import { execFileSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import { createCertificate } from '../integration/traffic-support/certificate.ts'
import { findNodes, type MeasuredNode } from './nodes.ts'
import { startServer, type Origins } from './processes.ts'
import { measureProcesses } from './realtime-processes.ts'
import type { FrameResult, RealtimeResult } from './realtime-results.ts'
import { formatRealtime } from './realtime-table.ts'
import { measureFromMemory, measureTurns } from './realtime-turns.ts'
import { REALTIME_WORKLOADS, type RealtimeWorkload } from './realtime-workloads.ts'
import { describeMachine, readResults, writeResults } from './results.ts'

const { values: options } = parseArgs({
  options: {
    node: { type: 'string', default: '22,24' },
    only: { type: 'string' },
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
})
const turnsWarmUpMs = options.quick ? 300 : 1500
const QUICK_TURNS_MS = 500
const memoryMs = options.quick ? 100 : 300
const processes = options.quick
  ? { sets: 6, rounds: 1, sliceMs: 30, warmUpMs: 100 }
  : { sets: 8, rounds: 2, sliceMs: 100, warmUpMs: 700 }

const only = options.only?.split(',')
const workloads = REALTIME_WORKLOADS.filter(({ name }) => only === undefined || only.includes(name))

async function measureFrame(
  node: MeasuredNode,
  origins: Origins,
  workload: RealtimeWorkload,
): Promise<FrameResult> {
  const { framesPerCall, turnsMs } = workload
  const turns = { warmUpMs: turnsWarmUpMs, durationMs: options.quick ? QUICK_TURNS_MS : turnsMs }
  return {
    onSocket: await measureTurns(node, origins, workload, turns),
    fromMemory: await measureFromMemory(node, origins, workload, memoryMs),
    ...(framesPerCall !== undefined && {
      betweenProcesses: await measureProcesses(node, origins, { ...workload, framesPerCall }, processes),
    }),
  }
}

async function measure(node: MeasuredNode, origins: Origins): Promise<RealtimeResult> {
  const frames: Record<string, FrameResult> = {}
  for (const workload of workloads) {
    frames[workload.name] = await measureFrame(node, origins, workload)
    console.log(`Node ${node.major}: ${workload.title}`)
  }
  const date = new Date().toISOString().slice(0, 10)
  const version = execFileSync(node.binary, ['-p', 'process.versions.node'], { encoding: 'utf8' }).trim()
  return { version, date, machine: describeMachine(), frames }
}

const server = await startServer('realtime-server.mjs', createCertificate())
const realtime: Record<string, RealtimeResult> = {}
try {
  for (const node of findNodes(options.node)) realtime[node.major] = await measure(node, server.origins)
} finally {
  server.stop()
}
if (options.write && only === undefined)
  writeResults({ realtime: { ...readResults().realtime, ...realtime } })
console.log(formatRealtime({ realtime }))
