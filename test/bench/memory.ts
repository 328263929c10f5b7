/**
 * `npm run bench:memory`: what the package keeps, beside the same program without it. Each figure from processes of
 * their own, with the garbage collected.
 *
 *   --node 22,24   only these versions of Node.js
 *   --write        keep the figures in results.json, for `npm run docs`
 */
import { parseArgs } from 'node:util'
import { formatBytes, formatMemory } from './memory-table.ts'
import { findNodes, type MeasuredNode } from './nodes.ts'
import { runProgram, startServer, type Origins } from './processes.ts'
import { readResults, writeResults } from './results.ts'
import { MEMORY_CASES, type MemoryCase } from './memory-cases.ts'
import { median } from './statistics.ts'

const { values: options } = parseArgs({
  options: { node: { type: 'string' }, write: { type: 'boolean', default: false } },
})

// The engine drops the source of what was not called for a while: megabytes less that have nothing to do with us.
const FLAGS = ['--expose-gc', '--no-flush-bytecode']

async function measureBytes(
  node: MeasuredNode,
  origins: Origins,
  { measure, answer, calls }: MemoryCase,
  observed: boolean,
): Promise<number> {
  const origin = origins[answer]
  const parameters = { measure, origin, calls, observed }
  return (await runProgram<{ bytes: number }>(node, 'memory.mjs', parameters, FLAGS)).bytes
}

/** Median of what the package adds, over pairs of processes. */
async function measureCase(node: MeasuredNode, origins: Origins, row: MemoryCase): Promise<number> {
  const added: number[] = []
  for (let round = 0; round < row.rounds; round++) {
    const plain = await measureBytes(node, origins, row, false)
    added.push((await measureBytes(node, origins, row, true)) - plain)
  }
  return median(added)
}

const servers = [await startServer(), await startServer('memory-server.mjs')]
const origins = Object.assign({}, ...servers.map((server) => server.origins)) as Origins
const memory: Record<string, Record<string, number>> = {}
try {
  for (const node of findNodes(options.node)) {
    const bytes: Record<string, number> = (memory[node.major] = {})
    for (const row of MEMORY_CASES) {
      bytes[row.name] = await measureCase(node, origins, row)
      console.log(`Node ${node.major}, ${row.title}: ${formatBytes(bytes[row.name] ?? 0)}`)
    }
  }
} finally {
  for (const server of servers) server.stop()
}
if (options.write) writeResults({ memory: { ...readResults().memory, ...memory } })
console.log(formatMemory({ memory }))
