/** What the account says of itself, as the freshest process was told: balance, runway, coverage, limits, prices. */
import { config } from '../config.ts'
import { label, metric } from '../names.ts'
import { aggregate, chain, grown, latest, orZero, since } from '../promql.ts'
import { type RecordingRule, recorded } from './recorded.ts'

const WINDOW = `${config.windowHours}h`
const MEMORY = config.counting.longMemory
const remembered = (name: string) => `last_over_time(${name}[${MEMORY}])`

/** Several replicas report one key: one answer each. */
function keyLimitUsed(): string {
  const by = [label.account, label.key, label.retention]
  const of = (name: string) => aggregate('max', by, `last_over_time(${name}[${config.counting.window}])`)
  return `${of(metric.keyUsage)} / (${of(metric.keyLimit)} > 0)`
}

/** Tokens of one type at the catalogue's price, by account and model. */
function atListPrice(type: string): string {
  const tokens = grown(
    [label.account, label.requestModel],
    `${recorded.tokens}{${label.tokenType}="${type}"}`,
    WINDOW,
  )
  return `${tokens} * on (${label.requestModel}) group_left () ${price(`${label.tokenType}="${type}",${label.tokenDetail}=""`)}`
}

function price(matchers: string): string {
  return `max by (${label.requestModel}) (${metric.modelTokenPrice}{${matchers}})`
}

/** Cached tokens are inside the input, and cheaper. */
function cacheDiscount(): string {
  const cached = grown(
    [label.account, label.requestModel],
    `${recorded.tokenDetails}{${label.tokenDetail}="cache_read"}`,
    WINDOW,
  )
  const saved = `(${price(`${label.tokenType}="input",${label.tokenDetail}=""`)} - ${price(`${label.tokenDetail}="cache_read"`)})`
  return `${cached} * on (${label.requestModel}) group_left () ${saved}`
}

function listPrice(): string {
  const input = atListPrice('input')
  const inputAndOutput = `(${input} + ${orZero(atListPrice('output'), `(${input})`)})`
  return `${inputAndOutput} - (${cacheDiscount()} or 0 * ${inputAndOutput})`
}

export const account: readonly RecordingRule[] = [
  {
    record: recorded.balanceUsd,
    expr: latest(metric.balanceUsd),
    meaning: 'The balance, as the freshest process was told; a process that misses scrapes is still one.',
  },
  {
    record: recorded.spendAtBalance,
    expr: `${recorded.accountSpendUsd} and on (${label.account}) ${latest(metric.balanceUsd)}`,
    meaning: 'The account’s total while its balance is known.',
  },
  {
    record: recorded.balanceEstimate,
    expr: `${remembered(recorded.balanceUsd)} - clamp_min(${recorded.accountSpendUsd} - ${remembered(recorded.spendAtBalance)}, 0)\nor ${remembered(recorded.balanceUsd)}`,
    meaning: 'The balance; when nobody tells it any more, the last one less what was counted since.',
  },
  {
    record: recorded.balanceThresholdUsd,
    expr: chain(
      'or',
      `${latest(metric.balanceLowThreshold)} / ${config.creditsPerUsd} > ${config.balance.minimumUsd}`,
      `0 * ${recorded.balanceEstimate} + ${config.balance.minimumUsd}`,
    ),
    meaning: `The balance under which the account is low: its own threshold, at least ${config.balance.minimumUsd} USD.`,
  },
  {
    record: recorded.autoTopUpEnabled,
    expr: latest(metric.autoTopUpEnabled),
    meaning: 'Whether the account tops itself up.',
  },
  {
    record: recorded.autoTopUpThresholdUsd,
    expr: latest(metric.autoTopUpThreshold),
    meaning: 'The balance under which it does.',
  },
  {
    record: recorded.runwayHours,
    expr: `${recorded.balanceEstimate} / (${recorded.pace1d} > 0)`,
    meaning: 'How long the balance lasts at the pace of the last 24 hours.',
  },
  {
    record: recorded.countedUsd,
    expr: since(recorded.accountSpendUsd, WINDOW),
    meaning: `What the services counted in ${config.windowHours} hours.`,
  },
  {
    record: recorded.chargedUsd,
    expr: `${since(recorded.charged, WINDOW)} / ${config.creditsPerUsd}`,
    meaning: `What the account was charged in ${config.windowHours} hours, whoever spent it.`,
  },
  {
    record: recorded.coverage,
    expr: `${orZero(recorded.countedUsd, recorded.chargedUsd)} / (${recorded.chargedUsd} > 0)`,
    meaning: 'Counted over charged: below 1, somebody spends whom no service counts.',
  },
  {
    record: recorded.keyLimitUsed,
    expr: keyLimitUsed(),
    meaning: 'Usage of each key over its limit, for the time that its retention says.',
  },
  {
    record: recorded.listPriceUsd,
    expr: listPrice(),
    meaning: `What the tokens of ${config.windowHours} hours cost at list price, for models whose price is fixed.`,
  },
  {
    record: recorded.modelSpendUsd,
    expr: grown([label.account, label.requestModel], `${recorded.spendUsd}{${label.routedModel}=""}`, WINDOW),
    meaning: `What was paid for them, for calls that no router sent elsewhere.`,
  },
]
