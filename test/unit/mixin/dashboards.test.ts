import { describe, expect, test } from 'vitest'

import { dashboardFiles, dashboards } from '../../../docker/mixin/dashboards/index.ts'
import { recordingGroups } from '../../../docker/mixin/recording-rules.ts'
import { type DashboardJson, RULES } from './dashboard-lint.ts'
import { selectorsOf } from './promql-selectors.ts'

const files = Object.values(JSON.parse(JSON.stringify(dashboardFiles)) as Record<string, DashboardJson>)
const byTitle = files.map((dashboard) => [dashboard.title, dashboard] as const)

describe.each(byTitle)('%s', (_, dashboard) => {
  test.each(Object.entries(RULES))('%s', (_sentence, rule) => {
    expect(rule(dashboard)).toEqual([])
  })
})

/** What each rule must see, on a copy of the first dashboard. */
const BREAKS: Readonly<Record<string, (dashboard: any) => void>> = {
  'the first variable picks the data source': (it) => it.templating.list.shift(),
  'a variable picks the job': (it) => (it.templating.list[1].allValue = '.*'),
  'a variable picks the instance': (it) => (it.templating.list[2].label = 'Pod'),
  'variables reload when the time range changes': (it) => (it.templating.list[3].refresh = 1),
  'panels and queries use the picked data source': (it) =>
    (it.panels[1].targets[0].datasource.uid = 'prometheus'),
  'panels have a title and a description': (it) => delete it.panels[1].description,
  'panels have a unit': (it) => delete it.panels[1].fieldConfig.defaults.unit,
  'panels have queries, with reference ids and legends': (it) => delete it.panels[1].targets[0].refId,
  'panel ids and titles are unique': (it) => (it.panels[2].id = it.panels[1].id),
  'panels do not overlap': (it) => (it.panels[1].gridPos.w = 5),
  'rates are taken over $__rate_interval': (it) => (it.panels[1].targets[0].expr = 'sum(rate(a_total[5m]))'),
  'counters are only read through rates': (it) => (it.panels[1].targets[0].expr = 'sum(a_total)'),
  'every series is selected by job and instance, as far as it has them': (it) =>
    (it.panels[1].targets[0].expr = 'sum(a{job=~"$job"})'),
  'every series is selected by account, unless it has none': (it) =>
    (it.panels[1].targets[0].expr = 'sum(a{job=~"$job",instance=~"$instance"})'),
  'only known variables are used': (it) => (it.panels[1].targets[0].expr = 'sum(a{job=~"$cluster"})'),
  'it cannot be edited in the browser': (it) => (it.editable = true),
  'it links to the other dashboards with variables': (it) => (it.links[0].includeVars = false),
  'top-ups and firing alerts are annotated': (it) => it.annotations.list.pop(),
}

describe('the lint itself', () => {
  test.each(Object.entries(RULES))('notices when not: %s', (sentence, rule) => {
    const broken = structuredClone(files[0])
    BREAKS[sentence]?.(broken)
    expect(rule(broken as DashboardJson)).not.toEqual([])
  })
})

test('recorded series that panels read are recorded', () => {
  const known = new Set(recordingGroups.flatMap(({ rules }) => rules.map(({ record }) => record)))
  const read = dashboards
    .flatMap(({ rows }) =>
      rows.flatMap(({ panels }) => panels.flatMap(({ queries }) => queries.map(({ expr }) => expr))),
    )
    .flatMap((expr) => selectorsOf(expr).map(({ metric }) => metric))
    .filter((name) => name.includes(':'))
  expect(read.length).toBeGreaterThan(10)
  expect(read.filter((name) => !known.has(name))).toEqual([])
})

test('a dashboard keeps its address', () => {
  expect(files.map(({ uid }) => uid)).toEqual(['aimlapi-spend', 'aimlapi-calls', 'aimlapi-account'])
})
