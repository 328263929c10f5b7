import type { EventEmitter } from 'node:events'
import http from 'node:http'
import { PassThrough, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import axios, { type AxiosRequestConfig } from 'axios'
import { got } from 'got'
import nodeFetch from 'node-fetch'
import { describe } from 'vitest'
import { errorOf, isHeldBack, readAll, testNoHarm, type Row } from './no-harm-support/compare.ts'
import { createBytes, firehoseBytes, type OriginServer } from './traffic-support/origin-server.ts'

type Act = (request: http.ClientRequest, events: string[]) => void

/** Every event that an emitter emits, whether anybody listens or not. */
const noteEvents = (emitter: EventEmitter, name: string, events: string[]): void => {
  const emit = emitter.emit.bind(emitter)
  emitter.emit = (event, ...args) => {
    if (event !== 'data' && event !== 'readable') events.push(`${name} ${String(event)}`)
    return emit(event, ...args)
  }
}

/**
 * One request and all that its user can see: every event in order, head, body, trailers, errors, and the state of
 * both objects at the moment of the response.
 */
const requestAll = (url: string, options: http.RequestOptions = {}, act: Act = (request) => request.end()) =>
  new Promise<unknown>((resolve) => {
    const events: string[] = []
    const seen: Record<string, unknown> = { events }
    const request = http.request(url, options)
    noteEvents(request, 'request', events)
    request.on('error', (error) => {
      seen.requestError = error
    })
    request.on('information', ({ statusCode, rawHeaders }) => {
      seen.information = [statusCode, rawHeaders]
    })
    request.on('upgrade', (response, socket, head) => {
      seen.upgrade = [response.statusCode, head]
      socket.destroy()
    })
    request.on('connect', (response, socket) => {
      seen.connect = response.statusCode
      socket.destroy()
    })
    request.on('response', (response) => {
      noteEvents(response, 'response', events)
      const { statusCode, statusMessage, httpVersion, readableFlowing, rawHeaders } = response
      const listeners = response.eventNames().map((event) => [String(event), response.listenerCount(event)])
      const head = rawHeaders.filter((value) => !value.endsWith('GMT'))
      seen.response = { statusCode, statusMessage, httpVersion, readableFlowing, head, listeners }
      readAll(response).then(
        (body) => {
          const { complete, aborted, rawTrailers } = response
          seen.body = { body, complete, aborted, rawTrailers }
        },
        (error: unknown) => {
          seen.responseError = error
        },
      )
    })
    request.on('close', () => setImmediate(() => resolve(seen)))
    act(request, events)
  })

const post: http.RequestOptions = { method: 'POST', headers: { 'content-type': 'text/plain' } }
const write =
  (...bodies: (string | Uint8Array)[]): Act =>
  (request) => {
    for (const body of bodies) request.write(body)
    request.end()
  }
const onceSent =
  (server: OriginServer, event: string, act: (request: http.ClientRequest) => void): Act =>
  (request) => {
    request.end()
    void server.waitFor(event).then(() => act(request))
  }

const bodies = [
  '/pieces',
  '/big',
  '/gzip',
  '/empty',
  '/204',
  '/304',
  '/404',
  '/early',
  '/continue',
  '/trailers',
]
const failures = ['/reset', '/cut', '/cut-chunked', '/cut-reset', '/garbage', '/until-close']
const ofCaller = Object.assign(new Error('of the caller'), { code: 'EPIPE' })

const requests: Row[] = [
  ...[...bodies, ...failures].map((path): Row => [
    `every event on ${path}`,
    1,
    ({ url }) => requestAll(url + path),
  ]),
  ['a HEAD request', 1, ({ url }) => requestAll(`${url}/big`, { method: 'HEAD' })],
  [
    'a body given to end()',
    1,
    ({ url }) => requestAll(`${url}/echo`, post, (request) => request.end('body')),
  ],
  [
    'a body in writes',
    1,
    ({ url }) => requestAll(`${url}/echo`, post, write('a', Buffer.from('b'), createBytes(1000))),
  ],
  [
    'headers in an array',
    1,
    ({ url }) =>
      requestAll(`${url}/echo`, { method: 'POST', headers: ['Host', 'api.test', 'X-A', '1'] }, write('a')),
  ],
  [
    'what write and end return, and when they call back',
    1,
    ({ url }) =>
      requestAll(`${url}/echo`, post, (request, events) => {
        const returned = [
          request.write(Buffer.alloc(1_000_000), () => events.push('written')),
          request.write('YQ==', 'base64', () => events.push('written too')),
          request.end('last', () => events.push('ended')) === request,
        ]
        events.push(...returned.map(String))
      }),
  ],
  [
    'wrong uses of write and end',
    1,
    ({ url }) =>
      requestAll(`${url}/echo`, post, (request, events) => {
        for (const wrong of [null, 7, {}, undefined]) {
          try {
            request.write(wrong)
          } catch (error) {
            events.push(String(error))
          }
        }
        request.end()
        events.push(String(request.write('after the end')))
      }),
  ],
  [
    'waiting for 100 Continue',
    1,
    ({ url }) =>
      requestAll(`${url}/echo`, { ...post, headers: { expect: '100-continue' } }, (request) => {
        request.on('continue', () => request.end('now'))
      }),
  ],
  ['an upgrade', 0, ({ url }) => requestAll(url, { headers: { connection: 'upgrade', upgrade: 'test' } })],
  ['a tunnel', 0, ({ url }) => requestAll(url, { method: 'CONNECT', path: 'api.test:443' })],
  [
    'an endless body that is destroyed by its request',
    1,
    (server) =>
      requestAll(
        `${server.url}/sse`,
        {},
        onceSent(server, 'request /sse', (request) => request.destroy()),
      ),
  ],
  [
    'a request destroyed with an error',
    1,
    (server) =>
      requestAll(
        `${server.url}/hang`,
        {},
        onceSent(server, 'request /hang', (request) => request.destroy(ofCaller)),
      ),
  ],
  [
    'a request aborted in the old way',
    1,
    (server) =>
      requestAll(
        `${server.url}/hang`,
        {},
        onceSent(server, 'request /hang', (request) => request.abort()),
      ),
  ],
  [
    'a request destroyed before it was sent',
    1,
    ({ url }) =>
      requestAll(`${url}/echo`, post, (request) => {
        request.end('x')
        request.destroy()
      }),
  ],
  ['a signal', 1, ({ url }) => requestAll(`${url}/hang`, { signal: AbortSignal.timeout(500) })],
  ['a signal that was aborted before', 1, ({ url }) => requestAll(url, { signal: AbortSignal.abort() })],
  [
    'a time limit on the socket',
    1,
    ({ url }) =>
      requestAll(`${url}/hang`, { timeout: 50 }, (request) => {
        request.on('timeout', () => request.destroy(new Error('too slow'))).end()
      }),
  ],
  [
    'the error of a refused connection',
    1,
    async (server) => {
      await server.close()
      return requestAll(server.url)
    },
  ],
  [
    'a response that nobody listens to',
    1,
    ({ url }) =>
      new Promise((resolve) => {
        const events: string[] = []
        const request = http.request(`${url}/big`)
        noteEvents(request, 'request', events)
        request.on('close', () => resolve(events)).end()
      }),
  ],
  [
    'a response that nobody reads holds the server back, and is whole when it is read later',
    1,
    async (server) => {
      const response = await new Promise<http.IncomingMessage>((resolve) => {
        http.get(`${server.url}/firehose`, resolve)
      })
      const heldBack = await isHeldBack(server, firehoseBytes)
      return [heldBack, response.readableFlowing, await readAll(response)]
    },
  ],
  [
    'a response that is read as text, piped, and given up, each in its way',
    3,
    async (server) => {
      const get = (path: string): Promise<http.IncomingMessage> =>
        new Promise((resolve) => void http.get(server.url + path, resolve))
      const text = (await get('/gzip')).setEncoding('latin1').toArray()
      const read: Buffer[] = []
      const slow = new Writable({
        write: (chunk: Buffer, _encoding, done) => void (read.push(chunk), setImmediate(done)),
      })
      await pipeline(await get('/big'), new PassThrough(), slow)
      for await (const chunk of await get('/sse')) if (chunk) break
      await server.waitFor('closed /sse')
      return [
        (await text).join(''),
        Buffer.concat(read),
        server.seen.filter((event) => event.startsWith('closed')),
      ]
    },
  ],
  [
    'chunks that are overwritten as they come',
    1,
    ({ url }) =>
      new Promise((resolve) => {
        const read: Buffer[] = []
        http.get(`${url}/pieces`, (response) => {
          response.on('data', (chunk: Buffer) => {
            read.push(Buffer.from(chunk))
            chunk.fill(0)
          })
          response.on('end', () => resolve(Buffer.concat(read)))
        })
      }),
  ],
  [
    'a connection that is kept alive, and how many there are',
    6,
    async (server) => {
      const agent = new http.Agent({ keepAlive: true, maxSockets: 2 })
      const paths = ['/pieces', '/echo', '/204', '/404', '/trailers', '/gzip']
      const seen = await Promise.all(paths.map((path) => requestAll(server.url + path, { agent })))
      const connections = server.connectionCount()
      agent.destroy()
      return [seen, connections]
    },
  ],
]

type Config = AxiosRequestConfig
const axiosRows: Row[] = [
  ...['/echo', '/pieces', '/gzip', '/204', '/304', '/404', '/redirect', ...failures].map((path): Row => [
    `axios on ${path}`,
    path === '/redirect' ? 2 : 1,
    ({ url }) =>
      errorOf(
        axios
          .post(url + path, { a: 1 })
          .then(({ status, statusText, data }) => ({ status, statusText, data })),
      ),
  ]),
  ...(
    [
      ['a time limit', () => ({ timeout: 50 })],
      ['a signal', () => ({ signal: AbortSignal.timeout(500) })],
      ['a signal that was aborted before', () => ({ signal: AbortSignal.abort() })],
    ] as [string, () => Config][]
  ).map(([how, createConfig]): Row => [
    `axios with ${how}`,
    how.endsWith('before') ? 0 : 1,
    ({ url }) => errorOf(axios.get(`${url}/hang`, createConfig())),
  ]),
  [
    'axios with a body that is too long',
    1,
    ({ url }) => errorOf(axios.get(`${url}/big`, { maxContentLength: 1000 })),
  ],
  [
    'axios with a stream that is given up',
    1,
    async (server) => {
      const { data } = await axios.get<http.IncomingMessage>(`${server.url}/sse`, { responseType: 'stream' })
      for await (const chunk of data) if (chunk) break
      await server.waitFor('closed /sse')
      return server.seen
    },
  ],
]

const options = { retry: { limit: 0 } }
const gotRows: Row[] = [
  ...['/echo', '/pieces', '/gzip', '/204', '/304', '/404', ...failures].map((path): Row => [
    `got on ${path}`,
    1,
    ({ url }) =>
      errorOf(
        got
          .post(url + path, { ...options, json: { a: 1 } })
          .then((response) => [response.statusCode, response.rawBody, response.url, response.isFromCache]),
      ),
  ]),
  [
    'got on a redirect',
    2,
    async ({ url }) => {
      const { statusCode, redirectUrls, body } = await got(`${url}/redirect`, options)
      return [statusCode, redirectUrls.map(String), body]
    },
  ],
  [
    'got with retries',
    3,
    ({ url }) =>
      errorOf(
        got(`${url}/404`, {
          retry: {
            limit: 2,
            statusCodes: [404],
            calculateDelay: ({ attemptCount }) => (attemptCount > 2 ? 0 : 1),
          },
        }),
      ),
  ],
  [
    'got with a time limit',
    1,
    ({ url }) => errorOf(got(`${url}/hang`, { ...options, timeout: { request: 500 } })),
  ],
  [
    'got with a call that is cancelled',
    1,
    async (server) => {
      const call = got(`${server.url}/hang`, options)
      void server.waitFor('request /hang').then(() => call.cancel())
      return errorOf(call)
    },
  ],
  ['got as a stream', 1, ({ url }) => readAll(got.stream(`${url}/big`, options))],
]

const nodeFetchRows: Row[] = [
  ...['/echo', '/pieces', '/gzip', '/204', '/304', '/404', ...failures].map((path): Row => [
    `node-fetch on ${path}`,
    1,
    async ({ url }) =>
      errorOf(
        nodeFetch(url + path, { method: 'POST', body: 'question' }).then(async (response) => {
          const { status, statusText, redirected } = response
          return [status, statusText, response.url, redirected, await response.text()]
        }),
      ),
  ]),
  [
    'node-fetch with a copy',
    1,
    async ({ url }) => {
      const response = await nodeFetch(`${url}/pieces`)
      const copy = response.clone()
      return Promise.all([response.text(), copy.text()])
    },
  ],
  [
    'node-fetch with a signal',
    1,
    async (server) => {
      const controller = new AbortController()
      const call = nodeFetch(`${server.url}/hang`, { signal: controller.signal as never })
      void server.waitFor('request /hang').then(() => controller.abort())
      return errorOf(call)
    },
  ],
  [
    'node-fetch with a broken loop',
    1,
    async (server) => {
      const { body } = await nodeFetch(`${server.url}/sse`)
      for await (const chunk of body ?? []) if (chunk) break
      await server.waitFor('closed /sse')
      return server.seen
    },
  ],
]

describe('a node:http application observes the same with and without us:', () => {
  testNoHarm([...requests, ...axiosRows, ...gotRows, ...nodeFetchRows])
})
