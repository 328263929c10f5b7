import { array, assert, constantFrom, integer, property, string, uint8Array } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RequestReader, type RequestFacts } from '../../../src/api/request.ts'
import { cut, lend } from './reading.ts'

const JSON_TYPE = 'application/json'
const NOTHING: RequestFacts = { stream: false, parameters: {} }

function headers(values: Record<string, string | undefined>): (name: string) => string | undefined {
  return (name) => values[name]
}

function read(
  body: string | Uint8Array,
  contentType: string | undefined = JSON_TYPE,
  sizes: number[] = [],
): RequestFacts {
  const reader = new RequestReader(headers({ 'content-type': contentType }))
  for (const chunk of cut(Buffer.from(body as string), sizes)) lend(chunk, (bytes) => reader.write(bytes))
  return reader.facts()
}

describe('a JSON request', () => {
  it('says its model, whether it wants a stream, and its parameters', () => {
    const body = {
      model: 'google/gemini-2.5-pro',
      messages: [{ role: 'user', content: 'model: "x"' }],
      stream: true,
      max_tokens: 512,
      temperature: 0.7,
      top_p: 0.9,
      top_k: 40,
      frequency_penalty: -0.5,
      presence_penalty: 0.25,
      seed: 7,
      n: 2,
      stop: ['\n', 'END'],
      reasoning_effort: 'high',
      response_format: { type: 'json_schema', json_schema: { name: 'x' } },
    }
    expect(read(JSON.stringify(body))).toEqual({
      model: 'google/gemini-2.5-pro',
      stream: true,
      parameters: {
        maxTokens: 512,
        temperature: 0.7,
        topP: 0.9,
        topK: 40,
        frequencyPenalty: -0.5,
        presencePenalty: 0.25,
        seed: 7,
        choiceCount: 2,
        stopSequences: ['\n', 'END'],
        reasoningLevel: 'high',
        outputType: 'json',
      },
    })
  })

  it.each([
    ['the one that all items name', [{ model: 'a' }, { model: 'a' }], 'a'],
    ['none when the items name several', [{ model: 'a' }, { model: 'b' }], undefined],
    ['none when an item names none', [{ model: 'a' }, {}], undefined],
  ])('of a batch without a model of its own has %s', (_which, items, model) => {
    const requests = items.map((params, index) => ({ custom_id: `${index}`, params }))
    expect(read(JSON.stringify({ requests })).model).toBe(model)
    const padded = requests.map((request) => ({ ...request, padding: 'x'.repeat(10_000) }))
    expect(read(JSON.stringify({ requests: padded })).model).toBe(model)
    expect(read(JSON.stringify({ model: 'own', requests })).model).toBe('own')
  })

  it.each([
    [{ max_completion_tokens: 5, max_tokens: 9 }, { maxTokens: 5 }],
    [{ max_output_tokens: 6 }, { maxTokens: 6 }],
    [{ reasoning: { effort: 'low' } }, { reasoningLevel: 'low' }],
    [{ text: { format: { type: 'text' } } }, { outputType: 'text' }],
    [{ response_format: 'b64_json' }, {}],
    [{ stop: 'END' }, { stopSequences: ['END'] }],
    [{ stop_sequences: ['a', 1, 'b'] }, { stopSequences: ['a', 'b'] }],
    [
      { encoding_format: 'base64', dimensions: 256 },
      { encodingFormats: ['base64'], dimensionCount: 256 },
    ],
    [{ temperature: '0.7', max_tokens: null, n: [1], seed: true }, {}],
  ])('%j has the parameters %j', (body, parameters) => {
    expect(read(JSON.stringify(body)).parameters).toEqual(parameters)
  })

  it('keeps a handful of stop sequences, and the beginning of each', () => {
    const stop = Array.from({ length: 100 }, () => 'x'.repeat(100))
    expect(read(JSON.stringify({ stop })).parameters.stopSequences).toEqual(
      Array.from({ length: 16 }, () => 'x'.repeat(64)),
    )
  })

  it('is read wherever its model stands, around a prompt of 20 MB', () => {
    const prompt = Buffer.alloc(20 * 1024 * 1024, 'quack ')
    for (const [before, after] of [
      ['{"model":"gpt-4o","input":"', '"}'],
      ['{"input":"', '","model":"gpt-4o"}'],
    ] as const) {
      const body = Buffer.concat([Buffer.from(before), prompt, Buffer.from(after)])
      expect(read(body, JSON_TYPE, [65_536]).model).toBe('gpt-4o')
    }
  })

  it('is read as far as it was sent, while it is still being sent', () => {
    for (const filler of ['', 'x'.repeat(10_000)]) {
      const reader = new RequestReader(headers({ 'content-type': JSON_TYPE }))
      reader.write(Buffer.from(`{"user":"${filler}","model":"gpt-4o","messages":[`))
      expect(reader.facts()).toEqual({ ...NOTHING, model: 'gpt-4o' })
      reader.write(Buffer.from('],"stream":true}'))
      expect(reader.facts()).toEqual({ stream: true, model: 'gpt-4o', parameters: {} })
      expect(reader.facts()).toEqual({ stream: true, model: 'gpt-4o', parameters: {} })
    }
  })

  it('is read with any content type', () => {
    for (const contentType of ['text/plain;charset=UTF-8', undefined, 'application/octet-stream']) {
      expect(read('{"model":"gpt-4o"}', contentType).model).toBe('gpt-4o')
    }
  })

  it.each([
    ['\u0000a\u001bb\u2028c ', 'abc'],
    ['x'.repeat(500), 'x'.repeat(200)],
    ['', undefined],
    [' \n', undefined],
    [7, undefined],
    [{}, undefined],
  ])('with the model %j is one of %j', (model, expected) => {
    expect(read(JSON.stringify({ model })).model).toBe(expected)
  })

  it('has no facts when it is no object, is empty or compressed', () => {
    for (const body of ['', '[1,2]', '"model"', 'null', 'model=gpt-4o', '{"model"'])
      expect(read(body)).toEqual(NOTHING)
    const reader = new RequestReader(headers({ 'content-type': JSON_TYPE, 'content-encoding': 'gzip' }))
    reader.write(Buffer.from('{"model":"gpt-4o"}'))
    expect(reader.facts()).toEqual(NOTHING)
  })

  it('of any bytes in any split never throws', () => {
    assert(
      property(uint8Array({ maxLength: 300 }), array(integer({ min: 1, max: 50 })), (bytes, sizes) => {
        expect(read(bytes, JSON_TYPE, sizes)).toHaveProperty('stream')
      }),
    )
  })
})

describe('a form', () => {
  const boundary = '----formdata-0123'
  const contentType = `multipart/form-data; boundary=${boundary}`
  const part = (headers: string, content: string) => `--${boundary}\r\n${headers}\r\n\r\n${content}\r\n`
  const model = part('Content-Disposition: form-data; name="model"', '#g1_nova-2')
  const file = part(
    'Content-Disposition: form-data; name="audio"; filename="model"\r\nContent-Type: audio/wav',
    `RIFF\r\n--${boundary.slice(0, -1)}\r\n\r\nname="model"\r\n\r\n{"model":"x"}`,
  )
  const end = `--${boundary}--\r\n`

  it.each([
    ['before its file', model + file + end],
    ['after its file', file + model + end],
    [
      'with headers in other cases and orders',
      `${part('content-type: text/plain\r\ncontent-disposition: FORM-DATA; name=model', '#g1_nova-2')}${end}`,
    ],
    [
      'twice, of which the first counts',
      `${model}${part('Content-Disposition: form-data; name="model"', 'later')}${end}`,
    ],
    ['behind a preamble', `preamble\r\n${model}${end}`],
  ])('names its model %s, in any split', (_title, body) => {
    expect(read(body, contentType).model).toBe('#g1_nova-2')
    assert(
      property(array(integer({ min: 1, max: 60 }), { minLength: 1 }), (sizes) => {
        expect(read(body, contentType, sizes)).toEqual({ ...NOTHING, model: '#g1_nova-2' })
      }),
    )
  })

  it('with a quoted boundary is read too', () => {
    expect(read(model + end, `Multipart/Form-Data; charset=utf-8; boundary="${boundary}"`).model).toBe(
      '#g1_nova-2',
    )
  })

  it.each([
    ['no model', file + end],
    ['an empty model', part('Content-Disposition: form-data; name="model"', '') + end],
    ['a model without an end', model.slice(0, -3)],
    ['an endless model', part('Content-Disposition: form-data; name="model"', 'x'.repeat(5000)) + end],
    ['a field of a longer name', part('Content-Disposition: form-data; name="model_id"', 'x') + end],
    ['endless headers', part(`X: ${'x'.repeat(5000)}`, 'x') + end],
  ])('with %s has none', (_title, body) => {
    for (const sizes of [[], [1], [700]]) expect(read(body, contentType, sizes)).toEqual(NOTHING)
  })

  it('names its model behind a file of 20 MB', () => {
    const sound = Buffer.alloc(20 * 1024 * 1024, '\r\n--')
    const before = Buffer.from(file.slice(0, file.indexOf('RIFF')))
    const body = Buffer.concat([before, sound, Buffer.from(`\r\n${model}${end}`)])
    expect(read(body, contentType, [65_536]).model).toBe('#g1_nova-2')
  })

  it('of any bytes in any split never throws', () => {
    const text = string({ unit: constantFrom('\r', '\n', '-', ...boundary, ':', 'a'), maxLength: 200 })
    assert(
      property(text, array(integer({ min: 1, max: 50 })), (body, sizes) => {
        expect(read(body, contentType, sizes)).toHaveProperty('stream')
      }),
    )
  })
})
