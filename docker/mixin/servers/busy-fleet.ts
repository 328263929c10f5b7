/** Thirty processes that are busy all the time: what is scraped of them, and what the rules have made of it. */
import { config } from '../config.ts'
import { FOUND_OLD, KNOWN_START, MOVED } from '../counted-processes.ts'
import { PROCESS_CREDITS, presentPart } from '../counting.ts'
import { label, metric, tagLabel } from '../names.ts'
import { recorded } from '../recording-rules.ts'
import { WATCHING_SINCE } from '../rule-pauses.ts'
import type { PastSeries } from './history.ts'

const REPLICAS = 30
/** As a call makes them: credits, requests, tokens in and out, tokens from a cache. */
const COUNTERS = [
  { name: metric.creditsUsed, total: recorded.creditsUsed, more: { [label.usageSource]: 'response' } },
  { name: metric.requests, total: recorded.requests, more: {} },
  { name: metric.tokens, total: recorded.tokens, more: { [label.tokenType]: 'input' } },
  { name: metric.tokens, total: recorded.tokens, more: { [label.tokenType]: 'output' } },
  { name: metric.tokenDetails, total: recorded.tokenDetails, more: { [label.tokenDetail]: 'cache_read' } },
] as const

type Labels = Readonly<Record<string, string>>

const targets: readonly Labels[] = Array.from({ length: REPLICAS }, (_, replica) => ({
  job: 'shop',
  instance: `replica-${replica}`,
}))

const labelSet = (set: number): Labels => ({
  [label.account]: 'prod',
  [label.operation]: 'chat',
  [label.requestModel]: `model-${set % 40}`,
  [label.endpoint]: 'chat',
  [tagLabel('team')]: `team-${Math.floor(set / 40) % 10}`,
  [tagLabel('feature')]: `feature-${Math.floor(set / 400)}`,
})

/** What is scraped. */
export function scraped(series: number, startS: number): PastSeries[] {
  const sets = Math.ceil(series / COUNTERS.length / REPLICAS)
  const everyS = config.scrapeIntervalSeconds
  return targets.flatMap((target) => [
    { labels: { __name__: metric.processStart, ...target }, everyS, valueAt: () => startS },
    ...Array.from({ length: sets }, (_, set) => {
      const valueAt = (atS: number) => Math.round((atS - startS) * 10) + 1 + set
      return COUNTERS.map(({ name, more }) => ({
        labels: { __name__: name, ...target, ...labelSet(set), ...more },
        everyS,
        valueAt,
      }))
    }).flat(),
  ])
}

/** What the rules have recorded of it in every minute, as far as they read it back. */
export function recordedOf(series: number, startS: number, sinceS: number): PastSeries[] {
  const sets = Math.ceil(series / COUNTERS.length / REPLICAS)
  const everyS = config.counting.intervalSeconds
  const of = (name: string, labels: Labels, valueAt: PastSeries['valueAt']): PastSeries => ({
    labels: { __name__: name, ...labels },
    everyS,
    valueAt,
  })
  const totals = Array.from({ length: sets }, (_, set) => {
    const valueAt = (atS: number) => REPLICAS * (Math.round((atS - startS - 60) * 10) + 1 + set)
    return COUNTERS.flatMap(({ total, more }) => {
      const {
        [label.usageSource]: _source,
        [label.operation]: _operation,
        ...labels
      } = {
        job: 'shop',
        ...labelSet(set),
        ...more,
      } as Labels
      return [of(total, labels, valueAt), of(presentPart(total), labels, valueAt)]
    })
  }).flat()
  return [
    ...totals,
    ...targets.flatMap((target) => [
      of(KNOWN_START, target, () => startS),
      of(MOVED, target, () => 0),
      of(FOUND_OLD, target, () => 0),
      of(PROCESS_CREDITS, target, (atS) => sets * (atS - startS) * 10),
    ]),
    of(WATCHING_SINCE, {}, () => sinceS),
  ]
}

/** In the text format of Prometheus. */
export function exposition(all: readonly PastSeries[], nowS: number): string {
  const lines = all.map(({ labels: { __name__: name, ...labels }, valueAt }) => {
    const pairs = Object.entries(labels).map(([key, value]) => `${key}="${value}"`)
    return `${name}{${pairs.join(',')}} ${valueAt(nowS)}\n`
  })
  return lines.join('')
}
