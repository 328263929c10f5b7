/** The workloads and subjects as the tables show them, and what each may cost. How they run: programs/. */
import type { Comparison } from './statistics.ts'

/** Highest accepted cost of each of the package's subjects, beyond what the control strays. */
export interface Budget {
  /** Median latency, as a ratio to plain. */
  readonly p50?: number
  /** Added CPU time, as a multiple of what the floor adds. */
  readonly cpuOfFloor?: number
  /** Adds no more CPU time than this peer. */
  readonly cpuOfPeer?: string
  /** Where Node's channels alone are slower than `p50`, they are the limit. */
  readonly orChannels?: boolean
}

export interface WorkloadRow {
  readonly name: string
  readonly title: string
  readonly budget: Budget
  /** Beside `plain` and `control`. */
  readonly subjects: readonly string[]
  /** Calls whose allocations are counted; absent: they are not, because the body is most of them. */
  readonly countedCalls?: number
  /** Where the usual time before the first slice is longer than needed: the engine has few calls to compile for. */
  readonly warmUpMs?: number
  /** Measured only when it is named. */
  readonly onRequest?: boolean
}

const PEER = 'instrumentation-undici'
const OPENAI_PEER = 'instrumentation-openai'
const OURS = ['ours', 'ours-host'] as const
const ALL_STEPS = 'floor-once'
const COMMON = ['floor', ALL_STEPS, PEER, ...OURS]

export const WORKLOADS: readonly WorkloadRow[] = [
  {
    name: 'fetch-json',
    title: 'fetch, chat JSON of 600 B',
    budget: { p50: 1.06, cpuOfFloor: 1.5, cpuOfPeer: PEER },
    subjects: [...COMMON, 'ours-nested', 'ours-unsampled', 'ours-metrics'],
    countedCalls: 300,
  },
  {
    name: 'fetch-sse',
    title: 'fetch, stream of 502 chunks in a burst',
    budget: { p50: 1.15 },
    subjects: COMMON,
    countedCalls: 100,
  },
  {
    name: 'fetch-image',
    title: 'fetch, image JSON of 8 MB',
    budget: { p50: 1.05 },
    subjects: COMMON,
    warmUpMs: 2000,
  },
  {
    name: 'fetch-gzip',
    title: 'fetch, chat JSON, gzip',
    budget: { p50: 1.2 },
    subjects: COMMON,
    countedCalls: 200,
  },
  {
    name: 'foreign-json',
    title: 'fetch, JSON of a foreign host',
    budget: { p50: 1.02, orChannels: true },
    subjects: ['channels', PEER, ...OURS],
    countedCalls: 300,
  },
  {
    name: 'undici-json',
    title: 'undici `request()`, chat JSON',
    budget: { p50: 1.1 },
    subjects: COMMON,
    countedCalls: 400,
  },
  {
    name: 'http-json',
    title: '`node:http`, chat JSON',
    budget: { p50: 1.1 },
    subjects: ['floor', ALL_STEPS, ...OURS],
    countedCalls: 400,
  },
  {
    name: 'foreign-sse',
    title: 'fetch, stream of a foreign host',
    budget: { p50: 1.02, orChannels: true },
    subjects: ['channels', PEER, 'ours'],
    onRequest: true,
  },
  {
    name: 'openai-json',
    title: '`openai` package, chat JSON',
    budget: { cpuOfPeer: OPENAI_PEER },
    subjects: [OPENAI_PEER, 'ours'],
    onRequest: true,
  },
  {
    name: 'openai-sse',
    title: '`openai` package, stream in a burst',
    budget: { p50: 1.15, cpuOfPeer: OPENAI_PEER },
    subjects: [OPENAI_PEER, 'ours'],
    onRequest: true,
  },
]

export const SUBJECTS: Readonly<Record<string, string>> = {
  ours: 'this package, with its own SDK',
  'ours-host': "this package, in the host's SDK",
  'ours-nested': "this package, in the host's SDK, inside a span of the application",
  'ours-unsampled': "this package, in the host's SDK, sampling off",
  'ours-metrics': 'this package, with its own SDK, metrics alone',
  floor: 'floor: the same telemetry by hand',
  [ALL_STEPS]: 'floor with all its steps',
  [PEER]: '`@opentelemetry/instrumentation-undici`',
  [OPENAI_PEER]: '`@opentelemetry/instrumentation-openai`',
  channels: "Node's channels alone, with nothing behind them",
  control: 'control: nothing',
}

/** What the floor would have to have besides, each step with those before it. */
export const FLOOR_STEPS: Readonly<Record<string, string>> = {
  'floor-guard': 'each event guarded: what is thrown ends the observation, not the call',
  'floor-hidden':
    'overrides nobody can list, state nobody can find, and an abort of the caller told from a failure',
  'floor-context': "the caller's own async context",
  'floor-bounds': 'bodies bounded, open calls known so that those that nobody reads can be closed',
  'floor-identity': 'which host, path, account (a hash of the key) and model it is, read from the request',
  'floor-once': 'each generation counted once, and labels bounded',
}

type Subjects = Readonly<Record<string, Comparison>>

/** What is over the budget, in words; empty when it is met. */
export function judge(budget: Budget, subjects: Subjects): string[] {
  return OURS.flatMap((name) => {
    const { [name]: ours, control } = subjects
    if (ours === undefined || control === undefined) return []
    return judgeOne(budget, ours, control, subjects).map((finding) => `${SUBJECTS[name]}: ${finding}`)
  })
}

function judgeOne(budget: Budget, ours: Comparison, control: Comparison, subjects: Subjects): string[] {
  const findings: string[] = []
  const { p50, cpuOfFloor, cpuOfPeer, orChannels } = budget
  if (p50 !== undefined) {
    const limit = Math.max(p50, orChannels ? (subjects['channels']?.p50.median ?? 0) : 0)
    const noise = Math.max(0, control.p50.q3 - 1)
    if (ours.p50.median > limit + noise)
      findings.push(
        `p50 ${ratio(ours.p50.median)} > ${ratio(limit)} + ${ratio(noise)} of the control${ofAllSteps(subjects, ({ p50: { median } }) => ratio(median))}`,
      )
  }
  const addedUs = ours.addedCpuUs.median
  const noiseUs = Math.max(0, control.addedCpuUs.q3)
  const floorUs = subjects['floor']?.addedCpuUs.median
  const limits: [what: string, limitUs: number | undefined][] = [
    [`${cpuOfFloor} × the floor's ${floorUs?.toFixed(0)} µs`, scale(subjects['floor'], cpuOfFloor)],
    [`${cpuOfPeer}'s`, scale(cpuOfPeer === undefined ? undefined : subjects[cpuOfPeer], 1)],
  ]
  for (const [what, limitUs] of limits) {
    if (limitUs !== undefined && addedUs > limitUs + noiseUs)
      findings.push(
        `adds ${addedUs.toFixed(0)} µs of CPU > ${limitUs.toFixed(0)} µs (${what}) + ${noiseUs.toFixed(0)} µs of the control${ofAllSteps(subjects, ({ addedCpuUs: { median } }) => `${median.toFixed(0)} µs`)}`,
      )
  }
  return findings
}

/** How far the least gets that does what a service needs. */
function ofAllSteps(subjects: Subjects, show: (comparison: Comparison) => string): string {
  const allSteps = subjects[ALL_STEPS]
  return allSteps === undefined ? '' : ` (${SUBJECTS[ALL_STEPS]}: ${show(allSteps)})`
}

function scale(subject: Comparison | undefined, factor: number | undefined): number | undefined {
  return subject === undefined || factor === undefined ? undefined : subject.addedCpuUs.median * factor
}

function ratio(value: number): string {
  return value.toFixed(2)
}

/** The findings of all workloads of one version of Node.js. */
export function judgeAll(
  workloads: Readonly<Record<string, { readonly subjects: Subjects }>>,
): { readonly title: string; readonly finding: string }[] {
  return WORKLOADS.flatMap(({ name, title, budget }) =>
    judge(budget, workloads[name]?.subjects ?? {}).map((finding) => ({ title, finding })),
  )
}
