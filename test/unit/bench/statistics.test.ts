import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compare, plainOf, quantile, spreadOf, type Pair, type Slice } from '../../bench/statistics.ts'

const slice = (p50Us: number, cpuUs = p50Us, wallUs = p50Us): Slice => ({ calls: 10, p50Us, cpuUs, wallUs })

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

  it('compares the slices of a pair with each other and with no other pair', () => {
    const pairs: Pair[] = [
      { plain: [slice(100), slice(100)], on: [slice(110), slice(110)] },
      { plain: [slice(1000), slice(1000)], on: [slice(1200), slice(1200)] },
      { plain: [slice(10), slice(10)], on: [slice(13), slice(13)] },
    ]
    const { p50, throughput, addedP50Us, pairs: count } = compare(pairs)
    expect(p50.median).toBeCloseTo(1.2)
    expect(throughput?.median).toBeCloseTo(1 / 1.2)
    expect(addedP50Us.median).toBeCloseTo(10)
    expect(count).toBe(3)
  })

  it('cancels a machine that becomes steadily slower', () => {
    const drifting: Pair = { plain: [slice(100), slice(130)], on: [slice(110), slice(120)] }
    expect(compare([drifting]).cpu.median).toBeCloseTo(1)
  })

  it('says no throughput where the server sets the pace', () => {
    const paced: Pair = { plain: [slice(100, 50, 0)], on: [slice(101, 55, 0)] }
    expect(compare([paced])).not.toHaveProperty('throughput')
  })

  it('takes what a plain call costs from the plain slices alone', () => {
    const pairs: Pair[] = [{ plain: [slice(100, 40), slice(102, 44)], on: [slice(900, 900)] }]
    expect(plainOf(pairs)).toEqual({ p50Us: 101, cpuUs: 42 })
  })
})
