import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DEFAULT_KEY, startSimulator, type Simulator } from '../../simulator/index.ts'

let simulator: Simulator
beforeAll(async () => {
  simulator = await startSimulator({ seed: 'families' })
})
afterAll(() => simulator.close())

const authorization = `Bearer ${DEFAULT_KEY}`
type Body = Record<string, any>

async function post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${simulator.url}${path}`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
}

async function get(path: string): Promise<Response> {
  return fetch(`${simulator.url}${path}`, { headers: { authorization } })
}

function creditsOf(response: Response): number {
  return Number(response.headers.get('x-aimlapi-credits-used'))
}

const MESSAGES = [{ role: 'user', content: 'Say hello.' }]

const SYNCHRONOUS = [
  ['chat', '/v1/chat/completions', { model: 'gpt-4o', messages: MESSAGES }],
  ['chat', '/chat/completions', { model: 'x-ai/grok-4-fast-reasoning', messages: MESSAGES }],
  [
    'chat',
    '/openai/deployments/google/gemini-2.5-pro/chat/completions?api-version=1',
    { messages: MESSAGES },
  ],
  ['responses', '/v1/responses', { model: 'openai/gpt-5-1', input: 'Say hello.' }],
  ['messages', '/v1/messages', { model: 'claude-sonnet-4-5', max_tokens: 50, messages: MESSAGES }],
  ['embeddings', '/v1/embeddings', { model: 'text-embedding-3-small', input: ['a', 'b'] }],
  ['embeddings', '/v1/embeddings', { model: 'voyage-2', input: 'a' }],
  ['image', '/v1/images/generations', { model: 'flux/schnell', prompt: 'a fox' }],
  ['image', '/images/edits', { model: 'openai/gpt-image-1', prompt: 'a fox' }],
  ['image', '/v1/images/generations/with-url', { model: 'alibaba/qwen-image', prompt: 'a fox' }],
  ['3d', '/v1/images/generations', { model: 'triposr', image_url: 'https://example.invalid/fox.png' }],
  ['speech', '/v1/tts', { model: 'inworld/tts-1', text: 'Hello there.' }],
  ['transcription', '/v1/stt', { model: '#g1_nova-2-general', url: 'https://example.invalid/a.mp3' }],
  ['ocr', '/v1/ocr', { model: 'mistral/mistral-ocr-latest', document: {} }],
  ['music', '/v2/generate/audio/minimax/generate', { model: 'music-01', refer_voice: 'v' }],
  ['chat', '/v1/completions', { model: 'some/base-model', prompt: 'Once' }],
  ['chat', '/v1/chat/completions', { model: 'typesafe/jev-router', messages: MESSAGES }],
  ['decisions', '/v1/decisions', { model: 'typesafe/jev', state: 'x', questions: { q: { type: 'noul' } } }],
  [
    '3d',
    '/v1/images/generations',
    { model: 'meshy/meshy-6-image-to-3d', image_url: 'https://example.invalid' },
  ],
  ['speech', '/v1/audio/speech', { model: 'inworld/tts-1', input: 'Hello there.' }],
  ['other', '/v1/rerank', { model: 'some/reranker', query: 'Once' }],
] as const

describe('synchronous families', () => {
  it.each(SYNCHRONOUS)(
    '%s at %s states in its headers what the ledger charged',
    async (family, path, body) => {
      const response = await post(path, body, { 'x-client-request-id': 'order-42', 'x-sim-tag': 'sync' })
      expect(response.status).toBe(200)
      await response.json()
      const entry = simulator.ledger.find(response.headers.get('x-inference-id') ?? '')
      expect(entry).toMatchObject({
        endpoint: family,
        status: 'charged',
        clientRequestId: 'order-42',
        tag: 'sync',
      })
      expect(creditsOf(response)).toBe(entry?.credits)
      expect(response.headers.get('x-aimlapi-usd-spent')).toMatch(/^\d+\.\d{9}$/)
      expect(response.headers.get('x-client-request-id')).toBe('order-42')
      expect(Number.isSafeInteger(entry?.credits)).toBe(true)
    },
  )

  it('a client request id that is not valid is dropped', async () => {
    const response = await post('/v1/ocr', { model: 'x/ocr' }, { 'x-client-request-id': 'not valid' })
    expect(response.headers.has('x-client-request-id')).toBe(false)
    expect(simulator.ledger.find(response.headers.get('x-inference-id') ?? '')?.clientRequestId).toBeNull()
  })

  it('reasoning stands outside the completion tokens where the vendor does so', async () => {
    const response = await post('/v1/chat/completions', {
      model: 'google/gemini-2.5-pro',
      messages: MESSAGES,
    })
    const { usage } = (await response.json()) as Body
    const reasoning = usage.completion_tokens_details.reasoning_tokens
    expect(reasoning).toBeGreaterThan(0)
    expect(usage.total_tokens).toBe(usage.prompt_tokens + usage.completion_tokens + reasoning)
  })

  it('cache tokens of messages stand outside the input tokens, and the ledger has the sum', async () => {
    const response = await post('/v1/messages', {
      model: 'claude-sonnet-4-5',
      max_tokens: 9,
      messages: MESSAGES,
    })
    const { usage } = (await response.json()) as Body
    const input = usage.input_tokens + usage.cache_read_input_tokens + usage.cache_creation_input_tokens
    const entry = simulator.ledger.find(response.headers.get('x-inference-id') ?? '')
    expect(entry?.tokens).toEqual({ input, output: usage.output_tokens })
  })

  it('older bodies call the credits tokens_used', async () => {
    const response = await post('/v1/images/generations', { model: 'flux/schnell', prompt: 'a fox' })
    expect(((await response.json()) as Body).meta).toEqual({ usage: { tokens_used: creditsOf(response) } })
  })

  it('exact usage can be ordered for one request', async () => {
    const order = { 'x-sim-options': 'input=11; output=7; cached=3; credits=77' }
    const response = await post('/v1/chat/completions', { model: 'gpt-4o', messages: MESSAGES }, order)
    const { usage, meta } = (await response.json()) as Body
    expect(usage).toMatchObject({ prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 })
    expect(usage.prompt_tokens_details.cached_tokens).toBe(3)
    expect(meta.usage).toEqual({ credits_used: 77, usd_spent: 0.0000385 })
  })
})

/** The data of every event of a stream. */
async function events(response: Response): Promise<Body[]> {
  const text = await response.text()
  return text
    .split('\n')
    .filter((line) => line.startsWith('data: ') && line !== 'data: [DONE]')
    .map((line) => JSON.parse(line.slice(6)))
}

describe('streams', () => {
  it('an OpenAI style stream has its usage and cost in the last chunk, and no credit header', async () => {
    const response = await post('/v1/chat/completions', { model: 'gpt-4o', messages: MESSAGES, stream: true })
    expect(response.headers.get('content-type')).toContain('text/event-stream')
    expect(response.headers.has('x-aimlapi-credits-used')).toBe(false)
    const chunks = await events(response)
    const last = chunks.at(-1)
    expect(chunks.slice(0, -1).every((chunk) => chunk['usage'] === null)).toBe(true)
    await simulator.idle()
    const entry = simulator.ledger.find(response.headers.get('x-inference-id') ?? '')
    expect(last?.['meta'].usage.credits_used).toBe(entry?.credits)
    expect(last?.['usage'].prompt_tokens).toBe(entry?.tokens.input)
    expect(entry?.reported).toBe(true)
  })

  it('a Claude style stream has its usage on the chunk before the last, and its id on the first', async () => {
    const body = { model: 'anthropic/claude-haiku-4.5', messages: MESSAGES, stream: true }
    const chunks = await events(await post('/v1/chat/completions', body))
    expect(chunks.at(-2)?.['usage'].completion_tokens).toBeGreaterThan(0)
    expect(chunks.at(-1)?.['usage']).toBeNull()
    expect(chunks.at(-1)?.['choices'][0].delta).toBeUndefined()
    expect(chunks.map((chunk) => chunk['id'] !== '')).toEqual([true, ...chunks.slice(1).map(() => false)])
  })

  it.each([
    ['/v1/responses', { model: 'openai/gpt-5-1', input: 'Hi', stream: true }, 'response.completed'],
    ['/v1/messages', { model: 'claude-sonnet-4-5', messages: MESSAGES, stream: true }, 'message_stop'],
  ])('typed events of %s end with the cost', async (path, body, type) => {
    const response = await post(path, body)
    const last = (await events(response)).at(-1)
    await simulator.idle()
    const entry = simulator.ledger.find(response.headers.get('x-inference-id') ?? '')
    expect(last?.['type']).toBe(type)
    expect((last?.['response'] ?? last).meta.usage.credits_used).toBe(entry?.credits)
  })

  it('usage only comes when asked for, where the simulator is told so', async () => {
    const order = { 'x-sim-options': 'usage=when-asked; meta=no; done=no' }
    const body = { model: 'gpt-4o', messages: MESSAGES, stream: true }
    const silent = await events(await post('/v1/chat/completions', body, order))
    expect(silent.every((chunk) => chunk['usage'] === null && chunk['meta'] === undefined)).toBe(true)
    const asked = { ...body, stream_options: { include_usage: true } }
    expect((await events(await post('/v1/chat/completions', asked, order))).at(-1)?.['usage']).not.toBeNull()
  })

  it('a stream that the client breaks off is charged for what was generated so far', async () => {
    const order = { 'x-sim-options': 'input=100; output=1000; chunks=40; paceMs=10' }
    const leave = new AbortController()
    const response = await fetch(`${simulator.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization, ...order },
      body: JSON.stringify({ model: 'gpt-4o', messages: MESSAGES, stream: true }),
      signal: leave.signal,
    })
    await response.body?.getReader().read()
    leave.abort()
    await simulator.idle()
    const entry = simulator.ledger.find(response.headers.get('x-inference-id') ?? '')
    expect(entry?.reported).toBe(false)
    expect(entry?.tokens.output).toBeLessThan(1000)
    expect(entry?.credits).toBe(100 * 5 + (entry?.tokens.output ?? 0) * 20)
  })

  it('binary speech says nothing of its cost, but the ledger has it', async () => {
    const response = await post('/v1/tts', { model: 'inworld/tts-1', text: 'Hello there.', stream: true })
    expect(response.headers.get('content-type')).toBe('audio/wav')
    expect(response.headers.has('x-aimlapi-credits-used')).toBe(false)
    const audio = Buffer.from(await response.arrayBuffer())
    expect(audio.subarray(0, 4).toString()).toBe('RIFF')
    expect(audio.readUInt32LE(40)).toBe(audio.length - 44)
    const entry = simulator.ledger.find(response.headers.get('x-inference-id') ?? '')
    expect(entry).toMatchObject({ credits: 12 * 21, reported: false })
  })
})

describe('jobs', () => {
  it('a video is held at create, told there, and charged when it is completed', async () => {
    const created = await post('/v2/video/generations', { model: 'alibaba/wan-2-6-t2v', prompt: 'a fox' })
    const { id, status, meta } = (await created.json()) as Body
    expect(status).toBe('queued')
    expect(created.headers.get('x-inference-id')).toBe(id)
    expect(simulator.ledger.find(id)).toMatchObject({ status: 'held', credits: meta.usage.credits_used })
    const first = await get(`/v2/video/generations?generation_id=${id}`)
    expect(await first.json()).toEqual({ id, status: 'generating' })
    expect(first.headers.has('x-aimlapi-credits-used')).toBe(false)
    const second = await get(`/v2/video/generations?generation_id=${id}`)
    expect(await second.json()).toMatchObject({ id, status: 'completed' })
    expect(simulator.ledger.find(id)).toMatchObject({ status: 'charged', credits: meta.usage.credits_used })
  })

  it('a job that fails gives its hold back', async () => {
    const before = simulator.accounts.get('default').balanceCredits
    const created = await post('/video/generations', { model: 'veo3-that-fails', prompt: 'a fox' })
    const { id, meta } = (await created.json()) as Body
    expect(simulator.accounts.get('default').balanceCredits).toBe(before - meta.usage.credits_used)
    await (await get(`/v2/video/generations?generation_id=${id}`)).json()
    const failed = await get(`/v2/video/generations?generation_id=${id}`)
    expect(await failed.json()).toMatchObject({ status: 'error', error: {} })
    expect(simulator.accounts.get('default').balanceCredits).toBe(before)
    expect(simulator.ledger.find(id)).toMatchObject({ status: 'released', credits: 0 })
  })

  it.each([
    ['/v2/generate/video/kling/generation', 'klingai/avatar-pro', /^[0-9a-f-]{36}:klingai\/avatar-pro$/],
    ['/v1/video/generations', 'openai/sora-2-t2v', /^video_[0-9a-f]{48}:openai\/sora-2-t2v$/],
    ['/v2/generate/video/minimax/generation', 'minimax/hailuo-02', /^\d{15}$/],
    ['/v2/generate/audio', 'minimax/music-2.0', /:minimax\/music-2\.0$/],
  ])('%s with %s has an id of its own form, which polls take URL-encoded', async (path, model, form) => {
    const created = await post(path, { model, prompt: 'a fox' }, { 'x-sim-options': 'polls=1' })
    const body = (await created.json()) as Body
    const id = body['id'] ?? body['generation_id']
    expect(id).toMatch(form)
    const polled = await get(`${path}?generation_id=${encodeURIComponent(id)}`)
    expect(((await polled.json()) as Body)['status']).toBe('completed')
    expect(polled.headers.has('x-inference-id')).toBe(false)
  })

  it.each([
    ['create', [true, false, false]],
    ['create-and-polls', [true, true, true]],
    ['final-poll', [false, false, true]],
    ['nowhere', [false, false, false]],
  ])('credits can be told at: %s', async (report, told) => {
    const order = { 'x-sim-options': `report=${report}` }
    const created = await post('/v2/video/generations', { model: 'alibaba/wan-2-6-t2v', prompt: 'x' }, order)
    const { id } = (await created.clone().json()) as Body
    const poll = `/v2/video/generations?generation_id=${id}`
    const answers = [created, await get(poll), await get(poll)]
    expect(answers.map((answer) => answer.headers.has('x-aimlapi-credits-used'))).toEqual(told)
    const bodies = await Promise.all(answers.map((answer) => answer.json() as Promise<Body>))
    expect(bodies.map((body) => body['meta'] !== undefined)).toEqual(told)
    expect(simulator.ledger.find(id)).toMatchObject({ status: 'charged', reported: report !== 'nowhere' })
  })

  it.each([
    ['#g1_nova-2-general', (body: Body) => body['result'].metadata.duration],
    ['aai/universal', (body: Body) => body['result'].audio_duration],
    ['openai/gpt-4o-transcribe', (body: Body) => body['output'].usage.total_tokens],
    ['microsoft/mai-transcribe-1.5', (body: Body) => body['usage'].seconds],
  ])('a transcription by %s is created from a form and polled', async (model, measure) => {
    const form = new FormData()
    form.set('model', model)
    form.set('audio', new Blob([Buffer.alloc(3000, 7)]), 'a.mp3')
    const created = await fetch(`${simulator.url}/v1/stt/create`, {
      method: 'POST',
      headers: { authorization },
      body: form,
    })
    const { generation_id: id } = (await created.json()) as Body
    expect(creditsOf(created)).toBe(simulator.ledger.find(id)?.credits)
    await (await get(`/v1/stt/${id}`)).json()
    const body = (await (await get(`/stt/${id}`)).json()) as Body
    expect(body['status']).toBe('completed')
    expect(measure(body)).toBeGreaterThan(0)
    expect(simulator.ledger.find(id)?.model).toBe(model)
  })
})

describe('batches', () => {
  const requests = ['one', 'two'].map((name) => ({
    custom_id: name,
    params: { model: 'claude-sonnet-4-5', max_tokens: 30, messages: MESSAGES },
  }))

  it('results come as NDJSON once the batch has ended, and the ledger has one charge', async () => {
    const { id } = (await (await post('/v1/batches', { requests })).json()) as Body
    expect(await (await get(`/v1/batches?batch_id=${id}`)).json()).toEqual({ id, status: 'generating' })
    const text = await (await get(`/v1/batches?batch_id=${id}`)).text()
    const lines = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Body)
    expect(lines.map((line) => line['custom_id'])).toEqual(['one', 'two'])
    expect(lines[0]?.['result'].message.usage.service_tier).toBe('batch')
    const output = lines.reduce((sum, line) => sum + line['result'].message.usage.output_tokens, 0)
    expect(simulator.ledger.entries({ endpoint: 'batch' })).toMatchObject([
      { inferenceId: id, status: 'charged', tokens: { output } },
    ])
    expect(await (await get(`/v1/batches?batch_id=${id}`)).text()).toBe(text)
  })

  it('a cancelled batch costs nothing, and cannot be cancelled twice', async () => {
    const { id } = (await (await post('/v1/batches', { requests })).json()) as Body
    const cancelled = await post(`/v1/batches/cancel/${id}`, {})
    expect(await cancelled.json()).toMatchObject({ id, status: 'cancelled' })
    expect(simulator.ledger.find(id)).toMatchObject({ status: 'released', credits: 0 })
    expect((await post(`/v1/batches/cancel/${id}`, {})).status).toBe(400)
  })
})

describe('assistants', () => {
  it('objects are free, and runs are charged without saying so', async () => {
    const thread = await post('/threads', {})
    expect(thread.headers.has('x-inference-id')).toBe(false)
    const { id } = (await thread.json()) as Body
    const run = await post(`/threads/${id}/runs`, { assistant_id: 'asst_1', stream: true })
    const text = await run.text()
    expect(text.endsWith('event: done\ndata: [DONE]\n\n')).toBe(true)
    await simulator.idle()
    const entry = simulator.ledger.find(run.headers.get('x-inference-id') ?? '')
    expect(entry).toMatchObject({ endpoint: 'assistants', reported: false, status: 'charged' })
  })
})

describe('refusals', () => {
  it.each([
    ['an unknown key', 401, { authorization: 'Bearer nobody' }, {}],
    ['a body without a model', 400, {}, { model: undefined }],
    ['a model that does not exist', 404, {}, { model: 'missing/model' }],
    ['a role that does not exist', 400, {}, { messages: [{ role: 'ghost', content: 'canary prompt' }] }],
    ['an ordered 429', 429, { 'x-sim-fault': 'status=429' }, {}],
  ])('%s is answered %i in the documented shape, and never charged', async (_, status, headers, change) => {
    const before = simulator.ledger.sum()
    const body = { model: 'gpt-4o', messages: MESSAGES, ...change }
    const response = await post('/v1/chat/completions', body, headers)
    expect(response.status).toBe(status)
    const error = (await response.json()) as Body
    expect(Number(error['statusCode'])).toBe(status)
    expect(Object.keys(error).sort()).toEqual(['message', 'path', 'requestId', 'statusCode', 'timestamp'])
    expect(response.headers.has('x-aimlapi-credits-used')).toBe(false)
    expect(simulator.ledger.sum().credits).toBe(before.credits)
  })

  it('an account without credits is refused with 403, in any of the three auth headers', async () => {
    const poor = await startSimulator({
      accounts: [{ name: 'poor', keys: ['0123456789abcdef'], balanceCredits: 0 }],
    })
    for (const headers of [
      { authorization: 'Bearer 0123456789abcdef' },
      { 'x-api-key': '0123456789abcdef' },
      { 'api-key': '0123456789abcdef' },
    ]) {
      const response = await fetch(`${poor.url}/v1/chat/completions`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ model: 'gpt-4o', messages: MESSAGES }),
      })
      expect(response.status).toBe(403)
      expect(((await response.json()) as Body)['message']).toContain('run out of credits')
    }
    expect(poor.ledger.sum({ status: 'failed' })).toMatchObject({ credits: 0, entries: 3 })
    await poor.close()
  })
})

describe('newer shapes', () => {
  const ledgerOf = (tag: string) => simulator.ledger.entries({ tag })

  it('a router answers with another model and charges the judgement apart', async () => {
    const before = simulator.ledger.entries({ tag: 'router-judgement' }).length
    const body = { model: 'liquid/d1-router', messages: MESSAGES }
    const response = await post('/v1/chat/completions', body, { 'x-sim-tag': 'routed' })
    const { model, meta } = (await response.json()) as Body
    expect(meta.model).toBe(response.headers.get('x-aimlapi-model'))
    expect(meta.provider).toBe(response.headers.get('x-aimlapi-provider'))
    expect(String(meta.model)).toMatch(new RegExp(`/${model}$`))
    expect(ledgerOf('routed')).toMatchObject([{ model: 'liquid/d1-router', catalogueModel: meta.model }])
    const judgements = simulator.ledger.entries({ tag: 'router-judgement' })
    expect(judgements).toHaveLength(before + 1)
    expect(judgements.at(-1)).toMatchObject({ model: 'liquid/d1', clientRequestId: null, status: 'charged' })
    expect(judgements.at(-1)?.inferenceId).not.toBe(ledgerOf('routed')[0]?.inferenceId)
  })

  it('a background response says what it used when it is read again, as often as one likes', async () => {
    const body = { model: 'openai/gpt-5-1', input: 'Say hello.', background: true }
    const created = (await (await post('/v1/responses', body, { 'x-sim-tag': 'background' })).json()) as Body
    expect(created).toMatchObject({ status: 'queued', usage: null })
    let read: Body = created
    while (read.status !== 'completed')
      read = (await (await get(`/v1/responses/${created.id}`)).json()) as Body
    expect((await (await get(`/v1/responses/${created.id}`)).json()) as Body).toEqual(read)
    const [entry] = ledgerOf('background')
    expect(entry).toMatchObject({ status: 'charged', credits: read.meta.usage.credits_used, reported: true })
    expect(entry?.tokens).toEqual({ input: read.usage.input_tokens, output: read.usage.output_tokens })
  })

  it('a response that was stored, and a chat that asked for it, are read again', async () => {
    const response = (await (
      await post('/v1/responses', { model: 'openai/gpt-5-1', input: 'x' })
    ).json()) as Body
    expect((await (await get(`/v1/responses/${response.id}`)).json()) as Body).toMatchObject(response)
    const chat = { model: 'gpt-4o-mini', messages: MESSAGES, store: true }
    const completion = (await (await post('/v1/chat/completions', chat)).json()) as Body
    expect((await (await get(`/v1/chat/completions/${completion.id}`)).json()) as Body).toEqual(completion)
  })

  it('a tool run is charged once, whoever asks for it again', async () => {
    const body = { tool: 'web/search', input: {}, idempotency_key: 'k1' }
    const queued = await post('/v1/tools/run', body, { 'x-sim-tag': 'tool' })
    expect(queued.status).toBe(202)
    let run = (await queued.json()) as Body
    expect(run.cost.credits).toBeNull()
    while (run.status !== 'completed') run = (await (await get(`/v1/tools/runs/${run.id}`)).json()) as Body
    expect(run.cost).toMatchObject({ credits: 15_600, actual_usd: 0.0078, quoted_usd: 0.0156 })
    expect((await (await post('/v1/tools/run', body)).json()) as Body).toEqual(run)
    expect(ledgerOf('tool')).toMatchObject([{ credits: 15_600, status: 'charged', reported: true }])
  })

  it('a tool run that failed costs nothing', async () => {
    const order = { 'x-sim-tag': 'failed-tool', 'x-sim-options': 'outcome=error' }
    const response = await post('/v1/tools/run', { tool: 'web/search', input: {}, wait_ms: 1000 }, order)
    expect(await response.json()).toMatchObject({ status: 'failed', is_error: true })
    expect(ledgerOf('failed-tool')).toMatchObject([{ credits: 0, status: 'released' }])
  })

  it('the first event of a messages stream has a placeholder for the output', async () => {
    const body = { model: 'claude-sonnet-4-5', max_tokens: 90, stream: true, messages: MESSAGES }
    const text = await (await post('/v1/messages', body, { 'x-sim-options': 'output=77' })).text()
    expect(text).toMatch(/message_start.*"output_tokens":4/)
    expect(text).toMatch(/message_delta.*"output_tokens":77/)
  })
})
