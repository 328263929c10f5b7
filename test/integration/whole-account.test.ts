import { describe, expect, it } from 'vitest'
import { createClient } from '../../src/account/client.ts'
import { createRandom } from '../simulator/random.ts'
import { runAccount } from '../soak/account-run.ts'
import { createSteppedClock } from '../soak/stepped-clock.ts'

/** Five minutes before a day and a month end. */
const LATE_MS = Date.UTC(2026, 2, 31, 23, 55)

describe('a whole account', { timeout: 600_000 }, () => {
  it('with 200 charges a second and 5 % failing answers is followed for ten minutes, through a top-up and midnight, with two requests a second', async () => {
    const clock = createSteppedClock(LATE_MS, createRandom('ten minutes').next)
    const result = await runAccount({
      seed: 'ten minutes',
      clock,
      pass: (ms) => clock.pass(ms),
      client: clock.watch(createClient()),
      chargesPerSecond: 200,
      minutes: 10,
      settlingMinutes: 6,
      failing: 0.05,
    })
    const wrong = result.comparisons.filter(({ found, booked }) => Math.abs(found - booked) > booked * 0.005)
    expect(wrong).toStrictEqual([])
    expect(result.comparisons.map(({ what }) => what)).toEqual(
      expect.arrayContaining(['charged', 'top-ups', 'tokens', 'failed requests']),
    )
    // Two keys, six models.
    expect(result.comparisons).toHaveLength(4 + 2 * 6)
    expect(result.charges).toBe(120_000)
    expect(result.requestsPerSecond).toBeLessThanOrEqual(2)
    // It has more rows than can be read one by one, which is shown, and holds nothing else up.
    expect(result.ledgerLagSeconds).toBeGreaterThan(60)
  })
})
