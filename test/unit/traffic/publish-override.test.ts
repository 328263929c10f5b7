import diagnosticsChannel from 'node:diagnostics_channel'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { overridePublish } from '../../../src/traffic/publish-override.ts'

const name = 'test:traffic:publish-override'
const channel = diagnosticsChannel.channel(name) as ReturnType<typeof diagnosticsChannel.channel> & {
  publish: (message: unknown) => void
}
const ownPublish = (): unknown => Object.getOwnPropertyDescriptor(channel, 'publish')?.value

/** An override that notes its turn. */
const noting = (turns: string[], turn: string) =>
  overridePublish(name, (_message, publish) => {
    turns.push(turn)
    publish()
  })

const undo: (() => void)[] = []
afterEach(() => {
  for (const step of undo.splice(0)) step()
  delete (channel as Partial<typeof channel>).publish
})
const subscribe = (subscriber: (message: unknown) => void): void => {
  diagnosticsChannel.subscribe(name, subscriber)
  undo.push(() => diagnosticsChannel.unsubscribe(name, subscriber))
}

describe('an overridden publish', () => {
  test('reaches subscribers that come, go and come again', () => {
    const turns: string[] = []
    undo.push(noting(turns, 'ours'))
    const first = vi.fn<(message: unknown) => void>()
    diagnosticsChannel.subscribe(name, first)
    channel.publish({ n: 1 })
    diagnosticsChannel.unsubscribe(name, first)
    const second = vi.fn<(message: unknown) => void>()
    subscribe(second)
    channel.publish({ n: 2 })
    expect(first.mock.calls.map(([message]) => message)).toEqual([{ n: 1 }])
    expect(second.mock.calls.map(([message]) => message)).toEqual([{ n: 2 }])
    expect(turns).toEqual(['ours', 'ours'])
  })

  test('leaves nothing behind', () => {
    noting([], 'ours')()
    expect(Object.hasOwn(channel, 'publish')).toBe(false)
  })

  test('runs around an override that was there before, and gives it back', () => {
    const turns: string[] = []
    const before = (message: unknown): void => {
      turns.push('theirs')
      Object.getPrototypeOf(channel).publish.call(channel, message)
    }
    channel.publish = before
    const takeAway = noting(turns, 'ours')
    subscribe(() => turns.push('subscriber'))
    channel.publish({})
    takeAway()
    expect(turns).toEqual(['ours', 'theirs', 'subscriber'])
    expect(ownPublish()).toBe(before)
  })

  test('only passes on when somebody overrode it later and it cannot be taken out', () => {
    const turns: string[] = []
    const takeAway = noting(turns, 'ours')
    const inner = ownPublish() as (message: unknown) => void
    const after = (message: unknown): void => inner.call(channel, message)
    channel.publish = after
    takeAway()
    subscribe(() => turns.push('subscriber'))
    channel.publish({})
    expect(turns).toEqual(['subscriber'])
    expect(ownPublish()).toBe(after)
  })
})
