import { describe, expect, it } from 'vitest'
import { createClient } from '../../src/account/client.ts'
import { createRandom } from '../simulator/random.ts'
import { runAccount, type AccountRunOptions, type AccountRunResult } from '../soak/account-run.ts'
import { createSteppedClock } from '../soak/stepped-clock.ts'

const MONTH_END_MS = Date.UTC(2026, 3, 1)
/** Two keys, six models. */
const FIGURES = 4 + 2 * 6

/** Over real sockets; day and month end in the middle. */
function run(
  options: Pick<AccountRunOptions, 'seed' | 'chargesPerSecond' | 'minutes' | 'skewMs'>,
): Promise<AccountRunResult> {
  const { seed, minutes } = options
  const clock = createSteppedClock(MONTH_END_MS - (minutes / 2) * 60_000, createRandom(seed).next)
  return runAccount({
    ...options,
    clock,
    pass: (ms) => clock.pass(ms),
    client: clock.watch(createClient()),
    settlingMinutes: 6,
    failing: 0.05,
  })
}

/** Figures that differ from the books by more than 0.5 %. */
function wrongOf({ comparisons }: AccountRunResult): unknown[] {
  return comparisons.filter(({ found, booked }) => Math.abs(found - booked) > booked * 0.005)
}

describe(
  'a whole account, while 5 % of the answers fail, the API restarts, and money comes and goes',
  {
    timeout: 300_000,
  },
  () => {
    it('with 200 charges a second is followed for ten minutes, over midnight, with two requests a second', async () => {
      const result = await run({ seed: 'ten minutes', chargesPerSecond: 200, minutes: 10 })
      expect(wrongOf(result)).toStrictEqual([])
      expect(result.comparisons.map(({ what }) => what)).toEqual(
        expect.arrayContaining(['charged', 'top-ups', 'tokens', 'failed requests']),
      )
      expect(result.comparisons).toHaveLength(FIGURES)
      expect(result.charges).toBe(120_000)
      expect(result.requestsPerSecond).toBeLessThanOrEqual(2)
      // It has more rows than can be read one by one, which is shown, and holds nothing else up.
      expect(result.ledgerLagSeconds).toBeGreaterThan(60)
    })

    it('with 5,000 charges a second costs no more requests, and is followed all the same', async () => {
      const result = await run({ seed: 'many', chargesPerSecond: 5000, minutes: 2 })
      expect(wrongOf(result)).toStrictEqual([])
      expect(result.comparisons).toHaveLength(FIGURES)
      expect(result.charges).toBe(600_000)
      expect(result.requestsPerSecond).toBeLessThanOrEqual(2)
    })

    it.each([0, 25 * 60_000, -3 * 60 * 60_000])(
      'with 7 charges a second is followed row by row too, on a host whose clock is %i ms ahead',
      async (skewMs) => {
        const result = await run({ seed: 'few', chargesPerSecond: 7, minutes: 20, skewMs })
        expect(wrongOf(result)).toStrictEqual([])
        expect(result.comparisons).toHaveLength(FIGURES)
        expect(result.ledgerRows.found).toBe(result.ledgerRows.booked)
        expect(result.ledgerLagSeconds).toBeLessThan(120)
        expect(result.requestsPerSecond).toBeLessThanOrEqual(2)
      },
    )
  },
)
