/**
 * The clients, one row each: which packages they need, and what an application does with them. `build` is given
 * where the API is and the loaded packages, builds the client and returns the work. The work's result is what the
 * application saw; it must be the same with and without instrumentation.
 */
const CHAT = 'gpt-4o'
const STREAMED_CHAT = 'gpt-4o-mini'
const EMBEDDING = 'text-embedding-3-small'
const MESSAGES = 'claude-sonnet-4-5'

/** Must never be seen in telemetry. */
const PROMPT = 'canary-prompt: what does a token cost?'

const QUESTION = 'canary-prompt: do the types agree?'

const messages = [{ role: 'user', content: PROMPT }]
const chatBody = { model: CHAT, messages, max_tokens: 80, temperature: 0.5 }
const streamBody = { model: STREAMED_CHAT, messages, stream: true, stream_options: { include_usage: true } }
const embeddingBody = { model: EMBEDDING, input: [PROMPT, PROMPT] }

/** The runner makes the first request with this tag fail with 503. */
const FAILING = { 'x-sim-tag': 'fails-once' }

const headersOf = (key, more = {}) => ({
  authorization: `Bearer ${key}`,
  'content-type': 'application/json',
  ...more,
})

/**
 * The same calls through any client that speaks plain HTTP.
 * @param post `(path, body text, headers, as a stream?) → { status, text }`
 */
const plainHttp = (post, key) => async () => ({
  chat: await post('/v1/chat/completions', JSON.stringify(chatBody), headersOf(key), false),
  stream: await post('/v1/chat/completions', JSON.stringify(streamBody), headersOf(key), true),
  embeddings: await post('/v1/embeddings', JSON.stringify(embeddingBody), headersOf(key), false),
  failure: await post('/v1/chat/completions', JSON.stringify(chatBody), headersOf(key, FAILING), false),
})

/** Text of a body that is async iterable, read piece by piece. */
async function textOf(body) {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of body) text += decoder.decode(chunk, { stream: true })
  return text + decoder.decode()
}

async function failureOf(promise) {
  try {
    return { succeeded: await promise }
  } catch (error) {
    return { name: error.name, status: error.status ?? error.statusCode ?? error.response?.status }
  }
}

const fetchWith = (fetch, origin) => async (path, body, headers, streamed) => {
  const response = await fetch(origin + path, { method: 'POST', headers, body })
  const type = response.headers.get('content-type')
  return {
    status: response.status,
    type,
    text: streamed ? await textOf(response.body) : await response.text(),
  }
}

function buildUndici({ origin, key }, undici) {
  const { fetch, request, stream, Pool } = undici
  const { Writable } = require('node:stream')
  return async () => {
    const throughFetch = await plainHttp(fetchWith(fetch, origin), key)()
    const throughRequest = await plainHttp(async (path, body, headers, streamed) => {
      const response = await request(origin + path, { method: 'POST', headers, body })
      return {
        status: response.statusCode,
        text: streamed ? await textOf(response.body) : await response.body.text(),
      }
    }, key)()
    let streamed = ''
    await stream(
      `${origin}/v1/chat/completions`,
      { method: 'POST', headers: headersOf(key), body: JSON.stringify(streamBody) },
      () =>
        new Writable({
          write(chunk, _encoding, done) {
            streamed += chunk
            done()
          },
        }),
    )
    const pool = new Pool(origin, { connections: 1 })
    const pooled = await Promise.all(
      [1, 2, 3].map(async (seed) => {
        const { body } = await pool.request({
          method: 'POST',
          path: '/v1/chat/completions',
          headers: headersOf(key, { 'x-sim-tag': `pooled-${seed}` }),
          body: JSON.stringify({ ...chatBody, seed }),
        })
        return body.json()
      }),
    )
    await pool.close()
    return { throughFetch, throughRequest, streamed, pooled }
  }
}

function buildNodeHttp({ origin, key }, http) {
  const post = (path, body, headers) =>
    new Promise((resolve, reject) => {
      const request = http.request(origin + path, { method: 'POST', headers }, (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk) => (text += chunk))
        response.on('end', () => resolve({ status: response.statusCode, text }))
      })
      request.on('error', reject)
      request.write(body.slice(0, 10))
      request.end(body.slice(10))
    })
  return plainHttp(post, key)
}

const buildAxios =
  (adapter) =>
  ({ origin, key }, loaded) => {
    const axios = loaded.default ?? loaded
    const client = axios.create({ baseURL: origin, adapter, validateStatus: () => true })
    return plainHttp(async (path, body, headers, streamed) => {
      const responseType = streamed ? 'stream' : 'text'
      const { status, data } = await client.post(path, body, { headers, responseType, transformResponse: [] })
      return { status, text: streamed ? await textOf(data) : data }
    }, key)
  }

function buildGot({ origin, key }, { default: got }) {
  const client = got.extend({ throwHttpErrors: false, retry: { limit: 0 } })
  return plainHttp(async (path, body, headers, streamed) => {
    if (streamed) return { text: await textOf(client.stream.post(origin + path, { body, headers })) }
    const response = await client.post(origin + path, { body, headers })
    return { status: response.statusCode, text: response.body }
  }, key)
}

function buildNodeFetch({ origin, key }, loaded) {
  return plainHttp(fetchWith(loaded.default ?? loaded, origin), key)
}

function buildOpenAI({ origin, key }, loaded) {
  const OpenAI = loaded.OpenAI ?? loaded.default
  const client = new OpenAI({ apiKey: key, baseURL: `${origin}/v1`, maxRetries: 1 })
  return async () => {
    const chat = await client.chat.completions.create(chatBody)
    const chunks = []
    for await (const chunk of await client.chat.completions.create(streamBody)) chunks.push(chunk)
    const embeddings = await client.embeddings.create({ ...embeddingBody, encoding_format: 'float' })
    // The client retries after the 503: two attempts, one answer.
    const retried = await client.chat.completions.create(chatBody, { headers: FAILING })
    const response = await client.responses.create({ model: 'openai/gpt-5-1', input: PROMPT })
    return { chat, chunks, embeddings, retried, output: response.output }
  }
}

function buildAnthropic({ origin, key }, loaded) {
  const Anthropic = loaded.Anthropic ?? loaded.default
  const client = new Anthropic({ apiKey: key, baseURL: origin, maxRetries: 1 })
  const body = { model: MESSAGES, max_tokens: 100, messages }
  return async () => ({
    message: await client.messages.create(body),
    streamed: await client.messages.stream(body).finalMessage(),
    retried: await client.messages.create(body, { headers: FAILING }),
  })
}

function buildAiSdk({ origin, key }, ai, provider) {
  const aimlapi = provider.createOpenAICompatible({
    name: 'aimlapi',
    baseURL: `${origin}/v1`,
    apiKey: key,
    includeUsage: true,
  })
  return async () => {
    const generated = await ai.generateText({ model: aimlapi.chatModel(CHAT), prompt: PROMPT, maxRetries: 0 })
    const streamed = ai.streamText({ model: aimlapi.chatModel(STREAMED_CHAT), prompt: PROMPT, maxRetries: 0 })
    let text = ''
    for await (const part of streamed.textStream) text += part
    const model = (aimlapi.embeddingModel ?? aimlapi.textEmbeddingModel).call(aimlapi, EMBEDDING)
    const embedded = await ai.embed({ model, value: PROMPT, maxRetries: 0 })
    const failure = await failureOf(
      ai.generateText({ model: aimlapi.chatModel(CHAT), prompt: PROMPT, maxRetries: 0, headers: FAILING }),
    )
    return {
      text: generated.text,
      usage: generated.usage,
      streamed: text,
      embedding: embedded.embedding,
      failure,
    }
  }
}

function buildLangchain({ origin, key }, { ChatOpenAI, OpenAIEmbeddings }) {
  const configuration = { baseURL: `${origin}/v1` }
  const shared = { apiKey: key, configuration, maxRetries: 0 }
  const chat = new ChatOpenAI({ ...shared, model: CHAT })
  const streaming = new ChatOpenAI({ ...shared, model: STREAMED_CHAT, streamUsage: true })
  const failing = new ChatOpenAI({
    ...shared,
    model: CHAT,
    configuration: { ...configuration, defaultHeaders: FAILING },
  })
  const embeddings = new OpenAIEmbeddings({ ...shared, model: EMBEDDING })
  return async () => {
    const answer = await chat.invoke(PROMPT)
    let text = ''
    for await (const chunk of await streaming.stream(PROMPT)) text += chunk.content
    const vector = await embeddings.embedQuery(PROMPT)
    const failure = await failureOf(failing.invoke(PROMPT))
    return { content: answer.content, usage: answer.usage_metadata, text, vector, failure }
  }
}

const VOICES = ['openai/gpt-realtime-2.1', 'openai/gpt-realtime-2.1-mini', 'x-ai/grok-voice-latest']
const LIVE = 'google/gemini-3.8-live'
const SOUND = Buffer.alloc(4800, 'canary-prompt').toString('base64')
const SPEAK = [
  { type: 'input_audio_buffer.append', audio: SOUND },
  { type: 'input_audio_buffer.commit' },
  { type: 'response.create' },
]

/** One session by whatever has the web's interface; two responses. */
function talk(socket) {
  const seen = []
  let turns = 0
  const speak = () => SPEAK.forEach((message) => socket.send(JSON.stringify(message)))
  return new Promise((resolve) => {
    socket.addEventListener('open', speak)
    socket.addEventListener('message', ({ data }) => {
      seen.push(data)
      if (!data.includes('"response.done"')) return
      if (++turns < 2) speak()
      else socket.close(1000)
    })
    socket.addEventListener('error', () => seen.push('error'))
    socket.addEventListener('close', ({ code, wasClean }) => resolve({ seen, code, wasClean }))
  })
}

const buildSocket =
  (pick, connect = (WebSocket, url, headers) => new WebSocket(url, { headers })) =>
  ({ origin, key }, loaded) =>
  async () => {
    const results = []
    for (const model of VOICES) {
      const url = `${origin.replace('http', 'ws')}/v1/realtime?model=${model}`
      results.push(await talk(connect(pick(loaded), url, { authorization: `Bearer ${key}` })))
    }
    return results
  }

const ofWs = buildSocket((loaded) => loaded.WebSocket ?? loaded.default ?? loaded)
const ofUndici = buildSocket((loaded) => loaded.WebSocket)

/** The class of `openai` is given, in a module of its own. */
const buildRealtimeOpenAI =
  (name) =>
  ({ origin, key }, loaded, realtime) =>
  async () => {
    const OpenAI = loaded.OpenAI ?? loaded.default
    const client = new OpenAI({ apiKey: key, baseURL: `${origin}/v1` })
    // It insists on wss; the simulator speaks without TLS.
    const plain = {
      options: { createConnection: (options) => require('node:net').connect(options) },
      onURL: (url) => void (url.protocol = 'ws:'),
    }
    const socket = new realtime[name]({ model: VOICES[0], ...plain }, client)
    const seen = []
    return new Promise((resolve) => {
      const opened = () => SPEAK.forEach((message) => socket.send(message))
      socket.on('session.created', opened)
      socket.on('event', (event) => seen.push(event))
      socket.on('error', (error) => seen.push(String(error)))
      socket.on('response.done', () => socket.close({ code: 1000, reason: '' }))
      const closed = (event) => resolve({ seen, code: event.code ?? event })
      if (name === 'OpenAIRealtimeWS') socket.socket.on('close', closed)
      else socket.socket.addEventListener('close', closed)
    })
  }

function buildAgents({ origin, key }, { OpenAIRealtimeWebSocket }) {
  return async () => {
    const url = `${origin.replace('http', 'ws')}/v1/realtime?model=${VOICES[0]}`
    const transport = new OpenAIRealtimeWebSocket({ url, useInsecureApiKey: true })
    const seen = []
    // It updates the session when it likes to.
    transport.on('*', (event) => event?.type !== 'session.updated' && seen.push(event?.type))
    const done = new Promise((resolve) => transport.on('turn_done', resolve))
    await transport.connect({ apiKey: key, model: VOICES[0] })
    transport.sendMessage(PROMPT, {})
    await done
    const closed = new Promise((resolve) =>
      transport.on('connection_change', (status) => status === 'disconnected' && resolve()),
    )
    transport.close()
    await closed
    return seen
  }
}

function buildLive({ origin, key }, { GoogleGenAI, Modality }) {
  return async () => {
    const ai = new GoogleGenAI({
      apiKey: key,
      // By itself it puts the key into the URL, where the API refuses it.
      httpOptions: { baseUrl: origin, headers: { 'x-goog-api-key': key } },
    })
    const seen = []
    return new Promise((resolve, reject) => {
      let session
      const callbacks = {
        onmessage(message) {
          seen.push(JSON.stringify(message))
          if (message.serverContent?.turnComplete) session.close()
        },
        onerror: reject,
        onclose: ({ code }) => resolve({ seen, code }),
      }
      ai.live
        .connect({ model: LIVE, config: { responseModalities: [Modality.AUDIO] }, callbacks })
        .then((connected) => {
          session = connected
          session.sendClientContent({ turns: PROMPT, turnComplete: true })
        }, reject)
    })
  }
}

module.exports = {
  'ws 8.0': { packages: ['ws80'], build: ofWs },
  'ws 8.23': { packages: ['ws'], build: ofWs },
  'undici 6, WebSocket': { packages: ['undici6'], build: ofUndici },
  'undici 7, WebSocket': { packages: ['undici7'], build: ofUndici },
  'undici 8, WebSocket': { packages: ['undici8'], build: ofUndici },
  'global WebSocket': { packages: [], build: buildSocket(() => WebSocket) },
  'openai 6, OpenAIRealtimeWS': {
    packages: ['openai6', 'openai6/realtime/ws'],
    build: buildRealtimeOpenAI('OpenAIRealtimeWS'),
  },
  'openai 6, OpenAIRealtimeWebSocket': {
    packages: ['openai6', 'openai6/realtime/websocket'],
    build: buildRealtimeOpenAI('OpenAIRealtimeWebSocket'),
  },
  '@openai/agents-realtime': { packages: ['@openai/agents-realtime'], build: buildAgents },
  '@google/genai, live': { packages: ['@google/genai'], build: buildLive },
  'global fetch': { packages: [], build: ({ origin, key }) => plainHttp(fetchWith(fetch, origin), key) },
  'undici 5': { packages: ['undici5'], build: buildUndici },
  'undici 6': { packages: ['undici6'], build: buildUndici },
  'undici 7': { packages: ['undici7'], build: buildUndici },
  'undici 8': { packages: ['undici8'], build: buildUndici },
  'node:http': { packages: ['node:http'], build: buildNodeHttp },
  axios: { packages: ['axios'], build: buildAxios('http') },
  'axios, fetch adapter': { packages: ['axios'], build: buildAxios('fetch') },
  'got 14': { packages: ['got14'], build: buildGot },
  'got 16': { packages: ['got16'], build: buildGot },
  'node-fetch 2': { packages: ['node-fetch2'], build: buildNodeFetch },
  'node-fetch 3': { packages: ['node-fetch3'], build: buildNodeFetch },
  'openai 4': { packages: ['openai4'], build: buildOpenAI },
  'openai 5': { packages: ['openai5'], build: buildOpenAI },
  'openai 6': { packages: ['openai6'], build: buildOpenAI },
  'openai 7': { packages: ['openai7'], build: buildOpenAI },
  '@anthropic-ai/sdk': { packages: ['@anthropic-ai/sdk'], build: buildAnthropic },
  'ai 6': { packages: ['ai6', '@ai-sdk/openai-compatible2'], build: buildAiSdk },
  'ai 7': { packages: ['ai7', '@ai-sdk/openai-compatible3'], build: buildAiSdk },
  '@langchain/openai 1.5': { packages: ['@langchain/openai15'], build: buildLangchain },
  '@langchain/openai 1.6': { packages: ['@langchain/openai16'], build: buildLangchain },

  /** What every way of loading is tried with: the runtime's own two transports. */
  'fetch and node:http': {
    packages: ['node:http'],
    build(api, http) {
      const work = [plainHttp(fetchWith(fetch, api.origin), api.key), buildNodeHttp(api, http)]
      return async () => ({ fetch: await work[0](), http: await work[1]() })
    },
  },

  /** What the TypeScript consumer asks. */
  'one question': {
    packages: [],
    build:
      ({ origin, key }) =>
      async () => {
        const body = JSON.stringify({ model: CHAT, messages: [{ role: 'user', content: QUESTION }] })
        const response = await fetch(`${origin}/v1/chat/completions`, {
          method: 'POST',
          headers: headersOf(key),
          body,
        })
        return response.json()
      },
  },
}
