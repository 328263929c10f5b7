import http2 from 'node:http2'
import { Writable } from 'node:stream'
import type { Dispatcher } from 'undici'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hookUndici } from '../../src/traffic/undici.ts'
import { errorOf, isHeldBack, observe, readAll, testNoHarm, type Row } from './no-harm-support/compare.ts'
import { createCertificate } from './traffic-support/certificate.ts'
import { addressOf, createBytes, firehoseBytes, listen } from './traffic-support/origin-server.ts'
import { startProxyServer, type ProxyServer } from './traffic-support/proxy-server.ts'
import { createRecorder } from './traffic-support/recorder.ts'
import { dispatcherOf, undiciModules, type UndiciModule } from './traffic-support/undici-clients.ts'

let proxy: ProxyServer
beforeAll(async () => {
  proxy = await startProxyServer()
})
afterAll(() => proxy.close())

type Options = Parameters<UndiciModule['request']>[1]
type ResponseData = Awaited<ReturnType<UndiciModule['request']>>
type Request = (url: string, options?: Options) => Promise<ResponseData>

const withoutDate = (headers: Record<string, unknown>): unknown => ({ ...headers, date: undefined })

const requesting = (request: Request): Row[] => [
  ...[
    '/echo',
    '/pieces',
    '/gzip',
    '/204',
    '/304',
    '/404',
    '/empty',
    '/early',
    '/until-close',
    '/trailers',
  ].map((path): Row => [
    `head, body and trailers of ${path}`,
    1,
    async ({ url }) => {
      const { statusCode, headers, body, trailers } = await request(url + path, {
        method: 'POST',
        body: 'question',
      })
      return [statusCode, withoutDate(headers), await body.arrayBuffer(), trailers, body.destroyed]
    },
  ]),
  [
    'informational heads',
    1,
    async ({ url }) => {
      const infos: unknown[] = []
      const { body } = await request(`${url}/early`, { onInfo: (info) => infos.push(info) })
      return [infos, await body.text()]
    },
  ],
  [
    'chunks that are overwritten as they come',
    1,
    async ({ url }) => {
      const { body } = await request(`${url}/pieces`)
      const read: Buffer[] = []
      for await (const chunk of body as AsyncIterable<Buffer>) {
        read.push(Buffer.from(chunk))
        chunk.fill(0)
      }
      return Buffer.concat(read)
    },
  ],
  [
    'chunks that are transferred as they come',
    1,
    async ({ url }) => {
      const { body } = await request(`${url}/pieces`)
      const read: Buffer[] = []
      for await (const chunk of body as AsyncIterable<Buffer>) {
        read.push(Buffer.from(chunk))
        structuredClone(chunk, { transfer: [chunk.buffer as ArrayBuffer] })
      }
      return Buffer.concat(read)
    },
  ],
  [
    'a body that nobody reads holds the server back, and is whole when it is read later',
    1,
    async (server) => {
      const { body } = await request(`${server.url}/firehose`)
      return [await isHeldBack(server, firehoseBytes), await body.arrayBuffer(), server.seen]
    },
  ],
  [
    'a body that is paused and resumed',
    1,
    async ({ url }) => {
      const { body } = await request(`${url}/big`)
      const read: Buffer[] = []
      body.on('data', (chunk: Buffer) => {
        read.push(chunk)
        body.pause()
        setImmediate(() => body.resume())
      })
      await new Promise((resolve) => body.on('end', resolve))
      return Buffer.concat(read)
    },
  ],
  [
    'a body that is destroyed reaches the server',
    1,
    async (server) => {
      const { body } = await request(`${server.url}/sse`)
      const error = new Promise((resolve) => body.on('error', resolve))
      body.destroy(new Error('of the caller'))
      await server.waitFor('closed /sse')
      return [await error, server.seen]
    },
  ],
  [
    'a broken loop reaches the server',
    1,
    async (server) => {
      for await (const chunk of (await request(`${server.url}/sse`)).body) if (chunk) break
      await server.waitFor('closed /sse')
      return server.seen
    },
  ],
  [
    'a body that is dumped',
    1,
    async ({ url }) => {
      const { body } = await request(`${url}/pieces`)
      await body.dump()
      return [body.destroyed, body.readableEnded]
    },
  ],
  [
    'an abort reaches the server',
    1,
    async (server) => {
      const controller = new AbortController()
      const answer = errorOf(request(`${server.url}/hang`, { signal: controller.signal }))
      await server.waitFor('request /hang')
      controller.abort(new Error('of the caller'))
      await server.waitFor('closed /hang')
      return answer
    },
  ],
  [
    'a signal that was aborted before',
    1,
    ({ url }) => errorOf(request(url, { signal: AbortSignal.abort('before') })),
  ],
  ['headersTimeout', 1, ({ url }) => errorOf(request(`${url}/hang`, { headersTimeout: 50 }))],
  [
    'bodyTimeout',
    1,
    async ({ url }) => errorOf((await request(`${url}/stall`, { bodyTimeout: 50 })).body.text()),
  ],
  ...['/reset', '/cut', '/cut-chunked', '/cut-reset', '/garbage'].map((path): Row => [
    `the error on ${path}`,
    1,
    async ({ url }) => errorOf((await request(url + path)).body.text()),
  ]),
  [
    'request bodies of every kind',
    4,
    async ({ url }) => {
      async function* generate() {
        yield 'one '
        yield Buffer.from('two')
      }
      const bodies = ['text', createBytes(100_000), new Blob(['blob']).stream(), generate()]
      const answers: unknown[] = []
      for (const body of bodies) {
        const options = { method: 'POST', body } as NonNullable<Options>
        answers.push(await (await request(`${url}/echo`, options)).body.arrayBuffer())
      }
      return answers
    },
  ],
  [
    'a request body that fails',
    1,
    ({ url }) => {
      async function* generate() {
        yield 'one'
        throw new Error('no more')
      }
      return errorOf(request(`${url}/echo`, { method: 'POST', body: generate() as never }))
    },
  ],
]

interface Handler {
  /** `pause` gives back how to go on. */
  readonly onData: (chunk: Buffer, pause: () => () => void) => void
  readonly onEnd: (value: undefined) => void
  readonly onError: (error: Error) => void
}

/** By a handler of the kind that this copy takes: the new one from 8 on, the old one before. */
const dispatch = (undici: UndiciModule, url: string, { onData, onEnd, onError }: Handler): void => {
  const { origin, pathname } = new URL(url)
  let resume = (): void => {}
  const old = {
    onConnect: () => {},
    onHeaders: (_status: number, _headers: Buffer[], onResume: () => void) => {
      resume = onResume
      return true
    },
    onData: (chunk: Buffer) => {
      let isPaused = false
      onData(chunk, () => {
        isPaused = true
        return resume
      })
      return !isPaused
    },
    onComplete: () => onEnd(undefined),
    onError,
  }
  const pausing = (controller: Dispatcher.DispatchController) => () => {
    controller.pause()
    return () => controller.resume()
  }
  const handler: Dispatcher.DispatchHandler = {
    onRequestStart: () => {},
    onResponseStart: () => {},
    onResponseData: (controller, chunk) => onData(chunk, pausing(controller)),
    onResponseEnd: () => onEnd(undefined),
    onResponseError: (_controller, error) => onError(error),
  }
  const isOld = undici !== undiciModules.find(([name]) => name === 'undici 8')?.[1]
  dispatcherOf(undici).dispatch({ origin, path: pathname, method: 'GET' }, isOld ? (old as never) : handler)
}

const dispatching = (undici: UndiciModule): Row[] => [
  [
    'stream, into a slow Writable',
    1,
    async ({ url }) => {
      const read: Buffer[] = []
      const data = await undici.stream(
        `${url}/big`,
        { method: 'GET', opaque: 'opaque', dispatcher: dispatcherOf(undici) },
        ({ statusCode, opaque }) => {
          read.push(Buffer.from(`${statusCode} ${String(opaque)}`))
          return new Writable({
            highWaterMark: 1000,
            write(chunk: Buffer, _encoding, done) {
              read.push(chunk)
              setImmediate(done)
            },
          })
        },
      )
      return [Buffer.concat(read), data]
    },
  ],
  [
    'stream, into a Writable that fails',
    1,
    ({ url }) =>
      errorOf(
        undici.stream(`${url}/big`, { method: 'GET', dispatcher: dispatcherOf(undici) }, () => {
          return new Writable({ write: (_chunk, _encoding, done) => done(new Error('disk full')) })
        }),
      ),
  ],
  [
    'pipeline',
    1,
    ({ url }) => {
      const options = { method: 'POST' as const, dispatcher: dispatcherOf(undici) }
      const duplex = undici.pipeline(`${url}/echo`, options, ({ body }) => body)
      duplex.end(createBytes(50_000))
      return readAll(duplex)
    },
  ],
  [
    'a handler that throws on data',
    1,
    ({ url }) =>
      errorOf(
        new Promise((resolve, reject) => {
          const onData = (): never => {
            throw new Error('of the handler')
          }
          dispatch(undici, `${url}/pieces`, { onData, onEnd: resolve, onError: reject })
        }),
      ),
  ],
  [
    'a handler that pauses and resumes',
    1,
    ({ url }) => {
      const read: Buffer[] = []
      return new Promise((resolve, reject) => {
        dispatch(undici, `${url}/big`, {
          onData: (chunk, pause) => {
            read.push(Buffer.from(chunk))
            setImmediate(pause())
          },
          onEnd: () => resolve(Buffer.concat(read)),
          onError: reject,
        })
      })
    },
  ],
  [
    'a Client with pipelining, and how many connections it takes',
    5,
    async (server) => {
      const client = new undici.Client(server.url, { pipelining: 5 })
      const calls = ['/pieces', '/404', '/empty', '/trailers', '/204'].map(async (path) => {
        const { body } = await client.request({ path, method: 'GET' })
        return body.arrayBuffer()
      })
      const bodies = await Promise.all(calls)
      await client.close()
      return [bodies, server.connectionCount()]
    },
  ],
  ...[true, false].map((proxyTunnel): Row => [
    `ProxyAgent, proxyTunnel ${proxyTunnel}`,
    1,
    async ({ url }) => {
      const dispatcher = new undici.ProxyAgent({ uri: proxy.url, proxyTunnel })
      proxy.requests.length = 0
      const { statusCode, body } = await undici.request(`${url}/echo`, {
        method: 'POST',
        body: 'x',
        dispatcher,
      })
      const text = await body.text()
      await dispatcher.close()
      return [statusCode, text, proxy.requests]
    },
  ]),
  [
    'MockAgent, which has no traffic',
    0,
    async ({ url }) => {
      const dispatcher = new undici.MockAgent()
      dispatcher.disableNetConnect()
      dispatcher.get(url).intercept({ path: '/mocked', method: 'POST' }).reply(200, { mocked: true })
      const { statusCode, body } = await undici.request(`${url}/mocked`, {
        method: 'POST',
        body: 'x',
        dispatcher,
      })
      const answer = await body.json()
      const refused = await errorOf(undici.request(`${url}/echo`, { dispatcher }))
      await dispatcher.close()
      return [statusCode, answer, refused]
    },
  ],
  [
    'HTTP/2',
    3,
    async () => {
      const certificate = createCertificate()
      const secure = http2.createSecureServer(certificate)
      secure.on('stream', (stream, headers) => {
        stream.respond({ ':status': 200, 'x-path': String(headers[':path']) })
        stream.pipe(stream)
      })
      secure.on('sessionError', () => {})
      await listen(secure)
      const origin = addressOf(secure, 'https')
      const dispatcher = new undici.Agent({ allowH2: true, connect: { ca: certificate.cert } })
      const answers: unknown[] = []
      for (const path of ['/a', '/b', '/c']) {
        const options = { method: 'POST' as const, body: createBytes(40_000), dispatcher }
        const { statusCode, headers, body } = await undici.request(origin + path, options)
        answers.push(statusCode, withoutDate(headers), await body.arrayBuffer())
      }
      await dispatcher.destroy()
      secure.close()
      return answers
    },
  ],
]

describe.each(undiciModules)('%s observes the same with and without us:', (_name, undici) => {
  testNoHarm([
    ...requesting((url, options) =>
      undici.request(url, { dispatcher: dispatcherOf(undici), ...options } as NonNullable<Options>),
    ),
    ...dispatching(undici),
  ])
})

test('what is overwritten afterwards was seen as it came', async () => {
  const recorder = createRecorder()
  const unhook = hookUndici(recorder)
  const sizes = await observe(async ({ url }) => {
    const { body } = await dispatcherOf(undiciModules[2]?.[1] as UndiciModule).request({
      origin: url,
      path: '/pieces',
      method: 'GET',
    })
    const read: Buffer[] = []
    for await (const chunk of body as AsyncIterable<Buffer>) {
      read.push(Buffer.from(chunk))
      chunk.fill(0)
    }
    return [
      Buffer.concat(read).equals(recorder.exchanges[0]?.responseBytes as Buffer),
      recorder.exchanges.length,
    ]
  }).finally(unhook)
  expect(sizes).toEqual([true, 1])
})
