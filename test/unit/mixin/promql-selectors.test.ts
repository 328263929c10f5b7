import { expect, test } from 'vitest'

import { selectorsOf } from './promql-selectors.ts'

test('a selector is found with its matchers, range and surroundings', () => {
  const [only] = selectorsOf('sum by (job, a) (rate(x_total{job=~"$job",a!="b)("}[5m])) * 60')
  expect(only).toEqual({
    metric: 'x_total',
    matchers: new Map([
      ['job', '=~"$job"'],
      ['a', '!="b)("'],
    ]),
    range: '5m',
    inside: ['rate', 'sum'],
  })
})

test('the steps of a subquery and the end of a query are not metrics', () => {
  const names = selectorsOf('max_over_time((a and b)[5m:5s] offset 30s) > last_over_time(c[6h] @ end())').map(
    ({ metric }) => metric,
  )
  expect(names).toEqual(['a', 'b', 'c'])
})

test('operators, label lists, numbers, durations and strings are not metrics', () => {
  const names = selectorsOf(
    'label_replace(a offset 5m, "x", "y z", "", "") and on (job, instance) (b unless c) / on (d) group_left () 1e3 > 0.5',
  ).map(({ metric }) => metric)
  expect(names).toEqual(['a', 'b', 'c'])
})

test('a selector without a name counts', () => {
  expect(selectorsOf('count({__name__=~"a|b",c="d"}[1h])')).toMatchObject([
    { metric: '', range: '1h', inside: ['count'] },
  ])
})
