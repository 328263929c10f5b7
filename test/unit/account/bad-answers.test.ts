/** Whatever the API answers: no counter falls, nothing is counted twice, and what was meant is counted in the end. */
import { diag } from '@opentelemetry/api'
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Client, ClientResponse } from '../../../src/account/client.ts'
import { watchAccounts } from '../../../src/account/watch-accounts.ts'
import { ManualClock } from './fakes.ts'
import { LedgerServer } from './ledger-server.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const USD = 2_000_000
const OWN = '0a11ce00'

type Path = '/v2/billing/detail' | '/v2/usage/detail' | '/v1/keys' | '/v2/billing/transactions' | '/v1/models'

const said: string[] = []
beforeEach(() => {
  said.length = 0
  const say = (text: string): void => void said.push(text)
  diag.setLogger(
    { error: say, warn: say, info() {}, debug() {}, verbose() {} },
    { suppressOverrideMessage: true },
  )
})
afterEach(() => diag.disable())

/** An account that answers well, unless `instead` says otherwise. It is watched from `afterMs` on. */
async function follow(afterMs = 0) {
  const clock = new ManualClock()
  await clock.pass(afterMs)
  const server = new LedgerServer(clock)
  const account = { balance: 100 * USD, usedUsd: 0, days: 'utc' as 'utc' | 'datetime', keys: [OWN] }
  const used = new Map<string, number>()
  const state = {
    instead: (_path: string): ClientResponse | undefined => undefined,
    /** How far the clock of the server that answers is ahead. */
    serverSkewMs: () => 0,
  }
  const ok = (json: unknown): ClientResponse => ({
    dateMs: Math.floor((clock.trueMs() + state.serverSkewMs()) / 1000) * 1000,
    json,
  })
  const answer = (url: URL): ClientResponse => {
    const { pathname } = url
    const other = state.instead(pathname)
    if (other !== undefined) return other
    if (pathname === '/v2/billing/detail')
      return ok({ current_balance: account.balance / USD, currency: 'USD' })
    if (pathname === '/v1/keys')
      return ok(account.keys.map((prefix) => ({ prefix, monthly_usage: clock.trueMs() })))
    if (pathname === '/v2/billing/transactions') {
      const page = server.answer(url)
      return typeof page === 'object' ? ok(page) : { errorType: String(page) }
    }
    if (pathname === '/v2/usage/detail') {
      const start = url.searchParams.get('start') ?? ''
      const groups = [...used]
        .map(([id, spend]) => ({
          day: id.slice(0, 10),
          model: id.slice(11),
          spend,
          requests: { succeeded: spend },
        }))
        .filter(({ day }) => day >= start.slice(0, 10))
      return ok({ spend: 0, currency: 'USD', groups })
    }
    return { errorType: '404' }
  }
  const told = {
    charged: [] as number[],
    usd: [] as number[],
    ledger: [] as number[],
    models: new Set<string>(),
  }
  const client: Client = { get: async (url) => answer(new URL(url)), close() {} }
  const on = { enabled: true, intervalMs: MINUTE }
  const watch = watchAccounts({
    accounts: [{ name: 'main', apiKey: OWN.padEnd(32, '1') }],
    managementKeys: new Map([['main', 'manage00'.padEnd(32, '2')]]),
    accountBaseUrl: 'https://api.example.com',
    maxModels: 200,
    balance: on,
    usage: on,
    ledger: on,
    settlement: { enabled: false, intervalMs: MINUTE, maxPending: 1, settleOnShutdown: false },
    onPoll() {},
    onLedgerEntry: ({ credits }) => told.ledger.push(credits),
    onCharged: (_account, credits) => told.charged.push(credits),
    onUsage({ usd, inputTokens, outputTokens, succeeded, failed, model = '' }) {
      for (const figure of [usd, inputTokens, outputTokens, succeeded, failed])
        told.usd.push(Math.min(0, figure))
      told.usd.push(usd)
      told.models.add(model)
    },
    clock,
    client,
  })
  const sum = (figures: readonly number[]): number => figures.reduce((total, each) => total + each, 0)
  return {
    clock,
    server,
    account,
    state,
    told,
    watch,
    used,
    /** A call: off the balance, into ledger and usage. */
    spend(usd: number, model = 'openai/gpt-5') {
      account.balance -= usd * USD
      server.charge(usd * USD, { model })
      const id = `${new Date(clock.trueMs()).toISOString().slice(0, 10)} ${model}`
      used.set(id, (used.get(id) ?? 0) + usd)
    },
    total: () => ({
      charged: sum(told.charged) / USD,
      usage: Number(sum(told.usd).toFixed(6)),
      ledger: sum(told.ledger) / USD,
    }),
    falls: () => [...told.charged, ...told.usd, ...told.ledger].filter((figure) => !(figure >= 0)),
  }
}

const all = (usd: number) => ({ charged: usd, usage: usd, ledger: usd })

describe('the figures of an account', { timeout: 120_000 }, () => {
  it.each<[string, Path, unknown]>([
    ['a balance that is text', '/v2/billing/detail', { current_balance: 'much', currency: 'USD' }],
    ['a balance in another currency', '/v2/billing/detail', { current_balance: 5, currency: 'EUR' }],
    ['a balance that is null', '/v2/billing/detail', { current_balance: null }],
    ['usage without groups', '/v2/usage/detail', { spend: 3, currency: 'USD' }],
    [
      'usage with negative figures',
      '/v2/usage/detail',
      { spend: -1, currency: 'USD', groups: [{ day: '2026-03-01', model: 'openai/gpt-5', spend: -9 }] },
    ],
    [
      'usage of days that are none',
      '/v2/usage/detail',
      { spend: 1, currency: 'USD', groups: [{ day: 'today', model: 'x', spend: 9 }] },
    ],
    ['keys that are an object', '/v1/keys', { data: {} }],
    ['no keys at all', '/v1/keys', []],
    ['a ledger without pages', '/v2/billing/transactions', { data: 7 }],
    ['a list', '/v2/billing/transactions', []],
    ['nothing', '/v2/usage/detail', null],
  ])('stay as they are over half an hour of %s, and are right afterwards', async (_what, path, nonsense) => {
    const { clock, state, spend, total, falls } = await follow()
    await clock.pass(5 * MINUTE)
    spend(2)
    await clock.pass(10 * MINUTE)
    expect(total()).toStrictEqual(all(2))
    state.instead = (asked) => (asked === path ? { json: nonsense } : undefined)
    spend(3)
    await clock.pass(30 * MINUTE)
    state.instead = () => undefined
    spend(1)
    await clock.pass(40 * MINUTE)
    expect(total()).toStrictEqual(all(6))
    expect(falls()).toStrictEqual([])
  })

  it('are right over the end of a month, and the spend of the new one begins at 0', async () => {
    const { clock, watch, spend, total } = await follow(30 * 24 * HOUR + 11.8 * HOUR)
    await clock.pass(6 * MINUTE)
    spend(4)
    await clock.pass(3 * MINUTE)
    expect(watch.snapshots()[0]?.spend).toMatchObject([{ dayUsd: 4, monthUsd: 4 }])
    await clock.pass(10 * MINUTE)
    spend(1)
    await clock.pass(20 * MINUTE)
    expect(watch.snapshots()[0]?.spend).toMatchObject([{ dayUsd: 1, monthUsd: 1 }])
    expect(total()).toStrictEqual(all(5))
  })

  it('show no usage of a key in a month that is over while its list cannot be read', async () => {
    const { clock, watch, state } = await follow(30 * 24 * HOUR + 11.8 * HOUR)
    await clock.pass(5 * MINUTE)
    expect(watch.snapshots()[0]?.keys?.[0]).toHaveProperty('usageUsd')
    state.instead = (path) => (path === '/v1/keys' ? { errorType: '401' } : undefined)
    await clock.pass(10 * MINUTE)
    expect(watch.snapshots()[0]?.keys).toStrictEqual([{ prefix: OWN }])
  })

  it.each(['302', '404', 'unparsable', 'too_large'])(
    'that nobody can read, %s, are said once for each poll',
    async (errorType) => {
      const { clock, state } = await follow()
      state.instead = () => ({ errorType })
      await clock.pass(2 * HOUR)
      state.instead = () => undefined
      await clock.pass(2 * HOUR)
      state.instead = () => ({ errorType })
      await clock.pass(6 * HOUR)
      const about = said.map((line) =>
        /^aimlapi: the (.*) of account "main" cannot be read \((.*)\): /.exec(line)?.slice(1),
      )
      expect(about.toSorted()).toStrictEqual(
        [['balance'], ['catalogue', '404'], ['key'], ['ledger'], ['usage']].map(([poll, own = errorType]) => [
          poll,
          own,
        ]),
      )
    },
  )

  it('count nothing twice when a key is deleted and listed again', async () => {
    const { clock, account, spend, total } = await follow()
    await clock.pass(5 * MINUTE)
    spend(2)
    await clock.pass(10 * MINUTE)
    for (const keys of [[], [OWN], ['ffffffff'], [OWN]]) {
      account.keys = keys
      await clock.pass(15 * MINUTE)
    }
    expect(total().usage).toBe(2)
  })

  it.each([-5, -1e6, 1e9])(
    'say in a line that the balance jumped to %d USD, where no top-up explains it',
    async (usd) => {
      const { clock, account, spend, total, falls } = await follow()
      await clock.pass(5 * MINUTE)
      spend(2)
      await clock.pass(10 * MINUTE)
      account.balance = usd * USD
      await clock.pass(45 * MINUTE)
      expect(falls()).toStrictEqual([])
      // Upwards it is no charge; downwards nothing else says that it was not spent.
      expect(total().charged).toBeCloseTo(usd > 0 ? 2 : 100 - usd, 5)
      expect(said.filter((line) => line.includes('above what its ledger explains'))).toHaveLength(
        usd > 0 ? 1 : 0,
      )
    },
  )

  it('are right on a host whose clock is set again and again', async () => {
    const { clock, spend, total, falls } = await follow()
    await clock.pass(5 * MINUTE)
    for (const skewMs of [3 * HOUR, -26 * HOUR, 0, 40 * 24 * HOUR, 0]) {
      clock.skewMs = skewMs
      await clock.pass(5 * MINUTE)
      spend(1)
      await clock.pass(25 * MINUTE)
    }
    expect(total()).toStrictEqual(all(5))
    expect(falls()).toStrictEqual([])
  })

  it.each([5, 30, -290])(
    'are right where every other answer comes from a server whose clock is %d s ahead',
    async (seconds) => {
      const { clock, state, spend, total, falls } = await follow()
      let answers = 0
      state.serverSkewMs = () => ((answers += 1) % 2 === 0 ? seconds * 1000 : 0)
      await clock.pass(5 * MINUTE)
      spend(2)
      await clock.pass(10 * MINUTE)
      spend(3)
      await clock.pass(20 * MINUTE)
      expect(total()).toStrictEqual(all(5))
      expect(falls()).toStrictEqual([])
    },
  )

  it('never fall, whatever JSON any endpoint answers in between', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.json(), { minLength: 1, maxLength: 20 }), async (documents) => {
        const { clock, state, spend, falls, total } = await follow()
        await clock.pass(5 * MINUTE)
        let next = 0
        state.instead = () => {
          next += 1
          const document = documents[next % (2 * documents.length)]
          return document === undefined ? undefined : { json: JSON.parse(document) as unknown }
        }
        spend(2)
        await clock.pass(20 * MINUTE)
        state.instead = () => undefined
        spend(1)
        await clock.pass(40 * MINUTE)
        expect(falls()).toStrictEqual([])
        expect(total()).toStrictEqual(all(3))
      }),
      { numRuns: 20 },
    )
  })
})
