/** Credits by label, as metrics and ledger have them. */
import type { InMemoryMetricExporter } from '@opentelemetry/sdk-metrics'

/** By `account / model / team`, or whatever else `keyOf` was given. */
export type Sums = Map<string, number>

/** One data point of a sum or gauge, under the labels that the books are compared by. */
export interface Point {
  readonly metric: string
  readonly operation: string
  readonly account: string
  readonly model: string
  readonly team: string
  readonly value: number
}

export const NONE = '-'

export function keyOf(...parts: readonly unknown[]): string {
  return parts.map((part) => String(part ?? NONE)).join(' / ')
}

export function add(sums: Sums, key: string, value: number): void {
  sums.set(key, (sums.get(key) ?? 0) + value)
}

export function subtract(from: Sums, taken: Sums): Sums {
  const rest: Sums = new Map(from)
  for (const [key, value] of taken) add(rest, key, -value)
  return rest
}

export function total(sums: Sums): number {
  return [...sums.values()].reduce((sum, value) => sum + value, 0)
}

/** The keys under which the two differ, 0 being the same as nothing. */
export function differences(a: Sums, b: Sums): string[] {
  return [...subtract(a, b)].filter(([, value]) => value !== 0).map(([key]) => key)
}

/** What was exported last. Histograms count as 0: no books are kept of them. */
export function readPoints(exporter: InMemoryMetricExporter): Point[] {
  const latest = exporter.getMetrics().at(-1)
  const own = latest?.scopeMetrics.flatMap(({ metrics }) => metrics) ?? []
  return own.flatMap(({ descriptor, dataPoints }) =>
    dataPoints.map(({ attributes, value }) => ({
      metric: descriptor.name,
      operation: String(attributes['gen_ai.operation.name'] ?? NONE),
      account: String(attributes['aimlapi.account'] ?? NONE),
      model: String(attributes['gen_ai.request.model'] ?? NONE),
      team: String(attributes['aimlapi.tag.team'] ?? NONE),
      value: typeof value === 'number' ? value : 0,
    })),
  )
}

export function sumOf(points: readonly Point[], metric: string): Sums {
  const sums: Sums = new Map()
  for (const { account, model, team, value, ...point } of points)
    if (point.metric === metric) add(sums, keyOf(account, model, team), value)
  return sums
}
