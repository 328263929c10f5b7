import { describe, expect, it } from 'vitest'
import { createGeneration, type Generation } from '../../../src/calls/generation.ts'
import { Generations } from '../../../src/calls/generations.ts'
import type { CallIdentity } from '../../../src/types.ts'

const IDENTITY: CallIdentity = { operation: 'video_generation', endpoint: 'video', account: 'a', tags: {} }
const newGeneration = (): Generation => createGeneration(IDENTITY, undefined, true)

function remembering(maxIds: number): { lost: [Generation, string][]; generations: Generations } {
  const lost: [Generation, string][] = []
  const generations = new Generations({
    maxIds,
    maxIdleMs: 1000,
    onLost: (generation, reason) => {
      generation.lost = true
      lost.push([generation, reason])
    },
  })
  return { lost, generations }
}

describe('remembered generations', () => {
  it('are found by every id they go by', () => {
    const { generations } = remembering(10)
    const generation = newGeneration()
    generations.remember('inference', generation, 0)
    generations.remember('video_1:openai/sora-2', generation, 0)
    expect(generations.find('inference', 1)).toBe(generation)
    expect(generations.find('video_1:openai/sora-2', 1)).toBe(generation)
  })

  it('never exceed their bound, and the one not spoken of for longest goes first', () => {
    const { generations } = remembering(2)
    const [first, second, third] = [newGeneration(), newGeneration(), newGeneration()]
    generations.remember('1', first, 0)
    generations.remember('2', second, 1)
    generations.find('1', 2)
    generations.remember('3', third, 3)
    expect(generations.size).toBe(2)
    expect(generations.find('2', 4)).toBeUndefined()
    expect(generations.find('1', 4)).toBe(first)
  })

  it('are lost as evicted when their cost is still unknown, and silently when it is known', () => {
    const { lost, generations } = remembering(1)
    const unknown = newGeneration()
    const known = newGeneration()
    known.credits = 5
    generations.remember('unknown', unknown, 0)
    generations.remember('known', known, 0)
    generations.remember('last', newGeneration(), 0)
    expect(lost).toEqual([[unknown, 'evicted']])
  })

  it('expire after the idle limit', () => {
    const { lost, generations } = remembering(10)
    const idle = newGeneration()
    generations.remember('idle', idle, 0)
    generations.remember('busy', newGeneration(), 900)
    generations.expire(1000)
    expect(lost).toEqual([[idle, 'expired']])
    expect(generations.size).toBe(1)
  })

  it('that another process created are never reported missing by this one', () => {
    const { lost, generations } = remembering(10)
    generations.remember('theirs', createGeneration(IDENTITY, undefined, false), 0)
    generations.clear()
    expect(lost).toEqual([])
  })

  it('that settlement looks for are not lost when they are forgotten', () => {
    const { lost, generations } = remembering(10)
    const generation = newGeneration()
    generation.pending = {
      account: 'a',
      inferenceIds: ['1'],
      startTimeMs: 0,
      accepts: () => true,
      settled: () => {},
      lost: () => {},
    }
    generations.remember('1', generation, 0)
    generations.clear()
    expect(lost).toEqual([])
  })
})
