import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createClient, type Client } from '../../src/account/client.ts'
import { startProxyServer, type ProxyServer } from './traffic-support/proxy-server.ts'

const KEY = 'b747e891canary-key'

let proxy: ProxyServer
let server: Server
let url: string
let client: Client | undefined

beforeEach(async () => {
  for (const name of ['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY', 'NO_PROXY']) {
    vi.stubEnv(name, '')
    vi.stubEnv(name.toLowerCase(), '')
  }
  proxy = await startProxyServer()
  server = createServer((_request, response) => response.end('{"a":1}'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterEach(async () => {
  client?.close()
  vi.unstubAllEnvs()
  server.closeAllConnections()
  server.close()
  await proxy.close()
})

function get(target: string) {
  client = createClient()
  return client.get(target, KEY)
}

describe('a request to an account endpoint', () => {
  it.each(['HTTP_PROXY', 'http_proxy', 'ALL_PROXY'])('goes through the proxy of %s', async (name) => {
    vi.stubEnv(name, proxy.url)
    expect(await get(`${url}/v2/billing?x=1`)).toMatchObject({ json: { a: 1 } })
    expect(proxy.requests).toStrictEqual([`GET ${url}/v2/billing?x=1`])
  })

  it('goes through a tunnel that does not show it when it is encrypted', async () => {
    vi.stubEnv('HTTPS_PROXY', proxy.url)
    // What listens there speaks no TLS: the tunnel is what counts.
    expect(await get(`${url.replace('http:', 'https:')}/v2/billing`)).toHaveProperty('errorType')
    expect(proxy.requests).toStrictEqual([`CONNECT ${new URL(url).host}`])
  })

  it('goes straight where NO_PROXY says so, or where no proxy is for its scheme', async () => {
    vi.stubEnv('HTTP_PROXY', proxy.url)
    vi.stubEnv('NO_PROXY', 'example.test,127.0.0.1')
    expect(await get(url)).toMatchObject({ json: { a: 1 } })
    vi.stubEnv('NO_PROXY', '')
    vi.stubEnv('HTTP_PROXY', '')
    vi.stubEnv('HTTPS_PROXY', proxy.url)
    expect(await get(url)).toMatchObject({ json: { a: 1 } })
    expect(proxy.requests).toStrictEqual([])
  })

  it('says what went wrong when the proxy refuses or is not there, without its password', async () => {
    const refusing = createServer((_request, response) => response.writeHead(407).end())
    await new Promise<void>((resolve) => refusing.listen(0, '127.0.0.1', resolve))
    const { port } = refusing.address() as AddressInfo
    vi.stubEnv('HTTP_PROXY', `http://user:canary@127.0.0.1:${port}`)
    expect(await get(url)).toMatchObject({ errorType: '407' })
    refusing.closeAllConnections()
    await new Promise((resolve) => refusing.close(resolve))
    const answer = await get(url)
    expect(answer).toMatchObject({ errorType: 'ECONNREFUSED' })
    expect(JSON.stringify(answer)).not.toContain('canary')
  })
})
