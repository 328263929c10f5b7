/** Processes that spend, and what scrapes and pushes show of them: a simulation whose books are known. */

/** What one process does between its start and its end. Times in seconds since the beginning of the world. */
export interface ProcessRun {
  readonly job: string
  readonly instance: string
  /** A label of its own, where another pod may get the same address. */
  readonly pod?: string
  readonly startS: number
  /** The process ends here; after the end of the world, it outlives it. */
  readonly endS: number
  readonly spending: Spending
  readonly seen: Seen
  /** Spend before this time is nobody's question: the process was not watched yet. Default: its start. */
  readonly countedFromS?: number
}

export interface Spending {
  /** How many label sets (model, endpoint, tags) the process uses. */
  readonly labelSets: number
  /** Seconds between two calls of one label set, on average. */
  readonly everyS: number
  /** Credits of a call, on average. */
  readonly credits: number
  /** No call before this time. Default: from the start. */
  readonly fromS?: number
  /** Credits per label set in the first second. */
  readonly atOnce?: number
}

export type Seen =
  | {
      readonly by: 'scrape'
      readonly everyS: number
      /** First scrape not before this time. Default: from the start of the process. */
      readonly fromS?: number
      /** Seconds from the start until the process listens. Default 0. */
      readonly bootS?: number
      /** Whether the scrape at this time fails, although the process lives. */
      readonly fails?: (atS: number) => boolean
      /** Whether nobody asks at this time. */
      readonly skips?: (atS: number) => boolean
    }
  | {
      readonly by: 'push'
      readonly everyS: number
      /** Whether the push at this time gets lost. */
      readonly fails?: (atS: number) => boolean
      /** Sends what is left at its end. Default true. */
      readonly flushesAtEnd?: boolean
      /** Whether nobody takes it at this time. */
      readonly skips?: (atS: number) => boolean
    }

export interface Sample {
  readonly atS: number
  /** `stale`: the series is known to have ended. */
  readonly value: number | 'stale'
}

export interface SampledSeries {
  readonly labels: Readonly<Record<string, string>>
  readonly samples: readonly Sample[]
}

export interface Observation {
  readonly series: readonly SampledSeries[]
  /** Credits spent since `countedFromS`. */
  readonly spent: number
  /** Of these, what the last scrape or push of the process showed. */
  readonly shown: number
}

/** Small, fast and the same everywhere (mulberry32). */
export function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

interface Call {
  readonly atS: number
  readonly credits: number
}

function callsOf(run: ProcessRun, worldEndS: number, next: () => number): Call[] {
  const { everyS, credits, fromS = 0, atOnce = 0 } = run.spending
  const calls: Call[] = atOnce > 0 ? [{ atS: run.startS + 1, credits: atOnce }] : []
  const end = Math.min(run.endS, worldEndS)
  let at = Math.max(run.startS, fromS)
  for (;;) {
    at += -Math.log(1 - next()) * everyS
    if (at >= end) return calls
    calls.push({ atS: at, credits: 1 + Math.round(next() * 2 * credits) })
  }
}

/** Moments at which the process is asked or speaks, and whether that works. */
function moments(run: ProcessRun, worldEndS: number): Array<{ atS: number; ok: boolean }> {
  const { seen } = run
  const end = Math.min(run.endS, worldEndS)
  const list: Array<{ atS: number; ok: boolean }> = []
  if (seen.by === 'push') {
    for (let at = Math.max(run.startS, 0) + seen.everyS; at < end; at += seen.everyS)
      list.push({ atS: at, ok: !seen.fails?.(at) })
    if (run.endS <= worldEndS && seen.flushesAtEnd !== false) list.push({ atS: end, ok: true })
    return list.filter(({ atS }) => !seen.skips?.(atS))
  }
  const from = Math.max(run.startS, seen.fromS ?? 0, 0)
  const listens = run.startS + (seen.bootS ?? 0)
  for (let at = Math.ceil(from / seen.everyS) * seen.everyS; at < end; at += seen.everyS)
    if (!seen.skips?.(at)) list.push({ atS: at, ok: at >= listens && !seen.fails?.(at) })
  return list
}

/** Plays one process. `gridS` is the resolution of the samples: each is at a multiple of it. */
export function observe(run: ProcessRun, worldEndS: number, gridS: number, seed: number): Observation {
  const next = random(seed)
  const target = { job: run.job, instance: run.instance, ...(run.pod !== undefined && { pod: run.pod }) }
  const times = moments(run, worldEndS)
  const onGrid = (at: number) => Math.round(at / gridS) * gridS
  const ends = run.seen.by === 'scrape' && run.endS < worldEndS
  const marks: Marks = {
    failures: run.seen.by === 'scrape',
    endS: ends ? Math.ceil(run.endS / gridS) * gridS : undefined,
  }
  const countedFromS = run.countedFromS ?? run.startS

  let spent = 0
  let shown = 0
  const calls = Array.from({ length: run.spending.labelSets }, () => callsOf(run, worldEndS, next))
  const counters = calls.map((list, index): SampledSeries => {
    const valueAt = (at: number) => list.reduce((sum, call) => (call.atS <= at ? sum + call.credits : sum), 0)
    const before = valueAt(countedFromS)
    spent += list.reduce((sum, call) => sum + call.credits, 0) - before
    const samples = samplesOf(times, marks, onGrid, (at) => valueAt(at) || undefined)
    const last = samples.findLast(({ value }) => value !== 'stale')
    if (last !== undefined) shown += Math.max(0, (last.value as number) - before)
    return {
      labels: {
        __name__: 'aimlapi_credits_used_total',
        ...target,
        aimlapi_account: 'prod',
        gen_ai_request_model: `model-${index % 7}`,
        aimlapi_endpoint: 'chat',
        aimlapi_tag_team: `team-${index % 3}`,
        set: String(index),
      },
      samples,
    }
  })
  return {
    series: [
      ...counters.filter(({ samples }) => samples.length > 0),
      {
        labels: { __name__: 'aimlapi_process_start_timestamp_seconds', ...target },
        samples: samplesOf(times, marks, onGrid, () => run.startS),
      },
      // What Prometheus itself says of a target that it scrapes; not of one that pushes.
      ...(run.seen.by === 'scrape'
        ? [
            {
              labels: { __name__: 'up', ...target },
              samples: times.map(({ atS, ok }) => ({ atS: onGrid(atS), value: ok ? 1 : 0 })),
            },
          ]
        : []),
    ],
    spent,
    shown,
  }
}

/** When a series is known to have ended: at a scrape that fails, and when the target is gone. Pushes never say so. */
interface Marks {
  readonly failures: boolean
  readonly endS: number | undefined
}

function samplesOf(
  times: ReadonlyArray<{ atS: number; ok: boolean }>,
  marks: Marks,
  onGrid: (at: number) => number,
  valueAt: (at: number) => number | undefined,
): Sample[] {
  const samples: Sample[] = []
  let present = false
  for (const { atS, ok } of times) {
    const value = ok ? valueAt(atS) : undefined
    if (value !== undefined) samples.push({ atS: onGrid(atS), value })
    else if (present && marks.failures) samples.push({ atS: onGrid(atS), value: 'stale' })
    if (value !== undefined || marks.failures) present = value !== undefined
  }
  if (present && marks.endS !== undefined) samples.push({ atS: marks.endS, value: 'stale' })
  return samples
}
