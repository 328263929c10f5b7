import { expect, test } from 'vitest'

import type { Dashboard, Panel } from '../../../docker/mixin/dashboards/panel.ts'
import { spendDashboard } from '../../../docker/mixin/dashboards/spend.ts'
import { afternoonZone, startsOf } from '../../../docker/mixin/preview/books.ts'
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
  expect(substitute('$__range_s + $__interval_ms', time)).toBe('60 + 2000')
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

test('the first picture is no taller than a screen', () => {
  const rows = spendDashboard.rows.slice(0, 2)
  const svg = drawDashboard({ ...spendDashboard, rows }, new Map(), 'nothing')
  // Of a PNG, bytes 20 to 23.
  expect(toPng(svg).readUInt32BE(20)).toBeLessThanOrEqual(768)
})

test('it is afternoon in the zone of the pictures, whenever they are taken', () => {
  for (let nowS = 1_790_000_000; nowS < 1_790_000_000 + 2 * 86_400; nowS += 1234) {
    const zone = afternoonZone(nowS)
    const secondOfDay = nowS - startsOf(nowS, zone).day
    expect(Math.abs(zone.offsetS)).toBeLessThanOrEqual(43_200)
    expect(secondOfDay / 3600).toBeGreaterThan(16)
    expect(secondOfDay / 3600).toBeLessThan(17.5)
  }
})

test('a time of a line is written as a clock shows it', () => {
  const points = Array.from({ length: 60 }, (_, index) => [index * 60, index] as const)
  const rows = [{ title: 'Row', panels: [panel('timeseries', 'Line')] }]
  const dashboard: Dashboard = { ...spendDashboard, rows }
  const data = new Map(
    rows.flatMap(({ panels }) => panels.map((one) => [one, [{ name: 'a', labels: {}, query: 0, points }]])),
  )
  expect(drawDashboard(dashboard, data, '')).toMatch(/>00:\d0</)
})

test('a table in Markdown becomes columns', () => {
  const one: Panel = {
    ...panel('timeseries', 'Text'),
    kind: 'text',
    queries: [],
    markdown: '| A | B |\n|---|---|\n| `a` | x \\| y |\n\nWords.',
  }
  const svg = drawDashboard({ ...spendDashboard, rows: [{ title: 'Row', panels: [one] }] }, new Map(), '')
  for (const words of ['>A<', '>a<', '>x | y<', '>Words.<']) expect(svg).toContain(words)
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
