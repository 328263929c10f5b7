/** Names of recorded series that rules, alerts and dashboards read; the level says which labels are left. */
import { config } from '../config.ts'

const window = `${config.windowHours}h`

export const recorded = {
  /** Since when the rules have been evaluated without a pause that is longer than their memory, in seconds since the epoch. */
  watchingSince: 'aimlapi:watching_since:timestamp_seconds',
  // Totals: counters of everything counted, without the labels of processes.
  creditsUsed: 'aimlapi_call:credits_used:total',
  creditsRefunded: 'aimlapi_call:credits_refunded:total',
  requests: 'aimlapi_call:requests:total',
  tokens: 'aimlapi_call:tokens:total',
  tokenDetails: 'aimlapi_call:token_details:total',
  usageMissing: 'aimlapi_call:usage_missing:total',
  accountPolls: 'aimlapi_service:account_polls:total',
  charged: 'aimlapi_account:charged_credits:total',
  ledgerCharged: 'aimlapi_account:ledger_charged_credits:total',
  ledgerTopUp: 'aimlapi_account:ledger_topup_credits:total',
  spendUsd: 'aimlapi_call:spend_usd:total',
  /** By account and spend tags alone. */
  ownerSpendUsd: 'aimlapi_owner:spend_usd:total',
  accountSpendUsd: 'aimlapi_account:spend_usd:total',

  // Days and months of the time zone.
  /** Kept while no exporter tells it: else days would end at two midnights. */
  timeZoneOffset: 'aimlapi:time_zone_offset:seconds',
  localDay: 'aimlapi:local_day:number',
  localMonth: 'aimlapi:local_month:number',
  ownerAtDayStart: 'aimlapi_owner:spend_usd:at_day_start',
  ownerAtMonthStart: 'aimlapi_owner:spend_usd:at_month_start',
  /** With the label aimlapi_figure: `account` where the account tells it, else `counted`. */
  today: 'aimlapi_account:spend_usd:today',
  month: 'aimlapi_account:spend_usd:month',
  forecastLow: 'aimlapi_account:month_forecast_usd:low',
  forecastHigh: 'aimlapi_account:month_forecast_usd:high',
  budgetUsed: 'aimlapi_budget:used:ratio',
  budgetForecast: 'aimlapi_budget:month_forecast:ratio',

  // Paces: the larger of what services counted and what the account was charged, in USD an hour.
  pace5m: 'aimlapi_account:usd_per_hour:pace5m',
  pace10m: 'aimlapi_account:usd_per_hour:pace10m',
  pace1h: 'aimlapi_account:usd_per_hour:pace1h',
  pace1d: 'aimlapi_account:usd_per_hour:pace1d',
  /** The highest pace of ten minutes in the last two weeks. */
  usualPeak: 'aimlapi_account:usd_per_hour:usual_peak',
  lastHour: 'aimlapi_account:spend_usd:last1h',
  usualHour: 'aimlapi_account:spend_usd:usual1h',

  balanceUsd: 'aimlapi_account:balance_usd:latest',
  /** The account's total when its balance was last known. */
  spendAtBalance: 'aimlapi_account:spend_usd:at_balance',
  /** The balance as it was last known, less what was counted since. */
  balanceEstimate: 'aimlapi_account:balance_usd:estimate',
  balanceThresholdUsd: 'aimlapi_account:balance_threshold_usd:latest',
  autoTopUpEnabled: 'aimlapi_account:autotopup_enabled:latest',
  autoTopUpThresholdUsd: 'aimlapi_account:autotopup_threshold_usd:latest',
  runwayHours: 'aimlapi_account:runway_hours:estimate',
  chargedUsd: `aimlapi_account:charged_usd:sum${window}`,
  countedUsd: `aimlapi_account:counted_usd:sum${window}`,
  coverage: `aimlapi_account:coverage:ratio${window}`,
  keyLimitUsed: 'aimlapi_account:key_limit_used:ratio',
  listPriceUsd: `aimlapi_account_model:list_price_usd:sum${window}`,
  modelSpendUsd: `aimlapi_account_model:spend_usd:sum${window}`,

  failed: (window_: string) => `aimlapi_service:requests_failed:sum${window_}`,
  failedRatio: (window_: string) => `aimlapi_service:requests_failed:ratio${window_}`,
  missing: 'aimlapi_service:usage_missing:sum1h',
  missingRatio: 'aimlapi_service:usage_missing:ratio1h',
  duration: 'aimlapi_model:gen_ai_duration_seconds_bucket:rate5m',
  timeToFirstChunk: 'aimlapi_model:gen_ai_time_to_first_chunk_seconds_bucket:rate5m',
  timePerOutputChunk: 'aimlapi_model:gen_ai_time_per_output_chunk_seconds_bucket:rate5m',
} as const

/** Which of two ways a figure of today or this month comes from. */
export const FIGURE_LABEL = 'aimlapi_figure'
export const ERROR_CLASS_LABEL = 'aimlapi_error_class'

/** One recording rule, with the one sentence that the runbook says of it. */
export interface RecordingRule {
  readonly record: string
  readonly expr: string
  readonly labels?: Readonly<Record<string, string>>
  readonly meaning: string
}

export interface RecordingGroup {
  readonly name: string
  readonly intervalSeconds: number
  readonly rules: readonly RecordingRule[]
}
