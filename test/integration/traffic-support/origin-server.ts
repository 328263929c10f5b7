import http from 'node:http'
import type { AddressInfo, Server } from 'node:net'
import { gzipSync } from 'node:zlib'

export interface OriginServer {
  /** `http://127.0.0.1:port` */
  readonly url: string
  /** `request /sse` once a request is there, `closed /sse` if its client gave it up; in order. */
  readonly seen: string[]
  /** Resolves when `seen` has the event. */
  waitFor(event: string): Promise<void>
  /** Connections opened so far. */
  readonly connectionCount: () => number
  /** Bytes of its response that the server could write to `/firehose` so far. */
  readonly writtenBytes: () => number
  close(): Promise<void>
}

/** Deterministic bytes of every value, so that nothing can be mistaken for text. */
export function createBytes(sizeBytes: number): Buffer {
  const bytes = Buffer.alloc(sizeBytes)
  for (let i = 0; i < sizeBytes; i++) bytes[i] = (i * 31 + (i >> 8) * 7) & 255
  return bytes
}

export const firehoseBytes = 20_000_000

type Route = (request: http.IncomingMessage, response: http.ServerResponse, body: Buffer) => void

/** Writes every piece in a turn of its own, so that it arrives as a chunk of its own. */
const writePieces = (response: http.ServerResponse, pieces: readonly (string | Uint8Array)[]): void => {
  const [piece, ...rest] = pieces
  if (piece === undefined) response.end()
  else response.write(piece, () => setTimeout(writePieces, 2, response, rest))
}

const startSse = (response: http.ServerResponse): void => {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const timer = setInterval(() => response.write('data: {"n":1}\n\n'), 5)
  response.write('data: {"n":0}\n\n')
  response.on('close', () => clearInterval(timer))
}

const createRoutes = (onWritten: (sizeBytes: number) => void): Record<string, Route> => ({
  '/echo': (request, response, body) => {
    response.writeHead(201, 'Made', {
      'content-type': request.headers['content-type'] ?? 'application/octet-stream',
      'x-method': request.method,
      'x-inference-id': 'inference-1',
      'set-cookie': ['a=1', 'b=2'],
    })
    response.end(body)
  },
  '/pieces': (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    writePieces(response, ['data: {"a"', ':1}\n', '\nda', createBytes(300), 'ta: [DONE]\n\n'])
  },
  '/big': (_request, response) => response.end(createBytes(5_000_000)),
  '/gzip': (_request, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip', 'content-type': 'application/json' })
    writePieces(response, [gzipSync('{"text":"zipped"}'.repeat(50))])
  },
  '/204': (_request, response) => response.writeHead(204).end(),
  '/304': (_request, response) => response.writeHead(304, { etag: '"x"' }).end(),
  '/404': (_request, response) => response.writeHead(404).end('{"message":"no"}'),
  '/empty': (_request, response) => response.end(),
  '/early': (_request, response) => {
    response.writeEarlyHints({ link: '</style.css>; rel=preload' })
    setTimeout(() => response.end('after 103'), 5)
  },
  '/continue': (_request, response) => {
    response.writeProcessing()
    setTimeout(() => response.end('after 102'), 5)
  },
  '/trailers': (_request, response) => {
    response.writeHead(200, { trailer: 'x-checksum' })
    response.write('with trailers')
    response.addTrailers({ 'x-checksum': 'c0ffee' })
    response.end()
  },
  '/redirect': (request, response) => {
    response.writeHead(307, { location: `http://${request.headers.host}/echo` }).end('see /echo')
  },
  '/sse': (_request, response) => startSse(response),
  '/hang': () => {},
  '/stall': (_request, response) => {
    response.writeHead(200)
    response.write('started')
  },
  '/reset': (request) => request.socket.destroy(),
  '/cut': (request, response) => {
    response.writeHead(200, { 'content-length': 100 })
    response.write('cut off', () => setTimeout(() => request.socket.destroy(), 20))
  },
  '/cut-chunked': (request, response) => {
    response.writeHead(200)
    response.write('cut off', () => setTimeout(() => request.socket.destroy(), 20))
  },
  '/cut-reset': (request, response) => {
    response.writeHead(200)
    response.write('cut off', () => setTimeout(() => request.socket.resetAndDestroy(), 20))
  },
  '/garbage': (request) => void request.socket.end('HTTP/1.1 200 OK\r\nContent-Length: none\r\n\r\n'),
  '/not-gzip': (_request, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' }).end('this is no gzip at all')
  },
  '/until-close': (request) => void request.socket.end('HTTP/1.0 200 OK\r\nX-A: 1\r\n\r\nuntil the end'),
  '/firehose': (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': firehoseBytes })
    const piece = createBytes(100_000)
    let left = firehoseBytes / piece.length
    const pump = (): void => {
      while (left-- > 0 && !response.destroyed) {
        onWritten(piece.length)
        if (!response.write(piece)) return void response.once('drain', pump)
      }
      response.end()
    }
    pump()
  },
})

/** A server on 127.0.0.1 whose every path behaves in one way. */
export async function startOriginServer(): Promise<OriginServer> {
  const seen: string[] = []
  const waiting = new Map<string, () => void>()
  const note = (event: string): void => {
    seen.push(event)
    waiting.get(event)?.()
  }
  let writtenBytes = 0
  const routes = createRoutes((sizeBytes) => {
    writtenBytes += sizeBytes
  })
  const server = http.createServer((request, response) => {
    const path = (request.url ?? '/').split('?', 1)[0] as string
    note(`request ${path}`)
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => (routes[path] ?? routes['/404'])?.(request, response, Buffer.concat(chunks)))
    // Only when the client gave up: 'finish' comes first otherwise.
    response.on('close', () => {
      if (!response.writableFinished) note(`closed ${path}`)
    })
  })
  let connectionCount = 0
  server.on('connection', () => connectionCount++)
  // A tunnel or an upgrade to nowhere: answered, so that the client sees what it asked for.
  server.on('connect', (_request, socket) => socket.end('HTTP/1.1 200 Connection established\r\n\r\n'))
  server.on('upgrade', (_request, socket) => {
    socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: test\r\n\r\nupgraded')
  })
  await listen(server)
  return {
    url: addressOf(server),
    connectionCount: () => connectionCount,
    seen,
    waitFor: (event) =>
      seen.includes(event) ? Promise.resolve() : new Promise((resolve) => void waiting.set(event, resolve)),
    writtenBytes: () => writtenBytes,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const usedPorts = new Set<number>()

/**
 * Listens on a port of 127.0.0.1 that no server of this process had before: an agent may still keep a connection to the
 * one that is gone, and the next request to that port would fail on it.
 */
export async function listen(server: Server): Promise<void> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  if (!usedPorts.has(port)) return void usedPorts.add(port)
  await new Promise((resolve) => server.close(resolve))
  await listen(server)
}

export function addressOf(server: Server, scheme = 'http'): string {
  return `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`
}
