import { describe, expect, it } from 'vitest'
import { SeenEntries } from '../../../src/account/seen-entries.ts'
import type { Transaction } from '../../../src/api/account.ts'

const entry = (createdMs: number): Transaction => ({
  identity: `at ${createdMs}`,
  createdMs,
  direction: 'charge',
  type: 'MODEL_USAGE',
  credits: 1,
})

describe('entries seen before', () => {
  it('are new again once forgotten, so the time from which on all are known is told', () => {
    const seen = new SeenEntries()
    const first = seen.openWindow()
    for (const createdMs of [10, 20, 30]) expect(first.isNew(entry(createdMs))).toBe(true)
    expect(seen.forget(20)).toBe(20)
    const second = seen.openWindow()
    expect([10, 20, 30].map((createdMs) => second.isNew(entry(createdMs)))).toStrictEqual([
      true,
      false,
      false,
    ])
  })

  it('are at most 20,000: the oldest go first, and what they cover is not known any more', () => {
    const seen = new SeenEntries()
    const first = seen.openWindow()
    for (let createdMs = 25_000; createdMs > 0; createdMs -= 1) first.isNew(entry(createdMs))
    const knownFromMs = seen.forget(0)
    expect(knownFromMs).toBe(5001)
    const second = seen.openWindow()
    expect(second.isNew(entry(knownFromMs))).toBe(false)
    expect(second.isNew(entry(knownFromMs - 1))).toBe(true)
  })
})
