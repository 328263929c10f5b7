import { describe, expect, it } from 'vitest'
import { createBalanceRound } from '../../../src/account/balance.ts'
import type { BalanceFacts } from '../../../src/api/account.ts'
import type { RoundResult } from '../../../src/account/poller.ts'
import { createFakeApi, ManualClock } from './fakes.ts'

const SECOND = 1000
const MINUTE = 60_000
const DETAIL = {
  user_id: 4711,
  email: 'canary@example.com',
  current_balance: 10,
  currency: 'USD',
  autotopup_settings: { is_enabled: false, threshold: 1, amount: 2 },
}
const PLAIN = { current_balance: 20, currency: 'USD' }
const LEGACY = { balance: 60_000_000, lowBalance: false, lowBalanceThreshold: 10_000 }

const DETAIL_PATH = '/v2/billing/detail'
const PLAIN_PATH = '/v2/billing'
const LEGACY_PATH = '/v1/billing/balance'

const thrice = (poll: string): string[] => [poll, poll, poll]

/** An account whose sources answer as `answers` says now. */
function watch(answers: Record<string, object | number | string>) {
  const clock = new ManualClock()
  const api = createFakeApi(clock, (url) => answers[url.pathname] ?? 404)
  const told: BalanceFacts[] = []
  const gone: string[] = []
  const ask = createBalanceRound(
    api,
    MINUTE,
    (facts) => told.push(facts),
    () => gone.push('low flag'),
  )
  /** A question is repeated after a few seconds. */
  const round = async (): Promise<RoundResult> => {
    const result = ask()
    await clock.pass(20 * SECOND)
    return result
  }
  const pathsOf = async (): Promise<string[]> => {
    const before = api.asked.length
    await round()
    const paths = api.asked.slice(before).map(({ path }) => path)
    return paths.filter((path, index) => path !== paths[index - 1])
  }
  return { answers, clock, api, told, gone, round, pathsOf }
}

describe('the balance', () => {
  it('comes from the detailed response, with the low flag of the legacy one', async () => {
    const { told, round } = watch({ [DETAIL_PATH]: DETAIL, [PLAIN_PATH]: PLAIN, [LEGACY_PATH]: LEGACY })
    expect(await round()).toStrictEqual({})
    expect(told).toStrictEqual([
      {
        balanceUsd: 10,
        balanceCredits: 20_000_000,
        autoTopUpEnabled: false,
        autoTopUpThresholdUsd: 1,
        autoTopUpAmountUsd: 2,
      },
      { balanceLow: false, lowBalanceThresholdCredits: 10_000 },
    ])
  })

  it.each([
    ['403', 403],
    ['404', 404],
    ['500', 500],
    ['a redirect', 302],
    ['garbage', { current_balance: 'much' }],
  ])('comes from the next source where one answers with %s', async (_what, answer) => {
    const { answers, told, round } = watch({
      [DETAIL_PATH]: answer,
      [PLAIN_PATH]: PLAIN,
      [LEGACY_PATH]: LEGACY,
    })
    expect(await round()).toStrictEqual({})
    expect(told[0]).toStrictEqual({ balanceUsd: 20, balanceCredits: 40_000_000 })
    answers[PLAIN_PATH] = answer
    await round()
    expect(told.at(-1)).toStrictEqual({
      balanceUsd: 30,
      balanceCredits: 60_000_000,
      balanceLow: false,
      lowBalanceThresholdCredits: 10_000,
    })
  })

  it.each([401, 429, 'timeout', 'ECONNREFUSED'])(
    'is not asked for elsewhere when the key, the rate or the host is at fault (%s)',
    async (answer) => {
      const { round, pathsOf, told } = watch({ [DETAIL_PATH]: answer, [PLAIN_PATH]: PLAIN })
      expect(await pathsOf()).toStrictEqual([DETAIL_PATH])
      expect(await round()).toMatchObject({ errorType: String(answer) })
      expect(told).toStrictEqual([])
    },
  )

  it('fails with the last source that failed, each one counted', async () => {
    const { api, round } = watch({ [DETAIL_PATH]: 403, [PLAIN_PATH]: 500, [LEGACY_PATH]: { balance: null } })
    expect(await round()).toMatchObject({ errorType: 'unparsable' })
    expect(api.polled).toStrictEqual([
      'balance 403',
      ...thrice('balance 500'),
      ...thrice('balance unparsable'),
    ])
  })

  it('does not ask a failing source every time, but tries it again after a quarter of an hour', async () => {
    const { answers, clock, pathsOf } = watch({ [DETAIL_PATH]: 403, [PLAIN_PATH]: PLAIN })
    expect(await pathsOf()).toStrictEqual([DETAIL_PATH, PLAIN_PATH, LEGACY_PATH])
    await clock.pass(14 * MINUTE)
    expect(await pathsOf()).toStrictEqual([PLAIN_PATH])
    await clock.pass(2 * MINUTE)
    answers[DETAIL_PATH] = DETAIL
    expect(await pathsOf()).toStrictEqual([DETAIL_PATH])
    expect(await pathsOf()).toStrictEqual([DETAIL_PATH])
  })

  it.each([404, 403, 410])('has no low flag any more once its endpoint answers %i', async (status) => {
    const { answers, clock, gone, round } = watch({ [DETAIL_PATH]: DETAIL, [LEGACY_PATH]: LEGACY })
    await round()
    expect(gone).toStrictEqual([])
    answers[LEGACY_PATH] = status
    await clock.pass(11 * MINUTE)
    await round()
    expect(gone).toStrictEqual(['low flag'])
  })

  it('requests the low flag only every tenth time', async () => {
    const { clock, pathsOf } = watch({ [DETAIL_PATH]: DETAIL, [LEGACY_PATH]: LEGACY })
    expect(await pathsOf()).toStrictEqual([DETAIL_PATH, LEGACY_PATH])
    await clock.pass(9 * MINUTE)
    expect(await pathsOf()).toStrictEqual([DETAIL_PATH])
    await clock.pass(MINUTE)
    expect(await pathsOf()).toStrictEqual([DETAIL_PATH, LEGACY_PATH])
  })

  it('is good without the legacy endpoint, which is then rarely requested', async () => {
    const { clock, round, pathsOf } = watch({ [DETAIL_PATH]: DETAIL, [LEGACY_PATH]: 410 })
    expect(await round()).toStrictEqual({})
    await clock.pass(5 * 60 * MINUTE)
    expect(await pathsOf()).toStrictEqual([DETAIL_PATH])
    await clock.pass(2 * 60 * MINUTE)
    expect(await pathsOf()).toStrictEqual([DETAIL_PATH, LEGACY_PATH])
  })
})
