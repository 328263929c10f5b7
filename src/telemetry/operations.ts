/** The operations, and how the `gen_ai.client.*` metrics treat each. */

interface OperationTraits {
  /** Requests are recorded as inference in the rewritten conventions; others keep `operation.duration`. */
  readonly isInference: boolean
  /** Tokens are counted as those of inferences, also when the request is none (the items of a batch). */
  readonly countsTokens: boolean
  /** The modality of its tokens unless the API reports another. */
  readonly modality: 'text' | 'unknown'
}

const TEXT: OperationTraits = { isInference: true, countsTokens: true, modality: 'text' }
const MEDIA: OperationTraits = { isInference: true, countsTokens: true, modality: 'unknown' }
const CARRIES_TEXT: OperationTraits = { isInference: false, countsTokens: true, modality: 'text' }
const NO_INFERENCE: OperationTraits = { isInference: false, countsTokens: false, modality: 'unknown' }

const OPERATIONS = {
  chat: TEXT,
  text_completion: TEXT,
  decide: TEXT,
  image_generation: MEDIA,
  '3d_generation': MEDIA,
  video_generation: MEDIA,
  music_generation: MEDIA,
  speech: MEDIA,
  transcription: MEDIA,
  ocr: MEDIA,
  realtime: MEDIA,
  batch: CARRIES_TEXT,
  invoke_agent: CARRIES_TEXT,
  embeddings: NO_INFERENCE,
  assistants: NO_INFERENCE,
  create_agent: NO_INFERENCE,
  tools: NO_INFERENCE,
  execute_tool: NO_INFERENCE,
  fetch_response: NO_INFERENCE,
  other: NO_INFERENCE,
} as const

/** `gen_ai.operation.name`: the GenAI conventions' value if they have one, else our own. */
export type OperationName = keyof typeof OPERATIONS

/** The row of an operation; unknown ones are no inference. */
export function traitsOf(operation: string): OperationTraits {
  return Object.hasOwn(OPERATIONS, operation) ? OPERATIONS[operation as OperationName] : NO_INFERENCE
}
