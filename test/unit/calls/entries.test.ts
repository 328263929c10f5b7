import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { Entries, type EndedCall } from '../../../src/calls/entries.ts'

interface Opened {
  readonly entries: Entries
  readonly entered: string[]
  readonly errors: unknown[]
  add(name: string, more?: Partial<EndedCall>): void
}

function open(mayWait: boolean | (() => boolean)): Opened {
  const entered: string[] = []
  const errors: unknown[] = []
  const entries = new Entries({
    mayWait: () => (typeof mayWait === 'boolean' ? mayWait : mayWait()),
    onInternalError: (error) => errors.push(error),
  })
  const add: Opened['add'] = (name, more) =>
    entries.add({
      isDeferrable: true,
      hasEncodedResponse: false,
      enter: () => void entered.push(name),
      ...more,
    })
  return { entries, entered, errors, add }
}

describe('ended calls', () => {
  it('wait, and are entered soon in the order in which they ended', async () => {
    const { entered, add } = open(true)
    add('a')
    add('b')
    expect(entered).toEqual([])
    while (entered.length < 2) await sleep(1)
    expect(entered).toEqual(['a', 'b'])
  })

  it('are entered by whoever wants to flush, once', async () => {
    const { entries, entered, add } = open(true)
    add('a')
    entries.enterAll()
    entries.enterAll()
    expect(entered).toEqual(['a'])
    await sleep(30)
    expect(entered).toEqual(['a'])
  })

  it('are entered at once where somebody may flush without telling', () => {
    const { entered, add } = open(false)
    add('a')
    expect(entered).toEqual(['a'])
  })

  it('are entered at once, with those before them, when somebody may ask for what they said', () => {
    const { entered, add } = open(true)
    add('chat')
    add('job', { isDeferrable: false })
    expect(entered).toEqual(['chat', 'job'])
  })

  it('with a compressed answer are never decoded while the application waits for it', async () => {
    for (const mayWait of [true, false]) {
      const { entered, add } = open(mayWait)
      add('gzip', { hasEncodedResponse: true, isDeferrable: false })
      expect(entered).toEqual([])
      while (entered.length < 1) await sleep(1)
    }
  })

  it('are few: one more than 64 has all of them entered', () => {
    const { entered, add } = open(true)
    for (let count = 0; count < 64; count++) add('call')
    expect(entered).toHaveLength(0)
    add('call')
    expect(entered).toHaveLength(65)
  })

  it('ask again, for each group of calls, whether they may wait', () => {
    const answers = [true, false]
    const { entries, entered, add } = open(() => answers.shift() ?? false)
    add('a')
    add('b')
    expect(entered).toEqual([])
    entries.enterAll()
    add('c')
    expect(entered).toEqual(['a', 'b', 'c'])
  })

  it('are entered even when one of them throws, and when entering one flushes', () => {
    const { entries, entered, errors, add } = open(true)
    const broken = new Error('broken')
    add('throws', {
      enter() {
        throw broken
      },
    })
    add('flushes', { enter: () => entries.enterAll() })
    add('last')
    entries.enterAll()
    expect(errors).toEqual([broken])
    expect(entered).toEqual(['last'])
  })
})
