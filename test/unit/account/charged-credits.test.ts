import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createNonUsageRound } from '../../../src/account/non-usage-entries.ts'
import { AGREEING_ANSWERS, createChargedCredits } from '../../../src/account/charged-credits.ts'
import { createFakeApi, ManualClock } from './fakes.ts'
import { LedgerServer } from './ledger-server.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const USD = 2_000_000

/** An account with balance and ledger, and what is found out about it minute by minute. */
function follow({ skewMs = 0 } = {}) {
  const clock = new ManualClock()
  clock.skewMs = skewMs
  const server = new LedgerServer(clock)
  const told: number[] = []
  const api = createFakeApi(clock, (url) => server.answer(url), 0)
  const charged = createChargedCredits(api, (credits) => told.push(credits))
  const readNonUsage = createNonUsageRound(api, (entry) => charged.moved(entry))
  const account = { balance: 100 * USD, shownBalance: () => account.balance }

  async function look(): Promise<void> {
    const reading = { credits: account.shownBalance(), atMs: Math.floor(clock.trueMs() / 1000) * 1000 }
    const round = readNonUsage()
    await clock.pass(20 * SECOND)
    if ((await round).errorType === undefined) charged.balance(reading)
    await clock.pass(40 * SECOND)
  }
  return {
    clock,
    server,
    account,
    api,
    told,
    look,
    total: () => told.reduce((sum, credits) => sum + credits, 0),
    async looks(times: number) {
      for (let time = 0; time < times; time += 1) await look()
    },
    charge(credits: number) {
      account.balance -= credits
    },
    move(credits: number, direction: 'TOPUP' | 'CHARGE', type: string, lagMs = 0) {
      account.balance += direction === 'TOPUP' ? credits : -credits
      server.charge(credits, { direction, type, model: null, visibleMs: clock.trueMs() + lagMs })
    },
  }
}

describe('what an account was charged', () => {
  it('is the change of its balance, from 0 with the first response', async () => {
    const { told, charge, looks, total } = follow()
    charge(999)
    await looks(1)
    expect(told).toStrictEqual([0])
    charge(70)
    await looks(AGREEING_ANSWERS)
    expect(total()).toBe(70)
  })

  it.each([0, 30 * SECOND, 90 * SECOND, 5 * MINUTE])(
    'is right through top-ups of every kind that the ledger shows %i ms later',
    async (lagMs) => {
      const { move, charge, looks, total, told } = follow()
      await looks(2)
      for (const type of ['PAYMENT', 'BONUS', 'REFUND', 'ADJUSTMENT', 'SOMETHING_NEW']) {
        move(20 * USD, 'TOPUP', type, lagMs)
        charge(7)
        await looks(1)
      }
      charge(5)
      await looks(10)
      expect(total()).toBe(40)
      expect(Math.min(...told)).toBeGreaterThanOrEqual(0)
    },
  )

  it('does not include credits that expired, were adjusted or went back', async () => {
    const { move, charge, looks, total } = follow()
    await looks(2)
    for (const type of ['CREDITS_EXPIRED', 'ADJUSTMENT', 'REFUND']) move(3 * USD, 'CHARGE', type, 30 * SECOND)
    charge(11)
    await looks(5)
    expect(total()).toBe(11)
  })

  it('never includes a hold that was released within two responses; a later release counts until as much was charged', async () => {
    const { account, charge, looks, total } = follow()
    await looks(2)
    account.balance -= USD
    await looks(2)
    account.balance += USD
    await looks(5)
    expect(total()).toBe(0)
    account.balance -= USD
    await looks(10)
    account.balance += USD
    await looks(3)
    expect(total()).toBe(USD)
    for (let minute = 0; minute < 20; minute += 1) {
      charge(USD / 10)
      await looks(1)
    }
    await looks(3)
    expect(total()).toBe(2 * USD)
  })

  it.each([
    ['nothing', 0],
    ['everything', 1e15],
    ['less than nothing', -5 * USD],
  ])('does not believe two answers in a row that say %s', async (_what, nonsense) => {
    const { account, charge, looks, total } = follow()
    await looks(3)
    account.shownBalance = () => nonsense
    await looks(2)
    account.shownBalance = () => account.balance
    charge(13)
    await looks(4)
    expect(total()).toBe(13)
  })

  it('goes on below zero', async () => {
    const { charge, looks, total } = follow()
    await looks(1)
    charge(300 * USD)
    await looks(4)
    charge(1)
    await looks(4)
    expect(total()).toBe(300 * USD + 1)
  })

  it('loses nothing while the ledger fails, and counts no top-up of that time as spent', async () => {
    const { server, move, charge, looks, total } = follow()
    await looks(3)
    server.outage = () => 503
    for (let minute = 0; minute < 30; minute += 1) {
      charge(100)
      if (minute === 10) move(50 * USD, 'TOPUP', 'PAYMENT')
      await looks(1)
    }
    expect(total()).toBe(0)
    server.outage = () => undefined
    await looks(4)
    expect(total()).toBe(3000)
  })

  it.each([-3 * 60 * MINUTE, 40 * MINUTE])(
    'is right on a host whose clock is wrong by %i ms',
    async (skewMs) => {
      const { move, charge, looks, total } = follow({ skewMs })
      await looks(3)
      move(10 * USD, 'TOPUP', 'PAYMENT', 20 * SECOND)
      charge(17)
      await looks(6)
      expect(total()).toBe(17)
    },
  )

  it('begins anew where a top-up falls together with the first response, whichever of them it is in', async () => {
    for (const isIn of [true, false]) {
      const { account, server, clock, charge, looks, total } = follow()
      server.charge(10 * USD, {
        direction: 'TOPUP',
        type: 'PAYMENT',
        model: null,
        createdMs: clock.trueMs() + 1,
      })
      if (isIn) account.balance += 10 * USD
      const round = looks(1)
      if (!isIn) account.balance += 10 * USD
      await round
      await looks(2)
      charge(23)
      await looks(5)
      expect(total()).toBe(23)
    }
  })

  it('never falls, and in the end is what was charged, in any order of events', async () => {
    const event = fc.oneof(
      fc.record({ kind: fc.constant('charge' as const), credits: fc.nat(5 * USD) }),
      fc.record({
        kind: fc.constant('topup' as const),
        credits: fc.nat(50 * USD),
        lagMs: fc.constantFrom(0, 45 * SECOND, 3 * MINUTE),
      }),
      fc.record({ kind: fc.constant('expiry' as const), credits: fc.nat(USD), lagMs: fc.constant(0) }),
      fc.record({ kind: fc.constant('outage' as const), answers: fc.integer({ min: 1, max: 6 }) }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 12 }), async (events) => {
        const { server, charge, move, looks, total, told } = follow()
        await looks(2)
        let truth = 0
        let failing = 0
        server.outage = () => (failing > 0 ? ((failing -= 1), 500) : undefined)
        for (const each of events) {
          if (each.kind === 'outage') failing = each.answers
          else if (each.kind === 'charge') {
            truth += each.credits
            charge(each.credits)
          } else if (each.kind === 'topup') move(each.credits, 'TOPUP', 'PAYMENT', each.lagMs)
          else move(each.credits, 'CHARGE', 'CREDITS_EXPIRED', each.lagMs)
          await looks(1)
        }
        await looks(10)
        expect(total()).toBe(truth)
        expect(told.every((credits) => credits >= 0)).toBe(true)
      }),
      { numRuns: 25 },
    )
  })
})
