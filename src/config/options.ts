/** The options as users write them, and the table of the documentation. */
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
  /** Looking up costs that a response did not have. Default on, every minute while something is pending. */
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
  /** Called with a record of every finished call. What it throws, or rejects with, is caught and logged once. */
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
  /** Environment variables; the first that is set counts. */
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
      'The key for balance and settlement. Without one, calls are measured, too, but metrics of the account are off.',
  },
  {
    option: 'accounts',
    environment: [ACCOUNTS_VARIABLE],
    default: "[{ name: 'default', apiKey }]",
    meaning:
      'Several accounts, each with its key: `{ name, apiKey }[]` or `name=key,name=key`. A call belongs to the account whose key it sent, else to `other`.',
  },
  {
    option: 'baseUrls',
    environment: ['AIMLAPI_BASE_URLS'],
    default: "['https://api.aimlapi.com', 'https://tools.aimlapi.com']",
    meaning:
      'URLs (origin and optional path prefix) whose traffic is observed. The first is also asked for balance and log. `*` observes every URL.',
  },
  {
    option: 'prometheus',
    environment: ['OTEL_EXPORTER_PROMETHEUS_HOST', 'OTEL_EXPORTER_PROMETHEUS_PORT'],
    default: "{ host: 'localhost', port: 9464, endpoint: '/metrics' }",
    meaning:
      'Where `/metrics` is served, for `register()` only. `false`, or `OTEL_METRICS_EXPORTER` without `prometheus` in it, turns it off.',
  },
  {
    option: 'balance',
    environment: ['AIMLAPI_BALANCE_INTERVAL_MS'],
    default: '{ enabled: true, intervalMs: 60_000 }',
    meaning: 'How often the balance is asked for. `0` or `false`: never.',
  },
  {
    option: 'settlement',
    environment: ['AIMLAPI_SETTLEMENT_INTERVAL_MS'],
    default: '{ enabled: true, intervalMs: 60_000, maxPending: 10_000, settleOnShutdown: false }',
    meaning:
      'Looks up the cost of calls whose response did not say it. `settleOnShutdown`: one last attempt at the end of the process, for at most 5 s.',
  },
  {
    option: 'managementKey',
    environment: ['AIMLAPI_MANAGEMENT_KEY'],
    default: 'none',
    meaning:
      'Reads limits and usage of every key of the account. It is sent to key and usage endpoints only. For several accounts: `name=key,name=key`.',
  },
  {
    option: 'usage',
    environment: ['AIMLAPI_USAGE_INTERVAL_MS'],
    default: '{ enabled: false, intervalMs: 60_000 }',
    meaning:
      'Reads what each key spends by model, prices, and shut-down dates of models. On in `aimlapi-exporter`.',
  },
  {
    option: 'budgets',
    environment: ['AIMLAPI_BUDGETS'],
    default: 'none',
    meaning:
      'Budgets in US dollars for a day or a month, of the account or of a tag: `day=50,month=1000,team:search/day=10`. Alerts compare them with the spend.',
  },
  {
    option: 'ledger',
    environment: ['AIMLAPI_LEDGER_INTERVAL_MS'],
    default: '{ enabled: false, intervalMs: 60_000 }',
    meaning: "Reads the account's ledger of charges and top-ups. On in `aimlapi-exporter`.",
  },
  {
    option: 'metricTags',
    environment: ['AIMLAPI_METRIC_TAGS'],
    default: '[]',
    meaning: 'Names of the spend tags that become labels of metrics. All tags go on spans.',
  },
  {
    option: 'tagsFrom',
    environment: ['AIMLAPI_TAGS_FROM_BAGGAGE', 'AIMLAPI_TAGS_FROM_SPAN'],
    default: 'none',
    meaning:
      '`{ baggage: string[], span: string[] }`: entries of the active baggage, and attributes of the active span (such as `gen_ai.agent.name`), that become spend tags. `withSpendTags` wins.',
  },
  {
    option: 'maxModels',
    environment: [],
    default: '200',
    meaning: 'Different models that get a label value of their own; later ones are counted under `other`.',
  },
  {
    option: 'maxTagValues',
    environment: [],
    default: '100',
    meaning: 'Different values of each spend tag; later ones are counted under `other`.',
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
      '`(record: CallRecord) => void`, called after each call. What it throws or rejects with is caught and logged once. [Records](api.md#callrecord)',
  },
]
