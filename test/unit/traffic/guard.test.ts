import diagnosticsChannel from 'node:diagnostics_channel'
import { describe, expect, test, vi } from 'vitest'
import type { Exchange, RequestHead } from '../../../src/traffic/exchange.ts'
import { Guard, GuardedExchange } from '../../../src/traffic/guard.ts'

const head: RequestHead = { method: 'POST', origin: 'http://localhost', path: '/', header: () => undefined }

const callbacks = ['sent', 'requestChunk', 'responseHead', 'responseChunk', 'end', 'within'] as const
type Callback = (typeof callbacks)[number]

/** Calls one callback with arguments of its kind. */
const call = (exchange: GuardedExchange, callback: Callback): void => {
  const calls: Record<Callback, () => void> = {
    sent: () => exchange.sent(),
    requestChunk: () => exchange.requestChunk(new Uint8Array(1)),
    responseHead: () => exchange.responseHead(200, () => undefined),
    responseChunk: () => exchange.responseChunk(new Uint8Array(1)),
    end: () => exchange.end(),
    within: () => exchange.within(() => {}),
  }
  calls[callback]()
}

const setUp = (faults: Partial<Exchange> = {}) => {
  const events: string[] = []
  const onInternalError = vi.fn<(error: unknown) => void>()
  const recorder: Exchange = {
    within: () => events.push('within'),
    sent: () => events.push('sent'),
    requestChunk: () => events.push('requestChunk'),
    responseHead: () => events.push('responseHead'),
    responseChunk: () => events.push('responseChunk'),
    end: (errorType) => events.push(`end ${errorType}`),
    ...faults,
  }
  const guard = new Guard({ begin: () => recorder, onInternalError })
  return { guard, events, onInternalError, begin: () => new GuardedExchange(recorder, guard) }
}

const boom = (): never => {
  throw new Error('boom')
}

describe('a guarded exchange', () => {
  test.each(callbacks)('keeps a throw in %s to itself, reports it and ends once', (callback) => {
    const { begin, events, onInternalError } = setUp({ [callback]: boom })
    const exchange = begin()
    expect(() => call(exchange, callback)).not.toThrow()
    expect(onInternalError).toHaveBeenCalledOnce()
    expect(exchange.ended).toBe(true)
    expect(events).toEqual(callback === 'end' ? [] : ['end _OTHER'])
  })

  test('reports one kind of failure once, however many exchanges have it', () => {
    const { begin, onInternalError } = setUp({ sent: boom, responseChunk: boom })
    for (let i = 0; i < 3; i++) begin().sent()
    begin().responseChunk(new Uint8Array(1))
    expect(onInternalError).toHaveBeenCalledTimes(2)
  })

  test('passes on nothing after the end, and ends once', () => {
    const { begin, events } = setUp()
    const exchange = begin()
    exchange.end('aborted')
    for (const callback of callbacks) call(exchange, callback)
    expect(events).toEqual(['end aborted'])
  })

  test('passes on nothing after its hook was removed', () => {
    const { guard, begin, events } = setUp()
    const exchange = begin()
    guard.release()
    for (const callback of callbacks) call(exchange, callback)
    expect(events).toEqual([])
  })
})

describe('a guard', () => {
  test('does not observe a request whose begin throws', () => {
    const onInternalError = vi.fn<(error: unknown) => void>()
    const guard = new Guard({ begin: boom, onInternalError })
    expect(guard.begin(head)).toBeUndefined()
    expect(onInternalError).toHaveBeenCalledOnce()
  })

  test('survives a reporter that throws', () => {
    const guard = new Guard({ begin: boom, onInternalError: boom })
    expect(guard.begin(head)).toBeUndefined()
    guard.subscribe('guard.test', boom)
    expect(() => diagnosticsChannel.channel('guard.test').publish({})).not.toThrow()
    guard.release()
    expect(guard.attempt('action', boom)).toBeUndefined()
  })
})
