import { AsyncLocalStorage } from 'node:async_hooks'
import http from 'node:http'
import { PassThrough } from 'node:stream'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Unhook } from '../../src/traffic/exchange.ts'
import { hookNodeHttp } from '../../src/traffic/node-http.ts'
import { hookUndici } from '../../src/traffic/undici.ts'
import { addressOf, listen } from './traffic-support/origin-server.ts'
import { createRecorder } from './traffic-support/recorder.ts'
import { undiciModules, type UndiciModule } from './traffic-support/undici-clients.ts'

const caller = new AsyncLocalStorage<string>()

/** `caller in whose context begin ran <- caller who sent the request` for every request seen. */
let begun: string[]
let unhook: Unhook[]
beforeEach(() => {
  begun = []
  const recorder = createRecorder((head) => {
    begun.push(`${caller.getStore()} <- ${head.header('x-caller')}`)
    return true
  })
  unhook = [hookUndici(recorder), hookNodeHttp(recorder)]
})
afterEach(() => {
  for (const step of unhook) step()
})

let attempts = new Map<string, number>()
const server = http.createServer((request, response) => {
  const id = String(request.headers['x-caller'])
  const attempt = (attempts.get(id) ?? 0) + 1
  attempts.set(id, attempt)
  request.resume().on('end', () => {
    if (request.url === '/fails-once' && attempt === 1) response.writeHead(503).end('busy')
    else if (request.url === '/moved') response.writeHead(307, { location: `${url}/ok` }).end()
    // A pause, so that the other callers wait in the queue meanwhile.
    else setTimeout(() => response.end('ok'), 3)
  })
})
let url: string
beforeAll(async () => {
  await listen(server)
  url = addressOf(server)
})
beforeEach(() => {
  attempts = new Map()
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const callers = ['A', 'B', 'C', 'D', 'E']
/** Five calls at once, each in the context of a caller of its own. */
const callByAll = async (call: (headers: { 'x-caller': string }) => Promise<unknown>): Promise<void> => {
  await Promise.all(callers.map((id) => caller.run(id, () => call({ 'x-caller': id }))))
}
/** Again in another order, so that each gets a connection that was made for somebody else. */
const callTwiceByAll = async (call: (headers: { 'x-caller': string }) => Promise<unknown>): Promise<void> => {
  await callByAll(call)
  attempts = new Map()
  callers.reverse()
  await callByAll(call).finally(() => callers.reverse())
}
const sorted = (): string[] => begun.toSorted()
const ownContexts = (requestsPerCall: number): string[] =>
  callers.flatMap((id) => Array.from({ length: requestsPerCall }, () => `${id} <- ${id}`))

type Options = {
  readonly method: 'POST' | 'GET'
  readonly headers: Record<string, string>
  readonly body?: string
}
type Setup = (undici: UndiciModule) => (path: string, options: Options) => Promise<unknown>

const apis: [string, Setup][] = [
  [
    'the global fetch, served by an Agent with two connections',
    (undici) => {
      undici.setGlobalDispatcher(new undici.Agent({ connections: 2 }))
      return async (path, options) => (await fetch(url + path, options)).text()
    },
  ],
  [
    'request through a Pool with one connection',
    (undici) => {
      const pool = new undici.Pool(url, { connections: 1 })
      return async (path, options) => (await pool.request({ path, ...options })).body.text()
    },
  ],
  [
    'stream through a Pool with one connection',
    (undici) => {
      const pool = new undici.Pool(url, { connections: 1 })
      return (path, options) => pool.stream({ path, ...options }, () => new PassThrough().resume())
    },
  ],
  [
    'pipeline through a Pool with one connection',
    (undici) => {
      const pool = new undici.Pool(url, { connections: 1 })
      return (path, options) =>
        new Promise((resolve, reject) => {
          const duplex = pool.pipeline({ path, ...options }, ({ body }) => body)
          duplex.on('error', reject).on('end', resolve).resume().end(options.body)
        })
    },
  ],
]

describe.each(undiciModules)('%s', (_name, undici) => {
  test.each(apis)('%s begins each call in its own caller’s context', async (_api, setUp) => {
    const call = setUp(undici)
    for (let round = 0; round < 2; round++) {
      await callByAll((headers) => call('/ok', { method: 'POST', headers, body: 'x' }))
    }
    expect(sorted()).toEqual(ownContexts(2))
  })
})

type Dispatcher = InstanceType<UndiciModule['Agent']>

const retries = { minTimeout: 1, maxRetries: 2, methods: ['GET' as const, 'POST' as const] }
const repeating: [string, (undici: UndiciModule) => unknown, string][] = [
  ['RetryAgent', (undici) => new undici.RetryAgent(new undici.Agent(), retries), '/fails-once'],
  [
    'RetryAgent with one connection',
    (undici) => new undici.RetryAgent(new undici.Agent({ connections: 1 }), retries),
    '/fails-once',
  ],
  [
    'the retry interceptor with two connections',
    (undici) => new undici.Agent({ connections: 2 }).compose(undici.interceptors.retry(retries)),
    '/fails-once',
  ],
  [
    'the redirect interceptor with two connections',
    (undici) =>
      new undici.Agent({ connections: 2 }).compose(undici.interceptors.redirect({ maxRedirections: 2 })),
    '/moved',
  ],
]

/** A copy that is not the global dispatcher's shows its class with its first connection. */
const connectOnce = async (undici: UndiciModule): Promise<void> => {
  const client = new undici.Client(url)
  await (await client.request({ path: '/ok', method: 'GET' })).body.dump()
  await client.close()
  begun = []
}

test.each(undiciModules)(
  '%s begins each fetch that waits in a queue in its own caller’s context',
  async (_, undici) => {
    await connectOnce(undici)
    const dispatcher = new undici.Pool(url, { connections: 1 })
    for (let round = 0; round < 2; round++) {
      await callByAll(async (headers) => {
        const init = { method: 'POST', headers, body: 'x', dispatcher }
        return (await undici.fetch(`${url}/ok`, init as object)).text()
      })
    }
    expect(sorted()).toEqual(ownContexts(2))
  },
)

// undici 5 has none of these.
describe.each(undiciModules.slice(1))('%s repeats a call in its own caller’s context', (_name, undici) => {
  beforeEach(() => connectOnce(undici))

  test.each(repeating)('by %s, for request', async (_how, create, path) => {
    const dispatcher = create(undici) as Dispatcher
    await callTwiceByAll(async (headers) =>
      (await undici.request(url + path, { dispatcher, headers })).body.text(),
    )
    expect(sorted()).toEqual(ownContexts(4))
  })

  test.each(repeating)('by %s, for fetch', async (_how, create, path) => {
    const dispatcher = create(undici)
    await callTwiceByAll(async (headers) => {
      const response = await undici.fetch(url + path, { dispatcher, headers } as object)
      return response.text()
    })
    expect(sorted()).toEqual(ownContexts(4))
  })
})

test('options that the application uses again do not carry a context over', async () => {
  const undici = undiciModules.at(-1)?.[1] as UndiciModule
  const pool = new undici.Pool(url, { connections: 1 })
  const seen: string[] = []
  const options = { path: '/ok', method: 'GET' as const, headers: { 'x-caller': 'shared' } }
  const dispatch = (): Promise<void> =>
    new Promise((resolve, reject) => {
      pool.dispatch(options, {
        onRequestStart: () => {},
        onResponseStart: () => {},
        onResponseData: () => {},
        onResponseEnd: () => resolve(),
        onResponseError: (_controller, error) => reject(error),
      })
    })
  for (const id of callers) await caller.run(id, dispatch)
  seen.push(...begun.map((line) => line[0] as string))
  expect(seen).toEqual(callers)
  await pool.close()
})

describe('node:http', () => {
  test.each<[string, http.AgentOptions]>([
    ['a queue for one kept connection', { keepAlive: true, maxSockets: 1 }],
    ['a connection each', {}],
  ])('with %s begins each call in its own caller’s context', async (_how, options) => {
    const agent = new http.Agent(options)
    for (let round = 0; round < 2; round++) {
      await callByAll(
        (headers) =>
          new Promise((resolve, reject) => {
            const request = http.request(`${url}/ok`, { method: 'POST', headers, agent }, (response) => {
              response.resume().on('end', resolve)
            })
            request.on('error', reject)
            setImmediate(() => request.end('x'))
          }),
      )
    }
    agent.destroy()
    expect(sorted()).toEqual(ownContexts(2))
  })
})
