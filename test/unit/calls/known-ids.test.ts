import { describe, expect, it, vi } from 'vitest'
import { createGeneration, type Generation } from '../../../src/calls/generation.ts'
import { createKnownIds, type KnownIds } from '../../../src/calls/known-ids.ts'
import { RecentIds } from '../../../src/calls/recent-ids.ts'
import type { UsageIdentity } from '../../../src/ports.ts'

const IDENTITY: UsageIdentity = {
  operation: 'video_generation',
  endpoint: 'video',
  account: 'a',
  tags: {},
  serverAddress: 'h',
  serverPort: 443,
}
const newGeneration = (): Generation => createGeneration(IDENTITY, true)

function remembering(maxIds: number): { lost: [Generation, string][]; ids: KnownIds } {
  const lost: [Generation, string][] = []
  const lose = (generation: Generation, reason: string): void => {
    generation.state = 'closed'
    lost.push([generation, reason])
  }
  const ids = createKnownIds(lose, maxIds, 1000)
  return { lost, ids }
}

describe('ids of jobs', () => {
  it('are found by every id they go by', () => {
    const { ids } = remembering(10)
    const generation = newGeneration()
    ids.rememberJob('inference', generation)
    ids.rememberJob('video_1:openai/sora-2', generation)
    expect(ids.find('inference')).toBe(generation)
    expect(ids.find('video_1:openai/sora-2')).toBe(generation)
  })

  it('never exceed their bound; the one that was not looked up for longest is forgotten first', () => {
    const { ids } = remembering(2)
    const [first, second, third] = [newGeneration(), newGeneration(), newGeneration()]
    ids.rememberJob('1', first)
    ids.rememberJob('2', second)
    ids.find('1')
    ids.rememberJob('3', third)
    expect(ids.find('2')).toBeUndefined()
    expect(ids.find('1')).toBe(first)
    expect(ids.find('3')).toBe(third)
  })

  it('are reported as evicted when they are forgotten', () => {
    const { lost, ids } = remembering(1)
    const first = newGeneration()
    ids.rememberJob('first', first)
    ids.rememberJob('last', newGeneration())
    expect(lost).toEqual([[first, 'evicted']])
  })

  it('are not reported as lost while another id leads to the same job', () => {
    const { lost, ids } = remembering(3)
    const [job, other] = [newGeneration(), newGeneration()]
    for (const id of ['inference', 'generation', 'request']) ids.rememberJob(id, job)
    ids.find('inference')
    ids.rememberJob('other', other)
    ids.rememberJob('last', newGeneration())
    expect(ids.find('generation')).toBeUndefined()
    expect(ids.find('inference')).toBe(job)
    expect(lost).toEqual([])
    ids.clear()
    expect(lost.filter(([generation]) => generation === job)).toEqual([[job, 'expired']])
  })

  it('of one job, a new one with every poll, do not push out those of other jobs', () => {
    const { ids } = remembering(200)
    const [quiet, polled] = [newGeneration(), newGeneration()]
    ids.rememberJob('quiet', quiet)
    for (let poll = 0; poll < 1000; poll++) ids.rememberJob(`request-${poll}`, polled)
    expect(ids.find('quiet')).toBe(quiet)
    expect(ids.find('request-0')).toBe(polled)
  })

  it('expire after the idle limit', () => {
    const { lost, ids } = remembering(10)
    const [idle, busy] = [newGeneration(), newGeneration()]
    const now = vi.spyOn(performance, 'now').mockReturnValue(0)
    ids.rememberJob('idle', idle)
    now.mockReturnValue(900)
    ids.rememberJob('busy', busy)
    ids.expire(1000)
    now.mockRestore()
    expect(lost).toEqual([[idle, 'expired']])
    expect([ids.find('idle'), ids.find('busy')]).toEqual([undefined, busy])
  })

  it('that another process created are never reported missing by this one', () => {
    const { lost, ids } = remembering(10)
    ids.rememberJob('theirs', createGeneration(IDENTITY, false))
    ids.clear()
    expect(lost).toEqual([])
  })

  it('of a job that is looked up in the log are not reported as lost when they are forgotten', () => {
    const { lost, ids } = remembering(10)
    const generation = newGeneration()
    generation.lookup = {
      account: 'a',
      inferenceIds: ['1'],
      startTimeMs: 0,
      accepts: () => true,
      found: () => {},
      lost: () => {},
    }
    ids.rememberJob('1', generation)
    ids.clear()
    expect(lost).toEqual([])
  })
})

describe('ids of responses', () => {
  it('lead to closed generations with the labels of their calls', () => {
    const { ids } = remembering(10)
    ids.rememberAnswer('inference', ['body'], IDENTITY)
    for (const id of ['inference', 'body'])
      expect(ids.find(id)).toMatchObject({ identity: IDENTITY, state: 'closed' })
  })

  it('that a body names are not taken for inference ids', () => {
    const { ids } = remembering(10)
    ids.rememberAnswer('inference', ['body'], IDENTITY)
    expect(ids.findInference('body')).toBeUndefined()
  })

  it('lead to the generation itself while something of it is open', () => {
    const { ids } = remembering(10)
    const open = newGeneration()
    ids.rememberAnswer('inference', [], open)
    expect(ids.find('inference')).toBe(open)
  })

  it('never push out the id of a job', () => {
    const { ids } = remembering(10)
    const job = newGeneration()
    ids.rememberJob('job', job)
    for (let n = 0; n < 100; n++) ids.rememberAnswer(`${n}`, [`body-${n}`], IDENTITY)
    expect(ids.find('job')).toBe(job)
  })
})

/** How many of the ids from 0 to `count` are kept. */
function keptOf(ids: RecentIds<number>, count: number): number {
  return Array.from({ length: count }, (_, n) => ids.get(`${n}`)).filter((value) => value !== undefined)
    .length
}

describe('recent ids', () => {
  it('never exceed their bound, of which the newest half is always there', () => {
    const ids = new RecentIds<number>(10, 1000)
    for (let n = 0; n < 1000; n++) {
      ids.set(`${n}`, n)
      expect(keptOf(ids, n + 1)).toBeLessThanOrEqual(10)
      for (let back = 0; back < Math.min(n, 5); back++) expect(ids.get(`${n - back}`)).toBe(n - back)
    }
    expect(ids.get('0')).toBeUndefined()
  })

  it('are forgotten with age, not before the limit', () => {
    const ids = new RecentIds<number>(10, 1000)
    ids.expire(1000)
    ids.set('a', 1)
    ids.expire(2400)
    expect(ids.get('a')).toBe(1)
    ids.expire(3000)
    ids.expire(4000)
    expect(ids.get('a')).toBeUndefined()
  })
})

describe('generations that turned out to be one', () => {
  it('are found as that one by the ids of both', () => {
    const { ids } = remembering(10)
    const [one, other] = [newGeneration(), newGeneration()]
    ids.rememberJob('1', one)
    ids.rememberJob('2', other)
    other.joined = one
    expect([ids.find('1'), ids.find('2')]).toEqual([one, one])
  })
})
