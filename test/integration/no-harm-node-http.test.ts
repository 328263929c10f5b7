import http from 'node:http'
import { PassThrough, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { describe } from 'vitest'
import { isHeldBack, readAll, testNoHarm, type Row } from './no-harm-support/compare.ts'
import { noteEvents, requestAll, type Act } from './no-harm-support/request-all.ts'
import { createBytes, firehoseBytes, type OriginServer } from './traffic-support/origin-server.ts'

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

describe('a node:http application observes the same with and without us:', () => {
  testNoHarm(requests)
})
