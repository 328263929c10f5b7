/**
 * Every telemetry name, unit, description and bucket. Instruments, dashboards, rules and the tables of the documentation
 * are generated from this file.
 *
 * Own metrics carry the unit's word in the name and an annotation unit (`{credit}`), so that the Prometheus
 * exporter and the OTLP → Prometheus translation spell the same series. The `gen_ai.*` names follow the
 * OpenTelemetry GenAI conventions: 1.41 by default, the rewritten ones (semantic-conventions-genai, 2026-08)
 * with `OTEL_SEMCONV_STABILITY_OPT_IN=gen_ai_latest_experimental`.
 */

export const SCOPE_NAME = 'opentelemetry-instrumentation-aimlapi'

/** Attribute names, own and borrowed. */
export const ATTRIBUTE = {
  operation: 'gen_ai.operation.name',
  provider: 'gen_ai.provider.name',
  requestModel: 'gen_ai.request.model',
  responseModel: 'gen_ai.response.model',
  responseId: 'gen_ai.response.id',
  finishReasons: 'gen_ai.response.finish_reasons',
  timeToFirstChunk: 'gen_ai.response.time_to_first_chunk',
  requestStream: 'gen_ai.request.stream',
  requestMaxTokens: 'gen_ai.request.max_tokens',
  requestTemperature: 'gen_ai.request.temperature',
  requestTopP: 'gen_ai.request.top_p',
  requestTopK: 'gen_ai.request.top_k',
  requestFrequencyPenalty: 'gen_ai.request.frequency_penalty',
  requestPresencePenalty: 'gen_ai.request.presence_penalty',
  requestSeed: 'gen_ai.request.seed',
  requestChoiceCount: 'gen_ai.request.choice.count',
  requestStopSequences: 'gen_ai.request.stop_sequences',
  requestReasoningLevel: 'gen_ai.request.reasoning.level',
  requestPreviousResponseId: 'gen_ai.request.previous_response.id',
  requestEncodingFormats: 'gen_ai.request.encoding_formats',
  embeddingsDimensionCount: 'gen_ai.embeddings.dimension.count',
  outputType: 'gen_ai.output.type',
  conversationId: 'gen_ai.conversation.id',
  tokenType: 'gen_ai.token.type',
  tokenModality: 'gen_ai.token.modality',
  usageInputTokens: 'gen_ai.usage.input_tokens',
  usageOutputTokens: 'gen_ai.usage.output_tokens',
  usageCacheReadInputTokens: 'gen_ai.usage.cache_read.input_tokens',
  /** Conventions up to 1.41. */
  usageCacheCreationInputTokens: 'gen_ai.usage.cache_creation.input_tokens',
  /** The same in the rewritten conventions. */
  usageCacheWriteInputTokens: 'gen_ai.usage.cache_write.input_tokens',
  usageReasoningOutputTokens: 'gen_ai.usage.reasoning.output_tokens',
  usageCostAmount: 'gen_ai.usage.cost.amount',
  usageCostCurrency: 'gen_ai.usage.cost.currency',
  usageCostSource: 'gen_ai.usage.cost.source',
  errorType: 'error.type',
  serverAddress: 'server.address',
  serverPort: 'server.port',
  httpStatus: 'http.response.status_code',
  httpResendCount: 'http.request.resend_count',
  closeCode: 'aimlapi.session.close_code',
  usageTextInputTokens: 'gen_ai.usage.text.input_tokens',
  usageImageInputTokens: 'gen_ai.usage.image.input_tokens',
  usageAudioInputTokens: 'gen_ai.usage.audio.input_tokens',
  usageTextOutputTokens: 'gen_ai.usage.text.output_tokens',
  usageImageOutputTokens: 'gen_ai.usage.image.output_tokens',
  usageAudioOutputTokens: 'gen_ai.usage.audio.output_tokens',
  endpoint: 'aimlapi.endpoint',
  /** The model that a router chose. */
  routedModel: 'aimlapi.routed.model',
  /** The provider of the model, by the API. `gen_ai.provider.name` is the API that was called. */
  upstreamProvider: 'aimlapi.provider',
  account: 'aimlapi.account',
  inferenceId: 'aimlapi.inference.id',
  clientRequestId: 'aimlapi.client_request_id',
  creditsUsed: 'aimlapi.credits.used',
  costUsd: 'aimlapi.cost.usd',
  usageSource: 'aimlapi.usage.source',
  usageMissing: 'aimlapi.usage.missing',
  tokenDetail: 'aimlapi.token.detail',
  unit: 'aimlapi.unit',
  missingReason: 'reason',
  poll: 'aimlapi.poll',
  /** The public handle of an API key: its first 8 characters. */
  key: 'aimlapi.key',
  retention: 'retention',
  outcome: 'aimlapi.outcome',
  period: 'aimlapi.period',
  ledgerType: 'aimlapi.ledger.type',
} as const

/** Spend tags become `aimlapi.tag.<name>`. */
export const TAG_PREFIX = 'aimlapi.tag.'
export const PROVIDER = 'aimlapi'
/** Replaces every label value past its cap. */
export const OVERFLOW_VALUE = 'other'

/** Seconds; GenAI conventions 1.41. */
export const DURATION_BUCKETS_SECONDS: number[] = [
  0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
]
/** Tokens; GenAI conventions 1.41. */
export const TOKEN_BUCKETS: number[] = [
  1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864,
]

export type InstrumentKind = 'counter' | 'histogram' | 'gauge' | 'updown'

export interface MetricDefinition {
  readonly name: string
  readonly unit: string
  readonly kind: InstrumentKind
  readonly description: string
  readonly attributes: readonly string[]
  readonly buckets?: number[]
}

const A = ATTRIBUTE
const CALL = [A.operation, A.requestModel, A.endpoint, A.account] as const
const ACCOUNT = [A.account] as const
const ACCOUNT_USAGE = [A.account, A.key, A.requestModel] as const
const GEN_AI = [
  A.operation,
  A.provider,
  A.requestModel,
  A.responseModel,
  A.serverAddress,
  A.serverPort,
] as const
/** Without the response's model: it is not known while chunks still arrive. */
const GEN_AI_CHUNK = [A.operation, A.provider, A.requestModel, A.serverAddress, A.serverPort] as const

/** Metrics of calls and of the account, in the library's own namespace: the same in every mode. */
export const METRICS = {
  requests: {
    name: 'aimlapi.requests',
    unit: '{request}',
    kind: 'counter',
    description: 'HTTP attempts to AI/ML API that have ended, with success or failure.',
    attributes: [...CALL, A.errorType],
  },
  tokens: {
    name: 'aimlapi.tokens',
    unit: '{token}',
    kind: 'counter',
    description: 'Tokens used. Input includes cached tokens, output includes reasoning.',
    attributes: [...CALL, A.routedModel, A.tokenType, A.usageSource],
  },
  tokenDetails: {
    name: 'aimlapi.tokens.details',
    unit: '{token}',
    kind: 'counter',
    description: 'Parts of the tokens (cached, reasoning, audio, …). They are included in aimlapi.tokens.',
    attributes: [...CALL, A.routedModel, A.tokenDetail, A.usageSource],
  },
  creditsUsed: {
    name: 'aimlapi.credits.used',
    unit: '{credit}',
    kind: 'counter',
    description: 'Credits that AI/ML API said it charged. 2,000,000 credits are 1 USD.',
    attributes: [...CALL, A.routedModel, A.usageSource],
  },
  costUsd: {
    name: 'aimlapi.cost.usd',
    unit: '{USD}',
    kind: 'counter',
    description: 'The same charge in US dollars, before refunds.',
    attributes: [...CALL, A.routedModel, A.usageSource],
  },
  creditsRefunded: {
    name: 'aimlapi.credits.refunded',
    unit: '{credit}',
    kind: 'counter',
    description:
      'Credits that were counted and are not charged: of jobs that failed later, and what was counted twice.',
    attributes: CALL,
  },
  units: {
    name: 'aimlapi.units',
    unit: '{unit}',
    kind: 'counter',
    description: 'Images, seconds, characters, pages or tool calls, as the API states them.',
    attributes: [...CALL, A.unit],
  },
  sessionSeconds: {
    name: 'aimlapi.session.duration.seconds',
    unit: 's',
    kind: 'counter',
    description: 'Seconds for which realtime sessions were connected, counted while they last.',
    attributes: CALL,
  },
  usageMissing: {
    name: 'aimlapi.usage.missing',
    unit: '{request}',
    kind: 'counter',
    description: 'Calls whose cost or tokens will never be known, by reason.',
    attributes: [...CALL, A.missingReason],
  },
  usagePending: {
    name: 'aimlapi.usage.pending',
    unit: '{request}',
    kind: 'gauge',
    description: 'Calls whose cost is still being looked up in the account log.',
    attributes: ACCOUNT,
  },
  balanceCredits: {
    name: 'aimlapi.balance.credits',
    unit: '{credit}',
    kind: 'gauge',
    description: 'Balance of the account.',
    attributes: ACCOUNT,
  },
  balanceUsd: {
    name: 'aimlapi.balance.usd',
    unit: '{USD}',
    kind: 'gauge',
    description: 'Balance of the account.',
    attributes: ACCOUNT,
  },
  balanceLow: {
    name: 'aimlapi.balance.low',
    unit: '',
    kind: 'gauge',
    description: '1 when the account itself says that its balance is low, else 0.',
    attributes: ACCOUNT,
  },
  balanceLowThreshold: {
    name: 'aimlapi.balance.low.threshold.credits',
    unit: '{credit}',
    kind: 'gauge',
    description: 'The balance below which the account calls itself low.',
    attributes: ACCOUNT,
  },
  balanceUpdated: {
    name: 'aimlapi.balance.updated.timestamp.seconds',
    unit: 's',
    kind: 'gauge',
    description: 'When the balance was last read, in seconds since the epoch.',
    attributes: ACCOUNT,
  },
  autoTopUpEnabled: {
    name: 'aimlapi.autotopup.enabled',
    unit: '',
    kind: 'gauge',
    description: '1 when the account tops itself up, else 0.',
    attributes: ACCOUNT,
  },
  autoTopUpThreshold: {
    name: 'aimlapi.autotopup.threshold.usd',
    unit: '{USD}',
    kind: 'gauge',
    description: 'The balance below which the account tops itself up.',
    attributes: ACCOUNT,
  },
  autoTopUpAmount: {
    name: 'aimlapi.autotopup.amount.usd',
    unit: '{USD}',
    kind: 'gauge',
    description: 'The amount that an automatic top-up adds.',
    attributes: ACCOUNT,
  },
  keyLimit: {
    name: 'aimlapi.key.limit.usd',
    unit: '{USD}',
    kind: 'gauge',
    description: 'Spending limit of the key, for the period in the label retention.',
    attributes: [A.account, A.key, A.retention],
  },
  keyUsage: {
    name: 'aimlapi.key.usage.usd',
    unit: '{USD}',
    kind: 'gauge',
    description: 'What the key spent in the period of its limit, or this month if it has no limit.',
    attributes: [A.account, A.key, A.retention],
  },
  keyDisabled: {
    name: 'aimlapi.key.disabled',
    unit: '',
    kind: 'gauge',
    description: '1 when the key is disabled, else 0.',
    attributes: [A.account, A.key, A.retention],
  },
  accountCharged: {
    name: 'aimlapi.account.charged.credits',
    unit: '{credit}',
    kind: 'counter',
    description:
      'What the account was charged since the start of this process: credits added, minus the change of the balance.',
    attributes: ACCOUNT,
  },
  accountUsageUsd: {
    name: 'aimlapi.account.usage.usd',
    unit: '{USD}',
    kind: 'counter',
    description: 'What each key spent since the start of this process, by any program.',
    attributes: ACCOUNT_USAGE,
  },
  accountUsageTokens: {
    name: 'aimlapi.account.usage.tokens',
    unit: '{token}',
    kind: 'counter',
    description: 'Tokens of each key since the start of this process.',
    attributes: [...ACCOUNT_USAGE, A.tokenType],
  },
  accountUsageRequests: {
    name: 'aimlapi.account.usage.requests',
    unit: '{request}',
    kind: 'counter',
    description: 'Requests with each key since the start of this process.',
    attributes: [...ACCOUNT_USAGE, A.outcome],
  },
  accountSpend: {
    name: 'aimlapi.account.spend.usd',
    unit: '{USD}',
    kind: 'gauge',
    description: 'What each key spent today and this month (UTC), as the API says it.',
    attributes: [...ACCOUNT_USAGE, A.period],
  },
  modelTokenPrice: {
    name: 'aimlapi.model.token.price.usd',
    unit: '{USD}',
    kind: 'gauge',
    description: 'Price of one token of a model in use, if the catalogue has a fixed price.',
    attributes: [A.requestModel, A.tokenType, A.tokenDetail],
  },
  modelShutdown: {
    name: 'aimlapi.model.shutdown.timestamp.seconds',
    unit: 's',
    kind: 'gauge',
    description: 'When a model in use will be shut down (00:00 UTC), in seconds since the epoch.',
    attributes: [A.requestModel],
  },
  budget: {
    name: 'aimlapi.budget.usd',
    unit: '{USD}',
    kind: 'gauge',
    description: 'Budget of an account, or of a value of a spend tag, for a day or a month.',
    attributes: [A.account, `${TAG_PREFIX}<name>`, A.period],
  },
  processStart: {
    name: 'aimlapi.process.start.timestamp.seconds',
    unit: 's',
    kind: 'gauge',
    description: 'When the counters of this process began at 0, in seconds since the epoch.',
    attributes: [],
  },
  timeZoneOffset: {
    name: 'aimlapi.time.zone.offset.seconds',
    unit: 's',
    kind: 'gauge',
    description:
      'Offset of the time zone of the exporter (variable TZ) from UTC, now. Counted days end at midnight of this zone.',
    attributes: [],
  },
  accountPolls: {
    name: 'aimlapi.account.polls',
    unit: '{poll}',
    kind: 'counter',
    description: 'Requests of this package to account endpoints.',
    attributes: [A.account, A.poll, A.errorType],
  },
  ledgerCharged: {
    name: 'aimlapi.ledger.charged.credits',
    unit: '{credit}',
    kind: 'counter',
    description: 'Charges in the account ledger since the start of this process.',
    attributes: [A.account, A.requestModel, A.ledgerType],
  },
  ledgerTopUp: {
    name: 'aimlapi.ledger.topup.credits',
    unit: '{credit}',
    kind: 'counter',
    description: 'Top-ups in the account ledger since the start of this process.',
    attributes: [A.account, A.ledgerType],
  },
  ledgerLag: {
    name: 'aimlapi.ledger.lag.seconds',
    unit: 's',
    kind: 'gauge',
    description: 'How far the reading of the ledger is behind: older charges than this have been read.',
    attributes: ACCOUNT,
  },
} as const satisfies Record<string, MetricDefinition>

/** GenAI client metrics of the conventions up to 1.41: the default. */
export const GEN_AI_METRICS = {
  tokenUsage: {
    name: 'gen_ai.client.token.usage',
    unit: '{token}',
    kind: 'histogram',
    description: 'Number of input and output tokens used.',
    attributes: [...GEN_AI, A.tokenType],
    buckets: TOKEN_BUCKETS,
  },
  operationDuration: {
    name: 'gen_ai.client.operation.duration',
    unit: 's',
    kind: 'histogram',
    description: 'GenAI operation duration.',
    attributes: [...GEN_AI, A.errorType],
    buckets: DURATION_BUCKETS_SECONDS,
  },
  timeToFirstChunk: {
    name: 'gen_ai.client.operation.time_to_first_chunk',
    unit: 's',
    kind: 'histogram',
    description: 'Time from the request to the first chunk of a streamed response.',
    attributes: GEN_AI,
    buckets: DURATION_BUCKETS_SECONDS,
  },
  timePerOutputChunk: {
    name: 'gen_ai.client.operation.time_per_output_chunk',
    unit: 's',
    kind: 'histogram',
    description: 'Time between the chunks of a streamed response after the first.',
    attributes: GEN_AI_CHUNK,
    buckets: DURATION_BUCKETS_SECONDS,
  },
} as const satisfies Record<string, MetricDefinition>

/** The rewritten GenAI client metrics, emitted instead with `gen_ai_latest_experimental`. */
export const GEN_AI_LATEST_METRICS = {
  inferenceDuration: {
    name: 'gen_ai.client.inference.duration',
    unit: 's',
    kind: 'histogram',
    description: 'GenAI inference duration.',
    attributes: [...GEN_AI, A.errorType],
    buckets: DURATION_BUCKETS_SECONDS,
  },
  operationDuration: {
    name: 'gen_ai.client.operation.duration',
    unit: 's',
    kind: 'histogram',
    description: 'Duration of GenAI operations other than inference.',
    attributes: [...GEN_AI, A.errorType],
    buckets: DURATION_BUCKETS_SECONDS,
  },
  timeToFirstChunk: {
    name: 'gen_ai.client.inference.time_to_first_chunk',
    unit: 's',
    kind: 'histogram',
    description: 'Time from the request to the first chunk of a streamed response.',
    attributes: GEN_AI,
    buckets: DURATION_BUCKETS_SECONDS,
  },
  timePerOutputChunk: {
    name: 'gen_ai.client.inference.time_per_output_chunk',
    unit: 's',
    kind: 'histogram',
    description: 'Time between the chunks of a streamed response after the first.',
    attributes: GEN_AI_CHUNK,
    buckets: DURATION_BUCKETS_SECONDS,
  },
  inputTokens: {
    name: 'gen_ai.client.inference.usage.input_tokens',
    unit: '{token}',
    kind: 'counter',
    description: 'Input tokens used, cached ones included.',
    attributes: [...GEN_AI, A.tokenModality],
  },
  outputTokens: {
    name: 'gen_ai.client.inference.usage.output_tokens',
    unit: '{token}',
    kind: 'counter',
    description: 'Output tokens used, reasoning included.',
    attributes: [...GEN_AI, A.tokenModality],
  },
  cacheReadInputTokens: {
    name: 'gen_ai.client.inference.usage.cache_read.input_tokens',
    unit: '{token}',
    kind: 'counter',
    description: 'Input tokens read from a cache; inside the input tokens.',
    attributes: [...GEN_AI, A.tokenModality],
  },
  cacheWriteInputTokens: {
    name: 'gen_ai.client.inference.usage.cache_write.input_tokens',
    unit: '{token}',
    kind: 'counter',
    description: 'Input tokens written to a cache; inside the input tokens.',
    attributes: [...GEN_AI, A.tokenModality],
  },
  reasoningOutputTokens: {
    name: 'gen_ai.client.inference.usage.reasoning.output_tokens',
    unit: '{token}',
    kind: 'counter',
    description: 'Output tokens spent on reasoning; inside the output tokens.',
    attributes: [...GEN_AI, A.tokenModality],
  },
  operationInputTokens: {
    name: 'gen_ai.client.inference.operation.input_tokens',
    unit: '{token}',
    kind: 'histogram',
    description: 'Input tokens per operation.',
    attributes: GEN_AI,
    buckets: TOKEN_BUCKETS,
  },
  operationOutputTokens: {
    name: 'gen_ai.client.inference.operation.output_tokens',
    unit: '{token}',
    kind: 'histogram',
    description: 'Output tokens per operation.',
    attributes: GEN_AI,
    buckets: TOKEN_BUCKETS,
  },
} as const satisfies Record<string, MetricDefinition>

/** The series name that `@opentelemetry/exporter-prometheus` gives a metric (a histogram's without `_bucket`). */
export function prometheusName(metric: MetricDefinition): string {
  const base = prometheusLabel(metric.name)
  return metric.kind === 'counter' ? `${base}_total` : base
}

/** The label name that the Prometheus exporter gives an attribute: every other character becomes `_`. */
export function prometheusLabel(attribute: string): string {
  return attribute.replace(/[^A-Za-z0-9_]+/g, '_')
}
