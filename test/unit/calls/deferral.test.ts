import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { Deferral, type EndedCall, type AllowedDelay } from '../../../src/calls/deferral.ts'

interface Opened {
  readonly deferral: Deferral
  readonly recorded: string[]
  readonly errors: unknown[]
  add(name: string, more?: Partial<EndedCall>): void
}

function open(allowedDelay: AllowedDelay | (() => AllowedDelay)): Opened {
  const recorded: string[] = []
  const errors: unknown[] = []
  const deferral = new Deferral(
    () => (typeof allowedDelay === 'string' ? allowedDelay : allowedDelay()),
    (error) => errors.push(error),
  )
  const add: Opened['add'] = (name, more) =>
    deferral.add({
      isDeferrable: true,
      isInTrace: true,
      hasEncodedResponse: false,
      startSpan: () => {},
      record: () => void recorded.push(name),
      ...more,
    })
  return { deferral, recorded, errors, add }
}

describe('ended calls', () => {
  it('wait, and are recorded soon in the order in which they ended', async () => {
    const { recorded, add } = open('batch')
    add('a')
    add('b')
    expect(recorded).toEqual([])
    while (recorded.length < 2) await sleep(1)
    expect(recorded).toEqual(['a', 'b'])
  })

  it.each(['batch', 'turn'] as const)(
    'are not recorded in the async context of the call that ended first (%s)',
    async (allowedDelay) => {
      const request = new AsyncLocalStorage<string>()
      const { add, recorded } = open(allowedDelay)
      const seenIn: (string | undefined)[] = []
      const record = (): void => {
        recorded.push('')
        seenIn.push(request.getStore())
      }
      request.run('first', () => add('', { record }))
      request.run('second', () => add('', { record }))
      while (recorded.length < 2) await sleep(1)
      expect(seenIn).toEqual([undefined, undefined])
    },
  )

  it('are recorded at once when a provider of the host throws, and nothing is thrown', () => {
    const ofHost = new Error('of the host')
    const { recorded, errors, add } = open(() => {
      throw ofHost
    })
    add('a')
    expect([recorded, errors]).toEqual([['a'], [ofHost]])
  })

  it('are recorded after what the application does at once, and before any timer, where a trace may be sent away', async () => {
    const { recorded, add } = open('turn')
    add('a')
    add('b')
    const order: string[] = []
    await Promise.resolve().then(() => order.push(`microtask ${recorded.length}`))
    await new Promise((resolve) => setTimeout(resolve, 1))
    order.push(`timer ${recorded.length}`)
    expect(order).toEqual(['microtask 0', 'timer 2'])
  })

  it('that begin their own trace are recorded together with others, also under a TracerProvider of the application', async () => {
    const started: string[] = []
    const { recorded, add } = open('turn')
    add('a', { isInTrace: false, startSpan: () => void started.push('a') })
    await new Promise((resolve) => setImmediate(resolve))
    expect([started, recorded]).toEqual([[], []])
    while (recorded.length < 1) await sleep(1)
  })

  it('that begin their own trace are recorded early where one inside of a trace follows', async () => {
    const { recorded, add } = open('turn')
    add('a', { isInTrace: false })
    add('b')
    await new Promise((resolve) => setImmediate(resolve))
    expect(recorded).toEqual(['a', 'b'])
  })

  it('that take long are recorded one by one: the application has its turn between them', async () => {
    const { recorded, add } = open('turn')
    const record = (name: string) => (): void => {
      const startMs = performance.now()
      while (performance.now() - startMs < 8);
      recorded.push(name)
    }
    for (const name of ['a', 'b']) add(name, { record: record(name) })
    const seen = await new Promise<number>((resolve) => setImmediate(() => resolve(recorded.length)))
    expect(seen).toBe(1)
    while (recorded.length < 2) await sleep(1)
  })

  it.each([
    ['turn', ['started']],
    ['none', []],
    ['batch', []],
  ] as const)(
    'have a span before the application hears of the end, where a trace takes no late one (%s)',
    (allowedDelay, expected) => {
      const started: string[] = []
      open(allowedDelay).add('a', { startSpan: () => void started.push('started') })
      expect(started).toEqual(expected)
    },
  )

  it('have a span before they are decoded, where nothing else may wait', () => {
    const started: string[] = []
    const { recorded, add } = open('none')
    add('gzip', { hasEncodedResponse: true, startSpan: () => void started.push('started') })
    expect([started, recorded]).toEqual([['started'], []])
  })

  it('are recorded by a flush, once', async () => {
    const { deferral, recorded, add } = open('batch')
    add('a')
    deferral.recordAll()
    deferral.recordAll()
    expect(recorded).toEqual(['a'])
    await sleep(30)
    expect(recorded).toEqual(['a'])
  })

  it('are recorded at once where a flush of spans cannot be noticed', () => {
    const { recorded, add } = open('none')
    add('a')
    expect(recorded).toEqual(['a'])
  })

  it('are recorded at once, with those before them, when a later request may depend on them', () => {
    const { recorded, add } = open('batch')
    add('chat')
    add('job', { isDeferrable: false })
    expect(recorded).toEqual(['chat', 'job'])
  })

  it('with a compressed response are never decoded while the application waits for it', async () => {
    for (const allowedDelay of ['batch', 'turn', 'none'] as const) {
      const { recorded, add } = open(allowedDelay)
      add('gzip', { hasEncodedResponse: true, isDeferrable: false })
      expect(recorded).toEqual([])
      while (recorded.length < 1) await sleep(1)
    }
  })

  it('are at most 64: with one more, all of them are recorded', () => {
    const { recorded, add } = open('batch')
    for (let count = 0; count < 64; count++) add('call')
    expect(recorded).toHaveLength(0)
    add('call')
    expect(recorded).toHaveLength(65)
  })

  it('ask again, for each group of calls, whether they may wait', () => {
    const answers: AllowedDelay[] = ['batch', 'none']
    const { deferral, recorded, add } = open(() => answers.shift() ?? 'none')
    add('a')
    add('b')
    expect(recorded).toEqual([])
    deferral.recordAll()
    add('c')
    expect(recorded).toEqual(['a', 'b', 'c'])
  })

  it('are recorded even when one of them throws, and when recording one flushes', () => {
    const { deferral, recorded, errors, add } = open('batch')
    const broken = new Error('broken')
    add('throws', {
      record() {
        throw broken
      },
    })
    add('flushes', { record: () => deferral.recordAll() })
    add('last')
    deferral.recordAll()
    expect(errors).toEqual([broken])
    expect(recorded).toEqual(['last'])
  })

  it('are recorded at once in no async context of a request', () => {
    const request = new AsyncLocalStorage<string>()
    const { deferral, add } = open('batch')
    let store: string | undefined = 'not recorded'
    add('of another request', { record: () => void (store = request.getStore()) })
    request.run('of the host', () => deferral.recordAll())
    expect(store).toBeUndefined()
  })

  it('are not needed to look for providers, which may throw', () => {
    const broken = new Error('of the provider')
    const { deferral, errors } = open(() => {
      throw broken
    })
    deferral.followProviders()
    expect(errors).toEqual([broken])
  })
})
