/**
 * `npm run bench:realtime`: what a frame of a realtime session costs, with the package less without it.
 *
 *   --write        keep the figures in results.json, for `npm run docs`
 *   --nodes 22,24  default all that are installed
 */
import { parseArgs } from 'node:util'
import { findNodes, type MeasuredNode } from './nodes.ts'
import { runProgram, startServer } from './processes.ts'
import { formatRealtime, REALTIME_FRAMES } from './realtime-table.ts'
import { readResults, writeResults, type RealtimeResult } from './results.ts'
import { median } from './statistics.ts'

const { values: options } = parseArgs({
  options: { write: { type: 'boolean', default: false }, nodes: { type: 'string' } },
})
const ROUNDS = 15
/** Processes of each kind: two of one program are not compiled alike. */
const PROCESSES = 4

async function measure(node: MeasuredNode, origin: string): Promise<RealtimeResult> {
  const frames: Record<string, { plain: number; observed: number }> = {}
  for (const { name, framesPerRound } of REALTIME_FRAMES) {
    const run = async (observed: boolean): Promise<number> => {
      const parameters = { origin, frame: name, observed, rounds: ROUNDS, framesPerRound }
      const { nanoseconds } = await runProgram<{ nanoseconds: number[] }>(
        node,
        'realtime-client.mjs',
        parameters,
      )
      return median(nanoseconds)
    }
    const plain: number[] = []
    const observed: number[] = []
    // In turns, so that what changes on the machine changes for both.
    for (let index = 0; index < PROCESSES; index++) {
      plain.push(await run(false))
      observed.push(await run(true))
    }
    frames[name] = { plain: median(plain), observed: median(observed) }
  }
  return { frames }
}

const server = await startServer('realtime-server.mjs')
const realtime: Record<string, RealtimeResult> = {}
for (const node of findNodes(options.nodes))
  realtime[String(node.major)] = await measure(node, server.origins['realtime'] as string)
server.stop()
if (options.write) writeResults({ ...readResults(), realtime })
console.log(formatRealtime({ realtime }))
