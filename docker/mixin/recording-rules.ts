/** The recording rules: names in the form level:metric:operations, where the level says which labels are left. */
import { config } from './config.ts'
import { genAiSpellings, label, metric, tagLabel } from './names.ts'
import { EVALUATIONS, aggregate, chain, increment, indent, latest, orZero, sumBy, summed } from './promql.ts'

export interface RecordingRule {
  readonly record: string
  readonly expr: string
  readonly labels?: Readonly<Record<string, string>>
}

export interface RecordingGroup {
  readonly name: string
  readonly intervalSeconds: number
  readonly rules: readonly RecordingRule[]
}

const INCREASE = `increase${config.rules.intervalSeconds}s`
const ACCOUNT = [label.account]
const SERVICE = ['job', label.account]
const REPLICA = ['job', 'instance', ...ACCOUNT]
const MODEL = [...SERVICE, label.requestModel]

/** The labels that spend can be told apart by. */
const CALL = [...MODEL, label.endpoint, ...config.tags.map(tagLabel)]

/** Names of recorded series that alerts and dashboards read. */
export const recorded = {
  creditsUsed: `aimlapi_call:credits_used:${INCREASE}`,
  creditsRefunded: `aimlapi_call:credits_refunded:${INCREASE}`,
  spendUsd: `aimlapi_call:spend_usd:${INCREASE}`,
  /** The same by job and account alone: what sums over days read, a thousand times fewer samples. */
  serviceSpendUsd: `aimlapi_service:spend_usd:${INCREASE}`,
  requests: `aimlapi_model:requests:${INCREASE}`,
  tokens: `aimlapi_model:tokens:${INCREASE}`,
  tokenDetails: `aimlapi_model:token_details:${INCREASE}`,
  usageMissing: `aimlapi_service:usage_missing:${INCREASE}`,
  accountPolls: `aimlapi_service:account_polls:${INCREASE}`,
  ledgerCharged: `aimlapi_ledger:charged_credits:${INCREASE}`,
  ledgerTopUp: `aimlapi_ledger:topup_credits:${INCREASE}`,
  callSpendUsdPerHour: 'aimlapi_call:spend_usd_per_hour:rate5m',
  accountSpend: (window: string) => `aimlapi_account:spend_usd:sum${window}`,
  typicalHour: 'aimlapi_account:spend_usd:typical1h',
  balanceUsd: 'aimlapi_account:balance_usd:latest',
  balanceThresholdUsd: 'aimlapi_account:balance_threshold_usd:latest',
  autoTopUpEnabled: 'aimlapi_account:autotopup_enabled:latest',
  autoTopUpThresholdUsd: 'aimlapi_account:autotopup_threshold_usd:latest',
  spendUsdPerHour: `aimlapi_account:spend_usd_per_hour:rate${config.windowHours}h`,
  runwayHours: 'aimlapi_account:runway_hours:estimate',
  chargedUsd: `aimlapi_account:charged_usd:sum${config.windowHours}h`,
  countedUsd: `aimlapi_account:counted_usd:sum${config.windowHours}h`,
  coverage: `aimlapi_account:coverage:ratio${config.windowHours}h`,
  budgetDaily: 'aimlapi_account:budget_daily_usd:config',
  budgetMonthly: 'aimlapi_account:budget_monthly_usd:config',
  keyLimitUsed: 'aimlapi_account:key_limit_used:ratio',
  failed: `aimlapi_service:requests_failed:sum${config.errors.windowMinutes}m`,
  failedRatio: `aimlapi_service:requests_failed:ratio${config.errors.windowMinutes}m`,
  missingRatio: 'aimlapi_service:usage_missing:ratio1h',
  missing: 'aimlapi_service:usage_missing:sum1h',
  costPerThousandOutputTokens: 'aimlapi_model:usd_per_1k_output_tokens:ratio1h',
  cacheHitShare: 'aimlapi_model:cached_input_share:ratio1h',
  duration: 'aimlapi_model:gen_ai_duration_seconds_bucket:rate5m',
  timeToFirstChunk: 'aimlapi_model:gen_ai_time_to_first_chunk_seconds_bucket:rate5m',
  timePerOutputChunk: 'aimlapi_model:gen_ai_time_per_output_chunk_seconds_bucket:rate5m',
} as const

/** Spend an hour at the pace of the last 5 minutes, hour and day, by each level: `aimlapi_model:…:rate1h`. */
export const SPEND_LEVELS: ReadonlyArray<{ level: string; labels: readonly string[] }> = [
  { level: 'aimlapi_call', labels: CALL },
  { level: 'aimlapi_service', labels: SERVICE },
  { level: 'aimlapi_model', labels: MODEL },
  { level: 'aimlapi_endpoint', labels: [...SERVICE, label.endpoint] },
  ...config.tags.map((tag) => ({ level: tagLabel(tag), labels: [...SERVICE, tagLabel(tag)] })),
]

/** A counter as an evaluation saw it: `aimlapi_series:credits_used_total:last`. */
const seen = (counter: string) => `aimlapi_series:${counter.replace(/^aimlapi_/, '')}:last`

const counted = (record: string, counter: string, labels: readonly string[]): RecordingRule => ({
  record,
  expr: sumBy(labels, increment(seen(counter))),
})

const COUNTERS = [
  metric.creditsUsed,
  metric.creditsRefunded,
  metric.requests,
  metric.tokens,
  metric.tokenDetails,
  metric.usageMissing,
  metric.accountPolls,
  metric.ledgerCharged,
  metric.ledgerTopUp,
]

/** In this order: the counters are read once, then compared, and only then this counts as an evaluation. */
const increments: RecordingRule[] = [
  ...COUNTERS.map((counter) => ({ record: seen(counter), expr: counter })),
  counted(recorded.creditsUsed, metric.creditsUsed, CALL),
  counted(recorded.creditsRefunded, metric.creditsRefunded, CALL),
  {
    record: recorded.spendUsd,
    expr: `(${recorded.creditsUsed} - ${recorded.creditsRefunded} or ${recorded.creditsUsed}) / ${config.creditsPerUsd}`,
  },
  { record: recorded.serviceSpendUsd, expr: sumBy(SERVICE, recorded.spendUsd) },
  counted(recorded.requests, metric.requests, [...MODEL, label.errorType]),
  counted(recorded.tokens, metric.tokens, [...MODEL, label.tokenType]),
  counted(recorded.tokenDetails, metric.tokenDetails, [...MODEL, label.tokenDetail]),
  counted(recorded.usageMissing, metric.usageMissing, [...SERVICE, label.missingReason]),
  counted(recorded.accountPolls, metric.accountPolls, [...SERVICE, label.poll, label.errorType]),
  // The instance stays: replicas of the exporter each count the whole ledger.
  counted(recorded.ledgerCharged, metric.ledgerCharged, [...REPLICA, label.requestModel, label.ledgerType]),
  counted(recorded.ledgerTopUp, metric.ledgerTopUp, [...REPLICA, label.ledgerType]),
  { record: EVALUATIONS, expr: 'vector(1)' },
]

function spendRates(windows: ReadonlyArray<[window: string, perHour: string]>): RecordingRule[] {
  return SPEND_LEVELS.flatMap(({ level, labels }) =>
    windows.map(([window, perHour]) => ({
      record: `${level}:spend_usd_per_hour:rate${window}`,
      expr: summed(labels, recorded.spendUsd, window) + perHour,
    })),
  )
}

const spend = [
  ...spendRates([
    ['5m', ' * 12'],
    ['1h', ''],
  ]),
  { record: recorded.accountSpend('1h'), expr: summed(ACCOUNT, recorded.serviceSpendUsd, '1h') },
]

const DAYS = Array.from({ length: config.spike.days }, (_, index) => index + 1)

/** A constant for every account that spends, another for those named in the configuration. */
function budget(field: 'dailyUsd' | 'monthlyUsd'): string {
  const named = Object.entries(config.budgets.accounts).map(
    ([account, limits]) =>
      `label_replace(vector(${limits[field]}), "${label.account}", "${account}", "", "")`,
  )
  const all = `0 * ${recorded.accountSpend('1d')} + ${config.budgets.default[field]}`
  return chain('or', ...named, all)
}

const days = [
  ...spendRates([['1d', ' / 24']]),
  ...['1d', '7d', '30d'].map((window) => ({
    record: recorded.accountSpend(window),
    expr: summed(ACCOUNT, recorded.serviceSpendUsd, window),
  })),
  {
    record: recorded.typicalHour,
    expr: `quantile by (${label.account}) (0.5,\n${indent(
      chain(
        'or',
        ...DAYS.map(
          (day) => `label_replace(${recorded.accountSpend('1h')} offset ${day}d, "day", "${day}", "", "")`,
        ),
      ),
    )}\n)`,
  },
  { record: recorded.budgetDaily, expr: budget('dailyUsd') },
  { record: recorded.budgetMonthly, expr: budget('monthlyUsd') },
]

const WINDOW = `${config.windowHours}h`

/** Each replica of the exporter counts the whole ledger: the most complete one is taken, never their sum. */
function charged(): string {
  const usage = `${recorded.ledgerCharged}{${label.ledgerType}=~"${config.coverage.usageTypes}"}`
  const perReplica = summed(REPLICA, usage, WINDOW)
  return `${aggregate('max', ACCOUNT, perReplica)} / ${config.creditsPerUsd}`
}

/** Hours watched, up to the window: a Prometheus of ten minutes' age does not divide by six hours. */
const WATCHED_HOURS = `(count_over_time(${EVALUATIONS}[${WINDOW}]) * ${config.rules.intervalSeconds} / 3600)`

/** Only a monthly limit compares with the key's monthly usage; the shorter ones with what was counted. */
function keyLimitUsed(): string {
  const by = [label.account, label.retention]
  const limit = (retention: string) =>
    `(${aggregate('max', by, `${metric.keyLimit}{${label.retention}=~"${retention}"}`)} > 0)`
  const join = `/ on (${label.account}) group_right ()`
  return chain(
    'or',
    `${aggregate('max', by, metric.keyUsage)} / ${limit('month|no_reset')}`,
    `${recorded.accountSpend('1d')} ${join} ${limit('day')}`,
    `${recorded.accountSpend('7d')} ${join} ${limit('week')}`,
  )
}

const account: RecordingRule[] = [
  { record: recorded.balanceUsd, expr: latest(metric.balanceUsd) },
  {
    record: recorded.balanceThresholdUsd,
    expr: chain(
      'or',
      `${latest(metric.balanceLowThreshold)} / ${config.creditsPerUsd} > ${config.balance.minimumUsd}`,
      `0 * ${recorded.balanceUsd} + ${config.balance.minimumUsd}`,
    ),
  },
  { record: recorded.autoTopUpEnabled, expr: latest(metric.autoTopUpEnabled) },
  { record: recorded.autoTopUpThresholdUsd, expr: latest(metric.autoTopUpThreshold) },
  { record: recorded.countedUsd, expr: summed(ACCOUNT, recorded.serviceSpendUsd, WINDOW) },
  { record: recorded.chargedUsd, expr: charged() },
  {
    // The larger of what services counted and what the ledger charged: others may spend from the account too.
    record: recorded.spendUsdPerHour,
    expr: `(${recorded.countedUsd} > ${recorded.chargedUsd} or ${recorded.chargedUsd} or ${recorded.countedUsd})\n/ on () group_left () ${WATCHED_HOURS}`,
  },
  { record: recorded.runwayHours, expr: `${recorded.balanceUsd} / (${recorded.spendUsdPerHour} > 0)` },
  {
    record: recorded.coverage,
    expr: `${orZero(recorded.countedUsd, recorded.chargedUsd)} / (${recorded.chargedUsd} > 0)`,
  },
  { record: recorded.keyLimitUsed, expr: keyLimitUsed() },
]

const ERRORS = `${config.errors.windowMinutes}m`

const failures = config.errors.classes.flatMap(({ name, errorType }): RecordingRule[] => {
  const failed = summed(SERVICE, `${recorded.requests}{${label.errorType}=~"${errorType}"}`, ERRORS)
  const labels = { aimlapi_error_class: name }
  return [
    { record: recorded.failed, expr: failed, labels },
    {
      record: recorded.failedRatio,
      expr: `${failed}\n/ ${summed(SERVICE, recorded.requests, ERRORS)}`,
      labels,
    },
  ]
})

/** One spelling for whichever generation of the conventions and whichever path the histogram came by. */
function folded(record: string, names: readonly string[]): RecordingRule {
  const rates = names.map((name) => `rate(${name}_bucket[5m])`)
  return { record, expr: sumBy(['job', 'le', label.operation, label.requestModel], chain('or', ...rates)) }
}

const output = summed(MODEL, `${recorded.tokens}{${label.tokenType}="output"}`, '1h')
const input = summed(MODEL, `${recorded.tokens}{${label.tokenType}="input"}`, '1h')
const cached = summed(MODEL, `${recorded.tokenDetails}{${label.tokenDetail}="cache_read"}`, '1h')

const calls: RecordingRule[] = [
  ...failures,
  { record: recorded.missing, expr: summed(SERVICE, recorded.usageMissing, '1h') },
  {
    record: recorded.missingRatio,
    expr: `${recorded.missing} / ${summed(SERVICE, recorded.requests, '1h')}`,
  },
  {
    record: recorded.costPerThousandOutputTokens,
    expr: `1000 * ${summed(MODEL, recorded.spendUsd, '1h')}\n/ (${output} > 0)`,
  },
  { record: recorded.cacheHitShare, expr: `${orZero(cached, input)}\n/ (${input} > 0)` },
  folded(recorded.duration, genAiSpellings.duration),
  folded(recorded.timeToFirstChunk, genAiSpellings.timeToFirstChunk),
  folded(recorded.timePerOutputChunk, genAiSpellings.timePerOutputChunk),
]

const { intervalSeconds, slowIntervalSeconds } = config.rules

/**
 * Groups of one evaluation time each. Windows over increments stand in other groups than the increments: the
 * evaluation times then differ, and Prometheus 2, whose ranges include both ends, does not read one sample too many.
 */
export const recordingGroups: readonly RecordingGroup[] = [
  { name: 'aimlapi-increments', intervalSeconds, rules: increments },
  { name: 'aimlapi-spend', intervalSeconds, rules: spend },
  { name: 'aimlapi-days', intervalSeconds: slowIntervalSeconds, rules: days },
  { name: 'aimlapi-account', intervalSeconds, rules: account },
  { name: 'aimlapi-calls', intervalSeconds, rules: calls },
]
