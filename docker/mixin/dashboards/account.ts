/** Account: balance, runway, top-ups, and whether the books agree. */
import { config } from '../config.ts'
import { label, metric } from '../names.ts'
import { since, sumBy } from '../promql.ts'
import { recorded } from '../recording-rules.ts'
import { type Dashboard, type Panel, graph, stat } from './panel.ts'
import { accountMetric, recordedAccounts, recordedServices } from './selectors.ts'

const ACCOUNT = `{{${label.account}}}`
const { runway } = config

const state: readonly Panel[] = [
  stat({
    title: 'Balance',
    description: 'As the freshest of all processes was told.',
    unit: 'currencyUSD',
    decimals: 2,
    queries: [{ expr: recordedAccounts(recorded.balanceUsd), legend: ACCOUNT }],
  }),
  stat({
    title: 'Runway',
    description: `How long the balance lasts at the pace of the last 24 hours. No value: nothing is spent.`,
    unit: 'h',
    decimals: 1,
    noValue: 'No spend',
    thresholds: [
      { color: 'red' },
      { from: runway.criticalHours, color: 'orange' },
      { from: runway.warningHours, color: 'green' },
    ],
    queries: [{ expr: recordedAccounts(recorded.runwayHours), legend: ACCOUNT }],
  }),
  stat({
    title: 'Age of the balance',
    description: `Since the last good answer. Stale after ${config.balance.staleAfterMinutes} minutes.`,
    unit: 's',
    decimals: 0,
    thresholds: [{ color: 'green' }, { from: config.balance.staleAfterMinutes * 60, color: 'red' }],
    queries: [
      {
        expr: `time() - max by (${label.account}) (${accountMetric(metric.balanceUpdated)})`,
        legend: ACCOUNT,
      },
    ],
  }),
  stat({
    title: 'Automatic top-up',
    description:
      'Whether the account tops itself up. If so, a short runway is reported only when the top-up is overdue.',
    unit: 'bool_on_off',
    queries: [{ expr: recordedAccounts(recorded.autoTopUpEnabled), legend: ACCOUNT }],
  }),
  stat({
    title: 'Coverage',
    description: `Counted by the services over charged to the account, last ${config.windowHours} hours. 100 %: all spend is counted. Below: somebody spends whom no service counts, a notebook or a stolen key. Above: calls that were counted and are charged later. Needs an exporter.`,
    unit: 'percentunit',
    decimals: 1,
    noValue: 'No exporter',
    thresholds: [{ color: 'red' }, { from: config.coverage.ratio, color: 'green' }],
    queries: [{ expr: recordedAccounts(recorded.coverage), legend: ACCOUNT }],
  }),
  stat({
    title: 'Waiting for their cost',
    description: 'Calls whose response did not say its cost; settlement looks it up.',
    unit: 'short',
    decimals: 0,
    queries: [{ expr: `sum by (${label.account}) (${accountMetric(metric.usagePending)})`, legend: ACCOUNT }],
  }),
]

const money: readonly Panel[] = [
  graph({
    title: 'Balance over time',
    description: `The balance, and the threshold below which AimlapiBalanceLow fires: the account's own, at least ${config.balance.minimumUsd} USD.`,
    unit: 'currencyUSD',
    min: 0,
    queries: [
      { expr: recordedAccounts(recorded.balanceUsd), legend: ACCOUNT },
      { expr: recordedAccounts(recorded.balanceThresholdUsd), legend: `${ACCOUNT}, threshold` },
    ],
  }),
  graph({
    title: 'Runway over time',
    description: `Hours until the account is empty. Warning under ${runway.warningHours}, critical under ${runway.criticalHours}.`,
    unit: 'h',
    min: 0,
    noValue: 'No spend',
    queries: [{ expr: recordedAccounts(recorded.runwayHours), legend: ACCOUNT }],
  }),
  graph({
    title: 'Top-ups and other credits',
    description: 'By kind, as the ledger shows them: payments, bonuses, refunds, adjustments.',
    unit: 'currencyUSD',
    min: 0,
    bars: true,
    noValue: 'No top-ups in the range',
    queries: [
      {
        expr: `${since(recordedAccounts(recorded.ledgerTopUp), '$__interval')} / ${config.creditsPerUsd}`,
        legend: `${ACCOUNT} {{${label.ledgerType}}}`,
      },
    ],
  }),
  graph({
    title: 'Limits of keys used',
    description:
      'Share of the spending limit of each key, for the period that it is set for. At 100 % the key is blocked.',
    unit: 'percentunit',
    min: 0,
    max: 1,
    noValue: 'No limit is set',
    queries: [
      { expr: recordedAccounts(recorded.keyLimitUsed), legend: `{{${label.key}}}, {{${label.retention}}}` },
    ],
  }),
]

const books: readonly Panel[] = [
  graph({
    title: 'Charged against counted',
    description: `Charged to the account, and counted by the services, in the ${config.windowHours} hours before each moment. The lines should be one.`,
    unit: 'currencyUSD',
    min: 0,
    queries: [
      { expr: recordedAccounts(recorded.chargedUsd), legend: `${ACCOUNT}, charged` },
      { expr: recordedAccounts(recorded.countedUsd), legend: `${ACCOUNT}, counted` },
    ],
  }),
  graph({
    title: 'Counted credits by source',
    description:
      'Where the cost came from: the response itself, or the account log afterwards (ledger), for streams broken off, binary audio and the like.',
    unit: 'short',
    min: 0,
    stacked: true,
    queries: [
      {
        expr: `${sumBy([label.usageSource], `rate(${accountMetric(metric.creditsUsed)}[$__rate_interval])`)} * 60`,
        legend: `{{${label.usageSource}}}, credits per minute`,
      },
    ],
  }),
  graph({
    title: 'Calls waiting for their cost',
    description: 'Per process. A line that only rises means that settlement does not keep up.',
    unit: 'short',
    min: 0,
    queries: [
      {
        expr: sumBy(['instance', label.account], accountMetric(metric.usagePending)),
        legend: `${ACCOUNT} on {{instance}}`,
      },
    ],
  }),
  graph({
    title: 'Charges by kind',
    description: 'What the ledger takes off, by kind: use of models, expired credits, adjustments.',
    unit: 'currencyUSD',
    min: 0,
    stacked: true,
    noValue: 'No ledger',
    queries: [
      {
        expr: `${sumBy([label.account, label.ledgerType], since(recordedAccounts(recorded.ledgerCharged), '1h'))} / ${config.creditsPerUsd}`,
        legend: `${ACCOUNT} {{${label.ledgerType}}}, last hour`,
      },
    ],
  }),
]

const health: readonly Panel[] = [
  graph({
    title: 'Polls per minute by kind',
    description: 'Requests of the library itself to account endpoints. They are not counted as calls.',
    unit: 'short',
    min: 0,
    queries: [
      {
        expr: `${sumBy([label.poll], `rate(${accountMetric(metric.accountPolls)}[$__rate_interval])`)} * 60`,
        legend: `{{${label.poll}}}`,
      },
    ],
  }),
  graph({
    title: 'Failed polls',
    description:
      'By kind and error, counted exactly. Polls back off by themselves; 401 and 403 want a person.',
    unit: 'short',
    decimals: 0,
    stacked: true,
    bars: true,
    min: 0,
    noValue: 'No failures',
    queries: [
      {
        expr: sumBy(
          [label.poll, label.errorType],
          since(recordedServices(recorded.accountPolls, `${label.errorType}!=""`), '$__interval'),
        ),
        legend: `{{${label.poll}}} {{${label.errorType}}}`,
      },
    ],
  }),
  graph({
    title: 'Usage missing, last hour',
    description:
      'Calls that were paid, but whose cost or tokens no answer and no log told: they are missing in every counted figure. Share of all calls by service; AimlapiUsageMissing fires above one in a hundred.',
    unit: 'percentunit',
    min: 0,
    width: 24,
    noValue: 'Every cost is known',
    queries: [{ expr: recordedServices(recorded.missingRatio), legend: `{{job}}, ${ACCOUNT}` }],
  }),
]

export const accountDashboard: Dashboard = {
  uid: 'aimlapi-account',
  title: 'AI/ML API / Account',
  description:
    'Balance, runway and top-ups of the AI/ML API accounts, and whether counted and charged agree.',
  from: 'now-24h',
  variablesFrom: metric.accountPolls,
  variables: [],
  rows: [
    { title: 'State', panels: state },
    { title: 'Money', panels: money },
    { title: 'Books', panels: books },
    { title: 'Health of the polls', panels: health },
  ],
}
