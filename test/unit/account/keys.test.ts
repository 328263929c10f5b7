import { describe, expect, it } from 'vitest'
import type { KeyFacts } from '../../../src/api/account-keys.ts'
import { createKeysRound, prefixOf } from '../../../src/account/keys.ts'
import { createFakeApi, KEY, ManualClock } from './fakes.ts'

const answerFor = (prefix: string) => ({
  data: { prefix, disabled: false, limit: { retention: 'day', threshold: 25 }, monthly_usage: 3 },
})

function ask(answer: () => object | number, isManaged = false) {
  const told: (readonly KeyFacts[])[] = []
  const api = { ...createFakeApi(new ManualClock(), answer), isManaged }
  return { told, api, round: createKeysRound(api, (keys) => told.push(keys)) }
}

describe('the key in use', () => {
  it('is named by its first characters, a quarter of it at most', () => {
    expect(prefixOf('5eedc0de'.padEnd(32, '0'))).toBe('5eedc0de')
    expect(prefixOf('5eedc0de'.padEnd(64, '0'))).toBe('5eedc0de')
    expect(prefixOf('hunter2')).toBe('h')
    expect(prefixOf('k')).toBe('')
  })

  it('is reported with its limit when the response is about it', async () => {
    const { told, round } = ask(() => answerFor(KEY.slice(0, 8)))
    expect(await round()).toStrictEqual({})
    const key = { prefix: KEY.slice(0, 8), disabled: false, limitUsd: 25, usageUsd: 3, retention: 'day' }
    expect(told).toStrictEqual([[key]])
  })

  it('is no longer reported when the response is about another key', async () => {
    let prefix = KEY.slice(0, 8)
    const { told, api, round } = ask(() => answerFor(prefix))
    await round()
    prefix = 'ffffffff'
    await round()
    expect(told.map((keys) => keys.length)).toStrictEqual([1, 0])
    expect(api.polled).toStrictEqual(['key', 'key'])
  })
})

describe('all keys of an account', () => {
  it('are reported as the list has them now, so that a deleted one is gone', async () => {
    let prefixes = ['aaaaaaaa', 'bbbbbbbb']
    const { told, api, round } = ask(() => prefixes.map((prefix) => answerFor(prefix).data), true)
    await round()
    prefixes = ['bbbbbbbb']
    await round()
    expect(told.map((keys) => keys.map(({ prefix }) => prefix))).toStrictEqual([
      ['aaaaaaaa', 'bbbbbbbb'],
      ['bbbbbbbb'],
    ])
    expect(api.asked.map(({ path }) => path)).toStrictEqual(['/v1/keys', '/v1/keys'])
  })

  it('are those that spent most where there are 10,000', async () => {
    const list = Array.from({ length: 10_000 }, (_, n) => ({
      prefix: `${n}`,
      monthly_usage: n % 1000 === 0 ? n : 0,
    }))
    const { told, round } = ask(() => list, true)
    await round()
    expect(told[0]).toHaveLength(200)
    expect(told[0]?.slice(0, 10).map(({ prefix }) => prefix)).toStrictEqual(
      [9000, 8000, 7000, 6000, 5000, 4000, 3000, 2000, 1000, 0].map(String),
    )
  })

  it('stay as they were when the request fails', async () => {
    const { told, round } = ask(() => 403, true)
    expect(await round()).toMatchObject({ errorType: '403' })
    expect(told).toStrictEqual([])
  })
})
