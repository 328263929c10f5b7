/**
 * One row per path: a new endpoint is a row here and a fixture. Paths as docs.aimlapi.com and its OpenAPI files print them
 * (2026-11), and their OpenAI spellings; without version: the API answers under `/v1`, `/v2`, `/api/v1` and bare.
 */
import type { EndpointName, OperationName } from '../types.ts'

/** What a request is, by its method and path. */
export interface Route {
  readonly endpoint: EndpointName
  /** `gen_ai.operation.name`. */
  readonly operation: OperationName
  /** `create` starts a job, `poll` reads one; every other request is `sync` and gets its result as response. */
  readonly phase: 'sync' | 'create' | 'poll'
  /** `gen_ai.output.type`, unless the request names it. */
  readonly outputType?: string
  /** Azure style paths carry the model; it may contain slashes. */
  readonly model?: string
  /** The id of the job that a poll reads, decoded. At most 256 characters, else absent. */
  readonly generationId?: string
  /**
   * `always`: a 2xx response without a cost is looked up in the account's log, else reported missing. `if_inference`: the
   * same, but only when the response has `x-inference-id`. `none`: never charged.
   */
  readonly billing: 'always' | 'if_inference' | 'none'
  /** `tokens`: every response has tokens; one without readable tokens is incomplete. */
  readonly billedBy: 'tokens' | 'result'
  /** The key of the response with the requested tool or model, where requests need not name it. */
  readonly modelKey?: 'tool' | 'model'
}

/** How a path differs from its family's row; a string is the phase alone. */
type Meaning = Route['phase'] | Partial<Pick<Route, 'phase' | 'operation' | 'billing'>>

type ByDefault = 'billing' | 'billedBy'

/** Billed `always` and by `result`, unless it says otherwise. */
export interface Family
  extends Omit<Route, 'phase' | 'model' | 'generationId' | ByDefault>, Partial<Pick<Route, ByDefault>> {
  /** `METHOD /path`: `{name}` is one segment, `{name+}` several. Matches the end of a path. */
  readonly paths: Readonly<Record<string, Meaning>>
}

export const POLL_OPERATION = 'fetch_response'
const UNBILLED = { billing: 'none' } as const
const IF_INFERENCE = { billing: 'if_inference' } as const
const RUN = { phase: 'create', operation: 'invoke_agent', billing: 'if_inference' } as const
/** Reads parts of something stored: neither a generation nor a poll. */
const STORED_PART = { operation: POLL_OPERATION, billing: 'none' } as const

/** The table, in the order in which it is searched. */
export const FAMILIES: readonly Family[] = [
  {
    // Before `messages`: the paths of a thread's messages end in the same word.
    endpoint: 'assistants',
    operation: 'assistants',
    billing: 'none',
    billedBy: 'tokens',
    modelKey: 'model',
    paths: {
      'POST /threads/runs': RUN,
      'POST /threads/{thread}/runs': RUN,
      'GET /threads/{thread}/runs/{generation_id}': { phase: 'poll', billing: 'if_inference' },
      'POST /threads/{thread}/runs/{run}/submit_tool_outputs': RUN,
      'POST /assistants': { operation: 'create_agent' },
      '* /assistants': 'sync',
      '* /assistants/{assistant}': 'sync',
      '* /threads': 'sync',
      '* /threads/{rest+}': 'sync',
      '* /files': 'sync',
      '* /files/{rest+}': 'sync',
    },
  },
  {
    endpoint: 'chat',
    operation: 'chat',
    billedBy: 'tokens',
    paths: {
      'POST /chat/completions': 'sync',
      'GET /chat/completions/{generation_id}': 'poll',
      'GET /chat/completions/{generation_id}/messages': STORED_PART,
      '* /chat/completions/{stored}': UNBILLED,
      'POST /completions': { operation: 'text_completion' },
    },
  },
  {
    endpoint: 'responses',
    operation: 'chat',
    billedBy: 'tokens',
    paths: {
      'POST /responses': 'sync',
      'GET /responses/{generation_id}': 'poll',
      'POST /responses/{generation_id}/cancel': 'poll',
      'GET /responses/{response}/input_items': STORED_PART,
      'POST /responses/input_tokens': UNBILLED,
      '* /responses/{response}': UNBILLED,
    },
  },
  {
    endpoint: 'messages',
    operation: 'chat',
    billedBy: 'tokens',
    paths: { 'POST /messages': 'sync', 'POST /messages/count_tokens': UNBILLED },
  },
  {
    endpoint: 'embeddings',
    operation: 'embeddings',
    billedBy: 'tokens',
    paths: { 'POST /embeddings': 'sync' },
  },
  {
    endpoint: 'decisions',
    operation: 'decide',
    billedBy: 'tokens',
    outputType: 'json',
    paths: { 'POST /decisions': 'sync' },
  },
  {
    // Also the 3D models, which `refineRoute` recognises by the model.
    endpoint: 'image',
    operation: 'image_generation',
    outputType: 'image',
    paths: {
      'POST /images/generations': 'sync',
      'POST /images/generations/with-url': 'sync',
      'POST /images/edits': 'sync',
      'POST /images/variations': 'sync',
    },
  },
  {
    endpoint: 'video',
    operation: 'video_generation',
    outputType: 'video',
    paths: {
      'POST /video/generations': 'create',
      'GET /video/generations': 'poll',
      'POST /generate/video/{vendor}/generation': 'create',
      'GET /generate/video/{vendor}/generation': 'poll',
      'POST /videos': 'create',
      'GET /videos': STORED_PART,
      'GET /videos/{generation_id}': 'poll',
      'GET /videos/{video}/content': STORED_PART,
      'POST /videos/{video}/remix': 'create',
      'DELETE /videos/{video}': UNBILLED,
    },
  },
  {
    endpoint: 'music',
    operation: 'music_generation',
    outputType: 'music',
    paths: {
      'POST /generate/audio': 'create',
      'GET /generate/audio': 'poll',
      'POST /generate/audio/minimax/generate': 'sync',
      'POST /generate/audio/minimax/upload': IF_INFERENCE,
      'GET /generate/audio/minimax/upload': IF_INFERENCE,
      'POST /generate/audio/preprocess': IF_INFERENCE,
    },
  },
  {
    endpoint: 'speech',
    operation: 'speech',
    outputType: 'speech',
    paths: { 'POST /tts': 'sync', 'POST /audio/speech': 'sync' },
  },
  {
    endpoint: 'transcription',
    operation: 'transcription',
    outputType: 'text',
    paths: {
      'POST /stt/create': 'create',
      'POST /stt': 'sync',
      'GET /stt/{generation_id+}': 'poll',
      'POST /audio/transcriptions': 'sync',
      'POST /audio/translations': 'sync',
      'POST /audio/transcribe': 'sync',
    },
  },
  {
    endpoint: 'ocr',
    operation: 'ocr',
    outputType: 'text',
    paths: { 'POST /ocr': 'sync', 'POST /vision': 'sync' },
  },
  {
    endpoint: 'batch',
    operation: 'batch',
    outputType: 'text',
    billedBy: 'tokens',
    paths: {
      'POST /batches': 'create',
      'GET /batches': 'poll',
      'GET /batches/{generation_id}': 'poll',
      'GET /batches/{generation_id}/results': 'poll',
      'POST /batches/cancel/{batch}': UNBILLED,
      'POST /batches/{batch}/cancel': UNBILLED,
    },
  },
  {
    // Runs are charged, searching for tools is not. On another host: https://tools.aimlapi.com.
    endpoint: 'tools',
    operation: 'tools',
    billing: 'none',
    modelKey: 'tool',
    paths: {
      'POST /tools/run': { phase: 'create', operation: 'execute_tool', billing: 'always' },
      'GET /tools/runs/{generation_id}': { phase: 'poll', billing: 'always' },
      'POST /tools/search': 'sync',
      'POST /tools/inspect': 'sync',
      'GET /tools/{tool+}/definition': 'sync',
    },
  },
]
