import { describe, expect, it } from 'vitest'
import { Books } from '../../../src/calls/books.ts'
import { createGeneration, type Generation } from '../../../src/calls/generation.ts'
import type { PendingCall, SettlementPort } from '../../../src/ports.ts'
import type { CallIdentity } from '../../../src/types.ts'
import { createRecordingSink } from './recording-sink.ts'

const IDENTITY: CallIdentity = {
  operation: 'video_generation',
  endpoint: 'video',
  requestModel: 'v',
  account: 'a',
  tags: {},
}
const IDS = { inferenceId: 'gen-1', startTimeMs: 1 }

class WaitingList implements SettlementPort {
  readonly waiting = new Set<PendingCall>()
  add(call: PendingCall): boolean {
    this.waiting.add(call)
    return true
  }
  remove(call: PendingCall): void {
    this.waiting.delete(call)
  }
  only(): PendingCall {
    const [call] = this.waiting
    if (call === undefined) throw new Error('nothing is waiting')
    return call
  }
}

function open(): {
  sink: ReturnType<typeof createRecordingSink>
  list: WaitingList
  books: Books
  generation: Generation
} {
  const sink = createRecordingSink()
  const list = new WaitingList()
  return { sink, list, books: new Books(sink, list), generation: createGeneration(IDENTITY, undefined, true) }
}

describe('the books', () => {
  it('count the credits of a generation once, whoever reports them again', () => {
    const { sink, books, generation } = open()
    expect(books.count(generation, { credits: 100, usd: 0.00005 }, 'response')).toEqual({
      credits: 100,
      usd: 0.00005,
    })
    expect(books.count(generation, { credits: 100, usd: 0.00005 }, 'response')).toBeUndefined()
    expect(books.count(generation, { credits: 100 }, 'ledger')).toBeUndefined()
    expect(sink.usages).toHaveLength(1)
  })

  it('count tokens from one reporter and credits from another', () => {
    const { sink, books, generation } = open()
    books.count(generation, { inputTokens: 3, outputTokens: 4 }, 'response')
    books.count(generation, { inputTokens: 3, outputTokens: 4, credits: 50, usd: 0.000025 }, 'ledger')
    expect(sink.usages.map(({ usage, source }) => [usage, source])).toEqual([
      [{ inputTokens: 3, outputTokens: 4 }, 'response'],
      [{ credits: 50, usd: 0.000025 }, 'ledger'],
    ])
  })

  it('take back what was counted when a job fails, once', () => {
    const { sink, books, generation } = open()
    books.count(generation, { credits: 100 }, 'response')
    expect(books.fail(generation)).toBe(100)
    expect(books.fail(generation)).toBe(0)
    expect(sink.refunds).toEqual([{ identity: IDENTITY, credits: 100 }])
  })

  it('count nothing that is reported of a generation after it failed', () => {
    const { sink, books, generation } = open()
    books.fail(generation)
    expect(books.count(generation, { credits: 100 }, 'response')).toBeUndefined()
    expect(sink.refunds).toEqual([])
  })

  it('stop waiting for the ledger when a poll brings the cost', () => {
    const { list, books, generation } = open()
    expect(books.awaitLedger(generation, IDS)).toBe(true)
    books.count(generation, { credits: 7 }, 'response')
    expect(list.waiting.size).toBe(0)
  })

  it('stop waiting for the ledger when the job fails', () => {
    const { list, books, generation } = open()
    books.awaitLedger(generation, IDS)
    books.fail(generation)
    expect(list.waiting.size).toBe(0)
  })

  it('wait once for a generation, however many responses ask', () => {
    const { list, books, generation } = open()
    books.awaitLedger(generation, IDS)
    books.awaitLedger(generation, IDS)
    expect(list.waiting.size).toBe(1)
  })

  it('enter what the ledger says under the labels of the call and show it as settled', () => {
    const { sink, list, books, generation } = open()
    books.awaitLedger(generation, IDS)
    list.only().settled({ credits: 9, usd: 0.0000045 })
    expect(sink.usages).toEqual([
      { identity: IDENTITY, usage: { credits: 9, usd: 0.0000045 }, source: 'ledger' },
    ])
    expect(sink.settlements).toEqual([
      { identity: IDENTITY, usage: { credits: 9, usd: 0.0000045 }, inferenceId: 'gen-1' },
    ])
  })

  it('report a generation missing once, and nothing of it afterwards', () => {
    const { sink, list, books, generation } = open()
    books.awaitLedger(generation, IDS)
    list.only().lost('expired')
    books.lose(generation, 'evicted')
    expect(books.count(generation, { credits: 5 }, 'response')).toBeUndefined()
    expect(sink.missed).toEqual([{ identity: IDENTITY, reason: 'expired' }])
  })

  it('do not wait when nobody will look', () => {
    const sink = createRecordingSink()
    const books = new Books(sink, { add: () => false, remove: () => {} })
    const generation = createGeneration(IDENTITY, undefined, true)
    expect(books.awaitLedger(generation, IDS)).toBe(false)
    expect(generation.pending).toBeUndefined()
  })
})
