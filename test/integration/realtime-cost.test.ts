/** What realtime sessions cost an application that opens none: the functions of their code that V8 has seen called. */
import { createServer, request } from 'node:http'
import { once } from 'node:events'
import { Session } from 'node:inspector/promises'
import type { AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fetch } from 'undici'
import { WebSocket, WebSocketServer } from 'ws'
import { AimlapiInstrumentation } from '../../src/instrumentation.ts'

const CALLS = 20
const FRAMES = 50
const OF_SESSIONS = /\/src\/(?:traffic\/websocket|api\/realtime|calls\/(?:realtime|session))[\w-]*\.ts/

const server = createServer((incoming, response) => {
  incoming.resume()
  response.setHeader('content-type', 'application/json').end('{"choices":[]}')
})
let port: number
let inspector: Session
let instrumentation: AimlapiInstrumentation

beforeEach(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  port = (server.address() as AddressInfo).port
  inspector = new Session()
  inspector.connect()
  await inspector.post('Profiler.enable')
  await inspector.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false })
})
afterEach(async () => {
  inspector.disconnect()
  await instrumentation.shutdown()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

/** @param host that is observed, `localhost` or 127.0.0.1: both are the server's. */
function observe(host: string): void {
  instrumentation = new AimlapiInstrumentation({
    baseUrls: [`http://${host}:${port}`],
    balance: false,
    settlement: false,
  })
}

/** How often each function of the sessions' code was called since the last time of asking. */
async function takeCounts(): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  const { result } = await inspector.post('Profiler.takePreciseCoverage')
  for (const { url, functions } of result)
    if (OF_SESSIONS.test(url))
      for (const { functionName, ranges } of functions) {
        const count = ranges[0]?.count ?? 0
        if (count > 0) counts[functionName] = (counts[functionName] ?? 0) + count
      }
  return counts
}

async function callByFetch(): Promise<void> {
  await (await fetch(`http://127.0.0.1:${port}/v1/chat/completions`, { method: 'POST', body: '{}' })).json()
}

async function callByNodeHttp(): Promise<void> {
  const sent = request(`http://127.0.0.1:${port}/v1/chat/completions`, { method: 'POST' }).end('{}')
  const [response] = await once(sent, 'response')
  await once(response.resume(), 'end')
}

async function callOften(call: () => Promise<void>): Promise<Record<string, number>> {
  await call()
  await takeCounts()
  for (let count = 0; count < CALLS; count++) await call()
  await setTimeout(50)
  return takeCounts()
}

test.each([
  ['fetch, to the API', '127.0.0.1', callByFetch],
  ['fetch, to another host', 'elsewhere.example', callByFetch],
  ['node:http, to the API', '127.0.0.1', callByNodeHttp],
  ['node:http, to another host', 'elsewhere.example', callByNodeHttp],
])('calls by %s enter no code of sessions', async (_name, host, call) => {
  observe(host)
  expect(await callOften(call)).toEqual({})
})

test.each([
  ['another host enter no code of sessions', 'elsewhere.example', []],
  [
    'the API enter it, which shows that the count is right',
    '127.0.0.1',
    expect.arrayContaining(['receivedBytes', 'wants']),
  ],
])('the frames of a WebSocket to %s', async (_name, host, expected) => {
  observe(host)
  const sockets = new WebSocketServer({ server })
  sockets.on('connection', (socket) => {
    socket.on('message', () => {
      for (let count = 0; count < FRAMES; count++) socket.send('{"type":"response.output_audio.delta"}')
    })
  })
  const client = new WebSocket(`ws://127.0.0.1:${port}/v1/realtime`)
  await once(client, 'open')
  await takeCounts()
  let left = FRAMES
  const received = new Promise<void>((resolve) => {
    client.on('message', () => {
      if (--left === 0) resolve()
    })
  })
  client.send('go on')
  await received
  const called = Object.keys(await takeCounts())
  client.terminate()
  sockets.close()
  expect(called).toEqual(expected)
})
