/** Hostile, broken and endless bodies: read by their bytes alone, and always with a plain word for what is missing. */
import * as zlib from 'node:zlib'
import {
  array,
  assert,
  asyncProperty,
  constantFrom,
  integer,
  jsonValue,
  oneof,
  record,
  string,
  uint8Array,
} from 'fast-check'
import { describe, expect, it } from 'vitest'
import { routeRequest } from '../../../src/api/endpoints.ts'
import type { Route } from '../../../src/api/families.ts'
import { MAX_CALL_BYTES, MAX_STAGE_BYTES } from '../../../src/api/limits.ts'
import { stateFacts, type ResponseFacts } from '../../../src/api/response-facts.ts'
import { ResponseReader } from '../../../src/api/response.ts'
import { CHAT, cut, readAnswer, type Answered, type Reading } from './reading.ts'

const JSON_HEADERS = { 'content-type': 'application/json' }
const CHAT_ROUTE = routeRequest('POST', '/v1/chat/completions') as Route
const BATCH_ROUTE = routeRequest('GET', '/v1/batches?batch_id=b1') as Route
const POLL: Answered = { method: 'GET', path: '/v1/batches?batch_id=b1' }

function read(
  body: string | Uint8Array,
  answered: Answered = {},
  sizes: readonly number[] = [],
): Promise<Reading> {
  const headers = { ...JSON_HEADERS, ...answered.headers }
  return readAnswer({ ...CHAT, ...answered, headers }, cut(Buffer.from(body as string), sizes))
}

const USAGE = '"usage":{"prompt_tokens":5,"completion_tokens":6}'
const META = '"meta":{"usage":{"credits_used":7}}'
const TOKENS = { inputTokens: 5, outputTokens: 6 }
const COST = { credits: 7, usd: 0.0000035 }

/** Facts of an answer of which nothing else is to be told. */
function said(facts: Partial<ResponseFacts>): object {
  const { responseId } = facts
  return { ids: responseId === undefined ? [] : [responseId], failed: false, certainty: 'final', ...facts }
}

/** Larger than what JSON.parse gets to see: the selector reads it. */
const FILLER = `"x":"${'x'.repeat(MAX_STAGE_BYTES)}",`

describe('a broken body', () => {
  it.each([
    ['cut off before its usage', `{"id":"a","usage":{"prompt`, { usage: {}, problem: 'unparsable' }],
    [
      'cut off in a number',
      `{"usage":{"prompt_tokens":5,"completion_tokens":6`,
      { usage: {}, problem: 'unparsable' },
    ],
    ['cut off after its tokens', `{${USAGE},"meta":{"us`, { usage: TOKENS, problem: 'unparsable' }],
    ['cut off after its cost', `{${META},"choices":[{"mess`, { usage: COST, problem: 'unparsable' }],
    ['invalid after its cost', `{${META},]`, { usage: COST, problem: 'unparsable' }],
    [
      'followed by garbage',
      `{${USAGE},${META}} garbage`,
      { usage: { ...TOKENS, ...COST }, problem: 'unparsable' },
    ],
    ['of single quotes', `{'usage':1}`, { usage: {}, problem: 'unparsable' }],
    ['of HTML', '<!doctype html><title>Welcome</title>', { usage: {}, problem: 'unparsable' }],
    ['of plain text', 'error code: 1015', { usage: {}, problem: 'unparsable' }],
    ['of other plain text', 'Service unavailable', { usage: {}, problem: 'unparsable' }],
    ['of NUL bytes', '\0\0\0\0', { usage: {}, problem: 'unparsable' }],
    ['of nothing', '', { usage: {}, problem: 'absent' }],
    ['of white space', ' \r\n', { usage: {}, problem: 'absent' }],
  ])('%s says what it can', async (_title, body, expected) => {
    for (const sizes of [[], [1]]) {
      const { facts } = await read(body, {}, sizes)
      expect(facts.usage).toEqual(expected.usage)
      expect(facts.problem).toBe(expected.problem)
    }
  })

  it.each([
    ['usage is null', `{"usage":null,"meta":null}`, {}, 'absent'],
    ['meta is a list', `{${USAGE},"meta":[]}`, TOKENS, 'absent'],
    ['meta is a string', `{${USAGE},"meta":"free"}`, TOKENS, 'absent'],
    ['meta.usage is a list', `{${USAGE},"meta":{"usage":[7]}}`, TOKENS, 'unparsable'],
    [
      'credits are text',
      `{${USAGE},"meta":{"usage":{"credits_used":"7.0"}}}`,
      { ...TOKENS, ...COST },
      undefined,
    ],
    ['credits are words', `{${USAGE},"meta":{"usage":{"credits_used":"seven"}}}`, TOKENS, 'unparsable'],
    ['credits are negative', `{${USAGE},"meta":{"usage":{"credits_used":-7}}}`, TOKENS, 'unparsable'],
    ['credits are endless', `{${USAGE},"meta":{"usage":{"credits_used":1e308}}}`, TOKENS, 'unparsable'],
    ['credits are NaN', `{${USAGE},"meta":{"usage":{"credits_used":NaN}}}`, TOKENS, 'unparsable'],
    ['credits come twice', `{"meta":{"usage":{"credits_used":1}},${META}}`, COST, undefined],
    ['usage comes twice', `{"usage":{"prompt_tokens":1},${USAGE}}`, TOKENS, 'absent'],
    ['usage comes again as null', `{${USAGE},"usage":null}`, {}, 'absent'],
    [
      'tokens are strings',
      `{"usage":{"prompt_tokens":"5","completion_tokens":6}}`,
      { outputTokens: 6 },
      'unparsable',
    ],
    ['tokens are strings beside a cost', `{"usage":{"prompt_tokens":"5"},${META}}`, COST, 'unparsable'],
    [
      'keys are escaped',
      `{"\\u0075sage":{"prompt_tokens":5,"completion_tokens":6},"m\\u0065ta":{"usage":{"credits_used":7}}}`,
      { ...TOKENS, ...COST },
      undefined,
    ],
    [
      'keys of __proto__ come along',
      `{"__proto__":{${META}},"constructor":{${META}},${USAGE}}`,
      TOKENS,
      'absent',
    ],
  ])('in which %s counts only numbers that are some', async (_title, body, usage, problem) => {
    for (const text of [body, body.replace('{', `{${FILLER}`)]) {
      for (const sizes of [[], [1]]) {
        const { facts } = await read(text, {}, sizes)
        expect(facts.usage).toEqual(usage)
        expect(facts.problem).toBe(problem)
      }
    }
  })

  it('of 100,000 levels is read to the other side', async () => {
    const deep = `${'{"a":['.repeat(100_000)}${']}'.repeat(100_000)}`
    const { facts } = await read(`{"deep":${deep},${USAGE},${META}}`, {}, [10_000])
    expect(facts.usage).toEqual({ ...TOKENS, ...COST })
  })

  it('of invalid UTF-8 still has its cost', async () => {
    const body = Buffer.concat([
      Buffer.from('{"x":"'),
      Buffer.from([0xff, 0xfe, 0xc3]),
      Buffer.from(`",${META}}`),
    ])
    expect((await read(body)).facts.usage).toEqual(COST)
  })

  it('whose usage is endless is too large, and an endless name is none', async () => {
    const { facts } = await read(`{"usage":{"x":"${'x'.repeat(50_000)}"}}`)
    expect(facts).toEqual(said({ usage: {}, problem: 'too_large' }))
    const named = await read(`{"id":"${'x'.repeat(300)}","model":"${'m'.repeat(300)}",${META}}`)
    expect(named.facts).toEqual(said({ usage: COST, responseModel: 'm'.repeat(200) }))
  })

  it('that the caller broke off has the figures that came until then, and is not malformed', async () => {
    expect((await read(`{"id":"a","usage":{"prompt`, { whole: false })).facts.problem).toBe('absent')
    const events = `data: {"id":"a","model":"m","choices":[]}\n\ndata: {${USAGE}}\n\ndata: {"choi`
    const { facts } = await read(events, { whole: false })
    expect(facts).toEqual(
      said({
        usage: TOKENS,
        responseId: 'a',
        responseModel: 'm',
        problem: 'absent',
        certainty: 'provisional',
      }),
    )
  })

  it('under garbage in its cost headers counts by itself, or is unparsable', async () => {
    const headers = { 'x-aimlapi-credits-used': 'many', 'x-aimlapi-usd-spent': '-1' }
    expect((await read(`{${META}}`, { headers })).facts).toEqual(said({ usage: COST }))
    expect((await read('{}', { headers })).facts).toEqual(said({ usage: {}, problem: 'unparsable' }))
  })

  it('with the cost in its headers has the reason why it has no tokens', async () => {
    const headers = { 'x-aimlapi-credits-used': '7' }
    for (const body of ['<html>', '{"usage":', '{"usage":{"prompt_tokens":"x"}}']) {
      expect((await read(body, { headers })).facts).toEqual(said({ usage: COST, problem: 'unparsable' }))
    }
    for (const body of ['', '{}', '{"usage":null}'])
      expect((await read(body, { headers })).facts).toEqual(said({ usage: COST }))
  })
})

describe('a coded body', () => {
  const body = Buffer.from(`{"id":"a",${USAGE},${META}}`)

  it.each([
    ['gzip', zlib.gzipSync(body)],
    ['deflate', zlib.deflateSync(body)],
    ['deflate', zlib.deflateRawSync(body)],
    ['br', zlib.brotliCompressSync(body)],
    ['gzip, br', zlib.brotliCompressSync(zlib.gzipSync(body))],
  ])('of %s says what it would say plain', async (encoding, encoded) => {
    for (const sizes of [[], [1]]) {
      const { facts } = await read(encoded, { headers: { 'content-encoding': encoding } }, sizes)
      expect(facts).toEqual(said({ usage: { ...TOKENS, ...COST }, responseId: 'a' }))
    }
  })

  it('that is not what its header says is undecodable', async () => {
    for (const encoding of ['gzip', 'br', 'zstd-next']) {
      const { facts } = await read(zlib.deflateSync(body), { headers: { 'content-encoding': encoding } })
      expect(facts).toEqual(said({ usage: {}, problem: 'undecodable' }))
    }
  })

  it('that is a bomb is too large', async () => {
    const bomb = zlib.gzipSync(
      Buffer.concat([Buffer.from('{"x":"'), Buffer.alloc(30_000_000, 'x'), Buffer.from(`",${META}}`)]),
    )
    const { facts } = await read(bomb, { headers: { 'content-encoding': 'gzip' } }, [10_000])
    expect(facts).toEqual(said({ usage: {}, problem: 'too_large' }))
  })

  it('has its cost when the decoder gave up later', async () => {
    const bomb = zlib.gzipSync(Buffer.concat([Buffer.from(`{${META},"x":"`), Buffer.alloc(30_000_000, 'x')]))
    const { facts } = await read(bomb, { headers: { 'content-encoding': 'gzip' } }, [10_000])
    expect(facts).toEqual(said({ usage: COST, problem: 'too_large' }))
  })

  it('of an event stream is read as one', async () => {
    const words = Array.from(
      { length: 2000 },
      (_, index) => `data: {"id":"a","model":"m","choices":[{"index":0,"delta":{"content":"${index}"}}]}\n\n`,
    )
    const stream = Buffer.from(`${words.join('')}data: {${USAGE},${META}}\n\ndata: [DONE]\n\n`)
    const headers = { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' }
    const { facts } = await read(zlib.gzipSync(stream), { headers }, [500])
    expect(facts).toEqual(said({ usage: { ...TOKENS, ...COST }, responseId: 'a', responseModel: 'm' }))
  })
})

describe('a long event stream', () => {
  const word = 'data: {"id":"later","model":"other","choices":[{"index":0,"delta":{"content":"quack"}}]}\n\n'

  it('has the first id and model, if not in its first event', async () => {
    const start =
      ': processing\n\ndata: {"type":"ping"}\n\ndata: {"id":"","model":"m"}\n\ndata: {"id":"a"}\n\n'
    const { facts } = await read(`${start}${word.repeat(1000)}data: {${USAGE},${META}}\n\n`)
    expect(facts).toEqual(
      said({
        usage: { ...TOKENS, ...COST },
        ids: ['a', 'later'],
        responseId: 'a',
        responseModel: 'm',
      }),
    )
  })

  it('has the usage of an event in its middle', async () => {
    const middle = `data: {${USAGE}}\n\n${word.repeat(1000)}data: {"x":1,${META}}\n\n`
    const { facts } = await read(`${word.repeat(1000)}${middle}${word.repeat(1000)}data: [DONE]\n\n`)
    expect(facts.usage).toEqual({ ...TOKENS, ...COST })
  })
})

it('a body of one document per line is read under the label of events', async () => {
  const chunk = '{"id":"c","choices":[]}\n'
  for (const sizes of [[], [1]]) {
    const answered = { headers: { 'content-type': 'text/event-stream' } }
    const { facts } = await read(`${chunk.repeat(3)}{${META}}\n`, answered, sizes)
    expect(facts.usage).toEqual(COST)
    expect(facts.problem).toBeUndefined()
  }
})

describe('a binary body', () => {
  it.each(['audio/wav', 'audio/mpeg', 'video/mp4', 'image/png', 'application/octet-stream'])(
    'of %s is not looked into',
    async (type) => {
      const { facts } = await read(`{${USAGE},${META}}`, { headers: { 'content-type': type } })
      expect(facts).toEqual(said({ usage: {}, problem: 'absent' }))
    },
  )
})

describe('a body without bounds', () => {
  /** The same bytes again and again, without ever being there all at once. */
  function* repeat(before: string, chunk: Uint8Array, count: number, after: string): Generator<Uint8Array> {
    yield Buffer.from(before)
    for (let index = 0; index < count; index++) yield chunk
    yield Buffer.from(after)
  }

  const MEGABYTE = Buffer.alloc(1_000_000, 'x')

  it.each([
    ['JSON of 100 MB with its usage first', repeat(`{${USAGE},${META},"x":"`, MEGABYTE, 100, '"}')],
    ['JSON of 100 MB with its usage last', repeat('{"x":"', MEGABYTE, 100, `",${USAGE},${META}}`)],
    ['an event of 100 MB', repeat('data: {"x":"', MEGABYTE, 100, `",${USAGE},${META}}\n\n`)],
    [
      'a million small events',
      repeat(
        'data: {"id":"a"}\n\n',
        Buffer.from('data: {"x":1}\n\n'.repeat(10_000)),
        100,
        `data: {${USAGE},${META}}\n\n`,
      ),
    ],
    [
      'a list of ten million numbers',
      repeat('{"x":[0', Buffer.from(',1'.repeat(100_000)), 100, `],${USAGE},${META}}`),
    ],
  ])('of %s says its usage, and little of it is ever kept', async (_title, chunks) => {
    let mostBytes = 0
    const baseBytes = process.memoryUsage().arrayBuffers
    function* watched(): Generator<Uint8Array> {
      for (const chunk of chunks) {
        yield chunk
        mostBytes = Math.max(mostBytes, process.memoryUsage().arrayBuffers - baseBytes)
      }
    }
    const reader = new ResponseReader(CHAT_ROUTE, 200, () => undefined)
    for (const chunk of watched()) reader.input.write(chunk)
    await reader.end(true)
    expect(stateFacts(reader).usage).toEqual({ ...TOKENS, ...COST })
    expect(mostBytes).toBeLessThan(16_000_000)
  })

  it.each(['text/event-stream', 'application/json'])('of %s takes less than 64 KiB a call', (type) => {
    const baseBytes = process.memoryUsage().arrayBuffers
    const route = CHAT_ROUTE
    const readers = Array.from(
      { length: 200 },
      () => new ResponseReader(route, 200, (name) => (name === 'content-type' ? type : undefined)),
    )
    const chunks = [Buffer.from('{"usage":{"x":"'), Buffer.alloc(100_000, 'data: {"id":"a"}\n\n')]
    for (const reader of readers)
      for (const chunk of type === 'text/event-stream' ? chunks.slice(1) : chunks) reader.input.write(chunk)
    expect((process.memoryUsage().arrayBuffers - baseBytes) / readers.length).toBeLessThan(MAX_CALL_BYTES)
    expect(readers).toHaveLength(200)
  })

  it.each([
    ['gzip', true],
    ['identity', false],
    [undefined, false],
  ])('with the coding %s is encoded: %s', (coding, isEncoded) => {
    const header = (name: string) => (name === 'content-encoding' ? coding : undefined)
    expect(new ResponseReader(CHAT_ROUTE, 200, header).encoded).toBe(isEncoded)
  })

  it('whose lines never end has no documents, and is not kept', async () => {
    const { facts } = await readAnswer(
      { ...CHAT, headers: { 'content-type': 'text/event-stream' } },
      repeat('data: ', MEGABYTE, 50, ''),
    )
    expect(facts).toEqual(said({ usage: {}, problem: 'unparsable' }))
  })
})

describe('the results of a batch', () => {
  const line = (index: number): string =>
    `${JSON.stringify({ custom_id: `c${index}`, result: { type: 'succeeded', message: { model: 'm', content: [{ text: 'x'.repeat(index % 300) }], usage: { input_tokens: index, output_tokens: 2 } } } })}\n`

  it('are given one by one, 100,000 of them, and none is kept', async () => {
    let count = 0
    let tokens = 0
    const route = BATCH_ROUTE
    const reader = new ResponseReader(
      route,
      200,
      () => undefined,
      (item) => {
        count++
        tokens += item.usage.inputTokens ?? 0
      },
    )
    for (let index = 0; index < 100_000; index++) reader.input.write(Buffer.from(line(index)))
    await reader.end(true)
    expect(stateFacts(reader)).toMatchObject({ usage: {}, jobStatus: 'succeeded' })
    expect([count, tokens]).toEqual([100_000, (100_000 * 99_999) / 2])
  })

  it('come through a line that is broken', async () => {
    const { items, facts } = await read(`${line(1)}{"custom_id":"c2",,}\n${line(3)}`, POLL)
    expect(items.map(({ customId }) => customId)).toEqual(['c1', 'c3'])
    expect(facts.problem).toBe('unparsable')
  })

  it('that break off in an item leave it for the next time, unless its usage was complete', async () => {
    const whole = line(2).trimEnd()
    for (let end = 1; end < whole.length; end++) {
      const { items } = await read(line(1) + whole.slice(0, end), { ...POLL, whole: false })
      const hasUsage = whole.slice(0, end).includes('"output_tokens":2}')
      expect(items.map(({ customId }) => customId)).toEqual(hasUsage ? ['c1', 'c2'] : ['c1'])
    }
  })

  it('count an item as failed unless its type is succeeded', async () => {
    const bodies = ['errored', 'canceled', 'expired', undefined].map((type, index) =>
      JSON.stringify({ custom_id: `c${index}`, result: { type } }),
    )
    const { items } = await read(bodies.join('\n'), POLL)
    expect(items.map(({ failed, usage }) => [failed, usage])).toEqual(bodies.map(() => [true, {}]))
  })

  it('may say what an item cost', async () => {
    const body = `{"custom_id":"c","result":{"type":"succeeded","message":{"model":"m",${USAGE},${META}}}}`
    expect((await read(body, POLL)).items).toEqual([
      { customId: 'c', model: 'm', usage: { ...TOKENS, ...COST }, failed: false },
    ])
  })

  it('are no results in another family', async () => {
    const { items } = await read(line(1), { method: 'POST', path: '/v1/chat/completions' })
    expect(items).toEqual([])
  })

  it('survive a receiver that throws', async () => {
    const route = BATCH_ROUTE
    for (const encoding of [undefined, 'gzip']) {
      const headers: Record<string, string | undefined> = { 'content-encoding': encoding }
      const reader = new ResponseReader(
        route,
        200,
        (name) => headers[name],
        () => {
          throw new Error('no')
        },
      )
      reader.input.write(encoding === undefined ? Buffer.from(line(1)) : zlib.gzipSync(line(1)))
      await reader.end(true)
      expect(stateFacts(reader).problem).toBe('unparsable')
    }
  })
})

describe('a transcription as text', () => {
  it.each([
    ['text/plain', 'did you hear that?'],
    ['text/plain; charset=utf-8', 'Hello there'],
    ['text/plain', '[Music] la la'],
    ['application/x-subrip', '1\n00:00:00,000 --> 00:00:01,000\nHello\n'],
    ['text/vtt', 'WEBVTT\n\n00:00.000 --> 00:01.000\nHello\n'],
  ])('(%s) is whole, says no cost of its own, and its head says the final one: %s', async (type, body) => {
    const answered = { method: 'POST', path: '/v1/audio/transcriptions' }
    for (const sizes of [[], [1]]) {
      const silent = await read(body, { ...answered, headers: { 'content-type': type } }, sizes)
      expect(silent.facts).toMatchObject({ problem: 'absent', certainty: 'final', usage: {} })
      const headers = { 'content-type': type, 'x-aimlapi-credits-used': '9' }
      const told = await read(body, { ...answered, headers }, sizes)
      expect(told.facts).toMatchObject({ certainty: 'final', usage: { credits: 9 } })
      expect(told.facts.problem).toBeUndefined()
    }
  })

  it('is read all the same where it is JSON', async () => {
    const { facts } = await read(`{${META}}`, {
      path: '/v1/audio/transcriptions',
      headers: { 'content-type': 'text/plain' },
    })
    expect(facts.usage).toEqual(COST)
  })
})

describe('the head', () => {
  it('says the ids', () => {
    const headers: Record<string, string> = {
      'x-inference-id': 'V1StGXR8Z5jdHi6BmyT8k',
      'x-client-request-id': 'mine-1',
    }
    const { ids } = new ResponseReader(CHAT_ROUTE, 200, (name) => headers[name])
    expect(ids).toEqual({ inferenceId: 'V1StGXR8Z5jdHi6BmyT8k', clientRequestId: 'mine-1' })
  })

  it.each([
    [{ 'content-type': 'text/event-stream; charset=utf-8' }, true],
    [{ 'content-type': 'application/x-ndjson' }, true],
    [{ 'content-type': 'audio/wav' }, true],
    [{ 'content-type': 'audio/wav', 'content-length': '9' }, false],
    [{ 'content-type': 'application/json' }, false],
    [{}, false],
  ])('%j tells whether the answer comes piece by piece: %s', (headers: Record<string, string>, streaming) => {
    const reader = new ResponseReader(CHAT_ROUTE, 200, (name) => headers[name])
    expect(reader.streaming).toBe(streaming)
  })

  it('is corrected by the first bytes', () => {
    const reader = new ResponseReader(CHAT_ROUTE, 200, () => 'application/json')
    reader.input.write(Buffer.from('data: {}\n\n'))
    expect(reader.streaming).toBe(true)
  })
})

it('any bytes under any head give facts with safe numbers, in any split, and never a throw', async () => {
  const fields = constantFrom(
    'usage',
    'meta',
    'id',
    'model',
    'choices',
    'response',
    'message',
    'result',
    'output',
    'status',
    'error',
    'delta',
    'custom_id',
    'type',
  )
  const document = array(
    record({
      field: fields,
      value: oneof(
        jsonValue(),
        record({ usage: jsonValue(), id: jsonValue(), status: jsonValue(), message: jsonValue() }),
      ),
    }),
  )
  const json = document.map((list) =>
    JSON.stringify(Object.fromEntries(list.map(({ field, value }) => [field, value]))),
  )
  const body = oneof(
    json.map((text) => Buffer.from(text)),
    json.map((text) => Buffer.from(`data: ${text}\n\n`)),
    json.map((text) => zlib.gzipSync(text)),
    uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  )
  const line = constantFrom(
    'POST /v1/chat/completions',
    'POST /v1/stt/create',
    'GET /v1/stt/x',
    'GET /v1/batches?batch_id=x',
    'POST /v1/tts',
    'POST /x',
  )
  const header = oneof(
    string({ maxLength: 20 }),
    constantFrom('gzip', 'br', 'text/event-stream', 'application/json', '12'),
  )
  await assert(
    asyncProperty(
      line,
      body,
      array(integer({ min: 1, max: 99 })),
      header,
      header,
      async (request, bytes, sizes, type, encoding) => {
        const [method = '', path = ''] = request.split(' ')
        const headers = { 'content-type': type, 'content-encoding': encoding, 'x-aimlapi-credits-used': type }
        const { facts } = await readAnswer({ method, path, headers }, cut(bytes, sizes))
        const { inputTokens = 0, outputTokens = 0, credits = 0 } = facts.usage
        for (const number of [inputTokens, outputTokens])
          expect(Number.isSafeInteger(number) && number >= 0).toBe(true)
        // Credits may be a fraction.
        expect(credits >= 0 && credits <= Number.MAX_SAFE_INTEGER).toBe(true)
        expect(
          facts.usage.credits === undefined ? facts.problem !== undefined : facts.problem !== 'absent',
        ).toBe(true)
      },
    ),
    { numRuns: 500 },
  )
})
