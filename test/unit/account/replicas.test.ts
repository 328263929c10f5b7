import { describe, expect, it } from 'vitest'
import { startSettlement } from '../../../src/account/settlement.ts'
import type { PendingCall } from '../../../src/ports.ts'
import { createLogRate } from '../../simulator/account/logs.ts'
import { createFakeApi, ManualClock } from './fakes.ts'
import { LogServer } from './log-server.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const REPLICAS = 5
/** Of each replica. Together they are more rows than 200 requests a minute can read at once. */
const CALLS_A_SECOND = 10
const BUSY_SECONDS = 150
const ALLOWED_A_MINUTE = 200

describe('five replicas that settle with one key', () => {
  it(
    'share 200 requests a minute about equally, and settle all of their calls',
    { timeout: 120_000 },
    async () => {
      const clock = new ManualClock()
      const log = new LogServer(clock)
      const isAllowed = createLogRate(ALLOWED_A_MINUTE, () => clock.trueMs())
      let settled = 0
      const replicas = Array.from({ length: REPLICAS }, () => {
        const count = { answered: 0, refused: 0 }
        const api = createFakeApi(clock, (url) => {
          // Every process has a chance of its own.
          clock.chance = (clock.chance * 7919 + 0.137) % 1
          if (!isAllowed('team')) {
            count.refused += 1
            return 429
          }
          count.answered += 1
          return log.answer(url)
        })
        const settlement = startSettlement([api], MINUTE, 10_000, clock)
        return { count, settlement }
      })
      let begun = 0
      for (let second = 0; second < BUSY_SECONDS; second += 1) {
        for (const { settlement } of replicas)
          for (let call = 0; call < CALLS_A_SECOND; call += 1) {
            const inferenceId = `call ${(begun += 1)}`
            log.add({ inferenceId })
            settlement.add(pending(clock, inferenceId, () => (settled += 1)))
          }
        await clock.pass(SECOND)
      }
      await clock.pass(10 * MINUTE)
      expect(settled).toBe(begun)
      const answered = replicas.map(({ count }) => count.answered)
      const total = answered.reduce((sum, each) => sum + each, 0)
      const refused = replicas.reduce((sum, { count }) => sum + count.refused, 0)
      expect(Math.max(...answered) / Math.min(...answered)).toBeLessThan(2)
      expect(refused).toBeGreaterThan(0)
      expect(refused / (refused + total)).toBeLessThan(0.25)
    },
  )
})

function pending(clock: ManualClock, inferenceId: string, found: () => void): PendingCall {
  return {
    account: 'team',
    startTimeMs: clock.now(),
    inferenceIds: [inferenceId],
    accepts: () => true,
    found,
    lost() {},
  }
}
