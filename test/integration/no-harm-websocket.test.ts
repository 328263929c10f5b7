import './traffic-support/bundled-undici.ts'
import { createHash } from 'node:crypto'
import type { Socket as NetSocket } from 'node:net'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { MessageReader, SessionObserver } from '../../src/traffic/websocket.ts'
import { recordSessions } from './websocket-support/session-recorder.ts'
import { converse, socketClients, type Seen, type SocketClass } from './websocket-support/socket-clients.ts'
import {
  FIREHOSE_BYTES,
  startSocketServer,
  type Compression,
  type SocketServer,
} from './websocket-support/socket-server.ts'

let escaped: unknown[]
const note = (error: unknown): void => void escaped.push(error)
beforeAll(() => {
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
})
beforeEach(() => {
  escaped = []
  process.on('uncaughtExceptionMonitor', note)
})
afterEach(() => {
  process.off('uncaughtExceptionMonitor', note)
  expect(escaped).toEqual([])
})

type Program = (Client: SocketClass, url: string) => Promise<Seen>

const talk: Program = (Client, url) =>
  converse(Client, `${url}/talk`, {
    answer(socket, count) {
      if (count === 40) for (let size = 1; size < 100_000; size *= 7) socket.send('q'.repeat(size))
      if (count === 45) socket.send(Buffer.alloc(3000, 'binary'))
      if (count === 47) socket.send('bye')
    },
  })

const programs: readonly (readonly [string, Program])[] = [
  ['a conversation', talk],
  ['a flood', (Client, url) => converse(Client, `${url}/firehose`)],
  ['an end without a word', (Client, url) => converse(Client, `${url}/ends`)],
  ['a reset', (Client, url) => converse(Client, `${url}/resets`)],
  ['an end in the middle of a frame', (Client, url) => converse(Client, `${url}/breaks`)],
  ['what is no frame', (Client, url) => converse(Client, `${url}/babbles`)],
  ['a refusal', (Client, url) => converse(Client, `${url}/nowhere`)],
  [
    'a close by the application',
    (Client, url) => converse(Client, `${url}/waits`, { opened: (socket) => socket.close(3210, 'enough') }),
  ],
]

/** What an application saw, as values that can be compared. */
function digest({ messages, events }: Seen): unknown {
  const bytes = messages.map((message) => {
    const isText = typeof message === 'string'
    return `${isText ? 'text' : 'bytes'} ${createHash('sha256').update(message).digest('hex')}`
  })
  return { bytes, events }
}

async function observe(
  program: Program,
  Client: SocketClass,
  secure = false,
  compression: Compression = 'none',
): Promise<unknown> {
  const server = await startSocketServer(secure, compression)
  try {
    return digest(await program(Client, server.url))
  } finally {
    await server.close()
  }
}

const transports: readonly [boolean, Compression][] = [
  [false, 'none'],
  [false, 'with context takeover'],
  [true, 'without context takeover'],
]

describe.each(socketClients)('%s sees the same with us', (_name, Client) => {
  describe.each(programs)('%s', (_program, program) => {
    test.each(transports)('TLS %s, compression %s', async (secure, compression) => {
      const bare = await observe(program, Client, secure, compression)
      const { sessions, errors, unhook } = recordSessions()
      expect(await observe(program, Client, secure, compression).finally(unhook)).toEqual(bare)
      expect(sessions.length).toBeGreaterThan(0)
      expect(errors).toEqual([])
    })
  })
})

const boom = (): never => {
  throw new Error('a fault of ours')
}
const soundReader: MessageReader = {
  isDone: false,
  wants: () => true,
  write: () => {},
  finish: () => {},
  lose: () => {},
}
const sound: SessionObserver = {
  within: (publish) => publish(),
  answered: () => {},
  received: soundReader,
  sent: soundReader,
  end: () => {},
}
const faultyReaders = Object.keys(soundReader)
  .filter((name) => name !== 'isDone')
  .map((name) => [name, { ...soundReader, [name]: boom }] as const)
const faults: readonly (readonly [string, SessionObserver])[] = [
  ['a throw in within', { ...sound, within: boom }],
  ['within that never publishes', { ...sound, within: () => {} }],
  ['a throw in answered', { ...sound, answered: boom }],
  ['a throw in end', { ...sound, end: boom }],
  ...faultyReaders.map(([name, received]) => [`a throw in ${name}`, { ...sound, received }] as const),
  ...faultyReaders.map(([name, sent]) => [`a throw in ${name} of what is sent`, { ...sound, sent }] as const),
]

describe.each(socketClients)('%s does not notice', (_name, Client) => {
  test.each(faults)('%s', async (_fault, faulty) => {
    const bare = await observe(talk, Client, false, 'with context takeover')
    const { unhook } = recordSessions(() => faulty)
    expect(await observe(talk, Client, false, 'with context takeover').finally(unhook)).toEqual(bare)
  })

  test('a throw in begin', async () => {
    const bare = await observe(talk, Client)
    const { unhook, errors } = recordSessions(boom)
    expect(await observe(talk, Client).finally(unhook)).toEqual(bare)
    expect(errors).toHaveLength(1)
  })
})

test('a session that was disturbed by a fault of ours ends for its observer, once', async () => {
  const endings: unknown[] = []
  const end = (ending: unknown): void => void endings.push(ending)
  const { unhook, errors } = recordSessions(() => ({
    ...sound,
    received: { ...soundReader, finish: boom },
    end,
  }))
  await observe(talk, socketClients[0]?.[1] as SocketClass).finally(unhook)
  expect(endings).toEqual([{ errorType: '_OTHER' }])
  expect(errors).toHaveLength(1)
})

/** How much a server can send to a client that reads nothing, until it can send no more. */
async function sentToPaused(server: SocketServer): Promise<number> {
  const socket = new WebSocket(`${server.url}/firehose`)
  await new Promise((resolve) => socket.once('open', resolve))
  socket.pause()
  let before = -1
  while (server.writtenBytes() !== before || before === 0) {
    before = server.writtenBytes()
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  socket.resume()
  await new Promise((resolve) => socket.once('close', resolve))
  return before
}

test('a client that pauses holds the server back', async () => {
  const server = await startSocketServer(false, 'none')
  const { sessions, unhook } = recordSessions()
  try {
    expect(await sentToPaused(server)).toBeLessThan(FIREHOSE_BYTES / 2)
    expect(sessions[0]?.endings).toEqual([{ closeCode: 1000 }])
  } finally {
    unhook()
    await server.close()
  }
})

test('the socket of a session has no listener and no visible property more', async () => {
  const server = await startSocketServer(false, 'none')
  const look = async (): Promise<unknown> => {
    const socket = new WebSocket(`${server.url}/waits`)
    await new Promise((resolve) => socket.once('open', resolve))
    const connection = Reflect.get(socket, '_socket') as NetSocket
    const listeners = connection.eventNames().map((name) => [name, connection.listenerCount(name)])
    const keys = Object.keys(connection)
    socket.close()
    await new Promise((resolve) => socket.once('close', resolve))
    return { listeners, keys }
  }
  try {
    const bare = await look()
    const { unhook } = recordSessions()
    expect(await look().finally(unhook)).toEqual(bare)
  } finally {
    await server.close()
  }
})
