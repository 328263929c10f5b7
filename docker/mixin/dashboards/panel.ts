/** What a dashboard is, as data: the three dashboards are tables of these, Grafana's JSON is made elsewhere. */

export interface Query {
  readonly expr: string
  /** Grafana's legend template: `{{label}}` or constant words. */
  readonly legend: string
}

/** Grafana's unit ids. */
export type Unit =
  | 'currencyUSD'
  | 'percentunit'
  | 'short'
  | 'reqps'
  | 's'
  | 'h'
  | 'd'
  | 'bool_on_off'
  | 'none'

/**
 * - `stat`: one big number, instant.
 * - `timeseries`: lines over the picked range.
 * - `ranking`: horizontal bars, instant, largest first.
 * - `table`: one row per label value, one column per query, instant.
 * - `text`: Markdown, no query.
 */
export type PanelKind = 'stat' | 'timeseries' | 'ranking' | 'table' | 'text'

export interface Threshold {
  /** From this value on; the first one has none. */
  readonly from?: number
  readonly color: 'green' | 'orange' | 'red' | 'blue' | 'text'
}

export interface Column {
  readonly name: string
  readonly unit: Unit
  readonly decimals?: number
}

export interface Panel {
  readonly title: string
  /** What the number is, in words, and what to make of it. */
  readonly description: string
  readonly kind: PanelKind
  readonly unit: Unit
  readonly queries: readonly Query[]
  /** Of 24. */
  readonly width: number
  readonly height: number
  readonly decimals?: number
  readonly min?: number
  readonly max?: number
  readonly stacked?: boolean
  /** Time series: bars, for what happens at a moment. */
  readonly bars?: boolean
  readonly thresholds?: readonly Threshold[]
  /** A range of its own instead of the picked one: `now/d` is since midnight, `now/M` since the first. */
  readonly timeFrom?: 'now/d' | 'now/M' | '30d'
  /** Time series: distance of the points; one for each scrape unless told. */
  readonly interval?: string
  /** Of a text. */
  readonly markdown?: string
  /** Shown while there is nothing to show. */
  readonly noValue?: string
  /** Tables: the label that makes the rows, and a column for each query. */
  readonly rows?: { readonly label: string; readonly name: string; readonly columns: readonly Column[] }
}

export interface Row {
  readonly title: string
  readonly panels: readonly Panel[]
}

export interface Dashboard {
  /** Stable: links and bookmarks hang on it. */
  readonly uid: string
  readonly title: string
  readonly description: string
  /** The picked range when it is opened. */
  readonly from: string
  /** The metric whose label values fill the variables. */
  readonly variablesFrom: string
  /** Variables besides data source, job, instance and account: name → label; without one, the tag to split by. */
  readonly variables: ReadonlyArray<{
    readonly name: string
    readonly title: string
    readonly label?: string
  }>
  readonly rows: readonly Row[]
}

/** A panel with the usual size of its kind. */
export function stat(panel: Omit<Panel, 'kind' | 'width' | 'height'> & Partial<Panel>): Panel {
  return { width: 4, height: 4, ...panel, kind: 'stat' }
}

export function graph(panel: Omit<Panel, 'kind' | 'width' | 'height'> & Partial<Panel>): Panel {
  return { width: 12, height: 8, ...panel, kind: 'timeseries' }
}
