/** Where the time of a workload goes: a CPU profile, summed up by function and by package. */
import { mkdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { formatTable } from '../../scripts/docs/table.ts'
import type { MeasuredNode } from './nodes.ts'
import { runProgram, type Origins } from './processes.ts'

const FOLDER = fileURLToPath(new URL('profiles', import.meta.url))
const INTERVAL_US = 200
const SHOWN_FUNCTIONS = 40

interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: {
      readonly functionName: string
      readonly url: string
      readonly lineNumber: number
    }
  }[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

/** Leaves the profile in test/bench/profiles, for the developer tools, and prints its sums per call. */
export async function profileWorkload(
  node: MeasuredNode,
  origins: Origins,
  workload: string,
  subject: string,
): Promise<void> {
  mkdirSync(FOLDER, { recursive: true })
  const file = `node${node.major}-${workload}-${subject}.cpuprofile`
  const { calls } = await runProgram<{ calls: number }>(
    node,
    'profile.mjs',
    { origins, workload, subject, file: `${FOLDER}/${file}`, intervalUs: INTERVAL_US },
    ['--expose-gc'],
  )
  const profile = JSON.parse(readFileSync(`${FOLDER}/${file}`, 'utf8')) as CpuProfile
  console.log(`test/bench/profiles/${file}: ${calls} calls\n`)
  console.log(formatSums('Where', sumSelfTimes(profile, placeOf), calls), '\n')
  console.log(formatSums('Function', sumSelfTimes(profile, functionOf), calls), '\n')
}

/** Self time in microseconds by what `nameOf` says. */
function sumSelfTimes(
  { nodes, samples, timeDeltas }: CpuProfile,
  nameOf: (frame: CpuProfile['nodes'][number]['callFrame']) => string,
): Map<string, number> {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]))
  const sums = new Map<string, number>()
  for (const [index, id] of samples.entries()) {
    const name = names.get(id) ?? ''
    sums.set(name, (sums.get(name) ?? 0) + (timeDeltas[index] ?? 0))
  }
  return sums
}

type Frame = CpuProfile['nodes'][number]['callFrame']

/** A package, a module of Node.js, or what the engine does by itself. */
function placeOf({ url, functionName }: Frame): string {
  if (url === '') return functionName.startsWith('(') ? functionName : '(built in)'
  if (url.startsWith('node:'))
    return url.replace(/^node:internal\/deps\//, 'node:').replace(/(\/[^/]+)\/.*$/, '$1')
  const inPackage = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)
  if (inPackage?.[1] !== undefined) return inPackage[1]
  return /\/dist\//.test(url) ? 'this package' : 'the benchmark'
}

function functionOf(frame: Frame): string {
  const place = placeOf(frame)
  const name = frame.functionName || '(anonymous)'
  if (place === name) return name
  return frame.url === '' ? `${name}, ${place}` : `${name}, ${place}:${frame.lineNumber + 1}`
}

function formatSums(what: string, sums: ReadonlyMap<string, number>, calls: number): string {
  const total = [...sums].reduce((sum, [name, us]) => (name === '(idle)' ? sum : sum + us), 0)
  const rows = [...sums]
    .filter(([name]) => name !== '(idle)')
    .sort(([, a], [, b]) => b - a)
    .slice(0, SHOWN_FUNCTIONS)
    .map(([name, us]) => [name, (us / calls).toFixed(1), `${((us / total) * 100).toFixed(1)} %`])
  return formatTable([what, 'µs per call', 'of the busy time'], rows)
}
