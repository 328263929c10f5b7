import { describe, expect, test } from 'vitest'
import type { SessionObserver } from '../../../src/traffic/websocket.ts'
import type { CallRecord } from '../../../src/types.ts'
import { withSpendTags } from '../../../src/calls/tags.ts'
import { drive, type Driver } from './drive.ts'

const OPENAI = '/v1/realtime?model=openai/gpt-realtime-2.1'
const GEMINI =
  '//ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent?access_token=canary'

interface Session {
  readonly observer: SessionObserver
  receive(...messages: object[]): Session
  send(...messages: object[]): Session
  /** Ends it, and gives its record. */
  end(ending: Parameters<SessionObserver['end']>[0]): CallRecord
}

function open(
  driver: Driver,
  path = OPENAI,
  { headers = {}, answer = {} }: { headers?: Record<string, string>; answer?: Record<string, string> } = {},
): Session {
  const all: Record<string, string> = { authorization: 'Bearer key-main', ...headers }
  const observer = driver.observer.beginSession({
    method: 'GET',
    origin: 'https://api.aimlapi.com',
    path,
    header: (name) => all[name],
  })
  if (observer === undefined) throw new Error('not observed')
  observer.answered(101, (name) => answer[name])
  const play = (reader: SessionObserver['received'], messages: readonly object[]): void => {
    for (const message of messages) {
      const bytes = Buffer.from(JSON.stringify(message))
      if (reader.isDone || !reader.wants(bytes, 0, Math.min(256, bytes.length))) continue
      reader.write(bytes, 0, bytes.length)
      reader.finish()
    }
  }
  const session: Session = {
    observer,
    receive(...messages) {
      play(observer.received, messages)
      return session
    },
    send(...messages) {
      play(observer.sent, messages)
      return session
    },
    end(ending) {
      observer.end(ending)
      return driver.records.at(-1) as CallRecord
    },
  }
  return session
}

const created = { type: 'session.created', session: { id: 'sess_1', model: 'gpt-realtime-2.1-2026-09-30' } }
const started = (id: string): object => ({
  type: 'response.created',
  response: { id, status: 'in_progress' },
})
const audio = { type: 'response.output_audio.delta', delta: 'AAAA' }
const done = (id: string, input: number, output: number, more: object = {}): object => ({
  type: 'response.done',
  response: { id, status: 'completed', usage: { input_tokens: input, output_tokens: output }, ...more },
})
const cost = (credits: number): object => ({ meta: { usage: { credits_used: credits } } })

describe('a session', () => {
  test('is one record, with the sums of its responses', () => {
    const driver = drive()
    const record = open(driver)
      .receive(created, started('a'), audio, done('a', 100, 40), started('b'), done('b', 150, 20))
      .end({ closeCode: 1000 })
    expect(driver.records).toEqual([record])
    expect(driver.sink.finished).toEqual([record])
    expect(record).toMatchObject({
      kind: 'call',
      operation: 'realtime',
      endpoint: 'realtime',
      account: 'main',
      requestModel: 'openai/gpt-realtime-2.1',
      responseModel: 'gpt-realtime-2.1-2026-09-30',
      conversationId: 'sess_1',
      httpStatus: 101,
      closeCode: 1000,
      stream: true,
      usage: { inputTokens: 250, outputTokens: 60 },
      pending: false,
      missing: 'absent',
    })
    expect(record.errorType).toBeUndefined()
    expect(driver.sink.missed).toHaveLength(1)
  })

  test('counts the tokens of each response as it ends, not at its own end', () => {
    const driver = drive()
    const session = open(driver).receive(created, started('a'), done('a', 100, 40))
    expect(driver.sink.usages.map(({ usage, source }) => [usage, source])).toEqual([
      [{ inputTokens: 100, outputTokens: 40 }, 'response'],
    ])
    expect(driver.sink.usages[0]?.identity).toMatchObject({
      endpoint: 'realtime',
      requestModel: 'openai/gpt-realtime-2.1',
    })
    session.receive(started('b'), done('b', 150, 20)).end({ closeCode: 1000 })
    expect(driver.sink.usages).toHaveLength(2)
  })

  test('reports each response with its times and its status', () => {
    const driver = drive()
    open(driver).receive(
      created,
      { type: 'input_audio_buffer.speech_stopped' },
      started('a'),
      audio,
      done('a', 100, 40),
      started('b'),
      done('b', 1, 1, { status: 'failed' }),
    )
    const [a, b] = driver.sink.responses
    expect(a).toMatchObject({
      responseId: 'a',
      finishReasons: ['completed'],
      parameters: { outputType: 'speech' },
      conversationId: 'sess_1',
    })
    expect(a?.timeToFirstChunkMs).toBeGreaterThan(0)
    expect(a?.errorType).toBeUndefined()
    expect(b).toMatchObject({
      responseId: 'b',
      finishReasons: ['failed'],
      parameters: { outputType: 'text' },
      errorType: '_OTHER',
    })
    expect(b?.timeToFirstChunkMs).toBeUndefined()
  })

  test('counts how long it is connected while it lasts', () => {
    const driver = drive()
    const session = open(driver).receive(started('a'), done('a', 1, 1))
    const before = driver.sink.connectedSeconds
    expect(before).toBeGreaterThan(0)
    session.end({ closeCode: 1000 })
    expect(driver.sink.connectedSeconds).toBeGreaterThan(before)
  })

  test('counts a transcription beside the responses', () => {
    const driver = drive()
    const record = open(driver)
      .receive(
        {
          type: 'conversation.item.input_audio_transcription.completed',
          usage: { type: 'tokens', input_tokens: 13, output_tokens: 9 },
        },
        {
          type: 'conversation.item.input_audio_transcription.completed',
          usage: { type: 'duration', seconds: 2.5 },
        },
        started('a'),
        done('a', 100, 40),
      )
      .end({ closeCode: 1000 })
    expect(record.usage).toEqual({ inputTokens: 113, outputTokens: 49, units: { second: 2.5 } })
  })

  test('counts a response and a transcription once that are reported again, and only what grew', () => {
    const heard = (item_id: string): object => ({
      type: 'conversation.item.input_audio_transcription.completed',
      item_id,
      content_index: 0,
      usage: { type: 'tokens', input_tokens: 13, output_tokens: 9 },
    })
    const record = open(drive())
      .receive(heard('i'), heard('i'), heard('j'), started('a'), done('a', 100, 40, cost(7)))
      .receive(started('b'), done('a', 100, 40, cost(7)), done('b', 150, 20), done('b', 150, 25))
      .end({ closeCode: 1000 })
    expect(record.usage).toMatchObject({ inputTokens: 276, outputTokens: 83, credits: 7 })
    expect(record.missing).toBe('absent')
  })

  test("keeps the last of xAI's seconds, which are of the whole session", () => {
    const driver = drive()
    const spoken = (seconds: number): object => ({
      type: 'response.done',
      response: { id: `after ${seconds}`, status: 'completed', usage: {} },
      usage: { input_tokens: 10, output_tokens: 5, billable_audio_seconds: seconds },
    })
    const record = open(driver).receive(spoken(4), spoken(10.5)).end({ closeCode: 1000 })
    expect(record.usage).toEqual({ inputTokens: 20, outputTokens: 10, units: { second: 10.5 } })
    const seconds = driver.sink.usages.map(({ usage }) => usage.units?.second ?? 0)
    expect(seconds.reduce((sum, more) => sum + more)).toBe(10.5)
  })

  test('belongs to the account of its key, in any header, and has the tags of its caller', () => {
    const driver = drive()
    const accounts = [
      { authorization: 'Token key-main' },
      { authorization: '', 'x-goog-api-key': 'key-main' },
      { authorization: '', 'sec-websocket-protocol': 'realtime, openai-insecure-api-key.key-main' },
      { authorization: 'Bearer nobody' },
    ].map((headers) => open(driver, OPENAI, { headers }).end({ closeCode: 1000 }).account)
    expect(accounts).toEqual(['main', 'main', 'main', 'other'])
    const session = withSpendTags({ team: 'voice' }, () => open(driver))
    expect(session.end({ closeCode: 1000 }).tags).toEqual({ team: 'voice' })
  })

  test.each([
    [{ closeCode: 1000 }, undefined],
    [{ closeCode: 1001 }, undefined],
    [{ closeCode: 1005 }, undefined],
    [{ closeCode: 1008 }, '1008'],
    [{ closeCode: 1011 }, '1011'],
    [{ closeCode: 4001 }, '4001'],
    [{ errorType: 'ECONNRESET' }, 'ECONNRESET'],
    [{ errorType: 'aborted' }, 'aborted'],
  ])('that ends with %j has the error %s', (ending, errorType) => {
    expect(open(drive()).receive(created).end(ending).errorType).toBe(errorType)
  })

  test('has failed if its last event was an error, not if it went on after one', () => {
    const error = { type: 'error', error: { message: 'canary' } }
    const went = open(drive()).receive(error, started('a'), done('a', 1, 1))
    expect(went.end({ closeCode: 1000 }).errorType).toBeUndefined()
    const stopped = open(drive()).receive(started('a'), done('a', 1, 1), error)
    expect(stopped.end({ closeCode: 1000 }).errorType).toBe('_OTHER')
  })

  test.each([401, 200, 302])(
    'that was answered with %i is a request with that as error, and nothing else',
    (status) => {
      const driver = drive()
      const observer = driver.observer.beginSession({
        method: 'GET',
        origin: 'https://api.aimlapi.com',
        path: OPENAI,
        header: () => undefined,
      })
      observer?.answered(status, () => undefined)
      observer?.end({})
      expect(driver.records).toMatchObject([{ httpStatus: status, errorType: `${status}`, pending: false }])
      expect(driver.sink.missed).toEqual([])
      expect(driver.sink.connectedSeconds).toBe(0)
    },
  )

  test('ends as abandoned when the observation stops', async () => {
    const driver = drive()
    const session = open(driver).receive(started('a'), done('a', 7, 3))
    await driver.observer.stop()
    expect(driver.records).toMatchObject([
      { errorType: 'abandoned', usage: { inputTokens: 7, outputTokens: 3 } },
    ])
    session.observer.end({ closeCode: 1000 })
    expect(driver.records).toHaveLength(1)
  })
})

describe('the cost of a session', () => {
  test('is the sum of what its responses say', () => {
    const driver = drive()
    const record = open(driver)
      .receive(done('a', 10, 5, cost(100)), done('b', 10, 5, cost(50)))
      .end({ closeCode: 1000 })
    expect(record.usage?.credits).toBe(150)
    expect(record.usage?.usd).toBeCloseTo(150 / 2_000_000, 12)
    expect([record.pending, record.missing]).toEqual([false, undefined])
  })

  test('is the last total of the session', () => {
    const driver = drive()
    const record = open(driver)
      .receive(done('a', 10, 5), { type: 'usage', ...cost(100) }, done('b', 10, 5), {
        type: 'usage',
        ...cost(180),
      })
      .end({ closeCode: 1000 })
    expect(record.usage?.credits).toBe(180)
    expect(driver.sink.usages.reduce((sum, { usage }) => sum + (usage.credits ?? 0), 0)).toBe(180)
    expect(record.missing).toBeUndefined()
  })

  test('is pending under the id of its handshake, and settled without counting its tokens twice', () => {
    const driver = drive({ settlement: true })
    const record = open(driver, OPENAI, { answer: { 'x-inference-id': 'inf-1' } })
      .receive(created, done('a', 100, 40))
      .end({ closeCode: 1000 })
    expect(record).toMatchObject({ pending: true, inferenceId: 'inf-1' })
    const [pending] = driver.pending
    expect(pending?.inferenceIds).toEqual(['inf-1', 'sess_1'])
    pending?.found({ credits: 900, usd: 0.00045, inputTokens: 100, outputTokens: 40 }, 'inf-1')
    expect(driver.sink.settlements.map(({ usage }) => usage)).toEqual([{ credits: 900, usd: 0.00045 }])
    expect(driver.records.at(-1)).toMatchObject({ kind: 'settlement', usage: { credits: 900 } })
  })

  test('is pending under the id of the application', () => {
    const driver = drive({ settlement: true })
    open(driver, OPENAI, { headers: { 'x-client-request-id': 'mine-1' } })
      .receive(done('a', 1, 1))
      .end({ closeCode: 1000 })
    expect([...driver.pending].map(({ clientRequestId }) => clientRequestId)).toEqual(['mine-1'])
  })

  test('without an id in the handshake may be in the log under its own id, or under that of the application', () => {
    const unsure = drive({ settlement: true })
    open(unsure, OPENAI, { headers: { 'x-client-request-id': 'mine-1' } })
      .receive(created, done('a', 1, 1))
      .end({ closeCode: 1000 })
    expect([...unsure.pending]).toMatchObject([
      { inferenceIds: ['sess_1'], clientRequestId: 'mine-1', hasUnsureIds: true },
    ])
    const sure = drive({ settlement: true })
    open(sure, OPENAI, { answer: { 'x-inference-id': 'inf-1' } })
      .receive(created, done('a', 1, 1))
      .end({ closeCode: 1000 })
    expect([...sure.pending]).toMatchObject([{ hasUnsureIds: false }])
  })

  const heard = { type: 'input_audio_buffer.committed' }
  const silent = { type: 'response.done', response: { id: 'b', status: 'completed', usage: null } }
  const pricedSilent = { ...silent, response: { ...silent.response, ...cost(0) } }
  test.each([
    ['was cut off', [started('b'), audio], { errorType: 'ECONNRESET' }],
    ['was lost with the connection', [], { errorType: 'ECONNRESET' }],
    ['was due when the user left', [heard], { closeCode: 1000 }],
    ['did not say them', [started('b'), silent], { closeCode: 1000 }],
    ['said its cost alone', [started('b'), pricedSilent], { closeCode: 1000 }],
  ])('takes from the log the tokens of a response that %s', (_what, messages, ending) => {
    const driver = drive({ settlement: true })
    open(driver, OPENAI, { answer: { 'x-inference-id': 'inf-1' } })
      .receive(done('a', 100, 40, cost(500)), ...messages)
      .end(ending)
    const [pending] = driver.pending
    pending?.found({ credits: 900, usd: 0.00045, inputTokens: 250, outputTokens: 55 }, 'inf-1')
    expect(driver.sink.settlements[0]?.usage).toMatchObject({
      credits: 400,
      inputTokens: 150,
      outputTokens: 15,
    })
  })

  test('is missing once, with the reason, where nothing more will come', () => {
    const cut = open(drive()).receive(started('a'), audio).end({ errorType: 'ECONNRESET' })
    expect(cut.missing).toBe('aborted')
    const unread = open(drive())
    unread.observer.received.lose('undecodable')
    expect(unread.end({ closeCode: 1000 }).missing).toBe('undecodable')
    const driver = drive({ settlement: true })
    open(driver, OPENAI, { answer: { 'x-inference-id': 'inf-1' } })
      .receive(done('a', 1, 1))
      .end({ closeCode: 1000 })
    for (const pending of driver.pending) pending.lost('expired')
    expect(driver.sink.missed).toMatchObject([{ reason: 'expired' }])
  })

  test('is not missing when only tokens were looked up, and the log does not have them', () => {
    const driver = drive({ settlement: true })
    const withoutTokens = { type: 'response.done', response: { id: 'b', status: 'completed', ...cost(5) } }
    open(driver, OPENAI, { answer: { 'x-inference-id': 'inf-1' } })
      .receive(done('a', 1, 1, cost(5)), withoutTokens)
      .end({ closeCode: 1000 })
    expect(driver.pending.size).toBe(1)
    for (const pending of driver.pending) pending.lost('expired')
    expect(driver.sink.missed).toEqual([])
  })

  test('leaves nothing to settle when the row differs from the sum of its responses by rounding alone', () => {
    const driver = drive({ settlement: true })
    const dollars = (usd: number) => ({ meta: { usage: { usd_spent: usd } } })
    const session = open(driver, OPENAI, { answer: { 'x-inference-id': 'inf-1' } })
    session
      .receive(done('a', 1, 1, dollars(0.7)), done('b', 1, 1, dollars(0.1)))
      .end({ errorType: 'ECONNRESET' })
    for (const pending of driver.pending)
      pending.found({ credits: 1_600_000, usd: 0.8, inputTokens: 2, outputTokens: 2 }, 'inf-1')
    expect(driver.sink.settlements).toEqual([])
  })

  test('is missing while a response is open, even if one ends that had not begun', () => {
    const driver = drive()
    const record = open(driver)
      .receive(created, started('a'), started('b'), done('c', 10, 4, cost(5)), done('b', 20, 4, cost(7)))
      .end({ closeCode: 1000 })
    expect(record).toMatchObject({ usage: { inputTokens: 30, credits: 12 }, missing: 'absent' })
    expect(driver.sink.responses.map(({ responseId }) => responseId)).toEqual(['c', 'b'])
  })

  test('is known when responses end that began without an id, or end without one', () => {
    const driver = drive()
    const { usage } = (done('x', 10, 4) as { response: { usage: object } }).response
    const unnamed = { type: 'response.done', response: { status: 'completed', usage, ...cost(5) } }
    const record = open(driver)
      .receive(created, { type: 'response.created', response: {} }, done('a', 10, 4, cost(5)))
      .receive(started('b'), unnamed)
      .end({ closeCode: 1000 })
    expect(record).toMatchObject({ usage: { inputTokens: 20, credits: 10 }, pending: false })
    expect(record.missing).toBeUndefined()
  })

  test('is missing when so many responses are open that one is forgotten', () => {
    const driver = drive()
    const names = Array.from({ length: 33 }, (_, index) => `r${index}`)
    const session = open(driver).receive(created, ...names.map(started))
    session.receive(...names.slice(1).map((name) => done(name, 1, 1, cost(2))))
    expect(session.end({ closeCode: 1000 })).toMatchObject({ usage: { credits: 64 }, missing: 'absent' })
  })

  test.each(['x'.repeat(10_000), ' ', ''])('is not looked up under an id that cannot be one', (id) => {
    const driver = drive({ settlement: true })
    const record = open(driver, OPENAI, { answer: { 'x-inference-id': id, 'x-client-request-id': id } })
      .receive(started('a'), done('a', 10, 4))
      .end({ closeCode: 1000 })
    expect(driver.pending.size).toBe(0)
    expect(record).toMatchObject({ pending: false, missing: 'absent' })
    expect([record.inferenceId, record.clientRequestId]).toEqual([undefined, undefined])
  })

  test('is not missing for a session that did nothing, but is for one that only sent audio', () => {
    expect(open(drive()).receive(created).end({ closeCode: 1000 }).missing).toBeUndefined()
    const silent = open(drive()).send(
      { type: 'session.update' },
      { type: 'input_audio_buffer.append', audio: 'AA' },
    )
    expect(silent.end({ closeCode: 1000 }).missing).toBe('absent')
  })
})

describe('a session of Gemini', () => {
  const setup = { setup: { model: 'models/google/gemini-3.8-live' } }
  const turn = { serverContent: { modelTurn: { parts: [{ inlineData: { data: 'AAAA' } }] } } }
  const usage = (prompt: number, response: number): object => ({
    usageMetadata: {
      promptTokenCount: prompt,
      responseTokenCount: response,
      totalTokenCount: prompt + response,
    },
  })
  const complete = { serverContent: { turnComplete: true } }

  test('knows its model from the first message, and sums its turns', () => {
    const driver = drive()
    const record = open(driver, GEMINI)
      .send(setup)
      .receive(turn, { ...complete, ...usage(100, 40) }, turn, { ...complete, ...usage(180, 20) })
      .end({ closeCode: 1000 })
    expect(record).toMatchObject({
      requestModel: 'google/gemini-3.8-live',
      usage: { inputTokens: 280, outputTokens: 60 },
    })
    expect(driver.sink.responses).toHaveLength(2)
    expect(driver.sink.responses[0]).toMatchObject({
      finishReasons: ['completed'],
      parameters: { outputType: 'speech' },
    })
  })

  test('counts the last of several figures of a turn', () => {
    const record = open(drive(), GEMINI)
      .send(setup)
      .receive(usage(50, 1), turn, usage(100, 10), { ...complete, ...usage(100, 40) })
      .end({ closeCode: 1000 })
    expect(record.usage).toEqual({ inputTokens: 100, outputTokens: 40 })
  })

  test('counts figures that come behind the end of their turn once', () => {
    const record = open(drive(), GEMINI)
      .send(setup)
      .receive(turn, usage(100, 10), complete, usage(100, 40), usage(100, 40), turn, complete, usage(150, 5))
      .end({ closeCode: 1000 })
    expect(record.usage).toEqual({ inputTokens: 250, outputTokens: 45 })
  })

  test('counts what is known of a turn that was cut off', () => {
    const record = open(drive(), GEMINI)
      .send(setup)
      .receive(turn, usage(100, 10))
      .end({ errorType: 'ECONNRESET' })
    expect(record).toMatchObject({ usage: { inputTokens: 100, outputTokens: 10 }, missing: 'aborted' })
  })

  test("counts the log's tokens of a turn that was due when the session ended", () => {
    const driver = drive({ settlement: true })
    const heard = { serverContent: { inputTranscription: { text: 'canary' } } }
    const session = open(driver, GEMINI, { answer: { 'x-inference-id': 'inf-1' } })
      .send(setup)
      .receive(heard, turn, { ...complete, ...usage(100, 40) }, heard)
    session.end({ closeCode: 1000 })
    const [pending] = driver.pending
    pending?.found({ credits: 9, usd: 0.0000045, inputTokens: 250, outputTokens: 55 }, 'inf-1')
    expect(driver.sink.settlements[0]?.usage).toMatchObject({ inputTokens: 150, outputTokens: 15 })
  })
})
