/** The options as users write them, and their environment variables. */
import type { InstrumentationConfig } from '@opentelemetry/instrumentation'
import type { CallRecord } from '../types.ts'
import { ACCOUNTS_VARIABLE, KEY_VARIABLES, type Account } from './accounts.ts'

/** How an account endpoint is polled. `true` and `false` switch it with its default interval. */
export interface PollConfig {
  /** Default: on for `balance` and `settlement`, off for `usage` and `ledger`. An `intervalMs` above 0 switches it on. */
  readonly enabled?: boolean | undefined
  /** Milliseconds between two polls, 100 to 2147483647; 0 switches it off. Default 60000. */
  readonly intervalMs?: number | undefined
}

/** How calls without a cost in their response are looked up in the account's log. */
export interface SettlementConfig extends PollConfig {
  /** Calls waiting at the same time, 1 to 1000000; beyond it the oldest is given up. Default 10000. */
  readonly maxPending?: number | undefined
  /** Make one last attempt at shutdown, of at most 5 seconds. Default false. */
  readonly settleOnShutdown?: boolean | undefined
}

/** What becomes a spend tag without `withSpendTags`: names of 1 to 64 letters, digits, `_`, `.` and `-`, at most 32 of a kind. */
export interface TagsFromConfig {
  /** Entries of the active baggage. */
  readonly baggage?: readonly string[] | undefined
  /** Attributes of the active span, where the SDK shows them on its spans. */
  readonly span?: readonly string[] | undefined
}

/** Where the Prometheus exporter listens. */
export interface PrometheusConfig {
  /** Default `localhost`; `0.0.0.0` or `::` for every interface. */
  readonly host?: string | undefined
  /** 1 to 65535. Default 9464. */
  readonly port?: number | undefined
  /** Default `/metrics`. */
  readonly endpoint?: string | undefined
}

/** Options of `AimlapiInstrumentation`. Each wins over its environment variable; all are optional. */
export interface AimlapiInstrumentationConfig extends InstrumentationConfig {
  /**
   * The key for balance and settlement. Default: AIMLAPI_API_KEY, AIML_API_KEY or AIMLAPI_KEY. Without one, calls
   * are measured all the same, under the account `default`; metrics of the account are off.
   */
  readonly apiKey?: string | undefined
  /** Several keys instead of one, each with its management key if there is one. A call belongs to the account whose key it sent, else to `other`. */
  readonly accounts?: readonly Account[] | undefined
  /**
   * URLs (origin and optional path prefix) whose traffic is observed; account endpoints are called at the first.
   * `'*'` observes every URL. Default `https://api.aimlapi.com` and `https://tools.aimlapi.com`.
   */
  readonly baseUrls?: string | readonly string[] | undefined
  /** Polling of the account's balance. Default on, every minute. */
  readonly balance?: boolean | 0 | PollConfig | undefined
  /** Looking up costs and tokens that a response did not have. Default on, every minute while something is pending. */
  readonly settlement?: boolean | 0 | SettlementConfig | undefined
  /**
   * Reads limits and usage of every key of the account; sent to key and usage endpoints only. Of several accounts:
   * `name=key,name=key`. Default: AIMLAPI_MANAGEMENT_KEY, else none.
   */
  readonly managementKey?: string | undefined
  /** Following what each key spends by model, prices and shut-down dates. Default off. */
  readonly usage?: boolean | 0 | PollConfig | undefined
  /**
   * US dollars per day or month, exported as `aimlapi.budget.usd`: `{ day: 50, month: 1000, 'team:search/day': 10 }`.
   * Default: AIMLAPI_BUDGETS, else none.
   */
  readonly budgets?: string | Readonly<Record<string, number>> | undefined
  /** Following the account's ledger of charges and top-ups. Default off. */
  readonly ledger?: boolean | 0 | PollConfig | undefined
  /** Spend tags (`withSpendTags`) that become metric attributes; all tags go on spans. Default none. */
  readonly metricTags?: readonly string[] | undefined
  /**
   * Entries of the active baggage and attributes of the active span, by name, that become spend tags without a change
   * in code: `{ baggage: ['tenant'], span: ['gen_ai.agent.name'] }`. `withSpendTags` wins. Default none.
   */
  readonly tagsFrom?: TagsFromConfig | undefined
  /** Different models that get a label value of their own, 1 to 100000; later ones are counted under `other`. Default 200. */
  readonly maxModels?: number | undefined
  /** Different values of each spend tag, 1 to 100000; later ones are counted under `other`. Default 100. */
  readonly maxTagValues?: number | undefined
  /** Make spans that other instrumentations start when a request is announced children of the GenAI span. Default true. */
  readonly nestHttpSpans?: boolean | undefined
  /** Called with each record (`CallRecord.kind`). What it throws, or rejects with, is caught and logged once. */
  readonly onCall?: ((record: CallRecord) => void) | undefined
}

/** Options of `register()`: those of the instrumentation, and where to serve `/metrics`. */
export interface RegisterOptions extends AimlapiInstrumentationConfig {
  /** `false`: no Prometheus endpoint. Without effect when the application has a MeterProvider of its own. */
  readonly prometheus?: boolean | PrometheusConfig | undefined
}

/** An option by its name. `enabled` is OpenTelemetry's own. */
export type OptionName = Exclude<keyof RegisterOptions, 'enabled'>

/** The environment variables of each option; the first that is set counts. */
export const OPTION_VARIABLES: Readonly<Record<OptionName, readonly string[]>> = {
  apiKey: KEY_VARIABLES,
  accounts: [ACCOUNTS_VARIABLE],
  baseUrls: ['AIMLAPI_BASE_URLS'],
  prometheus: ['OTEL_EXPORTER_PROMETHEUS_HOST', 'OTEL_EXPORTER_PROMETHEUS_PORT'],
  balance: ['AIMLAPI_BALANCE_INTERVAL_MS'],
  settlement: ['AIMLAPI_SETTLEMENT_INTERVAL_MS'],
  managementKey: ['AIMLAPI_MANAGEMENT_KEY'],
  usage: ['AIMLAPI_USAGE_INTERVAL_MS'],
  budgets: ['AIMLAPI_BUDGETS'],
  ledger: ['AIMLAPI_LEDGER_INTERVAL_MS'],
  metricTags: ['AIMLAPI_METRIC_TAGS'],
  tagsFrom: ['AIMLAPI_TAGS_FROM_BAGGAGE', 'AIMLAPI_TAGS_FROM_SPAN'],
  maxModels: [],
  maxTagValues: [],
  nestHttpSpans: ['AIMLAPI_NEST_HTTP_SPANS'],
  onCall: [],
}
