// What is measured: how each call is made and read, as an application would.
import { Agent, request as requestHttp } from 'node:http'
import { createRequire } from 'node:module'
import { request as requestUndici } from 'undici'
import FRAMES from './frames-per-call.json' with { type: 'json' }
import { readFrames } from './realtime-frames.mjs'

export const API_KEY = 'benchmark-key-0123456789'
/** The traffic of hosts that are not observed runs with the package's default base URL. */
export const DEFAULT_BASE_URL = 'https://api.aimlapi.com'

const HEADERS = { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' }
const CHAT_PATH = '/v1/chat/completions'
const MESSAGES = [
  { role: 'system', content: 'Answer in one sentence.' },
  { role: 'user', content: 'Name three rivers.' },
]
const CHAT = JSON.stringify({ model: 'gpt-4o', messages: MESSAGES, temperature: 0.7, max_tokens: 100 })
const STREAM_OPTIONS = { stream: true, stream_options: { include_usage: true } }
const CHAT_STREAM = JSON.stringify({ model: 'gpt-4o', messages: MESSAGES, ...STREAM_OPTIONS })
const IMAGE = JSON.stringify({ model: 'gpt-image-1', prompt: 'Three rivers', response_format: 'b64_json' })

function post(url, body) {
  return fetch(url, { method: 'POST', headers: HEADERS, body })
}

async function readEvents(response) {
  let length = 0
  for await (const chunk of response.body) length += chunk.length
  return length
}

const fetchJson = (path, body) => (origin) => {
  const url = origin + path
  return async () => (await post(url, body)).json()
}
const fetchEvents = (origin) => {
  const url = origin + CHAT_PATH
  return async () => readEvents(await post(url, CHAT_STREAM))
}

const undiciJson = (origin) => {
  const url = origin + CHAT_PATH
  return async () => {
    const { body } = await requestUndici(url, { method: 'POST', headers: HEADERS, body: CHAT })
    return body.json()
  }
}

const httpJson = (origin) => {
  const url = origin + CHAT_PATH
  const agent = new Agent({ keepAlive: true })
  return () =>
    new Promise((resolve, reject) => {
      const outgoing = requestHttp(url, { agent, method: 'POST', headers: HEADERS }, (response) => {
        const chunks = []
        response.on('data', (chunk) => chunks.push(chunk))
        response.on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString())))
        response.on('error', reject)
      })
      outgoing.on('error', reject)
      outgoing.end(CHAT)
    })
}

/** The `openai` package stands with the clients of the compatibility suite. */
function createOpenAi(origin) {
  const OpenAI = createRequire(new URL('../../compat/package.json', import.meta.url))('openai')
  return new OpenAI({ apiKey: API_KEY, baseURL: `${origin}/v1`, maxRetries: 0 })
}
const openAiJson = (origin) => {
  const openai = createOpenAi(origin)
  return () => openai.chat.completions.create({ model: 'gpt-4o', messages: MESSAGES, temperature: 0.7 })
}
const openAiEvents = (origin) => {
  const openai = createOpenAi(origin)
  return async () => {
    let length = 0
    const parameters = { model: 'gpt-4o', messages: MESSAGES, ...STREAM_OPTIONS }
    for await (const chunk of await openai.chat.completions.create(parameters))
      length += chunk.choices[0]?.delta?.content?.length ?? 0
    return length
  }
}

const fetchChat = fetchJson(CHAT_PATH, CHAT)

/** `answer` is the server's, `transport` what the calls go through. */
export const WORKLOADS = {
  'fetch-json': { answer: 'json', transport: 'undici', call: fetchChat },
  'fetch-sse': { answer: 'events', transport: 'undici', call: fetchEvents },
  'fetch-image': {
    answer: 'image',
    transport: 'undici',
    call: fetchJson('/v1/images/generations', IMAGE),
  },
  'fetch-gzip': { answer: 'gzip', transport: 'undici', call: fetchChat },
  'foreign-json': { answer: 'foreignJson', transport: 'undici', call: fetchChat, foreign: true },
  'foreign-sse': { answer: 'foreignEvents', transport: 'undici', call: fetchEvents, foreign: true },
  'undici-json': { answer: 'json', transport: 'undici', call: undiciJson },
  'http-json': { answer: 'json', transport: 'http', call: httpJson },
  'openai-json': { answer: 'json', transport: 'undici', call: openAiJson },
  'openai-sse': { answer: 'events', transport: 'undici', call: openAiEvents },
  'realtime-text': {
    answer: 'realtime',
    transport: 'ws',
    call: readFrames('openai', 'text', FRAMES['realtime-text']),
  },
  'realtime-audio': {
    answer: 'realtime',
    transport: 'ws',
    call: readFrames('openai', 'audio', FRAMES['realtime-audio']),
  },
  'realtime-gemini': {
    answer: 'realtime',
    transport: 'ws',
    call: readFrames('gemini', 'gemini', FRAMES['realtime-gemini']),
  },
}
