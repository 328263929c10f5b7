/** Where the time of a workload goes, or who allocates: a profile, summed up by function and by package. */
import { mkdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { formatTable } from '../../scripts/docs/table.ts'
import type { MeasuredNode } from './nodes.ts'
import { runProgram, type Origins } from './processes.ts'

export interface ProfileOptions {
  readonly origins: Origins
  readonly workload: string
  readonly subject: string
  readonly kind: 'cpu' | 'heap'
}

const FOLDER = fileURLToPath(new URL('profiles', import.meta.url))
const SHOWN_FUNCTIONS = 60

interface Frame {
  readonly functionName: string
  readonly url: string
  readonly lineNumber: number
}

interface CpuProfile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: Frame }[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

interface HeapNode {
  readonly callFrame: Frame
  readonly selfSize: number
  readonly children: readonly HeapNode[]
}

/** A frame, and what it took by itself: microseconds or bytes. */
type Sample = readonly [frame: Frame, amount: number]

/** Leaves the profile in test/bench/profiles, for the developer tools, and prints its sums per call. */
export async function profileWorkload(
  node: MeasuredNode,
  { origins, workload, subject, kind }: ProfileOptions,
): Promise<void> {
  mkdirSync(FOLDER, { recursive: true })
  const file = `node${node.major}-${workload}-${subject}.${kind}profile`
  const { calls } = await runProgram<{ calls: number }>(node, 'profile.mjs', {
    origins,
    workload,
    subject,
    file: `${FOLDER}/${file}`,
    kind,
  })
  const profile: unknown = JSON.parse(readFileSync(`${FOLDER}/${file}`, 'utf8'))
  const samples =
    kind === 'cpu' ? readTimes(profile as CpuProfile) : readSizes((profile as { head: HeapNode }).head)
  const unit = kind === 'cpu' ? 'µs' : 'bytes'
  console.log(`test/bench/profiles/${file}: ${calls} calls\n`)
  console.log(formatSums(['Where', unit], sumBy(samples, placeOf), calls), '\n')
  console.log(formatSums(['Function', unit], sumBy(samples, functionOf), calls), '\n')
}

function readTimes({ nodes, samples, timeDeltas }: CpuProfile): Sample[] {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]))
  return samples.map((id, index) => [frames.get(id) as Frame, timeDeltas[index] ?? 0])
}

function readSizes({ callFrame, selfSize, children }: HeapNode): Sample[] {
  return [[callFrame, selfSize], ...children.flatMap(readSizes)]
}

function sumBy(samples: readonly Sample[], nameOf: (frame: Frame) => string): Map<string, number> {
  const sums = new Map<string, number>()
  for (const [frame, amount] of samples) {
    const name = nameOf(frame)
    sums.set(name, (sums.get(name) ?? 0) + amount)
  }
  return sums
}

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

function formatSums(
  [what, unit]: readonly [what: string, unit: string],
  sums: ReadonlyMap<string, number>,
  calls: number,
): string {
  const total = [...sums].reduce((sum, [name, amount]) => (name === '(idle)' ? sum : sum + amount), 0)
  const rows = [...sums]
    .filter(([name, amount]) => name !== '(idle)' && amount > 0)
    .sort(([, a], [, b]) => b - a)
    .slice(0, SHOWN_FUNCTIONS)
    .map(([name, amount]) => [name, (amount / calls).toFixed(1), `${((amount / total) * 100).toFixed(1)} %`])
  return formatTable([what, `${unit} per call`, 'of all'], rows)
}
