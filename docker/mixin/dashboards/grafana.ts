/** Dashboards as Grafana's JSON. The only file that knows the SDK; it is below 1.0 and pinned exactly. */
import * as bargauge from '@grafana/grafana-foundation-sdk/bargauge'
import * as common from '@grafana/grafana-foundation-sdk/common'
import * as grafana from '@grafana/grafana-foundation-sdk/dashboard'
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus'
import * as statPanel from '@grafana/grafana-foundation-sdk/stat'
import * as tablePanel from '@grafana/grafana-foundation-sdk/table'
import * as textPanel from '@grafana/grafana-foundation-sdk/text'
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries'

import { config } from '../config.ts'
import { label, tagLabel } from '../names.ts'
import { since } from '../promql.ts'
import { recorded } from '../recording-rules.ts'
import type { Dashboard, Panel, PanelKind, Query } from './panel.ts'
import { recordedAccounts } from './selectors.ts'

const TAG = 'aimlapi'
const DATASOURCE = { type: 'prometheus', uid: '$datasource' }
const REF_IDS = 'ABCDEFGH'

type AnyPanelBuilder =
  | statPanel.PanelBuilder
  | timeseries.PanelBuilder
  | bargauge.PanelBuilder
  | tablePanel.PanelBuilder
  | textPanel.PanelBuilder

function target(query: Query, index: number, kind: PanelKind): prometheus.DataqueryBuilder {
  const builder = new prometheus.DataqueryBuilder()
    .refId(REF_IDS.charAt(index))
    .datasource(DATASOURCE)
    .editorMode(prometheus.QueryEditorMode.Code)
    .expr(query.expr)
    .legendFormat(query.legend)
  if (kind === 'timeseries') return builder.range()
  return kind === 'table' ? builder.instant().format(prometheus.PromQueryFormat.Table) : builder.instant()
}

function lastValue(): common.ReduceDataOptionsBuilder {
  return new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false)
}

function timeseriesPanel({ stacked, bars, interval }: Panel): timeseries.PanelBuilder {
  const builder = new timeseries.PanelBuilder()
    .drawStyle(bars ? common.GraphDrawStyle.Bars : common.GraphDrawStyle.Line)
    .lineWidth(1)
    .fillOpacity(bars ? 80 : stacked ? 30 : 0)
    .showPoints(common.VisibilityMode.Never)
    .spanNulls(false)
    .interval(interval ?? `${config.counting.intervalSeconds}s`)
    .legend(
      new common.VizLegendOptionsBuilder()
        .displayMode(common.LegendDisplayMode.List)
        .placement(common.LegendPlacement.Bottom)
        .showLegend(true),
    )
    .tooltip(
      new common.VizTooltipOptionsBuilder()
        .mode(common.TooltipDisplayMode.Multi)
        .sort(common.SortOrder.Descending),
    )
  if (stacked) {
    builder.stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal).group('A'))
  }
  return builder
}

/** Joins the queries of a table by their label and gives the columns names and units. */
function table({ rows, queries }: Panel): tablePanel.PanelBuilder {
  const builder = new tablePanel.PanelBuilder().showHeader(true)
  if (!rows) return builder
  const values = queries.map((_, index) => `Value #${REF_IDS.charAt(index)}`)
  const names = Object.fromEntries(values.map((value, index) => [value, rows.columns[index]?.name ?? value]))
  builder
    .withTransformation({ id: 'merge', options: {} })
    .withTransformation({
      id: 'organize',
      options: { excludeByName: { Time: true }, renameByName: { [rows.label]: rows.name, ...names } },
    })
    .sortBy([new common.TableSortByFieldStateBuilder().displayName(rows.columns[0]?.name ?? '').desc(true)])
  for (const { name, unit, decimals } of rows.columns) {
    builder.overrideByName(name, [
      { id: 'unit', value: unit },
      ...(decimals === undefined ? [] : [{ id: 'decimals', value: decimals }]),
    ])
  }
  return builder
}

const BUILDERS: Readonly<Record<PanelKind, (panel: Panel) => AnyPanelBuilder>> = {
  stat: () =>
    new statPanel.PanelBuilder()
      .reduceOptions(lastValue())
      .graphMode(common.BigValueGraphMode.None)
      .colorMode(common.BigValueColorMode.Value)
      .textMode(common.BigValueTextMode.Auto),
  timeseries: timeseriesPanel,
  ranking: () =>
    new bargauge.PanelBuilder()
      .reduceOptions(lastValue())
      .orientation(common.VizOrientation.Horizontal)
      .displayMode(common.BarGaugeDisplayMode.Gradient)
      .min(0),
  table,
  text: ({ markdown = '' }) =>
    new textPanel.PanelBuilder().mode(textPanel.TextMode.Markdown).content(markdown),
}

function thresholds({ thresholds: steps, kind }: Panel): grafana.ThresholdsConfigBuilder {
  const all = steps ?? [{ color: kind === 'ranking' ? ('blue' as const) : ('text' as const) }]
  return new grafana.ThresholdsConfigBuilder()
    .mode(grafana.ThresholdsMode.Absolute)
    .steps(all.map(({ from, color }) => ({ value: from ?? null, color })))
}

/** The pickers that change a panel, where these are not all. */
function followed({ variables: more }: Dashboard, { queries, kind }: Panel): string {
  if (kind === 'text') return ''
  const all = ['job', 'account', ...more.map(({ name }) => name)]
  const used = all.filter((name) => queries.some(({ expr }) => new RegExp(`\\$${name}\\b`).test(expr)))
  if (used.length === all.length) return ''
  if (used.length === 0) return ' No picker changes it.'
  return ` Of the pickers only ${used.join(', ')} ${used.length === 1 ? 'changes' : 'change'} it.`
}

function panelBuilder(dashboard: Dashboard, panel: Panel, id: number): AnyPanelBuilder {
  const builder = BUILDERS[panel.kind](panel)
    .id(id)
    .title(panel.title)
    .description(panel.description + followed(dashboard, panel))
    .datasource(DATASOURCE)
    .unit(panel.unit)
    .span(panel.width)
    .height(panel.height)
    .thresholds(thresholds(panel))
    .targets(panel.queries.map((query, index) => target(query, index, panel.kind)))
  if (panel.decimals !== undefined) builder.decimals(panel.decimals)
  if (panel.min !== undefined) builder.min(panel.min)
  if (panel.max !== undefined) builder.max(panel.max)
  if (panel.noValue !== undefined) builder.noValue(panel.noValue)
  if (panel.timeFrom !== undefined) builder.timeFrom(panel.timeFrom)
  return builder
}

/** A variable of label values. All of them is a pattern, so that new values show at once. */
function variable(
  name: string,
  title: string,
  query: string,
  allValue: string,
): grafana.QueryVariableBuilder {
  return new grafana.QueryVariableBuilder(name)
    .label(title)
    .datasource(DATASOURCE)
    .query({ query, refId: `variable-${name}` })
    .definition(query)
    .refresh(grafana.VariableRefresh.OnTimeRangeChanged)
    .sort(grafana.VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue(allValue)
    .current({ selected: true, text: ['All'], value: ['$__all'] })
}

/** The names of the spend tags that there are, whatever they are called; the job where there is none. */
function tagVariable(name: string, title: string): grafana.QueryVariableBuilder {
  return new grafana.QueryVariableBuilder(name)
    .label(title)
    .datasource(DATASOURCE)
    .query({ query: 'label_names()', refId: `variable-${name}` })
    .definition('label_names()')
    .regex(`/^(${tagLabel('')}.+|job)$/`)
    .refresh(grafana.VariableRefresh.OnTimeRangeChanged)
    .sort(grafana.VariableSort.AlphabeticalAsc)
    .multi(false)
    .includeAll(false)
}

function variables({
  variablesFrom: metric,
  variables: more,
}: Dashboard): Array<grafana.QueryVariableBuilder | grafana.DatasourceVariableBuilder> {
  const inJob = `${metric}{job=~"$job"}`
  return [
    new grafana.DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'),
    variable('job', 'Job', `label_values(${metric}, job)`, '.+'),
    variable('instance', 'Instance', `label_values(${inJob}, instance)`, '.+'),
    variable('account', 'Account', `label_values(${inJob}, ${label.account})`, '.+'),
    // A call without a model or tag has no such label: all of them includes the empty one.
    ...more.map(({ name, title, label: labelName }) =>
      labelName === undefined
        ? tagVariable(name, title)
        : variable(name, title, `label_values(${inJob}, ${labelName})`, '.*'),
    ),
  ]
}

function annotation(
  name: string,
  expr: string,
  title: string,
  text: string,
  color: string,
): grafana.AnnotationQueryBuilder {
  return new grafana.AnnotationQueryBuilder()
    .name(name)
    .datasource(DATASOURCE)
    .enable(true)
    .iconColor(color)
    .expr(expr)
    .titleFormat(title)
    .textFormat(text)
}

const annotations = () => [
  annotation(
    'Top-ups',
    `${since(recordedAccounts(recorded.ledgerTopUp), '1m')} > 0`,
    'Top-up',
    `{{${label.account}}} {{${label.ledgerType}}}`,
    'green',
  ),
  annotation(
    'Firing alerts',
    'ALERTS{alertname=~"Aimlapi.+",alertstate="firing"}',
    '{{alertname}}',
    `{{severity}} {{${label.account}}} {{job}}`,
    'red',
  ),
]

/** The dashboard as Grafana imports and provisions it. */
export function grafanaDashboard(dashboard: Dashboard): grafana.Dashboard {
  const builder = new grafana.DashboardBuilder(dashboard.title)
    .uid(dashboard.uid)
    .description(dashboard.description)
    .tags([TAG, 'generated'])
    .readonly()
    .timezone('browser')
    .time({ from: dashboard.from, to: 'now' })
    .refresh('1m')
    .tooltip(grafana.DashboardCursorSync.Crosshair)
    .variables(variables(dashboard))
    .annotations(annotations())
    .link(
      new grafana.DashboardLinkBuilder('AI/ML API')
        .type(grafana.DashboardLinkType.Dashboards)
        .tags([TAG])
        .includeVars(true)
        .keepTime(true),
    )
    .link(
      new grafana.DashboardLinkBuilder('Runbook')
        .type(grafana.DashboardLinkType.Link)
        .url(config.runbookUrl)
        .targetBlank(true),
    )
  let id = 0
  for (const row of dashboard.rows) {
    builder.withRow(new grafana.RowBuilder(row.title).id(++id))
    for (const panel of row.panels) builder.withPanel(panelBuilder(dashboard, panel, ++id))
  }
  return builder.build()
}
