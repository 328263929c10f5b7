import http2 from 'node:http2'
import { Writable } from 'node:stream'
import type { Dispatcher } from 'undici'
import { afterAll, beforeAll, describe } from 'vitest'
import { errorOf, readAll, testNoHarm, type Row } from './no-harm-support/compare.ts'
import { createCertificate } from './traffic-support/certificate.ts'
import { addressOf, createBytes, listen } from './traffic-support/origin-server.ts'
import { startProxyServer, type ProxyServer } from './traffic-support/proxy-server.ts'
import { dispatcherOf, undiciModules, type UndiciModule } from './traffic-support/undici-clients.ts'

let proxy: ProxyServer
beforeAll(async () => {
  proxy = await startProxyServer()
})
afterAll(() => proxy.close())

const withoutDate = (headers: Record<string, unknown>): unknown => ({ ...headers, date: undefined })

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

/** A program that runs while a TLS server is there that speaks both versions of HTTP. */
const withSecureServer = async (
  onStream: (stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders) => void,
  program: (origin: string, ca: string) => Promise<unknown>,
): Promise<unknown> => {
  const certificate = createCertificate()
  const server = http2.createSecureServer({ ...certificate, allowHTTP1: true })
  server.on('stream', onStream).on('sessionError', () => {})
  server.on('request', (request, response) => {
    if (request.httpVersionMajor === 1) response.end('secret')
  })
  await listen(server)
  return program(addressOf(server, 'https'), certificate.cert).finally(() => server.close())
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
    () =>
      withSecureServer(
        (stream, headers) => {
          stream.respond({ ':status': 200, 'x-path': String(headers[':path']) })
          stream.pipe(stream)
        },
        async (origin, ca) => {
          const dispatcher = new undici.Agent({ allowH2: true, connect: { ca } })
          const answers: unknown[] = []
          for (const path of ['/a', '/b', '/c']) {
            const options = { method: 'POST' as const, body: createBytes(40_000), dispatcher }
            const { statusCode, headers, body } = await undici.request(origin + path, options)
            answers.push(statusCode, withoutDate(headers), await body.arrayBuffer())
          }
          await dispatcher.destroy()
          return answers
        },
      ),
  ],
  [
    'HTTP/2 streams that the server resets',
    1,
    () =>
      withSecureServer(
        (stream) => {
          stream.respond({ ':status': 200 })
          stream.write('some', () => stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR))
        },
        async (origin, ca) => {
          const dispatcher = new undici.Agent({ allowH2: true, connect: { ca } })
          const call = undici.request(origin, { dispatcher }).then(({ body }) => body.text())
          const failed = 'rejected' in ((await errorOf(call)) as object)
          await dispatcher.destroy()
          return failed
        },
      ),
  ],
  [
    'ProxyAgent to a TLS server',
    1,
    () =>
      withSecureServer(
        (stream) => {
          stream.respond({ ':status': 200 })
          stream.end('secret')
        },
        async (origin, ca) => {
          const dispatcher = new undici.ProxyAgent({ uri: proxy.url, requestTls: { ca }, allowH2: false })
          const { statusCode, body } = await undici.request(origin, { dispatcher })
          const text = await body.text()
          await dispatcher.close()
          return [statusCode, text]
        },
      ),
  ],
]

describe.each(undiciModules)('%s observes the same with and without us:', (_name, undici) => {
  testNoHarm(dispatching(undici))
})
