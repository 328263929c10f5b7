/** Alerts on what the account says of itself: balance, runway, top-ups, limits. */
import { config } from '../config.ts'
import { label, metric } from '../names.ts'
import { EVALUATIONS, chain, remembered, summed, together } from '../promql.ts'
import { recorded } from '../recording-rules.ts'
import { ACCOUNT, type Alert, HOURS, PERCENT, USD, valueOf } from './alert.ts'

const { runway, balance, keyLimit, absence } = config
const autoTopUp = `${recorded.autoTopUpEnabled} == 1`
const watched = `and on () (${EVALUATIONS} offset ${runway.minimumWatched})`
const belowTopUp = `${recorded.balanceUsd} < ${recorded.autoTopUpThresholdUsd}`
const spendByModel = `topk(5, sum by (${label.requestModel}) (aimlapi_model:spend_usd_per_hour:rate1h))`

export const balanceAlerts: readonly Alert[] = [
  {
    name: 'AimlapiBalanceLow',
    severity: 'warning',
    for: '5m',
    // An account that tops itself up is below any threshold every now and then; it has its own alert.
    expr: `${recorded.balanceUsd} < ${recorded.balanceThresholdUsd} unless ${autoTopUp}`,
    summary: 'The balance of an AI/ML API account is low.',
    description: `Account ${ACCOUNT} has ${USD} left, which is below its threshold.`,
    runbook: {
      meaning: `The balance is below the account's own threshold or below ${balance.minimumUsd} USD, whichever is higher, and automatic top-up is off.`,
      impact: 'None yet. At zero every call is answered with 403.',
      checks: [
        {
          text: 'How much is left, and what is the threshold?',
          query: together(recorded.balanceUsd, recorded.balanceThresholdUsd),
        },
        { text: 'How many hours does it last?', query: recorded.runwayHours },
        { text: 'Which models spend it?', query: spendByModel },
      ],
      fix: 'Top up the account or turn on automatic top-up on the billing page of AI/ML API. If the spend is not wanted, stop the service that causes it.',
    },
  },
  {
    name: 'AimlapiAutoTopUpOverdue',
    severity: 'warning',
    for: '30m',
    expr: `${belowTopUp} and ${autoTopUp}`,
    summary: 'An automatic top-up did not happen.',
    description: `Account ${ACCOUNT} has ${USD} left, is below its top-up threshold, and was not topped up.`,
    runbook: {
      meaning: 'Automatic top-up is on and the balance has been below its threshold for half an hour.',
      impact:
        'The account runs empty although everybody relies on the top-up. From here on the runway is real.',
      checks: [
        {
          text: 'Balance and top-up threshold',
          query: together(recorded.balanceUsd, recorded.autoTopUpThresholdUsd),
        },
        {
          text: 'When was the last top-up that the ledger shows?',
          query: `sum by (${label.account}) (sum_over_time(${recorded.ledgerTopUp}[1d]))`,
        },
        { text: 'How many hours are left?', query: recorded.runwayHours },
      ],
      fix: 'Look for a declined card on the billing page of AI/ML API and top up by hand.',
    },
  },
  {
    name: 'AimlapiRunwayCritical',
    severity: 'critical',
    for: '10m',
    expr: `${recorded.runwayHours} < ${runway.criticalHours} ${watched}\nunless (${autoTopUp} unless ${belowTopUp})`,
    summary: 'An AI/ML API account will be empty within hours.',
    description: `At the pace of the last ${config.windowHours} hours account ${ACCOUNT} is empty in ${HOURS}.`,
    runbook: {
      meaning: `Balance divided by the spend of the last ${config.windowHours} hours is under ${runway.criticalHours} hours. Silent while automatic top-up is on and the balance is above its threshold. Silent in the first hour of a Prometheus: a few minutes are no pace.`,
      impact: 'Soon all calls with this account fail with 403.',
      checks: [
        { text: 'Runway and pace', query: together(recorded.runwayHours, recorded.spendUsdPerHour) },
        {
          text: 'Is it a new pace or an old balance?',
          query: `${recorded.accountSpend('1h')} / ${recorded.typicalHour}`,
        },
        { text: 'Who spends?', query: spendByModel },
      ],
      fix: 'Top up now. Then find out whether the pace is wanted (AimlapiSpendSpike says which hour it began).',
    },
  },
  {
    name: 'AimlapiRunwayShort',
    severity: 'warning',
    for: '15m',
    expr: chain(
      'or',
      `(${recorded.runwayHours} < ${runway.warningHours} ${watched} unless ${autoTopUp})`,
      `(${recorded.runwayHours} < ${runway.criticalHours} ${watched} and ${autoTopUp})`,
    ),
    summary: 'An AI/ML API account will be empty within a day.',
    description: `At the pace of the last ${config.windowHours} hours account ${ACCOUNT} is empty in ${HOURS}.`,
    runbook: {
      meaning: `Balance divided by the spend of the last ${config.windowHours} hours is under ${runway.warningHours} hours; with automatic top-up on, under ${runway.criticalHours} hours (each top-up buys little time).`,
      impact: 'None yet. Nights and weekends are longer than this runway.',
      checks: [
        { text: 'Runway and pace', query: together(recorded.runwayHours, recorded.spendUsdPerHour) },
        { text: 'Is automatic top-up on?', query: recorded.autoTopUpEnabled },
        { text: 'Who spends?', query: spendByModel },
      ],
      fix: 'Top up, or raise the amount of the automatic top-up so that it lasts a day.',
    },
  },
  {
    name: 'AimlapiBalanceStale',
    severity: 'warning',
    for: '5m',
    expr: `time() - max by (${label.account}) (${remembered(metric.balanceUpdated)}) > ${balance.staleAfterMinutes * 60}`,
    summary: 'The balance of an AI/ML API account is no longer known.',
    description: `The balance of account ${ACCOUNT} was last answered {{ humanizeDuration $value }} ago.`,
    runbook: {
      meaning: `No process has had a good answer about this account's balance for ${balance.staleAfterMinutes} minutes. An account that nobody reports at all is remembered for ${absence.memory}.`,
      impact: 'Balance and runway alerts of this account judge by an old balance, or are silent.',
      checks: [
        {
          text: 'Which polls fail, and how?',
          query: `sum by (${label.account}, ${label.poll}, ${label.errorType}) (increase(${metric.accountPolls}[30m]))`,
        },
        { text: 'Who reports this account?', query: `time() - ${metric.balanceUpdated}` },
        { text: 'Is the exporter up?', query: 'up' },
      ],
      fix: 'With 401 or 403: the key was revoked or is a management key; give the process a regular one. With network errors: check the way out of the cluster. Without any poll: start the exporter.',
    },
  },
  {
    name: 'AimlapiKeyLimitNear',
    severity: 'warning',
    for: '10m',
    expr: `${recorded.keyLimitUsed} > ${keyLimit.ratio}`,
    summary: 'The spending limit of an AI/ML API key is nearly reached.',
    description: `The key of account ${ACCOUNT} has used ${PERCENT} of its limit (period: ${valueOf(label.retention)}).`,
    runbook: {
      meaning: `The key's usage is over ${keyLimit.ratio * 100} % of its limit. Monthly and total limits compare with the usage that the API reports, daily and weekly ones with what was counted here in the last 24 hours or 7 days.`,
      impact:
        'At the limit the key is blocked until the period begins anew (00:00 UTC; weeks on Monday), however full the account is.',
      checks: [
        { text: 'Share used', query: recorded.keyLimitUsed },
        { text: 'Limit and usage', query: together(metric.keyLimit, metric.keyUsage) },
        { text: 'Who spends?', query: spendByModel },
      ],
      fix: 'Raise the limit of the key, or move a part of the traffic to another key.',
    },
  },
  {
    name: 'AimlapiAccountPollFailing',
    severity: 'warning',
    for: '15m',
    expr: pollFailures(),
    summary: 'Requests to the account endpoints of AI/ML API fail.',
    description: `${PERCENT} of the ${valueOf(label.poll)} polls of account ${ACCOUNT} failed.`,
    runbook: {
      meaning: `Over ${config.polls.ratio * 100} % of the polls of one kind, and at least ${config.polls.minimumFailures}, failed in the last ${config.polls.windowMinutes} minutes.`,
      impact:
        'By kind. balance: the gauges age. key: limits age. settlement: pending calls stay without a cost. ledger: coverage is not known.',
      checks: [
        {
          text: 'Which error?',
          query: `sum by (${label.poll}, ${label.errorType}) (increase(${metric.accountPolls}[30m]))`,
        },
        { text: 'Do the calls themselves fail, too?', query: recorded.failedRatio },
        {
          text: 'Since when is the balance old?',
          query: `time() - max by (${label.account}) (${metric.balanceUpdated})`,
        },
      ],
      fix: '429: several processes poll one account; leave it to one exporter and switch account polling off in the services. 401 or 403: replace the key by a regular one. Otherwise wait: polls back off by themselves for up to 15 minutes.',
    },
  },
]

function pollFailures(): string {
  const by = ['job', label.account, label.poll]
  const window = `${config.polls.windowMinutes}m`
  const failed = summed(by, `${recorded.accountPolls}{${label.errorType}!=""}`, window)
  return chain(
    'and',
    `${failed}\n/ ${summed(by, recorded.accountPolls, window)} > ${config.polls.ratio}`,
    `${failed} >= ${config.polls.minimumFailures}`,
  )
}
