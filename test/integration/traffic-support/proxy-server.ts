import http from 'node:http'
import net from 'node:net'
import { runAsOwnTraffic } from '../../../src/own-traffic.ts'
import { addressOf, listen } from './origin-server.ts'

export interface ProxyServer {
  readonly url: string
  /** `CONNECT host:port`, or method and absolute URL, of everything that went through. */
  readonly requests: string[]
  close(): Promise<void>
}

/** A forward proxy on 127.0.0.1: plain requests in absolute form, and tunnels. */
export async function startProxyServer(): Promise<ProxyServer> {
  const requests: string[] = []
  const sockets = new Set<net.Socket>()
  const server = http.createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`)
    const { method = 'GET', headers } = request
    const forward = (): http.ClientRequest =>
      http.request(request.url ?? '', { method, headers, agent: false }, (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers)
        answer.pipe(response)
      })
    // It is in the client's process, but not the client.
    request.pipe(runAsOwnTraffic(forward))
  })
  server.on('connect', (request: http.IncomingMessage, socket: net.Socket, head: Buffer) => {
    requests.push(`CONNECT ${request.url}`)
    const { hostname, port } = new URL(`http://${request.url}`)
    const target = net.connect(Number(port), hostname, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      target.write(head)
      target.pipe(socket).pipe(target)
    })
    for (const end of [socket, target]) {
      sockets.add(end)
      end.on('error', () => {})
    }
  })
  await listen(server)
  return {
    url: addressOf(server),
    requests,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
