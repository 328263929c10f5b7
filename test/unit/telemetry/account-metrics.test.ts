import { describe, expect, it } from 'vitest'
import { createAccountMetrics } from '../../../src/telemetry/account-metrics.ts'
import type { AccountSnapshot } from '../../../src/ports.ts'
import { recordMetrics } from './recording.ts'

function open(snapshots: AccountSnapshot[] = [], pending = new Map<string, number>()) {
  const { meter, points } = recordMetrics()
  const metrics = createAccountMetrics(
    meter,
    { snapshots: () => snapshots, pendingByAccount: () => pending },
    200,
  )
  return { metrics, points, snapshots, pending }
}

describe('gauges of the accounts', () => {
  it('show every field of the response, booleans as 0 and 1', async () => {
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
          ledgerLagSeconds: 7,
          keys: [
            { prefix: 'b747e891', limitUsd: 100, usageUsd: 12.5, retention: 'month', disabled: false },
            { prefix: '5eedc0de', usageUsd: 1 },
          ],
        },
      ],
      new Map([['prod', 3]]),
    )
    const seen = (await points()).map(({ name, value, attributes }) => [name, value, attributes])
    const prod = { 'aimlapi.account': 'prod' }
    const key = { ...prod, 'aimlapi.key': 'b747e891', retention: 'month' }
    const second = { ...prod, 'aimlapi.key': '5eedc0de' }
    expect(seen).toEqual([
      ['aimlapi.balance.credits', 5_000_000, prod],
      ['aimlapi.balance.usd', 2.5, prod],
      ['aimlapi.balance.low', 1, prod],
      ['aimlapi.balance.low.threshold.credits', 6_000_000, prod],
      ['aimlapi.balance.updated.timestamp.seconds', 1_790_000_000, prod],
      ['aimlapi.autotopup.enabled', 0, prod],
      ['aimlapi.autotopup.threshold.usd', 5, prod],
      ['aimlapi.autotopup.amount.usd', 20, prod],
      ['aimlapi.ledger.lag.seconds', 7, prod],
      ['aimlapi.key.limit.usd', 100, key],
      ['aimlapi.key.usage.usd', 12.5, key],
      ['aimlapi.key.usage.usd', 1, second],
      ['aimlapi.key.disabled', 0, key],
      ['aimlapi.usage.pending', 3, prod],
    ])
  })

  it('show spend by key and model for the day and the month, the cheapest of too many models together', async () => {
    const spend = [
      { keyPrefix: 'k1', model: 'a', dayUsd: 1, monthUsd: 10 },
      { keyPrefix: 'k1', model: 'b', dayUsd: 2, monthUsd: 20 },
      { keyPrefix: 'k1', model: 'odd name\n', monthUsd: 30 },
      { keyPrefix: 'k2', monthUsd: 40 },
    ]
    const { meter, points } = recordMetrics()
    const source = { snapshots: () => [{ account: 'prod', spend }], pendingByAccount: () => new Map() }
    createAccountMetrics(meter, source, 1)
    const seen = (await points('aimlapi.account.spend.usd')).map(({ value, attributes }) => [
      attributes['aimlapi.key'],
      attributes['gen_ai.request.model'],
      attributes['aimlapi.period'],
      value,
    ])
    expect(seen).toStrictEqual([
      ['k1', 'other', 'day', 1],
      ['k1', 'other', 'month', 40],
      ['k1', 'b', 'day', 2],
      ['k1', 'b', 'month', 20],
      ['k2', undefined, 'month', 40],
    ])
  })

  it('show the limit of every key there is now, however many there were before', async () => {
    const { meter, points } = recordMetrics()
    let keys = Array.from({ length: 200 }, (_, index) => ({ prefix: `old${index}`, limitUsd: 1 }))
    const source = { snapshots: () => [{ account: 'prod', keys }], pendingByAccount: () => new Map() }
    createAccountMetrics(meter, source, 200)
    expect(await points('aimlapi.key.limit.usd')).toHaveLength(200)
    keys = [{ prefix: 'new', limitUsd: 2 }]
    const shown = await points('aimlapi.key.limit.usd')
    expect(shown.find(({ attributes }) => attributes['aimlapi.key'] === 'new')?.value).toBe(2)
  })

  it('show prices and shut-down dates of models, and the budgets of accounts and tags', async () => {
    const { meter, points } = recordMetrics()
    createAccountMetrics(
      meter,
      {
        snapshots: () => [],
        pendingByAccount: () => new Map(),
        models: () => [
          {
            model: 'gpt-5',
            prices: [
              { tokenType: 'input', usd: 1e-6 },
              { tokenType: 'input', detail: 'cache_read', usd: 1e-7 },
            ],
            shutdownTimestampSeconds: 1_800_000_000,
          },
        ],
        budgets: [
          { account: 'prod', period: 'day', usd: 50 },
          { tag: { name: 'team', value: 'search' }, period: 'month', usd: 10 },
        ],
      },
      200,
    )
    const model = { 'gen_ai.request.model': 'gpt-5' }
    const input = { ...model, 'gen_ai.token.type': 'input' }
    const seen = (await points()).map(({ name, value, attributes }) => [name, value, attributes])
    expect(seen).toStrictEqual([
      ['aimlapi.model.token.price.usd', 1e-6, input],
      ['aimlapi.model.token.price.usd', 1e-7, { ...input, 'aimlapi.token.detail': 'cache_read' }],
      ['aimlapi.model.shutdown.timestamp.seconds', 1_800_000_000, model],
      ['aimlapi.budget.usd', 50, { 'aimlapi.account': 'prod', 'aimlapi.period': 'day' }],
      ['aimlapi.budget.usd', 10, { 'aimlapi.tag.team': 'search', 'aimlapi.period': 'month' }],
    ])
  })

  it('have no sample for an absent field, instead of 0', async () => {
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
    const metrics = createAccountMetrics(meter, source, 200)
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
  it('count what was charged from 0 on, and what each key used of each model', async () => {
    const { metrics, points } = open()
    metrics.charged('prod', 0)
    expect(await points('aimlapi.account.charged.credits')).toMatchObject([{ value: 0 }])
    metrics.charged('prod', 70)
    const used = { account: 'prod', keyPrefix: 'b747e891', model: 'openai/gpt-5' }
    metrics.used({ ...used, usd: 0.5, inputTokens: 10, outputTokens: 0, succeeded: 3, failed: 1 })
    const labels = {
      'aimlapi.account': 'prod',
      'aimlapi.key': 'b747e891',
      'gen_ai.request.model': 'openai/gpt-5',
    }
    const seen = (await points()).map(({ name, value, attributes }) => [name, value, attributes])
    expect(seen).toStrictEqual([
      ['aimlapi.account.charged.credits', 70, { 'aimlapi.account': 'prod' }],
      ['aimlapi.account.usage.usd', 0.5, labels],
      ['aimlapi.account.usage.tokens', 10, { ...labels, 'gen_ai.token.type': 'input' }],
      ['aimlapi.account.usage.requests', 3, { ...labels, 'aimlapi.outcome': 'succeeded' }],
      ['aimlapi.account.usage.requests', 1, { ...labels, 'aimlapi.outcome': 'failed' }],
    ])
  })

  it('count models past the cap as one, in the ledger too', async () => {
    const { meter, points } = recordMetrics()
    const source = { snapshots: () => [], pendingByAccount: () => new Map() }
    const metrics = createAccountMetrics(meter, source, 1)
    for (const model of ['a', 'b', 'c'])
      metrics.ledgerEntry({ account: 'prod', direction: 'charge', type: 'MODEL_USAGE', model, credits: 1 })
    const seen = await points('aimlapi.ledger.charged.credits')
    expect(seen.map(({ value, attributes }) => [attributes['gen_ai.request.model'], value])).toStrictEqual([
      ['a', 1],
      ['other', 2],
    ])
  })

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
