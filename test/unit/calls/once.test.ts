/** One truth, told in pieces: any order, any repetition and any split of it gives the same sums. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Usage } from '../../../src/types.ts'
import { drive, respond, type Answer, type Driver, type DriverOptions } from './drive.ts'

const CHAT = '/v1/chat/completions'
const RESPONSES = '/v1/responses'
const VIDEO = '/v2/video/generations'
const EVENTS = { 'content-type': 'text/event-stream' }

interface Sums {
  readonly credits: number
  readonly input: number
  readonly output: number
  readonly missing: number
}

function sumUp({ sink }: Driver): Sums {
  const sum = (read: (usage: Usage) => number | undefined): number =>
    sink.usages.reduce((total, { usage }) => total + (read(usage) ?? 0), 0)
  return {
    credits: sum(({ credits }) => credits),
    input: sum(({ inputTokens }) => inputTokens),
    output: sum(({ outputTokens }) => outputTokens),
    missing: sink.missed.length,
  }
}

/** What `onCall` heard adds up to the same as what was counted. */
function expectSameBill(driver: Driver): void {
  const billed = driver.records.reduce(
    (total, { usage, refundedCredits = 0 }) => total + (usage?.credits ?? 0) - refundedCredits,
    0,
  )
  const refunded = driver.sink.refunds.reduce((total, { credits }) => total + credits, 0)
  expect(billed).toBe(sumUp(driver).credits - refunded)
}

/** The log shows the row of everything that waits for it. */
function showRow(driver: Driver, usage: Usage): void {
  for (const call of driver.pending) {
    const [inferenceId] = call.inferenceIds
    const row = { ...(inferenceId !== undefined && { inferenceId }), cost: { credits: usage.credits ?? 0 } }
    if (!call.accepts(row)) continue
    driver.pending.delete(call)
    call.found(usage, inferenceId)
  }
}

const cost = (credits: number): object => ({ usage: { credits_used: credits } })
const tokens = (input: number, output: number): object => ({
  prompt_tokens: input,
  completion_tokens: output,
  total_tokens: input + output,
})

describe('a response under an inference id that was counted before', () => {
  it.each([{}, { settlement: true }, { mayWait: true }] as DriverOptions[])(
    'is a request and adds nothing (%j)',
    async (options) => {
      const driver = drive(options)
      const headers = { 'x-inference-id': 'inf-1' }
      const body = { id: 'c', choices: [], usage: tokens(3, 4), meta: cost(7) }
      for (let times = 0; times < 3; times++)
        await driver.exchange('POST', CHAT, { model: 'm' }, { headers, body })
      expect(sumUp(driver)).toEqual({ credits: 7, input: 3, output: 4, missing: 0 })
      expect(driver.records.map(({ usage }) => usage?.credits)).toEqual([7, undefined, undefined])
    },
  )

  it('has the labels of its own request', async () => {
    const driver = drive()
    for (const model of ['asked-first', 'asked-again'])
      await driver.exchange('POST', CHAT, { model }, { headers: { 'x-inference-id': 'i' }, body: {} })
    expect(driver.records.map(({ requestModel }) => requestModel)).toEqual(['asked-first', 'asked-again'])
  })

  it('is recognised by that id alone: vendors repeat the ids of bodies', async () => {
    const driver = drive()
    const body = { id: 'chatcmpl-1', choices: [], usage: tokens(3, 4), meta: cost(7) }
    for (const inferenceId of ['inf-1', 'inf-2', 'chatcmpl-1'])
      await driver.exchange(
        'POST',
        CHAT,
        { model: 'm' },
        { headers: { 'x-inference-id': inferenceId }, body },
      )
    expect(sumUp(driver).credits).toBe(21)
  })

  it('counts when the first response was an error', async () => {
    const driver = drive()
    const headers = { 'x-inference-id': 'inf-1' }
    await driver.exchange('POST', CHAT, { model: 'm' }, { status: 500, headers, body: {} })
    await driver.exchange(
      'POST',
      CHAT,
      { model: 'm' },
      { headers, body: { usage: tokens(1, 2), meta: cost(5) } },
    )
    expect(sumUp(driver).credits).toBe(5)
  })
})

describe('what is read again', () => {
  const done = { id: 'resp_1', object: 'response', status: 'completed', model: 'gpt' }
  const usage = { input_tokens: 100, output_tokens: 200, total_tokens: 300 }

  it.each([true, false])(
    'of a response that ran in the background counts once, under the labels of its create call (mayWait %j)',
    async (mayWait) => {
      const driver = drive({ mayWait })
      await driver.exchange('POST', RESPONSES, { model: 'asked', background: true }, {
        headers: { 'x-inference-id': 'inf-bg' },
        body: { ...done, status: 'queued', background: true, usage: null, meta: null },
      }) // prettier-ignore
      for (let times = 0; times < 3; times++)
        await driver.exchange('GET', `${RESPONSES}/resp_1`, undefined, {
          headers: { 'x-inference-id': `inf-${times}` },
          body: { ...done, background: true, usage, meta: cost(700) },
        })
      expect(sumUp(driver)).toEqual({ credits: 700, input: 100, output: 200, missing: 0 })
      expect(driver.sink.usages[0]?.identity).toMatchObject({ operation: 'chat', requestModel: 'asked' })
      expect(driver.records.map(({ requestModel, pending }) => [requestModel, pending])).toEqual([
        ['asked', true],
        ['asked', false],
        ['asked', false],
        ['asked', false],
      ])
    },
  )

  it('of a response that failed in the background gives back what was counted', async () => {
    const driver = drive()
    const queued = { ...done, status: 'queued', background: true, usage: null, meta: cost(700) }
    await driver.exchange('POST', RESPONSES, { model: 'm', background: true }, { body: queued })
    const failed = { ...done, status: 'failed', background: true, error: { message: 'no' } }
    for (let times = 0; times < 2; times++)
      await driver.exchange('GET', `${RESPONSES}/resp_1`, undefined, { body: failed })
    expect(driver.sink.refunds.map(({ credits }) => credits)).toEqual([700])
    expect(driver.records.filter(({ kind }) => kind === 'refund')).toMatchObject([{ refundedCredits: 700 }])
    expectSameBill(driver)
  })

  it.each([
    ['a stored response', RESPONSES, `${RESPONSES}/resp_1`],
    ['a stored chat', CHAT, `${CHAT}/resp_1`],
    ['something at a path that nobody knows', RESPONSES, '/v1/archive/resp_1'],
  ])('as %s adds nothing to its create call', async (_what, createPath, readPath) => {
    const driver = drive()
    const body = { ...done, usage, meta: cost(700) }
    await driver.exchange('POST', createPath, { model: 'm' }, { headers: { 'x-inference-id': 'i' }, body })
    for (const inferenceId of ['another', 'i'])
      await driver.exchange('GET', readPath, undefined, { headers: { 'x-inference-id': inferenceId }, body })
    expect(sumUp(driver)).toEqual({ credits: 700, input: 100, output: 200, missing: 0 })
    expect(driver.records.map(({ requestModel }) => requestModel)).toEqual(['m', 'm', 'm'])
  })

  it('at an unknown path counts what comes under a new id, once, and misses nothing', async () => {
    const driver = drive()
    const read = (id: string | undefined, credits?: number): Promise<unknown> =>
      driver.exchange('GET', '/v1/archive', undefined, {
        headers: { 'x-inference-id': 'i' },
        body: { ...(id !== undefined && { id }), ...(credits !== undefined && { meta: cost(credits) }) },
      })
    for (const [id, credits] of [['one', 5], ['one', 5], ['two', undefined]] as const) await read(id, credits) // prettier-ignore
    expect(sumUp(driver)).toMatchObject({ credits: 5, missing: 0 })
  })

  it('without any id counts nothing: it may have been counted before', async () => {
    const driver = drive()
    for (let times = 0; times < 2; times++)
      await driver.exchange('GET', '/v1/archive', undefined, { body: { meta: cost(5) } })
    expect(sumUp(driver)).toMatchObject({ credits: 0, missing: 0 })
  })
})

describe('what only speaks of something stored', () => {
  const stored = { id: 'c', choices: [], usage: tokens(3, 4), meta: cost(700) }

  it.each([
    ['updates', CHAT, 'POST', `${CHAT}/c`, stored],
    ['deletes', RESPONSES, 'DELETE', `${RESPONSES}/c`, { id: 'c', deleted: true }],
    ['lists', CHAT, 'GET', CHAT, { object: 'list', data: [stored] }],
    ['lists', CHAT, 'GET', '/v1/videos', [stored, { ...stored, id: 'd' }]],
  ])('%s a generation and leaves it counted: %s', async (_what, createPath, method, path, body) => {
    const driver = drive()
    const headers = (id: string): object => ({ headers: { 'x-inference-id': id } })
    await driver.exchange('POST', createPath, { model: 'm' }, { ...headers('i'), body: stored })
    await driver.exchange(method, path, undefined, { ...headers('another'), body })
    await driver.exchange('GET', `${createPath}/c`, undefined, { ...headers('third'), body: stored })
    expect(sumUp(driver)).toEqual({ credits: 700, input: 3, output: 4, missing: 0 })
    expect(driver.records.at(-1)?.requestModel).toBe('m')
  })

  it('cancels a batch of another process, and does not make it this one’s', async () => {
    const driver = drive()
    await driver.exchange('POST', '/v1/batches/cancel/b', undefined, {
      body: { id: 'b', status: 'cancelled' },
    })
    await driver.exchange('GET', '/v1/batches?batch_id=b', undefined, { body: { id: 'b', status: 'ended' } })
    await driver.observer.stop()
    expect(driver.sink.missed).toEqual([])
  })
})

describe('something that is read', () => {
  it('and has no figures takes the place of no job', async () => {
    const driver = drive()
    await driver.exchange('POST', VIDEO, { model: 'v' }, { body: { id: 'job', status: 'queued' } })
    for (let n = 0; n < 20_100; n += 1)
      await driver.exchange('GET', `/v1/archive/${n}`, undefined, { body: { id: `thing-${n}` } })
    const done = { id: 'job', status: 'completed', meta: cost(90) }
    await driver.exchange('GET', `${VIDEO}?generation_id=job`, undefined, { body: done })
    expect(sumUp(driver)).toMatchObject({ credits: 90, missing: 0 })
    expect(driver.records.at(-1)?.requestModel).toBe('v')
  })
})

describe('a list of jobs', () => {
  it.each([
    ['videos', VIDEO, '/v1/videos', 'generation_id'],
    ['videos at a path that nobody knows', VIDEO, '/v1/archive', 'generation_id'],
    ['batches', '/v1/batches', '/v1/batches', 'batch_id'],
  ])('of %s does not make one of them', async (_what, createPath, listPath, parameter) => {
    const driver = drive()
    for (const id of ['A', 'B'])
      await driver.exchange('POST', createPath, { model: id }, { body: { id, status: 'queued' } })
    const list = ['A', 'B'].map((id) => ({ id, status: 'failed', meta: cost(50) }))
    await driver.exchange('GET', listPath, undefined, { body: list })
    for (const id of ['A', 'B'])
      await driver.exchange('GET', `${createPath}?${parameter}=${id}`, undefined, {
        body: { id, status: 'completed', meta: cost(50) },
      })
    expect(sumUp(driver)).toMatchObject({ credits: 100, missing: 0 })
    expect(driver.sink.refunds).toEqual([])
  })

  it('counts nothing, even when none of them is known', async () => {
    const driver = drive()
    const list = ['A', 'B'].map((id) => ({ id, usage: tokens(1, 2), meta: cost(50) }))
    await driver.exchange('GET', '/v1/archive', undefined, { headers: { 'x-inference-id': 'i' }, body: list })
    expect(sumUp(driver)).toMatchObject({ credits: 0, input: 0, missing: 0 })
  })
})

describe('a poll', () => {
  const poll = `${VIDEO}?generation_id=j`

  it('that was refused changes nothing of its job, whatever status its body has', async () => {
    const driver = drive()
    await driver.exchange(
      'POST',
      VIDEO,
      { model: 'v' },
      { body: { id: 'j', status: 'queued', meta: cost(50) } },
    )
    for (const [status, word] of [
      [500, 'error'],
      [429, 'failed'],
      [404, 'expired'],
    ] as const)
      // prettier-ignore
      await driver.exchange('GET', poll, undefined, { status, body: { id: 'j', status: word } })
    await driver.exchange('GET', poll, undefined, { body: { id: 'j', status: 'completed' } })
    expect(driver.sink.refunds).toEqual([])
    expect(driver.records.map(({ errorType }) => errorType)).toEqual([
      undefined,
      '500',
      '429',
      '404',
      undefined,
    ])
    expectSameBill(driver)
  })

  it('with a cost of 0 in its headers still counts the cost in its body', async () => {
    for (const at of ['create', 'poll']) {
      const driver = drive()
      const told = { headers: { 'x-aimlapi-credits-used': '0' }, body: { id: 'j', meta: cost(50) } }
      await driver.exchange('POST', VIDEO, { model: 'v' }, at === 'create' ? told : { body: { id: 'j' } })
      const done = { id: 'j', status: 'completed' }
      await driver.exchange('GET', poll, undefined, at === 'create' ? { body: done } : { ...told, body: { ...told.body, ...done } }) // prettier-ignore
      expect(sumUp(driver)).toMatchObject({ credits: 50, missing: 0 })
    }
  })
})

describe('a response that runs in the background', () => {
  const response = (status: string, more: object = {}): object => ({
    id: 'resp_1',
    object: 'response',
    background: true,
    status,
    ...more,
  })
  const event = (type: string, body: object): string =>
    `event: ${type}\ndata: ${JSON.stringify({ type, response: body })}\n\n`
  const used = { usage: { input_tokens: 3, output_tokens: 4, total_tokens: 7 }, meta: cost(700) }

  it.each([{}, { settlement: true }] as DriverOptions[])(
    'and is read as a stream that breaks off counts when it is taken up again (%j)',
    async (options) => {
      const driver = drive(options)
      await driver.exchange('POST', RESPONSES, { model: 'm', background: true, stream: true }, {
        headers: { ...EVENTS, 'x-inference-id': 'i' },
        body: event('response.created', response('queued')) + event('response.in_progress', response('in_progress')),
        error: 'aborted',
      }) // prettier-ignore
      await driver.exchange('GET', `${RESPONSES}/resp_1?stream=true&starting_after=1`, undefined, {
        headers: EVENTS,
        body: event('response.completed', response('completed', used)),
      })
      await driver.exchange('GET', `${RESPONSES}/resp_1`, undefined, { body: response('completed', used) })
      expect(sumUp(driver)).toEqual({ credits: 700, input: 3, output: 4, missing: 0 })
      expect(driver.pending.size).toBe(0)
    },
  )

  it('that broke off is missing when no further poll came', async () => {
    const driver = drive()
    await driver.exchange('POST', RESPONSES, { model: 'm', background: true, stream: true }, {
      headers: EVENTS,
      body: event('response.created', response('queued')),
      error: 'aborted',
    }) // prettier-ignore
    await driver.observer.stop()
    expect(driver.sink.missed).toHaveLength(1)
  })

  it.each([
    ['with a cost of its own is charged that', used, 700, 0],
    ['without one gives back what was counted', { usage: null }, 300, 300],
  ])('and is cancelled %s', async (_what, more, credits, refunded) => {
    const driver = drive()
    const before = refunded > 0 ? { meta: cost(300) } : {}
    await driver.exchange(
      'POST',
      RESPONSES,
      { model: 'm', background: true },
      { body: response('queued', before) },
    )
    for (const [method, path] of [
      ['POST', `${RESPONSES}/resp_1/cancel`],
      ['GET', `${RESPONSES}/resp_1`],
    ] as const)
      // prettier-ignore
      await driver.exchange(method, path, undefined, { body: response('cancelled', more) })
    await driver.observer.stop()
    expect(sumUp(driver)).toMatchObject({ credits, missing: 0 })
    expect(driver.sink.refunds.reduce((sum, refund) => sum + refund.credits, 0)).toBe(refunded)
    expectSameBill(driver)
  })

  it('is one generation with its create call, also when it was read before that had ended', async () => {
    for (const path of ['/v1/archive/resp_1', `${RESPONSES}/resp_1`]) {
      const driver = drive()
      const create = driver.begin('POST', RESPONSES, { model: 'm', stream: true })
      create.responseHead(200, (name) => ({ ...EVENTS, 'x-inference-id': 'i' })[name])
      create.responseChunk(Buffer.from(event('response.created', { id: 'resp_1', status: 'in_progress' })))
      await driver.exchange('GET', path, undefined, { body: { id: 'resp_1', status: 'completed', ...used } })
      create.responseChunk(Buffer.from(event('response.completed', response('completed', used))))
      create.end()
      await driver.observer.flush()
      expect(sumUp(driver)).toEqual({ credits: 700, input: 3, output: 4, missing: 0 })
    }
  })
})

describe('a batch', () => {
  const BATCHES = '/v1/batches'
  const ITEMS = [['one', 10], ['two', 20.5], ['three', 30]] as const // prettier-ignore
  const item = (index: number): object => {
    const [custom_id, credits] = ITEMS[index] as (typeof ITEMS)[number]
    const message = { model: 'claude', usage: { input_tokens: 1, output_tokens: 2 } }
    return { custom_id, result: { type: 'succeeded', message, meta: cost(credits) } }
  }
  const lines = (indexes: readonly number[]): string =>
    indexes.map((index) => JSON.stringify(item(index))).join('\n')
  const told = fc.oneof(
    fc.record({
      as: fc.constant('results'),
      indexes: fc.uniqueArray(fc.nat(2), { minLength: 1 }),
      cut: fc.boolean(),
    }),
    fc.record({ as: fc.constant('sum'), credits: fc.constantFrom(0, 12, 60.5), over: fc.boolean() }),
    fc.record({ as: fc.constant('row') }),
  )

  it('costs what it states or what its results state together, in whatever order, parts and repetition', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(told, { maxLength: 6 }), fc.boolean(), async (tellings, endsInSum) => {
        const driver = drive({ settlement: true })
        await driver.exchange('POST', BATCHES, { requests: [] }, { body: { id: 'b', status: 'generating' } })
        const poll = (answer: Answer): Promise<unknown> =>
          driver.exchange('GET', `${BATCHES}?batch_id=b`, undefined, answer)
        const sum = (credits: number, over: boolean): Promise<unknown> =>
          poll({ body: { id: 'b', status: over ? 'ended' : 'in_progress', meta: cost(credits) } })
        for (const telling of tellings) {
          if (telling.as === 'row') showRow(driver, { credits: 60.5, usd: 0.00003025 })
          else if ('indexes' in telling)
            await poll({ body: lines(telling.indexes), ...(telling.cut && { error: 'aborted' }) })
          else await sum(telling.credits, telling.over && telling.credits === 60.5)
        }
        if (endsInSum) await sum(60.5, true)
        else await poll({ body: lines([2, 0, 1]) })
        expect(sumUp(driver).credits).toBeCloseTo(60.5, 9)
        expect(sumUp(driver).missing).toBe(0)
        expectSameBill(driver)
      }),
      { numRuns: 300 },
    )
  })

  it('whose results broke off still waits for the log, or for the next poll', async () => {
    for (const settlement of [true, false]) {
      const driver = drive({ settlement })
      await driver.exchange('POST', BATCHES, { requests: [] }, { body: { id: 'b', status: 'generating' } })
      const broken = { body: lines([0]), error: 'aborted' }
      await driver.exchange('GET', `${BATCHES}?batch_id=b`, undefined, broken)
      if (settlement) showRow(driver, { credits: 60.5, usd: 0.00003025 })
      else await driver.exchange('GET', `${BATCHES}?batch_id=b`, undefined, { body: lines([0, 1, 2]) })
      expect(sumUp(driver)).toMatchObject({ credits: 60.5, missing: 0 })
    }
  })

  it('whose results broke off is still waited for after a poll that only says it is over', async () => {
    for (const settlement of [true, false]) {
      const driver = drive({ settlement })
      await driver.exchange('POST', BATCHES, { requests: [] }, { body: { id: 'b', status: 'generating' } })
      const poll = (answer: Answer): Promise<unknown> =>
        driver.exchange('GET', `${BATCHES}?batch_id=b`, undefined, answer)
      await poll({ body: lines([0]), error: 'aborted' })
      await poll({ body: { id: 'b', status: 'ended' } })
      expect(sumUp(driver).missing).toBe(0)
      expect(driver.pending.size).toBe(settlement ? 1 : 0)
      if (settlement) showRow(driver, { credits: 60.5, usd: 0.00003025 })
      else await poll({ body: lines([0, 1, 2]) })
      expect(sumUp(driver)).toMatchObject({ credits: 60.5, missing: 0 })
    }
  })

  it('a line of whose results cannot be read waits for the log too', async () => {
    const driver = drive({ settlement: true })
    await driver.exchange('POST', BATCHES, { requests: [] }, { body: { id: 'b', status: 'generating' } })
    const broken = `${lines([0])}{"custom_id":"1","result":{"type":"succeeded","message":{"usage":\n`
    await driver.exchange('GET', `${BATCHES}?batch_id=b`, undefined, { body: broken })
    expect(driver.pending.size).toBe(1)
    showRow(driver, { credits: 60.5, usd: 0.00003025 })
    expect(sumUp(driver)).toMatchObject({ credits: 60.5, missing: 0 })
  })

  it('whose results broke off waits no longer when it has told its cost', async () => {
    const driver = drive({ settlement: true })
    await driver.exchange('POST', BATCHES, { requests: [] }, { body: { id: 'b', status: 'generating' } })
    const poll = (answer: Answer): Promise<unknown> =>
      driver.exchange('GET', `${BATCHES}?batch_id=b`, undefined, answer)
    await poll({ body: lines([0]), error: 'aborted' })
    await poll({ body: { id: 'b', status: 'ended', meta: cost(60.5) } })
    expect(driver.pending.size).toBe(0)
    expect(sumUp(driver)).toMatchObject({ credits: 60.5, missing: 0 })
  })
})

describe('a row of the log', () => {
  it('with a cost of 0 for a job is not final: a poll may still say the cost', async () => {
    const driver = drive({ settlement: true })
    await driver.exchange('POST', VIDEO, { model: 'v' }, { body: { id: 'j', status: 'queued' } })
    showRow(driver, { credits: 0, usd: 0 })
    const done = { id: 'j', status: 'completed', meta: cost(90) }
    await driver.exchange('GET', `${VIDEO}?generation_id=j`, undefined, { body: done })
    expect(sumUp(driver)).toMatchObject({ credits: 90, missing: 0 })
    expectSameBill(driver)
  })

  it('that nobody can search for any more leaves a job to its polls', async () => {
    const driver = drive({ settlement: true })
    await driver.exchange('POST', VIDEO, { model: 'v' }, { body: { id: 'j', status: 'queued' } })
    for (const call of driver.pending) call.lost('evicted')
    expect(sumUp(driver).missing).toBe(0)
    const done = { id: 'j', status: 'completed', meta: cost(90) }
    await driver.exchange('GET', `${VIDEO}?generation_id=j`, undefined, { body: done })
    expect(sumUp(driver)).toMatchObject({ credits: 90, missing: 0 })
  })

  it('that nobody can search for any more is missing when its job is forgotten', async () => {
    const driver = drive({ settlement: true })
    await driver.exchange('POST', VIDEO, { model: 'v' }, { body: { id: 'j', status: 'queued' } })
    for (const call of driver.pending) call.lost('evicted')
    await driver.observer.stop()
    expect(sumUp(driver)).toMatchObject({ credits: 0, missing: 1 })
  })

  it('with a cost of 0 for a job is searched for on, until the charge comes or the call is too old', async () => {
    for (const isCharged of [true, false]) {
      const driver = drive({ settlement: true })
      await driver.exchange('POST', VIDEO, { model: 'v' }, { body: { id: 'j', status: 'queued' } })
      showRow(driver, { credits: 0, usd: 0 })
      expect(driver.pending.size).toBe(1)
      if (isCharged) showRow(driver, { credits: 90 })
      else for (const call of driver.pending) call.lost('expired')
      expect(sumUp(driver)).toMatchObject({ credits: isCharged ? 90 : 0, missing: 0 })
    }
  })

  it.each(['liquid/d1-router', 'typesafe/jev-router', 'switchpoint/router'])(
    'says which model %s has chosen for a call that broke off',
    async (model) => {
      const driver = drive({ settlement: true })
      const answer = { headers: { ...EVENTS, 'x-inference-id': 'i' }, body: ': wait\n\n', error: 'aborted' }
      await driver.exchange('POST', CHAT, { model, stream: true }, answer)
      for (const call of driver.pending) call.found({ credits: 9 }, 'i', 'openai/gpt-6-luna')
      expect(driver.sink.usages[0]?.identity).toMatchObject({
        requestModel: model,
        routedModel: 'openai/gpt-6-luna',
      })
      expect(driver.records.at(-1)).toMatchObject({ kind: 'settlement', routedModel: 'openai/gpt-6-luna' })
    },
  )

  it('does not make a routed call of one that asked for an ordinary model', async () => {
    const driver = drive({ settlement: true })
    const answer = { headers: { ...EVENTS, 'x-inference-id': 'i' }, body: ': wait\n\n', error: 'aborted' }
    await driver.exchange('POST', CHAT, { model: 'gpt-4o', stream: true }, answer)
    for (const call of driver.pending) call.found({ credits: 9 }, 'i', 'openai/gpt-4o')
    expect(driver.sink.usages[0]?.identity).not.toHaveProperty('routedModel')
  })
})

describe('an attempt that broke off before its answer', () => {
  const headers = { 'x-client-request-id': 'mine' }
  const run = { id: 'run_1', tool: 'web/search', status: 'completed', cost: { credits: 18_200 } }

  async function retried(times: number): Promise<Driver> {
    const driver = drive({ settlement: true })
    driver.begin('POST', '/v1/tools/run', { tool: 'web/search' }, headers).end('ECONNRESET')
    for (let time = 0; time < times; time++) {
      const retry = driver.begin('POST', '/v1/tools/run', { tool: 'web/search' }, headers)
      respond(retry, { body: run })
    }
    await driver.observer.flush()
    return driver
  }

  it('is given the answered retries under its client request id, one for each run', async () => {
    const driver = await retried(2)
    const [lost] = driver.pending
    expect(lost?.answeredBeside?.()).toMatchObject([{ ids: ['run_1'] }])
    expect(lost?.answeredBeside?.()[0]?.credits()).toBe(18_200)
  })

  it('is given an attempt that was settled by a row without an inference id', async () => {
    const driver = drive({ settlement: true })
    for (let time = 0; time < 2; time++)
      driver.begin('POST', '/v1/tools/run', { tool: 'web/search' }, headers).end('ECONNRESET')
    await driver.observer.flush()
    const [first, second] = driver.pending
    expect(second?.answeredBeside?.()).toEqual([])
    first?.found({ credits: 5 })
    expect(second?.answeredBeside?.()[0]?.credits()).toBe(5)
  })

  it('waits beside another one whose answer broke off, and neither counts as answered', async () => {
    const driver = drive({ settlement: true })
    driver.begin('POST', '/v1/tools/run', {}, headers).end('ECONNRESET')
    const broken = driver.begin('POST', '/v1/tools/run', {}, headers)
    respond(broken, { body: '{"id":', error: 'aborted' })
    await driver.observer.flush()
    expect([...driver.pending].map((call) => call.answeredBeside?.())).toEqual([[], []])
  })

  it('knows of them still when the log is read for the last time, after the stop', async () => {
    const driver = await retried(1)
    await driver.observer.stop()
    const [lost] = driver.pending
    expect(lost?.answeredBeside?.()).toMatchObject([{ ids: ['run_1'] }])
  })

  it('is not given retries whose rows the log has under ids of their own', async () => {
    const driver = await retried(1)
    const other = driver.begin('POST', '/v1/tools/run', {}, headers)
    respond(other, { headers: { 'x-inference-id': 'run_1' }, body: run })
    await driver.observer.flush()
    expect([...driver.pending][0]?.answeredBeside?.()).toEqual([])
  })
})

describe('figures that are not final', () => {
  const event = (name: string, data: object): string =>
    `event: ${name}\ndata: ${JSON.stringify({ type: name, ...data })}\n\n`
  const start = event('message_start', {
    message: { id: 'm', type: 'message', model: 'c', usage: { input_tokens: 27, output_tokens: 4 } },
  })
  const aborted: Answer = {
    headers: { ...EVENTS, 'x-inference-id': 'inf-a' },
    body: start,
    error: 'aborted',
  }
  const request = { model: 'claude', stream: true }

  it('give way to those of the log', async () => {
    const driver = drive({ settlement: true })
    const record = await driver.exchange('POST', '/v1/messages', request, aborted)
    expect([record.pending, record.usage, sumUp(driver).output]).toEqual([true, undefined, 0])
    showRow(driver, { credits: 2044, usd: 0.001022, inputTokens: 27, outputTokens: 199 })
    expect(sumUp(driver)).toEqual({ credits: 2044, input: 27, output: 199, missing: 0 })
    expect(driver.records.at(-1)).toMatchObject({ kind: 'settlement', usage: { outputTokens: 199 } })
    expectSameBill(driver)
  })

  it('count at once when the call cannot be looked up, and what they lack is missing', async () => {
    const driver = drive()
    const record = await driver.exchange('POST', '/v1/messages', request, aborted)
    expect(record).toMatchObject({ missing: 'aborted', pending: false, usage: { inputTokens: 27 } })
    expect(sumUp(driver)).toEqual({ credits: 0, input: 27, output: 4, missing: 1 })
  })

  it('count when the log has had no row for too long', async () => {
    const driver = drive({ settlement: true })
    await driver.exchange('POST', '/v1/messages', request, aborted)
    for (const call of driver.pending) call.lost('expired')
    expect(sumUp(driver)).toEqual({ credits: 0, input: 27, output: 4, missing: 1 })
    expect(driver.records.at(-1)).toMatchObject({ kind: 'settlement', missing: 'expired' })
  })

  it('are replaced by a complete response under the same inference id', async () => {
    const driver = drive({ settlement: true })
    await driver.exchange('POST', '/v1/messages', request, aborted)
    await driver.exchange('POST', '/v1/messages', { model: 'claude' }, {
      headers: { 'x-inference-id': 'inf-a' },
      body: { id: 'm', usage: { input_tokens: 27, output_tokens: 199 }, meta: cost(2044) },
    }) // prettier-ignore
    expect(driver.pending.size).toBe(0)
    expect(sumUp(driver)).toEqual({ credits: 2044, input: 27, output: 199, missing: 0 })
  })

  it('are those of a stream whose only cost is that of the header', async () => {
    const driver = drive({ settlement: true })
    const body = `data: ${JSON.stringify({ id: 'c', choices: [{ finish_reason: 'stop' }], usage: tokens(1, 2) })}\n\ndata: [DONE]\n\n`
    const headers = { ...EVENTS, 'x-inference-id': 'i', 'x-aimlapi-credits-used': '5' }
    const record = await driver.exchange('POST', CHAT, { model: 'm', stream: true }, { headers, body })
    expect(record).toMatchObject({ pending: true })
    showRow(driver, { credits: 9, inputTokens: 1, outputTokens: 2 })
    expect(sumUp(driver)).toEqual({ credits: 9, input: 1, output: 2, missing: 0 })
  })

  it('are the tokens of a job that is not over, and a cost of 0', async () => {
    const driver = drive()
    const body = (status: string, credits: number, output: number): object => ({
      body: {
        id: 'j',
        status,
        background: true,
        usage: { input_tokens: 5, output_tokens: output },
        meta: cost(credits),
      },
    })
    const steps: [string, number, number][] = [['queued', 0, 0], ['in_progress', 0, 3], ['completed', 90, 7]] // prettier-ignore
    await driver.exchange(
      'POST',
      RESPONSES,
      { model: 'm', background: true },
      body(...(steps[0] as [string, number, number])),
    )
    for (const step of steps.slice(1))
      await driver.exchange('GET', `${RESPONSES}/j`, undefined, body(...step))
    expect(sumUp(driver)).toEqual({ credits: 90, input: 5, output: 7, missing: 0 })
  })

  it('are a cost of 0 from a job whose answer has no status', async () => {
    const driver = drive()
    await driver.exchange('POST', VIDEO, { model: 'v' }, { body: { id: 'j', meta: cost(0) } })
    const poll = `${VIDEO}?generation_id=j`
    await driver.exchange('GET', poll, undefined, { body: { id: 'j', status: 'completed', meta: cost(9) } })
    expect(sumUp(driver)).toMatchObject({ credits: 9, missing: 0 })
  })

  it('do not include a cost of 0 when the job is over', async () => {
    const driver = drive()
    await driver.exchange(
      'POST',
      VIDEO,
      { model: 'v' },
      { body: { id: 'j', status: 'queued', meta: cost(0) } },
    )
    const poll = `${VIDEO}?generation_id=j`
    await driver.exchange('GET', poll, undefined, { body: { id: 'j', status: 'completed', meta: cost(0) } })
    expect(driver.sink.usages.map(({ usage }) => usage)).toEqual([{ credits: 0, usd: 0 }])
    expect(driver.sink.missed).toEqual([])
  })
})

describe('tokens that no response has', () => {
  const answer: Answer = {
    headers: { ...EVENTS, 'x-inference-id': 'inf-d' },
    body: `data: ${JSON.stringify({ id: 'c', choices: [{ finish_reason: 'stop' }], usage: null })}\n\ndata: ${JSON.stringify({ choices: [], meta: cost(90) })}\n\ndata: [DONE]\n\n`,
  }

  it('are looked up in the log, also when the cost is known', async () => {
    const driver = drive({ settlement: true })
    const record = await driver.exchange('POST', CHAT, { model: 'm', stream: true }, answer)
    expect(record).toMatchObject({ pending: true, usage: { credits: 90 } })
    showRow(driver, { credits: 90, usd: 0.000045, inputTokens: 11, outputTokens: 22 })
    expect(sumUp(driver)).toEqual({ credits: 90, input: 11, output: 22, missing: 0 })
    expectSameBill(driver)
  })

  it('are missing at once when the log cannot be read', async () => {
    const driver = drive()
    await driver.exchange('POST', CHAT, { model: 'm', stream: true }, answer)
    expect(driver.records).toMatchObject([{ usage: { credits: 90 }, missing: 'absent' }])
  })

  it('are not expected in a family that is not billed by tokens', async () => {
    const driver = drive({ settlement: true })
    const body = { data: [{}], meta: cost(90) }
    await driver.exchange('POST', '/v1/images/generations', { model: 'm' }, { body })
    expect(driver.records).toMatchObject([{ pending: false, usage: { credits: 90 } }])
  })

  it('count in part when one total cannot be read: the log is read for the rest', async () => {
    const body = {
      id: 'a',
      choices: [],
      usage: { prompt_tokens: 'many', completion_tokens: 5 },
      meta: cost(30),
    }
    const headers = { 'x-inference-id': 'i' }
    const [asked, alone] = [drive({ settlement: true }), drive()]
    for (const driver of [asked, alone])
      await driver.exchange('POST', CHAT, { model: 'm' }, { headers, body })
    showRow(asked, { credits: 30, inputTokens: 737, outputTokens: 5 })
    expect(sumUp(asked)).toEqual({ credits: 30, input: 737, output: 5, missing: 0 })
    expect(alone.records).toMatchObject([{ missing: 'unparsable', usage: { outputTokens: 5, credits: 30 } }])
  })
})

describe('what a tool puts out', () => {
  it.each(['output', 'result', 'data', 'response', 'message'])(
    'is content, and says neither ids, figures nor the status of its run: %s',
    async (key) => {
      const driver = drive()
      const content = { id: 'same', status: 'failed', usage: tokens(9, 9), meta: cost(99_999) }
      for (const id of ['r1', 'r2']) {
        const body = { id, status: 'completed', cost: { credits: 50 }, [key]: content }
        await driver.exchange('POST', '/v1/tools/run', { tool: 'web/search' }, { body })
      }
      expect(sumUp(driver)).toEqual({ credits: 100, input: 0, output: 0, missing: 0 })
      expect(driver.sink.refunds).toEqual([])
    },
  )
})

describe('a generation of several names', () => {
  it('is found by either id of its create call', async () => {
    for (const asked of ['A1', 'B1', 'I1']) {
      const driver = drive()
      const body = { id: 'A1', generation_id: 'B1', status: 'queued', meta: cost(120_000) }
      await driver.exchange('POST', VIDEO, { model: 'v' }, { headers: { 'x-inference-id': 'I1' }, body })
      await driver.exchange('GET', `${VIDEO}?generation_id=${asked}`, undefined, {
        headers: { 'x-inference-id': asked },
        body: { id: asked, status: 'completed', meta: cost(120_000) },
      })
      expect(sumUp(driver)).toMatchObject({ credits: 120_000, missing: 0 })
      expect(driver.records.at(-1)?.requestModel).toBe('v')
    }
  })

  it.each([
    ['as a number', { id: 7 }, '7'],
    ['inside of its output', { output: { task_id: 't', task_status: 'PENDING' } }, 't'],
    ['inside of its result', { result: { id: 't' } }, 't'],
    ['inside of its data', { code: 0, data: { task_id: 't', task_status: 'submitted' } }, 't'],
    ['in camel case', { generationId: 't' }, 't'],
    ['as the id of a task', { taskId: 't' }, 't'],
  ])('is found by an id that stands in its answers %s', async (_where, body, asked) => {
    const driver = drive()
    await driver.exchange('POST', VIDEO, { model: 'v' }, { body: { ...body, meta: cost(50) } })
    const done = { ...body, status: 'completed', meta: cost(50) }
    await driver.exchange('GET', `${VIDEO}?generation_id=${asked}`, undefined, { body: done })
    expect(sumUp(driver)).toMatchObject({ credits: 50, missing: 0 })
    expect(driver.records.at(-1)?.requestModel).toBe('v')
  })

  it.each(['id', 'generationId', 'task_id'])(
    'is found by the query parameter %s of its poll',
    async (name) => {
      const driver = drive()
      await driver.exchange('POST', VIDEO, {}, { body: { id: 't', status: 'queued', meta: cost(50) } })
      const done = { status: 'completed', meta: cost(50) }
      await driver.exchange('GET', `${VIDEO}?user_id=u&${name}=t`, undefined, { body: done })
      expect(sumUp(driver)).toMatchObject({ credits: 50, missing: 0 })
    },
  )

  it.each([
    { status: 'fail' },
    { status: 'FAILURE' },
    { status: 'rejected' },
    { code: 0, data: { task_status: 'failed' } },
  ])('is refunded when its vendor says in its own words that it failed: %j', async (body) => {
    const driver = drive()
    await driver.exchange('POST', VIDEO, {}, { body: { id: 't', status: 'queued', meta: cost(50) } })
    await driver.exchange('GET', `${VIDEO}?generation_id=t`, undefined, { body })
    expect(driver.sink.refunds).toMatchObject([{ credits: 50 }])
  })

  it.each([0, '0', 'null', 'None', 'undefined', '00000000-0000-0000-0000-000000000000'])(
    'is not one with another that has the same placeholder for an id: %j',
    async (placeholder) => {
      const driver = drive()
      for (const id of ['a', 'b']) {
        const body = { id, task_id: placeholder, status: 'queued', meta: cost(50) }
        await driver.exchange('POST', VIDEO, {}, { body })
      }
      expect(sumUp(driver)).toMatchObject({ credits: 100 })
    },
  )

  it('turns out to be one when a response names it and another that was counted before', async () => {
    const driver = drive()
    const poll = (asked: string, body: object): Promise<unknown> =>
      driver.exchange('GET', `${VIDEO}?generation_id=${asked}`, undefined, { body })
    await poll('B', { id: 'B', status: 'completed', meta: cost(50) })
    await driver.exchange('POST', VIDEO, { model: 'v' }, { body: { id: 'A', status: 'queued' } })
    await poll('A', { id: 'A', generation_id: 'B', status: 'completed', meta: cost(50) })
    await driver.observer.stop()
    expect(sumUp(driver)).toMatchObject({ credits: 50, missing: 0 })
  })

  const NAMES = ['A', 'B', 'C', 'D'] as const
  const telling = fc.record({
    names: fc.uniqueArray(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 2 }),
    saysCost: fc.boolean(),
    isOver: fc.boolean(),
    isSeenByLog: fc.boolean(),
  })

  it('is one, in any order in which responses name it and its cost', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(telling, { minLength: 1, maxLength: 8 }),
        fc.nat(8),
        async (tellings, createAt) => {
          const driver = drive({ settlement: true })
          const known = new Set<string>(['A'])
          const at = createAt % (tellings.length + 1)
          const create = (): Promise<unknown> =>
            driver.exchange('POST', VIDEO, { model: 'v' }, { body: { id: 'A', status: 'queued' } })
          for (const [index, { names, saysCost, isOver, isSeenByLog }] of tellings.entries()) {
            if (index === at) await create()
            // An application asks under an id that it was told.
            const asked = [...known].at(index % known.size) as string
            for (const name of names) known.add(name)
            const [id = asked, generation_id = asked] = names
            await driver.exchange('GET', `${VIDEO}?generation_id=${asked}`, undefined, {
              body: {
                id,
                generation_id,
                status: isOver ? 'completed' : 'generating',
                ...(saysCost && { meta: cost(50) }),
              },
            })
            if (isSeenByLog) showRow(driver, { credits: 50, usd: 0.000025 })
          }
          if (at === tellings.length) await create()
          showRow(driver, { credits: 50, usd: 0.000025 })
          await driver.observer.stop()
          expect(sumUp(driver)).toEqual({ credits: 50, input: 0, output: 0, missing: 0 })
          expectSameBill(driver)
        },
      ),
      { numRuns: 300 },
    )
  })
})

describe('two generations that were both counted and prove to be one', () => {
  const asked = (name: string): string => `${VIDEO}?generation_id=${name}`
  /** The create call's body broke off before its id, as when a webhook has told it; a poll under that id counts, too. */
  async function countTwice(createCost: number, pollCost: number): Promise<Driver> {
    const driver = drive({ settlement: true })
    await driver.exchange('POST', VIDEO, { model: 'v' }, {
      headers: { 'x-inference-id': 'inf', 'x-aimlapi-credits-used': String(createCost) },
      body: '{',
      error: 'ECONNRESET',
    }) // prettier-ignore
    const body = { id: 'vid', status: 'generating', meta: cost(pollCost) }
    await driver.exchange('GET', asked('vid'), undefined, { body })
    expect(sumUp(driver).credits).toBe(createCost + pollCost)
    return driver
  }
  const net = (driver: Driver): number =>
    driver.sink.refunds.reduce((rest, { credits }) => rest - credits, sumUp(driver).credits)
  const both = { id: 'vid', generation_id: 'inf' }

  it.each([
    [50, 50],
    [50, 70],
    [70, 50],
  ])('cost the higher of %i and %i: the other is refunded, once', async (createCost, pollCost) => {
    const driver = await countTwice(createCost, pollCost)
    for (let times = 0; times < 3; times++)
      await driver.exchange('GET', asked('vid'), undefined, {
        body: { ...both, status: 'completed', meta: cost(pollCost) },
      })
    await driver.observer.stop()
    expect(net(driver)).toBe(Math.max(createCost, pollCost))
    expect(driver.records.filter(({ kind }) => kind === 'refund')).toHaveLength(1)
    expectSameBill(driver)
  })

  it.each(['together', 'poll first', 'create first'])(
    'cost nothing when the job fails (%s), whichever was told of it',
    async (order) => {
      const driver = await countTwice(order === 'poll first' ? 70 : 50, order === 'poll first' ? 50 : 70)
      const failed = { status: 'error', error: { message: 'x' } }
      const [name] = order === 'poll first' ? ['vid'] : ['inf']
      if (order !== 'together')
        await driver.exchange('GET', asked(name), undefined, { body: { id: name, ...failed } })
      await driver.exchange('GET', asked('vid'), undefined, { body: { ...both, ...failed } })
      await driver.observer.stop()
      expect(net(driver)).toBe(0)
      expectSameBill(driver)
    },
  )

  it('stay two charges when the log has a row for each', async () => {
    const driver = drive({ settlement: true })
    for (const inferenceId of ['inf', 'inf-2']) {
      const headers = { 'x-inference-id': inferenceId }
      await driver.exchange('POST', VIDEO, { model: 'v' }, { headers, body: '{', error: 'ECONNRESET' })
    }
    showRow(driver, { credits: 50, usd: 0.000025 })
    await driver.exchange('GET', asked('inf'), undefined, {
      body: { id: 'inf', generation_id: 'inf-2', status: 'completed' },
    })
    expect(net(driver)).toBe(100)
    expectSameBill(driver)
  })
})

describe('a job that fails', () => {
  const before = fc.record({
    as: fc.constantFrom('poll', 'refused poll', 'row', 'list', 'create again'),
    status: fc.constantFrom('queued', 'generating', undefined),
    credits: fc.constantFrom(0, 50, undefined),
  })

  it('costs nothing in the end and is refunded once, whatever was reported before, and however often', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(before, { maxLength: 6 }),
        fc.integer({ min: 1, max: 3 }),
        fc.boolean(),
        async (tellings, failures, settlement) => {
          const driver = drive({ settlement })
          const poll = (answer: Answer): Promise<unknown> =>
            driver.exchange('GET', `${VIDEO}?generation_id=j`, undefined, answer)
          const create = (): Promise<unknown> =>
            driver.exchange('POST', VIDEO, { model: 'v' }, { body: { id: 'j', status: 'queued' } })
          await create()
          for (const { as, status, credits } of tellings) {
            const body = { id: 'j', status, ...(credits !== undefined && { meta: cost(credits) }) }
            if (as === 'poll') await poll({ body })
            else if (as === 'refused poll') await poll({ status: 500, body: { ...body, status: 'failed' } })
            else if (as === 'row') showRow(driver, { credits: credits ?? 0, usd: (credits ?? 0) / 2_000_000 })
            else if (as === 'create again') await create()
            else
              await driver.exchange('GET', '/v1/archive', undefined, { body: [body, { ...body, id: 'k' }] })
          }
          for (let times = 0; times < failures; times++)
            await poll({ body: { id: 'j', status: 'error', error: { message: 'x' }, meta: cost(50) } })
          await driver.observer.stop()
          const refunded = driver.sink.refunds.map(({ credits }) => credits)
          const { credits, missing } = sumUp(driver)
          expect(refunded).toEqual(credits === 0 ? [] : [credits])
          expect(missing).toBe(0)
          expectSameBill(driver)
        },
      ),
      { numRuns: 300 },
    )
  })
})

describe('one generation of a model', () => {
  const TRUTH = { credits: 70, input: 30, output: 12 }
  const ROW: Usage = { credits: 70, usd: 0.000035, inputTokens: 30, outputTokens: 12 }
  /** Ways to hear of it: whole, in part, broken off, replayed, read again, or from the log. */
  const way = fc.record({
    as: fc.constantFrom('answer', 'stored', 'unknown read', 'row'),
    saysCost: fc.boolean(),
    saysInput: fc.boolean(),
    saysOutput: fc.boolean(),
    brokenOff: fc.boolean(),
  })
  type Way = typeof way extends fc.Arbitrary<infer Value> ? Value : never

  function answerOf({ saysCost, saysInput, saysOutput, brokenOff }: Way): Answer {
    const usage = {
      ...(saysInput && { prompt_tokens: TRUTH.input }),
      ...(saysOutput && { completion_tokens: brokenOff ? 2 : TRUTH.output }),
    }
    const document = { id: 'c', model: 'm', choices: [{ index: 0, finish_reason: 'stop' }], usage }
    const headers = { 'x-inference-id': 'inf-1' }
    if (brokenOff)
      return {
        headers: { ...headers, ...EVENTS },
        body: `data: ${JSON.stringify(document)}\n\n`,
        error: 'aborted',
      }
    return { headers, body: { ...document, ...(saysCost && { meta: cost(TRUTH.credits) }) } }
  }

  it('is counted once and to the credit, in any order and split of its responses', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(way, { minLength: 1, maxLength: 6 }), fc.boolean(), async (ways, mayWait) => {
        const driver = drive({ settlement: true, mayWait })
        let firstIsHeard = false
        for (const each of ways) {
          if (each.as === 'row') showRow(driver, ROW)
          else if (each.as === 'answer' || !firstIsHeard)
            await driver.exchange('POST', CHAT, { model: 'm' }, answerOf(each))
          else {
            const path = each.as === 'stored' ? `${CHAT}/c` : '/v1/archive/c'
            await driver.exchange('GET', path, undefined, answerOf({ ...each, brokenOff: false }))
          }
          firstIsHeard ||= each.as !== 'row'
        }
        if (!firstIsHeard) return
        showRow(driver, ROW)
        await driver.observer.stop()
        expect(sumUp(driver)).toEqual({ ...TRUTH, missing: 0 })
        expectSameBill(driver)
      }),
      { numRuns: 500 },
    )
  })
})
