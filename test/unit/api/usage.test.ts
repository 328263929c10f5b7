import {
  array,
  assert,
  constantFrom,
  double,
  infiniteStream,
  jsonValue,
  nat,
  oneof,
  property,
  record,
} from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addCost, collectCost, collectRunCost, readCostHeaders, type Cost } from '../../../src/api/cost.ts'
import { UsageFigures, type WritableUsage } from '../../../src/api/usage.ts'
import type { Usage } from '../../../src/types.ts'

function read(...parts: unknown[]): { usage: Usage; isReadable: boolean } {
  const figures = new UsageFigures()
  for (const part of parts) figures.add(part)
  return { usage: figures.summarize(), isReadable: !figures.isUnreadable }
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
    [
      'one half by each vendor’s name',
      { prompt_tokens: 3, output_tokens: 4 },
      { inputTokens: 3, outputTokens: 4 },
    ],
    ['the other half', { input_tokens: 3, completion_tokens: 4 }, { inputTokens: 3, outputTokens: 4 }],
    [
      'the names of both vendors, one of them filled with zeros',
      { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0, input_tokens: 3, output_tokens: 4 },
      { inputTokens: 3, outputTokens: 4 },
    ],
    [
      'the names of both vendors, where each says all',
      { prompt_tokens: 3, completion_tokens: 4, input_tokens: 3, output_tokens: 4 },
      { inputTokens: 3, outputTokens: 4 },
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

  it('that are repeated count with their largest value, field by field', () => {
    const { usage } = read(
      { input_tokens: 25, cache_read_input_tokens: 4, output_tokens: 1 },
      null,
      { output_tokens: 9 },
      { output_tokens: 15 },
    )
    expect(usage).toEqual({ inputTokens: 29, outputTokens: 15, details: { cache_read: 4 } })
  })

  it.each([
    { input_tokens: 0, output_tokens: 16 },
    { input_tokens: 0, output_tokens: 0, cache_read_input_tokens: 0, cache_creation_input_tokens: 0 },
    { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 },
    { input_tokens: 49, output_tokens: 3 },
  ])('that %j repeats smaller stay what they were', (later) => {
    const first = {
      input_tokens: 50,
      cache_read_input_tokens: 2400,
      cache_creation_input_tokens: 7,
      output_tokens: 16,
    }
    expect(read(first, later)).toEqual(read(first))
    expect(read(later, first)).toEqual(read(first))
  })

  it('are the same in any order and repetition of their parts', () => {
    const count = nat(1000)
    const part = oneof(
      record({ prompt_tokens: count, completion_tokens: count, total_tokens: count, cached_tokens: count }),
      record({ input_tokens: count, output_tokens: count, cache_read_input_tokens: count }),
      record({ input_tokens: count, output_tokens_details: record({ reasoning_tokens: count }) }),
      record({ seconds: count, images: count }),
      constantFrom({}, null, { input_tokens: 0, output_tokens: 0 }),
    )
    assert(
      property(array(part, { maxLength: 8 }), infiniteStream(nat()), (parts, random) => {
        const shuffled = [...parts, ...parts].sort(() => (random.next().value % 2 === 0 ? 1 : -1))
        expect(read(...shuffled)).toEqual(read(...parts))
      }),
    )
  })

  it('that are no number in one part are readable when another part has them', () => {
    const broken = { prompt_tokens: 'many', completion_tokens: 2 }
    expect(read(broken).isReadable).toBe(false)
    expect(read(broken, { prompt_tokens: 3 })).toEqual({
      usage: { inputTokens: 3, outputTokens: 2 },
      isReadable: true,
    })
  })

  it.each([
    { prompt_tokens: 3, completion_tokens: 4, total_tokens: 'x' },
    { prompt_tokens: 3, completion_tokens: 4, prompt_tokens_details: { cached_tokens: 'x' } },
    { prompt_tokens: 3, completion_tokens: 4, completion_tokens_details: 'x' },
  ])('are readable beside details that are not: %j', (usage) => {
    expect(read(usage)).toEqual({ usage: { inputTokens: 3, outputTokens: 4 }, isReadable: true })
  })

  it('of Moonshot name the cached ones at the top', () => {
    expect(
      read({ prompt_tokens: 19, completion_tokens: 13, total_tokens: 32, cached_tokens: 12 }).usage,
    ).toEqual({ inputTokens: 19, outputTokens: 13, details: { cache_read: 12 } })
  })

  it('of Perplexity name those of reasoning at the top, inside the completion or outside of it', () => {
    const usage = { prompt_tokens: 10, completion_tokens: 20, total_tokens: 30, reasoning_tokens: 5 }
    expect(read(usage).usage).toEqual({ inputTokens: 10, outputTokens: 20, details: { reasoning: 5 } })
    expect(read({ ...usage, total_tokens: 35 }).usage.outputTokens).toBe(25)
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
    [{ server_side_tool_usage: { web_search: 2, x_search: 1 } }, { tool_call: 3 }],
  ])('are taken from %j as %j', (usage, units) => {
    expect(read(usage).usage.units).toEqual(units)
  })

  it.each([
    { total_characters: 8 },
    { duration: 5 },
    { num_sources_used: 3 },
    { server_side_tool_usage: { web_search: 0 } },
    { cost: 0.1 },
  ])('are not made of %j', (usage) => {
    expect(read(usage)).toEqual({ usage: {}, isReadable: true })
  })
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
      { credits: 20, usd: 0.00001 },
    ],
    [
      'dollars of where the credits are from',
      { [CREDITS]: '10' },
      [{ credits_used: 20, usd_spent: 0.00001 }],
      { credits: 10, usd: 0.000005 },
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
      'the largest of several bodies',
      {},
      [{ credits_used: 5 }, null, { credits_used: 6 }, { credits_used: 0 }],
      { credits: 6, usd: 0.000003 },
    ],
    ['white space around', { [CREDITS]: ' 10 ' }, [], { credits: 10, usd: 0.000005 }],
    ['nothing', {}, [null, undefined, {}], {}],
  ])('is %s', (_title, headers, bodies, expected) => {
    expect(cost(headers, ...bodies)).toEqual({ ...expected, isUnreadable: false })
  })

  it.each([
    ['1199.0', 1199],
    ['1199.5', 1199.5],
    ['1e3', 1000],
    ['1.5E+3', 1500],
    ['0.000001', 0.000001],
    ['007', 7],
    ['.5', 0.5],
    ['5.', 5],
    ['+5', 5],
  ])('in a credits header or body of %j is %d', (text, credits) => {
    expect(cost({ [CREDITS]: text })).toMatchObject({ credits, isUnreadable: false })
    expect(cost({}, { credits_used: text })).toMatchObject({ credits, isUnreadable: false })
    expect(cost({}, { credits_used: credits })).toMatchObject({ credits, isUnreadable: false })
  })

  it('is the same as a number, as text and in a header, for any decimal', () => {
    const decimal = double({ min: 0, max: 2 ** 40, noNaN: true })
    assert(
      property(decimal, (credits) => {
        const text = String(credits)
        const expected = { credits: credits + 0, usd: credits / 2_000_000, isUnreadable: false }
        expect(cost({ [CREDITS]: text })).toEqual(expected)
        expect(cost({}, { credits_used: text })).toEqual(expected)
        expect(cost({}, { credits_used: credits })).toEqual(expected)
      }),
    )
  })

  it.each(['', 'abc', '-5', '1,5', '1_000', '0x10', 'NaN', 'Infinity', '99999999999999999', '10, 10'])(
    'in a credits header of %j is none, and the body counts',
    (text) => {
      expect(cost({ [CREDITS]: text })).toEqual({ isUnreadable: text !== '' })
      expect(cost({ [CREDITS]: text }, { credits_used: 3 })).toMatchObject({ credits: 3, usd: 0.0000015 })
    },
  )

  it.each(['abc', '-0.5', '1e308', 'NaN', '1e99', '9999999999999999', '.', '-0'])(
    'in a dollar header of %j is none',
    (text) => {
      expect(cost({ [USD]: text })).toEqual({ isUnreadable: true })
    },
  )

  it.each(['twelve', '-1', -1, 1e308, NaN, true, [5], {}])('in the body of %j is none', (value) => {
    expect(cost({}, { credits_used: value })).toEqual({ isUnreadable: true })
    expect(cost({}, { tokens_used: value })).toEqual({ isUnreadable: true })
    expect(cost({}, { credits_used: value, usd_spent: 0.5 })).toMatchObject({ credits: 1_000_000, usd: 0.5 })
  })

  it.each(['half', '-0.5', -1, 1e308, 1e12, true, [5]])('of %j dollars in the body is none', (value) => {
    expect(cost({}, { usd_spent: value })).toEqual({ isUnreadable: true })
  })

  it.each(['12', 12, [12]])('is not read from meta.usage that is %j', (value) => {
    expect(cost({}, value)).toEqual({ isUnreadable: true })
  })
})

describe('the cost of a tool run', () => {
  it.each([
    [
      { quoted_usd: 0.5, actual_usd: 0.0078, credits: 15_600 },
      { credits: 15_600, usd: 0.0078 },
    ],
    [
      { quoted_usd: 0.5, actual_usd: 0.0078 },
      { credits: 15_600, usd: 0.0078 },
    ],
    [{ quoted_usd: 0.5 }, {}],
    [{ quoted_usd: 0.5, actual_usd: null, credits: null }, {}],
    [null, {}],
    ['free', {}],
  ])('of %j is %j, never what was quoted', (runCost, expected) => {
    const said: Cost = { isUnreadable: false }
    collectRunCost(runCost, said)
    const usage: WritableUsage = {}
    addCost(usage, said, { isUnreadable: false })
    expect(usage).toEqual(expected)
  })
})

it('of any values, only finite, safe numbers that are not negative are counted', () => {
  assert(
    property(jsonValue(), jsonValue(), (any, other) => {
      const figures = new UsageFigures()
      for (const usage of [
        any,
        { prompt_tokens: any, total_tokens: other, seconds: any },
        { input_tokens: other, cache_read_input_tokens: any },
      ]) {
        figures.add(usage)
      }
      const usage = figures.summarize()
      const paid = cost({}, { credits_used: any, usd_spent: other })
      const { inputTokens = 0, outputTokens = 0, details = {}, units = {} } = usage
      for (const number of [inputTokens, outputTokens, ...Object.values(details)]) {
        expect(Number.isSafeInteger(number) && number >= 0).toBe(true)
      }
      for (const number of [...Object.values(units), paid.credits ?? 0, paid.usd ?? 0]) {
        expect(Number.isFinite(number) && number >= 0).toBe(true)
      }
    }),
  )
})
