import http from 'node:http'
import https from 'node:https'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { finished, pipeline } from 'node:stream/promises'
import { describe } from 'vitest'
import { errorOf, readAll, testNoHarm, type Program, type Row } from './no-harm-support/compare.ts'
import { oddReasons } from './no-harm-support/odd-reasons.ts'
import { noteEvents, requestAll, type Act } from './no-harm-support/request-all.ts'
import { createCertificate } from './traffic-support/certificate.ts'
import { addressOf, createBytes, listen } from './traffic-support/origin-server.ts'

const post: http.RequestOptions = { method: 'POST', headers: { 'content-type': 'text/plain' } }
const ofCaller = new Error('of the caller')

/** What a call of the user's gave back or threw, among the events. */
const note = (events: string[], what: string, act: () => unknown): void => {
  try {
    events.push(`${what} ${String(act())}`)
  } catch (error) {
    events.push(`${what} threw ${String(error)}`)
  }
}

const got = (url: string, options: http.RequestOptions = {}): Promise<http.IncomingMessage> =>
  new Promise((resolve, reject) => void http.get(url, options, resolve).on('error', reject))

/** Destroys the request when it emits the event. */
const destroyOn =
  (event: string, ...reason: Error[]): Act =>
  (request) => {
    request.once(event, () => request.destroy(...reason))
    request.end('x')
  }

const sockets: Row[] = [
  ['agent: false', 1, ({ url }) => requestAll(`${url}/echo`, { ...post, agent: false })],
  [
    'a connection made by the user',
    1,
    ({ url }) => {
      const { port } = new URL(url)
      const createConnection = (): net.Socket => net.connect(Number(port), '127.0.0.1')
      return requestAll(`${url}/echo`, { ...post, createConnection })
    },
  ],
  [
    'a connection that its agent makes later',
    1,
    ({ url }) => {
      const agent = new http.Agent()
      const { port } = new URL(url)
      Object.assign(agent, {
        createConnection: (_options: unknown, done: (error: unknown, socket: net.Socket) => void) => {
          setTimeout(() => done(null, net.connect(Number(port), '127.0.0.1')), 5)
        },
      })
      return requestAll(`${url}/echo`, { ...post, agent }, (request) => request.end('body'))
    },
  ],
  [
    'a connection that its agent cannot make',
    1,
    ({ url }) => {
      const agent = new http.Agent()
      const fail = (_options: unknown, done: (error: unknown) => void): void => {
        setImmediate(done, ofCaller)
      }
      return requestAll(`${url}/echo`, { ...post, agent: Object.assign(agent, { createConnection: fail }) })
    },
  ],
  [
    'a socket in the file system',
    1,
    async () => {
      const socketPath = join(tmpdir(), `no-harm-${process.pid}.sock`)
      const server = http.createServer((request, response) => void request.pipe(response))
      await new Promise<void>((resolve) => server.listen(socketPath, resolve))
      const seen = await requestAll('http://localhost/', { ...post, socketPath, agent: false }, (it) =>
        it.end('body'),
      )
      server.close()
      return seen
    },
  ],
  [
    'a name that the user looks up, in vain',
    1,
    () => {
      const lookup = ((_name: string, _options: object, done: (error: Error) => void) =>
        setImmediate(done, Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }))) as never
      return requestAll('http://name.test/', { lookup })
    },
  ],
  [
    'a certificate that nobody signed, and one that is known',
    2,
    async () => {
      const certificate = createCertificate()
      const secure = https.createServer(certificate, (_request, response) => response.end('secret'))
      await listen(secure)
      const url = addressOf(secure, 'https')
      const get = (options: https.RequestOptions): Promise<unknown> =>
        new Promise((resolve) => {
          const request = https.get(url, { ...options, agent: false }, (it) => resolve(readAll(it)))
          request.on('error', resolve)
        })
      const answers = [await get({}), await get({ ca: certificate.cert })]
      secure.close()
      return answers
    },
  ],
  [
    'an agent that is destroyed under its calls',
    3,
    async (server) => {
      const agent = new http.Agent({ keepAlive: true, maxSockets: 2 })
      const calls = ['/hang', '/hang', '/echo'].map((path) => requestAll(server.url + path, { agent }))
      await server.waitFor('request /hang')
      await new Promise((resolve) => setTimeout(resolve, 50))
      agent.destroy()
      return Promise.all(calls)
    },
  ],
  [
    'a kept connection that the server closes when it is used again',
    2,
    async () => {
      let asked = 0
      const server = http.createServer((request, response) => {
        if (++asked === 1) response.end('first')
        else request.socket.destroy()
      })
      await listen(server)
      const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
      const seen: unknown[] = []
      for (let index = 0; index < 2; index++) {
        let made: http.ClientRequest | undefined
        seen.push(
          await requestAll(addressOf(server), { agent }, (request) => {
            made = request
            request.end()
          }),
          made?.reusedSocket,
        )
      }
      agent.destroy()
      server.close()
      return seen
    },
  ],
]

const givingUp: Row[] = [
  ...['socket', 'finish', 'response', 'close'].flatMap((event): Row[] => [
    [`a request destroyed on '${event}'`, 1, ({ url }) => requestAll(`${url}/echo`, post, destroyOn(event))],
    [
      `a request destroyed with an error on '${event}'`,
      1,
      ({ url }) => requestAll(`${url}/echo`, post, destroyOn(event, ofCaller)),
    ],
  ]),
  [
    'a response destroyed on its arrival',
    1,
    ({ url }) =>
      requestAll(`${url}/sse`, {}, (request) => {
        request.prependListener('response', (response) => void response.destroy())
        request.end()
      }),
  ],
  [
    'a request that is destroyed twice, and written to afterwards',
    1,
    ({ url }) =>
      requestAll(`${url}/echo`, post, (request, events) => {
        note(events, 'destroy', () => request.destroy(ofCaller) === request)
        note(events, 'destroy', () => request.destroy() === request)
        note(events, 'write', () => request.write('late'))
        note(events, 'end', () => request.end('late') === request)
      }),
  ],
  [
    'a time limit by setTimeout()',
    1,
    ({ url }) =>
      requestAll(`${url}/hang`, {}, (request, events) => {
        note(events, 'setTimeout', () => request.setTimeout(30, () => request.destroy()) === request)
        request.end()
      }),
  ],
  ...oddReasons
    .filter(([, , isReadable = true]) => isReadable)
    .map(([what, reason]): Row => [
      `a signal with ${what}`,
      1,
      async (server) => {
        const controller = new AbortController()
        const seen = requestAll(`${server.url}/hang`, { signal: controller.signal })
        await server.waitFor('request /hang')
        controller.abort(reason)
        // The reason is the cause of the error, and may be itself its own.
        return (await seen) && 'over'
      },
    ]),
]

/** A request made in a way of its own, with everything that it lets be seen. */
const make = (
  create: (url: string, options: http.RequestOptions) => http.ClientRequest,
  change: (request: http.ClientRequest) => void = () => {},
): Program => {
  return ({ url }) =>
    new Promise((resolve, reject) => {
      const events: string[] = []
      const request = create(`${url}/echo`, post)
      events.push(...Object.keys(request))
      change(request)
      noteEvents(request, 'request', events)
      request.on('error', reject).on('response', (response) => {
        events.push(...Object.keys(response))
        readAll(response).then((body) => resolve([events, body]), reject)
      })
      request.write('one ')
      request.end('two')
    })
}

class Shouting extends http.ClientRequest {
  override write(chunk: string, ...rest: never[]): boolean {
    return super.write(chunk.toUpperCase(), ...rest)
  }
}

const making: Row[] = [
  ['http.request', 1, make((url, options) => http.request(url, options))],
  [
    'new ClientRequest',
    1,
    make(
      (url, options) =>
        new (http.ClientRequest as never as new (...of: unknown[]) => http.ClientRequest)(url, options),
    ),
  ],
  [
    'a subclass of ClientRequest',
    1,
    make((url, options) => new (Shouting as never as new (...of: unknown[]) => Shouting)(url, options)),
  ],
  [
    'methods that the user replaces',
    1,
    make(
      (url, options) => http.request(url, options),
      (request) => {
        const write = request.write.bind(request)
        request.write = ((chunk: string) => write(`<${chunk}>`)) as typeof request.write
      },
    ),
  ],
  [
    'write and end by way of the prototype',
    1,
    ({ url }) =>
      requestAll(`${url}/echo`, post, (request) => {
        http.OutgoingMessage.prototype.write.call(request, 'one ', 'utf8')
        Reflect.apply(http.OutgoingMessage.prototype.end, request, [])
      }),
  ],
]

const writing: Row[] = [
  [
    'flushHeaders(), and a body that comes later',
    1,
    ({ url }) =>
      requestAll(`${url}/echo`, post, (request) => {
        request.flushHeaders()
        setTimeout(() => request.end('late'), 10)
      }),
  ],
  [
    'cork and uncork',
    1,
    ({ url }) =>
      requestAll(`${url}/echo`, post, (request, events) => {
        request.cork()
        note(events, 'write', () => request.write('one '))
        note(events, 'write', () => request.write('two'))
        request.uncork()
        request.end()
      }),
  ],
  [
    'end() twice, with callbacks',
    1,
    ({ url }) =>
      requestAll(`${url}/echo`, post, (request, events) => {
        request.end('one', 'utf8', () => events.push('ended'))
        note(events, 'end', () => request.end((error?: Error) => events.push(`again ${String(error)}`)))
      }),
  ],
  [
    'trailers of a request',
    1,
    ({ url }) =>
      requestAll(`${url}/echo`, { ...post, headers: { trailer: 'x-sum' } }, (request) => {
        request.write('body')
        request.addTrailers({ 'x-sum': '1' })
        request.end()
      }),
  ],
  [
    'a stream piped into it, with backpressure',
    1,
    ({ url }) =>
      requestAll(`${url}/echo`, post, (request, events) => {
        const source = Readable.from([createBytes(500_000), createBytes(700_000), Buffer.from('end')])
        void pipeline(source, request).then(() => events.push('piped'))
      }),
  ],
  [
    'a stream piped into it that fails',
    1,
    ({ url }) =>
      requestAll(`${url}/echo`, post, (request) => {
        const source = new PassThrough()
        pipeline(source, request).catch(() => {})
        source.write('some', () => source.destroy(ofCaller))
      }),
  ],
  [
    'a length that is not kept',
    1,
    ({ url }) => {
      const options = { method: 'POST', headers: { 'content-length': 3 }, strictContentLength: true }
      return requestAll(`${url}/echo`, options as http.RequestOptions, (request, events) => {
        note(events, 'write', () => request.write('too long'))
        request.destroy()
      })
    },
  ],
  [
    'an expectation that is refused',
    1,
    async () => {
      const server = http.createServer()
      server.on('checkContinue', (_request, response) => response.writeHead(417).end('no'))
      await listen(server)
      const options = { ...post, headers: { expect: '100-continue', 'content-length': 5 } }
      const seen = await requestAll(addressOf(server), options, (request) => {
        request.on('continue', () => request.end('never'))
        request.on('response', () => request.destroy())
        request.flushHeaders()
      })
      server.closeAllConnections()
      server.close()
      return seen
    },
  ],
  [
    'an answer before the body was sent',
    1,
    async () => {
      const server = http.createServer((request, response) => {
        response.writeHead(413).end('too much')
        request.resume()
      })
      await listen(server)
      const seen = await requestAll(addressOf(server), post, (request) => {
        request.write('some')
        request.once('response', () => request.end('rest'))
      })
      server.closeAllConnections()
      server.close()
      return seen
    },
  ],
]

const reading: Row[] = [
  [
    "'readable' and read()",
    1,
    async ({ url }) => {
      const response = await got(`${url}/pieces`)
      const read: Buffer[] = []
      response.on('readable', () => {
        for (let chunk = response.read(7); chunk !== null; chunk = response.read(7)) read.push(chunk)
        const rest: Buffer | null = response.read()
        if (rest !== null) read.push(rest)
      })
      await finished(response)
      return Buffer.concat(read)
    },
  ],
  [
    'unshift() of what was read',
    1,
    async ({ url }) => {
      const response = await got(`${url}/pieces`)
      const first = await new Promise<Buffer>((resolve) => response.once('data', resolve))
      response.pause()
      response.unshift(first)
      return readAll(response)
    },
  ],
  [
    'Readable.toWeb()',
    1,
    async ({ url }) =>
      readAll(Readable.toWeb(await got(`${url}/big`)) as unknown as AsyncIterable<Uint8Array>),
  ],
  [
    'an old stream wrapped around it',
    1,
    async ({ url }) => readAll(new Readable().wrap(await got(`${url}/pieces`))),
  ],
  [
    'a body that is read much later',
    1,
    async ({ url }) => {
      const response = await got(`${url}/pieces`)
      await new Promise((resolve) => setTimeout(resolve, 100))
      return [response.readableFlowing, response.readableEnded, await readAll(response)]
    },
  ],
  [
    'push() and destroy() that the user replaces',
    1,
    async ({ url }) => {
      const events: string[] = []
      const response = await got(`${url}/pieces`)
      const push = response.push.bind(response)
      response.push = (chunk, encoding) => {
        events.push(chunk === null ? 'end' : 'chunk')
        return push(chunk, encoding)
      }
      const body = await readAll(response)
      return [events.at(-1), events.length > 1, body]
    },
  ],
  [
    'a listener of the response that throws',
    1,
    ({ url }) =>
      new Promise((resolve) => {
        const request = http.get(`${url}/pieces`)
        // What Node would make an uncaughtException of.
        const emit = request.emit.bind(request)
        request.emit = (event: string | symbol, ...details: unknown[]) => {
          try {
            return emit(event, ...details)
          } catch (error) {
            resolve(error)
            request.destroy()
            return true
          }
        }
        request.on('response', () => {
          throw ofCaller
        })
        request.on('error', () => {})
      }),
  ],
  [
    'many at once, every third of them given up',
    30,
    async (server) =>
      Promise.all(
        Array.from({ length: 30 }, async (_, index) => {
          const response = await got(`${server.url}/${index % 3 === 0 ? 'sse' : 'pieces'}`)
          if (index % 3 !== 0) return readAll(response)
          response.destroy(ofCaller)
          return errorOf(readAll(response))
        }),
      ),
  ],
]

describe('node:http, oddly used, is the same with and without us:', () => {
  testNoHarm([...sockets, ...givingUp, ...making, ...writing, ...reading])
})
