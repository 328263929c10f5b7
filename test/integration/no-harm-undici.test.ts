import diagnosticsChannel from 'node:diagnostics_channel'
import { describe, expect, test } from 'vitest'
import { hookUndici } from '../../src/traffic/undici.ts'
import { errorOf, isHeldBack, observe, testNoHarm, type Row } from './no-harm-support/compare.ts'
import { createBytes, firehoseBytes } from './traffic-support/origin-server.ts'
import { createRecorder } from './traffic-support/recorder.ts'
import { dispatcherOf, undiciModules, type UndiciModule } from './traffic-support/undici-clients.ts'

type Options = Parameters<UndiciModule['request']>[1]
type ResponseData = Awaited<ReturnType<UndiciModule['request']>>
type Request = (url: string, options?: Options) => Promise<ResponseData>

const withoutDate = (headers: Record<string, unknown>): unknown => ({ ...headers, date: undefined })

/** undici 8.13 and later fails a call whose signal was aborted before without making a request of it. */
async function countAborted(undici: UndiciModule): Promise<number> {
  let announced = 0
  const count = (): void => void announced++
  diagnosticsChannel.subscribe('undici:request:create', count)
  const options = { dispatcher: dispatcherOf(undici), signal: AbortSignal.abort() }
  await errorOf(undici.request('http://localhost:1', options as NonNullable<Options>))
  diagnosticsChannel.unsubscribe('undici:request:create', count)
  return announced
}
const copies: (readonly [name: string, undici: UndiciModule, aborted: number])[] = []
for (const [name, undici] of undiciModules) copies.push([name, undici, await countAborted(undici)])

/** @param aborted how many requests a call is whose signal was aborted before. */
const requesting = (request: Request, aborted: number): Row[] => [
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
    aborted,
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

describe.each(copies)('%s request observes the same with and without us:', (_name, undici, aborted) => {
  testNoHarm(
    requesting(
      (url, options) =>
        undici.request(url, { dispatcher: dispatcherOf(undici), ...options } as NonNullable<Options>),
      aborted,
    ),
  )
})

test('bytes that the application overwrites afterwards were seen as they came', async () => {
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
