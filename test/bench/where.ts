/**
 * `npm run bench:where`: where the main thread's time of a call goes, by CPU profiles of warm processes. About five
 * minutes on a machine at rest.
 *
 *   --node 22,24   only these versions of Node.js; default 22 and 24
 *   --write        keep the figures in results.json, for `npm run docs`
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { findNodes, type MeasuredNode } from './nodes.ts'
import { MAPPED_FOLDER, sumByPlace, type CpuProfile } from './places.ts'
import { runProgram, startServer, type Origins } from './processes.ts'
import { readResults, writeResults, type PlacesOfSubjects } from './results.ts'
import { formatPlaces, PROFILED_WORKLOADS } from './where-table.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

const { values: options } = parseArgs({
  options: { node: { type: 'string', default: '22,24' }, write: { type: 'boolean', default: false } },
})

/** Microseconds of one call by place. */
async function profile(
  node: MeasuredNode,
  origins: Origins,
  workload: string,
  subject: string,
): Promise<Record<string, number>> {
  const file = path.join(folder, `${node.major}-${workload}-${subject}.cpuprofile`)
  const parameters = { origins, workload, subject, file, kind: 'cpu' }
  const { calls } = await runProgram<{ calls: number }>(node, 'profile.mjs', parameters)
  const sums = sumByPlace(JSON.parse(readFileSync(file, 'utf8')) as CpuProfile)
  sums.delete('idle')
  return Object.fromEntries([...sums].map(([place, us]) => [place, us / calls]))
}

async function profileWorkload(
  node: MeasuredNode,
  origins: Origins,
  workload: string,
  subjects: readonly string[],
): Promise<PlacesOfSubjects> {
  const places: Record<string, Record<string, number>> = {}
  for (const subject of subjects) places[subject] = await profile(node, origins, workload, subject)
  return places
}

const folder = mkdtempSync(path.join(tmpdir(), 'aimlapi-where-'))
execFileSync('npx', ['tsdown', '--sourcemap', '--no-dts', '--out-dir', MAPPED_FOLDER], {
  cwd: ROOT,
  stdio: 'ignore',
})
const server = await startServer()
const where: Record<string, Record<string, PlacesOfSubjects>> = {}
try {
  for (const node of findNodes(options.node)) {
    const workloads: Record<string, PlacesOfSubjects> = {}
    for (const [workload, subjects] of Object.entries(PROFILED_WORKLOADS)) {
      workloads[workload] = await profileWorkload(node, server.origins, workload, subjects)
      console.log(`Node ${node.major}, ${workload}\n\n${formatPlaces(workloads[workload])}\n`)
    }
    where[node.major] = workloads
  }
} finally {
  server.stop()
  rmSync(folder, { recursive: true })
  rmSync(path.join(ROOT, MAPPED_FOLDER), { recursive: true })
}
if (options.write) writeResults({ where: { ...readResults().where, ...where } })
