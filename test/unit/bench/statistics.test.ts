import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compare, plainOf, quantile, spreadOf, type Round, type Slice } from '../../bench/statistics.ts'

const slice = (p50Us: number, cpuUs = p50Us): Slice => ({ calls: 10, p50Us, cpuUs })

describe('the statistics of the benchmark', () => {
  it('takes quartiles between the closest ranks', () => {
    expect(spreadOf([4, 1, 3, 2])).toEqual({ q1: 1.75, median: 2.5, q3: 3.25 })
    expect(spreadOf([7])).toEqual({ q1: 7, median: 7, q3: 7 })
  })

  it('keeps quantiles in order and within the values', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1 }), (values) => {
        const { q1, median, q3 } = spreadOf(values)
        expect(quantile(values, 0)).toBe(Math.min(...values))
        expect(quantile(values, 1)).toBe(Math.max(...values))
        const ordered = [q1, median, q3]
        expect([...ordered].sort((a, b) => a - b)).toEqual(ordered)
      }),
    )
  })

  it('knows no quantile of nothing', () => {
    expect(() => quantile([], 0.5)).toThrow(RangeError)
  })

  it('compares a slice with the plain one of its round and with no other', () => {
    const rounds: Round[] = [
      { plain: slice(100), subject: slice(110) },
      { plain: slice(1000), subject: slice(1200) },
      { plain: slice(10), subject: slice(13) },
    ]
    const { p50, addedP50Us, rounds: count } = compare(rounds)
    expect(p50.median).toBeCloseTo(1.2)
    expect(addedP50Us.median).toBeCloseTo(10)
    expect(count).toBe(3)
  })

  it('says of the main thread and the heap what is known', () => {
    const round = { plain: slice(100), subject: slice(110) }
    expect(compare([round])).not.toHaveProperty('addedThreadCpuUs')
    expect(compare([round])).not.toHaveProperty('addedBytes')
    const withThread = {
      plain: { ...slice(100), threadCpuUs: 80 },
      subject: { ...slice(110), threadCpuUs: 95 },
    }
    const known = compare([round, withThread], 1234)
    expect(known.addedThreadCpuUs?.median).toBe(15)
    expect(known.addedBytes).toBe(1234)
  })

  it('takes the medians of what a plain call costs', () => {
    expect(plainOf([slice(100, 40), slice(104, 44), slice(900, 900)])).toEqual({ p50Us: 104, cpuUs: 44 })
  })
})
