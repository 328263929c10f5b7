import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { startSettlement } from '../../../src/account/settlement.ts'
import type { PendingCall } from '../../../src/ports.ts'
import type { Usage } from '../../../src/types.ts'
import { createFakeApi, ManualClock } from './fakes.ts'
import { LogServer, type ServerRow } from './log-server.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

function settle(options: { maxPending?: number; skewMs?: number } = {}) {
  const clock = new ManualClock()
  clock.skewMs = options.skewMs ?? 0
  const log = new LogServer(clock)
  const api = createFakeApi(clock, (url) => log.answer(url))
  const { maxPending = 1000 } = options
  const settlement = startSettlement([api], MINUTE, maxPending, clock)
  return { clock, log, api, settlement }
}

type Outcome = Usage | 'expired' | 'evicted'

/** A call that begins now, and everything it is told. */
function begin(
  clock: ManualClock,
  { inferenceId, ...rest }: Partial<PendingCall> & { inferenceId?: string },
): PendingCall & { told: Outcome[] } {
  const told: Outcome[] = []
  return {
    account: 'team',
    startTimeMs: clock.now(),
    inferenceIds: inferenceId === undefined ? [] : [inferenceId],
    accepts: () => true,
    ...rest,
    found: (usage) => told.push(usage),
    lost: (reason) => told.push(reason),
    told,
  }
}

/** Where the stretch begins that is asked for, as milliseconds or as a date. */
function startIn(url: URL): number | string {
  const start = url.searchParams.get('start') ?? ''
  return /^\d+$/.test(start) ? Number(start) : start
}

describe('settlement', () => {
  it('sends no request while nothing is pending', async () => {
    const { clock, api, settlement } = settle()
    await clock.pass(HOUR)
    const call = begin(clock, { inferenceId: 'a' })
    settlement.add(call)
    settlement.remove(call)
    await clock.pass(HOUR)
    expect(api.asked).toStrictEqual([])
    expect(clock.waiting).toBe(0)
  })

  it('reports cost and tokens of a call one interval later, and then stops polling', async () => {
    const { clock, log, api, settlement } = settle()
    const call = begin(clock, { inferenceId: 'a' })
    log.add({ inferenceId: 'other' })
    log.add({ inferenceId: 'a', credits: 5000, tokens: [7, 11] })
    expect(settlement.add(call)).toBe(true)
    expect(settlement.pendingByAccount()).toStrictEqual(new Map([['team', 1]]))
    await clock.pass(59 * SECOND)
    expect(call.told).toStrictEqual([])
    await clock.pass(HOUR)
    expect(call.told).toStrictEqual([{ credits: 5000, usd: 0.0025, inputTokens: 7, outputTokens: 11 }])
    expect(api.asked).toHaveLength(1)
    expect(settlement.pendingByAccount()).toStrictEqual(new Map([['team', 0]]))
  })

  it('reports no tokens when the log has 0 for all', async () => {
    const { clock, log, settlement } = settle()
    const call = begin(clock, { inferenceId: 'speech' })
    log.add({ inferenceId: 'speech', credits: 400 })
    settlement.add(call)
    await clock.pass(MINUTE)
    expect(call.told).toStrictEqual([{ credits: 400, usd: 0.0002 }])
  })

  it('settles a failed request at no cost', async () => {
    const { clock, log, settlement } = settle()
    const call = begin(clock, { inferenceId: 'a' })
    log.add({ inferenceId: 'a', credits: 0, status: 'failed' })
    settlement.add(call)
    await clock.pass(MINUTE)
    expect(call.told).toStrictEqual([{ credits: 0, usd: 0 }])
  })

  it('finds a row that appears long after its time', async () => {
    const { clock, log, settlement } = settle()
    const call = begin(clock, { inferenceId: 'late' })
    log.add({ inferenceId: 'late', visibleMs: clock.trueMs() + 50 * MINUTE })
    settlement.add(call)
    await clock.pass(70 * MINUTE)
    expect(call.told).toHaveLength(1)
  })

  it.each([2, 8, 20])(
    'finds the row of a batch that is dated when it began and shown %i hours later, when it is over',
    async (hours) => {
      const { clock, log, settlement } = settle()
      const call = begin(clock, { inferenceId: 'a' })
      log.add({ inferenceId: 'a', credits: 7, visibleMs: clock.trueMs() + hours * HOUR })
      settlement.add(call)
      await clock.pass(hours * 1.5 * HOUR)
      expect(call.told).toMatchObject([{ credits: 7 }])
    },
  )

  it('finds the rows of many batches that began at different times, without reading for ever in one round', async () => {
    const { clock, log, api, settlement } = settle()
    const doneMs = clock.trueMs() + 8 * HOUR
    const calls = Array.from({ length: 50 }, (_, n) => begin(clock, { inferenceId: `batch-${n}` }))
    for (const [n, call] of calls.entries()) {
      log.add({ inferenceId: `batch-${n}`, visibleMs: doneMs })
      settlement.add({ ...call, startTimeMs: clock.now() })
      await clock.pass(5 * MINUTE)
    }
    await clock.pass(doneMs - clock.trueMs())
    const before = api.asked.length
    await clock.pass(10 * MINUTE)
    expect(api.asked.length - before).toBeLessThan(10 * 40)
    await clock.pass(8 * HOUR)
    expect(calls.flatMap(({ told }) => told)).toHaveLength(50)
  })

  it('finds a row dated hours after its call began', async () => {
    const { clock, log, settlement } = settle()
    const call = begin(clock, { inferenceId: 'video' })
    settlement.add(call)
    await clock.pass(10 * HOUR)
    log.add({ inferenceId: 'video' })
    await clock.pass(4 * HOUR)
    expect(call.told).toHaveLength(1)
  })

  it('reads page after page, at most one a second', async () => {
    const { clock, log, api, settlement } = settle()
    const call = begin(clock, { inferenceId: 'first' })
    log.add({ inferenceId: 'first' })
    for (let n = 0; n < 950; n += 1) log.add({ inferenceId: `${n}`, createdMs: clock.trueMs() + n })
    settlement.add(call)
    await clock.pass(2 * MINUTE)
    expect(call.told).toHaveLength(1)
    expect(api.asked.map(({ url }) => url.searchParams.get('offset'))).toStrictEqual(
      Array.from({ length: 10 }, (_, page) => String(page * 100)),
    )
    for (const [index, { atMs }] of api.asked.slice(1).entries())
      expect(atMs - (api.asked[index]?.atMs ?? 0)).toBeGreaterThanOrEqual(SECOND)
  })

  it('reads no further than it has to', async () => {
    const { clock, log, api, settlement } = settle()
    for (let n = 0; n < 500; n += 1) log.add({ inferenceId: `${n}`, createdMs: clock.trueMs() - n })
    await clock.pass(SECOND)
    const call = begin(clock, { inferenceId: 'a' })
    log.add({ inferenceId: 'a' })
    settlement.add(call)
    await clock.pass(2 * MINUTE)
    expect(call.told).toHaveLength(1)
    expect(api.asked).toHaveLength(1)
  })

  it('counts a row once that new rows push onto the next page', async () => {
    const { clock, log, settlement } = settle()
    const calls = Array.from({ length: 150 }, (_, n) => begin(clock, { inferenceId: `${n}` }))
    for (const [n, call] of calls.entries()) {
      log.add({ inferenceId: `${n}`, createdMs: clock.trueMs() + n })
      settlement.add(call)
    }
    // Becomes visible between the first page and the second.
    for (let n = 0; n < 60; n += 1)
      log.add({
        inferenceId: `x${n}`,
        createdMs: clock.trueMs() + 1000,
        visibleMs: clock.trueMs() + MINUTE + 500,
      })
    await clock.pass(3 * MINUTE)
    expect(calls.map(({ told }) => told)).toStrictEqual(calls.map(() => [{ credits: 1000, usd: 0.0005 }]))
  })

  it('finds a row dated a little before its call: no two clocks agree', async () => {
    const { clock, log, settlement } = settle()
    const call = begin(clock, { inferenceId: 'a' })
    log.add({ inferenceId: 'a', createdMs: clock.trueMs() - 1500 })
    settlement.add(call)
    await clock.pass(MINUTE)
    expect(call.told).toHaveLength(1)
  })

  it('adds up the rows of one call over the end of a page', async () => {
    const { clock, log, settlement } = settle()
    const call = begin(clock, { inferenceId: 'batch' })
    for (let n = 0; n < 130; n += 1)
      log.add({ inferenceId: 'batch', credits: n, createdMs: clock.trueMs() + n })
    settlement.add(call)
    await clock.pass(2 * MINUTE)
    expect(call.told).toMatchObject([{ credits: (129 * 130) / 2 }])
  })

  it('adds up several rows of one call', async () => {
    const { clock, log, settlement } = settle()
    const call = begin(clock, { inferenceId: 'batch' })
    log.add({ inferenceId: 'batch', credits: 10, tokens: [1, 2] })
    log.add({ inferenceId: 'batch', credits: 20, tokens: [3, 4] })
    log.add({ inferenceId: 'batch', credits: 0, status: 'failed' })
    settlement.add(call)
    await clock.pass(MINUTE)
    expect(call.told).toMatchObject([{ credits: 30, inputTokens: 4, outputTokens: 6 }])
  })

  it('is one row for all calls under one inference id, because it is one charge', async () => {
    const { clock, log, settlement } = settle()
    const calls = Array.from({ length: 3 }, () => begin(clock, { inferenceId: 'same' }))
    for (const call of calls) settlement.add(call)
    log.add({ inferenceId: 'same', credits: 700, tokens: [100, 200] })
    await clock.pass(MINUTE)
    expect(calls.map(({ told }) => told)).toStrictEqual([
      [{ credits: 700, usd: 0.00035, inputTokens: 100, outputTokens: 200 }],
      [{}],
      [{}],
    ])
  })

  it.each(['a', 'b', 'c'])('finds a call by any of its ids: %s', async (inferenceId) => {
    const { clock, log, settlement } = settle()
    const call = begin(clock, { inferenceIds: ['a', 'b', 'c'] })
    settlement.add(call)
    log.add({ inferenceId, credits: 9 })
    await clock.pass(MINUTE)
    expect(call.told).toMatchObject([{ credits: 9 }])
  })

  it('looks once more just before a call is given up', async () => {
    const { clock, log, settlement } = settle()
    const call = begin(clock, { inferenceId: 'last' })
    settlement.add(call)
    // Shown after all but the very last look.
    log.add({ inferenceId: 'last', visibleMs: clock.trueMs() + 24 * HOUR - 2.5 * MINUTE })
    await clock.pass(25 * HOUR)
    expect(call.told).toStrictEqual([{ credits: 1000, usd: 0.0005 }])
  })

  it('looks ever more rarely for a call that the log does not show, and gives up after a day', async () => {
    const { clock, api, settlement } = settle()
    const call = begin(clock, { inferenceId: 'ghost' })
    settlement.add(call)
    await clock.pass(23 * HOUR + 59 * MINUTE)
    expect(call.told).toStrictEqual([])
    expect(api.asked.length).toBeGreaterThan(15)
    expect(api.asked.length).toBeLessThan(120)
    await clock.pass(10 * MINUTE)
    expect(call.told).toStrictEqual(['expired'])
    const { length } = api.asked
    await clock.pass(HOUR)
    expect(api.asked).toHaveLength(length)
  })

  it('loses the oldest call when there are too many', () => {
    const { clock, settlement } = settle({ maxPending: 2 })
    const calls = ['a', 'b', 'c'].map((inferenceId) => begin(clock, { inferenceId }))
    for (const call of calls) expect(settlement.add(call)).toBe(true)
    expect(calls.map(({ told }) => told)).toStrictEqual([['evicted'], [], []])
    expect(settlement.pendingByAccount()).toStrictEqual(new Map([['team', 2]]))
  })

  it('takes no call that it cannot find', () => {
    const { clock, settlement } = settle()
    expect(settlement.add(begin(clock, { inferenceId: 'a', account: 'other' }))).toBe(false)
    expect(settlement.add(begin(clock, {}))).toBe(false)
    expect(settlement.pendingByAccount()).toStrictEqual(new Map([['team', 0]]))
  })

  it('ignores a row with an unreadable cost, and counts the poll as unparsable', async () => {
    const { clock, log, api, settlement } = settle()
    const [broken, sound] = [begin(clock, { inferenceId: 'broken' }), begin(clock, { inferenceId: 'sound' })]
    log.add({ inferenceId: 'broken', credits: Number.NaN })
    log.add({ inferenceId: 'sound' })
    settlement.add(broken)
    settlement.add(sound)
    await clock.pass(MINUTE)
    expect(broken.told).toStrictEqual([])
    expect(sound.told).toHaveLength(1)
    expect(api.polled).toStrictEqual(['settlement unparsable'])
  })

  it.each([500, 429, 'timeout', 'ECONNREFUSED', { rows: 'none' }])(
    'backs off while the log answers %j, and then finds everything',
    async (outage) => {
      const { clock, log, api, settlement } = settle()
      log.outage = outage
      const call = begin(clock, { inferenceId: 'a' })
      log.add({ inferenceId: 'a' })
      settlement.add(call)
      await clock.pass(2 * HOUR)
      // Every five minutes, at most three times.
      expect(api.asked.length).toBeLessThan(3 * 29)
      log.outage = undefined
      await clock.pass(20 * MINUTE)
      expect(call.told).toHaveLength(1)
    },
  )

  it('reads a long outage in stretches, and a failure among them does not start it all over', async () => {
    const { clock, log, api, settlement } = settle()
    log.outage = 503
    const call = begin(clock, { inferenceId: 'a' })
    settlement.add(call)
    await clock.pass(5 * HOUR)
    log.add({ inferenceId: 'a' })
    log.outage = undefined
    const before = api.asked.length
    let answered = 0
    const answer = log.answer.bind(log)
    log.answer = (url) => (++answered === 6 ? 500 : answer(url))
    await clock.pass(40 * MINUTE)
    expect(call.told).toHaveLength(1)
    const starts = api.asked.slice(before).map(({ url }) => Date.parse(url.searchParams.get('start') ?? ''))
    // The stretch that failed is asked again, the ones before it are not.
    expect(starts.filter((start) => start < (starts[5] ?? 0))).toHaveLength(5)
    for (const { url } of api.asked) {
      const span =
        Date.parse(url.searchParams.get('end') ?? '') - Date.parse(url.searchParams.get('start') ?? '')
      expect(span).toBeLessThanOrEqual(30 * MINUTE)
    }
  })

  it.each([10 * MINUTE, -10 * MINUTE, 20 * HOUR])(
    'finds calls although the clock of the host is %i ms ahead',
    async (skewMs) => {
      const { clock, log, settlement } = settle({ skewMs })
      const call = begin(clock, { inferenceId: 'a' })
      log.add({ inferenceId: 'a' })
      settlement.add(call)
      await clock.pass(5 * MINUTE)
      expect(call.told).toHaveLength(1)
    },
  )

  it('finds a call although the clock of the host was set back after it began', async () => {
    const { clock, log, settlement } = settle({ skewMs: 3 * HOUR })
    const call = begin(clock, { inferenceId: 'a' })
    log.add({ inferenceId: 'a' })
    settlement.add(call)
    clock.skewMs = 0
    await clock.pass(4 * HOUR)
    expect(call.told).toHaveLength(1)
  })

  it('finds a call although the clock of the host is set back by hours while it waits', async () => {
    const { clock, log, settlement } = settle()
    const call = begin(clock, { inferenceId: 'a' })
    settlement.add(call)
    await clock.pass(3 * HOUR)
    clock.skewMs = -5 * HOUR
    log.add({ inferenceId: 'a' })
    await clock.pass(3 * HOUR)
    expect(call.told).toHaveLength(1)
  })

  it('finds a call behind a page full of rows that make no sense', async () => {
    const { clock, log, settlement } = settle()
    const call = begin(clock, { inferenceId: 'a' })
    log.add({ inferenceId: 'a' })
    for (let n = 0; n < 100; n += 1)
      log.add({ inferenceId: `${n}`, credits: -1, createdMs: clock.trueMs() + 1 })
    settlement.add(call)
    await clock.pass(2 * MINUTE)
    expect(call.told).toHaveLength(1)
  })

  it('waits for a call once that is added twice', () => {
    const { clock, settlement } = settle()
    const call = begin(clock, { inferenceId: 'a' })
    expect([settlement.add(call), settlement.add(call)]).toStrictEqual([true, true])
    expect(settlement.pendingByAccount()).toStrictEqual(new Map([['team', 1]]))
  })

  it('does not read a log for ever that never ends', async () => {
    const { clock, log, api, settlement } = settle()
    const call = begin(clock, { inferenceId: 'a' })
    const rows = Array.from({ length: 100 }, (_, n) => ({
      created: '2026-03-01T11:59:59Z',
      inference_id: `${n}`,
      cost: { usd: 0, credits: 0 },
    }))
    log.answer = () => ({ data: rows, pagination: { has_more: true } })
    settlement.add(call)
    await clock.pass(1900 * SECOND)
    expect(api.asked).toHaveLength(1800)
  })

  /** A log whose second page fails until `recover()`: it has `rows`, the newest first, and then 100 others. */
  async function failAtSecondPage(
    calls: readonly Partial<PendingCall>[],
    rows: readonly Partial<ServerRow>[],
  ) {
    const { clock, log, settlement } = settle()
    const begun = calls.map((call) => begin(clock, call))
    const all = [...rows, ...Array.from({ length: 100 }, () => ({}))]
    for (const [n, row] of all.entries())
      log.add({ inferenceId: `other-${n}`, createdMs: clock.trueMs() + 1000 - n, ...row })
    const answer = log.answer.bind(log)
    log.answer = (url) => (url.searchParams.get('offset') === '0' ? answer(url) : 503)
    for (const call of begun) settlement.add(call)
    await clock.pass(2 * MINUTE)
    const before = begun.map(({ told }) => [...told])
    log.answer = answer
    await clock.pass(HOUR)
    return { before, after: begun.map(({ told }) => told) }
  }

  const ONE = { credits: 1000, usd: 0.0005 }

  it('keeps what it found on the pages before one that fails, and reports it once', async () => {
    const calls = ['early', 'late'].map((id) => ({ inferenceIds: [id] }))
    const others = Array.from({ length: 110 }, () => ({}))
    const rows = [{ inferenceId: 'late' }, ...others, { inferenceId: 'early' }]
    const { before, after } = await failAtSecondPage(calls, rows)
    expect(before).toStrictEqual([[], [ONE]])
    expect(after).toStrictEqual([[ONE], [ONE]])
  })

  it('reports nothing of a call whose rows may go on on the page that fails', async () => {
    const rows = Array.from({ length: 130 }, () => ({ inferenceId: 'batch', credits: 10 }))
    const { before, after } = await failAtSecondPage([{ inferenceIds: ['batch'] }], rows)
    expect(before).toStrictEqual([[]])
    expect(after).toMatchObject([[{ credits: 1300 }]])
  })

  it('guesses nothing by a client request id while a page is missing', async () => {
    const others = Array.from({ length: 105 }, () => ({}))
    const rows = [{ clientRequestId: 'order-1' }, ...others, { inferenceId: 'early' }]
    const calls = [{ clientRequestId: 'order-1' }, { inferenceIds: ['early'] }]
    const { before, after } = await failAtSecondPage(calls, rows)
    expect(before).toStrictEqual([[], []])
    expect(after).toStrictEqual([[ONE], [ONE]])
  })

  it('finds later calls though an earlier half hour has too many rows', async () => {
    const { clock, log, settlement } = settle()
    const busyUntilMs = clock.trueMs() + 30 * MINUTE
    const rows = Array.from({ length: 100 }, (_, n) => ({
      created: new Date(clock.trueMs()).toISOString(),
      inference_id: `${n}`,
      cost: { usd: 0, credits: 0 },
    }))
    const endless = { data: rows, pagination: { has_more: true } }
    const answer = log.answer.bind(log)
    const isBusy = (url: URL): boolean => new Date(startIn(url)).getTime() < busyUntilMs
    log.answer = (url) => (isBusy(url) ? endless : answer(url))
    settlement.add(begin(clock, { inferenceId: 'never' }))
    await clock.pass(2 * HOUR)
    const late = begin(clock, { inferenceId: 'late' })
    log.add({ inferenceId: 'late' })
    settlement.add(late)
    await clock.pass(3 * HOUR)
    expect(late.told).toStrictEqual([{ credits: 1000, usd: 0.0005 }])
  })

  describe('by client request id', () => {
    it('finds a call that never learnt its inference id', async () => {
      const { clock, log, settlement } = settle()
      const call = begin(clock, { clientRequestId: 'order-1' })
      log.add({ inferenceId: 'a', clientRequestId: 'order-1' })
      settlement.add(call)
      await clock.pass(MINUTE)
      expect(call.told).toStrictEqual([{ credits: 1000, usd: 0.0005 }])
    })

    it.each([
      [true, { inferenceId: 'a', clientRequestId: 'order-1' }, 1],
      [true, { inferenceId: 'session-1' }, 1],
      [true, { inferenceId: 'a', clientRequestId: 'order-2' }, 0],
      [false, { inferenceId: 'a', clientRequestId: 'order-1' }, 0],
    ])(
      'finds a call whose inference id the log may not have (%j) by what the row has: %j',
      async (hasUnsureIds, row, times) => {
        const { clock, log, settlement } = settle()
        const call = begin(clock, { inferenceId: 'session-1', clientRequestId: 'order-1', hasUnsureIds })
        log.add(row)
        settlement.add(call)
        await clock.pass(5 * MINUTE)
        expect(call.told).toHaveLength(times)
      },
    )

    it('leaves the row of a retry to the attempt that was counted already', async () => {
      const { clock, log, settlement } = settle()
      const call = begin(clock, {
        clientRequestId: 'order-1',
        accepts: ({ inferenceId }) => inferenceId !== 'counted',
      })
      log.add({ inferenceId: 'counted', clientRequestId: 'order-1' })
      settlement.add(call)
      await clock.pass(2 * MINUTE)
      expect(call.told).toStrictEqual([])
      log.add({ inferenceId: 'mine', clientRequestId: 'order-1', credits: 3 })
      await clock.pass(2 * MINUTE)
      expect(call.told).toStrictEqual([{ credits: 3, usd: 0.0000015 }])
    })

    it('gives the rows of attempts that share an id to those nearest in time', async () => {
      const { clock, log, settlement } = settle()
      const first = begin(clock, { clientRequestId: 'order-1' })
      log.add({ inferenceId: 'a', clientRequestId: 'order-1', credits: 1 })
      await clock.pass(5 * SECOND)
      const second = begin(clock, { clientRequestId: 'order-1' })
      log.add({ inferenceId: 'b', clientRequestId: 'order-1', credits: 2 })
      settlement.add(second)
      settlement.add(first)
      await clock.pass(MINUTE)
      expect([first.told, second.told]).toMatchObject([[{ credits: 1 }], [{ credits: 2 }]])
    })

    it("leaves the row of a router's decision aside", async () => {
      const { clock, log, settlement } = settle()
      const accepts: PendingCall['accepts'] = ({ inferenceId }) => inferenceId !== 'decision'
      const call = begin(clock, { clientRequestId: 'order-1', accepts })
      log.add({ inferenceId: 'decision', clientRequestId: 'order-1', credits: 1 })
      log.add({ inferenceId: 'answer', clientRequestId: 'order-1', credits: 11 })
      settlement.add(call)
      await clock.pass(MINUTE)
      expect(call.told).toMatchObject([{ credits: 11 }])
    })

    it('does not guess when there are more rows than calls', async () => {
      const { clock, log, settlement } = settle()
      const call = begin(clock, { clientRequestId: 'always-the-same' })
      for (const inferenceId of ['a', 'b']) log.add({ inferenceId, clientRequestId: 'always-the-same' })
      settlement.add(call)
      await clock.pass(10 * MINUTE)
      expect(call.told).toStrictEqual([])
    })

    it('does not guess when a further row is on the next page', async () => {
      const { clock, log, settlement } = settle()
      const call = begin(clock, { clientRequestId: 'always-the-same' })
      log.add({ inferenceId: 'a', clientRequestId: 'always-the-same' })
      await clock.pass(SECOND)
      for (let n = 0; n < 120; n += 1) log.add({ inferenceId: `${n}` })
      log.add({ inferenceId: 'b', clientRequestId: 'always-the-same' })
      settlement.add(call)
      await clock.pass(10 * MINUTE)
      expect(call.told).toStrictEqual([])
    })

    it('does not guess for a call that is not wanted, when reading stops before its other rows', async () => {
      const { clock, log, settlement } = settle()
      const call = begin(clock, { clientRequestId: 'always-the-same' })
      settlement.add(call)
      await clock.pass(10 * MINUTE)
      log.add({ inferenceId: 'a', clientRequestId: 'always-the-same' })
      await clock.pass(SECOND)
      for (let n = 0; n < 120; n += 1) log.add({ inferenceId: `${n}` })
      await clock.pass(SECOND)
      const certain = begin(clock, { inferenceId: 'certain' })
      settlement.add(certain)
      log.add({ inferenceId: 'b', clientRequestId: 'always-the-same' })
      log.add({ inferenceId: 'certain' })
      await clock.pass(10 * MINUTE)
      expect(certain.told).toHaveLength(1)
      expect(call.told).toStrictEqual([])
    })

    it("assigns rows by the server's clock", async () => {
      const { clock, log, settlement } = settle({ skewMs: 20 * MINUTE })
      const calls = []
      for (const credits of [1, 2]) {
        const call = begin(clock, { clientRequestId: 'order-1' })
        log.add({ inferenceId: `${credits}`, clientRequestId: 'order-1', credits })
        settlement.add(call)
        calls.push(call)
        await clock.pass(SECOND)
      }
      await clock.pass(10 * MINUTE)
      expect(calls.map(({ told }) => told)).toMatchObject([[{ credits: 1 }], [{ credits: 2 }]])
    })

    it.each([
      ['by an id of its answer', { ids: ['run_1'], credits: undefined }, 'run_1', 7],
      ['by its cost', { ids: [], credits: 18 }, 'another', 18],
      ['by its time', { ids: [], credits: undefined }, 'another', 7],
    ])('leaves the row of an answered retry aside, told %s', async (_how, answered, inferenceId, credits) => {
      const { clock, log, settlement } = settle()
      const { ids } = answered
      const beside = { ids, startTimeMs: clock.now() + 5 * SECOND, credits: () => answered.credits }
      const call = begin(clock, { clientRequestId: 'order-1', answeredBeside: () => [beside] })
      settlement.add(call)
      await clock.pass(5 * SECOND)
      log.add({ inferenceId, clientRequestId: 'order-1', credits })
      await clock.pass(2 * MINUTE)
      expect(call.told).toStrictEqual([])
      log.add({ inferenceId: 'mine', clientRequestId: 'order-1', credits: 3 })
      await clock.pass(2 * MINUTE)
      expect(call.told).toStrictEqual([{ credits: 3, usd: 0.0000015 }])
    })

    it('takes the row that is left, though that of the answered retry is nearer in time', async () => {
      const { clock, log, settlement } = settle()
      const beside = { ids: [], startTimeMs: clock.now() + 5 * SECOND, credits: () => 18 }
      const call = begin(clock, { clientRequestId: 'order-1', answeredBeside: () => [beside] })
      settlement.add(call)
      log.add({ inferenceId: 'of-the-retry', clientRequestId: 'order-1', credits: 18 })
      await clock.pass(5 * SECOND)
      log.add({ inferenceId: 'mine', clientRequestId: 'order-1', credits: 3 })
      await clock.pass(2 * MINUTE)
      expect(call.told).toStrictEqual([{ credits: 3, usd: 0.0000015 }])
    })

    it('never takes the row of a call that is known by its inference id', async () => {
      const { clock, log, settlement } = settle()
      const known = begin(clock, { inferenceId: 'a', clientRequestId: 'order-1' })
      const unknown = begin(clock, { clientRequestId: 'order-1' })
      log.add({ inferenceId: 'a', clientRequestId: 'order-1' })
      settlement.add(known)
      settlement.add(unknown)
      await clock.pass(MINUTE)
      expect([known.told.length, unknown.told.length]).toStrictEqual([1, 0])
    })
  })

  describe('at the end', () => {
    it('makes one last attempt for everything pending', async () => {
      const { clock, log, settlement } = settle()
      const call = begin(clock, { inferenceId: 'a' })
      log.add({ inferenceId: 'a' })
      settlement.add(call)
      await clock.pass(SECOND)
      await settlement.flush(5000)
      expect(call.told).toHaveLength(1)
    })

    it('makes that attempt also when a round is under way that has passed the place of the row', async () => {
      const { clock, log, api, settlement } = settle()
      for (let n = 0; n < 1000; n += 1) log.add({ inferenceId: `${n}` })
      const call = begin(clock, { inferenceId: 'late' })
      settlement.add(call)
      while (api.asked.length === 0) await clock.pass(SECOND)
      log.add({ inferenceId: 'late' })
      const flushed = settlement.flush(5000)
      await clock.pass(30 * SECOND)
      await flushed
      expect(call.told).toHaveLength(1)
    })

    it('does not wait longer for it than it may', async () => {
      const { clock, log, api, settlement } = settle()
      for (let n = 0; n < 1000; n += 1) log.add({ inferenceId: `${n}` })
      settlement.add(begin(clock, { inferenceId: 'ghost' }))
      await clock.pass(SECOND)
      // Time stands still for the pages: only the deadline can end it.
      await settlement.flush(20)
      expect(api.asked).toHaveLength(1)
    })

    it('reports calls that are still pending as lost, and accepts no more', async () => {
      const { clock, api, settlement } = settle()
      const call = begin(clock, { inferenceId: 'a' })
      settlement.add(call)
      settlement.stop()
      expect(call.told).toStrictEqual(['evicted'])
      expect(settlement.add(begin(clock, { inferenceId: 'b' }))).toBe(false)
      await clock.pass(HOUR)
      expect(api.asked).toStrictEqual([])
      expect(clock.waiting).toBe(0)
    })
  })

  it('reports the cost of every call exactly once, with any lag, order, pages and outages', async () => {
    const callArbitrary = fc.record({
      gapMs: fc.nat(2 * MINUTE),
      credits: fc.nat(10_000),
      lagMs: fc.nat(20 * MINUTE),
      datedLaterMs: fc.nat(3 * MINUTE),
      strangers: fc.nat(60),
    })
    const outageArbitrary = fc.record({ atMs: fc.nat(HOUR), lengthMs: fc.nat(20 * MINUTE) })
    await fc.assert(
      fc.asyncProperty(
        fc.array(callArbitrary, { minLength: 1, maxLength: 20 }),
        fc.array(outageArbitrary, { maxLength: 3 }),
        async (plans, outages) => {
          const { clock, log, api, settlement } = settle()
          for (const { atMs, lengthMs } of outages) {
            clock.after(atMs, () => (log.outage = 503))
            clock.after(atMs + lengthMs, () => (log.outage = undefined))
          }
          const calls = []
          for (const [n, plan] of plans.entries()) {
            const call = begin(clock, { inferenceId: `${n}` })
            const createdMs = clock.trueMs() + plan.datedLaterMs
            log.add({
              inferenceId: `${n}`,
              credits: plan.credits,
              createdMs,
              visibleMs: createdMs + plan.lagMs,
            })
            for (let s = 0; s < plan.strangers; s += 1) log.add({ inferenceId: `${n}/${s}`, createdMs })
            settlement.add(call)
            calls.push(call)
            await clock.pass(plan.gapMs)
          }
          await clock.pass(3 * HOUR)
          expect(calls.map(({ told }) => told)).toMatchObject(plans.map(({ credits }) => [{ credits }]))
          for (const [index, { atMs }] of api.asked.slice(1).entries())
            expect(atMs - (api.asked[index]?.atMs ?? 0)).toBeGreaterThanOrEqual(SECOND)
          // Whether the API would accept a window that ends in its future is not documented.
          for (const { url, atMs } of api.asked)
            expect(Date.parse(url.searchParams.get('end') ?? '')).toBeLessThanOrEqual(atMs)
        },
      ),
      { numRuns: 25 },
    )
  }, 120_000)
})
