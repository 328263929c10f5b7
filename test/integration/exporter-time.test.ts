/** The exporter over hours: real sockets on both sides, on a clock that stands still while a request is under way. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createClient } from '../../src/account/client.ts'
import { readInvocation, type RunInvocation } from '../../src/exporter/invocation.ts'
import { serve } from '../../src/exporter/serve.ts'
import { findFreePort } from '../free-port.ts'
import { DEFAULT_KEY, startSimulator, type Simulator } from '../simulator/index.ts'
import { createRandom } from '../simulator/random.ts'
import { createSteppedClock, type SteppedClock } from '../soak/stepped-clock.ts'

const MINUTE = 60_000
const OTHER_KEY = '0b0b0000'.padEnd(32, '2')
const MANAGEMENT_KEY = '0ca7a109'.padEnd(32, '3')
const SECOND_KEY = 'bbbbbbbb'.padEnd(32, '4')

let simulator: Simulator
let clock: SteppedClock
let url: string
let stop: (() => Promise<void>) | undefined
/** `/v1/key` answers for this key. */
let keyInAnswers: string | undefined

beforeEach(async () => {
  clock = createSteppedClock(Date.UTC(2026, 2, 4, 12), createRandom('exporter').next)
  const limit = { retention: 'week', thresholdUsd: 50 } as const
  simulator = await startSimulator({
    now: () => clock.now(),
    accounts: [
      {
        name: 'main',
        keys: [
          { key: DEFAULT_KEY, limit },
          { key: OTHER_KEY, limit },
          { key: MANAGEMENT_KEY, management: true },
        ],
      },
      { name: 'batch', keys: [SECOND_KEY] },
    ],
  })
})
afterEach(async () => {
  await stop?.()
  stop = undefined
  await simulator.close()
})

async function start(environment: Record<string, string>): Promise<void> {
  const port = await findFreePort()
  const base = { AIMLAPI_BASE_URLS: simulator.url }
  const invocation = readInvocation(['--port', String(port)], { ...base, ...environment }) as RunInvocation
  const client = clock.watch(createClient())
  const get: typeof client.get = async (...request) => {
    const answer = await client.get(...request)
    const isOfKey = new URL(request[0]).pathname === '/v1/key'
    return keyInAnswers === undefined || !isOfKey ? answer : { json: { data: { prefix: keyInAnswers } } }
  }
  stop = await serve(invocation, { clock, client: { ...client, get } })
  url = `http://localhost:${port}`
}

async function get(path: string): Promise<{ status: number; text: string }> {
  const response = await fetch(url + path)
  return { status: response.status, text: await response.text() }
}

async function seriesOf(metric: string): Promise<string[]> {
  return (await get('/metrics')).text.split('\n').filter((line) => line.startsWith(`${metric}{`))
}

const MAIN = { AIMLAPI_ACCOUNTS: `main=${DEFAULT_KEY}` }
const MANAGED = { ...MAIN, AIMLAPI_MANAGEMENT_KEY: `main=${MANAGEMENT_KEY}` }

describe('the exporter', { timeout: 60_000 }, () => {
  it('ends the series of a key that is deleted, and keeps those of the others', async () => {
    await start(MANAGED)
    await clock.pass(2 * MINUTE)
    const keys = async (): Promise<unknown[]> =>
      (await seriesOf('aimlapi_key_limit_usd')).map((line) => /aimlapi_key="(\w+)"/.exec(line)?.[1])
    expect(await keys()).toStrictEqual(['5eedc0de', '0b0b0000'])
    expect(await seriesOf('aimlapi_key_usage_usd')).toContain(
      'aimlapi_key_usage_usd{aimlapi_account="main",aimlapi_key="0b0b0000",retention="week"} 0',
    )
    simulator.accounts.deleteKey(OTHER_KEY)
    await clock.pass(2 * MINUTE)
    expect(await keys()).toStrictEqual(['5eedc0de'])
  })

  it('ends the series of its key while the API answers for another one', async () => {
    await start(MAIN)
    await clock.pass(2 * MINUTE)
    expect(await seriesOf('aimlapi_key_limit_usd')).toHaveLength(1)
    // An answer that makes no sense says nothing of the key.
    const garbage = simulator.misbehave({ path: '/v1/key', fault: 'garbage' })
    await clock.pass(20 * MINUTE)
    expect(garbage.hits).toBeGreaterThan(0)
    expect(await seriesOf('aimlapi_key_limit_usd')).toHaveLength(1)
    garbage.stop()
    keyInAnswers = 'ffffffff'
    await clock.pass(20 * MINUTE)
    expect(await seriesOf('aimlapi_key_limit_usd')).toStrictEqual([])
    keyInAnswers = undefined
    await clock.pass(20 * MINUTE)
    expect(await seriesOf('aimlapi_key_limit_usd')).toHaveLength(1)
  })

  it('says on /healthz and /readyz which poll of which account is behind, since when and why', async () => {
    await start({ AIMLAPI_ACCOUNTS: `main=${DEFAULT_KEY},batch=${SECOND_KEY}` })
    expect(await get('/readyz')).toMatchObject({
      status: 503,
      text: 'not ready: no balance yet of main, batch\n',
    })
    await clock.pass(5 * MINUTE)
    expect(await get('/healthz')).toStrictEqual({ status: 200, text: 'ok\n' })
    expect(await get('/readyz')).toStrictEqual({ status: 200, text: 'ready\n' })

    simulator.misbehave({ path: '/v2/usage/detail', account: 'main', fault: 'status=503' })
    simulator.misbehave({ path: '/v2/billing/transactions', account: 'batch', fault: 'drop; reset' })
    await clock.pass(15 * MINUTE)
    const { status, text } = await get('/healthz')
    expect(status).toBe(200)
    expect(text.split('\n')).toStrictEqual([
      'ok',
      expect.stringMatching(/^behind: usage of main, last read 9\d\d s ago \(503\)$/),
      expect.stringMatching(/^behind: top-ups of batch, last read 9\d\d s ago \(ECONNRESET\)$/),
      expect.stringMatching(/^behind: ledger of batch, last read 9\d\d s ago \(ECONNRESET\)$/),
      '',
    ])
    expect(await get('/readyz')).toStrictEqual({ status: 200, text: text.replace('ok', 'ready') })

    simulator.behave()
    await clock.pass(10 * MINUTE)
    expect(await get('/healthz')).toStrictEqual({ status: 200, text: 'ok\n' })
  })
})
