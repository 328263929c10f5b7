import { diag, DiagLogLevel } from '@opentelemetry/api'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createAccountApi } from '../../../src/account/account-api.ts'
import { startCatalogue } from '../../../src/account/catalogue.ts'
import type { AccountApi } from '../../../src/account/account-api.ts'
import { createPollers, type PollerStart } from '../../../src/account/pollers.ts'
import type { AccountPoll } from '../../../src/ports.ts'
import { createFakeApi, ManualClock } from './fakes.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const said: string[] = []

beforeEach(() => {
  said.length = 0
  const say = (text: string): void => void said.push(text)
  diag.setLogger(
    { error: say, warn: say, info: say, debug() {}, verbose() {} },
    { logLevel: DiagLogLevel.ALL, suppressOverrideMessage: true },
  )
})
afterEach(() => diag.disable())

async function ask(api: ReturnType<typeof createFakeApi>, clock: ManualClock) {
  const reply = api.ask({ poll: 'balance', path: '/', parse: (json) => json })
  await clock.pass(MINUTE)
  return reply
}

describe('a question to an account', () => {
  it.each([500, 503, 429, 'timeout', 'ECONNRESET', { answer: { errorType: 'unparsable' } }])(
    'that fails with %j is repeated until it is answered, three times at most',
    async (failure) => {
      const clock = new ManualClock()
      let failures = 2
      const api = createFakeApi(clock, () => (failures-- > 0 ? failure : { a: 1 }))
      expect(await ask(api, clock)).toMatchObject({ value: { a: 1 } })
      failures = 3
      expect(await ask(api, clock)).toHaveProperty('errorType')
      expect(api.asked).toHaveLength(6)
      const [first = 0, second = 0, third = 0] = api.asked.map(({ atMs }) => atMs)
      expect([second - first, third - second]).toStrictEqual([500, 2000])
    },
  )

  it.each([400, 401, 403, 404, 302])('that is refused with %i is not repeated', async (status) => {
    const clock = new ManualClock()
    const api = createFakeApi(clock, () => status)
    expect(await ask(api, clock)).toMatchObject({ errorType: String(status) })
    expect(api.asked).toHaveLength(1)
  })

  it('is repeated when the server says, and left to the next round when that is long', async () => {
    const clock = new ManualClock()
    let retryAfterMs = 7 * SECOND
    const api = createFakeApi(clock, () => ({ answer: { errorType: '503', retryAfterMs } }))
    await ask(api, clock)
    expect(api.asked.map(({ atMs }) => atMs - (api.asked[0]?.atMs ?? 0))).toStrictEqual([0, 7000, 14_000])
    retryAfterMs = MINUTE
    expect(await ask(api, clock)).toStrictEqual({ errorType: '503', retryAfterMs })
    expect(api.asked).toHaveLength(4)
  })

  it('warns once while the account cannot be reached, and logs once that it is back', async () => {
    const clock = new ManualClock()
    let failure: string | number | undefined = 'ECONNREFUSED'
    const api = createFakeApi(clock, () => failure ?? {})
    for (let minute = 0; minute < 10; minute += 1) await ask(api, clock)
    failure = undefined
    await ask(api, clock)
    await ask(api, clock)
    expect(said).toStrictEqual([
      expect.stringContaining('account "team" does not answer (ECONNREFUSED)'),
      expect.stringContaining('account "team" answers again, after 10 min'),
    ])
  })

  it('warns as well while the API asks for longer pauses than are made within a round', async () => {
    const clock = new ManualClock()
    const api = createFakeApi(clock, () => ({ answer: { errorType: '503', retryAfterMs: 2 * MINUTE } }))
    for (let round = 0; round < 3; round += 1) await ask(api, clock)
    expect(said).toStrictEqual([expect.stringContaining('account "team" does not answer (503)')])
  })

  it('is sent with the key that is for it, and with none where none is needed', async () => {
    const clock = new ManualClock()
    const sent = new Map<string, string | undefined>()
    const api = createAccountApi({
      account: { name: 'team', apiKey: 'own' },
      managementKey: 'management',
      baseUrl: 'https://api.example.com',
      client: {
        get(url, key) {
          sent.set(new URL(url).pathname.slice(1), key)
          return Promise.resolve({ json: {} })
        },
        close() {},
      },
      clock,
      spacingMs: 0,
      onPoll() {},
    })
    const polls: AccountPoll[] = ['balance', 'key', 'usage', 'ledger', 'settlement', 'catalogue']
    for (const poll of polls) await api.ask({ poll, path: `/${poll}`, parse: (json) => json })
    expect(Object.fromEntries(sent)).toStrictEqual({
      balance: 'own',
      key: 'management',
      usage: 'management',
      ledger: 'own',
      settlement: 'own',
      catalogue: undefined,
    })
  })
})

describe('the catalogue', () => {
  const token = { name: 'token', measure: 'input', price: 2, per: 1_000_000 }
  const models = {
    data: [
      { id: 'openai/gpt-5', aliases: ['gpt-5'], pricing: { kind: 'fixed', units: [token] } },
      { id: 'b' },
    ],
  }
  const deprecations = {
    data: [{ id: 'b', aliases: ['bee'], status: 'deprecated', shutdown_at: '2027-01-15' }],
  }

  /** The catalogue, polled by hand. */
  function follow(api: AccountApi, maxModels: number) {
    const started: PollerStart[] = []
    const pollers = { ...createPollers(api.clock), start: (start: PollerStart) => void started.push(start) }
    return { ...startCatalogue(api, pollers, maxModels), round: () => started[0]?.round() }
  }

  it('tells price and end of models in use, under the name they are used by', async () => {
    const clock = new ManualClock()
    const api = createFakeApi(clock, ({ pathname }) => (pathname.endsWith('ions') ? deprecations : models))
    const catalogue = follow(api, 2)
    for (const name of ['gpt-5', 'bee']) catalogue.use(name)
    expect(catalogue.models()).toStrictEqual([])
    expect(await catalogue.round()).toStrictEqual({})
    expect(catalogue.models()).toStrictEqual([
      { model: 'gpt-5', prices: [{ tokenType: 'input', usd: 2e-6 }] },
      { model: 'bee', prices: [], shutdownTimestampSeconds: Date.UTC(2027, 0, 15) / 1000 },
    ])
  })

  it('tells of no more models than is allowed: those that were used last', async () => {
    const clock = new ManualClock()
    const api = createFakeApi(clock, ({ pathname }) => (pathname.endsWith('ions') ? deprecations : models))
    const catalogue = follow(api, 2)
    const told = (): string[] => catalogue.models().map(({ model }) => model)
    for (const name of ['gpt-5', 'bee', 'openai/gpt-5']) catalogue.use(name)
    await catalogue.round()
    expect(told()).toStrictEqual(['bee', 'openai/gpt-5'])
    for (const name of ['bee', 'gpt-5']) catalogue.use(name)
    expect(told()).toStrictEqual(['bee', 'gpt-5'])
  })

  it('gives no place to names that it does not have, once it is known', async () => {
    const clock = new ManualClock()
    const api = createFakeApi(clock, ({ pathname }) => (pathname.endsWith('ions') ? deprecations : models))
    const catalogue = follow(api, 2)
    for (const name of ['gpt-5', 'no such model']) catalogue.use(name)
    await catalogue.round()
    catalogue.use('bee')
    for (let number = 0; number < 100; number += 1) catalogue.use(`no such model ${number}`)
    expect(catalogue.models().map(({ model }) => model)).toStrictEqual(['gpt-5', 'bee'])
  })

  it('keeps what it knows when nothing has changed, or when there is no response', async () => {
    const clock = new ManualClock()
    let answer: object | number = { answer: { json: models, etag: 'W/"1"' } }
    const api = createFakeApi(clock, () => answer)
    const catalogue = follow(api, 10)
    catalogue.use('gpt-5')
    await catalogue.round()
    answer = 304
    expect(await catalogue.round()).toStrictEqual({})
    answer = 404
    expect(await catalogue.round()).toMatchObject({ errorType: '404' })
    expect(catalogue.models()).toHaveLength(1)
    expect(api.polled).toStrictEqual([
      'catalogue',
      'catalogue',
      'catalogue',
      'catalogue',
      'catalogue 404',
      'catalogue 404',
    ])
  })
})
