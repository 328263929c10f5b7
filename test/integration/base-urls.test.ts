/** A base URL is found however a client spells it. */
import { createServer, request } from 'node:http'
import type { LookupFunction } from 'node:net'
import { Agent, fetch } from 'undici'
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'
import { register } from '../../src/index.ts'
import { addressOf, listen } from './traffic-support/origin-server.ts'

const server = createServer((incoming, response) => {
  incoming.resume().on('end', () => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ meta: { usage: { credits_used: 7 } } }))
  })
})
let port: string
beforeAll(async () => {
  await listen(server)
  port = new URL(addressOf(server)).port
})
afterAll(() => {
  server.close()
  server.closeAllConnections()
})
afterEach(() => vi.unstubAllGlobals())

/** Every name is this computer's. */
const lookup = ((_name, { all }, found) => {
  if (all === true) found(null, [{ address: '127.0.0.1', family: 4 }])
  else found(null, '127.0.0.1', 4)
}) as LookupFunction

const PATH = '/v1/chat/completions'
const dispatcher = new Agent({ connect: { lookup } })
afterAll(() => dispatcher.destroy())
const clients = [
  ['fetch', async (origin: string) => (await fetch(origin + PATH, { method: 'POST', dispatcher })).text()],
  [
    'node:http',
    (origin: string) =>
      new Promise((resolve, reject) => {
        request(origin + PATH, { method: 'POST', lookup }, (response) => response.resume().on('end', resolve))
          .on('error', reject)
          .end()
      }),
  ],
] as const
type Call = (typeof clients)[number][1]

async function countCalls(baseUrl: string, call: Call, host: string): Promise<number> {
  const onCall = vi.fn<() => void>()
  const options = { prometheus: false, balance: false, settlement: false, onCall } as const
  const registration = register({ ...options, baseUrls: `http://${baseUrl}:${port}` })
  await call(`http://${host}:${port}`)
  await registration.shutdown()
  return onCall.mock.calls.length
}

const spellings = [
  ['api.example.test', 'api.example.test.'],
  ['api.example.test.', 'api.example.test'],
  ['api.example.test', 'API.Example.Test'],
  ['bücher.test', 'xn--bcher-kva.test'],
  ['127.0.0.1', '127.1'],
] as const
const rows = clients.flatMap(([name, call]) =>
  spellings.map(([base, host]) => [name, base, host, call] as const),
)

it.each(rows)('by %s, the base URL %s covers %s', async (_name, baseUrl, host, call) => {
  expect(await countCalls(baseUrl, call, host)).toBe(1)
})

it.each(clients)(
  'by %s, it is found where the application has replaced the global URL',
  async (_name, call) => {
    // As a DOM for tests does; older ones have no canParse().
    vi.stubGlobal(
      'URL',
      class extends URL {
        static override canParse = undefined as never
      },
    )
    expect(await countCalls('api.example.test', call, 'api.example.test')).toBe(1)
  },
)
