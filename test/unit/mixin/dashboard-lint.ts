/**
 * The conventions of grafana/dashboard-linter, for the dashboards that this project ships: one function a rule,
 * each gives sentences about what is wrong. Recorded series (with a colon) carry the labels of their level alone,
 * so only those matchers are asked of them.
 */
import { selectorsOf, type Selector } from './promql-selectors.ts'

interface Target {
  readonly expr: string
  readonly refId?: string
  readonly legendFormat?: string
  readonly datasource?: { readonly uid?: string }
}

export interface PanelJson {
  readonly id: number
  readonly type: string
  readonly title?: string
  readonly description?: string
  readonly timeFrom?: string
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly datasource?: { readonly uid?: string }
  readonly targets?: readonly Target[]
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string } }
}

interface VariableJson {
  readonly name: string
  readonly type: string
  readonly label?: string
  readonly query?: string | { readonly query: string }
  readonly datasource?: { readonly uid?: string }
  readonly multi?: boolean
  readonly includeAll?: boolean
  readonly allValue?: string
  readonly refresh?: number
}

export interface DashboardJson {
  readonly uid: string
  readonly title: string
  readonly editable: boolean
  readonly panels: readonly PanelJson[]
  readonly templating: { readonly list: readonly VariableJson[] }
  readonly annotations: { readonly list: ReadonlyArray<{ readonly name: string; readonly expr: string }> }
  readonly links: ReadonlyArray<{
    readonly title: string
    readonly type: string
    readonly includeVars: boolean
  }>
}

type Rule = (dashboard: DashboardJson) => string[]

const drawn = ({ panels }: DashboardJson) => panels.filter(({ type }) => type !== 'row')

const targetsOf = (dashboard: DashboardJson) =>
  drawn(dashboard).flatMap((panel) => (panel.targets ?? []).map((target) => ({ panel, target })))

const selectorsIn = (dashboard: DashboardJson) =>
  targetsOf(dashboard).flatMap(({ panel, target }) =>
    selectorsOf(target.expr).map((selector) => ({ panel, selector })),
  )

/** What only an exporter tells: its job is not one of those that call. */
const ACCOUNT_FIGURES = new Set(['aimlapi_account_spend_usd'])
/** Of models, whosever account. */
const CATALOGUE = new Set(['aimlapi_model_token_price_usd', 'aimlapi_model_shutdown_timestamp_seconds'])

/** Labels that are left in the recorded series of a level. */
const LEVEL_LABELS: Readonly<Record<string, readonly string[]>> = {
  aimlapi_account: [],
  aimlapi_account_model: [],
  aimlapi_budget: [],
  // Of the rules themselves: without any labels.
  aimlapi: [],
}

function requiredMatchers({ metric }: Selector): readonly string[] {
  const [level, ...operations] = metric.split(':')
  if (ACCOUNT_FIGURES.has(metric) || CATALOGUE.has(metric)) return []
  if (operations.length === 0) return ['job', 'instance']
  return LEVEL_LABELS[level ?? ''] ?? ['job']
}

function queryVariable(name: string, label: string): Rule {
  return ({ templating }) => {
    const variable = templating.list.find((candidate) => candidate.name === name)
    if (!variable) return [`there is no variable ${name}`]
    const faults = {
      type: variable.type !== 'query',
      label: variable.label !== label,
      datasource: variable.datasource?.uid !== '$datasource',
      multi: variable.multi !== true,
      allValue: variable.includeAll !== true || variable.allValue !== '.+',
      query: typeof variable.query !== 'object' || !variable.query.query.startsWith('label_values('),
    }
    return Object.entries(faults).flatMap(([fault, is]) => (is ? [`variable ${name}: wrong ${fault}`] : []))
  }
}

export const RULES: Readonly<Record<string, Rule>> = {
  'the first variable picks the data source': ({ templating: { list } }) =>
    list[0]?.type === 'datasource' && list[0].name === 'datasource' && list[0].label === 'Data source'
      ? []
      : ['no data source variable'],
  'a variable picks the job': queryVariable('job', 'Job'),
  'a variable picks the instance': queryVariable('instance', 'Instance'),
  'variables reload when the time range changes': ({ templating }) =>
    templating.list.filter(({ type, refresh }) => type === 'query' && refresh !== 2).map(({ name }) => name),
  'panels and queries use the picked data source': (dashboard) => [
    ...drawn(dashboard)
      .filter(({ datasource }) => datasource?.uid !== '$datasource')
      .map(({ title }) => `${title}`),
    ...targetsOf(dashboard)
      .filter(({ target }) => target.datasource?.uid !== '$datasource')
      .map(({ panel }) => `${panel.title}`),
  ],
  'panels have a title and a description': (dashboard) =>
    drawn(dashboard)
      .filter(({ title, description }) => !title || !description || description.length < 20)
      .map(({ id, title }) => `${id} ${title}`),
  'panels have a unit': (dashboard) =>
    drawn(dashboard)
      .filter(({ fieldConfig }) => !fieldConfig?.defaults.unit)
      .map(({ title }) => `${title}`),
  'panels have queries, with reference ids and legends': (dashboard) => [
    ...drawn(dashboard)
      .filter(({ type, targets }) => type !== 'text' && !targets?.length)
      .map(({ title }) => `${title}`),
    ...targetsOf(dashboard)
      .filter(({ target }) => !target.refId || !target.legendFormat)
      .map(({ panel }) => `${panel.title}`),
  ],
  'panel ids and titles are unique': ({ panels }) => [
    ...repeated(panels.map(({ id }) => `id ${id}`)),
    ...repeated(panels.map(({ title }) => `${title}`)),
  ],
  'panels do not overlap': (dashboard) => {
    const all = dashboard.panels
    return all.flatMap((one, index) =>
      all
        .slice(index + 1)
        .filter((other) => overlap(one, other))
        .map((other) => `${one.title} and ${other.title}`),
    )
  },
  'rates are taken over $__rate_interval': (dashboard) =>
    selectorsIn(dashboard)
      .filter(({ selector }) => ['rate', 'irate', 'increase'].includes(selector.inside[0] ?? ''))
      .filter(({ selector }) => selector.range !== '$__rate_interval')
      .map(({ panel, selector }) => `${panel.title}: [${selector.range}]`),
  'counters are only read through rates': (dashboard) =>
    selectorsIn(dashboard)
      .filter(
        ({ selector: { metric, inside } }) =>
          metric.endsWith('_total') && !['rate', 'irate', 'increase'].includes(inside[0] ?? ''),
      )
      .map(({ panel, selector }) => `${panel.title}: ${selector.metric}`),
  'every series is selected by job and instance, as far as it has them': (dashboard) =>
    selectorsIn(dashboard).flatMap(({ panel, selector }) =>
      requiredMatchers(selector)
        .filter((label) => selector.matchers.get(label) !== `=~"$${label}"`)
        .map((label) => `${panel.title}: ${selector.metric} without ${label}`),
    ),
  'every series is selected by account, unless it has none': (dashboard) =>
    selectorsIn(dashboard)
      .filter(
        ({ selector: { metric, matchers } }) =>
          !metric.includes('gen_ai_') &&
          !metric.startsWith('aimlapi:') &&
          !CATALOGUE.has(metric) &&
          !/^=~"\$account\|?"$/.test(matchers.get('aimlapi_account') ?? ''),
      )
      .map(({ panel, selector }) => `${panel.title}: ${selector.metric}`),
  'only known variables are used': (dashboard) => {
    const known = new Set([
      ...dashboard.templating.list.map(({ name }) => name),
      '__rate_interval',
      '__range',
      '__range_s',
      '__interval',
      '__interval_ms',
    ])
    return targetsOf(dashboard).flatMap(({ panel, target }) =>
      [...target.expr.matchAll(/\$\{?(\w+)/g)]
        .map(([, name]) => name ?? '')
        .filter((name) => !known.has(name))
        .map((name) => `${panel.title}: $${name}`),
    )
  },
  'it cannot be edited in the browser': ({ editable }) => (editable ? ['editable'] : []),
  'it links to the other dashboards with variables': ({ links }) =>
    links.some(({ type, includeVars }) => type === 'dashboards' && includeVars) ? [] : ['no link'],
  'top-ups and firing alerts are annotated': ({ annotations }) =>
    ['Top-ups', 'Firing alerts'].filter((name) => !annotations.list.some((one) => one.name === name)),
}

function repeated(values: readonly string[]): string[] {
  return values.filter((value, index) => values.indexOf(value) !== index)
}

function overlap({ gridPos: a }: PanelJson, { gridPos: b }: PanelJson): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h
}
