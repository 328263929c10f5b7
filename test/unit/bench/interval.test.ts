import { describe, expect, it } from 'vitest'
import { intervalOf, judgeInterval, type Interval } from '../../bench/interval.ts'

/** The chance that of so many tosses of a coin at most `heads` are heads. */
function atMost(heads: number, tosses: number): number {
  let chance = 0
  let term = 2 ** -tosses
  for (let count = 0; count <= heads; count++) {
    chance += term
    term *= (tosses - count) / (count + 1)
  }
  return chance
}

const interval = (low: number, median: number, high: number): Interval => ({ low, median, high, count: 9 })
const CONTROL = interval(-1, 0, 1)

describe('the interval of a median', () => {
  it('contains the median with 95 % confidence, and is hardly wider than that needs', () => {
    for (let count = 6; count <= 1000; count++) {
      const values = Array.from({ length: count }, (_, index) => index)
      const { low, high } = intervalOf(values)
      expect(low + high).toBe(count - 1)
      expect(2 * atMost(low - 1, count)).toBeLessThanOrEqual(0.05)
      expect(2 * atMost(low + 2, count)).toBeGreaterThan(0.05)
    }
  })

  it('does not depend on the order or on how far away the outliers are', () => {
    const { low, median, high, count } = intervalOf([3, 1, 2, 1e9, 4, 5, -1e9, 6, 7])
    expect([low, median, high, count]).toEqual([1, 4, 7, 9])
  })

  it('is not made of too few values', () => {
    expect(() => intervalOf([1, 2, 3, 4, 5])).toThrow(RangeError)
  })
})

describe('the judgement on an interval', () => {
  it('is certain only when all of it is on one side of the budget', () => {
    expect(judgeInterval(interval(5, 6, 9), CONTROL, 10)).toBe('within')
    expect(judgeInterval(interval(5, 6, 9.5), CONTROL, 10)).toBe('not decided')
    expect(judgeInterval(interval(11.5, 12, 15), CONTROL, 10)).toBe('over')
  })

  it('leaves room for what the control may be off by, in both directions', () => {
    const off = interval(-4, 0, 1)
    expect(judgeInterval(interval(5, 6, 7), off, 10)).toBe('not decided')
    expect(judgeInterval(interval(11, 12, 15), off, 10)).toBe('not decided')
    expect(judgeInterval(interval(5, 6, 6), off, 10)).toBe('within')
  })
})
