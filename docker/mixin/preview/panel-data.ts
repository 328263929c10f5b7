/** Runs the queries of a panel as Grafana would, and names their series by the legend. */
import type { Panel, Query } from '../dashboards/panel.ts'
import type { QueryApi, RangeSeconds } from '../servers/query-api.ts'
import { startsOf } from './books.ts'

export interface Series {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  /** Which query of the panel it came from. */
  readonly query: number
  /** One point for an instant query. */
  readonly points: ReadonlyArray<readonly [timeSeconds: number, value: number]>
}

/** Grafana's own variables, in seconds. */
export interface GrafanaTime extends RangeSeconds {
  readonly rateIntervalSeconds: number
  /** Of the dashboard, seconds east of UTC; the points that are given are of it. Default 0. */
  readonly zoneOffsetS?: number
}

const ALL_VALUES: Readonly<Record<string, string>> = {
  job: '.+',
  instance: '.+',
  account: '.+',
  tag: 'aimlapi_tag_team',
}
const DAY_S = 86_400

/** Every variable at its value for "All". */
export function substitute(expr: string, time: GrafanaTime): string {
  const own: Readonly<Record<string, string>> = {
    __rate_interval: `${time.rateIntervalSeconds}s`,
    __range: `${Math.ceil(time.end - time.start)}s`,
    __range_s: String(Math.ceil(time.end - time.start)),
    __interval: `${time.step}s`,
    __interval_ms: String(time.step * 1000),
  }
  return expr
    .replaceAll('{{$tag}}', '')
    .replaceAll(/\$(\w+)/g, (_, name: string) => own[name] ?? ALL_VALUES[name] ?? '.*')
}

/** The range of a panel that has one of its own. */
export function timeOf({ timeFrom, interval }: Panel, time: GrafanaTime): GrafanaTime {
  const starts = startsOf(time.end, { offsetS: time.zoneOffsetS ?? 0 })
  const from = { 'now/d': starts.day, 'now/M': starts.month, '30d': time.end - 30 * DAY_S }
  const own = timeFrom === undefined ? time : { ...time, start: from[timeFrom] }
  if (interval !== '1d') return own
  const floor = (at: number) => startsOf(at, { offsetS: time.zoneOffsetS ?? 0 }).day
  return { ...own, start: floor(own.start) + DAY_S, end: floor(own.end), step: DAY_S }
}

function nameOf(query: Query, labels: Readonly<Record<string, string>>): string {
  if (query.legend === '__auto')
    return (
      Object.entries(labels)
        .filter(([label]) => label !== '__name__')
        .map(([, value]) => value)
        .join(', ') || '(all)'
    )
  const name = query.legend
    .replaceAll('{{$tag}}', `{{${ALL_VALUES['tag']}}}`)
    .replaceAll(/\{\{(\w+)\}\}/g, (_, label: string) => labels[label] ?? '')
    .trim()
  return name === '' ? '(none)' : name
}

export async function panelData(prometheus: QueryApi, panel: Panel, picked: GrafanaTime): Promise<Series[]> {
  const time = timeOf(panel, picked)
  const results = await Promise.all(
    panel.queries.map(async (query, index): Promise<Series[]> => {
      const expr = substitute(query.expr, time)
      const named = (labels: Readonly<Record<string, string>>) => ({
        name: nameOf(query, labels),
        labels,
        query: index,
      })
      if (panel.kind === 'timeseries') {
        const lines = await prometheus.queryRange(expr, time)
        return lines.map(({ labels, points }) => ({
          ...named(labels),
          points: points.map(([at, value]) => [at + (time.zoneOffsetS ?? 0), value] as const),
        }))
      }
      const samples = await prometheus.query(expr, time.end)
      return samples.map(({ labels, value }) => ({ ...named(labels), points: [[time.end, value]] }))
    }),
  )
  return results.flat()
}
