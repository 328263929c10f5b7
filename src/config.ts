/** Options and environment become one frozen Config. The only place that reads `process.env`, and the only one that throws. */
import type { CallRecord } from './types.ts'

export interface Account {
  /** Label of the account in every metric. */
  readonly name: string
  /** Kept in memory for comparison and the account's own requests; never recorded. */
  readonly apiKey: string
}

/** A URL whose traffic is observed: `https://api.aimlapi.com`, or with a path prefix. */
export interface BaseUrl {
  /** Scheme, host and port, as `URL.origin` gives it. */
  readonly origin: string
  /** Empty, or begins with `/` and does not end with one. */
  readonly pathPrefix: string
}

export interface PollOptions {
  readonly enabled: boolean
  readonly intervalMs: number
}

export interface SettlementOptions extends PollOptions {
  readonly maxPending: number
  readonly settleOnShutdown: boolean
}

export interface PrometheusOptions {
  readonly host: string
  readonly port: number
  readonly endpoint: string
}

/** Every option, resolved. Frozen. */
export interface Config {
  readonly accounts: readonly Account[]
  /** `'*'`: every URL is observed. */
  readonly baseUrls: readonly BaseUrl[] | '*'
  /** Where account endpoints are called: the first base URL. */
  readonly accountBaseUrl: string
  readonly prometheus: PrometheusOptions | false
  readonly balance: PollOptions
  readonly settlement: SettlementOptions
  readonly ledger: PollOptions
  readonly metricTags: readonly string[]
  readonly maxModels: number
  readonly maxTagValues: number
  readonly nestHttpSpans: boolean
  /** The rewritten GenAI names (`OTEL_SEMCONV_STABILITY_OPT_IN=gen_ai_latest_experimental`). */
  readonly latestConventions: boolean
  readonly onCall: ((record: CallRecord) => void) | undefined
}
