import http from 'node:http'
import net from 'node:net'
import { PassThrough, Readable } from 'node:stream'
import { describe } from 'vitest'
import { errorOf, readAll, testNoHarm, type Row } from './no-harm-support/compare.ts'
import { oddReasons, toldApart } from './no-harm-support/odd-reasons.ts'
import { addressOf, createBytes, listen } from './traffic-support/origin-server.ts'
import { dispatcherOf, undiciModules, type UndiciModule } from './traffic-support/undici-clients.ts'

const boom = (): never => {
  throw new Error('of the caller')
}

/** A program that runs while a server of its own, of bytes and no more, is there. */
const withSocketServer =
  (onConnection: (socket: net.Socket, count: number) => void, program: (url: string) => Promise<unknown>) =>
  async (): Promise<unknown> => {
    const sockets: net.Socket[] = []
    const server = net.createServer((socket) => {
      socket.on('error', () => {})
      onConnection(socket, sockets.push(socket))
    })
    await listen(server as http.Server)
    return program(addressOf(server as http.Server)).finally(() => {
      for (const socket of sockets) socket.destroy()
      server.close()
    })
  }

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

const throwing = (undici: UndiciModule): Row[] => {
  const dispatcher = dispatcherOf(undici)
  return [
    [
      'stream with a factory that throws',
      1,
      ({ url }) => errorOf(undici.stream(`${url}/pieces`, { method: 'GET', dispatcher }, boom)),
    ],
    [
      'stream with a factory that makes no stream',
      1,
      ({ url }) =>
        errorOf(undici.stream(`${url}/pieces`, { method: 'GET', dispatcher }, () => ({}) as PassThrough)),
    ],
    [
      'pipeline with a handler that throws',
      1,
      ({ url }) =>
        new Promise((resolve) => {
          const duplex = undici.pipeline(`${url}/echo`, { method: 'POST', dispatcher }, boom)
          duplex.on('error', resolve).end('x')
        }),
    ],
    [
      'pipeline that is destroyed in its body',
      1,
      async (server) => {
        const options = { method: 'GET', dispatcher } as const
        const duplex = undici.pipeline(`${server.url}/sse`, options, ({ body }) => body)
        duplex.end().once('data', () => duplex.destroy(new Error('of the caller')))
        const error = await new Promise((resolve) => duplex.on('error', resolve))
        await server.waitFor('closed /sse')
        return error
      },
    ],
    [
      'onInfo that throws',
      1,
      ({ url }) => errorOf(undici.request(`${url}/early`, { dispatcher, onInfo: boom })),
    ],
    [
      'wrong options',
      0,
      async ({ url }) => [
        await errorOf(undici.request(url, { dispatcher, method: 'A B' as 'GET' })),
        await errorOf(undici.request(url, { dispatcher, headers: { 'x-wrong': 'two\nlines' } })),
        await errorOf(undici.request(url, { dispatcher, body: 7 as never })),
        await errorOf(undici.request(url, { dispatcher, bodyTimeout: -1 })),
      ],
    ],
  ]
}

const sending = (undici: UndiciModule): Row[] => {
  const dispatcher = dispatcherOf(undici)
  const post = { method: 'POST', dispatcher } as const
  return [
    [
      'a body that is destroyed while it is sent',
      1,
      ({ url }) => {
        const body = new PassThrough()
        body.write('one', () => setImmediate(() => body.destroy(new Error('of the caller'))))
        return errorOf(undici.request(`${url}/echo`, { ...post, body }))
      },
    ],
    [
      'a body that is shorter than it says',
      1,
      ({ url }) => {
        const headers = { 'content-length': '10' }
        return errorOf(undici.request(`${url}/echo`, { ...post, headers, body: Readable.from(['short']) }))
      },
    ],
    [
      'a body that is longer than it says',
      1,
      ({ url }) => {
        const headers = { 'content-length': '2' }
        return errorOf(undici.request(`${url}/echo`, { ...post, headers, body: Readable.from(['too long']) }))
      },
    ],
    [
      'views, empty bodies, and bodies of GET',
      5,
      async ({ url }) => {
        const bodies = [new Uint16Array([1, 2]), new DataView(new ArrayBuffer(3)), '', Readable.from([])]
        const answers: unknown[] = []
        for (const body of bodies) {
          const answer = await undici.request(`${url}/echo`, { ...post, body: body as never })
          answers.push(await answer.body.arrayBuffer())
        }
        const got = await undici.request(`${url}/echo`, { method: 'GET', body: 'x', dispatcher })
        return [answers, await got.body.text()]
      },
    ],
    [
      'an answer before the body was sent, on a connection that closes',
      1,
      withSocketServer(
        (socket) => socket.once('data', () => socket.end(ok.replace('OK', 'OK\r\nConnection: close'))),
        async (url) => {
          const { body } = await undici.request(url, { ...post, body: createBytes(3_000_000) })
          return errorOf(body.text())
        },
      ),
    ],
  ]
}

const giving = (undici: UndiciModule): Row[] => {
  const dispatcher = dispatcherOf(undici)
  return [
    ...oddReasons
      .filter(([, , isReadable = true]) => isReadable)
      .map(([what, reason]): Row => [
        `abort with ${what}`,
        1,
        async (server) => {
          const { signal, abort } = detached()
          const call = toldApart(undici.request(`${server.url}/hang`, { signal, dispatcher }), reason)
          await server.waitFor('request /hang')
          abort(reason)
          await server.waitFor('closed /hang')
          return call
        },
      ]),
    [
      'an EventEmitter for a signal',
      1,
      async (server) => {
        const signal = new PassThrough()
        const call = errorOf(undici.request(`${server.url}/hang`, { signal, dispatcher }))
        await server.waitFor('request /hang')
        signal.emit('abort')
        return call
      },
    ],
    [
      'a client that is destroyed under three calls',
      3,
      async (server) => {
        const client = new undici.Client(server.url, { pipelining: 1 })
        const calls = ['/hang', '/echo', '/pieces'].map((path) =>
          errorOf(client.request({ path, method: 'GET' })),
        )
        await server.waitFor('request /hang')
        await client.destroy(new Error('of the caller'))
        return Promise.all(calls)
      },
    ],
    [
      'a client that is closed waits for its calls',
      2,
      async ({ url }) => {
        const client = new undici.Client(url, { pipelining: 1 })
        const calls = ['/pieces', '/echo'].map(async (path) =>
          (await client.request({ path, method: 'GET' })).body.text(),
        )
        const closed = client.close().then(() => 'closed')
        return [await Promise.all(calls), await closed, client.closed, client.destroyed]
      },
    ],
    [
      'a body that is let go half read, by dump()',
      1,
      async (server) => {
        const { body } = await undici.request(`${server.url}/big`, { dispatcher })
        for await (const chunk of body.iterator({ destroyOnReturn: false })) if (chunk) break
        return [await errorOf(body.dump({ limit: 1000 } as never)), body.destroyed]
      },
    ],
  ]
}

/** A controller whose method needs no `this`. */
function detached(): { readonly signal: AbortSignal; readonly abort: (reason: unknown) => void } {
  const controller = new AbortController()
  return { signal: controller.signal, abort: (reason) => controller.abort(reason) }
}

const connecting = (undici: UndiciModule): Row[] => [
  [
    'connections that come, go and drain',
    4,
    async (server) => {
      const events: string[] = []
      const pool = new undici.Pool(server.url, { connections: 1 })
      for (const event of ['connect', 'disconnect', 'connectionError', 'drain']) {
        pool.on(event as 'drain', (...details: unknown[]) => events.push(`${event} ${details.length}`))
      }
      const paths = ['/echo', '/pieces', '/until-close', '/404']
      const bodies = paths.map(async (path) => (await pool.request({ path, method: 'GET' })).body.text())
      const read = await Promise.all(bodies)
      await pool.close()
      return [read, events, server.connectionCount()]
    },
  ],
  [
    'pipelined calls when the server closes after the first answer',
    3,
    withSocketServer(
      (socket, count) => {
        socket.once('data', () => {
          socket.write(ok)
          // The later ones have been written by now, and must be written again on another connection.
          if (count === 1) setTimeout(() => socket.end(), 20)
          else socket.on('data', () => socket.write(ok)).write(ok)
        })
      },
      async (url) => {
        const client = new undici.Client(url, { pipelining: 3 })
        const calls = [1, 2, 3].map((index) =>
          errorOf(
            client
              .request({ path: `/${index}`, method: 'GET' })
              .then(({ statusCode, body }) => body.text().then((text) => [statusCode, text])),
          ),
        )
        const answers = await Promise.all(calls)
        await client.destroy()
        return answers
      },
    ),
  ],
  [
    'a connection that the server closes when it is used again',
    2,
    withSocketServer(
      (socket) => {
        let asked = 0
        socket.on('data', () => (++asked === 1 ? socket.write(ok) : socket.destroy()))
      },
      async (url) => {
        const client = new undici.Client(url)
        const first = await (await client.request({ path: '/', method: 'GET' })).body.text()
        const second = await errorOf(client.request({ path: '/', method: 'POST', body: 'x' }))
        await client.destroy()
        return [first, second]
      },
    ),
  ],
  [
    'a connector of the caller, which fails first',
    2,
    async (server) => {
      let tries = 0
      const connector = undici.buildConnector({})
      const client = new undici.Client(server.url, {
        connect: (options, callback) => {
          if (++tries === 1) callback(Object.assign(new Error('not yet'), { code: 'EHOSTDOWN' }), null)
          else connector(options, callback)
        },
      })
      const first = await errorOf(client.request({ path: '/echo', method: 'GET' }))
      const { body } = await client.request({ path: '/echo', method: 'GET' })
      const read = await body.text()
      await client.close()
      return [first, read, tries]
    },
  ],
  [
    'an upgrade and a tunnel',
    0,
    async ({ url }) => {
      const client = new undici.Client(url)
      const upgraded = await client.upgrade({ path: '/', protocol: 'test' })
      const bytes = await readAll(upgraded.socket)
      const tunnel = await client.connect({ path: 'api.test:443' })
      tunnel.socket.destroy()
      await client.close()
      return [upgraded.headers['upgrade'], bytes, tunnel.statusCode]
    },
  ],
  [
    'more heads than one, and an answer to a question that nobody asked',
    1,
    withSocketServer(
      (socket) =>
        socket.once('data', () => {
          socket.write('HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n')
          socket.write(ok + ok)
        }),
      async (url) => {
        const client = new undici.Client(url)
        const { body } = await client.request({ path: '/', method: 'GET' })
        const read = await errorOf(body.text())
        await client.destroy()
        return read
      },
    ),
  ],
]

const mocking = (undici: UndiciModule): Row[] => [
  [
    'MockAgent that lets some calls through',
    1,
    async ({ url }) => {
      const dispatcher = new undici.MockAgent()
      dispatcher.get('http://mocked.test').intercept({ path: '/' }).reply(200, 'mocked').times(2)
      dispatcher.get('http://mocked.test').intercept({ path: '/fails' }).replyWithError(new Error('mocked'))
      const read = async (where: string): Promise<string> =>
        (await undici.request(where, { dispatcher })).body.text()
      const answers = [
        await read('http://mocked.test/'),
        await errorOf(read('http://mocked.test/fails')),
        await read(`${url}/pieces`),
        await (await undici.fetch('http://mocked.test/', { dispatcher } as object)).text(),
      ]
      await dispatcher.close()
      return answers
    },
  ],
]

describe.each(undiciModules)('%s, oddly used, observes the same with and without us:', (_name, undici) => {
  testNoHarm([
    ...throwing(undici),
    ...sending(undici),
    ...giving(undici),
    ...connecting(undici),
    ...mocking(undici),
  ])
})
