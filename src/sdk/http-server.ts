/** A small HTTP server: fixed paths, GET only. */
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { getBuiltinModule } from '../builtin.ts'

/** Handlers by path, without query. */
export type Routes = Readonly<Record<string, (request: IncomingMessage, response: ServerResponse) => void>>

/**
 * Starts to listen. Rejects with the system's error when it cannot, also when another worker of a node:cluster has the
 * port: a shared port would serve each worker in turn, and every scrape would look like a restart.
 */
export async function serveHttp(host: string, port: number, routes: Routes) {
  const { createServer } = getBuiltinModule('node:http')
  const server = createServer((request, response) => {
    const path = (request.url ?? '').replace(/\?.*$/s, '')
    const route = Object.hasOwn(routes, path) ? routes[path] : undefined
    if (route === undefined) sendText(response, 404, 'not found\n')
    else if (request.method !== 'GET' && request.method !== 'HEAD') sendText(response, 405, 'GET only\n')
    else route(request, response)
  })
  server.listen({ host, port, exclusive: true })
  await once(server, 'listening')
  // A connection that cannot be accepted (no memory, a firewall) fails the scrape; without a listener it would end the host.
  server.on('error', () => {})
  return {
    /** The process may end while the server listens, and while clients keep their connections. */
    unref(): void {
      server.unref()
      server.on('connection', (socket) => socket.unref())
    },
    /** Closes the server and its connections. Idempotent. */
    async close(): Promise<void> {
      if (!server.listening) return
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

export function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(text)
}
