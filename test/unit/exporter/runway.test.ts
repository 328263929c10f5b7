import { describe, expect, it } from 'vitest'
import { readHealth, readReadiness } from '../../../src/exporter/readiness.ts'
import { formatReports, formatRunway, isComplete } from '../../../src/exporter/runway.ts'

describe('the runway', () => {
  it.each([
    [10, 10, '24 h'],
    [30, 10, '3 d'],
    [29.9, 10, '71 h'],
    [0.1, 10, 'under 1 h'],
    [0, 10, 'empty'],
    [-1, 10, 'empty'],
    [10, 0, 'no spend'],
    [1e9, 0.01, 'over 1000 d'],
    [undefined, 1, '-'],
    [1, undefined, '-'],
  ])('of %s dollars at %s a day is %s', (balanceUsd, spendUsd, text) => {
    expect(formatRunway(balanceUsd, spendUsd)).toBe(text)
  })
})

describe('the table of accounts', () => {
  const answered = {
    account: 'production',
    balance: {
      balanceUsd: 1234.5,
      balanceCredits: 2_469_000_000,
      balanceLow: false,
      autoTopUpEnabled: true,
      autoTopUpThresholdUsd: 50,
      autoTopUpAmountUsd: 100,
    },
    spend: { spendUsd: 0.1234 },
  }
  const silent = { account: 'b', balance: { errorType: 'timeout' }, spend: { errorType: '418' } }

  it('shows what is known, and below it what is not, and why', () => {
    expect(formatReports([answered, silent])).toBe(
      [
        'ACCOUNT     BALANCE    CREDITS        SPENT 24 H  RUNWAY       LOW  AUTO TOP-UP',
        'production  $1,234.50  2,469,000,000  $0.1234     over 1000 d  no   below $50.00 add $100.00',
        'b           -          -              -           -            -    -',
        'b: no balance (timeout: no response in time)',
        'b: no spend (418)',
        '',
      ].join('\n'),
    )
  })

  it('is complete when both could be read of every account', () => {
    expect(isComplete([answered])).toBe(true)
    expect(isComplete([answered, silent])).toBe(false)
    expect(isComplete([{ ...answered, spend: { errorType: '500' } }])).toBe(false)
  })
})

describe('readiness', () => {
  const good = { account: 'a', balanceUsd: 1, updatedTimestampSeconds: 1 }

  it('needs one account with a balance; others are named', () => {
    expect(readReadiness(['a', 'b'], [])).toStrictEqual({
      status: 503,
      text: 'not ready: no balance yet of a, b\n',
    })
    expect(readReadiness(['a', 'b'], [good])).toStrictEqual({
      status: 200,
      text: 'degraded: no balance yet of b\n',
    })
    expect(readReadiness(['a'], [good])).toStrictEqual({ status: 200, text: 'ready\n' })
  })

  it('needs a balance, not just any response', () => {
    expect(readReadiness(['a'], [{ account: 'a', balanceLow: true }]).status).toBe(503)
  })

  it('names the polls that are behind, in the health of the process too', () => {
    const polls = [
      { account: 'a', poll: 'balance', isBehind: false, ageSeconds: 5 },
      { account: 'a', poll: 'ledger', isBehind: true, ageSeconds: 900, errorType: '503' },
      { account: 'b', poll: 'usage', isBehind: true },
    ]
    const lines = 'behind: ledger of a, last read 900 s ago (503)\nbehind: usage of b, never read\n'
    expect(readReadiness(['a'], [good], polls)).toStrictEqual({ status: 200, text: `ready\n${lines}` })
    expect(readHealth(polls)).toBe(`ok\n${lines}`)
    expect(readHealth([])).toBe('ok\n')
  })

  it('waits for nothing where nothing is polled', () => {
    expect(readReadiness([], []).status).toBe(200)
  })
})
