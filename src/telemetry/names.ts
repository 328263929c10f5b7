/**
 * Every telemetry name, unit, description and bucket: instruments, dashboards, rules and tables come from this file.
 *
 * Own metrics carry the unit's word in the name and an annotation unit (`{credit}`), so that the Prometheus exporter and
 * the OTLP → Prometheus translation spell the same series. The `gen_ai.*` names follow the OpenTelemetry GenAI
 * conventions: 1.41, or the rewritten ones (2026-08) with `OTEL_SEMCONV_STABILITY_OPT_IN=gen_ai_latest_experimental`.
 */
import type { RequestParameters } from '../types.ts'

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

/** Attributes for the parameters of a request. */
export const PARAMETER: Readonly<Record<keyof RequestParameters, string>> = {
  maxTokens: 'gen_ai.request.max_tokens',
  temperature: 'gen_ai.request.temperature',
  topP: 'gen_ai.request.top_p',
  topK: 'gen_ai.request.top_k',
  frequencyPenalty: 'gen_ai.request.frequency_penalty',
  presencePenalty: 'gen_ai.request.presence_penalty',
  seed: 'gen_ai.request.seed',
  choiceCount: 'gen_ai.request.choice.count',
  stopSequences: 'gen_ai.request.stop_sequences',
  reasoningLevel: 'gen_ai.request.reasoning.level',
  previousResponseId: 'gen_ai.request.previous_response.id',
  encodingFormats: 'gen_ai.request.encoding_formats',
  dimensionCount: 'gen_ai.embeddings.dimension.count',
  outputType: 'gen_ai.output.type',
}

/** Spend tags become `aimlapi.tag.<name>`. */
export const TAG_PREFIX = 'aimlapi.tag.'
export const PROVIDER = 'aimlapi'
/** Replaces every label value past its cap. */
export const OVERFLOW_VALUE = 'other'

/** Of histograms, by unit; GenAI conventions 1.41. */
const BUCKETS = {
  s: [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92],
  '{token}': [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864],
}

/** A metric as the documentation, the SDK and the dashboards need it. */
export interface MetricDefinition {
  readonly name: string
  readonly unit: string
  readonly kind: 'counter' | 'histogram' | 'gauge'
  readonly description: string
  readonly attributes: readonly string[]
  /** Of a histogram. */
  readonly buckets?: number[]
}

type Names = readonly string[]
type Text = Pick<MetricDefinition, 'description'>

function counter(name: string, unit: string, attributes: Names, text: Text): MetricDefinition {
  return { name, unit, kind: 'counter', attributes, ...text }
}

function gauge(name: string, unit: string, attributes: Names, text: Text): MetricDefinition {
  return { name, unit, kind: 'gauge', attributes, ...text }
}

function histogram(name: string, unit: 's' | '{token}', attributes: Names, text: Text): MetricDefinition {
  return { name, unit, kind: 'histogram', buckets: BUCKETS[unit], attributes, ...text }
}

const A = ATTRIBUTE
const CALL = [A.operation, A.requestModel, A.endpoint, A.account]
const ROUTED = [...CALL, A.routedModel]
const ACCOUNT = [A.account]
const CHARGE = [A.account, A.requestModel, A.ledgerType]
const KEY_USAGE = [A.account, A.key, A.requestModel]
const PRICE = [A.requestModel, A.tokenType, A.tokenDetail]
const GEN_AI = [A.operation, A.provider, A.requestModel, A.responseModel, A.serverAddress, A.serverPort]
/** Of tokens: the rewritten conventions split them by modality. */
const SPLIT = [...GEN_AI, A.tokenModality]
/** Without the response's model: it is not known while chunks still arrive. */
const GEN_AI_CHUNK = [A.operation, A.provider, A.requestModel, A.serverAddress, A.serverPort]

/** Metrics of calls, in the library's own namespace: the same in every mode. */
export const CALL_METRICS = {
  requests: counter('aimlapi.requests', '{request}', [...CALL, A.errorType], {
    description: 'HTTP attempts to AI/ML API that have ended, with success or failure.',
  }),
  tokens: counter('aimlapi.tokens', '{token}', [...ROUTED, A.tokenType, A.usageSource], {
    description: 'Tokens used. Input includes cached tokens, output includes reasoning.',
  }),
  tokenDetails: counter('aimlapi.tokens.details', '{token}', [...ROUTED, A.tokenDetail, A.usageSource], {
    description: 'Parts of the tokens (cached, reasoning, audio, …). They are included in aimlapi.tokens.',
  }),
  creditsUsed: counter('aimlapi.credits.used', '{credit}', [...ROUTED, A.usageSource], {
    description: 'Credits that AI/ML API said it charged. 2,000,000 credits are 1 USD.',
  }),
  costUsd: counter('aimlapi.cost.usd', '{USD}', [...ROUTED, A.usageSource], {
    description: 'The same charge in US dollars, before refunds.',
  }),
  creditsRefunded: counter('aimlapi.credits.refunded', '{credit}', CALL, {
    description:
      'Credits that were counted and are not charged: of jobs that failed later, and what was counted twice.',
  }),
  units: counter('aimlapi.units', '{unit}', [...CALL, A.unit], {
    description: 'Images, seconds, characters, pages or tool calls, as the API states them.',
  }),
  sessionSeconds: counter('aimlapi.session.duration.seconds', 's', CALL, {
    description: 'Seconds for which realtime sessions were connected, counted while they last.',
  }),
  usageMissing: counter('aimlapi.usage.missing', '{request}', [...CALL, A.missingReason], {
    description: 'Calls whose cost or tokens will never be known, by reason.',
  }),
}

/** All in the library's own namespace: those of calls, and of the account. */
export const METRICS = {
  ...CALL_METRICS,
  usagePending: gauge('aimlapi.usage.pending', '{request}', ACCOUNT, {
    description: 'Calls whose cost is still being looked up in the account log.',
  }),
  balanceCredits: gauge('aimlapi.balance.credits', '{credit}', ACCOUNT, {
    description: 'Balance of the account.',
  }),
  balanceUsd: gauge('aimlapi.balance.usd', '{USD}', ACCOUNT, {
    description: 'Balance of the account.',
  }),
  balanceLow: gauge('aimlapi.balance.low', '', ACCOUNT, {
    description: '1 when the account itself says that its balance is low, else 0.',
  }),
  balanceLowThreshold: gauge('aimlapi.balance.low.threshold.credits', '{credit}', ACCOUNT, {
    description: 'The balance below which the account calls itself low.',
  }),
  balanceUpdated: gauge('aimlapi.balance.updated.timestamp.seconds', 's', ACCOUNT, {
    description: 'When the balance was last read, in seconds since the epoch.',
  }),
  autoTopUpEnabled: gauge('aimlapi.autotopup.enabled', '', ACCOUNT, {
    description: '1 when the account tops itself up, else 0.',
  }),
  autoTopUpThreshold: gauge('aimlapi.autotopup.threshold.usd', '{USD}', ACCOUNT, {
    description: 'The balance below which the account tops itself up.',
  }),
  autoTopUpAmount: gauge('aimlapi.autotopup.amount.usd', '{USD}', ACCOUNT, {
    description: 'The amount that an automatic top-up adds.',
  }),
  keyLimit: gauge('aimlapi.key.limit.usd', '{USD}', [A.account, A.key, A.retention], {
    description: 'Spending limit of the key, for the period in the label retention.',
  }),
  keyUsage: gauge('aimlapi.key.usage.usd', '{USD}', [A.account, A.key, A.retention], {
    description: 'What the key spent in the period of its limit, or this month if it has no limit.',
  }),
  keyDisabled: gauge('aimlapi.key.disabled', '', [A.account, A.key, A.retention], {
    description: '1 when the key is disabled, else 0.',
  }),
  accountCharged: counter('aimlapi.account.charged.credits', '{credit}', ACCOUNT, {
    description:
      'What the account was charged since the start of this process: credits added, minus the change of the balance.',
  }),
  accountUsageUsd: counter('aimlapi.account.usage.usd', '{USD}', KEY_USAGE, {
    description: 'What each key spent since the start of this process, by any program.',
  }),
  accountUsageTokens: counter('aimlapi.account.usage.tokens', '{token}', [...KEY_USAGE, A.tokenType], {
    description: 'Tokens of each key since the start of this process.',
  }),
  accountUsageRequests: counter('aimlapi.account.usage.requests', '{request}', [...KEY_USAGE, A.outcome], {
    description: 'Requests with each key since the start of this process.',
  }),
  accountSpend: gauge('aimlapi.account.spend.usd', '{USD}', [...KEY_USAGE, A.period], {
    description: 'What each key spent today and this month (UTC), as the API says it.',
  }),
  modelTokenPrice: gauge('aimlapi.model.token.price.usd', '{USD}', PRICE, {
    description: 'Price of one token of a model in use, if the catalogue has a fixed price.',
  }),
  modelShutdown: gauge('aimlapi.model.shutdown.timestamp.seconds', 's', [A.requestModel], {
    description: 'When a model in use will be shut down (00:00 UTC), in seconds since the epoch.',
  }),
  budget: gauge('aimlapi.budget.usd', '{USD}', [A.account, `${TAG_PREFIX}<name>`, A.period], {
    description: 'Budget of an account, or of a value of a spend tag, for a day or a month.',
  }),
  processStart: gauge('aimlapi.process.start.timestamp.seconds', 's', [], {
    description: 'When the counters of this process began at 0, in seconds since the epoch.',
  }),
  timeZoneOffset: gauge('aimlapi.time.zone.offset.seconds', 's', [], {
    description:
      'Offset of the time zone of the exporter (variable TZ) from UTC, now. Counted days end at midnight of this zone.',
  }),
  accountPolls: counter('aimlapi.account.polls', '{poll}', [A.account, A.poll, A.errorType], {
    description: 'Requests of this package to account endpoints.',
  }),
  ledgerCharged: counter('aimlapi.ledger.charged.credits', '{credit}', CHARGE, {
    description: 'Charges in the account ledger since the start of this process.',
  }),
  ledgerTopUp: counter('aimlapi.ledger.topup.credits', '{credit}', [A.account, A.ledgerType], {
    description: 'Top-ups in the account ledger since the start of this process.',
  }),
  ledgerLag: gauge('aimlapi.ledger.lag.seconds', 's', ACCOUNT, {
    description: 'How far the reading of the ledger is behind: older charges than this have been read.',
  }),
}

/** GenAI client metrics of the conventions up to 1.41: the default. */
export const GEN_AI_METRICS = {
  tokenUsage: histogram('gen_ai.client.token.usage', '{token}', [...GEN_AI, A.tokenType], {
    description: 'Number of input and output tokens used.',
  }),
  operationDuration: histogram('gen_ai.client.operation.duration', 's', [...GEN_AI, A.errorType], {
    description: 'GenAI operation duration.',
  }),
  timeToFirstChunk: histogram('gen_ai.client.operation.time_to_first_chunk', 's', GEN_AI, {
    description: 'Time from the request to the first chunk of a streamed response.',
  }),
  timePerOutputChunk: histogram('gen_ai.client.operation.time_per_output_chunk', 's', GEN_AI_CHUNK, {
    description: 'Time between the chunks of a streamed response after the first.',
  }),
}

/** The rewritten GenAI client metrics, emitted instead with `gen_ai_latest_experimental`. */
export const GEN_AI_LATEST_METRICS = {
  inferenceDuration: histogram('gen_ai.client.inference.duration', 's', [...GEN_AI, A.errorType], {
    description: 'GenAI inference duration.',
  }),
  operationDuration: histogram('gen_ai.client.operation.duration', 's', [...GEN_AI, A.errorType], {
    description: 'Duration of GenAI operations other than inference.',
  }),
  timeToFirstChunk: histogram('gen_ai.client.inference.time_to_first_chunk', 's', GEN_AI, {
    description: 'Time from the request to the first chunk of a streamed response.',
  }),
  timePerOutputChunk: histogram('gen_ai.client.inference.time_per_output_chunk', 's', GEN_AI_CHUNK, {
    description: 'Time between the chunks of a streamed response after the first.',
  }),
  inputTokens: counter('gen_ai.client.inference.usage.input_tokens', '{token}', SPLIT, {
    description: 'Input tokens used, cached ones included.',
  }),
  outputTokens: counter('gen_ai.client.inference.usage.output_tokens', '{token}', SPLIT, {
    description: 'Output tokens used, reasoning included.',
  }),
  cacheReadInputTokens: counter('gen_ai.client.inference.usage.cache_read.input_tokens', '{token}', SPLIT, {
    description: 'Input tokens read from a cache; inside the input tokens.',
  }),
  cacheWriteInputTokens: counter('gen_ai.client.inference.usage.cache_write.input_tokens', '{token}', SPLIT, {
    description: 'Input tokens written to a cache; inside the input tokens.',
  }),
  reasoningOutputTokens: counter('gen_ai.client.inference.usage.reasoning.output_tokens', '{token}', SPLIT, {
    description: 'Output tokens spent on reasoning; inside the output tokens.',
  }),
  operationInputTokens: histogram('gen_ai.client.inference.operation.input_tokens', '{token}', GEN_AI, {
    description: 'Input tokens per operation.',
  }),
  operationOutputTokens: histogram('gen_ai.client.inference.operation.output_tokens', '{token}', GEN_AI, {
    description: 'Output tokens per operation.',
  }),
}

/** The label name that the Prometheus exporter gives an attribute: every other character becomes `_`. */
export function prometheusLabel(attribute: string): string {
  return attribute.replace(/[^A-Za-z0-9_]+/g, '_')
}
