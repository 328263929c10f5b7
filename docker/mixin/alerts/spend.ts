/** Alerts on spend: spikes, budgets, and spend that nobody counted. */
import { config } from '../config.ts'
import { label, metric } from '../names.ts'
import { orZero, together } from '../promql.ts'
import { recorded } from '../recording-rules.ts'
import { ACCOUNT, type Alert, JOB, PERCENT, USD } from './alert.ts'

const { spike, coverage, usageMissing, settlement } = config
const hour = recorded.accountSpend('1h')
const day = recorded.accountSpend('1d')
const month = recorded.accountSpend('30d')
const pending = (offset = '') => `sum by (${label.account}) (${metric.usagePending}${offset})`
const movers = `topk(5, sum by (${label.requestModel}) (sum_over_time(${recorded.spendUsd}[1h])) - sum by (${label.requestModel}) (sum_over_time(${recorded.spendUsd}[1h] offset 1d)))`

export const spendAlerts: readonly Alert[] = [
  {
    name: 'AimlapiSpendSpike',
    severity: 'warning',
    for: '10m',
    expr: `${hour} > ${spike.factor} * ${recorded.typicalHour} and ${hour} > ${spike.minimumUsd}`,
    summary: 'Spend on AI/ML API is far above the usual.',
    description: `Account ${ACCOUNT} spent ${USD} in the last hour, over ${spike.factor} times the usual for this hour.`,
    runbook: {
      meaning: `The last hour cost more than ${spike.factor} times the median of the same hour on the last ${spike.days} days, and more than ${spike.minimumUsd} USD. Silent on the first day, when there is nothing to compare with.`,
      impact: 'Money. Typical causes: a retry loop, a batch job, a new feature, a leaked key.',
      checks: [
        { text: 'Which models cost more than a day ago?', query: movers },
        { text: 'Which service and tag?', query: 'topk(5, aimlapi_tag_team:spend_usd_per_hour:rate1h)' },
        {
          text: 'More calls, or dearer ones?',
          query: `sum by (${label.requestModel}) (sum_over_time(${recorded.requests}[1h]))`,
        },
      ],
      fix: 'Stop or throttle the service that grew. If nobody owns the spend, replace the key.',
    },
  },
  {
    name: 'AimlapiDailyBudgetExceeded',
    severity: 'warning',
    for: '5m',
    expr: `${day} > ${recorded.budgetDaily}`,
    summary: 'The daily budget for AI/ML API is spent.',
    description: `Account ${ACCOUNT} spent ${USD} in the last 24 hours, more than its daily budget.`,
    runbook: {
      meaning:
        'The last 24 hours cost more than the daily budget of the configuration (`budgets`). A moving day, so that an evening cannot hide behind midnight.',
      impact: 'Money only: the budget is yours, the API does not enforce it.',
      checks: [
        { text: 'Spend and budget', query: together(day, recorded.budgetDaily) },
        {
          text: 'Which models?',
          query: `topk(5, sum by (${label.requestModel}) (aimlapi_model:spend_usd_per_hour:rate1d) * 24)`,
        },
        { text: 'Which hours?', query: hour },
      ],
      fix: 'Slow down what can wait, or raise the budget in the configuration of the rules.',
    },
  },
  {
    name: 'AimlapiMonthlyBudgetExceeded',
    severity: 'warning',
    for: '5m',
    expr: `${month} > ${recorded.budgetMonthly}`,
    summary: 'The monthly budget for AI/ML API is spent.',
    description: `Account ${ACCOUNT} spent ${USD} in the last 30 days, more than its monthly budget.`,
    runbook: {
      meaning:
        'The last 30 days cost more than the monthly budget of the configuration (`budgets`). Needs 30 days of retention; with less it sees what is kept.',
      impact: 'Money only: the budget is yours, the API does not enforce it.',
      checks: [
        { text: 'Spend and budget', query: together(month, recorded.budgetMonthly) },
        { text: 'Which days?', query: day },
        {
          text: 'Which models today?',
          query: `topk(5, sum by (${label.requestModel}) (aimlapi_model:spend_usd_per_hour:rate1d) * 24)`,
        },
      ],
      fix: 'Agree on a new budget or on less use; cheaper models and cached prompts help most (see the dashboards).',
    },
  },
  {
    name: 'AimlapiUsageMissing',
    severity: 'warning',
    for: '15m',
    expr: `${recorded.missingRatio} > ${usageMissing.ratio} and ${recorded.missing} >= ${usageMissing.minimumCalls}`,
    summary: 'The cost of some calls to AI/ML API will never be known.',
    description: `${PERCENT} of the calls of ${JOB} (account ${ACCOUNT}) ended without a known cost in the last hour.`,
    runbook: {
      meaning: `Over ${usageMissing.ratio * 100} % of the calls in an hour could not be priced: neither the response nor the account's log said what they cost.`,
      impact: 'Spend is shown too low by these calls. Balance and runway are right all the same.',
      checks: [
        {
          text: 'For which reason?',
          query: `sum by (${label.missingReason}) (sum_over_time(${recorded.usageMissing}[1h]))`,
        },
        {
          text: 'For which endpoint and model?',
          query: `sum by (${label.endpoint}, ${label.requestModel}) (increase(${metric.usageMissing}[1h]))`,
        },
        {
          text: 'Does settlement work?',
          query: `sum by (${label.errorType}) (increase(${metric.accountPolls}{${label.poll}="settlement"}[1h]))`,
        },
      ],
      fix: '`absent`, `aborted`: give the process a key, so that settlement can look the cost up. `expired`: settlement failed for a day, see its polls. `evicted`: raise `settlement.maxPending`. `unparsable`, `undecodable`, `too_large`: report it with the endpoint and model.',
    },
  },
  {
    name: 'AimlapiSettlementBacklog',
    severity: 'warning',
    for: '30m',
    expr: `${pending()} > ${settlement.minimumPending} and ${pending()} > ${pending(` offset ${settlement.growthMinutes}m`)}`,
    summary: 'Calls wait for their cost faster than it is looked up.',
    description: `{{ $value }} calls of account ${ACCOUNT} wait for their cost, and their number grows.`,
    runbook: {
      meaning: `More than ${settlement.minimumPending} calls wait for settlement, and more than ${settlement.growthMinutes} minutes before.`,
      impact:
        'Spend is shown late. After 24 hours, or beyond `settlement.maxPending`, such calls become missing.',
      checks: [
        { text: 'How many, and where?', query: metric.usagePending },
        {
          text: 'Do settlement polls fail?',
          query: `sum by (${label.errorType}) (increase(${metric.accountPolls}{${label.poll}="settlement"}[30m]))`,
        },
        {
          text: 'Which calls do not say their cost?',
          query: `sum by (${label.endpoint}) (rate(${metric.requests}[30m]))`,
        },
      ],
      fix: 'Failing polls: see AimlapiAccountPollFailing. Healthy polls: the log is asked at most 200 times a minute; let fewer replicas share one account, or read streams to their end so that the response says the cost.',
    },
  },
  {
    name: 'AimlapiCoverageGap',
    severity: 'warning',
    for: '1h',
    expr: `${recorded.chargedUsd} - ${orZero(recorded.countedUsd, recorded.chargedUsd)} > ${coverage.minimumUsd} and ${recorded.coverage} < ${coverage.ratio}`,
    summary: 'The account is charged for more than the services count.',
    description: `Account ${ACCOUNT} was charged ${USD} more in ${config.windowHours} hours than all services together counted.`,
    runbook: {
      meaning: `The ledger's charges of the last ${config.windowHours} hours exceed what was counted by over ${Math.round((1 - coverage.ratio) * 100)} % and ${coverage.minimumUsd} USD.`,
      impact:
        'Somebody else spends from this account: a service without the instrumentation, a notebook, the playground, or a stolen key.',
      checks: [
        { text: 'Charged and counted', query: together(recorded.chargedUsd, recorded.countedUsd) },
        {
          text: 'Which models are charged most, as the ledger names them?',
          query: `topk(5, sum by (${label.requestModel}) (sum_over_time(${recorded.ledgerCharged}[6h])))`,
        },
        { text: 'Do all services answer?', query: 'up' },
      ],
      fix: 'Instrument what is missing. If services name the account differently from the exporter, use the same `accounts` in both. If nobody owns the charges, replace the key.',
    },
  },
]
