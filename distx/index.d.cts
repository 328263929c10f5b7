import { InstrumentationBase, InstrumentationConfig } from '@opentelemetry/instrumentation'
import { MeterProvider } from '@opentelemetry/api'

//#region src/api/credits.d.ts
/** The API's own currency: 1 US dollar is 2,000,000 credits (docs.aimlapi.com, FAQ "How can I track my funds"). */
declare const CREDITS_PER_USD = 2000000
//#endregion
//#region src/calls/tags.d.ts
/**
 * Runs `fn` and returns what it returns; every call to AI/ML API made inside, across awaits, timers and
 * callbacks, carries `tags` as `aimlapi.tag.<name>`: on its span always, on metrics when the name is in
 * `metricTags`. Nested calls merge, the inner value of a name wins. At most 32 tags are kept and values are
 * cut at 256 characters; values that are not strings are left out. Never throws by itself: what `fn` throws
 * comes through.
 *
 * @example
 * await withSpendTags({ team: 'search' }, () => openai.chat.completions.create({ … }))
 */
declare function withSpendTags<T>(tags: Record<string, string>, fn: () => T): T
//#endregion
//#region src/config/accounts.d.ts
/** One key, and what it is called in metrics. */
interface Account {
  /** Label of the account in every metric. */
  readonly name: string
  /** Kept in memory for comparison and the account's own requests; never recorded. */
  readonly apiKey: string
}
//#endregion
//#region src/types.d.ts
/** The endpoint families of AI/ML API, as they stand in the attribute `aimlapi.endpoint`. */
type EndpointName =
  | 'chat'
  | 'responses'
  | 'messages'
  | 'embeddings'
  | 'image'
  | '3d'
  | 'video'
  | 'music'
  | 'speech'
  | 'transcription'
  | 'ocr'
  | 'batch'
  | 'assistants'
  | 'other'
/** A part of the input or output tokens. Already inside the totals, never added to them. */
type TokenDetail =
  | 'cache_read'
  | 'cache_write'
  | 'reasoning'
  | 'input_audio'
  | 'input_image'
  | 'input_text'
  | 'input_video'
  | 'output_audio'
  | 'output_image'
  | 'output_text'
  | 'output_video'
  | 'accepted_prediction'
  | 'rejected_prediction'
/** What a model is billed by when not by tokens; only as literally reported by the API. */
type UsageUnit = 'image' | 'second' | 'character' | 'page'
/** Why the usage of a call is unknown for good. */
type MissingReason = 'absent' | 'aborted' | 'unparsable' | 'too_large' | 'undecodable' | 'expired' | 'evicted'
/**
 * What one generation used, normalised over all vendors. Every number is finite and not negative;
 * a field that the API did not say is absent, never 0.
 */
interface Usage {
  /** Prompt tokens, cached ones included. */
  readonly inputTokens?: number
  /** Completion tokens, reasoning included. */
  readonly outputTokens?: number
  /** Parts of the totals. */
  readonly details?: Readonly<Partial<Record<TokenDetail, number>>>
  /** Images, seconds, characters or pages, as literally reported. */
  readonly units?: Readonly<Partial<Record<UsageUnit, number>>>
  /** What the account is charged. 2,000,000 credits are 1 USD. */
  readonly credits?: number
  /** The same charge in US dollars: as reported, else credits / 2,000,000. */
  readonly usd?: number
}
/** What every metric of a call is split by. */
interface CallIdentity {
  /** `gen_ai.operation.name`: `chat`, `embeddings`, `image_generation`, …, `fetch_response` for a poll. */
  readonly operation: string
  /** `aimlapi.endpoint`; `other` for a path that is not known. */
  readonly endpoint: EndpointName
  /** The model as the request named it; absent when it could not be known. */
  readonly requestModel?: string
  /** The configured account whose key the call sent, else `other`. */
  readonly account: string
  /** Spend tags active where the call was made (`withSpendTags`). */
  readonly tags: Readonly<Record<string, string>>
}
/** Request parameters that the GenAI conventions recommend on spans. No content of prompts. */
interface RequestParameters {
  /** `gen_ai.request.max_tokens` */
  readonly maxTokens?: number
  /** `gen_ai.request.temperature` */
  readonly temperature?: number
  /** `gen_ai.request.top_p` */
  readonly topP?: number
  /** `gen_ai.request.top_k` */
  readonly topK?: number
  /** `gen_ai.request.frequency_penalty` */
  readonly frequencyPenalty?: number
  /** `gen_ai.request.presence_penalty` */
  readonly presencePenalty?: number
  /** `gen_ai.request.seed` */
  readonly seed?: number
  /** `gen_ai.request.choice.count` */
  readonly choiceCount?: number
  /** `gen_ai.request.stop_sequences` */
  readonly stopSequences?: readonly string[]
  /** `gen_ai.request.reasoning.level` */
  readonly reasoningLevel?: string
  /** `gen_ai.request.encoding_formats` */
  readonly encodingFormats?: readonly string[]
  /** `gen_ai.embeddings.dimension.count` */
  readonly dimensionCount?: number
  /** `text`, `json`, `image`, `speech`, or a family's own word (`video`, `music`). */
  readonly outputType?: string
}
/** What one finished call was. Given to `onCall`, and all that the telemetry sees of it. */
interface CallRecord extends CallIdentity {
  /** Host name of the base URL. */
  readonly serverAddress: string
  /** 443 or 80 where the URL says none. */
  readonly serverPort: number
  /** Milliseconds since the epoch, with fractions. */
  readonly startTimeMs: number
  /** From the request to the last byte of the response (or its failure), in milliseconds. */
  readonly durationMs: number
  /** Streaming only: from the request to the first byte of the body, in milliseconds. */
  readonly timeToFirstChunkMs?: number
  /** The request asked for a stream, or the answer was one. */
  readonly stream: boolean
  /** What the request set, as far as the GenAI conventions name it. */
  readonly parameters: RequestParameters
  /** Absent when no response came. */
  readonly httpStatus?: number
  /** Absent on success; else as section "error.type" of the README lists them. */
  readonly errorType?: string
  /** The client's own retry counter (`x-stainless-retry-count`), 0 for a first attempt. */
  readonly retryCount?: number
  /** `x-inference-id`, or the generation id of an asynchronous job. */
  readonly inferenceId?: string
  /** The application's own `x-client-request-id`. */
  readonly clientRequestId?: string
  /** The id in the body (`chatcmpl-…`); not the inference id. */
  readonly responseId?: string
  /** The model as the answer names it, often with a date or vendor. */
  readonly responseModel?: string
  /** `stop`, `length`, …, one per choice. */
  readonly finishReasons?: readonly string[]
  /** Newly counted by this call. A poll of a generation that was counted already has none. */
  readonly usage?: Usage
  /** The cost is not known yet; settlement is looking for it. */
  readonly pending: boolean
  /** The cost will never be known, and why. */
  readonly missing?: MissingReason
  /** Credits counted earlier for the same generation that its failure gave back. */
  readonly refundedCredits?: number
}
//#endregion
//#region src/config/options.d.ts
/** How an account endpoint is polled. `true` and `false` switch it with its default interval. */
interface PollConfig {
  /** Default: on for `balance` and `settlement`, off for `ledger`. An `intervalMs` above 0 switches it on. */
  readonly enabled?: boolean | undefined
  /** Milliseconds between two polls, 100 to 2147483647; 0 switches it off. Default 60000. */
  readonly intervalMs?: number | undefined
}
/** How calls whose response did not say their cost are looked up in the account's log. */
interface SettlementConfig extends PollConfig {
  /** Calls waiting at the same time, 1 to 1000000; beyond it the oldest is given up. Default 10000. */
  readonly maxPending?: number | undefined
  /** Make one last attempt at shutdown, of at most 5 seconds. Default false. */
  readonly settleOnShutdown?: boolean | undefined
}
/** Where the Prometheus exporter listens. */
interface PrometheusConfig {
  /** Default `localhost`; `0.0.0.0` or `::` for every interface. */
  readonly host?: string | undefined
  /** 1 to 65535. Default 9464. */
  readonly port?: number | undefined
  /** Default `/metrics`. */
  readonly endpoint?: string | undefined
}
/** Options of `AimlapiInstrumentation`. Each wins over its environment variable; all are optional. */
interface AimlapiInstrumentationConfig extends InstrumentationConfig {
  /**
   * The key for balance and settlement. Default: AIMLAPI_API_KEY, AIML_API_KEY or AIMLAPI_KEY. Without one, calls
   * are measured all the same, under the account `default`; metrics of the account are off.
   */
  readonly apiKey?: string | undefined
  /** Several keys instead of one. A call belongs to the account whose key it sent, else to `other`. */
  readonly accounts?: readonly Account[] | undefined
  /**
   * URLs (origin and optional path prefix) whose traffic is observed; account endpoints are called at the first.
   * `'*'` observes every URL. Default `https://api.aimlapi.com`.
   */
  readonly baseUrls?: string | readonly string[] | undefined
  /** Polling of the account's balance. Default on, every minute. */
  readonly balance?: boolean | 0 | PollConfig | undefined
  /** Looking up costs that a response did not say. Default on, every minute while something is pending. */
  readonly settlement?: boolean | 0 | SettlementConfig | undefined
  /** Following the account's ledger of charges and top-ups. Default off. */
  readonly ledger?: boolean | 0 | PollConfig | undefined
  /** Spend tags (`withSpendTags`) that become metric attributes; all tags go on spans. Default none. */
  readonly metricTags?: readonly string[] | undefined
  /** Distinct models kept per label, 1 to 100000; later ones are counted under `other`. Default 200. */
  readonly maxModels?: number | undefined
  /** Distinct values kept per spend tag, 1 to 100000; later ones are counted under `other`. Default 100. */
  readonly maxTagValues?: number | undefined
  /** Make HTTP client spans of other instrumentations children of the GenAI span. Default true. */
  readonly nestHttpSpans?: boolean | undefined
  /** Told of every finished call. What it throws, or rejects with, is caught and reported once. */
  readonly onCall?: ((record: CallRecord) => void) | undefined
}
/** Options of `register()`: those of the instrumentation, and where to serve `/metrics`. */
interface RegisterOptions extends AimlapiInstrumentationConfig {
  /** `false`: no Prometheus endpoint. Without effect when the application has a MeterProvider of its own. */
  readonly prometheus?: boolean | PrometheusConfig | undefined
}
//#endregion
//#region src/instrumentation.d.ts
/**
 * OpenTelemetry instrumentation of AI/ML API for people who own a `NodeSDK`:
 * `new NodeSDK({ instrumentations: [new AimlapiInstrumentation()] })`. Observes fetch, undici and node:http
 * calls to the configured base URLs and polls the account, from construction (unless `enabled: false`) until
 * `disable()`. A second live instance in the process stays inert and warns once.
 *
 * @throws ConfigurationError from the constructor and from `enable()` when an option or variable is invalid.
 */
declare class AimlapiInstrumentation extends InstrumentationBase<AimlapiInstrumentationConfig> {
  private connection
  private stopping
  constructor(config?: AimlapiInstrumentationConfig)
  protected init(): undefined
  /** Hooks the traffic and starts polling the account. Does nothing when enabled already. */
  enable(): void
  /** Unhooks at once and stops every timer. `shutdown()` does the same and can be waited for. */
  disable(): void
  setMeterProvider(meterProvider: MeterProvider): void
  /** Resolves when every response that has arrived is counted: call before flushing the metric readers. */
  forceFlush(): Promise<void>
  /** `disable()`, and resolves when what was under way is closed and counted. Never rejects. */
  shutdown(): Promise<void>
}
//#endregion
//#region src/sdk.d.ts
/** What `register()` has started. */
interface Registration {
  /** Live until `shutdown()`, unless another instance of the process was there first. */
  readonly instrumentation: AimlapiInstrumentation
  /** Resolves when every call that has ended is counted and handed to the exporters. Never rejects. */
  forceFlush(): Promise<void>
  /**
   * Undoes everything `register()` did: hooks, timers, listeners, global providers of its own, the exporter.
   * Providers of the application stay, flushed. Never rejects; afterwards `register()` starts anew.
   */
  shutdown(): Promise<void>
}
/**
 * Starts to measure what this process spends on AI/ML API, from now on, also for clients that exist already.
 *
 * When the application has installed a MeterProvider, it is used, and no SDK and no exporter is started. Otherwise a
 * `NodeSDK` is, with a Prometheus endpoint on http://localhost:9464/metrics and whatever the standard OTEL_*
 * variables ask for. It keeps no process alive, and flushes when the event loop runs empty and on SIGTERM and SIGINT.
 *
 * A second call, also through the other module format or another copy of the package, gives the first registration
 * back and warns once.
 *
 * @throws ConfigurationError when an option or environment variable is invalid; nothing has been started then.
 */
declare function register(options?: RegisterOptions): Registration
//#endregion
export {
  type Account,
  AimlapiInstrumentation,
  type AimlapiInstrumentationConfig,
  CREDITS_PER_USD,
  type CallIdentity,
  type CallRecord,
  type EndpointName,
  type MissingReason,
  type PollConfig,
  type PrometheusConfig,
  type RegisterOptions,
  type Registration,
  type RequestParameters,
  type SettlementConfig,
  type TokenDetail,
  type Usage,
  type UsageUnit,
  register,
  withSpendTags,
}
