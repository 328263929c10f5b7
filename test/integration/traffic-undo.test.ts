import diagnosticsChannel from 'node:diagnostics_channel'
import http from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { HookOptions, Unhook } from '../../src/traffic/exchange.ts'
import { hookNodeHttp } from '../../src/traffic/node-http.ts'
import { hookUndici } from '../../src/traffic/undici.ts'
import { readSharedState } from './traffic-support/shared-state.ts'
import { startOriginServer, type OriginServer } from './traffic-support/origin-server.ts'
import { createRecorder } from './traffic-support/recorder.ts'
import { dispatcherOf, fetches, undiciModules } from './traffic-support/undici-clients.ts'

let server: OriginServer
beforeAll(async () => {
  server = await startOriginServer()
})
afterAll(() => server.close())

const useAll = async (): Promise<void> => {
  for (const [, get] of fetches) await (await get(`${server.url}/echo`, { method: 'POST', body: 'x' })).text()
  await new Promise<void>((resolve) => {
    http.get(`${server.url}/pieces`, (response) => response.resume().on('end', resolve))
  })
}
const requestsOfUseAll = fetches.length + 1

const hookAll = (options: HookOptions): Unhook => {
  const undo = [hookUndici(options), hookNodeHttp(options)]
  return () => {
    for (const step of undo) step()
  }
}

describe('the undo', () => {
  test.each([true, false])(
    'leaves everything shared as it was, with nestHttpSpans %s',
    async (nestHttpSpans) => {
      await useAll()
      const before = readSharedState()
      for (let round = 0; round < 2; round++) {
        const recorder = createRecorder(() => true, nestHttpSpans)
        const unhook = hookAll(recorder)
        await useAll()
        expect(recorder.exchanges).toHaveLength(requestsOfUseAll)
        unhook()
        // Twice is as once.
        unhook()
        expect(readSharedState()).toEqual(before)
        await useAll()
        expect(recorder.exchanges).toHaveLength(requestsOfUseAll)
      }
    },
  )

  test('lets requests in flight go on, and reports nothing more of them', async () => {
    const recorder = createRecorder()
    const unhook = hookAll(recorder)
    const fetched = await Promise.all(fetches.map(([, get]) => get(`${server.url}/pieces`)))
    const incoming = await new Promise<http.IncomingMessage>((resolve) => {
      http.get(`${server.url}/pieces`, resolve)
    })
    unhook()
    const counts = recorder.exchanges.map(({ events }) => events.length)
    const bodies = await Promise.all(fetched.map((response) => response.arrayBuffer()))
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk as Buffer)
    const expected = Buffer.from(bodies[0] as ArrayBuffer)
    expect(expected.length).toBeGreaterThan(300)
    for (const body of bodies) expect(Buffer.from(body).equals(expected)).toBe(true)
    expect(Buffer.concat(chunks).equals(expected)).toBe(true)
    expect(recorder.exchanges.map(({ events }) => events.length)).toEqual(counts)
    expect(recorder.exchanges.flatMap(({ endings }) => endings)).toEqual([])
  })

  test('keeps an override of somebody else that came later', async () => {
    const recorder = createRecorder()
    const unhook = hookUndici(recorder)
    const channel = diagnosticsChannel.channel('undici:request:create') as {
      publish?: (message: unknown) => void
    }
    const inner = channel.publish as (message: unknown) => void
    let published = 0
    channel.publish = (message) => {
      published++
      inner.call(channel, message)
    }
    unhook()
    const subscriber = (): void => {}
    diagnosticsChannel.subscribe('undici:request:create', subscriber)
    const [, undici] = undiciModules[0] as (typeof undiciModules)[number]
    await (await undici.request(`${server.url}/empty`, { dispatcher: dispatcherOf(undici) })).body.dump()
    diagnosticsChannel.unsubscribe('undici:request:create', subscriber)
    delete channel.publish
    expect(published).toBe(1)
    expect(recorder.exchanges).toEqual([])
  })
})
