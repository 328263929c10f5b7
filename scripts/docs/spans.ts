/** The table of span attributes. Names come from the code; a test compares the table with real spans. */
import { ATTRIBUTE as A, PARAMETER, TAG_PREFIX } from '../../src/telemetry/names.ts'
import { codes, formatTable } from './table.ts'

interface SpanAttributeRow {
  readonly names: readonly string[]
  readonly meaning: string
}

export const SPAN_ATTRIBUTES: readonly SpanAttributeRow[] = [
  {
    names: [A.operation],
    meaning:
      '`chat`, `embeddings`, `image_generation`, …; `fetch_response` for a poll, `realtime_inference` for a response inside a session, `settle` for a cost that came later',
  },
  { names: [A.provider], meaning: '`aimlapi`' },
  {
    names: [A.upstreamProvider],
    meaning: 'the provider of the model, if the API says it (`openai`, `falai`, …)',
  },
  {
    names: [A.requestModel, A.responseModel],
    meaning:
      'the model that was requested, and the model that answered; for a routed call the one that the router chose',
  },
  {
    names: [
      PARAMETER.maxTokens,
      PARAMETER.temperature,
      PARAMETER.topP,
      PARAMETER.topK,
      PARAMETER.frequencyPenalty,
      PARAMETER.presencePenalty,
      PARAMETER.seed,
      PARAMETER.choiceCount,
      PARAMETER.stopSequences,
      PARAMETER.reasoningLevel,
      A.requestStream,
      PARAMETER.encodingFormats,
      PARAMETER.dimensionCount,
      PARAMETER.outputType,
    ],
    meaning: 'parameters that the request has',
  },
  {
    names: [A.responseId, A.finishReasons],
    meaning:
      "the answer's own id, and why it ended; with `gen_ai_latest_experimental` a stream that was cut off ended in `error`",
  },
  { names: [A.timeToFirstChunk], meaning: 'seconds until the first byte of a stream' },
  {
    names: [A.usageInputTokens, A.usageOutputTokens],
    meaning: 'tokens; input includes cached ones, output includes reasoning',
  },
  {
    names: [
      A.usageCacheReadInputTokens,
      A.usageCacheCreationInputTokens,
      A.usageCacheWriteInputTokens,
      A.usageReasoningOutputTokens,
    ],
    meaning: `parts of them; \`${A.usageCacheWriteInputTokens}\` is the newer name of \`${A.usageCacheCreationInputTokens}\`, with \`gen_ai_latest_experimental\``,
  },
  {
    names: [
      A.usageTextInputTokens,
      A.usageImageInputTokens,
      A.usageAudioInputTokens,
      A.usageTextOutputTokens,
      A.usageImageOutputTokens,
      A.usageAudioOutputTokens,
    ],
    meaning: 'tokens by modality, only with `gen_ai_latest_experimental`; a count of 0 is left out',
  },
  {
    names: [PARAMETER.previousResponseId],
    meaning: 'the earlier response that this request continues, only with `gen_ai_latest_experimental`',
  },
  { names: [A.conversationId], meaning: "the thread of an assistant's run, or the realtime session" },
  { names: [A.closeCode], meaning: 'realtime sessions: the close code of the WebSocket' },
  { names: [A.creditsUsed, A.costUsd], meaning: 'what the call was charged' },
  {
    names: [A.usageCostAmount, A.usageCostCurrency, A.usageCostSource],
    meaning:
      'the same, in names that are proposed for the conventions, only with `gen_ai_latest_experimental`',
  },
  { names: [A.usageSource], meaning: '`response`, or `ledger` on a `settle` span' },
  {
    names: [A.usageMissing],
    meaning:
      'why the cost or the tokens will never be known, see [each reason](counting.md#missing-each-reason-and-what-to-do)',
  },
  { names: [A.endpoint, A.account], meaning: 'the family of endpoints, and the account whose key was sent' },
  { names: [`${TAG_PREFIX}<name>`], meaning: '[spend tags](tags.md)' },
  {
    names: [A.inferenceId, A.clientRequestId],
    meaning:
      "the API's id of the call, with which the account's log can be searched; and your own id, if you send `x-client-request-id`",
  },
  { names: [A.serverAddress, A.serverPort], meaning: 'where the call went' },
  { names: [A.httpStatus], meaning: 'status of the response' },
  {
    names: [A.httpResendCount],
    meaning: 'the number of this retry, if the client says it (`x-stainless-retry-count`)',
  },
  { names: [A.errorType], meaning: 'why the call failed, see [error.type](#errortype)' },
]

export function formatSpanAttributes(): string {
  return formatTable(
    ['Attribute', 'What it says'],
    SPAN_ATTRIBUTES.map(({ names, meaning }) => [codes(names), meaning]),
  )
}
