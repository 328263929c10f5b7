/** The options as users write them, and the table that the README shows. */
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

/** How calls whose response did not say their cost are looked up in the account's log. */
export interface SettlementConfig extends PollConfig {
  /** Calls waiting at the same time, 1 to 1000000; beyond it the oldest is given up. Default 10000. */
  readonly maxPending?: number | undefined
  /** Make one last attempt at shutdown, of at most 5 seconds. Default false. */
  readonly settleOnShutdown?: boolean | undefined
}

/** What becomes a spend tag by itself: names of 1 to 64 letters, digits, `_`, `.` and `-`, at most 32 of a kind. */
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
  /** Looking up costs that a response did not say. Default on, every minute while something is pending. */
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
  /** Distinct models kept per label, 1 to 100000; later ones are counted under `other`. Default 200. */
  readonly maxModels?: number | undefined
  /** Distinct values kept per spend tag, 1 to 100000; later ones are counted under `other`. Default 100. */
  readonly maxTagValues?: number | undefined
  /** Make spans that other instrumentations start when a request is announced children of the GenAI span. Default true. */
  readonly nestHttpSpans?: boolean | undefined
  /** Called with every finished call. What it throws, or rejects with, is caught and reported once. */
  readonly onCall?: ((record: CallRecord) => void) | undefined
}

/** Options of `register()`: those of the instrumentation, and where to serve `/metrics`. */
export interface RegisterOptions extends AimlapiInstrumentationConfig {
  /** `false`: no Prometheus endpoint. Without effect when the application has a MeterProvider of its own. */
  readonly prometheus?: boolean | PrometheusConfig | undefined
}

/** One line of the options table. */
export interface OptionRow {
  readonly option: keyof RegisterOptions
  /** Environment variables, the first that is set counts. */
  readonly environment: readonly string[]
  /** As written in code. */
  readonly default: string
  readonly meaning: string
}

export const OPTIONS: readonly OptionRow[] = [
  {
    option: 'apiKey',
    environment: KEY_VARIABLES,
    default: 'none',
    meaning:
      'Key for account polling and settlement. Without one, calls are still measured; account metrics are off.',
  },
  {
    option: 'accounts',
    environment: [ACCOUNTS_VARIABLE],
    default: "[{ name: 'default', apiKey }]",
    meaning:
      'Several keys, as `{ name, apiKey }[]` or `name=key,name=key`. A call belongs to the account whose key it sent, else to `other`.',
  },
  {
    option: 'baseUrls',
    environment: ['AIMLAPI_BASE_URLS'],
    default: "['https://api.aimlapi.com', 'https://tools.aimlapi.com']",
    meaning:
      'URLs (origin and optional path prefix) whose traffic is observed; account endpoints are called at the first. `*` observes every URL.',
  },
  {
    option: 'prometheus',
    environment: ['OTEL_EXPORTER_PROMETHEUS_HOST', 'OTEL_EXPORTER_PROMETHEUS_PORT'],
    default: "{ host: 'localhost', port: 9464, endpoint: '/metrics' }",
    meaning:
      '`register()` only. `false`, or `OTEL_METRICS_EXPORTER` without `prometheus` in it, turns it off.',
  },
  {
    option: 'balance',
    environment: ['AIMLAPI_BALANCE_INTERVAL_MS'],
    default: '{ enabled: true, intervalMs: 60_000 }',
    meaning: 'Polling of the balance. `0` or `false` turns it off.',
  },
  {
    option: 'settlement',
    environment: ['AIMLAPI_SETTLEMENT_INTERVAL_MS'],
    default: '{ enabled: true, intervalMs: 60_000, maxPending: 10_000, settleOnShutdown: false }',
    meaning:
      'Looks up the cost of calls whose response did not say it. `settleOnShutdown` makes one last attempt, at most 5 s.',
  },
  {
    option: 'managementKey',
    environment: ['AIMLAPI_MANAGEMENT_KEY'],
    default: 'none',
    meaning:
      'Reads limits and usage of every key of the account (`name=key,name=key` of several accounts); sent to key and usage endpoints only.',
  },
  {
    option: 'usage',
    environment: ['AIMLAPI_USAGE_INTERVAL_MS'],
    default: '{ enabled: false, intervalMs: 60_000 }',
    meaning: 'Follows what each key spends by model, prices and shut-down dates. On in `aimlapi-exporter`.',
  },
  {
    option: 'budgets',
    environment: ['AIMLAPI_BUDGETS'],
    default: 'none',
    meaning:
      'US dollars per day or month, exported as `aimlapi.budget.usd`: `day=50,month=1000,team:search/day=10`.',
  },
  {
    option: 'ledger',
    environment: ['AIMLAPI_LEDGER_INTERVAL_MS'],
    default: '{ enabled: false, intervalMs: 60_000 }',
    meaning: "Follows the account's ledger of charges and top-ups. On in `aimlapi-exporter`.",
  },
  {
    option: 'metricTags',
    environment: ['AIMLAPI_METRIC_TAGS'],
    default: '[]',
    meaning: 'Names of spend tags that become metric attributes. All tags go on spans.',
  },
  {
    option: 'tagsFrom',
    environment: ['AIMLAPI_TAGS_FROM_BAGGAGE', 'AIMLAPI_TAGS_FROM_SPAN'],
    default: 'none',
    meaning:
      '`{ baggage: string[], span: string[] }`: entries of the active baggage and attributes of the active span (such as `gen_ai.agent.name`) that become spend tags by themselves. `withSpendTags` wins.',
  },
  {
    option: 'maxModels',
    environment: [],
    default: '200',
    meaning: 'Distinct models kept per label; later ones are counted under `other`.',
  },
  {
    option: 'maxTagValues',
    environment: [],
    default: '100',
    meaning: 'Distinct values kept per spend tag; later ones are counted under `other`.',
  },
  {
    option: 'nestHttpSpans',
    environment: ['AIMLAPI_NEST_HTTP_SPANS'],
    default: 'true',
    meaning: 'Spans of `@opentelemetry/instrumentation-undici` become children of the GenAI span.',
  },
  {
    option: 'onCall',
    environment: [],
    default: 'none',
    meaning:
      '`(record: CallRecord) => void` after each call. What it throws or rejects with is caught and reported once.',
  },
]
