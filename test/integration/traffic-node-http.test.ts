import http from 'node:http'
import https from 'node:https'
import { setFlagsFromString } from 'node:v8'
import axios from 'axios'
import { got } from 'got'
import nodeFetch from 'node-fetch'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Unhook } from '../../src/traffic/exchange.ts'
import { hookNodeHttp } from '../../src/traffic/node-http.ts'
import { hookUndici } from '../../src/traffic/undici.ts'
import { createCertificate } from './traffic-support/certificate.ts'
import {
  addressOf,
  createBytes,
  listen,
  startOriginServer,
  type OriginServer,
} from './traffic-support/origin-server.ts'
import { createRecorder, type RecordedExchange, type Recorder } from './traffic-support/recorder.ts'

let server: OriginServer
let recorder: Recorder
let unhook: Unhook[]
beforeAll(async () => {
  server = await startOriginServer()
})
afterAll(() => server.close())
beforeEach(() => {
  recorder = createRecorder()
  // Both, as in production: no call may be seen by both.
  unhook = [hookNodeHttp(recorder), hookUndici(recorder)]
})
afterEach(() => {
  for (const step of unhook) step()
  expect(recorder.errors).toEqual([])
})

const onlyExchange = async (): Promise<RecordedExchange> => {
  expect(recorder.exchanges).toHaveLength(1)
  const exchange = recorder.exchanges[0] as RecordedExchange
  await exchange.ended
  return exchange
}

interface Call {
  readonly url: string
  readonly method: 'GET' | 'POST' | 'HEAD'
  readonly body?: Buffer
  readonly headers?: Record<string, string>
}
type Answer = Promise<{ readonly status: number; readonly body: Buffer }>

const readAll = async (stream: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const chunks: Uint8Array[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}
const callByRequest =
  (write: (request: http.ClientRequest, body: Buffer | undefined) => void, agent?: http.Agent) =>
  ({ url, body, ...options }: Call): Answer =>
    new Promise((resolve, reject) => {
      const request = http.request(url, { ...options, ...(agent && { agent }) }, (response) => {
        readAll(response).then((bytes) => resolve({ status: response.statusCode ?? 0, body: bytes }), reject)
      })
      request.on('error', reject)
      write(request, body)
    })

/** Whether two objects have the same hidden class. */
function askEngine(): (one: unknown, other: unknown) => boolean {
  setFlagsFromString('--allow-natives-syntax')
  try {
    return new Function('one', 'other', 'return %HaveSameMap(one, other)') as ReturnType<typeof askEngine>
  } finally {
    setFlagsFromString('--no-allow-natives-syntax')
  }
}

const keepAlive = new http.Agent({ keepAlive: true, maxSockets: 1 })
/** Looks for a connection when the body has long been written, as agents do that resolve or connect by themselves. */
class LateAgent extends http.Agent {
  addRequest(request: http.ClientRequest, options: object): void {
    const { addRequest } = http.Agent.prototype as unknown as LateAgent
    setTimeout(() => addRequest.call(this, request, options), 5)
  }
}
const late = new LateAgent()
afterAll(() => {
  keepAlive.destroy()
  late.destroy()
})

const clients: [string, (call: Call) => Answer][] = [
  ['http.request with end(body)', callByRequest((request, body) => request.end(body))],
  [
    'http.request with end(body), and an agent that connects later',
    callByRequest((request, body) => request.end(body), late),
  ],
  [
    'http.request in several writes, and an agent that connects later',
    callByRequest((request, body) => {
      if (body) request.write(body.subarray(0, 100))
      if (body) request.write(body.subarray(100, 200))
      request.end(body?.subarray(200))
    }, late),
  ],
  [
    'http.request in several writes',
    callByRequest((request, body) => {
      if (body) request.write(body.subarray(0, 100), () => {})
      if (body) request.write(body.subarray(100).toString('base64'), 'base64')
      request.end(() => {})
    }),
  ],
  [
    'http.request on a connection that is kept alive',
    callByRequest((request, body) => request.end(body), keepAlive),
  ],
  [
    'axios',
    async ({ url, body, ...rest }) => {
      const options = { responseType: 'arraybuffer', validateStatus: () => true, decompress: false } as const
      const { status, data } = await axios<Buffer>({ url, data: body, ...options, ...rest })
      return { status, body: data }
    },
  ],
  [
    'got',
    async ({ url, body, ...rest }) => {
      const options = {
        throwHttpErrors: false,
        decompress: false,
        retry: { limit: 0 },
        responseType: 'buffer',
      } as const
      const response = await got(url, { ...(body && { body }), ...rest, ...options })
      return { status: response.statusCode, body: response.rawBody as Buffer }
    },
  ],
  [
    'node-fetch',
    async ({ url, body, ...rest }) => {
      const response = await nodeFetch(url, { ...(body && { body }), ...rest, compress: false } as object)
      return { status: response.status, body: Buffer.from(await response.arrayBuffer()) }
    },
  ],
]

describe.each(clients)('%s', (_name, call) => {
  test('is seen with its head, and with every byte of both bodies', async () => {
    const body = createBytes(70_000)
    const headers = { 'content-type': 'application/x-test', Authorization: 'Bearer key' }
    const answer = await call({ url: `${server.url}/echo?q=%20x`, method: 'POST', body, headers })
    const exchange = await onlyExchange()
    expect(exchange.head).toMatchObject({ method: 'POST', origin: server.url, path: '/echo?q=%20x' })
    expect(exchange.head.header('authorization')).toBe('Bearer key')
    expect(exchange.head.header('content-type')).toBe('application/x-test')
    expect(exchange.status).toBe(201)
    expect(exchange.header('x-inference-id')).toBe('inference-1')
    expect(exchange.header('set-cookie')).toBe('a=1, b=2')
    expect(exchange.requestBytes.equals(body)).toBe(true)
    expect(exchange.responseBytes.equals(answer.body)).toBe(true)
    expect(answer.body.equals(body)).toBe(true)
    expect(exchange.events).toContain('sent')
    expect(exchange.events.slice(-3)).toEqual(['responseHead 201', 'responseChunk', 'end whole'])
  })

  test.each([
    '/pieces',
    '/big',
    '/gzip',
    '/404',
    '/204',
    '/304',
    '/early',
    '/continue',
    '/trailers',
    '/until-close',
  ])('is seen byte for byte, with one head and one end, on %s', async (path) => {
    const answer = await call({ url: server.url + path, method: 'GET' })
    const exchange = await onlyExchange()
    expect(exchange.events.filter((event) => event.startsWith('responseHead'))).toEqual([
      `responseHead ${answer.status}`,
    ])
    expect(exchange.responseBytes.equals(answer.body)).toBe(true)
    expect(exchange.endings).toEqual([undefined])
  })

  test('a HEAD request ends with its head', async () => {
    await call({ url: `${server.url}/big`, method: 'HEAD' })
    const exchange = await onlyExchange()
    expect(exchange.responseBytes).toHaveLength(0)
    expect(exchange.endings).toEqual([undefined])
  })
})

type Options = http.RequestOptions & {
  act?: (request: http.ClientRequest, response?: http.IncomingMessage) => void
}

/** Resolves when the request is over in any way, as its own user sees it. */
const run = (url: string, { act, ...options }: Options = {}): Promise<void> =>
  new Promise((resolve) => {
    const request = http.request(url, options, (response) => {
      response.on('error', () => {})
      response.once('data', () => act?.(request, response))
      response.resume()
    })
    request.on('error', () => {})
    request.on('close', resolve)
    request.end()
    act?.(request)
  })
const inBody =
  (act: (request: http.ClientRequest, response: http.IncomingMessage) => void): NonNullable<Options['act']> =>
  (request, response) => {
    if (response) act(request, response)
  }
const ofAnother = Object.assign(new Error('of another connection'), { code: 'ECONNRESET' })

describe('a node:http request', () => {
  test.each<[string, string | undefined, string, Options]>([
    [
      'destroyed before the head',
      'aborted',
      '/hang',
      { act: (request) => setTimeout(() => request.destroy(), 30) },
    ],
    ['destroyed at once', 'aborted', '/hang', { act: (request) => request.destroy() }],
    ['destroyed with an error', 'aborted', '/hang', { act: (request) => request.destroy(ofAnother) }],
    ['destroyed in the body', 'aborted', '/sse', { act: inBody((request) => request.destroy()) }],
    ['whose response was destroyed', 'aborted', '/sse', { act: inBody((_, response) => response.destroy()) }],
    [
      'whose response was destroyed with an error',
      'aborted',
      '/sse',
      { act: inBody((_, response) => response.destroy(ofAnother)) },
    ],
    ['aborted in the old way', 'aborted', '/sse', { act: inBody((request) => request.abort()) }],
    ['aborted by a signal', 'aborted', '/hang', { signal: AbortSignal.abort() }],
    ['with a connection closed before the head', 'ECONNRESET', '/reset', {}],
    ['with a connection closed in the body', 'ECONNRESET', '/cut', {}],
    ['with a connection reset in the body', 'ECONNRESET', '/cut-reset', {}],
    ['with an unreadable head', 'HPE_INVALID_CONTENT_LENGTH', '/garbage', {}],
    [
      'that ended well and was destroyed afterwards',
      undefined,
      '/pieces',
      { act: inBody((request, response) => response.on('end', () => request.destroy())) },
    ],
  ])('%s ends as %s', async (_how, expected, path, options) => {
    await run(server.url + path, options)
    expect((await onlyExchange()).endings).toEqual([expected])
  })

  test('that its signal gave too little time ends as timeout', async () => {
    await run(`${server.url}/hang`, { signal: AbortSignal.timeout(500) })
    expect((await onlyExchange()).endings).toEqual(['timeout'])
  })

  test('that was refused ends with its code, and nothing was sent', async () => {
    const closed = await startOriginServer()
    await closed.close()
    await run(closed.url)
    const exchange = await onlyExchange()
    expect(exchange.events).toEqual(['end ECONNREFUSED'])
  })

  test('whose response nobody listens to is discarded by Node as ever', async () => {
    const request = http.request(`${server.url}/big`)
    const closed = new Promise((resolve) => request.on('close', resolve))
    request.end()
    await closed
    expect((await onlyExchange()).endings).toEqual([undefined])
  })

  test('keeps the response paused until its user reads', async () => {
    const response = await new Promise<http.IncomingMessage>((resolve) => {
      http.get(`${server.url}/pieces`, resolve)
    })
    expect(response.readableFlowing).toBeNull()
    expect(response.listenerCount('data')).toBe(0)
    expect(response.listenerCount('error')).toBe(0)
    const body = await readAll(response)
    expect((await onlyExchange()).responseBytes.equals(body)).toBe(true)
  })

  test('stays fast for the engine: all requests keep one hidden class, and all responses', async () => {
    const requests: http.ClientRequest[] = []
    const responses: http.IncomingMessage[] = []
    // The engine settles the classes of new objects after some of them.
    for (let count = 0; count < 20; count += 1) {
      const response = await new Promise<http.IncomingMessage>((resolve) => {
        requests.push(http.get(`${server.url}/pieces`, { agent: keepAlive }, resolve))
      })
      responses.push(response)
      await readAll(response)
    }
    const haveSameClass = askEngine()
    expect(haveSameClass(requests.at(-2), requests.at(-1))).toBe(true)
    expect(haveSameClass(responses.at(-2), responses.at(-1))).toBe(true)
  })

  test('gets no listener that would swallow an error', () => {
    const request = http.request(`${server.url}/hang`)
    expect(request.listenerCount('error')).toBe(0)
    expect(request.listenerCount('response')).toBe(0)
    request.on('error', () => {}).destroy()
  })

  test('with its headers in an array is seen with its headers', async () => {
    const headers = ['Host', new URL(server.url).host, 'X-Key', 'v', 'Content-Length', '2']
    await new Promise<void>((resolve) => {
      const request = http.request(`${server.url}/echo`, { method: 'POST', headers }, (response) => {
        response.resume().on('end', resolve)
      })
      request.end('hi')
    })
    const exchange = await onlyExchange()
    expect(exchange.head.origin).toBe(server.url)
    expect(exchange.head.header('x-key')).toBe('v')
  })

  test('for an upgrade or a tunnel is not observed', async () => {
    await run(`${server.url}/echo`, { headers: { connection: 'upgrade', upgrade: 'websocket' } })
    await run(server.url, { method: 'CONNECT', path: 'api.test:443' })
    expect(recorder.exchanges).toEqual([])
  })

  test('over TLS is seen with its origin', async () => {
    const certificate = createCertificate()
    const secure = https.createServer(certificate, (_request, response) => response.end('secret'))
    await listen(secure)
    const url = addressOf(secure, 'https')
    const body = await new Promise((resolve) => {
      https.get(`${url}/v1`, { ca: certificate.cert, agent: false }, (response) => resolve(readAll(response)))
    })
    const exchange = await onlyExchange()
    expect(exchange.head).toMatchObject({ origin: url, path: '/v1' })
    expect(exchange.responseBytes.toString()).toBe(String(body))
    expect(exchange.events).toEqual(['sent', 'responseHead 200', 'responseChunk', 'end whole'])
    secure.close()
  })
})

test('each hop of a redirect is an exchange, and the dropped one is no failure', async () => {
  const { data } = await axios.post<string>(`${server.url}/redirect`, 'again')
  expect(data).toBe('again')
  await Promise.all(recorder.exchanges.map((exchange) => exchange.ended))
  expect(recorder.exchanges.map(({ status, endings }) => [status, ...endings])).toEqual([
    [307, undefined],
    [201, undefined],
  ])
})

test('requests in a queue for one connection keep apart', async () => {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
  const bodies = ['one', 'two', 'three']
  const answers = await Promise.all(
    bodies.map((body) => got.post(`${server.url}/echo`, { body, agent: { http: agent } }).text()),
  )
  agent.destroy()
  expect(answers).toEqual(bodies)
  expect(recorder.exchanges.map((exchange) => exchange.requestBytes.toString())).toEqual(bodies)
  expect(recorder.exchanges.map((exchange) => exchange.responseBytes.toString())).toEqual(bodies)
})
