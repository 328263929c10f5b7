import { describe, expect, it } from 'vitest'
import { findImbalance, runSoak } from '../soak/soak.ts'
import { total } from '../soak/sums.ts'

describe('the books balance to the credit, by account, model and team', () => {
  // A new seed every time: a failure prints it, and `npm run soak -- --seed N` plays it again.
  const firstSeed = Math.floor(Math.random() * 1e9)

  it.each([firstSeed, firstSeed + 1])(
    'over mixed calls with drops, aborts, retries, replays, reads, duplicated polls, batches, routers, tools and failing jobs (seed %i)',
    async (seed) => {
      const result = await runSoak({ seed: String(seed), calls: 400 })
      expect(findImbalance(result), result.suspects.join('\n')).toEqual([])
      expect(result.missingCalls).toBeGreaterThan(0)
      expect(result.requests).toBeGreaterThan(400)
    },
    120_000,
  )

  it(`over the same with settlement on: nothing is missing, and a second process sees the same charged (seed ${firstSeed})`, async () => {
    const settings = { calls: 150, settlement: true, intervalMs: 2000 }
    const result = await runSoak({ seed: String(firstSeed), ...settings })
    expect(findImbalance(result), result.suspects.join('\n')).toEqual([])
    expect(result.missingMetric).toBe(0)
    expect(total(result.charged ?? new Map())).toBe(total(result.ledger) + total(result.decisions))
    expect(total(result.ledger)).toBeGreaterThan(0)
  }, 120_000)
})
