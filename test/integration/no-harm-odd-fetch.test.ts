import { createServer } from 'node:http'
import { Readable } from 'node:stream'
import { describe } from 'vitest'
import { errorOf, readAll, testNoHarm, type Row } from './no-harm-support/compare.ts'
import { oddReasons, toldApart } from './no-harm-support/odd-reasons.ts'
import { addressOf, createBytes, listen, type OriginServer } from './traffic-support/origin-server.ts'
import { fetches } from './traffic-support/undici-clients.ts'

type Fetch = typeof fetch
type Chunks = AsyncIterable<Uint8Array>

const bodyOf = ({ body }: Response) => body as unknown as ReadableStream<Uint8Array> & Chunks
const streamed = (body: unknown): RequestInit => ({ method: 'POST', body, duplex: 'half' }) as RequestInit

/** Methods of the prototype, as wrappers of responses call them. */
const byPrototype = (get: Fetch): Row[] =>
  (['json', 'text', 'arrayBuffer', 'blob', 'formData'] as const).map((method): Row => [
    `Response.prototype.${method}.call()`,
    1,
    async ({ url }) => {
      const response = await get(`${url}/echo`, { method: 'POST', body: new URLSearchParams({ a: '1' }) })
      const prototype = Object.getPrototypeOf(response) as Response
      const read = await errorOf(Reflect.apply(prototype[method], response, []) as Promise<unknown>)
      return [response.bodyUsed, read]
    },
  ])

const copying = (get: Fetch): Row[] => [
  [
    'a copy that is cancelled while the original is read',
    1,
    async ({ url }) => {
      const response = await get(`${url}/pieces`)
      void response.clone().body?.cancel('not wanted')
      return response.arrayBuffer()
    },
  ],
  [
    'an original that is cancelled while its copy is read',
    1,
    async ({ url }) => {
      const response = await get(`${url}/pieces`)
      const copy = response.clone()
      void response.body?.cancel('not wanted')
      return copy.arrayBuffer()
    },
  ],
  [
    'a copy of a copy, after the headers were changed',
    1,
    async ({ url }) => {
      const response = await get(`${url}/pieces`)
      const copy = response.clone().clone()
      const changed = await errorOf(Promise.resolve().then(() => response.headers.set('x-added', '1')))
      return [await copy.arrayBuffer(), changed, [...copy.headers.keys()]]
    },
  ],
]

// undici 5 leaves the connection open, with and without us.
const cancellingBoth = (get: Fetch): Row[] => [
  [
    'both cancelled, which reaches the server',
    1,
    async (server) => {
      const response = await get(`${server.url}/sse`)
      const copy = response.clone()
      await Promise.all([response.body?.cancel(1), copy.body?.cancel(2)])
      await server.waitFor('closed /sse')
      return server.seen
    },
  ],
]

const reading = (get: Fetch): Row[] => [
  [
    'a reader that is let go, and another one',
    1,
    async ({ url }) => {
      const body = bodyOf(await get(`${url}/pieces`))
      const first = body.getReader()
      const { value } = await first.read()
      first.releaseLock()
      return Buffer.concat([value as Uint8Array, await readAll(body)])
    },
  ],
  [
    'a loop that is left without cancelling, and another one',
    1,
    async ({ url }) => {
      const body = bodyOf(await get(`${url}/pieces`))
      const read: Uint8Array[] = []
      for await (const chunk of body.values({ preventCancel: true })) {
        read.push(chunk)
        break
      }
      return Buffer.concat([...read, await readAll(body)])
    },
  ],
  [
    'pipeTo() a writable that fails',
    1,
    async (server) => {
      const broken = new WritableStream({
        write: () => {
          throw new Error('disk full')
        },
      })
      const error = await errorOf(bodyOf(await get(`${server.url}/sse`)).pipeTo(broken))
      await server.waitFor('closed /sse')
      return error
    },
  ],
  [
    'pipeTo() with a signal',
    1,
    async (server) => {
      const controller = new AbortController()
      const sink = new WritableStream({ write: () => controller.abort('enough') })
      const piped = bodyOf(await get(`${server.url}/sse`)).pipeTo(sink, { signal: controller.signal })
      const error = await errorOf(piped)
      await server.waitFor('closed /sse')
      return error
    },
  ],
  [
    'Readable.fromWeb() that is destroyed',
    1,
    async (server) => {
      const stream = Readable.fromWeb((await get(`${server.url}/sse`)).body as never)
      stream.once('data', () => stream.destroy(new Error('of the caller')))
      const error = await new Promise((resolve) => stream.once('error', resolve))
      await server.waitFor('closed /sse')
      return error
    },
  ],
  [
    'a stream that is handed to a new Response',
    1,
    async ({ url }) => {
      const response = await get(`${url}/pieces`)
      const wrapped = new Response(response.body, { status: response.status, headers: response.headers })
      return [wrapped.headers.get('content-type'), await wrapped.arrayBuffer(), response.bodyUsed]
    },
  ],
  [
    'a Response behind a Proxy',
    1,
    async ({ url }) => {
      const response = await get(`${url}/pieces`)
      const proxy = new Proxy(response, {
        get: (target, key) => {
          const value: unknown = Reflect.get(target, key)
          return typeof value === 'function' ? value.bind(target) : value
        },
      })
      return [proxy.status, await proxy.arrayBuffer()]
    },
  ],
]

/** A program that runs while a server of its own is there. */
const withServer =
  (listener: Parameters<typeof createServer>[1], program: (url: string) => Promise<unknown>) => async () => {
    const server = createServer({}, listener)
    await listen(server)
    return program(addressOf(server)).finally(() => {
      server.closeAllConnections()
      server.close()
    })
  }

const sending = (get: Fetch): Row[] => {
  const form = new FormData()
  form.set('model', 'm')
  form.set('file', new Blob([createBytes(1000)], { type: 'audio/wav' }), 'a.wav')
  const bodies: [string, () => unknown][] = [
    ['a Blob', () => new Blob(['blob'], { type: 'text/blob' })],
    ['an empty string', () => ''],
    ['a DataView', () => new DataView(new ArrayBuffer(9), 3, 4)],
    ['an ArrayBuffer', () => new Float64Array([1, 2]).buffer],
    ['parameters', () => new URLSearchParams({ a: 'ä' })],
    [
      'a generator',
      () =>
        (async function* () {
          yield Buffer.from('one ')
          yield Buffer.from('two')
        })(),
    ],
  ]
  return [
    ...bodies.map(([what, create]): Row => [
      `a body that is ${what}`,
      1,
      async ({ url }) => {
        const response = await get(`${url}/echo`, streamed(create()))
        return [response.headers.get('content-type'), await response.arrayBuffer()]
      },
    ]),
    [
      'a form',
      1,
      async ({ url }) => {
        const answer = await get(`${url}/echo`, { method: 'POST', body: form })
        const sent = await answer.formData()
        return [sent.get('model'), await (sent.get('file') as File).arrayBuffer()]
      },
    ],
    [
      'a generator that throws after its first chunk',
      1,
      async ({ url }) => {
        async function* generate() {
          yield Buffer.from('one')
          throw new Error('no more')
        }
        return errorOf(get(`${url}/echo`, streamed(generate())))
      },
    ],
    [
      'a body that is sent while the answer comes',
      1,
      withServer(
        (request, response) => void request.pipe(response),
        async (url) => {
          let next = (): void => {}
          const body = new ReadableStream({
            start: (controller) => {
              let count = 0
              next = () =>
                count++ < 3 ? controller.enqueue(Buffer.from(`part ${count} `)) : controller.close()
            },
          })
          next()
          const response = await get(url, streamed(body))
          const read: Uint8Array[] = []
          for await (const chunk of bodyOf(response)) {
            read.push(chunk)
            next()
          }
          return Buffer.concat(read)
        },
      ),
    ],
    [
      'an answer before the body was sent',
      1,
      withServer(
        (request, response) => {
          response.writeHead(413).end('too much')
          request.resume()
        },
        async (url) => {
          const response = await get(url, { method: 'POST', body: createBytes(3_000_000) })
          return [response.status, await response.text()]
        },
      ),
    ],
    [
      'a Request, its copy, and a subclass of it',
      2,
      async ({ url }) => {
        const request = new Request(`${url}/echo`, { method: 'POST', body: 'question' })
        const copy = request.clone()
        const mine = new (class Mine extends Request {})(request)
        const fetchRequest = get === fetches[0]?.[1] ? get : (it: Request) => get(it.url, copyOf(it))
        return [await (await fetchRequest(mine)).text(), await (await fetchRequest(copy)).text()]
      },
    ],
    [
      'a method in small letters',
      1,
      async ({ url }) => (await get(`${url}/echo`, { method: 'post' })).status,
    ],
    [
      'a URL with parameters and a fragment',
      1,
      async ({ url }) => (await get(`${url}/echo?q=%20a#fragment`)).url,
    ],
    ['a URL with a password', 0, ({ url }) => errorOf(get(url.replace('//', '//user:word@')))],
    ['a URL that needs no network', 0, async () => (await get('data:text/plain,hello')).text()],
    [
      'a header that no header can be',
      0,
      ({ url }) => errorOf(get(url, { headers: { 'x-wrong': 'two\nlines' } })),
    ],
    [
      'a right and a wrong checksum',
      2,
      async ({ url }) => {
        const right = 'sha256-LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ='
        const hello = streamed('hello')
        return [
          await (await get(`${url}/echo`, { ...hello, integrity: right })).text(),
          await errorOf(get(`${url}/echo`, { ...hello, body: 'hallo', integrity: right })),
        ]
      },
    ],
  ]
}

const copyOf = (request: Request): RequestInit => streamed(request.body)

const redirecting = (get: Fetch): Row[] => {
  const redirect = (status: number, location: string) =>
    withServer(
      (request, response) => {
        if (request.url === '/first') response.writeHead(status, { location }).end('moved')
        else request.pipe(response.writeHead(200, { 'x-method': request.method }))
      },
      async (url) => {
        const response = await get(`${url}/first`, { method: 'POST', body: 'question' })
        return [response.url.replace(url, ''), response.headers.get('x-method'), await response.text()]
      },
    )
  return [
    ['a redirect that turns POST into GET', 2, redirect(303, '/second')],
    ['a redirect to a relative place', 2, redirect(308, '?second')],
    [
      'a redirect in a circle',
      21,
      withServer(
        (_request, response) => void response.writeHead(302, { location: '/' }).end(),
        (url) => errorOf(get(url)),
      ),
    ],
    [
      'a redirect that is an error',
      1,
      ({ url }) => errorOf(get(`${url}/redirect`, { redirect: 'error', method: 'POST', body: 'x' })),
    ],
  ]
}

const abortInBody = (get: Fetch, what: string, reason: unknown): Row => [
  `abort with ${what}, in the body`,
  1,
  async (server) => {
    const controller = new AbortController()
    const response = await get(`${server.url}/sse`, { signal: controller.signal })
    controller.abort(reason)
    const read = await toldApart(response.text(), reason)
    await server.waitFor('closed /sse')
    return read
  },
]

const aborting = (get: Fetch): Row[] =>
  oddReasons.flatMap(([what, reason, isReadable = true]): Row[] => [
    [
      `abort with ${what}, before the call`,
      0,
      ({ url }) => toldApart(get(url, { signal: AbortSignal.abort(reason) }), reason),
    ],
    [
      `abort with ${what}, before the head`,
      1,
      async (server) => {
        const controller = new AbortController()
        const call = toldApart(get(`${server.url}/hang`, { signal: controller.signal }), reason)
        await server.waitFor('request /hang')
        controller.abort(reason)
        await server.waitFor('closed /hang')
        return call
      },
    ],
    ...(isReadable ? [abortInBody(get, what, reason)] : []),
    [
      `cancel with ${what}`,
      1,
      async (server) => {
        const { body } = await get(`${server.url}/sse`)
        const cancelled = await toldApart(body?.cancel(reason), reason)
        await server.waitFor('closed /sse')
        return cancelled
      },
    ],
  ])

const many = (get: Fetch): Row[] => [
  [
    'forty calls at once, every third of them given up',
    40,
    async (server: OriginServer) =>
      Promise.all(
        Array.from({ length: 40 }, async (_, index) => {
          if (index % 3 !== 0) return (await get(`${server.url}/pieces`)).arrayBuffer()
          const controller = new AbortController()
          const response = await get(`${server.url}/sse`, { signal: controller.signal })
          controller.abort()
          return errorOf(response.text())
        }),
      ),
  ],
]

describe.each(fetches)('%s, oddly used, observes the same with and without us:', (name, get) => {
  testNoHarm([
    ...byPrototype(get),
    ...copying(get),
    ...(name === 'undici 5 fetch' ? [] : cancellingBoth(get)),
    ...reading(get),
    ...sending(get),
    ...redirecting(get),
    ...aborting(get),
    ...many(get),
  ])
})
