import { describe, expect, it } from 'vitest'
import { Accounting } from '../../../src/calls/accounting.ts'
import { createGeneration, type Generation } from '../../../src/calls/generation.ts'
import type { PendingCall, SettlementPort, UsageIdentity } from '../../../src/ports.ts'
import type { CallRecord } from '../../../src/types.ts'
import { createRecordingSink } from './recording-sink.ts'

const IDENTITY: UsageIdentity = {
  operation: 'video_generation',
  endpoint: 'video',
  requestModel: 'v',
  account: 'a',
  tags: {},
  serverAddress: 'h',
  serverPort: 443,
}
const IDS = { inferenceIds: ['gen-1'], clientRequestId: undefined, startTimeMs: 1 }

class WaitingList implements SettlementPort {
  readonly waiting = new Set<PendingCall>()
  takes = true
  add(call: PendingCall): boolean {
    if (this.takes) this.waiting.add(call)
    return this.takes
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

function open(identity = IDENTITY) {
  const sink = createRecordingSink()
  const list = new WaitingList()
  const records: CallRecord[] = []
  const accounting = new Accounting(sink, list, (record) => void records.push(record))
  const { answeredCalls, logLookup } = accounting
  const generation: Generation = createGeneration(identity, true)
  return { sink, list, records, accounting, answeredCalls, logLookup, generation }
}

describe('the accounting', () => {
  it('counts the credits of a generation once, however often they are reported', () => {
    const { sink, accounting, generation } = open()
    const usage = { credits: 100, usd: 0.00005 }
    expect(accounting.count(generation, usage, 'response')).toEqual(usage)
    expect(accounting.count(generation, usage, 'response')).toBeUndefined()
    expect(accounting.count(generation, { credits: 100 }, 'ledger')).toBeUndefined()
    expect(sink.usages).toHaveLength(1)
  })

  it('counts each figure from the first source that has it', () => {
    const { sink, accounting, generation } = open()
    accounting.count(generation, { outputTokens: 4, details: { reasoning: 1 } }, 'response')
    const later = { inputTokens: 3, outputTokens: 4, credits: 50, usd: 0.000025 }
    accounting.count(generation, { ...later, details: { reasoning: 1, cache_read: 2 } }, 'ledger')
    expect(sink.usages.map(({ usage, source }) => [usage, source])).toEqual([
      [{ outputTokens: 4, details: { reasoning: 1 } }, 'response'],
      [{ inputTokens: 3, credits: 50, usd: 0.000025, details: { cache_read: 2 } }, 'ledger'],
    ])
  })

  it('waits once for a generation, however many responses need it', () => {
    const { list, logLookup, generation } = open()
    expect([logLookup.start(generation, IDS), logLookup.start(generation, IDS)]).toEqual([true, true])
    expect(list.waiting.size).toBe(1)
  })

  it('does not wait when settlement does not accept it', () => {
    const { list, logLookup, generation } = open()
    list.takes = false
    expect(logLookup.start(generation, IDS)).toBe(false)
    expect(generation.lookup).toBeUndefined()
  })

  it('counts the figures of the log under the labels of the call, with a span and a record', () => {
    const { sink, list, records, logLookup, generation } = open()
    generation.inferenceId = 'gen-1'
    logLookup.start(generation, IDS)
    const usage = { credits: 9, usd: 0.0000045 }
    list.only().found(usage, 'gen-1')
    expect(sink.usages).toEqual([{ identity: IDENTITY, usage, source: 'ledger' }])
    expect(sink.settlements).toEqual([{ identity: IDENTITY, usage, inferenceId: 'gen-1' }])
    expect(records).toMatchObject([{ kind: 'settlement', usage, inferenceId: 'gen-1', requestModel: 'v' }])
  })

  it('counts the figures of the log instead of provisional ones, and of these what the log does not say', () => {
    const { sink, list, logLookup, generation } = open()
    generation.provisional = { inputTokens: 27, outputTokens: 4, credits: 1, details: { cache_read: 20 } }
    logLookup.start(generation, IDS)
    list.only().found({ credits: 2044, usd: 0.001022, inputTokens: 27, outputTokens: 199 })
    expect(sink.usages.map(({ usage, source }) => [usage, source])).toEqual([
      [{ credits: 2044, usd: 0.001022, inputTokens: 27, outputTokens: 199 }, 'ledger'],
      [{ details: { cache_read: 20 } }, 'response'],
    ])
  })

  it('drops provisional figures when the log has no charge', () => {
    const { sink, list, logLookup, generation } = open()
    generation.provisional = { inputTokens: 27, outputTokens: 4 }
    logLookup.start(generation, IDS)
    list.only().found({ credits: 0, usd: 0 })
    expect(sink.usages.map(({ usage }) => usage)).toEqual([{ credits: 0, usd: 0 }])
  })

  it('counts provisional figures when no more figures will come, and reports what is missing', () => {
    const { sink, list, records, logLookup, generation } = open()
    generation.provisional = { inputTokens: 27, outputTokens: 4 }
    logLookup.start(generation, IDS)
    list.only().lost('expired')
    expect(sink.usages.map(({ usage }) => usage)).toEqual([{ inputTokens: 27, outputTokens: 4 }])
    expect(sink.missed.map(({ reason }) => reason)).toEqual(['expired'])
    expect(records).toMatchObject([{ kind: 'settlement', missing: 'expired', usage: { outputTokens: 4 } }])
  })

  it('reports nothing missing when the provisional figures are complete', () => {
    const { sink, accounting, generation } = open()
    generation.provisional = { credits: 5 }
    accounting.lose(generation, 'evicted')
    expect([sink.usages.length, sink.missed.length]).toEqual([1, 0])
  })

  it('reports a generation missing once, and counts nothing of it afterwards', () => {
    const { sink, list, accounting, logLookup, generation } = open()
    logLookup.start(generation, IDS)
    list.only().lost('expired')
    accounting.lose(generation, 'evicted')
    expect(accounting.count(generation, { credits: 5 }, 'response')).toBeUndefined()
    expect(sink.missed).toEqual([{ identity: IDENTITY, reason: 'expired' }])
  })

  it.each([
    ['a router decided', 'chat', 'typesafe/jev', false],
    ['a router decided, by version', 'chat', 'typesafe/jev-1.13-20260917', false],
    ['a router decided, as the catalogue names it', 'chat', 'aimlapi/liquid/d1', false],
    ['a router answered', 'chat', 'liquid/d1-router', true],
    ['another model answered', 'chat', 'openai/gpt-6-luna', true],
    ['a decision was asked for', 'decisions', 'typesafe/jev', true],
  ] as const)(
    'looks at the model of a row: %s (%s, %s), accepted: %j',
    (_what, endpoint, model, accepted) => {
      const { list, logLookup, generation } = open({ ...IDENTITY, endpoint })
      logLookup.start(generation, IDS)
      expect(list.only().accepts({ inferenceId: 'gen-1', model })).toBe(accepted)
    },
  )

  it('accepts no row that is known to belong to another call', () => {
    const { list, answeredCalls, logLookup, generation } = open()
    answeredCalls.addInference('gen-1')
    answeredCalls.addInference('other')
    logLookup.start(generation, IDS)
    expect(['gen-1', 'other', 'new'].map((inferenceId) => list.only().accepts({ inferenceId }))).toEqual([
      true,
      false,
      true,
    ])
  })
})

describe('the items of a batch', () => {
  const batch = (): ReturnType<typeof open> => open({ ...IDENTITY, operation: 'batch', endpoint: 'batch' })
  const item = (customId: string, credits?: number) => ({
    customId,
    model: 'claude',
    failed: false,
    usage: { inputTokens: 2, outputTokens: 3, ...(credits !== undefined && { credits, usd: credits / 2e6 }) },
  })

  it('are the cost of the batch when they say one: the sum in the log adds nothing', () => {
    const { sink, list, accounting, logLookup, generation } = batch()
    logLookup.start(generation, IDS)
    accounting.countBatchItem(generation, item('one', 10))
    accounting.countBatchItem(generation, item('two', 20))
    expect(generation.counted.credits).toBe(30)
    list.only().found({ credits: 30, usd: 0.000015, inputTokens: 4, outputTokens: 6 })
    expect(sink.usages.map(({ usage }) => [usage.credits, usage.inputTokens])).toEqual([
      [10, 2],
      [20, 2],
    ])
  })

  it('add no cost to the sum that the log had before', () => {
    const { sink, list, accounting, logLookup, generation } = batch()
    logLookup.start(generation, IDS)
    list.only().found({ credits: 30, usd: 0.000015, inputTokens: 4, outputTokens: 6 })
    for (const name of ['one', 'two']) accounting.countBatchItem(generation, item(name, 15))
    expect(sink.usages.map(({ usage }) => [usage.credits, usage.inputTokens])).toEqual([
      [30, undefined],
      [undefined, 2],
      [undefined, 2],
    ])
  })
})
