import { diag, DiagLogLevel } from '@opentelemetry/api'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createStoppableClock } from '../../../src/account/clock.ts'
import { createPoller, readDelay, type PollerOptions, type RoundResult } from '../../../src/account/poller.ts'
import { ManualClock } from './fakes.ts'

const MINUTE = 60_000

function poll(options: Partial<PollerOptions> & { results?: RoundResult[] } = {}) {
  const clock = new ManualClock()
  const startedAtMs: number[] = []
  const results = [...(options.results ?? [])]
  const poller = createPoller({
    intervalMs: MINUTE,
    clock,
    round: async () => {
      startedAtMs.push(clock.monotonicMs())
      return results.shift() ?? {}
    },
    ...options,
  })
  return { clock, poller, startedAtMs }
}

describe('a poller', () => {
  it('polls soon after the start, then once per interval', async () => {
    const { clock, poller, startedAtMs } = poll()
    poller.start()
    await clock.pass(3 * MINUTE)
    expect(startedAtMs).toStrictEqual([500, 500 + MINUTE, 500 + 2 * MINUTE])
  })

  it('spreads its rounds, so that many processes do not ask together', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), (random) => {
        const delayMs = readDelay({}, 0, MINUTE, random)
        expect(delayMs).toBeGreaterThanOrEqual(0.9 * MINUTE)
        expect(delayMs).toBeLessThanOrEqual(1.1 * MINUTE)
      }),
    )
    expect(readDelay({}, 0, MINUTE, 0)).not.toBe(readDelay({}, 0, MINUTE, 0.9))
  })

  it('doubles the delay with every failure, up to 5 minutes, and is back at once after a good round', async () => {
    const failures: RoundResult[] = Array.from({ length: 7 }, () => ({ errorType: '503' }))
    const { clock, poller, startedAtMs } = poll({ results: failures })
    poller.start()
    await clock.pass(80 * MINUTE)
    const delays = startedAtMs.slice(1).map((atMs, index) => (atMs - (startedAtMs[index] ?? 0)) / MINUTE)
    expect(delays.slice(0, 9)).toStrictEqual([1, 2, 4, 5, 5, 5, 5, 1, 1])
  })

  it('that others start is not started before its back-off is over', async () => {
    const { clock, poller, startedAtMs } = poll({ results: [{ errorType: '403' }], wanted: () => false })
    for (let minute = 0; minute <= 20; minute += 1) {
      poller.runUnlessBackedOff()
      await clock.pass(MINUTE)
    }
    expect(startedAtMs.slice(0, 3)).toStrictEqual([0, 15 * MINUTE, 16 * MINUTE])
  })

  it('waits no longer each time while every round gets further before it fails', async () => {
    const failures: RoundResult[] = Array.from({ length: 4 }, () => ({ errorType: '503', progressed: true }))
    const { clock, poller, startedAtMs } = poll({ results: failures })
    poller.start()
    await clock.pass(5 * MINUTE)
    const delays = startedAtMs.slice(1).map((atMs, index) => (atMs - (startedAtMs[index] ?? 0)) / MINUTE)
    expect(delays).toStrictEqual([1, 1, 1, 1])
  })

  it('never polls faster for a failure than without one', () => {
    expect(readDelay({ errorType: 'timeout' }, 1, 60 * MINUTE, 0.5)).toBe(60 * MINUTE)
    expect(readDelay({ errorType: '401' }, 1, 60 * MINUTE, 0.5)).toBe(60 * MINUTE)
  })

  it('waits as long as the server asks, but not for ever', () => {
    expect(readDelay({ errorType: '429', retryAfterMs: 5 * MINUTE }, 1, MINUTE, 0.5)).toBe(5 * MINUTE)
    expect(readDelay({ errorType: '429', retryAfterMs: 10 }, 1, MINUTE, 0.5)).toBe(MINUTE)
    expect(readDelay({ errorType: '429', retryAfterMs: 1e12 }, 1, MINUTE, 0.5)).toBe(60 * MINUTE)
  })

  it.each(['401', '403'])(
    'asks only every 15 minutes with a refused key (%s), and says so',
    async (status) => {
      const refused: string[] = []
      const results = [{ errorType: status }, { errorType: status }]
      const { clock, poller, startedAtMs } = poll({ results, onRefused: (told) => refused.push(told) })
      poller.start()
      await clock.pass(32 * MINUTE)
      expect(startedAtMs).toStrictEqual([500, 500 + 15 * MINUTE, 500 + 30 * MINUTE, 500 + 31 * MINUTE])
      expect(refused).toStrictEqual([status, status])
    },
  )

  it('survives a round that throws, also where the logger of the host throws as well', async () => {
    const fail = (): never => {
      throw new Error('logger')
    }
    diag.setLogger(
      { error: fail, warn: fail, info: fail, debug: fail, verbose: fail },
      { logLevel: DiagLogLevel.ERROR },
    )
    let rounds = 0
    const { clock, poller } = poll({
      round: async () => {
        rounds += 1
        throw new Error('canary')
      },
    })
    poller.start()
    await clock.pass(2 * MINUTE)
    diag.disable()
    expect(rounds).toBe(2)
  })

  it('never has two rounds at once: a call for one now waits for the one under way and makes one more', async () => {
    const open: (() => void)[] = []
    let underWay = 0
    let most = 0
    const { clock, poller } = poll({
      round: async () => {
        underWay += 1
        most = Math.max(most, underWay)
        await new Promise<void>((resolve) => open.push(resolve))
        underWay -= 1
        return {}
      },
    })
    poller.start()
    await clock.pass(1000)
    const asked = [poller.runNow(), poller.runNow()]
    await clock.pass(10 * MINUTE)
    expect(open).toHaveLength(1)
    open[0]?.()
    await clock.pass(0)
    expect(open).toHaveLength(2)
    open[1]?.()
    await Promise.all(asked)
    expect(most).toBe(1)
  })

  it('stops for good with its clock, also when a round is under way', async () => {
    let finish: (() => void) | undefined
    const { clock } = poll()
    const stoppable = createStoppableClock(clock)
    const { poller } = poll({
      clock: stoppable,
      round: () => new Promise((resolve) => (finish = () => resolve({}))),
    })
    poller.start()
    await clock.pass(1000)
    stoppable.stop()
    finish?.()
    await clock.pass(10 * MINUTE)
    poller.wake()
    expect(clock.waiting).toBe(0)
  })

  describe('that is not always wanted', () => {
    it('rests without a timer, and starts again one interval after it is woken', async () => {
      let wanted = true
      const { clock, poller, startedAtMs } = poll({ wanted: () => wanted })
      poller.wake()
      poller.wake()
      expect(clock.waiting).toBe(1)
      wanted = false
      await clock.pass(5 * MINUTE)
      expect(startedAtMs).toStrictEqual([])
      expect(clock.waiting).toBe(0)
      wanted = true
      poller.wake()
      await clock.pass(MINUTE)
      expect(startedAtMs).toStrictEqual([6 * MINUTE])
    })

    it('does not forget its back-off by resting', async () => {
      let wanted = true
      const startedAtMs: number[] = []
      const { clock, poller } = poll({
        wanted: () => wanted,
        round: async () => {
          startedAtMs.push(clock.monotonicMs())
          wanted = false
          return { errorType: '403' }
        },
      })
      poller.wake()
      await clock.pass(2 * MINUTE)
      expect(clock.waiting).toBe(0)
      wanted = true
      poller.wake()
      await clock.pass(20 * MINUTE)
      expect(startedAtMs).toStrictEqual([MINUTE, 16 * MINUTE])
    })
  })
})
