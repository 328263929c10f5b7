import { afterEach, expect, it, vi } from 'vitest'
import { showTimeZone } from '../../../src/telemetry/process-gauges.ts'
import { recordMetrics } from './recording.ts'

const NAME = 'aimlapi.time.zone.offset.seconds'

afterEach(() => void vi.restoreAllMocks())

it.each([
  [-120, 7200],
  [480, -28_800],
])('shows a clock that Date calls %d minutes away as %d seconds east of UTC', async (minutes, seconds) => {
  vi.spyOn(Date.prototype, 'getTimezoneOffset').mockReturnValue(minutes)
  const { meter, points } = recordMetrics()
  showTimeZone(meter)
  expect((await points(NAME)).map(({ value }) => value)).toEqual([seconds])
})

it('shows nothing once it is taken away', async () => {
  const { meter, points } = recordMetrics()
  showTimeZone(meter)()
  expect(await points(NAME)).toEqual([])
})
