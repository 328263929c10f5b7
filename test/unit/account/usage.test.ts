import { describe, expect, it } from 'vitest'
import { createUsage } from '../../../src/account/key-usage.ts'
import type { UsageGrowth } from '../../../src/ports.ts'
import { createFakeApi, KEY, ManualClock, NOON_MS } from './fakes.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const OWN = KEY.slice(0, 8)

interface Figures {
  spend: number
  input?: number
  output?: number
  succeeded?: number
  failed?: number
}

/** An account whose usage is `figures`, by key, day and model. */
function follow({ isManaged = false } = {}) {
  const clock = new ManualClock()
  const figures = new Map<string, Figures>()
  const set = (key: string, day: string, model: string, figure: Figures): void =>
    void figures.set([key, day, model].join(' '), figure)
  let outage: number | undefined
  let refusal: number | undefined
  let failingKey: string | undefined
  const fake = createFakeApi(
    clock,
    (url) => {
      if (outage !== undefined) return outage
      if (refusal !== undefined && url.searchParams.get('group_by') === 'day') return refusal
      const wanted = url.searchParams.get('key_prefix') ?? OWN
      if (wanted === failingKey) return 500
      const start = url.searchParams.get('start')?.slice(0, 10) ?? ''
      const end = url.searchParams.get('end') ?? ''
      const rows = [...figures].map(([id, figure]) => ({ words: id.split(' '), figure }))
      const groups = rows
        .filter(
          ({ words: [key, day = ''] }) => key === wanted && day >= start && `${day}T00:00:00.000Z` < end,
        )
        .map(({ words: [, day, model], figure }) => ({
          day,
          model,
          spend: figure.spend,
          tokens: { input: figure.input ?? 0, output: figure.output ?? 0 },
          requests: { succeeded: figure.succeeded ?? 0, failed: figure.failed ?? 0 },
        }))
      return { spend: groups.reduce((sum, { spend }) => sum + spend, 0), currency: 'USD', groups }
    },
    0,
  )
  const api = { ...fake, isManaged }
  const told: UsageGrowth[] = []
  const models = new Set<string>()
  const usage = createUsage({
    api,
    onGrowth: (growth) => told.push(growth),
    onModel: (model) => models.add(model),
  })
  const look = async (): Promise<void> => {
    const round = usage.round()
    await clock.pass(20_000)
    await round
    await clock.pass(MINUTE - 20_000)
  }
  const spent = (): number => told.reduce((sum, { usd }) => sum + usd, 0)
  return {
    clock,
    api,
    usage,
    told,
    models,
    set,
    look,
    spent,
    fail: (status?: number) => (outage = status),
    refusePast: (status: number) => (refusal = status),
    failKey: (prefix: string) => (failingKey = prefix),
  }
}

const TODAY = '2026-03-01'
const YESTERDAY = '2026-02-28'
const TOMORROW = '2026-03-02'

describe('the usage of a key', () => {
  it('counts from the first response on, every figure that grew', async () => {
    const { set, look, told, models } = follow()
    set(OWN, TODAY, 'a', { spend: 5, input: 10 })
    await look()
    expect(told).toStrictEqual([])
    set(OWN, TODAY, 'a', { spend: 6, input: 15, output: 3, succeeded: 2, failed: 1 })
    set(OWN, TODAY, 'b', { spend: 2 })
    await look()
    const nothing = { inputTokens: 0, outputTokens: 0, succeeded: 0, failed: 0 }
    const about = { account: 'team', keyPrefix: OWN }
    expect(told).toStrictEqual([
      { ...about, model: 'b', usd: 2, ...nothing },
      { ...about, model: 'a', usd: 1, inputTokens: 5, outputTokens: 3, succeeded: 2, failed: 1 },
    ])
    expect([...models]).toStrictEqual(['a', 'b'])
  })

  it('counts nothing twice when a figure goes down and comes back', async () => {
    const { set, look, spent } = follow()
    await look()
    for (const spend of [5, 3, 0, 4, 5, 7]) {
      set(OWN, TODAY, 'a', { spend })
      await look()
    }
    expect(spent()).toBe(7)
  })

  it('counts what settles after midnight, and a new day from 0', async () => {
    const { clock, set, look, spent } = follow()
    set(OWN, TODAY, 'a', { spend: 5 })
    await look()
    await clock.pass(12 * HOUR)
    set(OWN, TODAY, 'a', { spend: 6 })
    set(OWN, TOMORROW, 'a', { spend: 2 })
    await look()
    expect(spent()).toBe(3)
  })

  it('shows day and month, and of a new day nothing of the old one before there is a response', async () => {
    const { clock, usage, set, look, fail } = follow()
    set(OWN, YESTERDAY, 'a', { spend: 3 })
    set(OWN, TODAY, 'a', { spend: 5 })
    await look()
    const spend = { keyPrefix: OWN, model: 'a' }
    // Yesterday was in another month.
    expect(usage.spend()).toStrictEqual([{ ...spend, dayUsd: 5, monthUsd: 5 }])
    fail(503)
    await clock.pass(12 * HOUR)
    await look()
    expect(usage.spend()).toStrictEqual([{ ...spend, monthUsd: 5 }])
    fail()
    set(OWN, TOMORROW, 'b', { spend: 1 })
    await look()
    expect(usage.spend()).toStrictEqual([
      { ...spend, dayUsd: 0, monthUsd: 5 },
      { keyPrefix: OWN, model: 'b', dayUsd: 1, monthUsd: 1 },
    ])
  })

  it('asks for this month, this week and the days that settle, and never for the future', async () => {
    const { api, look } = follow()
    await look()
    const [asked] = api.asked
    expect(asked?.url.searchParams.get('start')).toBe('2026-02-23T00:00:00.000Z')
    expect(Date.parse(asked?.url.searchParams.get('end') ?? '')).toBe(NOON_MS)
    expect(asked?.url.searchParams.has('key_prefix')).toBe(false)
  })
})

describe('what a key spent of its limit', () => {
  const DAY = 24 * HOUR
  const ofLimit = (retention: 'no_reset' | 'day' | 'week' | 'month') => ({ prefix: OWN, retention })

  it('is counted from midnight or from Monday, and unknown before an answer of that day or week', async () => {
    // Noon of a Sunday.
    const { clock, usage, set, look, fail } = follow()
    expect(usage.spentOfLimit(ofLimit('day'))).toBeUndefined()
    set(OWN, '2026-02-22', 'a', { spend: 100 })
    set(OWN, '2026-02-23', 'a', { spend: 3 })
    set(OWN, TODAY, 'a', { spend: 5 })
    set(OWN, TODAY, 'b', { spend: 1 })
    await look()
    expect(usage.spentOfLimit(ofLimit('day'))).toBe(6)
    expect(usage.spentOfLimit(ofLimit('week'))).toBe(9)
    fail(503)
    await clock.pass(12 * HOUR)
    await look()
    expect(usage.spentOfLimit(ofLimit('day'))).toBeUndefined()
    expect(usage.spentOfLimit(ofLimit('week'))).toBeUndefined()
    fail()
    set(OWN, TOMORROW, 'a', { spend: 2 })
    await clock.pass(DAY)
    await look()
    expect(usage.spentOfLimit(ofLimit('week'))).toBe(2)
  })

  it.each([10, 100, 400])(
    'is all that was spent since it was made %i days ago, when the limit is never reset; the past is read once',
    async (ageDays) => {
      const { clock, api, usage, set, look } = follow()
      const createdMs = NOON_MS - ageDays * DAY
      const day = (daysAgo: number): string => new Date(NOON_MS - daysAgo * DAY).toISOString().slice(0, 10)
      for (let daysAgo = 0; daysAgo < ageDays; daysAgo += 1) set(OWN, day(daysAgo), 'a', { spend: 1 })
      usage.keys([{ ...ofLimit('no_reset'), createdMs }])
      await look()
      expect(usage.spentOfLimit(ofLimit('no_reset'))).toBeCloseTo(ageDays)
      const past = (): string[] => api.asked.map(({ path }) => path).filter((path) => !path.includes('model'))
      const asked = past().length
      expect(asked).toBe(Math.ceil((ageDays - 6) / 92))
      set(OWN, TODAY, 'a', { spend: 4 })
      await look()
      expect(usage.spentOfLimit(ofLimit('no_reset'))).toBeCloseTo(ageDays + 3)
      expect(past()).toHaveLength(asked)
      // What leaves the current month is asked for once more.
      await clock.pass(40 * DAY)
      await look()
      expect(usage.spentOfLimit(ofLimit('no_reset'))).toBeCloseTo(ageDays + 3)
    },
  )

  it('is unknown where the past cannot be read, and does not hold up the rest', async () => {
    const { usage, set, look, fail, refusePast } = follow()
    refusePast(400)
    set(OWN, TODAY, 'a', { spend: 1 })
    usage.keys([{ ...ofLimit('no_reset'), createdMs: NOON_MS - 100 * DAY }])
    await look()
    expect(usage.spentOfLimit(ofLimit('no_reset'))).toBeUndefined()
    expect(usage.spend()).toMatchObject([{ dayUsd: 1 }])
    fail()
  })
})

describe('the usage of the key in use', () => {
  it('is counted on after an answer that told of another key', async () => {
    const { usage, set, look, spent } = follow()
    usage.keys([{ prefix: OWN }])
    await look()
    // `/v1/key` tells of the key that was used last.
    usage.keys([])
    set(OWN, TODAY, 'a', { spend: 7 })
    await look()
    expect(spent()).toBe(7)
  })
})

describe('the usage of all keys', () => {
  const key = (prefix: string, usageUsd: number, createdMs = 0) => ({ prefix, usageUsd, createdMs })

  it('is requested for each key in use in every round, of the others every ten minutes', async () => {
    const { api, usage, look } = follow({ isManaged: true })
    const askedFor = (): string[] =>
      api.asked.splice(0).map(({ url }) => url.searchParams.get('key_prefix') ?? '-')
    const keys = [key('aaaaaaaa', 1), key('bbbbbbbb', 1)]
    usage.keys(keys)
    for (let minute = 0; minute < 11; minute += 1) await look()
    askedFor()
    for (let minute = 0; minute < 5; minute += 1) {
      usage.keys([key('aaaaaaaa', 2 + minute), key('bbbbbbbb', 1)])
      await look()
    }
    const asked = askedFor()
    expect(asked.filter((prefix) => prefix === 'aaaaaaaa')).toHaveLength(5)
    expect(asked.filter((prefix) => prefix === 'bbbbbbbb').length).toBeLessThanOrEqual(1)
  })

  it('is read of the other keys when that of one always fails', async () => {
    const { usage, set, look, failKey } = follow({ isManaged: true })
    usage.keys([key('aaaaaaaa', 1), key('bbbbbbbb', 1)])
    set('bbbbbbbb', TODAY, 'a', { spend: 4 })
    failKey('aaaaaaaa')
    for (let minute = 0; minute < 3; minute += 1) await look()
    expect(usage.spend().map(({ keyPrefix, dayUsd }) => [keyPrefix, dayUsd])).toStrictEqual([['bbbbbbbb', 4]])
  })

  it('counts everything of a key that was made later, and nothing from before of one that was there', async () => {
    const { clock, usage, set, look, told } = follow({ isManaged: true })
    usage.keys([key('aaaaaaaa', 1, NOON_MS - HOUR)])
    set('aaaaaaaa', TODAY, 'a', { spend: 5 })
    await look()
    set('bbbbbbbb', TODAY, 'a', { spend: 4 })
    usage.keys([key('aaaaaaaa', 1, NOON_MS - HOUR), key('bbbbbbbb', 4, clock.trueMs())])
    await look()
    expect(told.map(({ keyPrefix, usd }) => [keyPrefix, usd])).toStrictEqual([['bbbbbbbb', 4]])
  })

  it('keeps what a deleted key spent until the month is over', async () => {
    const { clock, usage, set, look } = follow({ isManaged: true })
    usage.keys([key('aaaaaaaa', 1)])
    set('aaaaaaaa', TODAY, 'a', { spend: 5 })
    await look()
    usage.keys([])
    await look()
    expect(usage.spend()).toMatchObject([{ keyPrefix: 'aaaaaaaa', monthUsd: 5 }])
    await clock.pass(31 * 24 * HOUR)
    usage.keys([])
    expect(usage.spend()).toStrictEqual([])
  })
})
