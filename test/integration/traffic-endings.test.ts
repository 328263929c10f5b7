import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Unhook } from '../../src/traffic/exchange.ts'
import { hookUndici } from '../../src/traffic/undici.ts'
import { startOriginServer, type OriginServer } from './traffic-support/origin-server.ts'
import { createRecorder, type RecordedExchange, type Recorder } from './traffic-support/recorder.ts'
import { dispatcherOf, fetches, undiciModules, type UndiciModule } from './traffic-support/undici-clients.ts'

let server: OriginServer
let recorder: Recorder
let unhook: Unhook
beforeAll(async () => {
  server = await startOriginServer()
})
afterAll(() => server.close())
beforeEach(() => {
  recorder = createRecorder()
  unhook = hookUndici(recorder)
})
afterEach(() => {
  unhook()
  expect(recorder.errors).toEqual([])
})

const observedEnding = async (): Promise<RecordedExchange['endings']> => {
  expect(recorder.exchanges).toHaveLength(1)
  const exchange = recorder.exchanges[0] as RecordedExchange
  await exchange.ended
  // Later events would have come by now: they follow in the same turn.
  await new Promise((resolve) => setImmediate(resolve))
  return exchange.endings
}

const codedError = (code: string): Error => Object.assign(new Error('of the caller'), { code })
/** Calls back once the first exchange saw the event: so it happens where it is meant to on a slow machine too. */
const when = (event: string, act: () => void): void => {
  const timer = setInterval(() => {
    if (!recorder.exchanges[0]?.events.includes(event)) return
    clearInterval(timer)
    act()
  }, 5)
}
const abortWhen = (event: string, ...reason: unknown[]): AbortSignal => {
  const controller = new AbortController()
  when(event, () => controller.abort(...reason))
  return controller.signal
}
const abortSent = (...reason: unknown[]): AbortSignal => abortWhen('sent', ...reason)
const limitMs = 500

const fetchEndings: [string, string | undefined, (get: typeof fetch, url: string) => Promise<unknown>][] = [
  ['abort() before the head', 'aborted', (get, url) => get(`${url}/hang`, { signal: abortSent() })],
  [
    'abort() in the body',
    'aborted',
    async (get, url) => (await get(`${url}/sse`, { signal: abortWhen('responseChunk') })).text(),
  ],
  ['abort with a string', 'aborted', (get, url) => get(`${url}/hang`, { signal: abortSent('enough') })],
  ['abort with an error', 'aborted', (get, url) => get(`${url}/hang`, { signal: abortSent(new Error('x')) })],
  [
    'abort with the error of another connection',
    'aborted',
    (get, url) => get(`${url}/hang`, { signal: abortSent(codedError('ECONNRESET')) }),
  ],
  [
    'a time limit on the head',
    'timeout',
    (get, url) => get(`${url}/hang`, { signal: AbortSignal.timeout(limitMs) }),
  ],
  [
    'a time limit on the body',
    'timeout',
    async (get, url) => (await get(`${url}/sse`, { signal: AbortSignal.timeout(limitMs) })).text(),
  ],
  [
    'a cancelled reader',
    'aborted',
    async (get, url) => {
      const reader = (await get(`${url}/sse`)).body?.getReader()
      await reader?.read()
      await reader?.cancel(codedError('EPIPE'))
    },
  ],
  [
    'a broken loop',
    'aborted',
    async (get, url) => {
      for await (const chunk of (await get(`${url}/sse`)).body ?? []) if (chunk.byteLength > 0) break
    },
  ],
  ['a body cancelled unread', 'aborted', async (get, url) => (await get(`${url}/sse`)).body?.cancel()],
  ['a connection closed before the head', 'UND_ERR_SOCKET', (get, url) => get(`${url}/reset`)],
  ['a connection closed in the body', 'UND_ERR_SOCKET', async (get, url) => (await get(`${url}/cut`)).text()],
  ['a chunked body cut off', 'UND_ERR_SOCKET', async (get, url) => (await get(`${url}/cut-chunked`)).text()],
  [
    'a connection reset in the body',
    'ECONNRESET',
    async (get, url) => (await get(`${url}/cut-reset`)).text(),
  ],
  ['a name that does not resolve', 'ENOTFOUND', (get) => get('http://name.invalid/')],
  [
    'plain HTTP where TLS was meant',
    'ERR_SSL_WRONG_VERSION_NUMBER',
    (get, url) => get(url.replace('http', 'https')),
  ],
  // It arrived whole; that it cannot be decoded is the client's business.
  ['a body that cannot be decoded', undefined, async (get, url) => (await get(`${url}/not-gzip`)).text()],
]

describe.each(fetches)('%s', (_name, get) => {
  test.each(fetchEndings)('%s ends as %s', async (_how, expected, run) => {
    await run(get, server.url).catch(() => {})
    expect(await observedEnding()).toEqual([expected])
  })

  test('a refused connection ends as ECONNREFUSED, and nothing was sent', async () => {
    const closed = await startOriginServer()
    await closed.close()
    await get(closed.url, { method: 'POST', body: 'x' }).catch(() => {})
    expect(await observedEnding()).toEqual(['ECONNREFUSED'])
    expect(recorder.exchanges[0]?.events).not.toContain('sent')
  })

  test('an abort before there is a connection was never sent', async () => {
    const signal = AbortSignal.abort()
    await get(`${server.url}/hang`, { signal }).catch(() => {})
    // fetch itself refuses it, and then there is no request to speak of.
    expect(recorder.exchanges.flatMap(({ events }) => events)).not.toContain('sent')
  })
})

const requestEndings: [
  string,
  string,
  (request: UndiciModule['request'], url: string, undici: UndiciModule) => Promise<unknown>,
][] = [
  ['abort()', 'aborted', (request, url) => request(`${url}/hang`, { signal: abortSent() })],
  [
    'a destroyed body',
    'aborted',
    async (request, url) => (await request(`${url}/sse`)).body.on('error', () => {}).destroy(),
  ],
  [
    'a broken loop',
    'aborted',
    async (request, url) => {
      for await (const chunk of (await request(`${url}/sse`)).body) if (chunk) break
    },
  ],
  [
    'headersTimeout',
    'UND_ERR_HEADERS_TIMEOUT',
    (request, url) => request(`${url}/hang`, { headersTimeout: 30 }),
  ],
  [
    'bodyTimeout',
    'UND_ERR_BODY_TIMEOUT',
    async (request, url) => (await request(`${url}/stall`, { bodyTimeout: 30 })).body.text(),
  ],
  [
    'a destroyed client',
    'UND_ERR_DESTROYED',
    (_request, url, undici) => {
      const client = new undici.Client(url)
      when('sent', () => void client.destroy())
      return client.request({ path: '/hang', method: 'GET' })
    },
  ],
]

describe.each(undiciModules)('%s request', (_name, undici) => {
  test.each(requestEndings)('%s ends as %s', async (_how, expected, run) => {
    const request: UndiciModule['request'] = (url, options) =>
      undici.request(url, { dispatcher: dispatcherOf(undici), ...options } as object)
    await run(request, server.url, undici).catch(() => {})
    expect(await observedEnding()).toEqual([expected])
  })
})
