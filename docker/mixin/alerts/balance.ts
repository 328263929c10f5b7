/** Alerts on what the account says of itself: balance, runway, top-ups, limits, models. */
import { config } from '../config.ts'
import { label, metric } from '../names.ts'
import { chain, grown, remembered, since, together } from '../promql.ts'
import { recorded } from '../recording-rules.ts'
import { watched } from '../rule-pauses.ts'
import { ACCOUNT, type Alert, HOURS, PERCENT, USD, valueOf } from './alert.ts'

const { runway, balance, keyLimit, absence, shutdown } = config
const autoTopUp = `${recorded.autoTopUpEnabled} == 1`
const belowTopUp = `${recorded.balanceEstimate} < ${recorded.autoTopUpThresholdUsd}`
const spendByModel = `topk(5, ${grown([label.requestModel], recorded.spendUsd, '1h')})`
const lasts = (pace: string) => `${recorded.balanceEstimate} / (${pace} > 0)`
/** So few hours are left, and what arrived at once after an outage is not taken for a pace. */
const goesOn = (hours: number) =>
  `${lasts(recorded.pace10m)} < ${hours} and ${lasts(recorded.pace5m)} < ${hours}`

/**
 * As busy at this time yesterday (within an hour), and what came after it cost less than what is left: a nightly
 * batch, say.
 */
const asYesterday = `(${recorded.pace10m} < 1.5 * max_over_time(${recorded.pace10m}[2h] offset 23h) and ${recorded.balanceEstimate} > 1.2 * (last_over_time(${recorded.accountSpendUsd}[1h] offset 20h) - last_over_time(${recorded.accountSpendUsd}[1h] offset 24h)))`

export const balanceAlerts: readonly Alert[] = [
  {
    name: 'AimlapiBalanceLow',
    severity: 'warning',
    for: '5m',
    // An account that tops itself up is below any threshold every now and then; it has its own alert.
    expr: `${recorded.balanceEstimate} < ${recorded.balanceThresholdUsd} unless ${autoTopUp}`,
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
          text: 'What was added in the last day, as the ledger shows it?',
          query: grown([label.account, label.ledgerType], recorded.ledgerTopUp, '1d'),
        },
        { text: 'How many hours are left?', query: recorded.runwayHours },
      ],
      fix: 'Look for a declined card on the billing page of AI/ML API and top up by hand.',
    },
  },
  {
    name: 'AimlapiRunwayCritical',
    severity: 'critical',
    for: config.runaway.goesOnFor,
    expr: `(\n  (${lasts(recorded.pace1h)} < ${runway.criticalHours} and ${goesOn(runway.criticalHours)} and on () ${watched(runway.minimumWatchedSeconds)})\n  or\n  (${goesOn(runway.emptySoonHours)} and on () ${watched(config.runaway.minimumWatchedSeconds)})\n)\nunless ${asYesterday}\nunless (${autoTopUp} unless ${belowTopUp})`,
    summary: 'An AI/ML API account will be empty within hours.',
    description: `At its present pace account ${ACCOUNT} is empty in ${HOURS}.`,
    runbook: {
      meaning: `The balance lasts less than ${runway.criticalHours} hours at the pace of the last hour and at that of the last ten minutes, or less than ${runway.emptySoonHours * 60} minutes at the latter; and at the pace of the last five minutes too, for six minutes, because what arrives at once after an outage was not spent at once. It is silent in three cases. First: it was as busy at this time yesterday, and what then followed cost less than what is left. Second: automatic top-up is on, and the balance is above its threshold. Third: the first hour of a Prometheus (half an hour for the fast case). When nobody tells the balance any more, the last one counts, less what was spent since.`,
      impact: 'Soon all calls with this account fail with 403.',
      checks: [
        {
          text: 'What is left, and at which paces is it spent?',
          query: together(recorded.balanceEstimate, recorded.pace10m, recorded.pace1h, recorded.pace1d),
        },
        {
          text: 'Is it a new pace or an old balance?',
          query: together(recorded.lastHour, recorded.usualHour),
        },
        { text: 'Who spends?', query: spendByModel },
      ],
      fix: 'Top up now. Then find out whether the pace is wanted: AimlapiSpendRunaway says that it is far above the usual.',
    },
  },
  {
    name: 'AimlapiRunwayShort',
    severity: 'warning',
    for: '15m',
    expr: chain(
      'or',
      `(${recorded.runwayHours} < ${runway.warningHours} and on () ${watched(runway.minimumWatchedSeconds)} unless ${autoTopUp})`,
      `(${recorded.runwayHours} < ${runway.criticalHours} and on () ${watched(runway.minimumWatchedSeconds)} and ${autoTopUp})`,
    ),
    summary: 'An AI/ML API account will be empty within a day.',
    description: `At the pace of the last 24 hours account ${ACCOUNT} is empty in ${HOURS}.`,
    runbook: {
      meaning: `The balance is smaller than the spend of the last ${runway.warningHours} hours. With automatic top-up on: smaller than the spend of ${runway.criticalHours} hours at that pace, because each top-up buys little time.`,
      impact: 'None yet. Nights and weekends are longer than this runway.',
      checks: [
        { text: 'Runway and pace', query: together(recorded.runwayHours, recorded.pace1d) },
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
      impact: 'Balance and runway alerts judge by the last balance, less what was counted since.',
      checks: [
        {
          text: 'Which polls fail, and how?',
          query: grown([label.account, label.poll, label.errorType], recorded.accountPolls, '30m'),
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
    description: `Key ${valueOf(label.key)} of account ${ACCOUNT} has used ${PERCENT} of its limit (period: ${valueOf(label.retention)}).`,
    runbook: {
      meaning: `The key's usage is over ${keyLimit.ratio * 100} % of its limit. Usage and limit are of the same time, which the limit's retention names: a day, a week, a month, or all of the key's life.`,
      impact:
        'At the limit the key is blocked until the period begins anew (00:00 UTC; weeks on Monday; no_reset: never), however full the account is.',
      checks: [
        { text: 'Share used', query: recorded.keyLimitUsed },
        { text: 'Limit and usage', query: together(metric.keyLimit, metric.keyUsage) },
        { text: 'Who spends?', query: spendByModel },
      ],
      fix: 'Raise the limit of the key, or move a part of the traffic to another key.',
    },
  },
  {
    name: 'AimlapiModelShutdown',
    severity: 'warning',
    for: '1h',
    expr: `(min by (${label.requestModel}) (${metric.modelShutdown}) - time()) / 86400 < ${shutdown.days}`,
    summary: 'A model that is used will be shut down.',
    description: `Model ${valueOf(label.requestModel)} is shut down in {{ printf "%.0f" $value }} days.`,
    runbook: {
      meaning: `AI/ML API has announced the end of a model that this account used lately, in less than ${shutdown.days} days.`,
      impact: 'From that day on its calls fail.',
      checks: [
        { text: 'Which models, and when?', query: `sort(${metric.modelShutdown} - time())` },
        {
          text: 'Which services use them?',
          query: `${grown(['job', label.requestModel], recorded.requests, '1d')} and on (${label.requestModel}) ${metric.modelShutdown}`,
        },
        {
          text: 'What do they cost?',
          query: `sum by (${label.requestModel}) (${since(recorded.spendUsd, '1d')})`,
        },
      ],
      fix: 'Move to the successor that the model list of AI/ML API names, and compare quality and price first.',
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
        'By kind. balance: the gauges age. key: limits age. settlement: pending calls stay without a cost. usage: today and this month are the counted ones. ledger: top-ups are not known. catalogue: prices age.',
      checks: [
        {
          text: 'Which error?',
          query: grown([label.poll, label.errorType], recorded.accountPolls, '30m'),
        },
        { text: 'Do the calls themselves fail, too?', query: recorded.failedRatio('10m') },
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
  const failed = grown(by, `${recorded.accountPolls}{${label.errorType}!=""}`, window)
  return chain(
    'and',
    `${failed}\n/ (${grown(by, recorded.accountPolls, window)} > 0) > ${config.polls.ratio}`,
    `${failed} >= ${config.polls.minimumFailures}`,
  )
}
