import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AttributeSet } from '../../../src/telemetry/attributes.ts'
import { cleanModel, cleanText, limitValues } from '../../../src/telemetry/cardinality.ts'
import { splitByModality } from '../../../src/telemetry/modality.ts'

describe('label values', () => {
  it.each(['openai/gpt-5', '#g1_nova-2-general', 'claude-sonnet-4@20250514', 'meta/llama:free', 'модель-1'])(
    'accept %s as a model',
    (model) => expect(cleanModel(model)).toBe(model),
  )

  it.each(['', 'two words', 'line\nbreak', 'x'.repeat(129), '{"a":1}'])(
    'do not accept %j as a model',
    (model) => expect(cleanModel(model)).toBeUndefined(),
  )

  it('of any text are short, in one line and valid Unicode', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 140 }), (raw) => {
        const text = cleanText(raw) ?? 'absent'
        return text.length > 0 && text.length <= 128 && !/[\r\n]/.test(text) && !/\p{Surrogate}/u.test(text)
      }),
      { numRuns: 50 },
    )
    expect(cleanText('a\uD800b')).toBe('a\uFFFDb')
  })

  it('stay within the cap for any sequence of values, and never change for a value once admitted', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.integer({ min: 1, max: 5 }), (raws, max) => {
        const admit = limitValues(max, cleanText)
        const shown = raws.map((raw) => admit(raw))
        const again = raws.map((raw) => admit(raw))
        const distinct = new Set(shown.filter((value) => value !== 'other'))
        expect(distinct.size).toBeLessThanOrEqual(max)
        expect(again.every((value, index) => value === shown[index] || shown[index] === 'other')).toBe(true)
      }),
    )
  })
})

describe('an attribute set', () => {
  it('gives the same object for the same attributes', () => {
    const set = new AttributeSet({ b: 1, a: 2 })
    expect(set.with('c', 'x').with('d', 'y').attributes).toBe(set.with('c', 'x').with('d', 'y').attributes)
    expect(set.with('c', 'x').attributes).toEqual({ a: 2, b: 1, c: 'x' })
    expect(set.with('c', 'z').attributes).not.toBe(set.with('c', 'x').attributes)
  })
})

describe('tokens by modality', () => {
  const count = fc.option(fc.nat(1000), { nil: undefined })

  it('always add up to the total', () => {
    fc.assert(
      fc.property(fc.nat(2000), count, count, count, count, (total, text, image, audio, video) => {
        const given = { output_text: text, output_image: image, output_audio: audio, output_video: video }
        const details = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
        const parts = splitByModality('output', total, details, 'chat')
        expect(parts.reduce((sum, [, tokens]) => sum + tokens, 0)).toBe(total)
      }),
    )
  })

  it('are unknown when the details exceed the total, or there are none', () => {
    expect(splitByModality('input', 5, { input_audio: 9 }, 'chat')).toEqual([['unknown', 5]])
    expect(splitByModality('input', 5, undefined, 'image_generation')).toEqual([['unknown', 5]])
    expect(splitByModality('input', 5, undefined, 'chat')).toEqual([['text', 5]])
  })
})
