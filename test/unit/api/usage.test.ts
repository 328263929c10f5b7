import { assert, jsonValue, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addCost, collectCost, readCostHeaders, type Cost } from '../../../src/api/cost.ts'
import { collectFigures, summarize, type Figures, type WritableUsage } from '../../../src/api/usage.ts'
import type { Usage } from '../../../src/types.ts'

function read(...parts: unknown[]): { usage: Usage; isReadable: boolean } {
  const figures: Figures = {}
  const isReadable = parts.map((part) => collectFigures(part, figures)).every(Boolean)
  return { usage: summarize(figures), isReadable }
}

describe('tokens', () => {
  it.each([
    [
      'prompt and completion',
      { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 },
      { inputTokens: 3, outputTokens: 4 },
    ],
    ['input and output', { input_tokens: 3, output_tokens: 4 }, { inputTokens: 3, outputTokens: 4 }],
    ['only a total, which is input', { total_tokens: 9 }, { inputTokens: 9 }],
    ['a total beside null', { prompt_tokens: null, total_tokens: 9 }, { inputTokens: 9 }],
    [
      'a total beside output alone, which is no input',
      { completion_tokens: 4, total_tokens: 9 },
      { outputTokens: 4 },
    ],
    [
      'zeros',
      { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 },
      { inputTokens: 0, outputTokens: 0 },
    ],
    ['nothing', {}, {}],
    ['null', null, {}],
    ['an empty list', [], {}],
  ])('are read from %s', (_title, usage, expected) => {
    expect(read(usage)).toEqual({ usage: expected, isReadable: true })
  })

  it('of input include those of the cache, where a vendor keeps them apart', () => {
    const apart = {
      input_tokens: 5,
      cache_read_input_tokens: 70,
      cache_creation_input_tokens: 11,
      output_tokens: 2,
    }
    const expected = { inputTokens: 86, outputTokens: 2, details: { cache_read: 70, cache_write: 11 } }
    expect(read(apart).usage).toEqual(expected)
    expect(
      read(
        { input_tokens: 5, cache_read_input_tokens: 70 },
        { cache_creation_input_tokens: 11, output_tokens: 2 },
      ).usage,
    ).toEqual(expected)
  })

  it('of the cache are inside where the vendor counts prompt tokens', () => {
    const inside = {
      prompt_tokens: 86,
      completion_tokens: 2,
      cache_read_input_tokens: 70,
      cache_creation_input_tokens: 11,
    }
    expect(read(inside).usage).toEqual({
      inputTokens: 86,
      outputTokens: 2,
      details: { cache_read: 70, cache_write: 11 },
    })
  })

  it.each([
    ['shows that it was left out', 165, 125],
    ['shows that it is inside', 65, 25],
    ['shows neither', 170, 25],
    ['is not said', undefined, 25],
  ])('of reasoning are added to the output when the total %s', (_title, total, outputTokens) => {
    const details = { reasoning_tokens: 100 }
    for (const usage of [
      { prompt_tokens: 40, completion_tokens: 25, total_tokens: total, completion_tokens_details: details },
      { input_tokens: 40, output_tokens: 25, total_tokens: total, output_tokens_details: details },
    ]) {
      expect(read(usage).usage.outputTokens).toBe(outputTokens)
    }
  })

  it('said again count as they were said last, field by field', () => {
    const { usage } = read(
      { input_tokens: 25, cache_read_input_tokens: 4, output_tokens: 1 },
      null,
      { output_tokens: 9 },
      { output_tokens: 15 },
    )
    expect(usage).toEqual({ inputTokens: 29, outputTokens: 15, details: { cache_read: 4 } })
  })

  it.each(['12', -1, 1.5, 1e308, Infinity, NaN, true, [1], {}, 2 ** 53])(
    'are not counted from %j',
    (count) => {
      const { usage, isReadable } = read({ prompt_tokens: count, completion_tokens: 4 })
      expect(usage).toEqual({ outputTokens: 4 })
      expect(isReadable).toBe(false)
    },
  )

  it.each(['12', 12, true, [12]])('are not read from usage that is %j', (usage) => {
    expect(read(usage)).toEqual({ usage: {}, isReadable: false })
  })

  it('stay safe numbers when they are added', () => {
    const big = Number.MAX_SAFE_INTEGER
    expect(read({ input_tokens: big, cache_read_input_tokens: big }).usage.inputTokens).toBe(big)
  })
})

describe('units', () => {
  it.each([
    [{ seconds: 11.4 }, { second: 11.4 }],
    [{ characters: 267 }, { character: 267 }],
    [{ pages_processed: 3, doc_size_bytes: 9 }, { page: 3 }],
    [{ generated_images: 2, output_tokens: 5, total_tokens: 5 }, { image: 2 }],
  ])('are taken from %j as %j', (usage, units) => {
    expect(read(usage).usage.units).toEqual(units)
  })

  it.each([{ total_characters: 8 }, { duration: 5 }, { num_sources_used: 3 }, { cost: 0.1 }])(
    'are not made of %j',
    (usage) => {
      expect(read(usage)).toEqual({ usage: {}, isReadable: true })
    },
  )
})

function cost(
  headers: Record<string, string>,
  ...metaUsages: unknown[]
): WritableUsage & { isUnreadable: boolean } {
  const header = readCostHeaders(headers)
  const body: Cost = { isUnreadable: false }
  for (const metaUsage of metaUsages) collectCost(metaUsage, body)
  const usage: WritableUsage = {}
  addCost(usage, header, body)
  return { ...usage, isUnreadable: header.isUnreadable || body.isUnreadable }
}
const CREDITS = 'x-aimlapi-credits-used'
const USD = 'x-aimlapi-usd-spent'

describe('cost', () => {
  it.each([
    [
      'the header before the body',
      { [CREDITS]: '10' },
      [{ credits_used: 20 }],
      { credits: 10, usd: 0.000005 },
    ],
    ['the body alone', {}, [{ credits_used: 20, usd_spent: 0.00001 }], { credits: 20, usd: 0.00001 }],
    ['credits under their old name', {}, [{ tokens_used: 20 }], { credits: 20, usd: 0.00001 }],
    [
      'the new name before the old one',
      {},
      [{ tokens_used: 7, credits_used: 20 }],
      { credits: 20, usd: 0.00001 },
    ],
    [
      'credits in the body before dollars in the header',
      { [USD]: '1.0' },
      [{ credits_used: 20 }],
      { credits: 20, usd: 1 },
    ],
    ['dollars in the header, as credits', { [USD]: '0.001240000' }, [], { credits: 2480, usd: 0.00124 }],
    ['dollars in the body, rounded', {}, [{ usd_spent: 0.0000009 }], { credits: 2, usd: 0.0000009 }],
    [
      'dollars that disagree with credits, both',
      {},
      [{ credits_used: 52_000, usd_spent: 0.00153 }],
      { credits: 52_000, usd: 0.00153 },
    ],
    [
      'dollars in the header before those in the body',
      { [USD]: '0.5' },
      [{ usd_spent: 0.25 }],
      { credits: 1_000_000, usd: 0.5 },
    ],
    ['zero', { [CREDITS]: '0', [USD]: '0.000000000' }, [{ credits_used: 5 }], { credits: 0, usd: 0 }],
    [
      'the last of several bodies',
      {},
      [{ credits_used: 5 }, null, { credits_used: 6 }],
      { credits: 6, usd: 0.000003 },
    ],
    ['white space around', { [CREDITS]: ' 10 ' }, [], { credits: 10, usd: 0.000005 }],
    ['nothing', {}, [null, undefined, {}], {}],
  ])('is %s', (_title, headers, bodies, expected) => {
    expect(cost(headers, ...bodies)).toEqual({ ...expected, isUnreadable: false })
  })

  it.each(['', 'abc', '-5', '1.5', '1e3', '0x10', 'NaN', 'Infinity', '99999999999999999', '10, 10'])(
    'in a credits header of %j is none, and the body counts',
    (text) => {
      expect(cost({ [CREDITS]: text })).toEqual({ isUnreadable: text !== '' })
      expect(cost({ [CREDITS]: text }, { credits_used: 3 })).toMatchObject({ credits: 3, usd: 0.0000015 })
    },
  )

  it.each(['abc', '-0.5', '1e308', 'NaN', '1e99', '9999999999999999', '.5'])(
    'in a dollar header of %j is none',
    (text) => {
      expect(cost({ [USD]: text })).toEqual({ isUnreadable: true })
    },
  )

  it.each(['12', -1, 1.5, 1e308, true, [5], {}])('in the body of %j is none', (value) => {
    expect(cost({}, { credits_used: value })).toEqual({ isUnreadable: true })
    expect(cost({}, { tokens_used: value })).toEqual({ isUnreadable: true })
    expect(cost({}, { credits_used: value, usd_spent: 0.5 })).toMatchObject({ credits: 1_000_000, usd: 0.5 })
  })

  it.each(['0.5', -1, 1e308, 1e12, true, [5]])('of %j dollars in the body is none', (value) => {
    expect(cost({}, { usd_spent: value })).toEqual({ isUnreadable: true })
  })

  it.each(['12', 12, [12]])('is not read from meta.usage that is %j', (value) => {
    expect(cost({}, value)).toEqual({ isUnreadable: true })
  })
})

it('whatever is said, only finite, safe numbers that are not negative are counted', () => {
  assert(
    property(jsonValue(), jsonValue(), (any, other) => {
      const figures: Figures = {}
      for (const usage of [
        any,
        { prompt_tokens: any, total_tokens: other, seconds: any },
        { input_tokens: other, cache_read_input_tokens: any },
      ]) {
        collectFigures(usage, figures)
      }
      const usage = summarize(figures)
      const paid = cost({}, { credits_used: any, usd_spent: other })
      const { inputTokens = 0, outputTokens = 0, details = {}, units = {} } = usage
      for (const number of [inputTokens, outputTokens, ...Object.values(details), paid.credits ?? 0]) {
        expect(Number.isSafeInteger(number) && number >= 0).toBe(true)
      }
      for (const number of [...Object.values(units), paid.usd ?? 0]) {
        expect(Number.isFinite(number) && number >= 0).toBe(true)
      }
    }),
  )
})
