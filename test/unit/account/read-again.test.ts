import { describe, expect, it } from 'vitest'
import { LAST_READING_AGE_MS, ReadAgain } from '../../../src/account/read-again.ts'

const MINUTE = 60_000

describe('stretches to be read again', () => {
  it('are joined to a few minutes, so that a day of them is a few hundred', () => {
    const stretches = new ReadAgain()
    for (let atMs = 0; atMs < LAST_READING_AGE_MS; atMs += MINUTE) stretches.add(atMs, atMs + MINUTE)
    const nowMs = 2 * LAST_READING_AGE_MS
    let count = 0
    for (let due; (due = stretches.due(nowMs)) !== undefined; count += 1) stretches.done(due, nowMs)
    expect(count).toBe(LAST_READING_AGE_MS / (5 * MINUTE))
  })

  it('are due oldest first, each age once, and then gone', () => {
    const stretches = new ReadAgain()
    stretches.add(0, MINUTE)
    const ages: number[] = []
    for (let nowMs = 0; nowMs <= 2 * LAST_READING_AGE_MS; nowMs += MINUTE) {
      const due = stretches.due(nowMs)
      if (due === undefined) continue
      ages.push((nowMs - due.endMs) / MINUTE)
      stretches.done(due, nowMs)
    }
    expect(ages).toStrictEqual([10, 20, 45, 90, 180, 360, 720, 1500])
    expect(stretches.due(Number.MAX_SAFE_INTEGER)).toBeUndefined()
  })

  it('that were missed for long are read once, not once for every age missed', () => {
    const stretches = new ReadAgain()
    stretches.add(0, MINUTE)
    const nowMs = 100 * MINUTE
    stretches.done(stretches.due(nowMs) ?? { startMs: 0, endMs: 0 }, nowMs)
    expect(stretches.due(nowMs)).toBeUndefined()
    expect(stretches.due(181 * MINUTE)).toStrictEqual(expect.objectContaining({ startMs: 0, endMs: MINUTE }))
  })

  it('are halved when they are too long, and cut where nothing is known any more', () => {
    const stretches = new ReadAgain()
    stretches.add(0, 4 * MINUTE)
    stretches.halve(stretches.due(LAST_READING_AGE_MS) ?? { startMs: 0, endMs: 0 })
    expect(stretches.due(LAST_READING_AGE_MS)).toMatchObject({ startMs: 0, endMs: 2 * MINUTE })
    stretches.forget(MINUTE)
    expect(stretches.due(LAST_READING_AGE_MS)).toMatchObject({ startMs: MINUTE, endMs: 2 * MINUTE })
    stretches.forget(2 * MINUTE)
    expect(stretches.due(LAST_READING_AGE_MS)).toMatchObject({ startMs: 2 * MINUTE, endMs: 4 * MINUTE })
  })
})
