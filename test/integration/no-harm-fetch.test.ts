import { describe } from 'vitest'
import { errorOf, isHeldBack, readAll, testNoHarm, type Row } from './no-harm-support/compare.ts'
import { createBytes, firehoseBytes } from './traffic-support/origin-server.ts'
import { fetches } from './traffic-support/undici-clients.ts'

type Fetch = typeof fetch
type Body = ReadableStream<Uint8Array<ArrayBuffer>>
type Read = (response: Response) => Promise<unknown>

const bodyOf = (response: Response): Body => response.body as Body
const headOf = ({ status, statusText, ok, url, redirected, type, headers, bodyUsed }: Response): unknown => ({
  status,
  statusText,
  ok,
  url,
  redirected,
  type,
  bodyUsed,
  headers: [...headers].filter(([name]) => name !== 'date'),
})
const post = { method: 'POST', body: 'a question', headers: { 'content-type': 'text/plain' } }

/** How applications read a body, on a path where it comes in pieces. */
const readers: [string, Read][] = [
  ['text()', (response) => response.text()],
  ['arrayBuffer()', (response) => response.arrayBuffer()],
  ['blob()', async (response) => (await response.blob()).arrayBuffer()],
  ['json() of what is no JSON', (response) => errorOf(response.json())],
  ['text() by way of the prototype', (response) => Response.prototype.text.call(response)],
  ['reading twice', async (response) => [await response.text(), await errorOf(response.text())]],
  ['for await', (response) => readAll(bodyOf(response) as unknown as AsyncIterable<Uint8Array>)],
  [
    'a reader',
    async (response) => {
      const reader = bodyOf(response).getReader()
      const chunks: Uint8Array[] = []
      for (let next = await reader.read(); !next.done; next = await reader.read()) chunks.push(next.value)
      return Buffer.concat(chunks)
    },
  ],
  [
    'a BYOB reader',
    async (response) => {
      const reader = bodyOf(response).getReader({ mode: 'byob' })
      const chunks: Uint8Array[] = []
      let next = await reader.read(new Uint8Array(7))
      while (!next.done) {
        chunks.push(Uint8Array.from(next.value))
        next = await reader.read(new Uint8Array(next.value.buffer))
      }
      return Buffer.concat(chunks)
    },
  ],
  [
    'clone()',
    async (response) => {
      const copy = response.clone()
      return [headOf(copy), ...(await Promise.all([response.arrayBuffer(), copy.arrayBuffer()]))]
    },
  ],
  [
    'tee()',
    async (response) => {
      const branches = bodyOf(response).tee() as unknown as AsyncIterable<Uint8Array>[]
      return Promise.all(branches.map((branch) => readAll(branch)))
    },
  ],
  [
    'pipeTo()',
    async (response) => {
      const chunks: Uint8Array[] = []
      await bodyOf(response).pipeTo(new WritableStream({ write: (chunk) => void chunks.push(chunk) }))
      return Buffer.concat(chunks)
    },
  ],
  [
    'pipeThrough()',
    (response) =>
      readAll(bodyOf(response).pipeThrough(new TextDecoderStream()) as unknown as AsyncIterable<string>),
  ],
  [
    'chunks that are overwritten as they come',
    async (response) => {
      const read: Buffer[] = []
      for await (const chunk of bodyOf(response) as unknown as AsyncIterable<Uint8Array>) {
        read.push(Buffer.from(chunk))
        chunk.fill(0)
      }
      return Buffer.concat(read)
    },
  ],
  [
    'chunks that are transferred as they come',
    async (response) => {
      const read: Buffer[] = []
      for await (const chunk of bodyOf(response) as unknown as AsyncIterable<Uint8Array>) {
        read.push(Buffer.from(structuredClone(chunk, { transfer: [chunk.buffer as ArrayBuffer] })))
      }
      return Buffer.concat(read)
    },
  ],
]

const paths = [
  '/echo',
  '/big',
  '/gzip',
  '/empty',
  '/204',
  '/304',
  '/404',
  '/early',
  '/trailers',
  '/until-close',
]

const givingUp = (get: Fetch): Row[] => {
  const ofCaller = Object.assign(new Error('of the caller'), { code: 'EPIPE' })
  return [
    [
      'a broken loop reaches the server',
      1,
      async (server) => {
        for await (const chunk of bodyOf(
          await get(`${server.url}/sse`),
        ) as unknown as AsyncIterable<Uint8Array>) {
          if (chunk.length > 0) break
        }
        await server.waitFor('closed /sse')
        return server.seen
      },
    ],
    [
      'reader.cancel() reaches the server',
      1,
      async (server) => {
        const reader = bodyOf(await get(`${server.url}/sse`)).getReader()
        // How many events come in the first chunk is up to the network.
        const { done, value } = await reader.read()
        const cancelled = await reader.cancel(ofCaller)
        await server.waitFor('closed /sse')
        return [done, value?.subarray(0, 8), cancelled, server.seen]
      },
    ],
    [
      'an unread body that is cancelled reaches the server',
      1,
      async (server) => {
        await bodyOf(await get(`${server.url}/sse`)).cancel('enough')
        await server.waitFor('closed /sse')
        return server.seen
      },
    ],
    ...([[], ['a string'], [ofCaller], [null], [{ plain: 'object' }]] as unknown[][]).flatMap(
      (reason): Row[] => [
        [
          `abort(${reason.map((value) => JSON.stringify(value)).join()}) before the head`,
          1,
          async (server) => {
            const controller = new AbortController()
            const answer = errorOf(get(`${server.url}/hang`, { signal: controller.signal }))
            await server.waitFor('request /hang')
            controller.abort(...reason)
            await server.waitFor('closed /hang')
            return answer
          },
        ],
        [
          `abort(${reason.map((value) => JSON.stringify(value)).join()}) in the body`,
          1,
          async (server) => {
            const controller = new AbortController()
            const response = await get(`${server.url}/sse`, { signal: controller.signal })
            controller.abort(...reason)
            const error = await errorOf(response.text())
            await server.waitFor('closed /sse')
            return [headOf(response), error]
          },
        ],
      ],
    ),
    [
      'AbortSignal.timeout before the head',
      1,
      (server) => errorOf(get(`${server.url}/hang`, { signal: AbortSignal.timeout(500) })),
    ],
    [
      'AbortSignal.timeout in the body',
      1,
      async (server) =>
        errorOf((await get(`${server.url}/sse`, { signal: AbortSignal.timeout(500) })).text()),
    ],
    [
      'a body that nobody reads holds the server back, and is whole when it is read later',
      1,
      async (server) => {
        const response = await get(`${server.url}/firehose`)
        const heldBack = await isHeldBack(server, firehoseBytes)
        return [heldBack, await response.arrayBuffer(), server.seen]
      },
    ],
  ]
}

const failing = (get: Fetch): Row[] => [
  ...['/reset', '/cut', '/cut-chunked', '/cut-reset', '/garbage', '/not-gzip'].map((path): Row => [
    `the error on ${path}`,
    1,
    async ({ url }) => errorOf((await get(url + path)).text()),
  ]),
  [
    'the error of a refused connection',
    1,
    async (server) => {
      await server.close()
      return errorOf(get(server.url))
    },
  ],
  ['the error of a wrong URL', 0, () => errorOf(get('http://'))],
  [
    'the error of a signal that was aborted before',
    0,
    ({ url }) => errorOf(get(url, { signal: AbortSignal.abort() })),
  ],
]

const sending = (get: Fetch): Row[] => [
  [
    'a streamed request body',
    1,
    async ({ url }) => {
      const stream = new Blob([createBytes(100_000)]).stream()
      return (
        await get(`${url}/echo`, { method: 'POST', body: stream, duplex: 'half' } as RequestInit)
      ).arrayBuffer()
    },
  ],
  [
    'a request body that fails',
    1,
    async ({ url }) => {
      const stream = new ReadableStream({ pull: (controller) => controller.error(new Error('no more')) })
      return errorOf(get(`${url}/echo`, { method: 'POST', body: stream, duplex: 'half' } as RequestInit))
    },
  ],
  [
    'a redirect, by its answer',
    2,
    async ({ url }) => {
      const response = await get(`${url}/redirect`, post)
      return [headOf(response), await response.text()]
    },
  ],
  [
    'a redirect that is not followed',
    1,
    async ({ url }) => {
      const response = await get(`${url}/redirect`, { ...post, redirect: 'manual' })
      return [headOf(response), await response.text()]
    },
  ],
  ['a HEAD request', 1, async ({ url }) => headOf(await get(`${url}/big`, { method: 'HEAD' }))],
  [
    'connections that are used again',
    5,
    async (server) => {
      for (let i = 0; i < 5; i++) await (await get(`${server.url}/echo`, post)).text()
      return server.connectionCount()
    },
  ],
]

describe.each(fetches)('%s observes the same with and without us:', (_name, get) => {
  testNoHarm([
    ...readers.map(([how, read]): Row => [how, 1, async ({ url }) => read(await get(`${url}/pieces`))]),
    ...paths.map((path): Row => [
      `head and body of ${path}`,
      1,
      async ({ url }) => {
        const response = await get(url + path, path === '/echo' ? post : {})
        return [headOf(response), await response.arrayBuffer(), response.bodyUsed]
      },
    ]),
    ...givingUp(get),
    ...failing(get),
    ...sending(get),
  ])
})
