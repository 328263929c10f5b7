import { diag } from '@opentelemetry/api'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLedger } from '../../../src/account/ledger.ts'
import type { LedgerEntry } from '../../../src/ports.ts'
import { createRandom } from '../../simulator/random.ts'
import { createPoller } from '../../../src/account/poller.ts'
import { createFakeApi, ManualClock } from './fakes.ts'
import { LedgerServer } from './ledger-server.ts'
import { SyntheticLedger } from './synthetic-ledger.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

function follow(options: { skewMs?: number; maxPages?: number; spacingMs?: number } = {}) {
  const clock = new ManualClock()
  const { skewMs = 0, spacingMs, maxPages } = options
  clock.skewMs = skewMs
  const server = new LedgerServer(clock)
  const api = createFakeApi(clock, (url) => server.answer(url), spacingMs)
  const told: LedgerEntry[] = []
  const ledger = createLedger(api, (entry) => told.push(entry), maxPages)
  const poller = createPoller({ intervalMs: MINUTE, clock, round: ledger.round })
  poller.start()
  const credits = (): number[] => told.map((entry) => entry.credits)
  return { clock, server, api, ledger, told, credits }
}

describe('the ledger', () => {
  it('reports charges by model, from now on, without those that are no use of a model', async () => {
    const { clock, server, told } = follow()
    server.charge(1, { createdMs: clock.trueMs() - 1 })
    await clock.pass(SECOND)
    server.charge(2, { referenceId: 'inf' })
    server.charge(3, { direction: 'TOPUP', type: 'PAYMENT', model: null, referenceId: 'pay' })
    server.charge(4, { type: 'CREDITS_EXPIRED', model: null })
    await clock.pass(2 * MINUTE)
    expect(told).toStrictEqual([
      { account: 'team', direction: 'charge', type: 'MODEL_USAGE', model: 'openai/gpt-5', credits: 2 },
    ])
  })

  it('reports an entry that appears late, but not one from before the start', async () => {
    const { clock, server, credits } = follow()
    await clock.pass(10 * MINUTE)
    server.charge(1, { createdMs: clock.trueMs() - 9 * MINUTE, visibleMs: clock.trueMs() + 4 * MINUTE })
    server.charge(2, { createdMs: clock.trueMs() - 11 * MINUTE })
    await clock.pass(6 * MINUTE)
    expect(credits()).toStrictEqual([1])
  })

  it('reports equal entries as often as they occur, also when one of them appears late', async () => {
    const { clock, server, credits } = follow()
    await clock.pass(MINUTE)
    const twin = { createdMs: clock.trueMs(), type: 'NEW_KIND', model: null } as const
    server.charge(7, twin)
    server.charge(7, twin)
    server.charge(7, { ...twin, visibleMs: clock.trueMs() + 5 * MINUTE })
    await clock.pass(2 * MINUTE)
    expect(credits()).toStrictEqual([7, 7])
    await clock.pass(10 * MINUTE)
    expect(credits()).toStrictEqual([7, 7, 7])
  })

  it('goes on with the cursor until there is no more, at most one page a second', async () => {
    const { clock, server, api, credits } = follow()
    await clock.pass(SECOND)
    for (let n = 0; n < 250; n += 1) server.charge(n, { createdMs: clock.trueMs() + Math.floor(n / 40) })
    await clock.pass(MINUTE + 5 * SECOND)
    expect(credits().toSorted((a, b) => a - b)).toStrictEqual(Array.from({ length: 250 }, (_, n) => n))
    const [, ...pages] = api.asked
    expect(pages.map(({ url }) => url.searchParams.has('cursor'))).toStrictEqual([false, true, true])
    expect(pages[1]?.atMs).toBe((pages[0]?.atMs ?? 0) + SECOND)
  })

  it('counts what an entry is in the end when its amount or model is corrected after it was read', async () => {
    const { clock, server, told } = follow()
    await clock.pass(MINUTE)
    const createdMs = clock.trueMs()
    server.charge(5, { referenceId: 'inf', createdMs, model: null })
    server.charge(3, { referenceId: 'other', createdMs })
    await clock.pass(2 * MINUTE)
    server.entries[0] = { ...server.entries[0], credits: 7, model: 'openai/gpt-5-mini' } as never
    server.entries[1] = { ...server.entries[1], credits: 2 } as never
    await clock.pass(10 * MINUTE)
    const byModel = told.map(({ credits, model = '' }) => `${credits} ${model}`)
    expect(byModel.toSorted()).toStrictEqual(['2 openai/gpt-5-mini', '3 openai/gpt-5', '5 '])
  })

  it.each<[string, (page: number) => boolean, (page: number) => string]>([
    ['under one cursor for ever', () => true, () => 'same'],
    ['under new cursors for ever', () => true, (page) => `${page}`],
    ['under new cursors, and then ends', (page) => page % 7 > 0, (page) => `${page}`],
  ])('counts nothing of a page twice that is repeated %s', async (_how, hasMore, cursor) => {
    const { clock, server, credits } = follow()
    let isRepeating = false
    let page = 0
    const answer = server.answer.bind(server)
    server.answer = (url) => {
      if (!isRepeating) return answer(url)
      url.searchParams.delete('cursor')
      page += 1
      return {
        ...(answer(url) as object),
        pagination: { has_more: hasMore(page), next_cursor: cursor(page) },
      }
    }
    await clock.pass(MINUTE)
    server.charge(5)
    server.charge(5)
    isRepeating = true
    await clock.pass(10 * MINUTE)
    isRepeating = false
    await clock.pass(10 * MINUTE)
    expect(credits()).toStrictEqual([5, 5])
  })

  it('counts nothing twice that a new entry pushes over the border of a page', async () => {
    const { clock, server, credits } = follow()
    // Pages of three by their place in the list, one entry more before each.
    let late = 0
    server.answer = (url) => {
      const at = Number(url.searchParams.get('cursor') ?? 0)
      if (at > 0 && server.entries.length > 0) late += 1
      const from = Date.parse(url.searchParams.get('from') ?? '')
      const shown = server.entries.filter(({ createdMs }) => createdMs >= from)
      const pushed = Array.from({ length: late }, (_, n) => ({ ...shown[0], referenceId: `late ${n}` }))
      const list = [...pushed.toReversed(), ...shown] as typeof server.entries
      const data = list.slice(at, at + 3).map((each) => ({
        created_at: new Date(each.createdMs).toISOString(),
        direction: 'CHARGE',
        type: 'MODEL_USAGE',
        amount: { credits: each.credits },
        reference_id: each.referenceId,
      }))
      return { data, pagination: { has_more: at + 3 < list.length, next_cursor: `${at + 3}` } }
    }
    await clock.pass(MINUTE)
    for (let n = 0; n < 9; n += 1) server.charge(1, { referenceId: `${n}` })
    await clock.pass(MINUTE)
    server.entries.splice(0)
    expect(credits()).toHaveLength(9)
  })

  it('loses nothing to an outage and reports it in order', async () => {
    const { clock, server, credits } = follow()
    await clock.pass(MINUTE)
    server.outage = () => 'ECONNREFUSED'
    for (let hour = 1; hour <= 20; hour += 1) {
      await clock.pass(HOUR)
      server.charge(hour)
    }
    server.outage = () => undefined
    await clock.pass(20 * MINUTE)
    const all = Array.from({ length: 20 }, (_, hour) => hour + 1)
    expect(credits().toSorted((a, b) => a - b)).toStrictEqual(all)
    // Six hours at a time: the first six come before any of the next.
    expect(Math.max(...credits().slice(0, 5))).toBeLessThanOrEqual(6)
  })

  it.each([7 * MINUTE, HOUR, 5 * HOUR, 24 * HOUR])(
    'tells a charge that lands %i ms after the time it is dated, when that stretch is next read',
    async (lagMs) => {
      const { clock, server, credits } = follow()
      await clock.pass(3 * MINUTE)
      server.charge(1)
      server.charge(2, { visibleMs: clock.trueMs() + lagMs })
      await clock.pass(lagMs)
      expect(credits()).toStrictEqual([1])
      await clock.pass(lagMs * 1.25 + 20 * MINUTE)
      expect(credits()).toStrictEqual([1, 2])
    },
  )

  it('reads each stretch again ever more rarely, and after a day no more', async () => {
    const { clock, server, api } = follow()
    await clock.pass(HOUR)
    const momentMs = clock.trueMs()
    server.charge(1)
    const agesMs = (): number[] =>
      api.asked
        .filter(({ url }) => Date.parse(url.searchParams.get('from') ?? '') <= momentMs)
        .filter(({ url }) => Date.parse(url.searchParams.get('to') ?? '') > momentMs)
        .map(({ atMs }) => atMs - momentMs)
    await clock.pass(26 * HOUR)
    expect(agesMs().filter((ageMs) => ageMs < 7 * MINUTE).length).toBeLessThanOrEqual(8)
    expect(agesMs().filter((ageMs) => ageMs >= 7 * MINUTE)).toHaveLength(8)
    const asked = agesMs().length
    await clock.pass(26 * HOUR)
    expect(agesMs()).toHaveLength(asked)
  })

  it('looks at the newest entries between older stretches that take long', async () => {
    const { clock, server, credits } = follow({ spacingMs: 10 * SECOND })
    await clock.pass(MINUTE)
    // An hour whose every five minutes take half a minute to read, due all at once after an outage.
    for (let minute = 0; minute < 60; minute += 1) {
      for (let n = 0; n < 50; n += 1) server.charge(2)
      await clock.pass(MINUTE)
    }
    server.outage = () => 503
    await clock.pass(2 * HOUR)
    server.charge(1)
    server.outage = () => undefined
    const told = (): number => credits().filter((each) => each === 1).length
    while (told() === 0) await clock.pass(SECOND)
    server.charge(1)
    await clock.pass(150 * SECOND)
    expect(told()).toBe(2)
    expect(credits()).toHaveLength(60 * 50 + 2)
  })

  it(
    'follows 30 charges a second for twelve hours while 5 % of the pages fail',
    { timeout: 300_000 },
    async () => {
      const clock = new ManualClock()
      const random = createRandom('twelve hours')
      const ledger = new SyntheticLedger(clock, 30)
      const api = createFakeApi(clock, (url) => (random.next() < 0.05 ? 503 : ledger.answer(url)))
      let counted = 0
      const { round, lagMs } = createLedger(api, ({ credits }) => (counted += credits))
      createPoller({ intervalMs: MINUTE, clock, round }).start()
      await clock.pass(MINUTE)
      const lags: number[] = []
      for (let hour = 0; hour < 12; hour += 1) {
        await clock.pass(HOUR)
        lags.push(lagMs() ?? Number.POSITIVE_INFINITY)
      }
      expect(Math.max(...lags)).toBeLessThan(5 * MINUTE)
      const charged = ledger.chargedUntil(clock.trueMs() - 5 * MINUTE)
      expect(counted).toBeGreaterThanOrEqual(charged)
      expect(counted).toBeLessThanOrEqual(ledger.chargedUntil(clock.trueMs()))
    },
  )

  it('logs once that it cannot follow, shows how far it is behind, and reads up to now when there is less', async () => {
    const clock = new ManualClock()
    const ledger = new SyntheticLedger(clock, 200)
    const api = createFakeApi(clock, (url) => ledger.answer(url))
    const said: string[] = []
    diag.setLogger({ error() {}, warn: (text) => said.push(text), info() {}, debug() {}, verbose() {} })
    const { round, lagMs } = createLedger(api, () => {})
    createPoller({ intervalMs: MINUTE, clock, round }).start()
    await clock.pass(90 * MINUTE)
    expect(lagMs()).toBeGreaterThan(30 * MINUTE)
    ledger.stop()
    await clock.pass(3 * HOUR)
    expect(lagMs()).toBeLessThan(2 * MINUTE)
    expect(said).toStrictEqual([
      expect.stringMatching(/ledger of account "team" has more charges \(about \d+ a second\)/),
      expect.stringContaining('is read up to now again'),
    ])
    diag.disable()
  }, 120_000)

  it('goes on after a page in the middle failed, and reports nothing twice', async () => {
    const { clock, server, credits } = follow()
    await clock.pass(SECOND)
    for (let n = 0; n < 500; n += 1) server.charge(n)
    let asked = 0
    server.outage = () => (++asked % 4 === 0 ? 502 : undefined)
    await clock.pass(20 * MINUTE)
    server.outage = () => undefined
    await clock.pass(20 * MINUTE)
    expect(credits().toSorted((a, b) => a - b)).toStrictEqual(Array.from({ length: 500 }, (_, n) => n))
  })

  it('reads a window in parts that is too long to hold', async () => {
    const { clock, server, api, credits } = follow({ maxPages: 4 })
    await clock.pass(MINUTE)
    server.outage = () => 503
    const startMs = clock.trueMs()
    for (let n = 0; n < 2000; n += 1) server.charge(n, { createdMs: startMs + n * 5 * SECOND })
    await clock.pass(4 * HOUR)
    server.outage = () => undefined
    await clock.pass(HOUR)
    expect(credits().toSorted((a, b) => a - b)).toStrictEqual(Array.from({ length: 2000 }, (_, n) => n))
    expect(api.polled.filter((poll) => poll === 'ledger').length).toBeLessThan(200)
  })

  it.each([
    ['the same cursor again and again', { next_cursor: 'again', has_more: true }],
    ['more without a cursor', { next_cursor: null, has_more: true }],
  ])('does not tell entries twice when the API gives %s', async (_what, pagination) => {
    const { clock, server, api, credits } = follow()
    await clock.pass(SECOND)
    const createdMs = clock.trueMs()
    const page = {
      data: [{ created_at: new Date(createdMs).toISOString(), direction: 'CHARGE', amount: { credits: 5 } }],
    }
    server.outage = () => ({ ...page, pagination })
    await clock.pass(10 * MINUTE)
    expect(api.polled).toContain('ledger')
    server.outage = () => ({ ...page, pagination: { has_more: false, next_cursor: null } })
    await clock.pass(20 * MINUTE)
    expect(credits().length).toBeLessThanOrEqual(2)
    expect(new Set(credits())).toStrictEqual(new Set([5]))
  })

  it('does not report what the API shows although it is dated before the start', async () => {
    const { clock, server, credits } = follow()
    const row = (createdMs: number, amount: number): object => ({
      created_at: new Date(createdMs).toISOString(),
      direction: 'CHARGE',
      amount: { credits: amount },
    })
    const startMs = clock.trueMs()
    // A server that pays no attention to `from`.
    server.outage = () => ({
      data: [row(startMs + MINUTE, 2), row(startMs - HOUR, 1)],
      pagination: { has_more: false, next_cursor: null },
    })
    await clock.pass(3 * MINUTE)
    expect(credits()).toStrictEqual([2])
  })

  it('counts a page with a malformed entry as unparsable, and reports the others', async () => {
    const { clock, server, api, credits } = follow()
    await clock.pass(SECOND)
    server.charge(Number.NaN)
    server.charge(4)
    await clock.pass(MINUTE)
    expect(credits()).toStrictEqual([4])
    expect(api.polled.at(-1)).toBe('ledger unparsable')
  })

  it.each([10 * MINUTE, -10 * MINUTE, 30 * HOUR])(
    'starts at the moment of the start although the clock of the host is %i ms ahead',
    async (skewMs) => {
      const { clock, server, credits } = follow({ skewMs })
      server.charge(1, { createdMs: clock.trueMs() - 2 * SECOND })
      server.charge(2, { createdMs: clock.trueMs() + 2 * SECOND })
      await clock.pass(5 * MINUTE)
      server.charge(3)
      await clock.pass(5 * MINUTE)
      expect(credits()).toStrictEqual([2, 3])
    },
  )

  it('loses nothing when the clock of the host is set while it runs', async () => {
    const { clock, server, api, credits } = follow()
    for (const skewMs of [0, HOUR, 0, -HOUR, 0]) {
      clock.skewMs = skewMs
      server.charge(Math.abs(skewMs), { visibleMs: clock.trueMs() + 10 * MINUTE })
      await clock.pass(5 * MINUTE)
    }
    await clock.pass(30 * MINUTE)
    expect(credits()).toHaveLength(5)
    // No window was empty, or ended before it began.
    expect(new Set(api.polled)).toStrictEqual(new Set(['ledger']))
  })

  it('reports every entry exactly once, with any lag, order, equal entries, pages and outages', async () => {
    const entryArbitrary = fc.record({
      atMs: fc.nat(HOUR),
      lagMs: fc.nat(3 * HOUR),
      credits: fc.integer({ min: 1, max: 3 }),
      copies: fc.integer({ min: 1, max: 120 }),
    })
    await fc.assert(
      fc.asyncProperty(
        fc.array(entryArbitrary, { maxLength: 8 }),
        fc.array(fc.boolean(), { maxLength: 40 }),
        async (plans, failures) => {
          const { clock, server, credits } = follow()
          const startMs = clock.trueMs()
          for (const { atMs, lagMs, credits: amount, copies } of plans) {
            const createdMs = startMs + atMs
            for (let copy = 0; copy < copies; copy += 1)
              server.charge(amount, { createdMs, visibleMs: createdMs + lagMs })
          }
          server.outage = () => (failures.shift() === true ? 500 : undefined)
          await clock.pass(8 * HOUR)
          const wanted = plans.flatMap(({ credits: amount, copies }) => Array<number>(copies).fill(amount))
          expect(credits().toSorted()).toStrictEqual(wanted.toSorted())
        },
      ),
      { numRuns: 10 },
    )
  }, 120_000)
})
