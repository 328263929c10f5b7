import { describe, expect, it } from 'vitest'
import { AnsweredCalls } from '../../../src/calls/answered-calls.ts'
import type { AnsweredCall } from '../../../src/ports.ts'

const HOUR = 3_600_000
const CALL: AnsweredCall = { ids: [], startTimeMs: 0, credits: () => 5 }

function rememberMany(calls: AnsweredCalls, count: number): void {
  for (let n = 0; n < count; n++) {
    calls.addInference(`inference-${n}`)
    calls.add(`request-${n}`, {}, CALL)
  }
}

/** How many of so many remembered ids are known, of either kind. */
function keptOf(calls: AnsweredCalls, count: number): number[] {
  const numbers = Array.from({ length: count }, (_, n) => n)
  return [
    numbers.filter((n) => calls.hasInference(`inference-${n}`)).length,
    numbers.filter((n) => calls.under(`request-${n}`).length > 0).length,
  ]
}

describe('calls that were answered', () => {
  it('are kept as long as a call can wait for its row in the log, and at most twice as long', () => {
    const calls = new AnsweredCalls()
    calls.expire(0)
    rememberMany(calls, 3)
    calls.expire(24 * HOUR - 1)
    calls.expire(24 * HOUR)
    expect([calls.hasInference('inference-2'), calls.under('request-2')]).toEqual([true, [CALL]])
    calls.expire(48 * HOUR)
    expect(keptOf(calls, 3)).toEqual([0, 0])
  })

  it('are bounded in number, of which the newest 10,000 are always kept', () => {
    const calls = new AnsweredCalls()
    rememberMany(calls, 50_000)
    for (const kept of keptOf(calls, 50_000)) expect(kept).toBeLessThanOrEqual(20_000)
    expect(calls.hasInference('inference-0')).toBe(false)
    for (const n of [40_000, 49_999]) {
      expect(calls.hasInference(`inference-${n}`)).toBe(true)
      expect(calls.under(`request-${n}`)).toEqual([CALL])
    }
  })

  it('under one client request id are at most 32', () => {
    const calls = new AnsweredCalls()
    for (let n = 0; n < 100; n++) calls.add('request', {}, CALL)
    expect(calls.under('request')).toHaveLength(32)
  })
})
