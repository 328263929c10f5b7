/** The whole package, account polling included, enabled and taken away again. */
import { createHook } from 'node:async_hooks'
import http from 'node:http'
import { diag } from '@opentelemetry/api'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { DEFAULT_KEY, startSimulator, type Simulator } from '../simulator/index.ts'
import { runWithUs } from './no-harm-support/with-us.ts'
import { readSharedState } from './traffic-support/shared-state.ts'
import { fetches } from './traffic-support/undici-clients.ts'

let simulator: Simulator
beforeAll(async () => {
  simulator = await startSimulator({})
})
afterAll(() => simulator.close())

/** Timers that were made since the test began and are neither over nor cleared. */
const timers = new Map<number, string>()
const hook = createHook({
  init: (id, type) => {
    if (type === 'Timeout') timers.set(id, new Error('made here').stack ?? '')
  },
  destroy: (id) => void timers.delete(id),
})
beforeEach(() => {
  timers.clear()
  hook.enable()
})
afterEach(() => void hook.disable())

const ourTimers = (): string[] => [...timers.values()].filter((stack) => /\/src\//.test(stack))

const body = JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'hello' }] })
const headers = { authorization: `Bearer ${DEFAULT_KEY}`, 'content-type': 'application/json' }

const callAll = async (): Promise<void> => {
  const url = `${simulator.url}/v1/chat/completions`
  for (const [, get] of fetches) await (await get(url, { method: 'POST', headers, body })).text()
  await new Promise<void>((resolve, reject) => {
    const request = http.request(url, { method: 'POST', headers }, (response) => {
      response.resume().on('end', resolve)
    })
    request.on('error', reject).end(body)
  })
}
const calls = fetches.length + 1

describe('disable() and shutdown()', () => {
  test('leave no channel, property, global symbol or timer behind, and enabling again works', async () => {
    await callAll()
    // The API's own global, which the host makes and keeps.
    diag.disable()
    diag.setLogger({ error() {}, warn() {}, info() {}, debug() {}, verbose() {} })
    diag.disable()
    const before = readSharedState()
    for (let round = 0; round < 3; round++) {
      const polls = {
        balance: { intervalMs: 100 },
        settlement: { intervalMs: 100 },
        ledger: { intervalMs: 100 },
      }
      const config = { baseUrls: simulator.url, apiKey: DEFAULT_KEY, ...polls }
      let polling = 0
      const { telemetry } = await runWithUs(
        async () => {
          await callAll()
          polling = ourTimers().length
        },
        { config },
      )
      expect(telemetry).toEqual({ spans: calls, requests: calls, said: [] })
      // What is compared is there while we are.
      expect(polling).toBeGreaterThan(0)
      expect(readSharedState()).toEqual(before)
      await expect.poll(ourTimers).toEqual([])
    }
  })
})
