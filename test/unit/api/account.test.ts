import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  accountUrl,
  logsPath,
  parseBalance,
  parseLegacyBalance,
  parseLogs,
  parseTransactions,
  transactionsPath,
} from '../../../src/api/account.ts'

const NOON = Date.UTC(2026, 2, 1, 12)

describe('requests to account endpoints', () => {
  it.each([
    ['https://api.example.com', 'https://api.example.com/v1/key'],
    ['https://gateway.example.com/aiml/', 'https://gateway.example.com/aiml/v1/key'],
  ])('are made below the base URL %s', (baseUrl, url) => {
    expect(accountUrl(baseUrl, '/v1/key')).toBe(url)
  })

  it('give times as ISO-8601 with an offset', () => {
    const path = logsPath({ startMs: NOON, endMs: NOON + 1500 }, 200)
    expect(path).toBe(
      '/v2/logs?start=2026-03-01T12%3A00%3A00.000Z&end=2026-03-01T12%3A00%3A01.500Z&limit=100&offset=200',
    )
    expect(transactionsPath({ startMs: NOON, endMs: NOON + 1 })).toBe(
      '/v2/billing/transactions?from=2026-03-01T12%3A00%3A00.000Z&to=2026-03-01T12%3A00%3A00.001Z&limit=100',
    )
  })

  it('send a cursor back as it came, whatever it contains', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (cursor) => {
        const path = transactionsPath({ startMs: NOON, endMs: NOON + 1 }, { cursor })
        expect(new URL(path, 'https://h').searchParams.get('cursor')).toBe(cursor)
      }),
    )
  })
})

describe('balance responses', () => {
  const detail = {
    user_id: 4711,
    email: 'canary@example.com',
    current_balance: 12.5,
    currency: 'USD',
    autotopup_settings: { is_enabled: true, threshold: 50, amount: 100, currency: 'USD' },
  }

  it('in US dollars give both units and the automatic top-up, and nothing of the person', () => {
    expect(parseBalance(detail)).toStrictEqual({
      balanceUsd: 12.5,
      balanceCredits: 25_000_000,
      autoTopUpEnabled: true,
      autoTopUpThresholdUsd: 50,
      autoTopUpAmountUsd: 100,
    })
  })

  it('without a top-up, or with one in another currency, leave its amounts out', () => {
    expect(parseBalance({ current_balance: 0, currency: 'USD' })).toStrictEqual({
      balanceUsd: 0,
      balanceCredits: 0,
    })
    const inEuro = { ...detail.autotopup_settings, currency: 'EUR', is_enabled: false }
    expect(parseBalance({ ...detail, autotopup_settings: inEuro })).toStrictEqual({
      balanceUsd: 12.5,
      balanceCredits: 25_000_000,
      autoTopUpEnabled: false,
    })
  })

  it('in credits give the low flag and its threshold', () => {
    const body = { balance: 10_000_001, lowBalance: true, lowBalanceThreshold: 10_000, status: 'current' }
    expect(parseLegacyBalance(body)).toStrictEqual({
      balanceCredits: 10_000_001,
      balanceUsd: 5.0000005,
      balanceLow: true,
      lowBalanceThresholdCredits: 10_000,
    })
  })

  it('may be below zero, and as large as credits stay exact', () => {
    expect(parseBalance({ current_balance: -1.5 })?.balanceCredits).toBe(-3_000_000)
    expect(parseLegacyBalance({ balance: 10_000_000_000 })?.balanceUsd).toBe(5000)
    expect(parseLegacyBalance({ balance: -2 })?.balanceCredits).toBe(-2)
  })

  it('give amounts that are written as text', () => {
    expect(parseBalance({ current_balance: '-12.50', currency: 'USD' })?.balanceCredits).toBe(-25_000_000)
    expect(parseLegacyBalance({ balance: '1e4' })?.balanceCredits).toBe(10_000)
  })

  it.each([
    null,
    [],
    'ok',
    {},
    { current_balance: '' },
    { current_balance: '--5' },
    { current_balance: '12.5 USD' },
    { current_balance: null },
    { current_balance: 1e308 },
    { current_balance: 5, currency: 'EUR' },
  ])('that say something else are no balance: %j', (body) => {
    expect(parseBalance(body)).toBeUndefined()
    expect(parseLegacyBalance(body)).toBeUndefined()
  })
})

const row = {
  created: '2026-03-01T12:00:00.000Z',
  status: 'succeeded',
  origin: 'api',
  model: 'openai/gpt-5',
  cost: { usd: 0.25, credits: 500_000 },
  tokens: { input: 10, output: 20, total: 30 },
  request_id: 'req-1',
  inference_id: 'inf-1',
  client_request_id: 'customer-42',
}
const logs = (data: unknown[], pagination: object = { limit: 50, offset: 0, total: 1, has_more: false }) => ({
  data,
  pagination,
})

describe('pages of the log', () => {
  it('give cost, tokens and ids of each request', () => {
    const page = parseLogs(logs([row]))
    expect(page).toMatchObject({ rowCount: 1, malformed: 0, hasMore: false })
    expect(page?.rows[0]).toMatchObject({
      inferenceId: 'inf-1',
      clientRequestId: 'customer-42',
      createdMs: NOON,
      cost: { credits: 500_000, usd: 0.25 },
      tokens: { input: 10, output: 20 },
    })
  })

  it('with 0 tokens mean a request that was not billed by tokens', () => {
    const speech = { ...row, tokens: { input: 0, output: 0, total: 0 } }
    expect(parseLogs(logs([speech]))?.rows[0]).not.toHaveProperty('tokens')
  })

  it('keep a failed request, at no cost', () => {
    const failed = { ...row, status: 'failed', cost: { usd: 0, credits: 0 } }
    expect(parseLogs(logs([failed]))?.rows[0]?.cost).toStrictEqual({ credits: 0, usd: 0 })
  })

  it.each([
    [{ credits: 500_000 }, { credits: 500_000, usd: 0.25 }],
    [{ usd: 0.25 }, { credits: 500_000, usd: 0.25 }],
    [
      { usd: 0.25, credits: null },
      { credits: 500_000, usd: 0.25 },
    ],
  ])('with one unit %j give the other', (cost, amount) => {
    expect(parseLogs(logs([{ ...row, cost }]))?.rows[0]?.cost).toStrictEqual(amount)
  })

  it.each([
    [{ cost: null }],
    [{ cost: {} }],
    [{ cost: { credits: -1 } }],
    [{ cost: { credits: 'five' } }],
    [{ cost: { usd: 1e300 } }],
    [{ created: 'yesterday' }],
    [{ created: 5 }],
  ])('leave out a row with %j, and count it', (change) => {
    const page = parseLogs(logs([{ ...row, ...change }, row, 'x']))
    expect(page).toMatchObject({ rowCount: 3, malformed: 2 })
    expect(page?.rows).toHaveLength(1)
  })

  it('distinguish equal rows of two overlapping pages from different ones', () => {
    const keyOf = (change: object) => parseLogs(logs([{ ...row, ...change }]))?.rows[0]?.dedupeKey
    expect(keyOf({})).toBe(keyOf({}))
    for (const change of [
      { request_id: 'req-2' },
      { inference_id: 'inf-2' },
      { cost: { credits: 1, usd: 0 } },
    ])
      expect(keyOf(change)).not.toBe(keyOf({}))
  })

  it.each([
    null,
    [],
    {},
    { data: [row] },
    logs([row], { has_more: 'no' }),
    logs([], { has_more: true }),
    { data: {}, pagination: { has_more: false } },
  ])('that do not say whether there is more are unreadable: %j', (body) => {
    expect(parseLogs(body)).toBeUndefined()
  })
})

const entry = {
  created_at: '2026-03-01T12:00:00.000Z',
  direction: 'CHARGE',
  type: 'MODEL_USAGE',
  amount: { usd: 1.56, credits: 3_120_000 },
  model: 'openai/gpt-5',
  reference_id: 'inf-1',
}
const ledger = (data: unknown[], pagination: object = { next_cursor: null, has_more: false }) => ({
  data,
  pagination,
})

describe('pages of the ledger', () => {
  it('give charges by model and top-ups without one', () => {
    const bonus = { ...entry, direction: 'TOPUP', type: 'BONUS', model: null, reference_id: null }
    const page = parseTransactions(ledger([entry, bonus]))
    expect(page?.rows).toMatchObject([
      {
        direction: 'charge',
        type: 'MODEL_USAGE',
        model: 'openai/gpt-5',
        credits: 3_120_000,
        createdMs: NOON,
      },
      { direction: 'topup', type: 'BONUS', credits: 3_120_000 },
    ])
    expect(page?.rows[1]).not.toHaveProperty('model')
  })

  it('give the cursor only where there is more', () => {
    expect(parseTransactions(ledger([entry], { next_cursor: 'c', has_more: true }))?.nextCursor).toBe('c')
    expect(parseTransactions(ledger([entry], { next_cursor: 'c', has_more: false }))).not.toHaveProperty(
      'nextCursor',
    )
  })

  it('that promise more without a cursor are unreadable', () => {
    expect(parseTransactions(ledger([entry], { next_cursor: null, has_more: true }))).toBeUndefined()
  })

  it.each([
    ['2026-03-01T12:00:00', 'utc'],
    ['2026-03-01 12:00:00', 'utc'],
    ['2026-03-01T14:00:00.000+02:00', 'its own'],
    ['2026-03-01 14:00:00+0200', 'its own'],
  ])('may be dated %s, which is in %s time wherever the host is', (created_at) => {
    const zone = process.env['TZ']
    process.env['TZ'] = 'Asia/Tokyo'
    expect(parseTransactions(ledger([{ ...entry, created_at }]))?.rows[0]?.createdMs).toBe(NOON)
    if (zone === undefined) delete process.env['TZ']
    else process.env['TZ'] = zone
  })

  it('pass on a new type, but not any text as one', () => {
    const typeOf = (type: unknown) => parseTransactions(ledger([{ ...entry, type }]))?.rows[0]?.type
    expect(typeOf('GIFT_CARD')).toBe('GIFT_CARD')
    expect(typeOf('dear customer@example.com')).toBe('other')
    expect(typeOf(7)).toBe('other')
  })

  it.each([[{ direction: 'UP' }], [{ amount: [] }], [{ amount: { credits: -5 } }], [{ created_at: null }]])(
    'leave out an entry with %j, and count it',
    (change) => {
      expect(parseTransactions(ledger([{ ...entry, ...change }]))).toMatchObject({ rows: [], malformed: 1 })
    },
  )
})
