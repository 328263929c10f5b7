/** Spend: what did it cost, who spent it, why, and does it go on. */
import { config } from '../config.ts'
import { OVERFLOW_VALUE, label, metric } from '../names.ts'
import { since, sumBy } from '../promql.ts'
import { FIGURE_LABEL, recorded } from '../recording-rules.ts'
import { type Dashboard, type Panel, graph, stat } from './panel.ts'
import { CALL_VARIABLES, TAG, recordedAccounts, recordedBudgets, recordedCalls } from './selectors.ts'
import { reasons } from './spend-reasons.ts'

const MONEY = { unit: 'currencyUSD', decimals: 2 } as const
const SOURCE = `The word under the figure says where it comes from: "account" is what AI/ML API itself says, of every key and service, for days and months of UTC; "counted" is the sum of what the services counted.`

const spent = (window: string) => since(recordedCalls(recorded.spendUsd), window)

const now: readonly Panel[] = [
  stat({
    ...MONEY,
    title: 'Today',
    description: `Spend since midnight. ${SOURCE}`,
    queries: [
      {
        expr: sumBy([FIGURE_LABEL], recordedAccounts(recorded.today)),
        legend: `{{${FIGURE_LABEL}}}`,
      },
    ],
  }),
  stat({
    ...MONEY,
    title: 'This month',
    description: `Spend since the first of the month. ${SOURCE}`,
    queries: [
      {
        expr: sumBy([FIGURE_LABEL], recordedAccounts(recorded.month)),
        legend: `{{${FIGURE_LABEL}}}`,
      },
    ],
  }),
  stat({
    ...MONEY,
    title: 'Forecast for the month',
    description:
      'What this month will cost: the month so far, and for the rest of it the lower and the higher of the paces of the last day and the last week. On the first day of a Prometheus the range is wide, for it knows little.',
    queries: [
      { expr: `sum(${recordedAccounts(recorded.forecastLow)})`, legend: 'at least' },
      { expr: `sum(${recordedAccounts(recorded.forecastHigh)})`, legend: 'at most' },
    ],
  }),
  stat({
    title: 'Budgets used',
    description:
      'Spend of the day or the month as a share of its budget, by account and by value of a spend tag. Budgets are set in the variable AIMLAPI_BUDGETS where the account is watched: in the exporter, or in the service if there is no exporter.',
    unit: 'percentunit',
    decimals: 0,
    noValue: 'No budget',
    thresholds: [
      { color: 'green' },
      { from: config.budgets.nearRatio, color: 'orange' },
      { from: 1, color: 'red' },
    ],
    queries: [{ expr: recordedBudgets(recorded.budgetUsed), legend: '__auto' }],
  }),
  stat({
    ...MONEY,
    title: 'Spend per hour, now',
    description:
      'The pace of the last ten minutes: the larger of what was counted and what the account was charged.',
    queries: [{ expr: `sum(${recordedAccounts(recorded.pace10m)})`, legend: 'USD per hour' }],
  }),
  stat({
    title: 'Balance lasts',
    description: 'At the pace of the last 24 hours.',
    unit: 'h',
    decimals: 0,
    noValue: 'No exporter',
    queries: [{ expr: `min(${recordedAccounts(recorded.runwayHours)})`, legend: 'hours' }],
  }),
]

/** Since midnight or the first, of the time zone of the dashboard, to the minute. */
const ranking = (title: string, labelName: string, timeFrom: 'now/d' | 'now/M', what: string): Panel => ({
  ...MONEY,
  title,
  description: `What was counted since ${timeFrom === 'now/d' ? 'midnight' : 'the first'} in the time zone of the dashboard, ${what}.`,
  kind: 'ranking',
  width: 6,
  height: 7,
  timeFrom,
  queries: [{ expr: `topk(8, ${sumBy([labelName], spent('$__range'))})`, legend: `{{${labelName}}}` }],
})

const BY_TAG =
  'by the spend tag that is picked above (the service where there is none). No name: calls outside of any tag'

const who: readonly Panel[] = [
  ranking('Today by tag', TAG, 'now/d', BY_TAG),
  ranking('This month by tag', TAG, 'now/M', BY_TAG),
  ranking(
    'This month by model',
    label.requestModel,
    'now/M',
    `by the model that was asked for. Models past the cap of the service are "${OVERFLOW_VALUE}"`,
  ),
  ranking('This month by service', 'job', 'now/M', 'by the job that Prometheus knows it by'),
  graph({
    ...MONEY,
    title: 'Each day by tag',
    description:
      'What was counted in each of the last thirty days, by the spend tag that is picked above. A bar stands at the midnight that ends its day.',
    width: 16,
    height: 8,
    stacked: true,
    bars: true,
    interval: '1d',
    timeFrom: '30d',
    queries: [
      {
        expr: `clamp_min(${sumBy([TAG], since(recordedCalls(recorded.spendUsd), '1d'))}, 0)`,
        legend: `{{${TAG}}}`,
      },
    ],
  }),
  {
    ...MONEY,
    title: 'This month by key',
    description: 'As AI/ML API itself says it, for the month of UTC. Needs an exporter.',
    kind: 'ranking',
    width: 8,
    height: 8,
    noValue: 'No exporter',
    queries: [
      {
        expr: `topk(8, sum by (${label.key}) (max by (${label.account}, ${label.key}, ${label.requestModel}) (${recordedAccounts(metric.accountSpend, `${label.period}="month"`)})))`,
        legend: `{{${label.key}}}`,
      },
    ],
  },
]

const pace: readonly Panel[] = [
  graph({
    ...MONEY,
    title: 'Spend per hour by model',
    description: 'The pace of the last hour at each moment, as it was counted.',
    stacked: true,
    min: 0,
    // A refund can outweigh the spend: a stack has no room below zero.
    queries: [
      {
        expr: `clamp_min(${sumBy([label.requestModel], spent('1h'))}, 0)`,
        legend: `{{${label.requestModel}}}`,
      },
    ],
  }),
  graph({
    ...MONEY,
    title: 'Budget of the month by tag',
    description:
      'Spend of the month over its budget, for accounts and values of tags that have one; 100 % is the line.',
    unit: 'percentunit',
    min: 0,
    noValue: 'No budget',
    queries: [
      { expr: recordedBudgets(recorded.budgetUsed, `${label.period}="month"`), legend: '__auto' },
      { expr: 'vector(1)', legend: 'budget' },
    ],
  }),
]

export const spendDashboard: Dashboard = {
  uid: 'aimlapi-spend',
  title: 'AI/ML API / Spend',
  description: 'What AI/ML API costs: today, this month and its end; by tag, model, service and key; why.',
  from: 'now-24h',
  variablesFrom: metric.requests,
  variables: CALL_VARIABLES,
  rows: [
    { title: 'How much', panels: now },
    { title: 'Who', panels: who },
    { title: 'Does it go on', panels: pace },
    { title: 'Why', panels: reasons },
  ],
}
