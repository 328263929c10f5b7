import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { resolveConfig } from '../../../src/config.ts'
import { checkAccounts } from '../../../src/doctor/account.ts'
import { DEFAULT_KEY, startSimulator, type Simulator, type SimulatorOptions } from '../../simulator/index.ts'

let simulator: Simulator

async function start(options: SimulatorOptions = {}): Promise<void> {
  await simulator.close()
  simulator = await startSimulator(options)
}

beforeEach(async () => {
  simulator = await startSimulator()
})
afterEach(() => simulator.close())

function check(environment: Record<string, string> = { AIMLAPI_API_KEY: DEFAULT_KEY }) {
  return checkAccounts(resolveConfig({}, { AIMLAPI_BASE_URLS: `${simulator.url}/v1`, ...environment }))
}

describe('the account', () => {
  it('with a good key and money is fine, and so is a clock that agrees', async () => {
    expect(await check()).toEqual([
      {
        name: 'account default',
        status: 'ok',
        summary: 'the key is accepted, the balance is 500.00 USD',
      },
      { name: 'clock', status: 'ok', summary: 'agrees with the clock of the API' },
    ])
  })

  it('with a low balance is a warning, with none a failure', async () => {
    const account = { name: 'default', keys: [DEFAULT_KEY] }
    await start({ accounts: [{ ...account, balanceCredits: 9000 }] })
    expect(await check()).toMatchObject([{ status: 'warning' }, {}])
    await start({ accounts: [{ ...account, balanceCredits: 0 }] })
    expect(await check()).toMatchObject([{ status: 'failure' }, {}])
  })

  it('is checked for each of several keys, by name', async () => {
    const environment = { AIMLAPI_ACCOUNTS: `good=${DEFAULT_KEY},bad=canary-of-a-wrong-key` }
    const checks = await check(environment)
    expect(checks).toMatchObject([
      { name: 'account good', status: 'ok' },
      { name: 'account bad', status: 'failure', summary: 'the API refuses the key (401)' },
      { name: 'clock' },
    ])
    expect(JSON.stringify(checks)).not.toMatch(/canary|@|5eedc0de/)
  })

  it('is checked with its management key too', async () => {
    const management = 'a11a11a1'.padEnd(32, '0')
    const keys = [DEFAULT_KEY, { key: management, management: true }]
    await start({ accounts: [{ name: 'default', keys }] })
    const checkManagement = async (key: string) =>
      (await check({ AIMLAPI_API_KEY: DEFAULT_KEY, AIMLAPI_MANAGEMENT_KEY: key }))[1]
    expect(await checkManagement(management)).toMatchObject({
      name: 'management key default',
      status: 'ok',
      summary: expect.stringMatching(/^is accepted, and lists \d keys?$/),
    })
    expect(await checkManagement(DEFAULT_KEY)).toMatchObject({
      status: 'failure',
      summary: 'is no management key (403)',
    })
    const wrong = await checkManagement('canary-of-a-wrong-key')
    expect(wrong).toMatchObject({ status: 'failure', summary: 'cannot list the keys of the account (401)' })
    expect(JSON.stringify(wrong)).not.toContain('canary')
  })

  it('behind a redirect is told that the base URL leads elsewhere', async () => {
    simulator.misbehave({ path: '/billing', fault: 'status=302' })
    expect(await check()).toMatchObject([
      {
        status: 'failure',
        summary: expect.stringContaining('leads elsewhere'),
        advice: expect.stringContaining('AIMLAPI_BASE_URLS'),
      },
      {},
    ])
  })

  it('without a key is a warning while the API can be reached', async () => {
    expect(await check({})).toMatchObject([
      { status: 'warning', advice: expect.stringMatching(/^Set AIMLAPI_API_KEY in the environment/) },
      { name: 'clock', status: 'ok' },
    ])
  })

  it('of an API that cannot be reached is a failure, with or without a key', async () => {
    await simulator.close()
    const expected = { status: 'failure', summary: expect.stringContaining('ECONNREFUSED') }
    expect(await check()).toMatchObject([expected, { name: 'clock', status: 'skipped' }])
    expect(await check({})).toMatchObject([expected, { name: 'clock', status: 'skipped' }])
  })

  it.each([
    [429, 'too many requests were sent with this key (429)'],
    [403, 'the key is not allowed to read the account (403)'],
    [503, 'failed (503)'],
  ])('that answers %i is a failure', async (status, summary) => {
    simulator.misbehave({ path: 'billing', fault: { status } })
    expect(await check()).toMatchObject([
      { status: 'failure', summary: expect.stringContaining(summary) },
      {},
    ])
  })
})
