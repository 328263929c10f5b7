/** The attributes of spans. No message of an error, no content, no URL. */
import type { Attributes } from '@opentelemetry/api'
import type { CallStart } from '../ports.ts'
import type { CallIdentity, CallRecord, RequestParameters, Usage } from '../types.ts'
import { cleanModel, cleanText, cleanWord } from './cardinality.ts'
import { splitByModality, type Modality } from './modality.ts'
import { ATTRIBUTE as A, OVERFLOW_VALUE, PARAMETER, PROVIDER, TAG_PREFIX } from './names.ts'

const MS_PER_SECOND = 1000

const MAX_SHOWN_MODELS = 500
/** A cache: a call needs its model four times, and matching a Unicode pattern is slower than a look-up. */
const shownModels = new Map<string, string>()

/** A model as a span may show it; `other` for text that cannot be a model's name. */
function spanModel(model: string | undefined): string | undefined {
  if (model === undefined) return undefined
  let shown = shownModels.get(model)
  if (shown === undefined) {
    shown = cleanModel(model) ?? OVERFLOW_VALUE
    if (shownModels.size >= MAX_SHOWN_MODELS) shownModels.clear()
    shownModels.set(model, shown)
  }
  return shown
}

export function spanName(operation: string, model: string | undefined): string {
  const shown = spanModel(model)
  return shown === undefined ? operation : `${operation} ${shown}`
}

/** Attributes at the start of a span: samplers can use them. */
export function startAttributes(start: CallStart): Attributes {
  const attributes = identityAttributes(start)
  attributes[A.serverAddress] = start.serverAddress
  attributes[A.serverPort] = start.serverPort
  return attributes
}

/** Attributes that were unknown at the start, or have changed since. */
export function finishAttributes(record: CallRecord, latestConventions: boolean): Attributes {
  const { operation, endpoint, account } = record
  const attributes: Attributes = { [A.operation]: operation, [A.endpoint]: endpoint, [A.account]: account }
  put(attributes, A.requestModel, spanModel(record.requestModel))
  if (record.stream) attributes[A.requestStream] = true
  putParameters(attributes, record.parameters)
  put(attributes, A.responseId, record.responseId)
  put(attributes, A.responseModel, spanModel(record.responseModel))
  put(attributes, A.upstreamProvider, record.provider === undefined ? undefined : cleanWord(record.provider))
  put(attributes, A.finishReasons, record.finishReasons as string[] | undefined)
  if (latestConventions) putLatest(attributes, record)
  if (record.timeToFirstChunkMs !== undefined)
    attributes[A.timeToFirstChunk] = record.timeToFirstChunkMs / MS_PER_SECOND
  put(attributes, A.httpStatus, record.httpStatus)
  if (record.retryCount !== undefined && record.retryCount > 0)
    attributes[A.httpResendCount] = record.retryCount
  put(attributes, A.inferenceId, record.inferenceId)
  put(attributes, A.clientRequestId, record.clientRequestId)
  put(attributes, A.conversationId, record.conversationId)
  put(attributes, A.closeCode, record.closeCode)
  put(attributes, A.usageMissing, record.missing)
  if (record.errorType !== undefined) attributes[A.errorType] = cleanWord(record.errorType) ?? '_OTHER'
  if (record.usage !== undefined) {
    attributes[A.usageSource] = 'response'
    putUsage(attributes, record.usage, record.operation, latestConventions)
  }
  return attributes
}

/** Attributes of the span `settle`: figures that came after the call. */
export function settlementAttributes(
  identity: CallIdentity,
  usage: Usage,
  inferenceId: string | undefined,
  latestConventions: boolean,
): Attributes {
  const attributes = identityAttributes({ ...identity, operation: 'settle' })
  put(attributes, A.inferenceId, inferenceId)
  attributes[A.usageSource] = 'ledger'
  putUsage(attributes, usage, identity.operation, latestConventions)
  return attributes
}

function identityAttributes(identity: CallIdentity): Attributes {
  const attributes: Attributes = {
    [A.operation]: identity.operation,
    [A.provider]: PROVIDER,
    [A.endpoint]: identity.endpoint,
    [A.account]: identity.account,
  }
  put(attributes, A.requestModel, spanModel(identity.requestModel))
  const { tags } = identity
  for (const name of Object.keys(tags)) put(attributes, TAG_PREFIX + name, cleanText(tags[name] ?? ''))
  return attributes
}

function putParameters(attributes: Attributes, parameters: RequestParameters): void {
  for (const name of Object.keys(parameters) as (keyof RequestParameters)[]) {
    // By the conventions, the number of choices is set only when it is not 1.
    if (name === 'choiceCount' && parameters.choiceCount === 1) continue
    // Only the rewritten conventions have it: see `putLatest`.
    if (name === 'previousResponseId') continue
    put(attributes, PARAMETER[name], parameters[name] as Value)
  }
}

/** Attributes that only the rewritten conventions have. */
function putLatest(attributes: Attributes, record: CallRecord): void {
  put(attributes, PARAMETER.previousResponseId, record.parameters.previousResponseId)
  const { finishReasons = [], parameters } = record
  const cutOff = (parameters.choiceCount ?? 1) - finishReasons.length
  if (!record.stream || record.errorType === undefined || cutOff <= 0) return
  attributes[A.finishReasons] = [...finishReasons, ...Array.from({ length: cutOff }, () => 'error')]
}

function putUsage(attributes: Attributes, usage: Usage, operation: string, latestConventions: boolean): void {
  const { details, inputTokens, outputTokens, usd } = usage
  put(attributes, A.usageInputTokens, inputTokens)
  put(attributes, A.usageOutputTokens, outputTokens)
  put(attributes, A.creditsUsed, usage.credits)
  put(attributes, A.costUsd, usd)
  if (!latestConventions) {
    put(attributes, A.usageCacheReadInputTokens, details?.cache_read)
    put(attributes, A.usageCacheCreationInputTokens, details?.cache_write)
    put(attributes, A.usageReasoningOutputTokens, details?.reasoning)
    return
  }
  putCount(attributes, A.usageCacheReadInputTokens, details?.cache_read)
  putCount(attributes, A.usageCacheWriteInputTokens, details?.cache_write)
  putCount(attributes, A.usageReasoningOutputTokens, details?.reasoning)
  putModalities(attributes, 'input', inputTokens, details, operation)
  putModalities(attributes, 'output', outputTokens, details, operation)
  if (usd !== undefined) {
    attributes[A.usageCostAmount] = usd
    attributes[A.usageCostCurrency] = 'USD'
    attributes[A.usageCostSource] = 'provider'
  }
}

const MODALITIES: Readonly<Record<'input' | 'output', Readonly<Partial<Record<Modality, string>>>>> = {
  input: { text: A.usageTextInputTokens, image: A.usageImageInputTokens, audio: A.usageAudioInputTokens },
  output: { text: A.usageTextOutputTokens, image: A.usageImageOutputTokens, audio: A.usageAudioOutputTokens },
}

function putModalities(
  attributes: Attributes,
  direction: 'input' | 'output',
  total: number | undefined,
  details: Usage['details'],
  operation: string,
): void {
  if (total === undefined) return
  for (const [modality, tokens] of splitByModality(direction, total, details, operation)) {
    const name = MODALITIES[direction][modality]
    if (name !== undefined) putCount(attributes, name, tokens)
  }
}

/** The rewritten conventions leave out what is 0. */
function putCount(attributes: Attributes, name: string, count: number | undefined): void {
  if (count !== undefined && count > 0) attributes[name] = count
}

type Value = string | number | string[] | undefined

function put(attributes: Attributes, name: string, value: Value): void {
  if (value !== undefined) attributes[name] = value
}
