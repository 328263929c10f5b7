import { describe, expect, it } from 'vitest'
import { SeenEntries } from '../../../src/account/seen-entries.ts'
import type { Transaction } from '../../../src/api/account.ts'

const MINUTE = 60_000
const entry = (createdMs: number): Transaction => ({
  dedupeKey: `at ${createdMs}`,
  hasReference: false,
  createdMs,
  direction: 'charge',
  type: 'MODEL_USAGE',
  credits: 1,
})

describe('entries seen before', () => {
  it('are new again once forgotten, so the time since which all are known is returned', () => {
    const seen = new SeenEntries()
    const moments = [0, MINUTE - 1, MINUTE, 2 * MINUTE]
    const first = seen.openWindow()
    for (const createdMs of moments) expect(first(entry(createdMs))).toBe(1)
    expect(seen.forget(MINUTE + 5)).toBe(MINUTE + 5)
    const second = seen.openWindow()
    expect(moments.map((createdMs) => second(entry(createdMs)))).toStrictEqual([1, 1, undefined, undefined])
  })

  it('are at most 100,000: the oldest minutes go first, and what they cover is not known any more', () => {
    const seen = new SeenEntries()
    const first = seen.openWindow()
    // Newest first, a thousand a minute, as the API tells them.
    for (let n = 105_000; n > 0; n -= 1) first(entry(n * 60))
    const knownFromMs = seen.forget(0)
    expect(knownFromMs).toBe(6 * MINUTE)
    const second = seen.openWindow()
    expect(second(entry(knownFromMs))).toBeUndefined()
    expect(second(entry(knownFromMs - 60))).toBe(1)
  })

  it('of the minute that is being read stay known, however many they are', () => {
    const seen = new SeenEntries()
    const first = seen.openWindow()
    const many = Array.from({ length: 100_002 }, (_, n) => ({ ...entry(0), dedupeKey: `${n}` }))
    for (const each of many) first(each)
    expect(seen.forget(0)).toBe(0)
    const second = seen.openWindow()
    expect(many.filter((each) => second(each))).toStrictEqual([])
  })
})
