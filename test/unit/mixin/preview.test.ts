import { expect, test } from 'vitest'

import type { Dashboard, Panel } from '../../../docker/mixin/dashboards/panel.ts'
import { type Series, substitute } from '../../../docker/mixin/preview/panel-data.ts'
import { drawDashboard } from '../../../docker/mixin/preview/picture.ts'
import { toPng } from '../../../docker/mixin/preview/png.ts'
import { formatValue } from '../../../docker/mixin/preview/units.ts'

test.each([
  [0.00123, 'currencyUSD', 4, '$0.0012'],
  [-1234.5, 'currencyUSD', 2, '-$1.23 K'],
  [0.2371, 'percentunit', 1, '23.7%'],
  [2_500_000, 'short', undefined, '2.5 Mil'],
  [0.5861, 's', 2, '586 ms'],
  [0.36, 'h', 1, '21.6 min'],
  [7.5, 'h', 1, '7.5 h'],
  [1, 'bool_on_off', undefined, 'On'],
  [Number.NaN, 'short', 0, 'NaN'],
] as const)('%d in %s is written %s', (value, unit, decimals, expected) => {
  expect(formatValue(value, unit, decimals)).toBe(expected)
})

test("Grafana's variables and those of the page are put in", () => {
  const time = { start: 100, end: 160, step: 2, rateIntervalSeconds: 20 }
  expect(
    substitute('rate(a{job=~"$job",m=~"$model"}[$__rate_interval]) + b[$__range] + c[$__interval]', time),
  ).toBe('rate(a{job=~".+",m=~".*"}[20s]) + b[60s] + c[2s]')
})

const panel = (kind: Panel['kind'], title: string): Panel => ({
  title,
  kind,
  description: 'A panel of the test.',
  unit: 'currencyUSD',
  decimals: 2,
  width: 12,
  height: 8,
  noValue: 'Nothing yet',
  queries: [{ expr: 'a', legend: '{{model}}' }],
  ...(kind === 'table' && {
    rows: { label: 'model', name: 'Model', columns: [{ name: 'Spend', unit: 'currencyUSD', decimals: 2 }] },
  }),
})

test('a picture shows titles, values and names, and says where there is nothing', () => {
  const panels = [
    panel('stat', 'Now'),
    panel('timeseries', 'Line'),
    panel('ranking', 'Top'),
    panel('table', 'All'),
  ]
  const empty = panel('timeseries', 'Empty')
  const dashboard: Dashboard = {
    uid: 'test',
    title: 'Test <1>',
    description: '',
    from: 'now-1h',
    variablesFrom: 'a',
    variables: [],
    rows: [{ title: 'Row', panels: [...panels, empty] }],
  }
  const series: Series[] = [
    {
      name: 'gpt-4o',
      labels: { model: 'gpt-4o' },
      query: 0,
      points: [
        [1, 2.5],
        [3, 4.25],
      ],
    },
  ]
  const svg = drawDashboard(dashboard, new Map(panels.map((one) => [one, series])), 'two seconds')
  // A shorthand that the renderer of the PNG does not know.
  expect(svg).not.toContain('font: ')
  for (const words of [
    'Test &#60;1&#62;',
    'two seconds',
    'Row',
    'Now',
    '$4.25',
    'gpt-4o',
    '$2.50',
    'Nothing yet',
  ]) {
    expect(svg).toContain(words)
  }
  const png = toPng(svg)
  expect(png.subarray(1, 4).toString()).toBe('PNG')
  expect(png.length).toBeGreaterThan(5000)
})
