import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks'
import diagnosticsChannel from 'node:diagnostics_channel'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { hookUndici } from '../../../src/traffic/undici.ts'
import {
  createRecorder,
  type RecordedExchange,
  type Recorder,
} from '../../integration/traffic-support/recorder.ts'

const undo: (() => void)[] = []
afterEach(() => {
  for (const step of undo.splice(0)) step()
})
const hook = (recorder: Recorder = createRecorder()): Recorder => {
  undo.push(hookUndici(recorder))
  return recorder
}

const publish = (event: string, message: object): void => {
  diagnosticsChannel.channel(`undici:${event}`).publish(message)
}

/** A request as undici 8 makes them: no methods that bodies could be read from. */
const modern = (fields: object = {}) => ({
  method: 'POST',
  origin: 'http://api.test',
  path: '/v1',
  headers: ['Content-Type', 'text/plain'],
  host: null,
  ...fields,
})

/** A request whose class has these methods. */
const withMethods = (methods: object) => Object.assign(Object.create(methods) as object, modern())

const announce = (recorder: Recorder, request: object): RecordedExchange => {
  publish('request:create', { request })
  return recorder.exchanges.at(-1) as RecordedExchange
}

describe('a request without body methods (undici 8)', () => {
  test('is followed by the chunk channels from start to end', () => {
    const request = modern()
    const exchange = announce(hook(), request)
    publish('client:sendHeaders', { request, headers: '', socket: {} })
    publish('request:bodyChunkSent', { request, chunk: 'hel' })
    publish('request:bodyChunkSent', { request, chunk: Buffer.from('lo') })
    publish('request:headers', { request, response: { statusCode: 103, headers: [] } })
    publish('request:headers', { request, response: { statusCode: 200, headers: { 'x-a': '1' } } })
    publish('request:bodyChunkReceived', { request, chunk: Buffer.from('wor') })
    publish('request:bodyChunkReceived', { request, chunk: Buffer.from('ld') })
    publish('request:trailers', { request, trailers: [] })
    expect(exchange.events).toEqual([
      'sent',
      'requestChunk',
      'sent',
      'requestChunk',
      'responseHead 200',
      'responseChunk',
      'end whole',
    ])
    expect(exchange.requestBytes.toString()).toBe('hello')
    expect(exchange.responseBytes.toString()).toBe('world')
    expect(exchange.header('x-a')).toBe('1')
  })

  test('is not counted twice where it still has a method for what was sent', () => {
    const sent = vi.fn<(chunk: unknown) => void>()
    const request = withMethods({ onBodySent: sent })
    const exchange = announce(hook(), request)
    ;(request as unknown as { onBodySent(chunk: unknown): void }).onBodySent('hello')
    publish('request:bodyChunkSent', { request, chunk: 'hello' })
    expect(sent).toHaveBeenCalledOnce()
    expect(exchange.requestBytes.toString()).toBe('hello')
  })

  test('does not subscribe to the chunk channels before one was seen', () => {
    const recorder = hook()
    const chunks = diagnosticsChannel.channel('undici:request:bodyChunkReceived')
    expect(chunks.hasSubscribers).toBe(false)
    announce(recorder, modern())
    expect(chunks.hasSubscribers).toBe(true)
  })
})

describe('a request with body methods (undici 5 to 7)', () => {
  test('is not counted twice where the chunk channels exist as well', () => {
    const received = vi.fn<(chunk: unknown) => boolean>(() => false)
    const request = withMethods({ onData: received })
    const recorder = hook()
    announce(recorder, modern())
    const exchange = announce(recorder, request)
    publish('request:bodyChunkReceived', { request, chunk: Buffer.from('ab') })
    expect((request as unknown as { onData(chunk: unknown): boolean }).onData(Buffer.from('ab'))).toBe(false)
    expect(received).toHaveBeenCalledOnce()
    expect(exchange.responseBytes.toString()).toBe('ab')
  })
})

describe('the end of a request', () => {
  test.each<[string, ['trailers' | 'error', unknown?][], (string | undefined)[]]>([
    ['a retried 503: trailers and then an error', [['trailers'], ['error', new Error('x')]], [undefined]],
    [
      'errors in a row',
      [
        ['error', 'because'],
        ['error', null],
      ],
      ['aborted'],
    ],
    ['trailers in a row', [['trailers'], ['trailers']], [undefined]],
  ])('is the first for %s', (_what, events, endings) => {
    const request = modern()
    const exchange = announce(hook(), request)
    for (const [event, error] of events) publish(`request:${event}`, { request, error })
    expect(exchange.endings).toEqual(endings)
  })

  test('is an abort when it came through the abort function, whatever its reason is', () => {
    const request = withMethods({ onRequestStart: (abort: (reason: unknown) => void) => abort(reset) })
    const reset = Object.assign(new Error('x'), { code: 'ECONNRESET' })
    const exchange = announce(hook(), request)
    const started = request as unknown as { onRequestStart(abort: unknown): void }
    started.onRequestStart((error: unknown) => publish('request:error', { request, error }))
    expect(exchange.endings).toEqual(['aborted'])
  })
})

describe('what is announced', () => {
  test.each<[string, object]>([
    ['a tunnel', { method: 'CONNECT', path: 'api.test:443' }],
    ['an upgrade', { upgrade: 'websocket' }],
    ['a request to nowhere', { origin: undefined }],
  ])('is not observed if it is %s', (_what, fields) => {
    const recorder = hook()
    publish('request:create', { request: modern(fields) })
    expect(recorder.exchanges).toEqual([])
    expect(recorder.errors).toEqual([])
  })

  test('may be anything without harm', () => {
    const recorder = hook()
    const uncaught = vi.fn<(error: unknown) => void>()
    process.once('uncaughtException', uncaught)
    undo.push(() => process.off('uncaughtException', uncaught))
    for (const message of [{}, { request: null }, { request: {} }, { request: modern({ path: 7 }) }]) {
      publish('request:create', message)
      publish('request:headers', message)
      publish('request:trailers', message)
    }
    expect(recorder.exchanges).toEqual([])
    return new Promise<void>((resolve) => setImmediate(resolve)).then(() =>
      expect(uncaught).not.toHaveBeenCalled(),
    )
  })

  test('is read in the form that undici 5 keeps headers in', () => {
    const headers = 'Authorization: Bearer k\r\nx-a: 1\r\n'
    const { head } = announce(hook(), modern({ headers, host: 'other.test', contentLength: 12 }))
    expect(head.header('authorization')).toBe('Bearer k')
    expect(head.header('host')).toBe('other.test')
    expect(head.header('content-length')).toBe('12')
  })

  test('is observed where others removed our override of publish', () => {
    const recorder = hook()
    delete (diagnosticsChannel.channel('undici:request:create') as { publish?: unknown }).publish
    announce(recorder, modern())
    expect(recorder.exchanges).toHaveLength(1)
  })
})

test('begin runs in the context in which the handler was made, behind decorators too', () => {
  const storage = new AsyncLocalStorage<string>()
  const contexts: (string | undefined)[] = []
  const recorder = createRecorder()
  hook({
    ...recorder,
    begin: () => {
      contexts.push(storage.getStore())
      return undefined
    },
  })
  const handler = storage.run('caller', () => new AsyncResource('TEST'))
  storage.run('somebody else', () => {
    publish('request:create', { request: modern({ [Symbol('handler')]: handler }) })
    publish('request:create', { request: modern({ [Symbol('handler')]: { handler: { handler } } }) })
    publish('request:create', { request: modern() })
  })
  expect(contexts).toEqual(['caller', 'caller', 'somebody else'])
})

test('a body that is written again after a lost connection is passed on once', () => {
  const request = modern()
  const exchange = announce(hook(), request)
  publish('client:sendHeaders', { request })
  publish('request:bodyChunkSent', { request, chunk: 'abc' })
  publish('client:sendHeaders', { request })
  publish('request:bodyChunkSent', { request, chunk: 'ab' })
  publish('request:bodyChunkSent', { request, chunk: 'cdef' })
  expect(exchange.requestBytes.toString()).toBe('abcdef')
})
