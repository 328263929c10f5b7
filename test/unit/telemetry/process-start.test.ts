import { diag } from '@opentelemetry/api'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { showProcessStart } from '../../../src/telemetry/process-gauges.ts'
import { recordMetrics } from './recording.ts'

const NAME = 'aimlapi.process.start.timestamp.seconds'

describe('the start of the counters', () => {
  beforeEach(() => void vi.useFakeTimers({ now: 1_800_000_000_500, toFake: ['Date'] }))
  afterEach(() => void vi.useRealTimers())

  it('stays the same at every collection', async () => {
    const { meter, points } = recordMetrics()
    showProcessStart(meter)
    vi.advanceTimersByTime(60_000)
    const [point] = await points(NAME)
    expect(point).toMatchObject({ value: 1_800_000_000.5, unit: 's', attributes: {} })
    expect(await points(NAME)).toHaveLength(1)
  })

  it('is later on another meter, whose counters begin at 0', async () => {
    const first = recordMetrics()
    const second = recordMetrics()
    const remove = showProcessStart(first.meter)
    vi.advanceTimersByTime(60_000)
    remove()
    showProcessStart(second.meter)
    expect((await second.points(NAME)).map(({ value }) => value)).toEqual([1_800_000_060.5])
    expect(await first.points(NAME)).toEqual([])
  })

  it('is gone after it was taken away', async () => {
    const { meter, points } = recordMetrics()
    showProcessStart(meter)()
    expect(await points(NAME)).toEqual([])
  })

  it('throws nothing when the meter of the host throws', () => {
    const reported = vi.spyOn(diag, 'error').mockImplementation(() => {})
    const meter = {
      createObservableGauge() {
        throw new Error('no gauges here')
      },
    }
    const remove = showProcessStart(meter as never)
    expect(remove).not.toThrow()
    expect(reported.mock.calls.map(([message]) => message)).toEqual([
      expect.stringContaining('the meter threw'),
    ])
  })
})
