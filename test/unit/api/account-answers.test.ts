/** Answers about keys, usage and the catalogue; and what every parser of account answers has in common. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseCatalogue, parseDeprecations } from '../../../src/api/account-catalogue.ts'
import { parseKey, parseKeys } from '../../../src/api/account-keys.ts'
import { parseUsageDetail, usageDetailPath } from '../../../src/api/account-usage.ts'
import { parseBalance, parseLegacyBalance, parseLogs, parseTransactions } from '../../../src/api/account.ts'

const KEY = { prefix: 'b747e891', limit: { retention: 'month', threshold: 25 }, monthly_usage: 1.25 }
const NOON = Date.UTC(2026, 2, 1, 12)

describe('responses about a key', () => {
  it('give the prefix, the limit with its period, and the usage', () => {
    expect(parseKey({ data: KEY })).toStrictEqual({
      prefix: 'b747e891',
      limitUsd: 25,
      usageUsd: 1.25,
      retention: 'month',
    })
    expect(
      parseKey({ data: { prefix: 'b747e891', limit: null, monthly_usage: 0, disabled: true } }),
    ).toStrictEqual({ prefix: 'b747e891', usageUsd: 0, disabled: true })
  })

  it('with an unknown period do not pass it on', () => {
    const data = { prefix: 'b747e891', limit: { retention: 'canary words', threshold: 25 } }
    expect(parseKey({ data })).toStrictEqual({ prefix: 'b747e891', limitUsd: 25 })
  })

  it.each([null, {}, { data: [] }, { data: { prefix: 8 } }, { data: { prefix: 'b747e891c' } }])(
    'without a prefix, or with more of the key than that, are none: %j',
    (body) => {
      expect(parseKey(body)).toBeUndefined()
    },
  )

  it('in a list may stand alone or under "data"; rows that are no key are left out', () => {
    const prefixes = (body: unknown) => parseKeys(body)?.keys.map(({ prefix }) => prefix)
    expect(prefixes([KEY, null, { prefix: 'x' }])).toStrictEqual(['b747e891', 'x'])
    expect(prefixes({ data: [KEY] })).toStrictEqual(['b747e891'])
    expect(prefixes({ keys: [KEY] })).toBeUndefined()
  })

  it('in a list are there once, and those that cannot be read are counted', () => {
    const { keys, malformed } = parseKeys([KEY, KEY, { prefix: 'b747e891c' }, null]) ?? {}
    expect(keys?.map(({ prefix }) => prefix)).toStrictEqual(['b747e891'])
    expect(malformed).toBe(2)
  })
})

const GROUP = {
  day: '2026-03-01',
  model: 'openai/gpt-5',
  spend: 1.5,
  tokens: { input: 10, output: 20, total: 30 },
  requests: { total: 5, charged: 4, succeeded: 4, failed: 1 },
}
const usage = (groups: unknown[]) => ({
  api_key_prefix: null,
  spend: 2,
  currency: 'USD',
  requests: 4,
  groups,
})

describe('responses about usage', () => {
  it('give what each group used', () => {
    expect(parseUsageDetail(usage([GROUP]))).toStrictEqual({
      spendUsd: 2,
      groups: [
        {
          day: '2026-03-01',
          model: 'openai/gpt-5',
          usd: 1.5,
          inputTokens: 10,
          outputTokens: 20,
          succeeded: 4,
          failed: 1,
        },
      ],
      malformed: 0,
    })
  })

  it('take a day also from a date-time, in any time zone', () => {
    const dayOf = (day: unknown) => parseUsageDetail(usage([{ ...GROUP, day }]))?.groups[0]?.day
    expect(dayOf('2026-03-01T00:00:00+09:00')).toBe('2026-03-01')
    expect(dayOf('2026-13-01')).toBeUndefined()
    expect(dayOf(20260301)).toBeUndefined()
  })

  it('count a malformed group, and keep a model that has no name', () => {
    const groups = [
      { ...GROUP, spend: -1 },
      { ...GROUP, spend: '1.5 USD' },
      { ...GROUP, day: 'today' },
      { ...GROUP, day: undefined },
      null,
    ]
    expect(parseUsageDetail(usage(groups))).toMatchObject({ groups: [], malformed: 5 })
    expect(parseUsageDetail(usage([{ day: '2026-03-01', spend: 1, model: null }]))?.groups).toStrictEqual([
      { day: '2026-03-01', usd: 1, inputTokens: 0, outputTokens: 0, succeeded: 0, failed: 0 },
    ])
  })

  it('join groups of one day and model, such as several without a name', () => {
    const { groups = [] } =
      parseUsageDetail(usage([GROUP, { ...GROUP, model: null }, GROUP, { ...GROUP, model: '' }])) ?? {}
    expect(
      groups.map(({ model, usd, inputTokens, failed }) => [model, usd, inputTokens, failed]),
    ).toStrictEqual([
      ['openai/gpt-5', 3, 20, 2],
      [undefined, 3, 20, 2],
    ])
  })

  it('without groups, or in another currency, are none', () => {
    expect(parseUsageDetail({ spend: 1, currency: 'USD' })).toBeUndefined()
    expect(parseUsageDetail({ ...usage([]), currency: 'EUR' })).toBeUndefined()
  })

  it('are requested with the window, and with a key or a time zone only where they differ', () => {
    const window = { startMs: NOON, endMs: NOON + 1, groupBy: 'day,model' } as const
    expect(usageDetailPath(window)).toBe(
      '/v2/usage/detail?start=2026-03-01T12%3A00%3A00.000Z&end=2026-03-01T12%3A00%3A00.001Z&group_by=day%2Cmodel',
    )
    expect(usageDetailPath({ ...window, keyPrefix: 'b747e891', timeZone: 'Europe/Berlin' })).toContain(
      '&key_prefix=b747e891&tz=Europe%2FBerlin',
    )
  })
})

const TOKEN = { name: 'token', measure: 'input', price: 2.5, per: 1_000_000 }
const model = (pricing: unknown, more: object = {}) => ({
  data: [{ id: 'openai/gpt-5', aliases: ['gpt-5'], pricing, ...more }],
})

describe('the catalogue', () => {
  it('gives the fixed price of a token under every name of the model', () => {
    const units = [
      TOKEN,
      { ...TOKEN, measure: 'output', price: 20, per: 1000 },
      { ...TOKEN, measure: 'cache_read', price: 0.25 },
      { ...TOKEN, name: 'image', price: 1 },
    ]
    const prices = [
      { tokenType: 'input', usd: 2.5e-6 },
      { tokenType: 'output', usd: 0.02 },
      { tokenType: 'input', detail: 'cache_read', usd: 2.5e-7 },
    ]
    const said = parseCatalogue(model({ kind: 'fixed', currency: 'USD', units }))
    expect([...(said ?? [])]).toStrictEqual([
      ['openai/gpt-5', prices],
      ['gpt-5', prices],
    ])
  })

  it.each([
    ['variable', { kind: 'variable', units: [TOKEN] }],
    ['by variant', { kind: 'variants', variants: [{ when: {}, price: 1, unit: 'token', per: 1 }] }],
    ['in another currency', { kind: 'fixed', currency: 'EUR', units: [TOKEN] }],
    ['said twice for the same tokens', { kind: 'fixed', units: [TOKEN, { ...TOKEN, price: 5 }] }],
    ['per nothing', { kind: 'fixed', units: [{ ...TOKEN, per: 0 }] }],
    ['of an unknown measure', { kind: 'fixed', units: [{ ...TOKEN, measure: 'toString' }] }],
    ['missing', undefined],
  ])('gives no price that is %s', (_what, pricing) => {
    expect(parseCatalogue(model(pricing))?.get('openai/gpt-5')).toStrictEqual([])
  })

  it('gives the day on which a model ends, where it has one', () => {
    const ends = (status: string, shutdown_at: unknown) => [
      ...(parseDeprecations({ data: [{ id: 'a', aliases: [], status, shutdown_at }] }) ?? ['not read']),
    ]
    expect(ends('deprecated', '2026-12-01')).toStrictEqual([['a', Date.UTC(2026, 11, 1)]])
    expect(ends('superseded', null)).toStrictEqual([])
    expect(ends('superseded', '2026-12-01')).toStrictEqual([])
    expect(ends('withdrawn', 'soon')).toStrictEqual([])
  })
})

describe('every parser', () => {
  const parsers = [
    parseBalance,
    parseLegacyBalance,
    parseLogs,
    parseTransactions,
    parseKey,
    parseKeys,
    parseUsageDetail,
    parseCatalogue,
    parseDeprecations,
  ]
  const cost = { usd: 0.25, credits: 500_000 }
  const pagination = { next_cursor: 'c', has_more: true }
  const time = '2026-03-01T12:00:00.000Z'
  const log = { created: time, status: 'succeeded', cost, tokens: { input: 1, output: 2 }, inference_id: 'i' }
  const entry = { created_at: time, direction: 'CHARGE', type: 'MODEL_USAGE', amount: cost, model: 'm' }
  /** Documented bodies with any JSON value in any place. */
  const mangled = fc
    .tuple(
      fc.constantFrom<unknown>(
        { current_balance: 1, currency: 'USD', autotopup_settings: { threshold: 1 }, balance: 5, spend: 1 },
        { data: KEY },
        { data: [KEY] },
        { data: [log, log], pagination },
        { data: [entry, entry], pagination },
        usage([GROUP]),
        model({ kind: 'fixed', units: [TOKEN] }),
        model(null, { status: 'deprecated', shutdown_at: '2026-12-01' }),
      ),
      fc.nat(20),
      fc.jsonValue(),
    )
    .map(([body, place, value]) => {
      let at = 0
      return JSON.parse(
        JSON.stringify(body, (_key, inner: unknown) => (at++ === place ? value : inner)),
      ) as unknown
    })

  it('takes any JSON value, and gives only finite, safe numbers', () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), mangled), (body) => {
        for (const parse of parsers) {
          for (const value of numbersIn(parse(body)))
            expect(Math.abs(value)).toBeLessThanOrEqual(Number.MAX_SAFE_INTEGER)
        }
      }),
      { numRuns: 2000 },
    )
  })
})

function numbersIn(value: unknown): number[] {
  if (typeof value === 'number') return [value]
  if (value instanceof Map) return [...value.values()].flatMap(numbersIn)
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersIn) : []
}
