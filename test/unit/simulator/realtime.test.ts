import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { DEFAULT_KEY, startSimulator, type Simulator } from '../../simulator/index.ts'

let simulator: Simulator
beforeAll(async () => {
  simulator = await startSimulator({ seed: 'realtime', realtimeCompression: 'context-takeover' })
})
afterAll(() => simulator.close())

const GEMINI = '/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent'
const authorization = `Bearer ${DEFAULT_KEY}`
type Message = Record<string, any>

interface Session {
  readonly messages: Message[]
  readonly closeCode: number
  readonly inferenceId: string | undefined
}

/** Sends messages once the first has come, and closes when a message says that it is the last one. */
async function converse(
  path: string,
  messages: readonly object[],
  isLast: (message: Message, all: readonly Message[]) => boolean,
  headers: Record<string, string> = {},
): Promise<Session> {
  const socket = new WebSocket(simulator.url.replace('http', 'ws') + path, {
    headers: { authorization, ...headers },
  })
  const received: Message[] = []
  let inferenceId: string | undefined
  socket.on('upgrade', (response) => (inferenceId = response.headers['x-inference-id'] as string | undefined))
  socket.on('error', () => {})
  const [first, ...rest] = messages
  if (path.startsWith('/ws/')) socket.once('open', () => socket.send(JSON.stringify(first)))
  socket.on('message', (data) => {
    const message = JSON.parse((data as Buffer).toString()) as Message
    received.push(message)
    if (received.length === 1)
      for (const next of path.startsWith('/ws/') ? rest : messages) socket.send(JSON.stringify(next))
    if (isLast(message, received)) socket.close(1000)
  })
  const [closeCode] = (await once(socket, 'close')) as [number]
  await simulator.idle()
  return { messages: received, closeCode, inferenceId }
}

const done = (count: number) => (message: Message, all: readonly Message[]) =>
  message['type'] === 'response.done' && all.filter(({ type }) => type === 'response.done').length === count

describe("OpenAI's protocol", () => {
  test('charges the sum of what its responses say', async () => {
    const talk = [
      {
        type: 'conversation.item.create',
        item: { type: 'message', content: [{ type: 'input_text', text: 'hi' }] },
      },
      { type: 'response.create' },
      { type: 'response.create' },
    ]
    const { messages, inferenceId } = await converse(
      '/v1/realtime?model=openai/gpt-realtime-2.1',
      talk,
      done(2),
    )
    expect(messages[0]).toMatchObject({
      type: 'session.created',
      session: { model: 'gpt-realtime-2.1-2026-09-30' },
    })
    const usages = messages
      .filter(({ type }) => type === 'response.done')
      .map(({ response }) => response.usage)
    expect(usages).toHaveLength(2)
    const entry = simulator.ledger.find(inferenceId ?? '')
    expect(entry?.tokens).toEqual({
      input: usages[0].input_tokens + usages[1].input_tokens,
      output: usages[0].output_tokens + usages[1].output_tokens,
    })
    expect(entry).toMatchObject({ endpoint: 'realtime', status: 'charged', model: 'openai/gpt-realtime-2.1' })
    expect(messages.some(({ type }) => type === 'response.output_audio.delta')).toBe(true)
  })

  test('bills a voice by its seconds, and says them of the whole session', async () => {
    const audio = Buffer.alloc(48_000).toString('base64')
    const talk = [
      { type: 'input_audio_buffer.append', audio },
      { type: 'input_audio_buffer.commit' },
      { type: 'response.create' },
      { type: 'response.create' },
    ]
    const path = '/v1/realtime?model=x-ai/grok-voice-think-fast-2.0'
    const { messages, inferenceId } = await converse(path, talk, done(2))
    const said = messages.filter(({ type }) => type === 'response.done')
    expect(said.map(({ response }) => response.usage)).toEqual([{}, {}])
    const [first, second] = said.map(({ usage }) => usage.billable_audio_seconds as number)
    expect(second).toBeGreaterThan(first as number)
    const credits = simulator.ledger.find(inferenceId ?? '')?.credits ?? 0
    expect(Math.abs(credits - (second as number) * 1700)).toBeLessThanOrEqual(2)
  })

  test('tells the cost where the model does', async () => {
    const path = '/v1/realtime?model=openai/gpt-realtime-2.1-mini'
    const { messages, inferenceId } = await converse(path, [{ type: 'response.create' }], done(1))
    const entry = simulator.ledger.find(inferenceId ?? '')
    expect(messages.at(-1)?.['response'].meta.usage.credits_used).toBe(entry?.credits)
    expect(entry?.reported).toBe(true)
  })

  test.each(['gpt-4o-transcribe', 'whisper-1'])('tells what a transcription by %s used', async (model) => {
    const session = { audio: { input: { transcription: { model } } } }
    const talk = [
      { type: 'session.update', session },
      { type: 'input_audio_buffer.append', audio: Buffer.alloc(9600).toString('base64') },
      { type: 'input_audio_buffer.commit' },
    ]
    const isLast = ({ type }: Message): boolean =>
      type === 'conversation.item.input_audio_transcription.completed'
    const { messages } = await converse('/v1/realtime?model=openai/gpt-realtime-2.1', talk, isLast)
    expect(messages.at(-1)?.['usage'].type).toBe(model === 'whisper-1' ? 'duration' : 'tokens')
  })

  test('breaks off in the middle of a frame when ordered to, and charges nevertheless', async () => {
    const { closeCode, messages, inferenceId } = await converse(
      '/v1/realtime?model=openai/gpt-realtime-2.1',
      [{ type: 'response.create' }],
      () => false,
      { 'x-sim-fault': 'breakAt=0.5' },
    )
    expect(closeCode).toBe(1006)
    expect(messages.some(({ type }) => type === 'response.done')).toBe(false)
    expect(simulator.ledger.find(inferenceId ?? '')?.credits).toBeGreaterThan(0)
  })
})

test("Google's protocol says the usage of each turn, and charges their sum", async () => {
  const turn = { clientContent: { turns: [{ role: 'user', parts: [{ text: 'hi' }] }], turnComplete: true } }
  const isLast = (message: Message, all: readonly Message[]): boolean =>
    message['serverContent']?.turnComplete === true &&
    all.filter(({ serverContent }) => serverContent?.turnComplete === true).length === 2
  const setup = { setup: { model: 'models/google/gemini-3.8-live' } }
  const { messages, inferenceId } = await converse(GEMINI, [setup, turn, turn], isLast)
  const usages = messages
    .filter(({ serverContent }) => serverContent?.turnComplete)
    .map(({ usageMetadata }) => usageMetadata)
  expect(simulator.ledger.find(inferenceId ?? '')?.tokens.input).toBe(
    usages[0].promptTokenCount + usages[1].promptTokenCount,
  )
})

test.each([
  [{ authorization: 'Bearer nobody' }, 401],
  [{ authorization: '', 'x-sim-fault': 'status=429' }, 401],
  [{ 'x-sim-fault': 'status=429' }, 429],
])('a handshake with %j is refused with %i', async (headers, status) => {
  const socket = new WebSocket(`${simulator.url.replace('http', 'ws')}/v1/realtime`, {
    headers: { authorization, ...headers },
  })
  socket.on('error', () => {})
  const [, response] = (await once(socket, 'unexpected-response')) as [
    unknown,
    { statusCode: number; destroy(): void },
  ]
  response.destroy()
  expect(response.statusCode).toBe(status)
})

test.each([
  [{ 'x-goog-api-key': DEFAULT_KEY }, []],
  [{ authorization: `Token ${DEFAULT_KEY}` }, []],
  [{}, ['realtime', `openai-insecure-api-key.${DEFAULT_KEY}`]],
])('a key is taken from %j, or subprotocols %j', async (headers, protocols) => {
  const url = `${simulator.url.replace('http', 'ws')}/v1/realtime?model=openai/gpt-realtime-2.1`
  const socket = new WebSocket(url, protocols, { headers })
  await once(socket, 'open')
  socket.close(1000)
  expect(await once(socket, 'close')).toEqual([1000, Buffer.alloc(0)])
})
