/** Every WebSocket client that runs on this Node, behind the interface that they share. */
import { createRequire } from 'node:module'
import * as undici6 from 'undici6'
import * as undici7 from 'undici'
import { WebSocket as newestWs } from 'ws'
import { WebSocket as oldestWs } from 'ws80'

interface SocketEvent {
  readonly data: string | ArrayBuffer
  readonly code: number
  readonly reason: string
  readonly wasClean: boolean
}

/** As much of the web's WebSocket as all of them have. */
export interface Socket {
  binaryType: string
  addEventListener(name: string, listener: (event: SocketEvent) => void): void
  send(data: string | Uint8Array): void
  close(code?: number, reason?: string): void
}
export type SocketClass = new (url: string, options?: never) => Socket

const require = createRequire(import.meta.url)
const undici8Path = process.env['TRAFFIC_UNDICI_8']
const undici8 = undici8Path === undefined ? undefined : (require(undici8Path) as typeof undici7)
const global = (globalThis as { readonly WebSocket?: unknown }).WebSocket

const all: readonly (readonly [string, unknown])[] = [
  ['ws 8.23', newestWs],
  ['ws 8.0', oldestWs],
  ['undici 6', undici6.WebSocket],
  ['undici 7', undici7.WebSocket],
  ['undici 8', undici8?.WebSocket],
  ['global WebSocket', global],
]

/** Name and class. */
export const socketClients = all.filter(([, client]) => client !== undefined) as readonly (readonly [
  string,
  SocketClass,
])[]

/** What an application sees of one session. */
export interface Seen {
  readonly messages: (string | Buffer)[]
  readonly events: string[]
}

/**
 * Opens a socket, calls `opened` when it is open, and gives what it saw once it is closed. `answer` is called for
 * each message.
 */
export function converse(
  Client: SocketClass,
  url: string,
  {
    opened = () => {},
    answer = () => {},
  }: {
    readonly opened?: (socket: Socket) => void
    readonly answer?: (socket: Socket, count: number) => void
  } = {},
): Promise<Seen> {
  const seen: Seen = { messages: [], events: [] }
  return new Promise((resolve) => {
    const socket = new Client(url)
    socket.binaryType = 'arraybuffer'
    socket.addEventListener('open', () => {
      seen.events.push('open')
      opened(socket)
    })
    socket.addEventListener('message', ({ data }) => {
      seen.messages.push(typeof data === 'string' ? data : Buffer.from(data))
      answer(socket, seen.messages.length)
    })
    socket.addEventListener('error', () => {
      seen.events.push('error')
      // undici 6 says nothing more of a handshake that failed.
      if (!seen.events.includes('open')) resolve(seen)
    })
    socket.addEventListener('close', ({ code, reason, wasClean }) => {
      seen.events.push(`close ${code} ${reason} ${wasClean}`)
      resolve(seen)
    })
  })
}
