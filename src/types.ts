/** Shapes that more than one room needs. Types only: nothing here runs. */
import type { Context, SpanContext } from '@opentelemetry/api'

/** The endpoint families of AI/ML API, as they stand in the attribute `aimlapi.endpoint`. */
export type EndpointName =
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
export type TokenDetail =
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
export type UsageUnit = 'image' | 'second' | 'character' | 'page'

/** Who said it: the response itself, or the account's log (`GET /v2/logs`) afterwards. */
export type UsageSource = 'response' | 'ledger'

/** Why the usage of a call is unknown for good. */
export type MissingReason =
  | 'absent'
  | 'aborted'
  | 'unparsable'
  | 'too_large'
  | 'undecodable'
  | 'expired'
  | 'evicted'

/**
 * What one generation used, normalised over all vendors. Every number is finite and not negative;
 * a field that the API did not say is absent, never 0.
 */
export interface Usage {
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
export interface CallIdentity {
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

/** A CallIdentity with what else is known of where the usage was measured: the `gen_ai.*` metrics are split by it. */
export interface UsageIdentity extends CallIdentity {
  readonly serverAddress?: string
  readonly serverPort?: number
  readonly responseModel?: string
}

/** Request parameters that the GenAI conventions recommend on spans. No content of prompts. */
export interface RequestParameters {
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

/** What is known of a call before its first byte goes out. */
export interface CallStart {
  readonly operation: string
  readonly endpoint: EndpointName
  readonly account: string
  readonly tags: Readonly<Record<string, string>>
  /** Known early only where it stands in the URL (Azure style paths) or belongs to an earlier create call. */
  readonly requestModel?: string
  readonly serverAddress: string
  readonly serverPort: number
  /** Milliseconds since the epoch, with fractions. */
  readonly startTimeMs: number
}

/** What one finished call was. Given to `onCall`, and all that the telemetry sees of it. */
export interface CallRecord extends CallIdentity {
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

/** One account as the gauges show it: the last good answers. A field never answered is absent. */
export interface AccountSnapshot {
  readonly account: string
  readonly balanceCredits?: number
  readonly balanceUsd?: number
  readonly balanceLow?: boolean
  readonly lowBalanceThresholdCredits?: number
  /** Seconds since the epoch of the last good balance answer. */
  readonly updatedTimestampSeconds?: number
  readonly autoTopUpEnabled?: boolean
  readonly autoTopUpThresholdUsd?: number
  readonly autoTopUpAmountUsd?: number
  readonly keyLimitUsd?: number
  readonly keyUsageUsd?: number
  /** `no_reset`, `day`, `week` or `month`: the period of the key's limit. */
  readonly keyRetention?: string
}

/** The kinds of request that the account room sends. */
export type AccountPoll = 'balance' | 'key' | 'settlement' | 'ledger' | 'usage' | 'catalogue'

/**
 * Where finished calls go. Implemented by the telemetry room, called by the calls room. No method throws:
 * what a host's span processor, exporter or reader throws is caught behind it.
 */
export interface CallSink {
  /** Where the code that runs now stands in its trace. Taken when a call begins, for `start`. */
  caller(): Context
  /** Begins the span, at `startTimeMs`: with the call, or as late as its end where nobody needs it before. */
  start(start: CallStart, caller: Context): ActiveCall
  /** Streaming: the times between chunks, in milliseconds. Chunks that arrived together are one. */
  chunkIntervals(identity: StreamIdentity, intervalsMs: readonly number[]): void
  /** Counts usage: from the response when a call ends, or later from a poll or the ledger. */
  usage(identity: UsageIdentity, usage: Usage, source: UsageSource): void
  missing(identity: CallIdentity, reason: MissingReason): void
  refunded(identity: CallIdentity, credits: number): void
  /** Records what settlement found as a span `settle {model}`, linked to the call's own. Does not count it. */
  settled(
    identity: CallIdentity,
    usage: Usage,
    inferenceId: string | undefined,
    call: SpanContext | undefined,
  ): void
}

/** What is known of a stream while its chunks are still coming. */
export type StreamIdentity = Pick<CallRecord, 'operation' | 'requestModel' | 'serverAddress' | 'serverPort'>

/** One call between its start and its end. */
export interface ActiveCall {
  /** What later spans link to. */
  readonly spanContext: SpanContext | undefined
  /** Runs `fn` once, synchronously, with the call's span active. */
  within(fn: () => void): void
  /** Ends the span at `startTimeMs + durationMs`, counts the request and its duration. Usage is counted apart. */
  finish(record: CallRecord, linkTo?: SpanContext): void
}
