import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { createServer, get, type RequestListener, type Server } from 'node:http'
import { createRequire, syncBuiltinESMExports } from 'node:module'
import type { AddressInfo } from 'node:net'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { SpanKind } from '@opentelemetry/api'
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http'
import { NodeSDK, tracing } from '@opentelemetry/sdk-node'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { createClient, type Client } from '../../src/account/client.ts'
import { isOwnTraffic } from '../../src/own-traffic.ts'

const KEY = 'b747e891canary-key'
const open: { close(): void }[] = []

afterEach(() => {
  for (const each of open.splice(0)) each.close()
})

async function serve(listener: RequestListener): Promise<string> {
  const server: Server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  open.push({
    close() {
      server.closeAllConnections()
      server.close()
    },
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function client(timeoutMs?: number): Client {
  const created = createClient(timeoutMs)
  open.push(created)
  return created
}

describe('a request to an account endpoint', () => {
  it('sends the key and gives the JSON with the time of the server', async () => {
    let sent: unknown
    const url = await serve((request, response) => {
      sent = { method: request.method, url: request.url, authorization: request.headers.authorization }
      response.setHeader('date', 'Sun, 01 Mar 2026 12:00:00 GMT')
      response.end('{"a":[1]}')
    })
    expect(await client().get(`${url}/v2/billing?x=1`, KEY)).toStrictEqual({
      json: { a: [1] },
      dateMs: Date.UTC(2026, 2, 1, 12),
    })
    expect(sent).toStrictEqual({ method: 'GET', url: '/v2/billing?x=1', authorization: `Bearer ${KEY}` })
  })

  it.each([301, 401, 403, 404, 429, 500, 503])(
    'answers HTTP %i as that, without its body',
    async (status) => {
      const url = await serve((_request, response) => {
        response.writeHead(status).end('{"message":"canary prompt"}')
      })
      const answer = await client().get(url, KEY)
      expect(answer).toMatchObject({ errorType: String(status) })
      expect(JSON.stringify(answer)).not.toContain('canary')
    },
  )

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ])('understands an answer that somebody has compressed by %s', async (coding, compress) => {
    const models = Array.from({ length: 30_000 }, (_, n) => ({ id: `a model with the number ${n}` }))
    const url = await serve((request, response) => {
      const bytes = request.url === '/broken' ? Buffer.from('{}') : compress(JSON.stringify(models))
      response.setHeader('content-encoding', coding)
      response.end(bytes)
    })
    expect(await client().get(`${url}/models`)).toMatchObject({ json: models })
    expect(await client().get(`${url}/broken`)).toMatchObject({ errorType: 'unparsable' })
  })

  it('follows no redirect: the key stays where it was sent', async () => {
    let elsewhere = 0
    const other = await serve((_request, response) => {
      elsewhere += 1
      response.end('{}')
    })
    const url = await serve((_request, response) => {
      response.writeHead(302, { location: other }).end()
    })
    expect(await client().get(url, KEY)).toMatchObject({ errorType: '302' })
    expect(elsewhere).toBe(0)
  })

  it.each([
    ['7', 7000],
    ['Sun, 01 Mar 2026 12:01:00 GMT', 60_000],
    ['Sun, 01 Mar 2026 11:00:00 GMT', undefined],
    ['soon', undefined],
    ['-5', undefined],
  ])('reads Retry-After: %s', async (retryAfter, retryAfterMs) => {
    const url = await serve((_request, response) => {
      const date = 'Sun, 01 Mar 2026 12:00:00 GMT'
      response.writeHead(429, { 'retry-after': retryAfter, date }).end()
    })
    const answer = await client().get(url, KEY)
    expect(answer.retryAfterMs).toBe(retryAfterMs)
  })

  it.each(['', 'ok', '<html>', '{"a":', '\u{FEFF}{}', 'NaN'])('calls %j unparsable', async (body) => {
    const url = await serve((_request, response) => response.end(body))
    expect(await client().get(url, KEY)).toMatchObject({ errorType: 'unparsable' })
  })

  it('gives up on a body that has no end', async () => {
    const url = await serve((_request, response) => {
      const write = (): boolean => response.write('"'.padEnd(65_536))
      response.on('drain', write)
      while (write());
    })
    expect(await client().get(url, KEY)).toMatchObject({ errorType: 'too_large' })
  })

  it('gives up on a server that does not answer', async () => {
    const url = await serve(() => {})
    expect(await client(50).get(url, KEY)).toStrictEqual({ errorType: 'timeout' })
  })

  it('gives up on a server that drips', async () => {
    const timers: NodeJS.Timeout[] = []
    const url = await serve((_request, response) => {
      timers.push(setInterval(() => response.write(' '), 10))
    })
    expect(await client(100).get(url, KEY)).toMatchObject({ errorType: 'timeout' })
    for (const timer of timers) clearInterval(timer)
  })

  it.each([
    ['before the head', (socket: { destroy(): void }) => socket.destroy()],
    [
      'in the body',
      (socket: { destroy(): void; write(text: string): void }) => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"a":1}')
        setTimeout(() => socket.destroy(), 20)
      },
    ],
  ])('says so when the connection breaks %s', async (_when, breakOff) => {
    const url = await serve((request) => breakOff(request.socket))
    expect(await client().get(url, KEY)).toMatchObject({ errorType: 'ECONNRESET' })
  })

  it('says so when nobody listens', async () => {
    const url = await serve(() => {})
    open.splice(0)[0]?.close()
    expect(await client().get(url, KEY)).toStrictEqual({ errorType: 'ECONNREFUSED' })
  })

  it('answers a key or URL that cannot be sent without showing it', async () => {
    const url = await serve((_request, response) => response.end('{}'))
    for (const answer of [
      await client().get(url, `${KEY}\n`),
      await client().get('canary', KEY),
      await client().get('ftp://canary/', KEY),
    ]) {
      expect(answer).toHaveProperty('errorType')
      expect(JSON.stringify(answer)).not.toMatch(/canary/i)
    }
  })

  it('is ended by close()', async () => {
    const url = await serve(() => {})
    const closing = client()
    const answer = closing.get(url, KEY)
    setTimeout(() => closing.close(), 20)
    expect(await answer).toStrictEqual({ errorType: 'aborted' })
  })
})

describe('to observers of the host', () => {
  const exporter = new tracing.InMemorySpanExporter()
  const instrumentation = new HttpInstrumentation()
  const sdk = new NodeSDK({
    spanProcessors: [new tracing.SimpleSpanProcessor(exporter)],
    logRecordProcessors: [],
    metricReaders: [],
    instrumentations: [instrumentation],
  })

  beforeAll(() => {
    sdk.start()
    // What a CommonJS host does; then also for importers.
    createRequire(import.meta.url)('http')
    syncBuiltinESMExports()
  })

  afterAll(async () => {
    instrumentation.disable()
    syncBuiltinESMExports()
    await sdk.shutdown()
  })

  it('an account request is own traffic and makes no client span, while another request does', async () => {
    const traced: unknown[] = []
    const url = await serve((request, response) => {
      traced.push(request.headers['traceparent'])
      response.end('{}')
    })
    const seen: boolean[] = []
    const listen = (): void => {
      seen.push(isOwnTraffic())
    }
    subscribe('http.client.request.start', listen)
    await client().get(`${url}/own`, KEY)
    expect(isOwnTraffic()).toBe(false)
    await new Promise((resolve) => get(`${url}/other`, (response) => response.resume().on('end', resolve)))
    unsubscribe('http.client.request.start', listen)

    expect(seen).toStrictEqual([true, false])
    expect(traced).toStrictEqual([undefined, expect.stringMatching(/^00-/)])
    const urls = (): unknown[] =>
      exporter
        .getFinishedSpans()
        .filter(({ kind }) => kind === SpanKind.CLIENT)
        .map(({ attributes }) => attributes['url.full'] ?? attributes['http.url'])
    await vi.waitFor(() => expect(urls()).toStrictEqual([`${url}/other`]))
  })
})
