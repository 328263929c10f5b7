/** A world: processes over hours, and how the rules are asked what was spent. */
import { type Observation, type ProcessRun, type SampledSeries, observe } from './processes.ts'

export interface World {
  readonly name: string
  readonly hours: number
  readonly runs: readonly ProcessRun[]
  /** Resolution of the samples. Default 15. */
  readonly gridS?: number
  /** Seconds between two evaluations of the rules. Default 60; more: evaluations are missed. */
  readonly evaluationS?: number
  /** Times at which Prometheus itself is down: nothing is scraped or evaluated. */
  readonly down?: ReadonlyArray<readonly [fromS: number, toS: number]>
}

/** So long the rules have been evaluated when a world begins. */
export const WARM_UP_S = 600

export interface PlayedWorld {
  readonly world: World
  readonly series: readonly SampledSeries[]
  readonly spent: number
  readonly shown: number
}

export function play(world: World): PlayedWorld {
  const endS = world.hours * 3600
  const down = world.down ?? []
  const isDown = (atS: number) => down.some(([from, to]) => atS >= from && atS < to)
  const observations = world.runs.map((run, index) =>
    observe(whileUp(run, isDown), endS, world.gridS ?? 15, index + 1),
  )
  const sum = (read: (one: Observation) => number) =>
    observations.reduce((total, one) => total + read(one), 0)
  return {
    world,
    series: merge(observations.flatMap(({ series }) => series)).map(later),
    spent: sum(({ spent }) => spent),
    shown: sum(({ shown }) => shown),
  }
}

/** The same after the warm-up; a start is a time, and later too. Nothing starts before promtool's first second. */
function later({ labels, samples }: SampledSeries): SampledSeries {
  const isTime = labels['__name__'] === 'aimlapi_process_start_timestamp_seconds'
  return {
    labels,
    samples: samples.map(({ atS, value }) => ({
      atS: atS + WARM_UP_S,
      value: isTime && value !== 'stale' ? Math.max(1, value + WARM_UP_S) : value,
    })),
  }
}

/** While Prometheus is down, nobody asks, which is not a scrape that fails, and nobody takes what is pushed. */
function whileUp(run: ProcessRun, skips: (atS: number) => boolean): ProcessRun {
  return { ...run, seen: { ...run.seen, skips } }
}

const keyOf = ({ labels }: SampledSeries) => JSON.stringify(Object.entries(labels).toSorted())

/** Runs one after the other under one instance share series. A value at the moment of an end wins. */
function merge(all: readonly SampledSeries[]): SampledSeries[] {
  const byKey = new Map<string, Map<number, number | 'stale'>>()
  const labels = new Map<string, SampledSeries['labels']>()
  for (const one of all) {
    const key = keyOf(one)
    const samples = byKey.get(key) ?? new Map<number, number | 'stale'>()
    for (const { atS, value } of one.samples)
      if (value !== 'stale' || !samples.has(atS)) samples.set(atS, value)
    byKey.set(key, samples)
    labels.set(key, one.labels)
  }
  return [...byKey].map(([key, samples]) => ({
    labels: labels.get(key) as SampledSeries['labels'],
    samples: [...samples]
      .map(([atS, value]) => ({ atS, value }))
      .toSorted((left, right) => left.atS - right.atS),
  }))
}
