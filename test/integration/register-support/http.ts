/** Servers of these tests: an API that answers every call alike, and a collector that keeps what is pushed to it. */
import { once } from 'node:events'
import { Agent, createServer, get, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

const ANSWER = JSON.stringify({
  id: 'chatcmpl-1',
  model: 'gpt-5-2026',
  choices: [{ finish_reason: 'stop' }],
  usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
  meta: { usage: { credits_used: 2000, usd_spent: 0.001 } },
})

export interface LocalServer {
  readonly url: string
  readonly port: number
  close(): void
}

async function listen(server: Server): Promise<LocalServer> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const close = (): void => {
    server.close()
    server.closeAllConnections()
  }
  return { url: `http://127.0.0.1:${port}`, port, close }
}

/** Answers every request with a chat completion of 2000 credits. */
export function startApi(): Promise<LocalServer> {
  return listen(
    createServer((request, response) => {
      request.resume().on('end', () => {
        response.writeHead(200, { 'content-type': 'application/json', 'x-inference-id': 'inf-1' })
        response.end(ANSWER)
      })
    }),
  )
}

/** Takes whatever is pushed to it over OTLP/HTTP; `received` holds `path body` of each push, as JSON text. */
export async function startCollector(): Promise<LocalServer & { readonly received: string[] }> {
  const received: string[] = []
  const server = await listen(
    createServer((request, response) => {
      const parts: Buffer[] = []
      request.on('data', (part: Buffer) => parts.push(part))
      request.on('end', () => {
        received.push(`${request.url} ${Buffer.concat(parts).toString()}`)
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
      })
    }),
  )
  return { ...server, received }
}

export async function chat(url: string, model = 'gpt-5'): Promise<void> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages: [] }),
  })
  await response.json()
}

/** The text of `/metrics`, or undefined when nobody listens. */
export async function scrape(port: number): Promise<string | undefined> {
  try {
    const response = await fetch(`http://localhost:${port}/metrics`, { headers: { connection: 'close' } })
    return await response.text()
  } catch {
    return undefined
  }
}

/** Scrapes again and again over one connection, as Prometheus does, until told to stop. */
export function keepScraping(port: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const sockets = new Set<unknown>()
  let answers = 0
  const timer = setInterval(() => {
    get({ host: 'localhost', port, path: '/metrics', agent }, (response) => {
      sockets.add(response.socket)
      response.resume().on('end', () => answers++)
    }).on('error', () => {})
  }, 100)
  return {
    answers: () => answers,
    connections: () => sockets.size,
    stop() {
      clearInterval(timer)
      agent.destroy()
    },
  }
}
