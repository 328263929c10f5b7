import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { builtinModule } from '../../../src/bundled/unreferenced.ts'

it('a socket that is used again gets no further listeners with each request', async () => {
  const server = http.createServer((_request, response) => response.end('ok')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const { request } = builtinModule('http') as typeof http
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
  const found: [isReused: boolean, listeners: number | undefined][] = []
  for (let sent = 0; sent < 3; sent += 1) {
    const outgoing = request({ host: '127.0.0.1', port, agent }).end()
    const [response] = (await once(outgoing, 'response')) as [http.IncomingMessage]
    found.push([outgoing.reusedSocket, outgoing.socket?.listenerCount('secureConnect')])
    response.resume()
    await once(response, 'end')
    // The agent takes the socket back afterwards.
    await new Promise((resolve) => setImmediate(resolve))
  }
  agent.destroy()
  server.close()
  expect(found).toEqual([
    [false, 1],
    [true, 1],
    [true, 1],
  ])
})
