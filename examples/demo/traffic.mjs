// What the demo service calls, how often, and for whom.
import { setTimeout as wait } from 'node:timers/promises'

const baseUrl = process.env.DEMO_BASE_URL ?? 'https://api.aimlapi.com'
const apiKey = process.env.AIMLAPI_API_KEY
// Node.js 20 has none of its own.
const WebSocket = globalThis.WebSocket ?? (await import('ws')).WebSocket

/** @param {string} path @param {unknown} body @param {RequestInit} [init] */
async function post(path, body, init = {}) {
  return fetch(`${baseUrl}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    ...init,
  })
}

/** @param {string} path */
async function get(path) {
  return fetch(`${baseUrl}${path}`, { headers: { authorization: `Bearer ${apiKey}` } })
}

/** @param {string} content */
const messages = (content) => [{ role: 'user', content }]

/** A whole answer. @param {string} path @param {object} body */
const json = (path, body) => async () => (await post(path, body)).json()

/** A stream, read to its end. @param {string} path @param {object} body */
const stream = (path, body) => async () => {
  const response = await post(path, { ...body, stream: true, stream_options: { include_usage: true } })
  for await (const chunk of response.body) void chunk
}

/** A stream that the user has seen enough of after two chunks. @param {string} path @param {object} body */
const brokenOffStream = (path, body) => async () => {
  const response = await post(path, { ...body, stream: true })
  let chunks = 0
  for await (const chunk of response.body) {
    if (chunk.length > 0 && ++chunks === 2) break
  }
}

/** A job: created, then polled until it is over. @param {string} path @param {object} body */
const job = (path, body) => async () => {
  const response = await post(path, body)
  const created = await response.json()
  // A refused job has no id to poll for.
  if (!response.ok) return
  const id = encodeURIComponent(created.id ?? created.generation_id)
  const pollPath = path === '/v1/stt/create' ? `/v1/stt/${id}` : `${path}?generation_id=${id}`
  for (let polls = 0; polls < 30; polls++) {
    await wait(500)
    const { status } = await (await get(pollPath)).json()
    if (status === 'completed' || status === 'succeeded' || status === 'error') return
  }
}

const speech = (path, body) => async () => {
  const response = await post(path, { ...body, stream: true })
  await response.arrayBuffer()
}

/** A request given up after so many milliseconds. @param {number} timeoutMs @param {string} path @param {object} body */
const impatient = (timeoutMs, path, body) => async () =>
  (await post(path, body, { signal: AbortSignal.timeout(timeoutMs) })).json()

/** Talks to a voice agent: so many questions, each asked when the one before is answered. @param {number} questions @param {string} model */
const conversation = (questions, model) => () => {
  const url = `${baseUrl.replace(/^http/, 'ws')}/v1/realtime?model=${encodeURIComponent(model)}`
  const socket = new WebSocket(url, ['realtime', `openai-insecure-api-key.${apiKey}`])
  const send = (event) => socket.send(JSON.stringify(event))
  let asked = 0
  const ask = () => {
    if (asked++ === questions) return socket.close(1000)
    send({ type: 'input_audio_buffer.append', audio: Buffer.alloc(24_000).toString('base64') })
    send({ type: 'input_audio_buffer.commit' })
    send({ type: 'response.create' })
  }
  socket.addEventListener('open', ask)
  socket.addEventListener('message', ({ data }) => {
    if (JSON.parse(data).type === 'response.done') ask()
  })
  return new Promise((resolve, reject) => {
    socket.addEventListener('close', resolve)
    socket.addEventListener('error', () => reject(new Error('The line is dead.')))
  })
}

const CHAT = '/v1/chat/completions'
const VIDEO = '/v2/video/generations'

/** For the simulated API: every family, also those that would be dear. */
export const SIMULATED_TRAFFIC = [
  {
    weight: 14,
    team: 'search',
    feature: 'rewrite',
    call: json(CHAT, { model: 'gpt-4o-mini', max_tokens: 60, messages: messages('Rewrite this query.') }),
  },
  {
    weight: 12,
    team: 'search',
    feature: 'answer',
    call: stream(CHAT, {
      model: 'gpt-4o',
      temperature: 0.2,
      messages: messages('Answer from these passages.'),
    }),
  },
  {
    weight: 4,
    team: 'search',
    feature: 'answer',
    call: brokenOffStream(CHAT, { model: 'gpt-4o', messages: messages('Answer at length.') }),
  },
  {
    weight: 12,
    team: 'search',
    feature: 'index',
    call: json('/v1/embeddings', { model: 'text-embedding-3-small', input: ['one passage', 'and another'] }),
  },
  {
    weight: 3,
    team: 'search',
    feature: 'index',
    call: json('/v1/embeddings', { model: 'voyage-2', input: 'a passage' }),
  },
  {
    weight: 5,
    team: 'search',
    feature: 'rank',
    call: json(CHAT, { model: 'x-ai/grok-4-fast-reasoning', messages: messages('Which passage fits?') }),
  },
  {
    weight: 2,
    team: 'search',
    feature: 'scan',
    call: json('/v1/ocr', {
      model: 'mistral/mistral-ocr-latest',
      document: { type: 'document_url', document_url: 'https://example.com/a.pdf' },
    }),
  },
  {
    weight: 10,
    team: 'support',
    feature: 'reply',
    call: stream('/v1/messages', {
      model: 'claude-sonnet-4-5',
      max_tokens: 200,
      messages: messages('Reply to this customer.'),
    }),
  },
  {
    weight: 3,
    team: 'support',
    feature: 'reply',
    call: brokenOffStream(CHAT, {
      model: 'anthropic/claude-haiku-4.5',
      messages: messages('Reply briefly.'),
    }),
  },
  {
    weight: 6,
    team: 'support',
    feature: 'summary',
    call: json('/v1/responses', { model: 'openai/gpt-5-1', input: 'Summarise this ticket.' }),
  },
  {
    weight: 3,
    team: 'support',
    feature: 'summary',
    call: stream('/v1/responses', { model: 'openai/gpt-5-1', input: 'Summarise this thread.' }),
  },
  {
    weight: 3,
    team: 'support',
    feature: 'voice',
    call: json('/v1/tts', { model: 'inworld/tts-1', text: 'Your parcel is on its way.' }),
  },
  {
    weight: 3,
    team: 'support',
    feature: 'voice',
    call: speech('/v1/tts', { model: 'inworld/tts-1', text: 'Thank you for calling.' }),
  },
  {
    weight: 2,
    team: 'support',
    feature: 'transcript',
    call: job('/v1/stt/create', { model: 'openai/gpt-4o-transcribe', url: 'https://example.com/a.mp3' }),
  },
  {
    weight: 3,
    team: 'support',
    feature: 'picture',
    call: json('/v1/images/generations', { model: 'flux/schnell', prompt: 'a friendly fox' }),
  },
  {
    weight: 1,
    team: 'support',
    feature: 'picture',
    call: json('/v1/images/generations', { model: 'openai/gpt-image-1', prompt: 'a friendly fox' }),
  },
  {
    weight: 1.5,
    team: 'support',
    feature: 'voice',
    call: conversation(3, 'openai/gpt-realtime-2.1-mini'),
  },
  {
    weight: 1,
    team: 'support',
    feature: 'voice',
    call: conversation(2, 'x-ai/grok-voice-think-fast-2.0'),
  },
  {
    weight: 0.6,
    team: 'support',
    feature: 'clip',
    call: job(VIDEO, { model: 'alibaba/wan-2-6-t2v', duration: 2, prompt: 'a fox waves' }),
  },
  {
    weight: 0.4,
    team: 'support',
    feature: 'clip',
    call: job(VIDEO, { model: 'veo3-that-fails', duration: 1, prompt: 'a fox flies' }),
  },
  {
    weight: 1,
    team: 'search',
    feature: 'answer',
    call: json(CHAT, { model: 'gpt-4o', messages: [{ role: 'nobody', content: 'a role that is refused' }] }),
  },
  {
    weight: 1,
    team: 'search',
    feature: 'rewrite',
    call: impatient(20, CHAT, { model: 'gpt-4o-mini', messages: messages('Quick!') }),
  },
]

/** For the real API: a few small calls, together well under a cent a minute. */
export const LIVE_TRAFFIC = [
  {
    weight: 4,
    team: 'search',
    feature: 'rewrite',
    call: json(CHAT, { model: 'gpt-4o-mini', max_tokens: 16, messages: messages('Say hello in one word.') }),
  },
  {
    weight: 3,
    team: 'support',
    feature: 'reply',
    call: stream(CHAT, { model: 'gpt-4o-mini', max_tokens: 16, messages: messages('Name one river.') }),
  },
  {
    weight: 1,
    team: 'support',
    feature: 'reply',
    call: brokenOffStream(CHAT, {
      model: 'gpt-4o-mini',
      max_tokens: 48,
      messages: messages('Count to twenty.'),
    }),
  },
  {
    weight: 3,
    team: 'search',
    feature: 'index',
    call: json('/v1/embeddings', { model: 'text-embedding-3-small', input: 'a passage' }),
  },
  {
    weight: 1,
    team: 'search',
    feature: 'answer',
    call: json(CHAT, { model: 'gpt-4o-mini', max_tokens: 16, messages: [{ role: 'nobody', content: 'x' }] }),
  },
]
