import { describe, expect, it } from 'vitest'
import { KeptResults, takeItem } from '../../../src/calls/batch-results.ts'

describe('the results of batches', () => {
  it('are remembered up to a bound over all batches; the batch that was read first takes none then', () => {
    const kept = new KeptResults(3)
    const [first, second] = [kept.begin(), kept.begin()]
    for (const id of ['a', 'b']) expect(takeItem(first, id, 1)).toBe(true)
    for (const id of ['a', 'b']) expect(takeItem(second, id, 1)).toBe(true)
    expect(takeItem(first, 'a', 1)).toBe(false)
    const third = kept.begin()
    expect(first.items.size).toBe(0)
    expect(['a', 'c'].map((id) => takeItem(first, id, 1))).toEqual([false, false])
    expect([second, third].map((results) => takeItem(results, 'c', 1))).toEqual([true, true])
    expect(takeItem(second, 'a', 1)).toBe(false)
  })
})
