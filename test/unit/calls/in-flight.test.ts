/** Responses that overlap: a generation is merged into another one while a call, a batch or the log still holds it. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Exchange } from '../../../src/traffic/exchange.ts'
import { MAX_STAGE_BYTES } from '../../../src/api/limits.ts'
import { drive, respond, type Answer, type Driver } from './drive.ts'

const CHAT = '/v1/chat/completions'
const VIDEO = '/v2/video/generations'
const BATCHES = '/v1/batches'
const cost = (credits: number): object => ({ usage: { credits_used: credits } })
const asked = (name: string): string => `${VIDEO}?generation_id=${name}`
const readBatch = (name: string): string => `${BATCHES}?batch_id=${name}`
const underId = (id: string): Record<string, string> => ({ 'x-inference-id': id })

/** Credits counted less credits refunded; what `onCall` heard is the same. */
function netCredits({ sink, records }: Driver): number {
  const counted = sink.usages.reduce((total, { usage }) => total + (usage.credits ?? 0), 0)
  const net = sink.refunds.reduce((rest, { credits }) => rest - credits, counted)
  const told = records.reduce(
    (total, { usage, refundedCredits = 0 }) => total + (usage?.credits ?? 0) - refundedCredits,
    0,
  )
  expect(told).toBe(net)
  return net
}

/** A call whose response head has arrived, and its body not. */
function open(driver: Driver, method: string, path: string, headers: Record<string, string> = {}): Exchange {
  const exchange = driver.begin(method, path, method === 'POST' ? { model: 'v' } : undefined)
  exchange.sent()
  const all: Record<string, string> = { 'content-type': 'application/json', ...headers }
  exchange.responseHead(200, (name) => all[name])
  return exchange
}

function finish(exchange: Exchange, body: string | object, error?: string): void {
  exchange.responseChunk(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)))
  exchange.end(error)
}

/** Lines, and blank ones until the buffer of the body is full: they are read before the body ends. */
function readNow(exchange: Exchange, lines: string): void {
  exchange.responseChunk(Buffer.from(lines + '\n'.repeat(MAX_STAGE_BYTES)))
}

/** The log has a row with this inference id. */
function showRow(
  driver: Driver,
  id: string,
  credits: number,
  isOf = (ids: readonly string[]) => ids.includes(id),
): void {
  for (const call of driver.pending) {
    if (!isOf(call.inferenceIds) || !call.accepts({ inferenceId: id })) continue
    driver.pending.delete(call)
    call.found({ credits, usd: credits / 2_000_000 }, id)
    return
  }
}

describe('a generation that is merged while its response arrives', () => {
  it('is the merged one when its own response ends', async () => {
    const driver = drive()
    const [first, second] = [
      open(driver, 'POST', VIDEO, underId('A')),
      open(driver, 'POST', VIDEO, underId('B')),
    ]
    finish(second, { id: 'B', generation_id: 'A', status: 'queued', meta: cost(50) })
    finish(first, { id: 'A', status: 'queued', meta: cost(50) })
    await driver.observer.stop()
    expect(netCredits(driver)).toBe(50)
  })

  it('is the merged one when a poll has named both', async () => {
    const driver = drive()
    const creates = ['A', 'B'].map((id) => open(driver, 'POST', VIDEO, underId(id)))
    await driver.exchange('GET', asked('A'), undefined, {
      body: { id: 'A', generation_id: 'B', status: 'generating', meta: cost(50) },
    })
    for (const create of creates) finish(create, { status: 'queued', meta: cost(50) })
    await driver.observer.stop()
    expect(netCredits(driver)).toBe(50)
  })

  const ITEM = (name: string, credits: number): string =>
    `${JSON.stringify({
      custom_id: name,
      result: {
        type: 'succeeded',
        message: { model: 'm', usage: { input_tokens: 1, output_tokens: 2 } },
        meta: cost(credits),
      },
    })}\n`
  const LINES = { 'content-type': 'application/x-ndjson' }

  it('keeps what the results of its batch said and will say', async () => {
    const driver = drive()
    const create = open(driver, 'POST', BATCHES, underId('A'))
    const results = open(driver, 'GET', readBatch('B'), LINES)
    readNow(results, ITEM('one', 50))
    expect(driver.sink.usages).toHaveLength(1)
    await driver.exchange('GET', readBatch('A'), undefined, {
      body: { id: 'A', batch_id: 'B', status: 'ended' },
    })
    finish(results, ITEM('two', 30))
    finish(create, { id: 'A', status: 'in_progress' })
    for (const name of ['A', 'B'])
      await driver.exchange('GET', readBatch(name), undefined, {
        headers: LINES,
        body: ITEM('one', 50) + ITEM('two', 30),
      })
    await driver.observer.stop()
    expect(netCredits(driver)).toBe(80)
    expect(driver.sink.usages.reduce((sum, { usage }) => sum + (usage.outputTokens ?? 0), 0)).toBe(4)
  })

  it.each([
    [
      ['one', 'two'],
      ['one', 'two'],
    ],
    [['one'], ['two']],
    [['one', 'two'], ['two']],
  ])(
    'costs all results of its batch once, read as %j under one id and as %j under the other',
    async (a, b) => {
      const driver = drive()
      await driver.exchange('POST', BATCHES, {}, { headers: underId('A'), body: '{', error: 'aborted' })
      const credits: Record<string, number> = { one: 50, two: 30 }
      for (const [id, items] of [
        ['A', a],
        ['B', b],
      ] as const)
        // prettier-ignore
        await driver.exchange('GET', readBatch(id), undefined, {
        headers: LINES,
        body: items.map((name) => ITEM(name, credits[name] as number)).join(''),
      })
      for (let times = 0; times < 2; times++)
        await driver.exchange('GET', readBatch('A'), undefined, {
          body: { id: 'A', batch_id: 'B', status: 'ended' },
        })
      await driver.observer.stop()
      expect(netCredits(driver)).toBe(80)
    },
  )

  it('is the merged one for the log, which was asked before', async () => {
    const driver = drive({ settlement: true })
    const create = open(driver, 'POST', VIDEO, underId('A'))
    await driver.exchange(
      'POST',
      VIDEO,
      { model: 'v' },
      { headers: underId('B'), body: '{', error: 'aborted' },
    )
    await driver.exchange('GET', asked('A'), undefined, {
      body: { id: 'A', generation_id: 'B', status: 'generating' },
    })
    for (const call of driver.pending) call.found({ credits: 50, usd: 0.000025 })
    finish(create, { id: 'A', status: 'queued', meta: cost(50) })
    await driver.observer.stop()
    expect(netCredits(driver)).toBe(50)
  })

  it('keeps the labels and ids of its create call, whichever was merged into which', async () => {
    const driver = drive()
    open(driver, 'POST', VIDEO, underId('A'))
    await driver.exchange(
      'POST',
      VIDEO,
      { model: 'v' },
      {
        headers: { ...underId('B'), 'x-client-request-id': 'mine' },
        body: { id: 'B', status: 'queued', meta: cost(50) },
      },
    )
    await driver.exchange('GET', asked('A'), undefined, {
      body: { id: 'A', generation_id: 'B', status: 'failed' },
    })
    expect(driver.records.filter(({ kind }) => kind === 'refund')).toMatchObject([
      { requestModel: 'v', inferenceId: 'B', clientRequestId: 'mine', refundedCredits: 50 },
    ])
  })

  const NAMES = ['A', 'B', 'C'] as const
  const name = fc.constantFrom(...NAMES)
  const step = fc.oneof(
    fc.record({ as: fc.constant('create'), name, other: name, says: fc.boolean() }),
    fc.record({ as: fc.constant('poll'), name, other: name, says: fc.boolean() }),
    fc.record({ as: fc.constant('results'), name, item: fc.nat(2) }),
    fc.record({ as: fc.constant('end'), index: fc.nat(5), isCut: fc.boolean() }),
    fc.record({ as: fc.constant('row') }),
  )

  it.each([
    ['video', VIDEO, asked, 60],
    ['batch', BATCHES, readBatch, 60],
  ])(
    'costs once what it costs, in any overlap of calls that name it: %s',
    async (kind, createPath, pollPath, truth) => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 14 }), async (steps) => {
          const driver = drive({ settlement: true })
          const unfinished: ((error?: string) => void)[] = []
          const begin = (exchange: Exchange, body: object | string): void =>
            void unfinished.push((error) => finish(exchange, body, error))
          const tell = (ids: object, says: boolean, status: string): object => ({
            ...ids,
            status,
            ...(says && { meta: cost(truth) }),
          })
          const keys = kind === 'batch' ? 'batch_id' : 'generation_id'
          for (const each of steps) {
            if (each.as === 'create') {
              const { name, other, says } = each
              begin(
                open(driver, 'POST', createPath, underId(name)),
                tell({ id: name, [keys]: other }, says, 'queued'),
              )
            } else if (each.as === 'poll') {
              const { name, other, says } = each
              begin(
                open(driver, 'GET', pollPath(name)),
                tell({ id: name, [keys]: other }, says, 'in_progress'),
              )
            } else if (each.as === 'results') {
              if (kind !== 'batch') continue
              const results = open(driver, 'GET', pollPath(each.name), LINES)
              readNow(results, ITEM(`${each.item}`, 20))
              begin(results, ITEM(`${(each.item + 1) % 3}`, 20))
            } else if (each.as === 'row') {
              showRow(driver, 'A', truth)
            } else {
              const [end] = unfinished.splice(each.index, 1)
              end?.(each.isCut ? 'aborted' : undefined)
            }
            await driver.observer.flush()
          }
          for (const end of unfinished) end()
          await driver.observer.flush()
          for (const other of ['B', 'C'])
            await driver.exchange('GET', pollPath('A'), undefined, {
              body: tell({ id: 'A', [keys]: other }, true, kind === 'batch' ? 'ended' : 'completed'),
            })
          await driver.exchange('GET', pollPath('C'), undefined, {
            body: tell({ id: 'C' }, true, 'completed'),
          })
          for (const call of driver.pending) call.lost('expired')
          await driver.observer.stop()
          expect(netCredits(driver)).toBe(truth)
          expect(driver.sink.missed).toEqual([])
        }),
        { numRuns: 500 },
      )
    },
  )
})

describe('an inference id that the log was the first to say', () => {
  const OWN = { 'x-client-request-id': 'mine' }
  const answer: Answer = {
    headers: underId('inf'),
    body: { id: 'c', choices: [], usage: { prompt_tokens: 3, completion_tokens: 4 }, meta: cost(100) },
  }
  const row = { credits: 100, usd: 0.00005, inputTokens: 3, outputTokens: 4 }
  const sums = ({ sink }: Driver): object => ({
    input: sink.usages.reduce((sum, { usage }) => sum + (usage.inputTokens ?? 0), 0),
    missing: sink.missed.length,
  })

  /** A call that was aborted before its response. */
  function abort(driver: Driver, path = CHAT): void {
    const exchange = driver.begin('POST', path, { model: 'm' }, OWN)
    exchange.sent()
    exchange.end('aborted')
  }
  function showOnlyRow(driver: Driver): void {
    showRow(driver, 'inf', 100, (ids) => ids.length === 0)
  }

  it.each(['log', 'replay'])(
    'is one generation for the log and for its replay, the %s first',
    async (first) => {
      const driver = drive({ settlement: true })
      abort(driver)
      await driver.observer.flush()
      const [call] = driver.pending
      const show = (): void => {
        expect(call?.accepts({ inferenceId: 'inf' })).toBe(true)
        if (call !== undefined && driver.pending.delete(call)) call.found(row, 'inf', 'm')
      }
      if (first === 'log') show()
      for (let times = 0; times < 2; times++) await driver.exchange('POST', CHAT, { model: 'm' }, answer)
      if (first === 'replay') show()
      await driver.exchange('POST', CHAT, { model: 'm' }, answer)
      await driver.observer.stop()
      expect(netCredits(driver)).toBe(100)
      expect(sums(driver)).toEqual({ input: 3, missing: 0 })
    },
  )

  it.each(['log', 'poll'])(
    'is one job for the log and for whoever was told its id, the %s first',
    async (first) => {
      const driver = drive({ settlement: true })
      abort(driver, VIDEO)
      await driver.observer.flush()
      if (first === 'log') showOnlyRow(driver)
      for (const status of ['generating', 'completed'])
        await driver.exchange('GET', asked('inf'), undefined, {
          body: { id: 'inf', status, meta: cost(100) },
        })
      if (first === 'poll') showOnlyRow(driver)
      await driver.exchange('GET', asked('inf'), undefined, {
        body: { id: 'inf', status: 'completed', meta: cost(100) },
      })
      await driver.observer.stop()
      expect(driver.pending.size).toBe(0)
      expect(netCredits(driver)).toBe(100)
      expect(driver.sink.missed).toEqual([])
    },
  )

  it('is another call’s when another attempt of the same request was answered under it', async () => {
    const driver = drive({ settlement: true })
    abort(driver)
    const retry = driver.begin('POST', CHAT, { model: 'm' }, OWN)
    respond(retry, answer)
    await driver.observer.flush()
    const [call] = driver.pending
    expect(call?.accepts({ inferenceId: 'inf' })).toBe(false)
    expect(call?.accepts({ inferenceId: 'other' })).toBe(true)
  })
})
