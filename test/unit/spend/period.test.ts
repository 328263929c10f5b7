import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dayIn, readPeriod, startOfDay } from '../../../src/spend/period.ts'

const NOW_MS = Date.UTC(2026, 2, 29, 12, 30)
const iso = (ms: number): string => new Date(ms).toISOString()

describe('the period of a report', () => {
  it.each([
    ['24h', 'UTC', '2026-03-28T12:30:00.000Z'],
    ['1d', 'UTC', '2026-03-29T00:00:00.000Z'],
    ['30d', 'UTC', '2026-02-28T00:00:00.000Z'],
    ['today', 'Asia/Tokyo', '2026-03-28T15:00:00.000Z'],
    ['month', 'America/New_York', '2026-03-01T05:00:00.000Z'],
    // On that day clocks go forward in Berlin.
    ['2d', 'Europe/Berlin', '2026-03-27T23:00:00.000Z'],
    ['2026-03-01', 'UTC', '2026-03-01T00:00:00.000Z'],
  ])('since %s in %s begins at %s', (since, timeZone, start) => {
    const { startMs, endMs } = readPeriod({ since, timeZone }, NOW_MS)
    expect(iso(startMs)).toBe(start)
    expect(endMs).toBe(NOW_MS)
  })

  it.each(['Asia/Kolkata', 'Europe/Kyiv', 'America/Argentina/Buenos_Aires'])(
    'may be in a zone under its newest name, %s, which is the one that the API knows',
    (timeZone) => {
      expect(readPeriod({ timeZone }, NOW_MS).timeZone).toBe(timeZone)
    },
  )

  it.each(['Etc/UTC', 'US/Pacific', 'CET', '+02:00', 'europe/berlin', 'Europe/Nowhere', 'Europe/'])(
    'is refused in %s',
    (timeZone) => {
      expect(() => readPeriod({ timeZone }, NOW_MS)).toThrow(/--tz is/)
    },
  )

  it('until a day holds that day, and nothing of the future', () => {
    expect(iso(readPeriod({ since: '2026-03-01', until: '2026-03-02' }, NOW_MS).endMs)).toBe(
      '2026-03-03T00:00:00.000Z',
    )
    expect(readPeriod({ until: '2026-03-29' }, NOW_MS).endMs).toBe(NOW_MS)
  })

  it('is never longer than the API allows', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 92 }),
        fc.constantFrom('UTC', 'Europe/Berlin'),
        (days, timeZone) => {
          const { startMs, endMs } = readPeriod({ since: `${days}d`, timeZone }, NOW_MS)
          expect(endMs - startMs).toBeLessThanOrEqual(92 * 24 * 60 * 60_000)
        },
      ),
    )
  })

  it('takes 92 days and refuses 93 at every moment of a day and a year', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2026, 11, 31) }),
        fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York'),
        (nowMs, timeZone) => {
          // At midnight itself the 93rd day has no length yet.
          fc.pre(startOfDay(dayIn(timeZone, nowMs), timeZone) < nowMs)
          expect(readPeriod({ since: '92d', timeZone }, nowMs).endMs).toBe(nowMs)
          expect(() => readPeriod({ since: '93d', timeZone }, nowMs)).toThrow(/at most 92 days/)
        },
      ),
      {
        examples: [
          [Date.UTC(2026, 10, 26, 0, 15), 'UTC'],
          [Date.UTC(2026, 10, 25, 23, 0), 'Europe/Berlin'],
        ],
      },
    )
  })

  it('begins each day with its first moment, in every zone', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(
          'UTC',
          'Europe/Berlin',
          'America/Sao_Paulo',
          'Asia/Kathmandu',
          'Pacific/Chatham',
          'Africa/Cairo',
        ),
        fc.integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2026, 11, 31) }),
        (timeZone, ms) => {
          const day = dayIn(timeZone, ms)
          const startMs = startOfDay(day, timeZone)
          expect(dayIn(timeZone, startMs)).toBe(day)
          expect(dayIn(timeZone, startMs - 1) < day).toBe(true)
        },
      ),
    )
  })
})
