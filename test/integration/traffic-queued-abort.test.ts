/** Calls that their caller gives up before they reached a connection: in a Pool's queue, and in a Client's. */
import http from 'node:http'
import net from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Unhook } from '../../src/traffic/exchange.ts'
import { hookUndici } from '../../src/traffic/undici.ts'
import { addressOf, listen } from './traffic-support/origin-server.ts'
import { createRecorder, type Recorder } from './traffic-support/recorder.ts'
import { undiciModules, type UndiciModule } from './traffic-support/undici-clients.ts'

/** Answers when it is told to. */
let received: string[]
let answer: (() => void)[]
const server = http.createServer((request, response) => {
  received.push(String(request.url))
  answer.push(() => void response.end('ok'))
})
let url: string
beforeAll(async () => {
  await listen(server)
  url = addressOf(server)
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

let recorder: Recorder
let unhook: Unhook
beforeEach(() => {
  received = []
  answer = []
  recorder = createRecorder()
  unhook = hookUndici(recorder)
})
afterEach(() => unhook())

/** Looks like a failure of the connection, and is the caller's own reason. */
const reason = Object.assign(new Error('given up'), { code: 'ECONNRESET' })
const queuedPaths = ['/queued/1', '/queued/2', '/queued/3']

type Call = (path: string, signal?: AbortSignal) => Promise<unknown>
type Setup = (
  undici: UndiciModule,
  options?: object,
) => { readonly call: Call; readonly close: () => Promise<void> }

const apis: [string, Setup][] = [
  [
    'request',
    (undici, options) => {
      const pool = new undici.Pool(url, { connections: 1, ...options })
      return {
        call: async (path, signal) =>
          (await pool.request({ path, method: 'GET', signal: signal ?? null })).body.text(),
        close: () => pool.destroy(),
      }
    },
  ],
  [
    'fetch',
    (undici, options) => {
      const dispatcher = new undici.Agent({ connections: 1, ...options })
      return {
        call: async (path, signal) => {
          const init = { dispatcher, ...(signal && { signal }) }
          return (await undici.fetch(url + path, init as object)).text()
        },
        close: () => dispatcher.destroy(),
      }
    },
  ],
]

/** Paths of calls that ended so, each as often as it was told. */
const endingsOf = (paths: readonly string[]): (string | undefined)[] =>
  recorder.exchanges.filter(({ head }) => paths.includes(head.path)).flatMap(({ endings }) => endings)

describe.each(undiciModules)('%s', (_name, undici) => {
  test.each(apis)(
    'a %s that is aborted in the queue of a Pool is never sent, and never a failure',
    async (_api, setUp) => {
      const { call, close } = setUp(undici)
      const first = call('/first')
      await expect.poll(() => received).toEqual(['/first'])
      const controller = new AbortController()
      const outcomes = Promise.allSettled(queuedPaths.map((path) => call(path, controller.signal)))
      controller.abort(reason)
      const last = call('/last')
      answer[0]?.()
      await first
      await expect.poll(() => received).toEqual(['/first', '/last'])
      answer[1]?.()
      await last
      expect((await outcomes).map(({ status }) => status)).toEqual(queuedPaths.map(() => 'rejected'))

      const { exchanges, errors } = recorder
      // Where the queue tells of them at all (8.13 and later does not), they are begun and ended, once.
      const queued = exchanges.filter(({ head }) => queuedPaths.includes(head.path))
      expect(queued.flatMap(({ endings }) => endings)).toEqual(queued.map(() => 'aborted'))
      expect(queued.flatMap(({ events }) => events)).not.toContain('sent')
      expect(endingsOf(['/first', '/last'])).toEqual([undefined, undefined])
      expect(errors).toEqual([])
      await close()
    },
  )

  test.each(apis)(
    'a %s that is aborted while its connection is made ends as aborted, unsent',
    async (_api, setUp) => {
      let connect = (): void => {}
      const options = {
        connect: (_target: object, done: (error: null, socket: net.Socket) => void) => {
          connect = () => {
            const socket = net.connect(Number(new URL(url).port), '127.0.0.1', () => done(null, socket))
          }
        },
      }
      const { call, close } = setUp(undici, options)
      const controller = new AbortController()
      const outcome = call('/waiting', controller.signal).catch((error: unknown) => error)
      await expect.poll(() => recorder.exchanges.length).toBe(1)
      controller.abort(reason)
      connect()
      await outcome
      await expect.poll(() => endingsOf(['/waiting'])).toEqual(['aborted'])
      expect(recorder.exchanges[0]?.events).toEqual(['end aborted'])
      expect(received).toEqual([])
      await close()
    },
  )
})
