import { describe, expect, it } from 'vitest'
import { findStartWindows } from '../../../src/account/start-windows.ts'

const find = (starts: number[]) => findStartWindows(starts, (start) => start, 10, 60)

describe('the stretches in which calls began', () => {
  it('reach before and after each start, oldest first', () => {
    expect(find([500, 100])).toStrictEqual([
      { startMs: 90, endMs: 110, items: [100] },
      { startMs: 490, endMs: 510, items: [500] },
    ])
  })

  it('are one where they overlap, up to a length that is read in one go', () => {
    expect(find([100, 115, 130])).toStrictEqual([{ startMs: 90, endMs: 140, items: [100, 115, 130] }])
    expect(find([100, 115, 130, 145])).toStrictEqual([
      { startMs: 90, endMs: 140, items: [100, 115, 130] },
      { startMs: 135, endMs: 155, items: [145] },
    ])
  })

  it('are none without calls', () => {
    expect(find([])).toStrictEqual([])
  })
})
