/** The public types of a call. Types only: nothing here runs. */

export type { OperationName } from './telemetry/operations.ts'

/** The endpoint families of AI/ML API: the values of the attribute `aimlapi.endpoint`. */
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
  | 'decisions'
  | 'tools'
  | 'realtime'
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
export type UsageUnit = 'image' | 'second' | 'character' | 'page' | 'tool_call'

/** Where the usage was read: the response, or afterwards the account's log (`GET /v2/logs`; not what the option `ledger` reads). */
export type UsageSource = 'response' | 'ledger'

/** Why the usage of a call is unknown for good. */
export type MissingReason =
  /** The response was complete and did not have it. */
  | 'absent'
  /** The response broke off. */
  | 'aborted'
  /** The response was not JSON or not a number where one belongs. */
  | 'unparsable'
  /** The response was larger than is read. */
  | 'too_large'
  /** The response was compressed in a way that cannot be undone. */
  | 'undecodable'
  /** It was searched for in the log for a day; or a job was not over when the instrumentation was stopped. */
  | 'expired'
  /** More was searched for than is kept; or it was searched for when the instrumentation was stopped. */
  | 'evicted'

/**
 * The usage of one generation, normalised over all vendors. Every number is finite and not negative; a figure that the
 * API did not report is absent, never 0.
 */
export interface Usage {
  /** Prompt tokens, cached ones included. */
  readonly inputTokens?: number
  /** Completion tokens, reasoning included. */
  readonly outputTokens?: number
  /** Parts of the totals. */
  readonly details?: Readonly<Partial<Record<TokenDetail, number>>>
  /** Images, seconds, characters, pages or calls of tools, as literally reported. */
  readonly units?: Readonly<Partial<Record<UsageUnit, number>>>
  /** What the account is charged. 2,000,000 credits are 1 USD. */
  readonly credits?: number
  /** The same charge in US dollars: as reported, else credits / 2,000,000. */
  readonly usd?: number
}

/** The labels of every metric of a call. */
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
  /** `gen_ai.request.previous_response.id` */
  readonly previousResponseId?: string
  /** `gen_ai.request.encoding_formats` */
  readonly encodingFormats?: readonly string[]
  /** `gen_ai.embeddings.dimension.count` */
  readonly dimensionCount?: number
  /** `text`, `json`, `image`, `speech`, or a family's own word (`video`, `music`). */
  readonly outputType?: string
}

/**
 * What `onCall` is given. There is one record for each HTTP attempt that has ended, and one more when the cost of an
 * earlier attempt becomes known, or is given back. To get the bill of an account, add `usage.credits` of all its
 * records and subtract their `refundedCredits`.
 *
 * @example call: a chat completion has ended
 * ```js
 * {
 *   kind: 'call',
 *   operation: 'chat',
 *   endpoint: 'chat',
 *   account: 'default',
 *   tags: { team: 'search' },
 *   serverAddress: 'api.aimlapi.com',
 *   serverPort: 443,
 *   startTimeMs: 1795689005213,
 *   durationMs: 812.5,
 *   stream: false,
 *   parameters: { maxTokens: 100 },
 *   pending: false,
 *   requestModel: 'gpt-4o-mini',
 *   httpStatus: 200,
 *   inferenceId: 'kR3vTz0WcYw8nQmXh2JbL',
 *   responseId: 'chatcmpl-9f2b6c',
 *   responseModel: 'gpt-4o-mini-2024-07-18',
 *   finishReasons: ['stop'],
 *   usage: {
 *     inputTokens: 15,
 *     outputTokens: 46,
 *     details: {
 *       cache_read: 0,
 *       reasoning: 0,
 *       input_audio: 0,
 *       input_image: 0,
 *       output_audio: 0,
 *       output_image: 0,
 *       accepted_prediction: 0,
 *       rejected_prediction: 0,
 *     },
 *     credits: 60,
 *     usd: 0.00003,
 *   },
 * }
 * ```
 *
 * @example settlement: the cost of a broken-off stream is known, whose first record was pending
 * ```js
 * {
 *   kind: 'settlement',
 *   operation: 'chat',
 *   endpoint: 'chat',
 *   account: 'default',
 *   tags: { team: 'support' },
 *   serverAddress: 'api.aimlapi.com',
 *   serverPort: 443,
 *   startTimeMs: 1795689065871,
 *   durationMs: 0,
 *   stream: false,
 *   parameters: {},
 *   pending: false,
 *   requestModel: 'gpt-4o-mini',
 *   responseModel: 'gpt-4o-mini-2024-07-18',
 *   inferenceId: 'Zs9fGq4LpXe1uVdB7tMnC',
 *   usage: { inputTokens: 15, outputTokens: 9, credits: 16, usd: 0.000008 },
 * }
 * ```
 *
 * @example refund: a video job has failed, whose credits were counted when it was created
 * ```js
 * {
 *   kind: 'refund',
 *   operation: 'video_generation',
 *   endpoint: 'video',
 *   account: 'default',
 *   tags: { team: 'search' },
 *   serverAddress: 'api.aimlapi.com',
 *   serverPort: 443,
 *   startTimeMs: 1795689125012,
 *   durationMs: 0,
 *   stream: false,
 *   parameters: {},
 *   pending: false,
 *   requestModel: 'alibaba/wan-2-6-t2v',
 *   inferenceId: 'yH6wJx2KaRb5oTfE8cPiN',
 *   refundedCredits: 1000000,
 * }
 * ```
 */
export interface CallRecord extends CallIdentity {
  /**
   * `call`: an HTTP attempt has ended. `settlement`: the `usage` of an earlier `pending` call is known now, or is
   * `missing` for good. `refund`: credits that were counted before are not charged, `refundedCredits` of them: their job has
   * failed, or two generations that were both counted have proved to be one.
   * Records of the last two kinds have the labels and ids of their call. They start when the cost or the failure
   * became known, and have no duration, no status and no request parameters.
   */
  readonly kind: 'call' | 'settlement' | 'refund'
  /** Host name of the base URL. */
  readonly serverAddress: string
  /** 443 or 80 where the URL says none. */
  readonly serverPort: number
  /** Milliseconds since the epoch; of responses of a realtime session with fractions. */
  readonly startTimeMs: number
  /** From the request to the last byte that was read of the response (or its failure), in milliseconds. */
  readonly durationMs: number
  /** Streaming only: from the request to the first byte of the body, in milliseconds. */
  readonly timeToFirstChunkMs?: number
  /** The request asked for a stream, or the response was one. */
  readonly stream: boolean
  /** What the request set, as far as the GenAI conventions name it. */
  readonly parameters: RequestParameters
  /** Absent when no response came. */
  readonly httpStatus?: number
  /** Absent on success, else one of the values of https://github.com/aimlapi/opentelemetry-instrumentation-aimlapi/blob/main/docs/spans.md#errortype */
  readonly errorType?: string
  /** The client's own retry counter (`x-stainless-retry-count`), 0 for a first attempt. */
  readonly retryCount?: number
  /** `x-inference-id`, or the generation id of an asynchronous job. */
  readonly inferenceId?: string
  /** `x-client-request-id` of the response, else the application's own. */
  readonly clientRequestId?: string
  /** The id in the body (`chatcmpl-…`); not the inference id. */
  readonly responseId?: string
  /** The model as the response names it, often with a date or vendor; for a routed call the one that was chosen. */
  readonly responseModel?: string
  /** The model that a router chose, where the API names it. */
  readonly routedModel?: string
  /** The provider that served the response (`meta.provider`, `x-aimlapi-provider`), where the API names it. */
  readonly provider?: string
  /** Realtime sessions only: the code of the WebSocket's close frame. */
  readonly closeCode?: number
  /** The thread that a run of an assistant belongs to; the id of a realtime session. */
  readonly conversationId?: string
  /** `stop`, `length`, …, one per choice. */
  readonly finishReasons?: readonly string[]
  /** Newly counted with this record. A poll of a generation that was counted already has none. */
  readonly usage?: Usage
  /** Cost or tokens are not known yet: a record of kind `settlement`, or that of a poll, will have them. */
  readonly pending: boolean
  /** Cost or tokens will never be known, and why. */
  readonly missing?: MissingReason
  /** Kind `refund` only: credits of earlier records that are not charged. */
  readonly refundedCredits?: number
}
