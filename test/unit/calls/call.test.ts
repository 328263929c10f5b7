import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { withSpendTags } from '../../../src/calls/tags.ts'
import type { Exchange } from '../../../src/traffic/exchange.ts'
import { drive, respond } from './drive.ts'

const CHAT = '/v1/chat/completions'
const VIDEO = '/v2/video/generations'
const JOB = 'job-1:vendor/model'
const POLL = `${VIDEO}?generation_id=${encodeURIComponent(JOB)}`
const chatBody = { model: 'gpt-4o', messages: [] }
const chatAnswer = {
  id: 'chatcmpl-1',
  model: 'gpt-4o-2024-08-06',
  choices: [{ finish_reason: 'stop' }],
  usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
}
const cost = (credits: number): object => ({ meta: { usage: { credits_used: credits } } })

describe('a call', () => {
  it('is one record with its usage under the labels of the request', async () => {
    const driver = drive()
    const record = await driver.exchange('POST', CHAT, chatBody, {
      headers: { 'x-inference-id': 'inf-1', 'x-aimlapi-credits-used': '4000' },
      body: chatAnswer,
    })
    expect(record).toMatchObject({
      operation: 'chat',
      endpoint: 'chat',
      requestModel: 'gpt-4o',
      responseModel: 'gpt-4o-2024-08-06',
      account: 'main',
      httpStatus: 200,
      inferenceId: 'inf-1',
      responseId: 'chatcmpl-1',
      pending: false,
      usage: { inputTokens: 10, outputTokens: 5, credits: 4000, usd: 0.002 },
    })
    expect(record.errorType).toBeUndefined()
    expect(driver.sink.usages).toHaveLength(1)
    expect(driver.sink.usages[0]?.identity).toMatchObject({ requestModel: 'gpt-4o', serverPort: 443 })
  })

  it('carries the spend tags active where it was made', async () => {
    const driver = drive()
    const record = await withSpendTags({ team: 'search' }, () =>
      driver.exchange('POST', CHAT, chatBody, { body: { ...chatAnswer, ...cost(1) } }),
    )
    expect(record.tags).toEqual({ team: 'search' })
  })

  it('that never reached a connection is not missing, though its body was written', async () => {
    const driver = drive({ settlement: true })
    const exchange = driver.begin('POST', CHAT, undefined, { 'x-client-request-id': 'order-1' })
    exchange.requestChunk(Buffer.from(JSON.stringify(chatBody)))
    exchange.end('ECONNREFUSED')
    await driver.observer.flush()
    expect(driver.records).toMatchObject([{ errorType: 'ECONNREFUSED', pending: false }])
    expect([driver.records[0]?.missing, driver.pending.size]).toEqual([undefined, 0])
  })

  it('that has ended reads nothing more', async () => {
    const driver = drive()
    const exchange = driver.begin('POST', CHAT, chatBody)
    exchange.sent()
    exchange.responseHead(200, () => undefined)
    exchange.end('abandoned')
    await driver.observer.flush()
    exchange.responseChunk(Buffer.from(JSON.stringify({ ...chatAnswer, ...cost(5) })))
    exchange.end()
    await driver.observer.flush()
    expect(driver.records).toHaveLength(1)
    expect(driver.sink.usages).toEqual([])
  })

  it('whose body nobody reads lasts until its last event', async () => {
    const driver = drive()
    const exchange = driver.begin('POST', CHAT, chatBody) as Exchange & { lastEventMs: number }
    const startMs = exchange.lastEventMs
    exchange.sent()
    await sleep(20)
    exchange.responseHead(200, () => undefined)
    const lastEventMs = exchange.lastEventMs
    await sleep(20)
    exchange.end('abandoned')
    await driver.observer.flush()
    expect(driver.records).toMatchObject([{ durationMs: lastEventMs - startMs }])
  })

  it('without a cost counts its tokens and is missing as absent when it cannot be looked up', async () => {
    const driver = drive()
    const record = await driver.exchange('POST', CHAT, chatBody, { body: chatAnswer })
    expect(record).toMatchObject({ missing: 'absent', pending: false, usage: { inputTokens: 10 } })
    expect(driver.sink.missed.map(({ reason }) => reason)).toEqual(['absent'])
  })

  it('without a cost is pending when the log can be read', async () => {
    const driver = drive({ settlement: true })
    const record = await driver.exchange('POST', CHAT, chatBody, {
      headers: { 'x-inference-id': 'inf-1' },
      body: chatAnswer,
    })
    expect(record).toMatchObject({ pending: true, usage: { inputTokens: 10 } })
    const [waiting] = driver.pending
    waiting?.found({ credits: 30, inputTokens: 10, outputTokens: 5 })
    expect(driver.sink.usages.map(({ usage, source }) => [usage.credits, usage.inputTokens, source])).toEqual(
      [
        [undefined, 10, 'response'],
        [30, undefined, 'ledger'],
      ],
    )
    expect(driver.sink.missed).toEqual([])
  })

  it('that was refused by the API has no usage and misses none', async () => {
    const driver = drive({ settlement: true })
    const record = await driver.exchange('POST', CHAT, chatBody, {
      status: 403,
      headers: { 'x-inference-id': 'inf-1' },
      body: { message: "You've run out of credits", statusCode: 403 },
    })
    expect(record).toMatchObject({ errorType: '403', pending: false })
    expect([driver.pending.size, driver.sink.missed, driver.sink.usages]).toEqual([0, [], []])
  })

  it('that never left is not missing', async () => {
    const driver = drive()
    const exchange = driver.begin('POST', CHAT)
    exchange.end('ECONNREFUSED')
    await driver.observer.flush()
    expect(driver.records[0]).toMatchObject({ errorType: 'ECONNREFUSED', pending: false })
    expect(driver.sink.missed).toEqual([])
  })

  it('whose connection breaks before any response may have been charged, and is missing as aborted', async () => {
    const driver = drive({ settlement: true })
    const record = await driver.exchange('POST', CHAT, chatBody, { error: 'ECONNRESET' })
    expect(record).toMatchObject({ errorType: 'ECONNRESET', missing: 'aborted' })
  })

  it.each([
    ['the run of an assistant, which goes on without us, is missing', '/v1/threads/t/runs', 'aborted'],
    ['a request to an unknown path is not', '/v1/anything', undefined],
    ['an object of an assistant is not', '/v1/threads', undefined],
  ])('whose connection dies before any answer: %s', async (_what, path, missing) => {
    const record = await drive().exchange('POST', path, { model: 'm' }, { error: 'ECONNRESET' })
    expect(record.missing).toBe(missing)
  })

  it('whose connection breaks before any response is looked up by the id its application sent', async () => {
    const driver = drive({ settlement: true })
    const exchange = driver.begin('POST', CHAT, chatBody, { 'x-client-request-id': 'mine-1' })
    exchange.end('ECONNRESET')
    await driver.observer.flush()
    expect([...driver.pending].map(({ clientRequestId }) => clientRequestId)).toEqual(['mine-1'])
  })

  it('lost before any response is not settled by the row of its own retry', async () => {
    const driver = drive({ settlement: true })
    const headers = { 'x-client-request-id': 'mine-1' }
    driver.begin('POST', CHAT, chatBody, headers).end('ECONNRESET')
    respond(driver.begin('POST', CHAT, chatBody, headers), {
      headers: { 'x-inference-id': 'inf-retry' },
      body: { ...chatAnswer, ...cost(1) },
    })
    await driver.observer.flush()
    const [lost] = driver.pending
    expect([
      lost?.accepts({ inferenceId: 'inf-retry' }),
      lost?.accepts({ inferenceId: 'inf-first' }),
    ]).toEqual([false, true])
  })

  it('lost before any response is not settled by the row that settled an attempt before it', async () => {
    const driver = drive({ settlement: true })
    const headers = { 'x-client-request-id': 'mine-1' }
    for (let attempt = 0; attempt < 2; attempt++)
      driver.begin('POST', CHAT, chatBody, headers).end('ECONNRESET')
    await driver.observer.flush()
    const [first, second] = driver.pending
    first?.found({ credits: 5 }, 'inf-first')
    expect([
      second?.accepts({ inferenceId: 'inf-first' }),
      second?.accepts({ inferenceId: 'inf-second' }),
    ]).toEqual([false, true])
  })

  it('aborted in the stream is looked up, and keeps the tokens from being counted twice', async () => {
    const driver = drive({ settlement: true })
    const record = await driver.exchange(
      'POST',
      CHAT,
      { ...chatBody, stream: true },
      {
        headers: { 'content-type': 'text/event-stream', 'x-inference-id': 'inf-1' },
        body: 'data: {"id":"c","choices":[{"delta":{"content":"x"}}],"usage":null}\n\n',
        error: 'aborted',
      },
    )
    expect(record).toMatchObject({ stream: true, errorType: 'aborted', pending: true })
    expect(record.timeToFirstChunkMs).toBeGreaterThanOrEqual(0)
    const [waiting] = driver.pending
    waiting?.found({ credits: 3, usd: 0.0000015, inputTokens: 1, outputTokens: 2 })
    expect(driver.sink.usages).toHaveLength(1)
    expect(driver.sink.usages[0]).toMatchObject({ source: 'ledger', usage: { credits: 3, outputTokens: 2 } })
  })

  it('with a known cost whose body was broken off is looked up for its tokens', async () => {
    const driver = drive({ settlement: true })
    const record = await driver.exchange('POST', CHAT, chatBody, {
      headers: { 'x-inference-id': 'inf-1', 'x-aimlapi-credits-used': '40' },
      body: '{"id":"chatcmpl-1","choices":[',
      error: 'ECONNRESET',
    })
    expect(record).toMatchObject({ pending: true, usage: { credits: 40 } })
    const [waiting] = driver.pending
    waiting?.found({ credits: 40, inputTokens: 1, outputTokens: 2 })
    expect(driver.sink.usages.map(({ usage }) => usage.credits)).toEqual([40, undefined])
  })

  it.each([
    ['<html>busy</html>', 'text/html'],
    ['{"usage":{"prompt_tokens":-5,"completion_tokens":"many"}}', 'application/json'],
  ])(
    'with a known cost whose tokens cannot be read is missing as unparsable: %s',
    async (body, contentType) => {
      const driver = drive()
      const headers = {
        'content-type': contentType,
        'x-inference-id': 'inf-1',
        'x-aimlapi-credits-used': '40',
      }
      const record = await driver.exchange('POST', CHAT, chatBody, { headers, body })
      expect(record).toMatchObject({ missing: 'unparsable', usage: { credits: 40 } })
    },
  )

  it('has the number of the attempt when the client sends it', async () => {
    const driver = drive()
    const exchange = driver.begin('POST', CHAT, chatBody, { 'x-stainless-retry-count': '2' })
    respond(exchange, { status: 500, body: {} })
    await driver.observer.flush()
    expect(driver.records[0]).toMatchObject({ retryCount: 2, errorType: '500' })
  })

  it('is recorded before anybody can flush: a script may shut its SDK down right after its last call', () => {
    const driver = drive()
    respond(driver.begin('POST', CHAT, chatBody), { body: { ...chatAnswer, ...cost(1) } })
    expect(driver.records).toHaveLength(1)
  })

  it('ends once, whatever event follows', async () => {
    const driver = drive()
    const exchange = driver.begin('POST', CHAT, chatBody)
    respond(exchange, { body: { ...chatAnswer, ...cost(1) } })
    exchange.end('ECONNRESET')
    await driver.observer.flush()
    expect(driver.records).toHaveLength(1)
  })

  it('still under way at the stop is closed as aborted: somebody may be reading it', async () => {
    const driver = drive()
    driver.begin('POST', CHAT, chatBody).responseHead(200, () => undefined)
    await driver.observer.stop()
    expect(driver.records[0]).toMatchObject({ errorType: 'aborted', missing: 'aborted' })
  })

  it.each(['/v1/billing/balance', '/v2/logs?period=1d', '/v1/models', '/v1/key', '/models/metrics'])(
    'is not what a request to %s is',
    (path) => {
      const { observer } = drive()
      const head = { method: 'GET', origin: 'https://api.aimlapi.com', path, header: () => undefined }
      expect(observer.begin(head)).toBeUndefined()
    },
  )
})

describe('a job', () => {
  it('is counted from its create call, and its polls add nothing', async () => {
    const driver = drive()
    await driver.exchange(
      'POST',
      VIDEO,
      { model: 'veo' },
      { body: { id: JOB, status: 'queued', ...cost(900) } },
    )
    const poll = await driver.exchange('GET', POLL, undefined, {
      headers: { 'x-aimlapi-credits-used': '900' },
      body: { id: JOB, status: 'completed', ...cost(900) },
    })
    expect(poll).toMatchObject({ operation: 'fetch_response', requestModel: 'veo', pending: false })
    expect(poll.usage).toBeUndefined()
    expect(driver.sink.usages.map(({ usage }) => usage.credits)).toEqual([900])
  })

  it('is counted from the first poll with its cost, under the labels of its create call', async () => {
    const driver = drive()
    await withSpendTags({ team: 'video' }, () =>
      driver.exchange('POST', VIDEO, { model: 'veo' }, { body: { id: JOB, status: 'queued' } }),
    )
    for (let polls = 0; polls < 2; polls++) {
      await driver.exchange('GET', POLL, undefined, { body: { id: JOB, status: 'completed', ...cost(70) } })
    }
    expect(driver.sink.usages).toHaveLength(1)
    expect(driver.sink.usages[0]).toMatchObject({
      identity: {
        operation: 'video_generation',
        requestModel: 'veo',
        tags: { team: 'video' },
        account: 'main',
      },
      usage: { credits: 70 },
    })
    expect(driver.sink.missed).toEqual([])
  })

  it('gives its credits back when it fails, once', async () => {
    const driver = drive()
    await driver.exchange(
      'POST',
      VIDEO,
      { model: 'veo' },
      { body: { id: JOB, status: 'queued', ...cost(900) } },
    )
    const failed = { body: { id: JOB, status: 'error', error: { name: 'E', message: 'no' } } }
    const first = await driver.exchange('GET', POLL, undefined, failed)
    const second = await driver.exchange('GET', POLL, undefined, failed)
    expect([first, second]).toMatchObject([{ errorType: 'job_failed' }, { errorType: 'job_failed' }])
    expect(driver.records.filter(({ kind }) => kind === 'refund')).toMatchObject([
      { operation: 'video_generation', requestModel: 'veo', refundedCredits: 900 },
    ])
    expect(driver.sink.refunds.map(({ credits, identity }) => [credits, identity.requestModel])).toEqual([
      [900, 'veo'],
    ])
  })

  it('with an error object but a status of success has not failed', async () => {
    const driver = drive()
    await driver.exchange(
      'POST',
      VIDEO,
      { model: 'veo' },
      { body: { id: JOB, status: 'queued', ...cost(900) } },
    )
    const poll = await driver.exchange('GET', POLL, undefined, {
      body: { id: JOB, status: 'completed', error: { name: '<name>', message: '<message>' } },
    })
    expect(poll.errorType).toBeUndefined()
    expect(driver.sink.refunds).toEqual([])
  })

  it('without any cost is missing when it completes, not before', async () => {
    const driver = drive()
    const create = await driver.exchange(
      'POST',
      VIDEO,
      { model: 'veo' },
      { body: { id: JOB, status: 'queued' } },
    )
    expect(create.pending).toBe(true)
    await driver.exchange('GET', POLL, undefined, { body: { id: JOB, status: 'generating' } })
    expect(driver.sink.missed).toEqual([])
    const done = await driver.exchange('GET', POLL, undefined, { body: { id: JOB, status: 'completed' } })
    expect(done.missing).toBe('absent')
    expect(driver.sink.missed).toHaveLength(1)
  })

  it('whose create call names no id is missing at once: it cannot be polled', async () => {
    const driver = drive()
    const create = await driver.exchange('POST', VIDEO, { model: 'veo' }, { body: '<html>busy</html>' })
    expect(create).toMatchObject({ pending: false, missing: 'unparsable' })
    await driver.observer.stop()
    expect(driver.sink.missed).toHaveLength(1)
  })

  it('that was never polled is missing when the process stops', async () => {
    const driver = drive()
    await driver.exchange('POST', VIDEO, { model: 'veo' }, { body: { id: JOB, status: 'queued' } })
    await driver.observer.stop()
    expect(driver.sink.missed.map(({ reason }) => reason)).toEqual(['expired'])
  })

  it('created by another process is counted once, and never missing here', async () => {
    const driver = drive()
    const body = { id: JOB, status: 'completed', ...cost(5) }
    await driver.exchange('GET', POLL, undefined, { body })
    await driver.exchange('GET', POLL, undefined, { body })
    await driver.exchange('GET', `${VIDEO}?generation_id=other`, undefined, {
      body: { id: 'other', status: 'completed' },
    })
    expect(driver.sink.usages.map(({ usage }) => usage.credits)).toEqual([5])
    expect(driver.sink.missed).toEqual([])
  })

  it('polled while the response to its create call is still being decoded is one generation', async () => {
    const driver = drive()
    const create = driver.begin('POST', VIDEO, { model: 'veo' })
    respond(create, {
      headers: { 'content-encoding': 'gzip', 'x-inference-id': JOB },
      body: gzipSync(JSON.stringify({ id: JOB, status: 'queued', ...cost(900) })),
    })
    const poll = driver.begin('GET', POLL)
    respond(poll, { body: { id: JOB, status: 'generating', ...cost(900) } })
    await driver.observer.flush()
    expect(driver.sink.usages.map(({ usage }) => usage.credits)).toEqual([900])
  })

  it('polled concurrently is counted once', async () => {
    const driver = drive()
    await driver.exchange('POST', VIDEO, { model: 'veo' }, { body: { id: JOB, status: 'queued' } })
    const polls = [driver.begin('GET', POLL), driver.begin('GET', POLL)]
    for (const poll of polls) respond(poll, { body: { id: JOB, status: 'completed', ...cost(8) } })
    await driver.observer.flush()
    expect(driver.sink.usages.map(({ usage }) => usage.credits)).toEqual([8])
  })
})

describe('a batch', () => {
  const line = (customId: string, model: string, output: number): string =>
    JSON.stringify({
      custom_id: customId,
      result: {
        type: 'succeeded',
        message: { id: 'm', model, usage: { input_tokens: 2, output_tokens: output } },
      },
    })

  it('is counted item by item under each model, and once however often it is fetched', async () => {
    const driver = drive()
    await driver.exchange(
      'POST',
      '/v1/batches',
      { requests: [] },
      { body: { id: 'b1', processing_status: 'in_progress' } },
    )
    const results = `${line('one', 'claude-a', 3)}\n${line('two', 'claude-b', 4)}\n`
    for (let fetches = 0; fetches < 2; fetches++) {
      await driver.exchange('GET', '/v1/batches?batch_id=b1', undefined, {
        headers: { 'content-type': 'application/x-ndjson' },
        body: results,
      })
    }
    expect(
      driver.sink.usages.map(({ identity, usage }) => [identity.requestModel, usage.outputTokens]),
    ).toEqual([
      ['claude-a', 3],
      ['claude-b', 4],
    ])
    expect(driver.sink.missed.map(({ reason }) => reason)).toEqual(['absent'])
  })

  it('gets its cost from the log as one sum and its tokens from the items alone', async () => {
    const driver = drive({ settlement: true })
    await driver.exchange(
      'POST',
      '/v1/batches',
      { requests: [] },
      {
        headers: { 'x-inference-id': 'b1' },
        body: { id: 'b1', processing_status: 'in_progress' },
      },
    )
    await driver.exchange('GET', '/v1/batches?batch_id=b1', undefined, {
      body: `${line('one', 'claude-a', 3)}\n`,
    })
    const [waiting] = driver.pending
    waiting?.found({ credits: 60, inputTokens: 2, outputTokens: 3 })
    expect(driver.sink.usages.map(({ usage }) => [usage.credits, usage.outputTokens])).toEqual([
      [undefined, 3],
      [60, undefined],
    ])
  })
})

describe('a call that waits to be recorded', () => {
  const begun = () => {
    const driver = drive({ mayWait: true })
    return { driver, exchange: driver.begin('POST', CHAT, chatBody) }
  }
  const answer = { body: { ...chatAnswer, ...cost(7) } }

  it('is recorded, with its span, by a flush', async () => {
    const { driver, exchange } = begun()
    respond(exchange, answer)
    expect(driver.sink.started).toEqual([])
    expect(driver.records).toEqual([])
    await driver.observer.flush()
    expect(driver.records).toMatchObject([{ requestModel: 'gpt-4o', usage: { credits: 7 } }])
    // The model is known by then: samplers see it.
    expect(driver.sink.started).toMatchObject([{ requestModel: 'gpt-4o', account: 'main' }])
  })

  it('has its span at once where another span needs it as a parent', () => {
    const { driver, exchange } = begun()
    exchange.within(() => {})
    expect(driver.sink.started).toHaveLength(1)
  })

  it('has the tags that were active where it was made', async () => {
    const driver = drive({ mayWait: true })
    const exchange = withSpendTags({ team: 'search' }, () => driver.begin('POST', CHAT, chatBody))
    respond(exchange, answer)
    await driver.observer.flush()
    expect(driver.sink.started).toMatchObject([{ tags: { team: 'search' } }])
    expect(driver.records).toMatchObject([{ tags: { team: 'search' } }])
  })

  it('is recorded before a poll begins, which may be about it', async () => {
    const driver = drive({ mayWait: true })
    const create = driver.begin('POST', VIDEO, { model: 'vendor/model' })
    respond(create, {
      headers: { 'content-encoding': 'gzip' },
      body: gzipSync(JSON.stringify({ id: JOB, status: 'queued' })),
    })
    expect(driver.records).toEqual([])
    const poll = driver.begin('GET', POLL)
    poll.within(() => {})
    respond(poll, { body: { id: JOB, status: 'completed', ...cost(9) } })
    expect(driver.records).toMatchObject([
      { operation: 'video_generation' },
      { operation: 'fetch_response', requestModel: 'vendor/model', usage: { credits: 9 } },
    ])
    // Known to the sampler of the poll's span, not only in the end.
    expect(driver.sink.started.at(-1)).toMatchObject({
      operation: 'fetch_response',
      requestModel: 'vendor/model',
    })
  })
})

describe('the times between chunks', () => {
  const events = ['data: {"id":"1"}\n\n', 'data: {"id":"1"}\n\n', 'data: [DONE]\n\n'].map((text) =>
    Buffer.from(text),
  )
  const play = async (contentType: string, pause: () => Promise<unknown>): Promise<number[]> => {
    const driver = drive()
    const exchange = driver.begin('POST', CHAT, chatBody)
    exchange.responseHead(200, (name) => (name === 'content-type' ? contentType : undefined))
    for (const event of events) {
      exchange.responseChunk(event)
      await pause()
    }
    exchange.end()
    return driver.sink.intervalsMs
  }

  it.each(['text/event-stream', 'text/plain', 'application/json', 'application/json; charset=utf-8'])(
    'are one fewer than the chunks that a stream came in, also when it is labelled %s',
    async (contentType) => {
      const intervalsMs = await play(contentType, () => sleep(2))
      expect(intervalsMs).toHaveLength(2)
      expect(Math.min(...intervalsMs)).toBeGreaterThan(0)
    },
  )

  it('are none between chunks that arrive together', async () => {
    const driver = drive()
    const exchange = driver.begin('POST', CHAT, chatBody)
    exchange.responseHead(200, (name) => (name === 'content-type' ? 'text/event-stream' : undefined))
    for (const event of events) exchange.responseChunk(event)
    exchange.end()
    expect(driver.sink.intervalsMs).toEqual([])
    expect(driver.records).toMatchObject([{ stream: true }])
  })

  it('are not recorded for a response that is no stream', async () => {
    const driver = drive()
    const exchange = driver.begin('POST', CHAT, chatBody)
    exchange.responseHead(200, (name) => (name === 'content-type' ? 'application/json' : undefined))
    for (const part of ['{"id":', '"chatcmpl-1"', '}']) {
      exchange.responseChunk(Buffer.from(part))
      await sleep(2)
    }
    exchange.end()
    expect(driver.sink.intervalsMs).toEqual([])
  })

  it('are recorded in parts during a long stream', async () => {
    const driver = drive()
    const exchange = driver.begin('POST', CHAT, chatBody)
    exchange.responseHead(200, (name) => (name === 'content-type' ? 'text/event-stream' : undefined))
    for (let count = 0; count < 300; count++) {
      exchange.responseChunk(events[0] as Buffer)
      await Promise.resolve()
    }
    const early = driver.sink.intervalsMs.length
    exchange.end()
    expect(early).toBeGreaterThan(0)
    expect(driver.sink.intervalsMs.length).toBeGreaterThan(early)
  })
})
