import http from 'node:http'
import http2 from 'node:http2'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Unhook } from '../../src/traffic/exchange.ts'
import { hookNodeHttp } from '../../src/traffic/node-http.ts'
import { hookUndici } from '../../src/traffic/undici.ts'
import { createCertificate } from './traffic-support/certificate.ts'
import {
  addressOf,
  createBytes,
  listen,
  startOriginServer,
  type OriginServer,
} from './traffic-support/origin-server.ts'
import { startProxyServer, type ProxyServer } from './traffic-support/proxy-server.ts'
import { createRecorder, type RecordedExchange, type Recorder } from './traffic-support/recorder.ts'
import { undiciModules } from './traffic-support/undici-clients.ts'

let server: OriginServer
let proxy: ProxyServer
let recorder: Recorder
let unhook: Unhook[]
beforeAll(async () => {
  server = await startOriginServer()
  proxy = await startProxyServer()
})
afterAll(() => Promise.all([server.close(), proxy.close()]))
beforeEach(() => {
  proxy.requests.length = 0
  recorder = createRecorder()
  unhook = [hookUndici(recorder)]
})
afterEach(() => {
  for (const step of unhook) step()
  expect(recorder.errors).toEqual([])
})

const onlyExchange = async (): Promise<RecordedExchange> => {
  expect(recorder.exchanges).toHaveLength(1)
  const exchange = recorder.exchanges[0] as RecordedExchange
  await exchange.ended
  return exchange
}

describe.each(undiciModules)('%s', (_name, undici) => {
  test.each([
    ['through a tunnel', true],
    ['by absolute paths', false],
  ])('with a proxy, %s, is seen once and with its target', async (_how, proxyTunnel) => {
    const dispatcher = new undici.ProxyAgent({ uri: proxy.url, proxyTunnel })
    const response = await undici.fetch(`${server.url}/echo?a=1`, {
      method: 'POST',
      body: 'by way of',
      dispatcher,
    })
    expect(await response.text()).toBe('by way of')
    const exchange = await onlyExchange()
    expect(exchange.head).toMatchObject({ method: 'POST', origin: server.url, path: '/echo?a=1' })
    expect(exchange.requestBytes.toString()).toBe('by way of')
    expect(exchange.responseBytes.toString()).toBe('by way of')
    expect(proxy.requests).toHaveLength(1)
    await dispatcher.close()
  })

  test('over HTTP/2 is seen with its headers and every byte', async () => {
    const certificate = createCertificate()
    const secure = http2.createSecureServer({ ...certificate, allowHTTP1: false })
    secure.on('stream', (stream, headers) => {
      stream.respond({
        ':status': 200,
        'x-inference-id': 'inference-2',
        'content-type': String(headers['x-type']),
      })
      stream.pipe(stream)
    })
    await listen(secure)
    const url = addressOf(secure, 'https')
    const dispatcher = new undici.Agent({ allowH2: true, connect: { ca: certificate.cert } })
    const body = createBytes(40_000)
    const response = await undici.request(`${url}/v1`, {
      method: 'POST',
      headers: { 'x-type': 'text/x' },
      body,
      dispatcher,
    })
    expect(Buffer.from(await response.body.arrayBuffer()).equals(body)).toBe(true)
    const exchange = await onlyExchange()
    expect(exchange.head).toMatchObject({ method: 'POST', origin: url, path: '/v1' })
    expect(exchange.head.header('x-type')).toBe('text/x')
    expect(exchange.status).toBe(200)
    expect(exchange.header('x-inference-id')).toBe('inference-2')
    expect(exchange.header('content-type')).toBe('text/x')
    expect(exchange.requestBytes.equals(body)).toBe(true)
    expect(exchange.responseBytes.equals(body)).toBe(true)
    expect(exchange.events).toContain('sent')
    expect(exchange.endings).toEqual([undefined])
    await dispatcher.destroy()
    secure.close()
  })
})

test('node:http by way of a proxy is seen with its target', async () => {
  unhook.push(hookNodeHttp(recorder))
  const { host } = new URL(server.url)
  const options = { method: 'POST', path: `${server.url}/echo?a=1`, headers: { host } }
  const through = http.request(proxy.url, options)
  const body = await new Promise<string>((resolve) => {
    through.on('response', (response) => response.setEncoding('utf8').on('data', resolve))
    through.end('by way of')
  })
  expect(body).toBe('by way of')
  // The proxy of this test is a node:http client itself.
  const exchange = recorder.exchanges[0] as RecordedExchange
  expect(exchange.head).toMatchObject({ method: 'POST', origin: server.url, path: '/echo?a=1' })
  expect(exchange.responseBytes.toString()).toBe('by way of')
})
