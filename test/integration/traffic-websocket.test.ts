import './traffic-support/bundled-undici.ts'
import { Agent, interceptors, WebSocket } from 'undici'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { converse, socketClients, type Seen, type Socket } from './websocket-support/socket-clients.ts'
import { recordSessions, type RecordedSession } from './websocket-support/session-recorder.ts'
import { startSocketServer, type Compression, type SocketServer } from './websocket-support/socket-server.ts'

beforeAll(() => {
  // The certificate of the server is nobody's.
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
})

let undo: (() => void | Promise<void>)[] = []
afterEach(async () => {
  for (const step of undo.splice(0)) await step()
})

async function start(secure: boolean, compression: Compression): Promise<SocketServer> {
  const server = await startSocketServer(secure, compression)
  undo.push(() => server.close())
  return server
}

function record(begin?: Parameters<typeof recordSessions>[0]): ReturnType<typeof recordSessions> {
  const recorder = recordSessions(begin)
  undo.push(recorder.unhook)
  return recorder
}

const FROM_SERVER = 40
const questions = ['a question', 'q'.repeat(70_000)]

/** Listens to what the server has to say, asks two questions, and says goodbye. */
function talk(Client: (typeof socketClients)[number][1], url: string): Promise<Seen> {
  return converse(Client, `${url}/talk`, {
    answer(socket, count) {
      if (count === FROM_SERVER) for (const question of questions) socket.send(question)
      if (count === FROM_SERVER + questions.length) socket.send('bye')
    },
  })
}

const bytesOf = (messages: readonly (string | Buffer)[]): string[] =>
  messages.map((message) => Buffer.from(message as string).toString('latin1'))

const transports: readonly [boolean, Compression][] = [
  [false, 'none'],
  [false, 'with context takeover'],
  [false, 'without context takeover'],
  [true, 'none'],
  [true, 'with context takeover'],
]

describe.each(socketClients)('%s', (_name, Client) => {
  test.each(transports)(
    'is observed message by message, TLS %s, compression %s',
    async (secure, compression) => {
      const server = await start(secure, compression)
      const { sessions, errors } = record()
      const seen = await talk(Client, server.url)
      const [session] = sessions as [RecordedSession]
      expect(sessions).toHaveLength(1)
      expect(session.head.path).toBe('/talk')
      expect(session.head.origin).toBe(server.url.replace('ws', 'http'))
      expect(session.answers).toEqual([101])
      expect(bytesOf(session.received.messages)).toEqual(bytesOf(seen.messages))
      expect(bytesOf(session.sent.messages)).toEqual([...questions, 'bye'])
      expect(session.endings).toEqual([{ closeCode: 4001 }])
      expect(errors).toEqual([])
    },
  )

  test('is not changed when it is not observed', async () => {
    const server = await start(false, 'none')
    let asked = 0
    record(() => void asked++)
    const seen = await talk(Client, server.url)
    expect(seen.events).toEqual(['open', 'close 4001 as you like true'])
    expect(asked).toBe(1)
  })

  test('that was refused is reported with its status', async () => {
    const server = await start(false, 'none')
    const { sessions } = record()
    await converse(Client, `${server.url}/nowhere`)
    // Node 26 tries a second time.
    for (const session of sessions) {
      expect(session.answers).toEqual([401])
      expect(session.endings).toEqual([{}])
    }
    expect(sessions.length).toBeGreaterThan(0)
  })

  test('that cannot connect is reported with the reason', async () => {
    const server = await start(false, 'none')
    await server.close()
    const { sessions } = record()
    await converse(Client, `${server.url}/talk`)
    expect(sessions[0]?.answers).toEqual([])
    expect(sessions[0]?.endings).toEqual([{ errorType: 'ECONNREFUSED' }])
  })

  test.each([
    ['/ends', 'ECONNRESET'],
    ['/breaks', 'ECONNRESET'],
    ['/resets', 'ECONNRESET'],
  ])('whose connection %s is told as %s', async (path, errorType) => {
    const server = await start(false, 'none')
    const { sessions } = record()
    await converse(Client, server.url + path)
    expect(sessions[0]?.answers).toEqual([101])
    expect(sessions[0]?.endings).toEqual([{ errorType }])
  })

  test('that the application closes has the code it gave', async () => {
    const server = await start(false, 'none')
    const { sessions } = record()
    await converse(Client, `${server.url}/waits`, { opened: (socket) => socket.close(3456, 'enough') })
    expect(sessions[0]?.endings).toEqual([{ closeCode: 3456 }])
  })

  test('reports nothing more once unhooked, and its socket is as it was', async () => {
    const server = await start(false, 'none')
    const { sessions, unhook } = record()
    let heard = -1
    const seen = await converse(Client, `${server.url}/talk`, {
      answer(socket, count) {
        if (count !== FROM_SERVER) return
        unhook()
        heard = sessions[0]?.received.messages.length ?? 0
        socket.send('one more')
        socket.send('bye')
      },
    })
    expect(seen.messages).toHaveLength(FROM_SERVER + 1)
    expect(sessions[0]?.received.messages).toHaveLength(heard)
    expect(sessions[0]?.endings).toEqual([])
  })
})

test.each(socketClients)('%s is observed though it was loaded and used before', async (_name, Client) => {
  const server = await start(false, 'none')
  await talk(Client, server.url)
  const { sessions } = record()
  const seen = await talk(Client, server.url)
  expect(bytesOf(sessions[0]?.received.messages ?? [])).toEqual(bytesOf(seen.messages))
})

test('two sessions at a time are told apart', async () => {
  const server = await start(false, 'with context takeover')
  const { sessions } = record()
  const [, Client] = socketClients[0] as (typeof socketClients)[number]
  const seen = await Promise.all([talk(Client, server.url), talk(Client, server.url)])
  expect(sessions).toHaveLength(2)
  for (const [index, { messages }] of seen.entries())
    expect(bytesOf(sessions[index]?.received.messages ?? [])).toEqual(bytesOf(messages))
})

const terminated = ['ws 8.23', 'ws 8.0'] as const
test.each(socketClients.filter(([name]) => terminated.includes(name as never)))(
  '%s that is terminated was aborted',
  async (_name, Client) => {
    const server = await start(false, 'none')
    const { sessions } = record()
    await converse(Client, `${server.url}/waits`, {
      opened: (socket) => (socket as Socket & { terminate(): void }).terminate(),
    })
    expect(sessions[0]?.endings).toEqual([{ errorType: 'aborted' }])
  },
)

test('through a DNS interceptor is known by the name of its host, not by its address', async () => {
  const server = await start(false, 'none')
  const { port } = new URL(server.url)
  const dispatcher = new Agent().compose(
    interceptors.dns({
      lookup: (_origin, _options, found) => found(null, [{ address: '127.0.0.1', family: 4, ttl: 60_000 }]),
    }),
  )
  undo.push(() => dispatcher.destroy())
  const origins: string[] = []
  record((head) => void origins.push(head.origin))
  const socket = new WebSocket(`ws://api.example.test:${port}/talk`, { dispatcher })
  await new Promise((resolve) => socket.addEventListener('open', resolve))
  socket.close()
  expect(origins.at(-1)).toBe(`http://api.example.test:${port}`)
})
