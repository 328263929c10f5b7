/** The workloads as the tables show them, and what each may cost. How they run: programs/workloads.mjs. */
import type { Comparison } from './statistics.ts'

/** Highest accepted ratio to plain, beyond the band of the control. */
export interface Budget {
  readonly p50?: number
  readonly cpu?: number
  /** No ratio: the delay of a chunk must be inside the band. */
  readonly delayOnly?: boolean
  /** Also below this peer's ratio. */
  readonly below?: string
}

export interface WorkloadRow {
  readonly name: string
  readonly title: string
  readonly budget: Budget
}

const SMALL_JSON: Budget = { p50: 1.1, cpu: 1.2 }

export const WORKLOADS: readonly WorkloadRow[] = [
  {
    name: 'fetch-json',
    title: 'fetch, chat JSON of 600 B',
    budget: { ...SMALL_JSON, below: 'instrumentation-undici' },
  },
  { name: 'fetch-sse', title: 'fetch, stream of 502 chunks in a burst', budget: { p50: 1.15 } },
  { name: 'fetch-paced', title: 'fetch, paced streams: delay of a chunk', budget: { delayOnly: true } },
  { name: 'fetch-image', title: 'fetch, image JSON of 8 MB', budget: { p50: 1.05 } },
  { name: 'fetch-gzip', title: 'fetch, chat JSON, gzip', budget: { p50: 1.2 } },
  { name: 'fetch-br', title: 'fetch, chat JSON, br', budget: { p50: 1.2 } },
  { name: 'fetch-gzip-sse', title: 'fetch, stream of 502 chunks, gzip', budget: {} },
  { name: 'foreign-json', title: 'fetch, JSON of a foreign host', budget: { p50: 1.02, cpu: 1.02 } },
  {
    name: 'foreign-sse',
    title: 'fetch, stream of a foreign host',
    budget: { p50: 1.02, cpu: 1.02 },
  },
  { name: 'undici-json', title: 'undici `request()`, chat JSON', budget: SMALL_JSON },
  { name: 'http-json', title: '`node:http`, chat JSON', budget: SMALL_JSON },
  {
    name: 'openai-json',
    title: '`openai` package, chat JSON',
    budget: { ...SMALL_JSON, below: 'instrumentation-openai' },
  },
  {
    name: 'openai-sse',
    title: '`openai` package, stream in a burst',
    budget: { p50: 1.15, below: 'instrumentation-openai' },
  },
]

export const SUBJECTS: Readonly<Record<string, string>> = {
  ours: 'this package',
  'ours-unsampled': 'this package, sampling off',
  'instrumentation-undici': '`@opentelemetry/instrumentation-undici`',
  'instrumentation-openai': '`@opentelemetry/instrumentation-openai`',
  control: 'control: nothing',
}

/** What is over the budget, in words; empty when it is met. */
export function judge(budget: Budget, subjects: Readonly<Record<string, Comparison>>): string[] {
  const { ours, control } = subjects
  if (ours === undefined || control === undefined) return []
  const findings: string[] = []
  for (const figure of ['p50', 'cpu'] as const) {
    const limit = figure === 'p50' && budget.delayOnly ? 1 : budget[figure]
    const measured = ours[figure].median
    const noise = Math.max(0, control[figure].q3 - 1)
    if (limit !== undefined && measured > limit + noise)
      findings.push(
        `${figure} ${measured.toFixed(2)} > ${limit.toFixed(2)} + ${noise.toFixed(2)} of the control`,
      )
    const peer = budget.below === undefined ? undefined : subjects[budget.below]
    if (peer !== undefined && measured >= peer[figure].median)
      findings.push(`${figure} ${measured.toFixed(2)}, ${budget.below} ${peer[figure].median.toFixed(2)}`)
  }
  return findings
}

/** The findings of all workloads of one version of Node.js. */
export function judgeAll(
  workloads: Readonly<Record<string, { readonly subjects: Readonly<Record<string, Comparison>> }>>,
): { readonly title: string; readonly finding: string }[] {
  return WORKLOADS.flatMap(({ name, title, budget }) =>
    judge(budget, workloads[name]?.subjects ?? {}).map((finding) => ({ title, finding })),
  )
}
