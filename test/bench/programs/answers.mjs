// What the server answers, as bytes made once: documented shapes and headers of the API, made-up contents.
import { gzipSync } from 'node:zlib'

const MODEL = 'gpt-4o-2024-08-06'
/** Written over with an id of its own in every answer. */
export const ID_PLACE = 'V1StGXR8Z5jdHi6BmyT8k'
const MEGABYTE = 1024 * 1024

const COST = { credits_used: 42, usd_spent: 0.000021 }
const USAGE = {
  prompt_tokens: 19,
  completion_tokens: 10,
  total_tokens: 29,
  prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
  completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
}

const COMMON_HEADERS = [
  'date: Sun, 22 Nov 2026 12:00:00 GMT',
  'connection: keep-alive',
  'server: cloudflare',
  'vary: Origin, Accept-Encoding',
  'x-powered-by: Express',
  'access-control-allow-origin: *',
  'strict-transport-security: max-age=15552000; includeSubDomains',
  'x-content-type-options: nosniff',
  'cf-cache-status: DYNAMIC',
  'cf-ray: 8f2b6a1c2d3e4f50-FRA',
  `x-inference-id: ${ID_PLACE}`,
]
const COST_HEADERS = ['x-aimlapi-credits-used: 42', 'x-aimlapi-usd-spent: 0.000021000']
/** Of a host that is none of ours. */
const FOREIGN_HEADERS = COMMON_HEADERS.slice(0, -1)

export function createHead(...headers) {
  return ['HTTP/1.1 200 OK', ...headers, '', ''].join('\r\n')
}

function answerJson(body, { encoding, common = [...COMMON_HEADERS, ...COST_HEADERS] } = {}) {
  const head = createHead(
    'content-type: application/json; charset=utf-8',
    `content-length: ${body.length}`,
    ...(encoding === undefined ? [] : [`content-encoding: ${encoding}`]),
    ...common,
  )
  return { head, parts: [body] }
}

/** @param parts one HTTP chunk each; `undefined` leaves the body to the caller. */
function answerEvents(parts, { encoding, common = COMMON_HEADERS } = {}) {
  const head = createHead(
    'content-type: text/event-stream; charset=utf-8',
    'cache-control: no-cache',
    'transfer-encoding: chunked',
    ...(encoding === undefined ? [] : [`content-encoding: ${encoding}`]),
    ...common,
  )
  return { head, parts: [...parts.map(frameChunk), LAST_CHUNK] }
}

export const LAST_CHUNK = Buffer.from('0\r\n\r\n')

/** As one chunk of a chunked body. */
export function frameChunk(bytes) {
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')])
}

function toEvent(value) {
  return Buffer.from(`data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`)
}

function createChunk(delta, more = {}) {
  return {
    id: 'chatcmpl-Fx7Qd2mVtR',
    object: 'chat.completion.chunk',
    created: 1790000001,
    model: MODEL,
    choices: [{ index: 0, delta, logprobs: null, finish_reason: null }],
    usage: null,
    ...more,
  }
}

const LAST_EVENTS = [
  createChunk({}, { choices: [{ index: 0, delta: {}, logprobs: null, finish_reason: 'stop' }] }),
  createChunk({}, { choices: [], usage: USAGE, meta: { usage: COST } }),
  '[DONE]',
]

/** A chat stream of `count` events, the last three being end, usage and cost, `[DONE]`. */
export function createChatEvents(count) {
  const first = createChunk({ role: 'assistant', content: '', refusal: null })
  const content = Array.from({ length: count - LAST_EVENTS.length - 1 }, (_, index) =>
    createChunk({ content: ` word${index % 10}` }),
  )
  return [first, ...content, ...LAST_EVENTS].map(toEvent)
}

/** @param length bytes of the whole body. */
function createChat(length) {
  const build = (content) =>
    Buffer.from(
      JSON.stringify({
        id: 'chatcmpl-Fx7Qd2mVtR',
        object: 'chat.completion',
        created: 1790000000,
        model: MODEL,
        choices: [
          {
            index: 0,
            message: { role: 'assistant', content, refusal: null },
            logprobs: null,
            finish_reason: 'stop',
          },
        ],
        usage: USAGE,
        meta: { usage: COST },
      }),
    )
  const padding = Math.max(0, length - build('').length)
  return build('word '.repeat(Math.ceil(padding / 5)).slice(0, padding))
}

/** @param megabytes of base64. */
function createImage(megabytes) {
  const picture = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ/9j4+GhI0mNk'.slice(0, 56)
  const b64_json = picture.repeat(Math.ceil((megabytes * MEGABYTE) / picture.length))
  return Buffer.from(JSON.stringify({ created: 1790000000, data: [{ b64_json }], meta: { usage: COST } }))
}

const CHAT = createChat(600)
const EVENTS = createChatEvents(502)

/** By name: the head as text, and the body in parts. */
export const ANSWERS = {
  json: answerJson(CHAT),
  events: answerEvents(EVENTS),
  image: answerJson(createImage(8)),
  gzip: answerJson(gzipSync(CHAT), { encoding: 'gzip' }),
  foreignJson: answerJson(CHAT, { common: FOREIGN_HEADERS }),
  foreignEvents: answerEvents(EVENTS, { common: FOREIGN_HEADERS }),
}
