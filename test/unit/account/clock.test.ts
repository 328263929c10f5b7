import { AsyncLocalStorage } from 'node:async_hooks'
import { describe, expect, it, vi } from 'vitest'
import { createClock, createStoppableClock } from '../../../src/account/clock.ts'
import { createGate } from '../../../src/account/gate.ts'
import { ServerTime } from '../../../src/account/server-time.ts'
import { ManualClock } from './fakes.ts'

describe('the real clock', () => {
  it('does not carry the context of whoever set a timer: a request of the host would live on in it', async () => {
    const request = new AsyncLocalStorage<string>()
    const clock = createClock()
    const store = await new Promise((resolve) => {
      request.run('of the host', () => clock.after(1, () => resolve(request.getStore())))
    })
    expect(store).toBeUndefined()
  })

  it('needs no global timers: those of a browser environment have no `unref`', () => {
    vi.stubGlobal('setTimeout', () => 1)
    try {
      expect(() => createClock().after(1, () => {})()).not.toThrow()
    } finally {
      vi.unstubAllGlobals()
    }
  })

  it('waits for delays that are longer than a timer can be, and can be cancelled', async () => {
    let fired = 0
    const clock = createClock()
    const cancel = clock.after(2 ** 31 + 1000, () => (fired += 1))
    const cancelSoon = clock.after(1, () => (fired += 1))
    cancelSoon()
    await new Promise((resolve) => setTimeout(resolve, 20))
    cancel()
    expect(fired).toBe(0)
  })
})

describe('a clock that is stopped', () => {
  it('fires no timer any more, whether it was set before or is set after', async () => {
    const manual = new ManualClock()
    const clock = createStoppableClock(manual)
    const fired: string[] = []
    clock.after(1000, () => fired.push('due'))
    clock.after(3000, () => fired.push('before'))
    await manual.pass(2000)
    clock.stop()
    clock.after(1000, () => fired.push('after'))
    await manual.pass(5000)
    expect(fired).toStrictEqual(['due'])
  })
})

describe('the gate', () => {
  it('lets one through at a time, in order, each a spacing after the one before', async () => {
    const clock = new ManualClock()
    const gate = createGate(1000, clock)
    const passed: [name: string, atMs: number][] = []
    for (const name of ['a', 'b', 'c']) void gate.pass().then(() => passed.push([name, clock.monotonicMs()]))
    await clock.pass(5000)
    void gate.pass().then(() => passed.push(['d', clock.monotonicMs()]))
    await clock.pass(0)
    expect(passed).toStrictEqual([
      ['a', 0],
      ['b', 1000],
      ['c', 2000],
      ['d', 5000],
    ])
  })
})

describe('the time of the server', () => {
  it('is the local one until a response shows another', () => {
    const time = new ServerTime()
    expect(time.at(1000)).toBe(1000)
    time.observe(500_000, 100_000, 100_200, 200)
    expect(time.at(100_100)).toBe(500_000)
  })

  it('does not follow differences that a Date header cannot show', () => {
    const time = new ServerTime()
    // Whole seconds, and an answer that took four seconds to come.
    time.observe(98_000, 100_000, 100_000, 0)
    time.observe(98_500, 100_000, 104_000, 4000)
    expect(time.at(0)).toBe(0)
  })

  it('stays as it is while the responses agree with it, and changes at once when the clock of the host is set', () => {
    const time = new ServerTime()
    time.observe(160_000, 100_000, 100_000, 0)
    time.observe(161_500, 100_000, 100_000, 0)
    expect(time.at(0)).toBe(60_000)
    time.observe(161_000, 161_500, 161_500, 1500)
    expect(time.at(0)).toBe(0)
  })

  it('is that of one server where others with another clock, or a cache, answer in between', () => {
    const time = new ServerTime()
    for (let second = 0; second < 200; second += 1) {
      const localMs = 100_000 + second * 1000
      const skewMs = [0, 30_000, -290_000, 30_000][second % 4] ?? 0
      time.observe(localMs + skewMs, localMs, localMs, second * 1000)
      expect(time.at(0)).toBe(0)
    }
  })

  it('is followed when the clock of the server is set', () => {
    const time = new ServerTime()
    for (let second = 0; second < 20; second += 1) {
      const localMs = 100_000 + second * 1000
      time.observe(localMs + (second < 5 ? 0 : 60_000), localMs, localMs, second * 1000)
    }
    expect(time.at(0)).toBe(60_000)
  })
})
