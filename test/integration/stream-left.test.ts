/** A stream is over with its last event, not with its connection: many clients cancel it there. */
import { createServer, request } from 'node:http'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { register, type CallRecord, type Registration } from '../../src/index.ts'
import { addressOf, listen } from './traffic-support/origin-server.ts'

const usage = { prompt_tokens: 10, completion_tokens: 5 }
const meta = { usage: { credits_used: 700 } }
const chat = { id: 'c', object: 'chat.completion.chunk', choices: [], usage, meta }
const claude = { input_tokens: 10, output_tokens: 5 }
const STREAMS: Record<string, readonly unknown[]> = {
  '/v1/chat/completions': [chat, '[DONE]'],
  '/v1/messages': [
    { type: 'message_start', message: { usage: claude } },
    { type: 'message_stop', meta },
  ],
  '/v1/responses': [{ type: 'response.completed', response: { id: 'r', usage: claude, meta } }],
  '/v1/images/generations': [{ type: 'image_generation.completed', usage: claude, meta }],
}

/** Says everything, and keeps the connection open. */
const server = createServer((incoming, response) => {
  incoming.resume()
  const [path = '', coding] = (incoming.url ?? '').split('?')
  if (STREAMS[path] === undefined) return void response.writeHead(404).end()
  const lines = STREAMS[path]?.map(
    (event) => `data: ${typeof event === 'string' ? event : JSON.stringify(event)}`,
  )
  const text = Buffer.from(`${lines?.join('\n\n')}\n\n`)
  const head = { 'content-type': 'text/event-stream', 'x-inference-id': 'inf-1' }
  response.writeHead(200, coding ? { ...head, 'content-encoding': coding } : head)
  // Without the trailer, so that the encoded body has no end either.
  response.write(coding ? gzipSync(text).subarray(0, -8) : text)
})

let url: string
beforeAll(async () => {
  await listen(server)
  url = addressOf(server)
})
afterAll(() => {
  server.close()
  server.closeAllConnections()
})

const records: CallRecord[] = []
let registration: Registration
beforeEach(() => {
  records.length = 0
  registration = register({
    apiKey: 'a-key-of-this-test',
    baseUrls: url,
    prometheus: false,
    balance: false,
    onCall: (record) => void records.push(record),
  })
})
afterEach(() => registration.shutdown())

const call = { method: 'POST', headers: { authorization: 'Bearer a-key-of-this-test' } }
const clients: Record<string, (path: string) => Promise<Readable>> = {
  fetch: async (path) => Readable.fromWeb((await fetch(url + path, call)).body as never),
  'node:http': (path) =>
    new Promise((resolve, reject) => {
      request(url + path, call, resolve)
        .on('error', reject)
        .end()
    }),
}

/** Reads what there is, and leaves. */
async function leaveAfterTheFirstChunk(body: Readable): Promise<void> {
  for await (const chunk of body) if (chunk.length > 0) break
}

const kinds = Object.keys(clients).flatMap((client) => [
  [client, '/v1/chat/completions'] as const,
  [client, '/v1/chat/completions?gzip'] as const,
  [client, '/v1/messages'] as const,
  [client, '/v1/responses'] as const,
])

it.each(kinds)('a stream by %s that is cancelled after its last event is whole: %s', async (client, path) => {
  await leaveAfterTheFirstChunk(await clients[client]!(path))
  await vi.waitFor(async () => {
    await registration.forceFlush()
    expect(records).toHaveLength(1)
  })
  const [record] = records
  expect(record?.errorType).toBeUndefined()
  expect(record).toMatchObject({ pending: false, usage: { inputTokens: 10, outputTokens: 5, credits: 700 } })
})

it('a stream of images that is cancelled after one of them was broken off: others may follow', async () => {
  await leaveAfterTheFirstChunk(await clients['fetch']!('/v1/images/generations'))
  await vi.waitFor(async () => {
    await registration.forceFlush()
    expect(records).toMatchObject([{ errorType: 'aborted', pending: true }])
  })
})
