/** One version of Node.js: the workloads, each with its subjects in processes one after the other. */
import type { MeasuredNode } from './nodes.ts'
import type { Origins } from './processes.ts'
import { describeMachine, type NodeResult, type WorkloadResult } from './results.ts'
import { compare, plainOf, type Comparison, type Slice } from './statistics.ts'
import { measureAllocations, SteadyProcess } from './steady-process.ts'
import { FLOOR_STEPS, type WorkloadRow } from './workloads.ts'

export interface OverheadOptions {
  readonly origins: Origins
  readonly workloads: readonly WorkloadRow[]
  /** Sets of processes, one after the other: two processes of one program are not compiled alike. */
  readonly sets: number
  /** Slices of each process. */
  readonly rounds: number
  readonly sliceMs: number
  /** Before the first slice of a process: until the engine has compiled what is called often. The longest for that. */
  readonly warmUpMs: number
  /** What the floor would have to add. */
  readonly floorSteps: boolean
}

/**
 * The engine compiles by how often something is called, and more code takes more calls: a process that is timed after
 * fewer shows its compilation. As a service that makes a call a second is after eight hours.
 */
const WARM_UP_CALLS = 30_000
/** Allocations change less. */
const COUNTING_WARM_UP_MS = 4000

const STEPS = Object.keys(FLOOR_STEPS)
/** The workloads that the steps of the floor are measured with. Node.js announces its own requests in the caller's context. */
const STEPPED: Readonly<Record<string, readonly string[]>> = {
  'fetch-json': STEPS,
  'http-json': STEPS.filter((name) => name !== 'floor-context'),
}

/** @param onWorkload told of each workload as soon as it is measured. */
export async function measureOverhead(
  node: MeasuredNode,
  options: OverheadOptions,
  onWorkload: (row: WorkloadRow, result: WorkloadResult) => void,
): Promise<NodeResult> {
  const workloads: Record<string, WorkloadResult> = {}
  let version = ''
  for (const row of options.workloads) {
    const steps = (options.floorSteps && STEPPED[row.name]) || []
    const subjects = [...new Set(['plain', 'control', ...row.subjects, ...steps])]
    const slices = new Map(subjects.map((subject): [string, Slice[]] => [subject, []]))
    for (let set = 0; set < options.sets; set++) version = await measureSet(node, options, row, slices)
    workloads[row.name] = summarise(slices, await countAll(node, options, row, subjects))
    onWorkload(row, workloads[row.name] as WorkloadResult)
  }
  return { version, date: new Date().toISOString().slice(0, 10), machine: describeMachine(), workloads }
}

/**
 * One process after the other, each alone: what stands by while others have their turn is slower afterwards, because the
 * engine uses the pause to collect garbage, and caches are cold.
 * @returns the version of Node.js.
 */
async function measureSet(
  node: MeasuredNode,
  { origins, rounds, sliceMs, ...options }: OverheadOptions,
  { name, warmUpMs = options.warmUpMs }: WorkloadRow,
  slices: ReadonlyMap<string, Slice[]>,
): Promise<string> {
  let version = ''
  for (const [subject, ofSubject] of slices) {
    const steady = await SteadyProcess.start(node, {
      origins,
      workload: name,
      subject,
      warmUpMs,
      warmUpCalls: WARM_UP_CALLS,
      isAlone: true,
    })
    try {
      for (let round = 0; round < rounds; round++) ofSubject.push(await steady.time(sliceMs))
      await steady.end()
    } finally {
      steady.kill()
    }
    version = steady.version
  }
  return version
}

async function countAll(
  node: MeasuredNode,
  { origins, warmUpMs }: OverheadOptions,
  { name, countedCalls }: WorkloadRow,
  subjects: readonly string[],
): Promise<Map<string, number>> {
  const bytes = new Map<string, number>()
  if (countedCalls === undefined) return bytes
  await inPairs(subjects, async (subject) => {
    const options = {
      origins,
      workload: name,
      subject,
      warmUpMs: Math.min(warmUpMs, COUNTING_WARM_UP_MS),
      isAlone: false,
    }
    bytes.set(subject, await measureAllocations(node, options, countedCalls))
  })
  return bytes
}

async function inPairs(subjects: readonly string[], step: (subject: string) => Promise<void>): Promise<void> {
  for (let at = 0; at < subjects.length; at += 2) await Promise.all(subjects.slice(at, at + 2).map(step))
}

/** Compares the slices of each subject with those of `plain` in the same round. */
export function summarise(
  slices: ReadonlyMap<string, readonly Slice[]>,
  bytes: ReadonlyMap<string, number>,
): WorkloadResult {
  const plain = slices.get('plain') ?? []
  const plainBytes = bytes.get('plain')
  const subjects: Record<string, Comparison> = {}
  for (const [name, own] of slices) {
    if (name === 'plain') continue
    const rounds = own.map((subject, index) => ({ subject, plain: plain[index] as Slice }))
    const ownBytes = bytes.get(name)
    const added = plainBytes === undefined || ownBytes === undefined ? undefined : ownBytes - plainBytes
    subjects[name] = compare(rounds, added)
  }
  return {
    plain: { ...plainOf(plain), ...(plainBytes !== undefined && { bytes: plainBytes }) },
    subjects,
  }
}
