/** All keys that are read of a response, of any family. */
import { readId, type Fields } from './fields.ts'
import { MAX_IDS } from './limits.ts'
import { ALL, select, SOME } from './selection.ts'

/** Keys under which responses name their generation: the documented ones, and OpenAI and vendor spellings. */
const ID_KEYS = [
  'id',
  'generation_id',
  'inference_id',
  'requestId',
  'request_id',
  'batch_id',
  'run_id',
  'task_id',
  'job_id',
  'generationId',
  'inferenceId',
  'batchId',
  'taskId',
  'jobId',
] as const

const IDS = Object.fromEntries(ID_KEYS.map((key) => [key, ALL] as const))
const SPENT = { usage: ALL, meta: { usage: ALL, model: ALL, provider: ALL } } as const
const MESSAGE = { ...SPENT, id: ALL, model: ALL, stop_reason: ALL } as const
const RESPONSE = {
  ...MESSAGE,
  status: ALL,
  background: ALL,
  incomplete_details: { reason: ALL },
  server_side_tool_usage: ALL,
} as const

/** What the selector keeps of a response. No content. */
export const RESPONSE_SELECTION = select({
  ...RESPONSE,
  ...IDS,
  usage_info: ALL,
  /** Toolbox runs. */
  tool: ALL,
  cost: ALL,
  object: ALL,
  type: ALL,
  title: ALL,
  processing_status: ALL,
  task_status: ALL,
  thread_id: ALL,
  choices: [{ index: ALL, finish_reason: ALL, usage: ALL }],
  delta: { stop_reason: ALL },
  error: SOME,
  /** Some vendors wrap a job in it. A list of results only distinguishes them from an error. */
  data: [SOME, { ...SPENT, ...IDS, status: ALL, task_status: ALL }],
  /** Anthropic's `message_start`. */
  message: MESSAGE,
  /** Typed events of the Responses API. */
  response: RESPONSE,
  /** Transcription polls; one request of a batch. */
  result: { ...SPENT, ...IDS, type: ALL, status: ALL, message: MESSAGE },
  output: { ...SPENT, ...IDS, status: ALL },
  custom_id: ALL,
})

/** What programs write where there is no id. Two jobs that both have one are still two. */
const PLACEHOLDER = /^(?:null|none|nil|undefined|n\/a|[0-]+)$/i

/** Adds the ids of an object to `ids`: each once, in the order of the keys, at most 8. */
export function collectIds(fields: Fields, ids: string[]): void {
  for (const key of ID_KEYS) {
    const value = fields[key]
    if (value === undefined || ids.length >= MAX_IDS) continue
    const id = readId(value)
    if (id !== undefined && !PLACEHOLDER.test(id) && !ids.includes(id)) ids.push(id)
  }
}
