import { describe, expect, it } from 'vitest'
import { findImbalance, runSoak } from '../soak/soak.ts'

describe('the books balance to the credit, by account, model and team', () => {
  // A new seed every time: a failure prints it, and `npm run soak -- --seed N` plays it again.
  const firstSeed = Math.floor(Math.random() * 1e9)

  it.each([firstSeed, firstSeed + 1])(
    'over mixed calls with drops, aborts, duplicated polls and failing jobs (seed %i)',
    async (seed) => {
      const result = await runSoak({ seed: String(seed), calls: 400 })
      expect(findImbalance(result), result.suspects.join('\n')).toEqual([])
      expect(result.missingMetric).toBe(result.missingCalls)
      expect(result.requests).toBeGreaterThan(400)
    },
    120_000,
  )

  it(`over the same with settlement on: nothing stays missing (seed ${firstSeed})`, async () => {
    const result = await runSoak({ seed: String(firstSeed), calls: 150, settlement: true })
    expect(findImbalance(result), result.suspects.join('\n')).toEqual([])
    expect(result.missingMetric).toBe(0)
  }, 120_000)
})
