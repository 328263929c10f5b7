import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { RequestHead, Unhook } from '../../src/traffic/exchange.ts'
import { hookUndici } from '../../src/traffic/undici.ts'
import { createBytes, startOriginServer, type OriginServer } from './traffic-support/origin-server.ts'
import { createRecorder, type RecordedExchange, type Recorder } from './traffic-support/recorder.ts'
import { dispatcherOf, fetchOf, undiciClients, undiciModules } from './traffic-support/undici-clients.ts'

let server: OriginServer
let recorder: Recorder
let unhook: Unhook
beforeAll(async () => {
  server = await startOriginServer()
})
afterAll(() => server.close())
beforeEach(() => {
  recorder = createRecorder()
  unhook = hookUndici(recorder)
})
afterEach(() => {
  unhook()
  expect(recorder.errors).toEqual([])
})

const onlyExchange = async (): Promise<RecordedExchange> => {
  expect(recorder.exchanges).toHaveLength(1)
  const exchange = recorder.exchanges[0] as RecordedExchange
  await exchange.ended
  return exchange
}

describe.each(undiciClients)('$name', ({ call }) => {
  test('is seen with its head, and with every byte of both bodies', async () => {
    const body = createBytes(70_000)
    const headers = { 'content-type': 'application/x-test', Authorization: 'Bearer key' }
    const answer = await call({ url: `${server.url}/echo?q=%20x`, body, headers })
    const exchange = await onlyExchange()
    expect(exchange.head).toMatchObject({ method: 'POST', origin: server.url, path: '/echo?q=%20x' })
    expect(exchange.head.header('authorization')).toBe('Bearer key')
    expect(exchange.head.header('content-type')).toBe('application/x-test')
    expect(exchange.head.header('x-not-there')).toBeUndefined()
    expect(exchange.status).toBe(answer.status)
    expect(exchange.header('x-inference-id')).toBe('inference-1')
    expect(exchange.header('set-cookie')).toBe('a=1, b=2')
    expect(exchange.requestBytes.equals(body)).toBe(true)
    expect(exchange.responseBytes.equals(answer.body)).toBe(true)
    expect(answer.body.equals(body)).toBe(true)
    expect(exchange.events[0]).toBe('sent')
    expect(exchange.events.slice(-3)).toEqual(['responseHead 201', 'responseChunk', 'end whole'])
  })

  test.each(['/pieces', '/big', '/empty', '/404'])('is seen byte for byte on %s', async (path) => {
    const answer = await call({ url: server.url + path, method: 'GET' })
    const exchange = await onlyExchange()
    expect(exchange.responseBytes.equals(answer.body)).toBe(true)
    expect(exchange.status).toBe(answer.status)
    expect(exchange.endings).toEqual([undefined])
  })

  test.each(['/early', '/trailers', '/204', '/304', '/until-close'])(
    'ends once, with the final head, on %s',
    async (path) => {
      const answer = await call({ url: server.url + path, method: 'GET' })
      const exchange = await onlyExchange()
      expect(exchange.events.filter((event) => event.startsWith('responseHead'))).toEqual([
        `responseHead ${answer.status}`,
      ])
      expect(exchange.responseBytes.equals(answer.body)).toBe(true)
      expect(exchange.endings).toEqual([undefined])
    },
  )
})

describe.each(undiciModules)('%s', (_name, undici) => {
  test('is seen with request bodies of every kind', async () => {
    async function* generate() {
      yield 'one '
      yield Buffer.from('two')
    }
    const bodies: [unknown, string][] = [
      ['a string', 'a string'],
      [new Uint16Array([0x6161, 0x6262]), 'aabb'],
      [generate(), 'one two'],
      [new Blob(['a blob']), 'a blob'],
      [(await import('node:stream')).Readable.from(['text ', 'stream']), 'text stream'],
    ]
    for (const [body, expected] of bodies) {
      const response = await undici.request(`${server.url}/echo`, {
        method: 'POST',
        body: body as string,
        dispatcher: dispatcherOf(undici),
      })
      expect(await response.body.text()).toBe(expected)
      const exchange = recorder.exchanges.at(-1) as RecordedExchange
      await exchange.ended
      expect(exchange.requestBytes.toString()).toBe(expected)
    }
  })

  test('is seen with a form, whose bytes the client makes', async () => {
    const form = new undici.FormData()
    form.append('model', 'whisper')
    form.append('file', new Blob([createBytes(5000)]), 'a.bin')
    const response = await fetchOf(undici)(`${server.url}/echo`, {
      method: 'POST',
      body: form as unknown as FormData,
    })
    const echoed = Buffer.from(await response.arrayBuffer())
    const exchange = await onlyExchange()
    expect(exchange.requestBytes.equals(echoed)).toBe(true)
    expect(exchange.head.header('content-type')).toMatch(/^multipart\/form-data; boundary=/)
  })

  test('serves the global fetch after setGlobalDispatcher and is seen there', async () => {
    const before = undici.getGlobalDispatcher()
    const agent = new undici.Agent()
    undici.setGlobalDispatcher(agent)
    const response = await fetch(`${server.url}/pieces`)
    const body = Buffer.from(await response.arrayBuffer())
    undici.setGlobalDispatcher(before)
    expect((await onlyExchange()).responseBytes.equals(body)).toBe(true)
    await agent.close()
  })

  test('hands over the encoded bytes of an encoded body', async () => {
    const response = await fetchOf(undici)(`${server.url}/gzip`)
    expect(await response.text()).toContain('zipped')
    const { gunzipSync } = await import('node:zlib')
    const exchange = await onlyExchange()
    expect(exchange.header('content-encoding')).toBe('gzip')
    expect(gunzipSync(exchange.responseBytes).toString()).toContain('zipped')
  })
})

test('each hop of a redirect is an exchange of its own', async () => {
  const response = await fetch(`${server.url}/redirect`, { method: 'POST', body: 'again' })
  expect(await response.text()).toBe('again')
  await Promise.all(recorder.exchanges.map((exchange) => exchange.ended))
  expect(recorder.exchanges.map(({ head, status }) => `${status} ${head.path}`)).toEqual([
    '307 /redirect',
    '201 /echo',
  ])
  expect(recorder.exchanges.map((exchange) => exchange.requestBytes.toString())).toEqual(['again', 'again'])
})

test('each attempt of a retry is an exchange of its own', async () => {
  const undici = undiciModules.at(-1)?.[1] as (typeof undiciModules)[number][1]
  const options = { maxRetries: 1, minTimeout: 1, statusCodes: [404] }
  const dispatcher = new undici.RetryAgent(new undici.Agent(), options)
  await undici.request(`${server.url}/404`, { dispatcher }).catch(() => {})
  expect(recorder.exchanges.map(({ status }) => status)).toEqual([404, 404])
  await dispatcher.close()
})

test('a request that does not match is left exactly as it was made', async () => {
  unhook()
  const isAsMade: boolean[] = []
  const listed: string[][] = []
  const { default: diagnosticsChannel } = await import('node:diagnostics_channel')
  const inspect = (message: unknown): void => {
    const { request } = message as { request: object }
    // Undici 8 has the second one.
    isAsMade.push(!Object.hasOwn(request, 'onConnect') && !Object.hasOwn(request, 'onRequestStart'))
    listed.push(Object.keys(request))
  }
  recorder = createRecorder((head) => head.path !== '/404')
  unhook = hookUndici(recorder)
  diagnosticsChannel.subscribe('undici:request:create', inspect)
  await (await fetch(`${server.url}/404`)).text()
  await (await fetch(`${server.url}/empty`)).text()
  diagnosticsChannel.unsubscribe('undici:request:create', inspect)
  expect(isAsMade).toEqual([true, false])
  expect(listed[1]).toEqual(listed[0])
  expect(recorder.exchanges).toHaveLength(1)
})

describe.each(undiciModules.filter(([, { interceptors }]) => interceptors?.dns !== undefined))(
  'through the DNS interceptor of %s',
  (_name, { Agent, fetch: fetchThere, interceptors }) => {
    const host = 'api.example.test'
    const dispatcher = new Agent().compose(
      interceptors.dns({
        lookup: (_origin, _options, found) => found(null, [{ address: '127.0.0.1', family: 4, ttl: 60_000 }]),
      }),
    )
    afterAll(() => dispatcher.destroy())
    const named = () => `http://${host}:${new URL(server.url).port}`
    const accept = ({ origin }: RequestHead) => origin === named()

    test('a request is seen under the name of its host, not under its address', async () => {
      unhook()
      recorder = createRecorder(accept)
      unhook = hookUndici(recorder)
      const response = await fetchThere(`${named()}/echo`, { method: 'POST', body: 'a', dispatcher })
      expect(await response.text()).toBe('a')
      expect(recorder.exchanges.map(({ head }) => head.origin)).toEqual([named()])
      expect(recorder.exchanges[0]?.responseBytes.toString()).toBe('a')
    })
  },
)
