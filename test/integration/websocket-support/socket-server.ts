/** A server of WebSockets that does whatever a test asks for, by path. */
import { createServer as createHttpServer, type IncomingMessage } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { WebSocketServer, type WebSocket } from 'ws'
import { createCertificate } from '../traffic-support/certificate.ts'

export type Compression = 'none' | 'with context takeover' | 'without context takeover'

export interface SocketServer {
  /** `ws://…` or `wss://…`, without a slash at its end. */
  readonly url: string
  /** Bytes of `/firehose` that have left the server. */
  writtenBytes(): number
  close(): Promise<void>
}

const MESSAGES = 40
const FIREHOSE_MESSAGES = 300
export const FIREHOSE_BYTES = FIREHOSE_MESSAGES * 100_000

/** The same texts and bytes in every run: short ones, and one that takes many reads. */
function createMessages(): (string | Buffer)[] {
  return Array.from({ length: MESSAGES }, (_, index) => {
    if (index === 7) return 'x'.repeat(65_536)
    if (index === 11) return Buffer.alloc(200_000, `bytes ${index}`)
    if (index % 5 === 0) return Buffer.alloc(index * 37, `bytes ${index}`)
    return JSON.stringify({ type: `event.${index}`, text: 'words '.repeat(index * index) })
  })
}

type Behave = (socket: WebSocket, connection: Socket, wrote: (bytes: number) => void) => void

const behaviours: Readonly<Record<string, Behave>> = {
  /** Speaks at once, so that its first words come with the handshake's answer; then answers until `bye`. */
  '/talk'(socket) {
    for (const [index, message] of createMessages().entries()) {
      if (index % 6 === 0) socket.ping(`ping ${index}`)
      if (index % 4 === 0 && typeof message === 'string' && message.length > 10) {
        socket.send(message.slice(0, 5), { fin: false })
        socket.ping('between')
        socket.send(message.slice(5), { fin: true })
      } else {
        socket.send(message)
      }
    }
    socket.on('message', (data: Buffer, isBinary) => {
      if (!isBinary && data.toString() === 'bye') socket.close(4001, 'as you like')
      else socket.send(data, { binary: isBinary })
    })
  },
  '/waits'() {},
  '/firehose'(socket, _connection, wrote) {
    // Not together with the answer: what is written at once is also finished at once.
    setImmediate(() => {
      for (let index = 0; index < FIREHOSE_MESSAGES; index++)
        socket.send(Buffer.alloc(100_000, index), () => wrote(100_000))
      socket.close(1000)
    })
  },
  /** Ends the connection without a word. */
  '/ends'(socket, connection) {
    socket.send('before', () => connection.end())
  },
  '/resets'(socket, connection) {
    // Only a plain connection can be reset.
    socket.send('before', () =>
      'encrypted' in connection ? connection.destroy() : connection.resetAndDestroy(),
    )
  },
  /** Ends in the middle of a frame. */
  '/breaks'(socket, connection) {
    socket.send('before')
    connection.end(Buffer.concat([Buffer.from([0x82, 126, 0x03, 0xe8]), Buffer.alloc(300, 'half')]))
  },
  /** Sends what is no frame. */
  '/babbles'(socket, connection) {
    socket.send('before')
    connection.write(Buffer.from([0xf7, 0x05, 1, 2, 3, 4, 5]))
  },
}

/** @param secure speak TLS, with a certificate that nobody has signed */
export async function startSocketServer(secure: boolean, compression: Compression): Promise<SocketServer> {
  const server = secure ? createHttpsServer(createCertificate()) : createHttpServer()
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate:
      compression === 'none'
        ? false
        : { threshold: 0, serverNoContextTakeover: compression === 'without context takeover' },
  })
  const connections = new Set<Socket>()
  let written = 0
  server.on('upgrade', (request: IncomingMessage, connection: Socket, head: Buffer) => {
    connections.add(connection)
    connection.on('error', () => {})
    connection.on('close', () => connections.delete(connection))
    const behave = behaviours[request.url ?? '']
    if (behave === undefined) {
      connection.end('HTTP/1.1 401 Unauthorized\r\ncontent-length: 4\r\nconnection: close\r\n\r\nnope')
      return
    }
    // So that the first messages leave together with the answer.
    connection.cork()
    sockets.handleUpgrade(request, connection, head, (socket) => {
      socket.on('error', () => {})
      behave(socket, connection, (bytes) => (written += bytes))
    })
    connection.uncork()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `${secure ? 'wss' : 'ws'}://127.0.0.1:${port}`,
    writtenBytes: () => written,
    async close() {
      for (const connection of connections) connection.destroy()
      sockets.close()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
