import diagnosticsChannel from 'node:diagnostics_channel'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { hookCreation, publishOnce } from '../../../src/traffic/request-creation.ts'
import type { Exchange, RequestHead } from '../../../src/traffic/exchange.ts'
import { Guard, GuardedExchange } from '../../../src/traffic/guard.ts'

interface Message {
  readonly id: number
}

const name = 'test:traffic:creation'
const channel = diagnosticsChannel.channel(name)
const head: RequestHead = { method: 'GET', origin: 'http://localhost', path: '/', header: () => undefined }
const idle: Exchange = {
  within: (publish) => publish(),
  sent() {},
  requestChunk() {},
  responseHead() {},
  responseChunk() {},
  end() {},
}

const undo: (() => void)[] = []
afterEach(() => {
  for (const step of undo.splice(0)) step()
})

/** Notes what is observed; `events` is in order with what other subscribers note there. */
const setUp = ({ nest = true, exchange = idle }: { nest?: boolean; exchange?: Exchange } = {}) => {
  const events: string[] = []
  const errors: unknown[] = []
  const guard = new Guard({ begin: () => exchange, onInternalError: (error) => errors.push(error) })
  const observe = (message: Message): Exchange => {
    events.push(`observed ${message.id}`)
    return new GuardedExchange(exchange, guard)
  }
  hookCreation<Message>(name, nest, guard, observe)
  const unhook = (): void => guard.release()
  undo.push(unhook)
  return { events, errors, unhook }
}
const listen = (events: string[], then: (message: Message) => void = () => {}): void => {
  const subscriber = (message: unknown): void => {
    events.push(`heard ${(message as Message).id}`)
    then(message as Message)
  }
  diagnosticsChannel.subscribe(name, subscriber)
  undo.push(() => diagnosticsChannel.unsubscribe(name, subscriber))
}

describe('a message that announces a request', () => {
  test.each([true, false])(
    'is observed once, and reaches every other subscriber once, nested: %s',
    (nest) => {
      const { events } = setUp({ nest })
      listen(events)
      listen(events)
      channel.publish({ id: 1 })
      channel.publish({ id: 2 })
      expect(events.join(', ')).toBe('observed 1, heard 1, heard 1, observed 2, heard 2, heard 2')
    },
  )

  test.each<[string, Exchange['within']]>([
    ['publishes twice', (publish) => void [publish(), publish()]],
    ['publishes not at all', () => {}],
    [
      'throws after publishing',
      (publish) => {
        publish()
        throw new Error('boom')
      },
    ],
    [
      'throws before publishing',
      () => {
        throw new Error('boom')
      },
    ],
  ])('is heard once though the exchange %s', (_what, within) => {
    const { events } = setUp({ exchange: { ...idle, within } })
    listen(events)
    channel.publish({ id: 1 })
    expect(events).toEqual(['observed 1', 'heard 1'])
  })

  test('runs the other subscribers inside the exchange, and runs them unchanged when it is not observed', () => {
    let inside = false
    const within = (publish: () => void): void => {
      inside = true
      publish()
      inside = false
    }
    const { events } = setUp({ exchange: { ...idle, within } })
    const seen: boolean[] = []
    listen(events, () => seen.push(inside))
    channel.publish({ id: 1 })
    expect(seen).toEqual([true])
  })

  test('passes on what the publication itself throws, after one call', () => {
    const publish = vi.fn<() => void>(() => {
      throw new Error('boom')
    })
    expect(() => publishOnce(publish, (once) => once())).toThrow('boom')
    expect(publish).toHaveBeenCalledOnce()
  })

  test('may announce another one on its way', () => {
    const { events } = setUp()
    listen(events, ({ id }) => {
      if (id === 1) channel.publish({ id: 2 })
    })
    channel.publish({ id: 1 })
    expect(events).toEqual(['observed 1', 'heard 1', 'observed 2', 'heard 2'])
  })

  test('is reported although it cannot be looked up', () => {
    const events: string[] = []
    const errors: unknown[] = []
    const guard = new Guard({
      begin: () => {
        throw new Error('boom')
      },
      onInternalError: (error) => errors.push(error),
    })
    hookCreation<Message>(name, true, guard, () => guard.begin(head))
    undo.push(() => guard.release())
    listen(events)
    expect(() => {
      channel.publish({ id: 1 })
      channel.publish({ id: 2 })
    }).not.toThrow()
    expect(events).toEqual(['heard 1', 'heard 2'])
    expect(errors).toEqual([new Error('boom')])
  })

  test('is observed once where somebody removed the override', () => {
    const { events } = setUp()
    delete (channel as { publish?: unknown }).publish
    listen(events)
    channel.publish({ id: 1 })
    expect(events).toEqual(['observed 1', 'heard 1'])
  })
})

test('the undo leaves the channel as it was', () => {
  const { events, unhook } = setUp()
  expect(Object.hasOwn(channel, 'publish')).toBe(true)
  unhook()
  expect(Object.hasOwn(channel, 'publish')).toBe(false)
  expect(channel.hasSubscribers).toBe(false)
  listen(events)
  channel.publish({ id: 1 })
  expect(events).toEqual(['heard 1'])
})
