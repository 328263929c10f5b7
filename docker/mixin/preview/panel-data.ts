/** Runs the queries of a panel as Grafana would, and names their series by the legend. */
import type { Panel, Query } from '../dashboards/panel.ts'
import type { Prometheus, RangeSeconds } from '../servers/prometheus.ts'

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
}

const ALL_VALUES: Readonly<Record<string, string>> = { job: '.+', instance: '.+', account: '.+' }

/** Every variable at its value for "All". */
export function substitute(expr: string, time: GrafanaTime): string {
  const own: Readonly<Record<string, string>> = {
    __rate_interval: `${time.rateIntervalSeconds}s`,
    __range: `${Math.ceil(time.end - time.start)}s`,
    __interval: `${time.step}s`,
  }
  return expr.replaceAll(/\$(\w+)/g, (_, name: string) => own[name] ?? ALL_VALUES[name] ?? '.*')
}

function nameOf(query: Query, labels: Readonly<Record<string, string>>): string {
  const name = query.legend.replaceAll(/\{\{(\w+)\}\}/g, (_, label: string) => labels[label] ?? '').trim()
  return name === '' ? '(none)' : name
}

export async function panelData(prometheus: Prometheus, panel: Panel, time: GrafanaTime): Promise<Series[]> {
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
        return lines.map(({ labels, points }) => ({ ...named(labels), points }))
      }
      const samples = await prometheus.query(expr, time.end)
      return samples.map(({ labels, value }) => ({ ...named(labels), points: [[time.end, value]] }))
    }),
  )
  return results.flat()
}
