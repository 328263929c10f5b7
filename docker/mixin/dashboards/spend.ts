/** Spend: what it costs now, who spends it, what changed. */
import { config } from '../config.ts'
import { OVERFLOW_VALUE, label, metric, tagLabel } from '../names.ts'
import { orZero, sumBy } from '../promql.ts'
import { recorded } from '../recording-rules.ts'
import { type Dashboard, type Panel, graph, stat } from './panel.ts'
import {
  CALL_VARIABLES,
  capitalised,
  recordedAccounts,
  recordedCalls,
  recordedModels,
  recordedServices,
} from './selectors.ts'

const spentIn = (range: string) => `sum_over_time(${recordedCalls(recorded.spendUsd)}[${range}])`
const perHour = recordedCalls(recorded.callSpendUsdPerHour)
const MONEY = { unit: 'currencyUSD', decimals: 2 } as const

/** Hours from now to the end of the month, in UTC. */
const HOURS_LEFT = '(days_in_month() - day_of_month() + 1) * 24 - hour()'

const now: readonly Panel[] = [
  stat({
    ...MONEY,
    title: 'Spend per hour, now',
    description:
      'What the calls of the last five minutes cost, as an hourly rate. Needs the recording rules.',
    queries: [{ expr: `sum(${perHour})`, legend: 'USD per hour' }],
  }),
  stat({
    ...MONEY,
    title: 'Spend today',
    description:
      'Since midnight in the time zone of the dashboard, to the credit; refunds are taken off. Needs the recording rules.',
    timeFrom: 'now/d',
    queries: [{ expr: `sum(${spentIn('$__range')})`, legend: 'USD today' }],
  }),
  stat({
    ...MONEY,
    title: 'Spend this month',
    description:
      'Since the first of the month, to the credit; refunds are taken off. Needs the recording rules.',
    timeFrom: 'now/M',
    queries: [
      {
        expr: `sum(sum_over_time(${recordedServices(recorded.serviceSpendUsd)}[$__range]))`,
        legend: 'USD this month',
      },
    ],
  }),
  stat({
    ...MONEY,
    title: 'Forecast for the month',
    description: 'Spend of this month so far, and the pace of the last 24 hours for the hours that are left.',
    timeFrom: 'now/M',
    queries: [
      {
        expr: `sum(sum_over_time(${recordedServices(recorded.serviceSpendUsd)}[$__range]))\n+ sum(${recordedServices('aimlapi_service:spend_usd_per_hour:rate1d')}) * scalar(${HOURS_LEFT})`,
        legend: 'USD by the end of the month',
      },
    ],
  }),
  stat({
    title: 'Daily budget used',
    description: `Spend of the last 24 hours over the daily budget of each account (${config.budgets.default.dailyUsd} USD unless configured otherwise).`,
    unit: 'percentunit',
    decimals: 0,
    thresholds: [{ color: 'green' }, { from: 0.8, color: 'orange' }, { from: 1, color: 'red' }],
    queries: [
      {
        expr: `${recordedAccounts(recorded.accountSpend('1d'))} / ${recordedAccounts(recorded.budgetDaily)}`,
        legend: `{{${label.account}}}`,
      },
    ],
  }),
  stat({
    ...MONEY,
    title: 'Refunded in range',
    description: 'Counted for jobs that failed afterwards, and taken off again: failed jobs are not charged.',
    queries: [
      {
        expr: `sum(sum_over_time(${recordedCalls(recorded.creditsRefunded)}[$__range])) / ${config.creditsPerUsd} or vector(0)`,
        legend: 'USD refunded',
      },
    ],
  }),
]

/** Below the two of model and endpoint, account and tags share a line. */
const NARROW = Math.max(6, Math.floor(24 / (1 + config.tags.length)))

const hourlyBy = (what: string, labelName: string, description: string, width = 12): Panel =>
  graph({
    ...MONEY,
    title: `Spend per hour by ${what}`,
    description,
    width,
    stacked: true,
    min: 0,
    // A refund can outweigh the spend of five minutes: a stack has no room below zero.
    queries: [{ expr: `clamp_min(${sumBy([labelName], perHour)}, 0)`, legend: `{{${labelName}}}` }],
  })

const who: readonly Panel[] = [
  hourlyBy(
    'model',
    label.requestModel,
    `By the model that the request named. Models past the cap of the service are "${OVERFLOW_VALUE}".`,
  ),
  hourlyBy(
    'endpoint',
    label.endpoint,
    'By family of endpoint. "other" are paths that the library does not know.',
  ),
  hourlyBy(
    'account',
    label.account,
    'By the configured account whose key the call sent. "other" are keys that the service does not know.',
    NARROW,
  ),
  ...config.tags.map((tag) =>
    hourlyBy(
      tag,
      tagLabel(tag),
      `By the spend tag "${tag}" (withSpendTags). Calls outside of any have no name. ${capitalised(tag)} must be in AIMLAPI_METRIC_TAGS.`,
      NARROW,
    ),
  ),
]

const byModel = (expr: string) => sumBy([label.requestModel], expr)
const outputTokens = `sum_over_time(${recordedModels(recorded.tokens, `${label.tokenType}="output"`)}[$__range])`

const changes: readonly Panel[] = [
  {
    title: 'Top movers',
    description:
      'Spend of the picked range less that of the same length before it, by model: what became dearer.',
    kind: 'ranking',
    ...MONEY,
    width: 12,
    height: 8,
    queries: [
      {
        expr: `topk(8,\n  ${byModel(spentIn('$__range'))}\n  - ${orZero(byModel(`sum_over_time(${recordedCalls(recorded.spendUsd)}[$__range] offset $__range)`), byModel(spentIn('$__range')))}\n)`,
        legend: `{{${label.requestModel}}}`,
      },
    ],
  },
  {
    title: 'Models in the picked range',
    description: 'Spend to the credit, calls, output tokens, and what 1,000 output tokens cost all in all.',
    kind: 'table',
    ...MONEY,
    width: 12,
    height: 8,
    rows: {
      label: label.requestModel,
      name: 'Model',
      columns: [
        { name: 'Spend', unit: 'currencyUSD', decimals: 4 },
        { name: 'Calls', unit: 'short', decimals: 0 },
        { name: 'Output tokens', unit: 'short' },
        { name: 'USD / 1k out', unit: 'currencyUSD', decimals: 4 },
      ],
    },
    queries: [
      { expr: byModel(spentIn('$__range')), legend: 'Spend' },
      { expr: byModel(`sum_over_time(${recordedModels(recorded.requests)}[$__range])`), legend: 'Calls' },
      { expr: byModel(outputTokens), legend: 'Output tokens' },
      {
        expr: `1000 * ${byModel(spentIn('$__range'))} / (${byModel(outputTokens)} > 0)`,
        legend: 'USD / 1k out',
      },
    ],
  },
  graph({
    ...MONEY,
    title: 'Spend of an hour, against the usual',
    description: `The last hour's spend, and the median of the same hour on the ${config.spike.days} days before. AimlapiSpendSpike fires at ${config.spike.factor} times the usual.`,
    min: 0,
    queries: [
      { expr: recordedAccounts(recorded.accountSpend('1h')), legend: `{{${label.account}}}` },
      { expr: recordedAccounts(recorded.typicalHour), legend: `{{${label.account}}}, usual` },
    ],
  }),
  graph({
    title: 'Cost of 1,000 output tokens by model',
    description:
      'All spend of a model in the last hour, input included, over its output tokens. Falls when prompts are cached.',
    unit: 'currencyUSD',
    decimals: 4,
    min: 0,
    queries: [
      {
        expr: `avg by (${label.requestModel}) (${recordedModels(recorded.costPerThousandOutputTokens)})`,
        legend: `{{${label.requestModel}}}`,
      },
    ],
  }),
]

export const spendDashboard: Dashboard = {
  uid: 'aimlapi-spend',
  title: 'AI/ML API / Spend',
  description: 'What the services spend on AI/ML API: now, today, this month; by model, endpoint and tag.',
  from: 'now-6h',
  variablesFrom: metric.requests,
  variables: CALL_VARIABLES,
  rows: [
    { title: 'How much', panels: now },
    { title: 'Who', panels: who },
    { title: 'What changed', panels: changes },
  ],
}
