import { describe, expect, it } from 'vitest'
import { createAccountMetrics } from '../../../src/telemetry/account-metrics.ts'
import type { AccountSnapshot } from '../../../src/ports.ts'
import { recordMetrics } from './recording.ts'

function open(snapshots: AccountSnapshot[] = [], pending = new Map<string, number>()) {
  const { meter, points } = recordMetrics()
  const metrics = createAccountMetrics(meter, { snapshots: () => snapshots, pendingByAccount: () => pending })
  return { metrics, points, snapshots, pending }
}

describe('gauges of the accounts', () => {
  it('show every field that was answered, booleans as 0 and 1', async () => {
    const { points } = open(
      [
        {
          account: 'prod',
          balanceCredits: 5_000_000,
          balanceUsd: 2.5,
          balanceLow: true,
          lowBalanceThresholdCredits: 6_000_000,
          updatedTimestampSeconds: 1_790_000_000,
          autoTopUpEnabled: false,
          autoTopUpThresholdUsd: 5,
          autoTopUpAmountUsd: 20,
          keyLimitUsd: 100,
          keyUsageUsd: 12.5,
          keyRetention: 'month',
        },
      ],
      new Map([['prod', 3]]),
    )
    const seen = (await points()).map(({ name, value, attributes }) => [name, value, attributes])
    const prod = { 'aimlapi.account': 'prod' }
    const key = { ...prod, retention: 'month' }
    expect(seen).toEqual([
      ['aimlapi.usage.pending', 3, prod],
      ['aimlapi.balance.credits', 5_000_000, prod],
      ['aimlapi.balance.usd', 2.5, prod],
      ['aimlapi.balance.low', 1, prod],
      ['aimlapi.balance.low.threshold.credits', 6_000_000, prod],
      ['aimlapi.balance.updated.timestamp.seconds', 1_790_000_000, prod],
      ['aimlapi.autotopup.enabled', 0, prod],
      ['aimlapi.autotopup.threshold.usd', 5, prod],
      ['aimlapi.autotopup.amount.usd', 20, prod],
      ['aimlapi.key.limit.usd', 100, key],
      ['aimlapi.key.usage.usd', 12.5, key],
    ])
  })

  it('have no sample for what was never answered, instead of 0', async () => {
    const { points } = open([{ account: 'prod', balanceUsd: 0 }])
    expect((await points()).map(({ name, value }) => [name, value])).toEqual([['aimlapi.balance.usd', 0]])
  })

  it('show at every collection what the source has then', async () => {
    const { points, snapshots } = open()
    expect(await points('aimlapi.balance.usd')).toEqual([])
    snapshots.push({ account: 'prod', balanceUsd: 3 })
    expect(await points('aimlapi.balance.usd')).toMatchObject([{ value: 3 }])
  })

  it('ask the source no more after dispose', async () => {
    const { meter, points } = recordMetrics()
    let asked = 0
    const source = { snapshots: () => (asked++, []), pendingByAccount: () => new Map<string, number>() }
    const metrics = createAccountMetrics(meter, source)
    await points()
    metrics.dispose()
    metrics.dispose()
    await points()
    expect(asked).toBe(1)
  })

  it('move with the counters to another meter', async () => {
    const { metrics, points } = open([{ account: 'prod', balanceUsd: 3 }])
    const later = recordMetrics()
    metrics.setMeter(later.meter)
    metrics.polled('prod', 'balance')
    expect(await points()).toEqual([])
    expect((await later.points()).map(({ name }) => name).sort()).toEqual([
      'aimlapi.account.polls',
      'aimlapi.balance.usd',
    ])
  })
})

describe('counters of the accounts', () => {
  it('count polls by kind, with the error of a failed one', async () => {
    const { metrics, points } = open()
    metrics.polled('prod', 'balance')
    metrics.polled('prod', 'balance', '401')
    expect(await points('aimlapi.account.polls')).toMatchObject([
      { value: 1, attributes: { 'aimlapi.account': 'prod', 'aimlapi.poll': 'balance' } },
      { value: 1, attributes: { 'aimlapi.account': 'prod', 'aimlapi.poll': 'balance', 'error.type': '401' } },
    ])
  })

  it('count charges by model and kind, and top-ups by kind', async () => {
    const { metrics, points } = open()
    metrics.ledgerEntry({
      account: 'prod',
      direction: 'charge',
      type: 'inference',
      model: 'gpt-5',
      credits: 50,
    })
    metrics.ledgerEntry({ account: 'prod', direction: 'topup', type: 'card', credits: 1000 })
    expect(await points('aimlapi.ledger.charged.credits')).toMatchObject([
      {
        value: 50,
        attributes: {
          'aimlapi.account': 'prod',
          'aimlapi.ledger.type': 'inference',
          'gen_ai.request.model': 'gpt-5',
        },
      },
    ])
    expect(await points('aimlapi.ledger.topup.credits')).toMatchObject([
      { value: 1000, attributes: { 'aimlapi.account': 'prod', 'aimlapi.ledger.type': 'card' } },
    ])
  })
})
