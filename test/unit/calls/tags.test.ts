import { describe, expect, it } from 'vitest'
import { setTimeout as sleep } from 'node:timers/promises'
import { currentSpendTags, withSpendTags } from '../../../src/calls/tags.ts'

describe('withSpendTags', () => {
  it('carries tags across awaits and gives back what the function returns', async () => {
    const seen = await withSpendTags({ team: 'search' }, async () => {
      await sleep(1)
      return currentSpendTags()
    })
    expect(seen).toEqual({ team: 'search' })
    expect(currentSpendTags()).toEqual({})
  })

  it('merges nested tags, the inner value winning', () => {
    const seen = withSpendTags({ team: 'search', feature: 'rank' }, () =>
      withSpendTags({ feature: 'answer' }, () => currentSpendTags()),
    )
    expect(seen).toEqual({ team: 'search', feature: 'answer' })
  })

  it('keeps concurrent callers apart', async () => {
    const seen = await Promise.all(
      ['a', 'b', 'c'].map((team) =>
        withSpendTags({ team }, async () => {
          await sleep(2)
          return currentSpendTags().team
        }),
      ),
    )
    expect(seen).toEqual(['a', 'b', 'c'])
  })

  it('lets what the function throws through', () => {
    expect(() =>
      withSpendTags({ team: 'x' }, () => {
        throw new RangeError('mine')
      }),
    ).toThrow(new RangeError('mine'))
  })

  it.each([[null], [undefined], ['team'], [{ team: 7 }], [{ '': 'x' }]])(
    'ignores tags that are none: %j',
    (tags) => {
      expect(withSpendTags(tags as never, () => currentSpendTags())).toEqual({})
    },
  )

  it('bounds the number of tags and the length of a value', () => {
    const many = Object.fromEntries(
      Array.from({ length: 100 }, (_, index) => [`t${index}`, 'x'.repeat(1000)]),
    )
    const seen = withSpendTags(many, () => currentSpendTags())
    expect(Object.keys(seen)).toHaveLength(32)
    expect(seen.t0).toHaveLength(256)
  })

  it('keeps a tag called __proto__ a tag', () => {
    const seen = withSpendTags(JSON.parse('{"__proto__":"x"}') as Record<string, string>, () =>
      currentSpendTags(),
    )
    expect(Object.entries(seen)).toEqual([['__proto__', 'x']])
  })
})
