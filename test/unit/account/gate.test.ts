import { describe, expect, it } from 'vitest'
import { createGate } from '../../../src/account/gate.ts'
import { ManualClock } from './fakes.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND

describe('the gate of a key', () => {
  it('lets requests pass one after the other, in their order', async () => {
    const clock = new ManualClock()
    const gate = createGate(SECOND, clock)
    const passed: [string, number][] = []
    for (const name of ['a', 'b', 'c']) void gate.pass().then(() => passed.push([name, clock.monotonicMs()]))
    await clock.pass(5 * SECOND)
    expect(passed).toStrictEqual([
      ['a', 0],
      ['b', SECOND],
      ['c', 2 * SECOND],
    ])
  })

  it('waits as long as a refusal asks', async () => {
    const clock = new ManualClock()
    const gate = createGate(SECOND, clock)
    gate.refused(20 * SECOND)
    let passedAtMs = 0
    void gate.pass().then(() => (passedAtMs = clock.monotonicMs()))
    await clock.pass(MINUTE)
    expect(passedAtMs).toBeGreaterThanOrEqual(20 * SECOND)
    expect(passedAtMs).toBeLessThan(25 * SECOND)
  })

  it('shares 200 requests a minute among ten replicas about equally, hardly ever refused', async () => {
    const clock = new ManualClock()
    const recent: number[] = []
    const counts = Array.from({ length: 10 }, () => ({ answered: 0, refused: 0 }))
    const answer = (): boolean => {
      while ((recent[0] ?? Number.POSITIVE_INFINITY) <= clock.monotonicMs() - MINUTE) recent.shift()
      if (recent.length >= 200) return false
      recent.push(clock.monotonicMs())
      return true
    }
    async function replicate(
      gate: ReturnType<typeof createGate>,
      count: { answered: number; refused: number },
    ): Promise<void> {
      for (;;) {
        await gate.pass()
        // Randomness of its own for each.
        clock.chance = (clock.chance * 7919 + 0.137) % 1
        if (answer()) {
          count.answered += 1
          gate.answered()
        } else {
          count.refused += 1
          gate.refused()
        }
      }
    }
    for (const count of counts) void replicate(createGate(SECOND, clock), count)
    await clock.pass(10 * MINUTE)
    for (const count of counts) Object.assign(count, { answered: 0, refused: 0 })
    await clock.pass(30 * MINUTE)
    const answered = counts.map((count) => count.answered)
    const refused = counts.reduce((sum, count) => sum + count.refused, 0)
    const total = answered.reduce((sum, count) => sum + count, 0)
    expect(total / 30).toBeGreaterThan(120)
    expect(refused / total).toBeLessThan(0.25)
    expect(Math.max(...answered) / Math.min(...answered)).toBeLessThan(2)
  })
})
