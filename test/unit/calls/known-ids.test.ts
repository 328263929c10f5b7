import { describe, expect, it } from 'vitest'
import { createGeneration, type Generation } from '../../../src/calls/generation.ts'
import { KnownIds } from '../../../src/calls/known-ids.ts'
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
  const ids = new KnownIds({
    maxIds,
    maxIdleMs: 1000,
    onLost: (generation, reason) => {
      generation.state = 'closed'
      lost.push([generation, reason])
    },
  })
  return { lost, ids }
}

describe('ids of jobs', () => {
  it('are found by every id they go by', () => {
    const { ids } = remembering(10)
    const generation = newGeneration()
    ids.rememberJob('inference', generation, 0)
    ids.rememberJob('video_1:openai/sora-2', generation, 0)
    expect(ids.find('inference', 1)).toBe(generation)
    expect(ids.find('video_1:openai/sora-2', 1)).toBe(generation)
  })

  it('never exceed their bound; the one that was not looked up for longest is forgotten first', () => {
    const { ids } = remembering(2)
    const [first, second, third] = [newGeneration(), newGeneration(), newGeneration()]
    ids.rememberJob('1', first, 0)
    ids.rememberJob('2', second, 1)
    ids.find('1', 2)
    ids.rememberJob('3', third, 3)
    expect(ids.size).toBe(2)
    expect(ids.find('2', 4)).toBeUndefined()
    expect(ids.find('1', 4)).toBe(first)
  })

  it('are reported as evicted when they are forgotten', () => {
    const { lost, ids } = remembering(1)
    const first = newGeneration()
    ids.rememberJob('first', first, 0)
    ids.rememberJob('last', newGeneration(), 0)
    expect(lost).toEqual([[first, 'evicted']])
  })

  it('are not reported as lost while another id leads to the same job', () => {
    const { lost, ids } = remembering(3)
    const [job, other] = [newGeneration(), newGeneration()]
    for (const [index, id] of ['inference', 'generation', 'request'].entries())
      ids.rememberJob(id, job, index)
    ids.find('inference', 3)
    ids.rememberJob('other', other, 4)
    ids.rememberJob('last', newGeneration(), 5)
    expect(ids.find('generation', 6)).toBeUndefined()
    expect(ids.find('inference', 6)).toBe(job)
    expect(lost).toEqual([])
    ids.clear()
    expect(lost.filter(([generation]) => generation === job)).toEqual([[job, 'expired']])
  })

  it('of one job, a new one with every poll, do not push out those of other jobs', () => {
    const { ids } = remembering(200)
    const [quiet, polled] = [newGeneration(), newGeneration()]
    ids.rememberJob('quiet', quiet, 0)
    for (let poll = 0; poll < 1000; poll++) ids.rememberJob(`request-${poll}`, polled, poll)
    expect(ids.find('quiet', 1000)).toBe(quiet)
    expect(ids.find('request-0', 1000)).toBe(polled)
  })

  it('expire after the idle limit', () => {
    const { lost, ids } = remembering(10)
    const idle = newGeneration()
    ids.rememberJob('idle', idle, 0)
    ids.rememberJob('busy', newGeneration(), 900)
    ids.expire(1000)
    expect(lost).toEqual([[idle, 'expired']])
    expect(ids.size).toBe(1)
  })

  it('that another process created are never reported missing by this one', () => {
    const { lost, ids } = remembering(10)
    ids.rememberJob('theirs', createGeneration(IDENTITY, false), 0)
    ids.clear()
    expect(lost).toEqual([])
  })

  it('of a job that is looked up in the log are not reported as lost when they are forgotten', () => {
    const { lost, ids } = remembering(10)
    const generation = newGeneration()
    generation.pending = {
      account: 'a',
      inferenceIds: ['1'],
      startTimeMs: 0,
      accepts: () => true,
      found: () => {},
      lost: () => {},
    }
    ids.rememberJob('1', generation, 0)
    ids.clear()
    expect(lost).toEqual([])
  })
})

describe('ids of responses', () => {
  it('lead to closed generations with the labels of their calls', () => {
    const { ids } = remembering(10)
    ids.rememberAnswer('inference', ['body'], IDENTITY)
    for (const id of ['inference', 'body'])
      expect(ids.find(id, 1)).toMatchObject({ identity: IDENTITY, state: 'closed' })
  })

  it('that a body names are not taken for inference ids', () => {
    const { ids } = remembering(10)
    ids.rememberAnswer('inference', ['body'], IDENTITY)
    expect(ids.findInference('body', 1)).toBeUndefined()
  })

  it('lead to the generation itself while something of it is open', () => {
    const { ids } = remembering(10)
    const open = newGeneration()
    ids.rememberAnswer('inference', [], open)
    expect(ids.find('inference', 1)).toBe(open)
  })

  it('never push out the id of a job', () => {
    const { ids } = remembering(10)
    const job = newGeneration()
    ids.rememberJob('job', job, 0)
    for (let n = 0; n < 100; n++) ids.rememberAnswer(`${n}`, [`body-${n}`], IDENTITY)
    expect(ids.find('job', 100)).toBe(job)
  })
})

describe('recent ids', () => {
  it('never exceed their bound, of which the newest half is always there', () => {
    const ids = new RecentIds<number>(10, 1000)
    for (let n = 0; n < 1000; n++) {
      ids.set(`${n}`, n)
      expect(ids.size).toBeLessThanOrEqual(10)
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
    expect(ids.size).toBe(0)
  })
})

describe('generations that turned out to be one', () => {
  it('are found as that one by the ids of both', () => {
    const { ids } = remembering(10)
    const [one, other] = [newGeneration(), newGeneration()]
    ids.rememberJob('1', one, 0)
    ids.rememberJob('2', other, 0)
    other.joined = one
    expect([ids.find('1', 1), ids.find('2', 1)]).toEqual([one, one])
  })
})
