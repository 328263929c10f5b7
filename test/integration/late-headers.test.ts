/** With node:http, headers may be set after the request was made: http-proxy and many programs set the key then. */
import diagnosticsChannel from 'node:diagnostics_channel'
import { createServer, request } from 'node:http'
import { trace } from '@opentelemetry/api'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { register, type CallRecord } from '../../src/index.ts'
import { addressOf, listen } from './traffic-support/origin-server.ts'

const KEY = 'a-key-of-this-test'
const server = createServer((incoming, response) => {
  incoming.resume().on('end', () => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ meta: { usage: { credits_used: 7 } } }))
  })
})
beforeAll(() => listen(server))
afterAll(() => {
  server.close()
  server.closeAllConnections()
})

/** As an instrumentation does that starts spans at creation: ours is started before it. */
const subscriber = (): void => {}
const CREATED = 'http.client.request.created'
afterEach(() => {
  diagnosticsChannel.unsubscribe(CREATED, subscriber)
  trace.disable()
})

it.each([
  ['nobody else', false],
  ['another instrumentation', true],
])('belongs to the account whose key is set late, where %s looks at requests', async (_who, isWatched) => {
  const spans = new InMemorySpanExporter()
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }))
  const records: CallRecord[] = []
  const registration = register({
    accounts: [{ name: 'search', apiKey: KEY }],
    baseUrls: addressOf(server),
    prometheus: false,
    balance: false,
    settlement: false,
    onCall: (record) => void records.push(record),
  })
  if (isWatched) diagnosticsChannel.subscribe(CREATED, subscriber)
  await new Promise((resolve, reject) => {
    const outgoing = request(`${addressOf(server)}/v1/chat/completions`, { method: 'POST' }, (response) =>
      response.resume().on('end', resolve),
    )
    outgoing.on('error', reject)
    outgoing.setHeader('authorization', `Bearer ${KEY}`)
    outgoing.setHeader('x-client-request-id', 'mine-1')
    outgoing.end('{"model":"m"}')
  })
  await registration.shutdown()
  expect(records).toMatchObject([{ account: 'search', clientRequestId: 'mine-1' }])
  const [span] = spans.getFinishedSpans()
  expect(span?.attributes).toMatchObject({ 'aimlapi.account': 'search', 'gen_ai.request.model': 'm' })
})
