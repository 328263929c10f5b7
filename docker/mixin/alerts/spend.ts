/** Alerts on spend: too fast, over budget, and spend that nobody counted. */
import { config } from '../config.ts'
import { WATCHING_SINCE, watched } from '../rule-pauses.ts'
import { label, metric } from '../names.ts'
import { grown, knownForWorkingDay, orZero, since, together } from '../promql.ts'
import { recorded } from '../recording-rules.ts'
import { ACCOUNT, type Alert, JOB, PERCENT, USD, valueOf } from './alert.ts'

const { spike, runaway, budgets, coverage, usageMissing, settlement, priceDrift } = config
const usual = recorded.usualPeak
const pending = (offset = '') => `sum by (${label.account}) (${metric.usagePending}${offset})`
const movers = `topk(5, sum by (${label.requestModel}) (${since(recorded.spendUsd, '1h')}))`
const byOwner = `topk(5, ${since(recorded.ownerSpendUsd, '1h')})`
const byService = `topk(5, ${grown(['job'], recorded.spendUsd, '1h')})`
const spentByKey = `topk(5, sum by (${label.key}, ${label.requestModel}) (${metric.accountSpend}{${label.period}="day"}))`
const moreCalls = grown([label.requestModel], recorded.requests, '1h')
/** Whoever has the budget: an account, or a value of a spend tag, whatever the tag is called. */
const SUBJECT =
  '{{ range $name, $value := $labels }}{{ if or (eq $name "aimlapi_account") (match "aimlapi_tag_.+" $name) }}{{ reReplaceAll "aimlapi_(tag_)?" "" $name }} {{ $value }}{{ end }}{{ end }}'

/** Far above what is usual, or over the ceiling. */
function runsAway(pace: string): string {
  const known = knownForWorkingDay(recorded.pace10m, runaway.early)
  const multiple = `${pace} > ${runaway.factor} * ${usual} and ${known} or ${pace} > ${runaway.earlyFactor} * ${usual}`
  return `\n  (${multiple}) > ${runaway.minimumUsdPerHour}\n  or ${pace} > ${runaway.ceilingUsdPerHour}\n`
}

export const spendAlerts: readonly Alert[] = [
  {
    name: 'AimlapiSpendRunaway',
    severity: 'critical',
    for: runaway.goesOnFor,
    expr: `(${runsAway(recorded.pace10m)})\nand (${runsAway(recorded.pace5m)})\nand on () ${watched(runaway.minimumWatchedSeconds)}`,
    summary: 'Spend on AI/ML API runs away.',
    description: `Account ${ACCOUNT} spends ${USD} an hour, far more than ever in the last two weeks.`,
    runbook: {
      meaning: `The pace of the last ten minutes is over ${runaway.factor} times the highest of two weeks and over ${runaway.minimumUsdPerHour} USD an hour, or over ${runaway.ceilingUsdPerHour} USD an hour, whatever is usual. In the first two days of an account, and on the Monday of one that is not known since Friday, it takes ${runaway.earlyFactor} times the highest so far; in its first two hours only the ceiling is known. It looks at what was counted and at what the account was charged, whoever spent it; top-ups do not hide it. The pace of the last five minutes must be as high, for six minutes: what arrives at once after an outage of Prometheus or a Collector was not spent at once. Silent in the first half hour of a Prometheus. The first run of a batch that is dearer than anything before it looks just like this.`,
      impact: 'Money, every minute. Typical causes: a retry loop, an agent that never ends, a leaked key.',
      checks: [
        { text: 'Which service?', query: byService },
        { text: 'Which team, feature or other tag?', query: byOwner },
        {
          text: 'Which keys and models, as the account says? A key that no service of yours uses is a stolen one.',
          query: spentByKey,
        },
      ],
      fix: 'Stop the service that grew. If no service did, disable the key on the key page of AI/ML API. A wanted new level becomes the usual one after six hours.',
    },
  },
  {
    name: 'AimlapiSpendSpike',
    severity: 'warning',
    for: '10m',
    expr: `${recorded.lastHour} > ${spike.factor} * ${recorded.usualHour} and ${recorded.lastHour} > ${spike.minimumUsd}\nand ${knownForWorkingDay(recorded.lastHour, spike.early)}`,
    summary: 'Spend on AI/ML API is far above the usual.',
    description: `Account ${ACCOUNT} spent ${USD} in the last hour, over ${spike.factor} times the usual for this hour.`,
    runbook: {
      meaning: `The last hour cost more than ${spike.factor} times the dearest hour around this time (four hours to either side) one and two weeks ago, and more than ${spike.minimumUsd} USD. In the first week it is compared with the dearest hour so far; on the first day of an account, and on the Monday of one that is not known since Friday, it is silent.`,
      impact: 'Money. Typical causes: a retry loop, a batch job, a new feature, a leaked key.',
      checks: [
        { text: 'Which models?', query: movers },
        { text: 'Which team, feature or other tag?', query: byOwner },
        { text: 'More calls, or dearer ones?', query: moreCalls },
      ],
      fix: 'Stop or throttle the service that grew. If nobody owns the spend, replace the key.',
    },
  },
  {
    name: 'AimlapiBudgetNear',
    severity: 'info',
    for: '5m',
    expr: `${recorded.budgetUsed} > ${budgets.nearRatio} <= 1`,
    summary: 'A budget for AI/ML API is nearly spent.',
    description: `${SUBJECT}: ${PERCENT} of the budget of this ${valueOf(label.period)} are spent.`,
    runbook: {
      meaning: `Over ${budgets.nearRatio * 100} % of a budget are spent. Budgets are set in the variable \`AIMLAPI_BUDGETS\` of the exporter, or of the service if there is no exporter. Days and months as in the figures of today and this month.`,
      impact: 'None yet.',
      checks: [
        { text: 'All budgets', query: recorded.budgetUsed },
        { text: 'At the end of the month', query: recorded.budgetForecast },
        { text: 'Which models?', query: movers },
      ],
      fix: 'Nothing has to be done. Tell the owner of the budget, if they want to know.',
    },
  },
  {
    name: 'AimlapiBudgetExceeded',
    severity: 'warning',
    for: '5m',
    expr: `${recorded.budgetUsed} > 1`,
    summary: 'A budget for AI/ML API is spent.',
    description: `${SUBJECT}: ${PERCENT} of the budget of this ${valueOf(label.period)} are spent.`,
    runbook: {
      meaning:
        'More was spent than the budget of the day or month. Budgets are set in the variable `AIMLAPI_BUDGETS` of the exporter, or of the service if there is no exporter.',
      impact: 'Money only: the budget is yours, the API does not enforce it.',
      checks: [
        { text: 'All budgets', query: recorded.budgetUsed },
        { text: 'Which models?', query: movers },
        { text: 'Which team, feature or other tag?', query: byOwner },
      ],
      fix: 'Slow down what can wait, or raise the budget. Cheaper models and cached prompts help most (see the dashboards).',
    },
  },
  {
    name: 'AimlapiBudgetOnTrackToExceed',
    severity: 'warning',
    for: '6h',
    expr: `${recorded.budgetForecast} > 1\nand on () (${WATCHING_SINCE} < time() - 86400)\nunless ${recorded.budgetUsed}{${label.period}="month"} > 1`,
    summary: 'This month is on track to exceed its budget for AI/ML API.',
    description: `${SUBJECT}: at the present pace the month will cost ${PERCENT} of its budget.`,
    runbook: {
      meaning:
        'The month so far and the pace of the last day, or of the last week where that is lower, for the rest of it exceed the budget. Silent on the first day of a Prometheus.',
      impact: 'None yet. There is time to act.',
      checks: [
        { text: 'All forecasts', query: recorded.budgetForecast },
        { text: 'Forecast of the accounts', query: together(recorded.forecastLow, recorded.forecastHigh) },
        {
          text: 'Which models cost most today?',
          query: `topk(5, ${grown([label.requestModel], recorded.spendUsd, '1d')})`,
        },
      ],
      fix: 'Agree on a new budget or on less use.',
    },
  },
  {
    name: 'AimlapiPriceDrift',
    severity: 'warning',
    for: '1h',
    expr: `${recorded.modelSpendUsd} / (${recorded.listPriceUsd} > ${priceDrift.minimumUsd}) > ${priceDrift.ratio}`,
    summary: 'A model costs more than its list price.',
    description: `Model ${valueOf(label.requestModel)} of account ${ACCOUNT} cost {{ printf "%.2f" $value }} times its list price.`,
    runbook: {
      meaning: `Tokens of ${config.windowHours} hours cost over ${Math.round((priceDrift.ratio - 1) * 100)} % more than the catalogue says. Models whose price depends on more than tokens are left out.`,
      impact: 'Estimates are wrong; so is whoever chose the model for its price.',
      checks: [
        { text: 'Paid and list price', query: together(recorded.modelSpendUsd, recorded.listPriceUsd) },
        { text: 'The catalogue', query: metric.modelTokenPrice },
        {
          text: 'Which kinds of tokens?',
          query: grown([label.requestModel, label.tokenDetail], recorded.tokenDetails, '6h'),
        },
      ],
      fix: 'Look at the price list of AI/ML API: a longer context, a cache write or reasoning may have a price of its own. Otherwise ask its support with the inference id of a call.',
    },
  },
  {
    name: 'AimlapiUsageMissing',
    severity: 'warning',
    for: '15m',
    expr: `${recorded.missingRatio} > ${usageMissing.ratio} and ${recorded.missing} >= ${usageMissing.minimumCalls}`,
    summary: 'Some calls to AI/ML API were paid, but no answer and no log told their cost or tokens.',
    description: `${PERCENT} of the calls of ${JOB} (account ${ACCOUNT}) ended without a known cost in the last hour.`,
    runbook: {
      meaning: `Over ${usageMissing.ratio * 100} % of the calls in an hour were paid, but no answer and no log of the account told their cost or their tokens.`,
      impact:
        'Where the cost is missing, counted spend is too low by it; where only tokens are, spend is right. Balance, runway and what the account says are right all the same.',
      checks: [
        { text: 'For which reason?', query: grown([label.missingReason], recorded.usageMissing, '1h') },
        {
          text: 'For which endpoint and model?',
          query: grown([label.endpoint, label.requestModel], recorded.usageMissing, '1h'),
        },
        {
          text: 'Does settlement work?',
          query: grown([label.errorType], `${recorded.accountPolls}{${label.poll}="settlement"}`, '1h'),
        },
      ],
      fix: '`absent`, `aborted`: give the process a key, so that settlement can look the cost up. `expired`: settlement failed for a day, see its polls. `evicted`: raise `settlement.maxPending`. `unparsable`, `undecodable`, `too_large`: report it with the endpoint and model.',
    },
  },
  {
    name: 'AimlapiSettlementBacklog',
    severity: 'warning',
    for: '30m',
    expr: `${pending()} > ${settlement.minimumPending} and ${pending()} > ${settlement.stillRatio} * ${pending(` offset ${settlement.growthMinutes}m`)}`,
    summary: 'Calls wait for their cost, and hardly any is found.',
    description: `{{ $value }} calls of account ${ACCOUNT} wait for their cost, and their number does not fall.`,
    runbook: {
      meaning: `More than ${settlement.minimumPending} calls wait for settlement, and hardly fewer than ${settlement.growthMinutes} minutes before. At \`settlement.maxPending\` their number stands still; that is the same alert.`,
      impact:
        'Spend is shown late. After 24 hours, or beyond `settlement.maxPending`, such calls become missing.',
      checks: [
        { text: 'How many, and where?', query: metric.usagePending },
        {
          text: 'Do settlement polls fail?',
          query: grown([label.errorType], `${recorded.accountPolls}{${label.poll}="settlement"}`, '30m'),
        },
        {
          text: 'Which calls do not say their cost?',
          query: grown([label.endpoint], recorded.requests, '30m'),
        },
      ],
      fix: 'Failing polls: see AimlapiAccountPollFailing. Healthy polls: the log is asked at most once a second by a process; let fewer replicas share one account, or read streams to their end so that the response says the cost.',
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
      meaning: `What the account was charged in the last ${config.windowHours} hours exceeds what was counted by over ${Math.round((1 - coverage.ratio) * 100)} % and ${coverage.minimumUsd} USD.`,
      impact:
        'Somebody else spends from this account: a service without the instrumentation, a notebook, the playground, or a stolen key.',
      checks: [
        { text: 'Charged and counted', query: together(recorded.chargedUsd, recorded.countedUsd) },
        {
          text: 'Which keys and models, as the account says?',
          query: spentByKey,
        },
        { text: 'Do all services answer?', query: 'up' },
      ],
      fix: 'Instrument what is missing. If services name the account differently from the exporter, use the same `accounts` in both. If nobody owns the charges, replace the key.',
    },
  },
]
