import {
  array,
  assert,
  boolean,
  constantFrom,
  integer,
  oneof,
  property,
  string,
  tuple,
  uint8Array,
} from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EventForm } from '../../../src/api/events.ts'
import { MAX_STAGE_BYTES } from '../../../src/api/limits.ts'
import { ALL, select } from '../../../src/api/selection.ts'
import { prune } from './prune.ts'
import { cut, lend } from './reading.ts'
import { StagedForm } from './staged-form.ts'

const SELECTION = select({ id: ALL, usage: ALL, meta: { usage: ALL }, choices: [{ finish_reason: ALL }] })

interface Outcome {
  readonly documents: [document: unknown, isWhole: boolean][]
  readonly names: string[]
  readonly invalid: boolean
  readonly hasData: boolean
}

/** `firstEvents`: how many of the first events are needed; by default all that the reader offers. */
function read(stream: string | Uint8Array, sizes: readonly number[] = [], firstEvents = Infinity): Outcome {
  const documents: [unknown, boolean][] = []
  const names: string[] = []
  const form = new EventForm(SELECTION, {
    add: (document, isWhole) => documents.push([prune(document, SELECTION), isWhole]),
    addEventName: (name) => names.push(name),
    addDone() {},
    get isAnonymous() {
      return documents.length < firstEvents
    },
  })
  const body = new StagedForm(form)
  for (const chunk of cut(Buffer.from(stream as string), sizes)) lend(chunk, (bytes) => body.write(bytes))
  body.end()
  return { documents, names, invalid: form.selector.invalid, hasData: form.hasData }
}

/** The data of every event, by the letter of the specification, for streams that fit in a string. */
function parsePlainly(stream: string): unknown[] {
  const documents: unknown[] = []
  let data: string[] = []
  for (const line of [...stream.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/), '']) {
    const colonAt = line.indexOf(':')
    const field = colonAt < 0 ? line : line.slice(0, colonAt)
    const value = colonAt < 0 ? '' : line.slice(colonAt + 1).replace(/^ /, '')
    if (field === 'data') data.push(value)
    if (line !== '' || data.length === 0) continue
    const text = data.join('\n')
    data = []
    if (text !== '[DONE]') documents.push(prune(JSON.parse(text), SELECTION))
  }
  return documents
}

const usageOf = (documents: readonly unknown[]): unknown[] =>
  documents.filter(
    (document) => Object.hasOwn(document as object, 'usage') || Object.hasOwn(document as object, 'meta'),
  )

const lineEnd = constantFrom('\n', '\r\n', '\r')
const sizes = array(integer({ min: 1, max: 300 }), { maxLength: 30 })
const quiet = oneof(
  string({ maxLength: 30 }).map((content) => ({
    id: 'x',
    choices: [{ delta: { content }, finish_reason: null }],
  })),
  integer({ min: 0, max: 20_000 }).map((size) => ({ b64_json: 'A'.repeat(size) })),
)
const loud = oneof(
  integer({ min: 0 }).map((count) => ({ id: 'x', usage: { prompt_tokens: count, completion_tokens: 1 } })),
  integer({ min: 0 }).map((count) => ({ meta: { usage: { credits_used: count } } })),
  tuple(integer({ min: 0 }), integer({ min: 0, max: 30_000 })).map(([count, size]) => ({
    before: 'x'.repeat(size),
    usage: { input_tokens: count },
    after: 'y'.repeat(size),
  })),
)

/** One event: its data in one line or several, with comments and names around. */
const event = tuple(
  oneof({ weight: 4, arbitrary: quiet }, { weight: 1, arbitrary: loud }),
  boolean(),
  boolean(),
  boolean(),
  lineEnd,
).map(([document, isSpread, hasComment, hasName, end]) => {
  const data = JSON.stringify(document, null, isSpread ? 1 : undefined).split('\n')
  const lines = [
    ...(hasComment ? [': keep-alive'] : []),
    ...(hasName ? ['event: some'] : []),
    ...data.map((line) => `data: ${line}`),
  ]
  return `${lines.join(end)}${end}${end}`
})

describe('an event stream', () => {
  it('gives the usage of every event, in any split, with any line ends', () => {
    assert(
      property(array(event, { maxLength: 60 }), sizes, ([...events], someSizes) => {
        const stream = events.join('')
        const { documents, invalid } = read(stream, someSizes, 1)
        expect(usageOf(documents.map(([document]) => document))).toEqual(usageOf(parsePlainly(stream)))
        expect(invalid).toBe(false)
      }),
      { numRuns: 300 },
    )
  })

  it('is read the same in any split, event by event', () => {
    assert(
      property(array(event, { maxLength: 60 }), sizes, ([...events], someSizes) => {
        expect(read(events.join(''), someSizes, 1)).toEqual(read(events.join(''), [], 1))
      }),
      { numRuns: 100 },
    )
  })

  it('of any bytes is read without a throw, in any split the same', () => {
    const bytes = oneof(
      uint8Array({ maxLength: 300 }),
      string({ unit: constantFrom(...'data: {}"\r\n[1]ventr'), maxLength: 100 }).map((text) =>
        Buffer.from(text),
      ),
    )
    assert(
      property(bytes, sizes, (body, someSizes) => {
        expect(read(body, someSizes)).toEqual(read(body))
      }),
      { numRuns: 2000 },
    )
  })

  it('gives its first events as long as they are needed, its last ones always, and none of the others', () => {
    const events = Array.from(
      { length: 500 },
      (_, index) => `data: {"id":${index},"usage":null,"x":"${'x'.repeat(100)}"}\n\n`,
    )
    const ids = read(events.join(''), [], 3).documents.map(([document]) => (document as { id: number }).id)
    expect(ids).toEqual([0, 1, 2, 496, 497, 498, 499])
  })

  it('reads a last event that has no end', () => {
    expect(read('data: {"id":1}').documents).toEqual([[{ id: 1 }, true]])
    expect(read('data: {"id":1}\n').documents).toEqual([[{ id: 1 }, true]])
    expect(read('data: {"id":1}\r').documents).toEqual([[{ id: 1 }, true]])
  })

  it('gives of an event cut off in the middle what was whole before', () => {
    for (const size of [[], [1]]) {
      const { documents, invalid } = read(
        'data: {"id":1}\n\ndata: {"usage":{"prompt_tokens":5},"id":"ab',
        size,
      )
      expect(documents).toEqual([
        [{ id: 1 }, true],
        [{ usage: { prompt_tokens: 5 } }, false],
      ])
      expect(invalid).toBe(true)
    }
  })

  it('ends in [DONE], which is no document', () => {
    const { documents, invalid } = read('data: {"id":1}\n\ndata: [DONE]\n\n')
    expect(documents).toEqual([[{ id: 1 }, true]])
    expect(invalid).toBe(false)
  })

  it('names its events', () => {
    expect(read('event: ping\ndata: {}\n\nevent:error\ndata: {}\n\nevent\ndata: {}\n\n', [1]).names).toEqual([
      'ping',
      'error',
      '',
    ])
  })

  it('without a line of data is none', () => {
    expect(read(': nothing\n\nevent: x\n\nid: 1\n\n').hasData).toBe(false)
    expect(read('data\n\n').hasData).toBe(true)
  })

  it('skips a byte order mark', () => {
    expect(read('\uFEFFdata: {"id":1}\n\n', [1]).documents).toEqual([[{ id: 1 }, true]])
  })

  it('survives data that is no JSON, and reads on', () => {
    const { documents, invalid } = read('data: hello\n\ndata: {"id":\n\ndata: {"id":2}\n\n')
    expect(documents.filter(([, isWhole]) => isWhole)).toEqual([[{ id: 2 }, true]])
    expect(invalid).toBe(true)
  })

  it('gives the usage of an event of 50 MB, however it is cut', () => {
    const big = 'B'.repeat(1_000_000)
    function* stream(): Generator<Uint8Array> {
      yield Buffer.from('data: {"id":1}\n\ndata: {"response":{"b64_json":"')
      for (let count = 0; count < 50; count++) yield Buffer.from(big)
      yield Buffer.from('"},"usage":{"input_tokens":7}}\n\ndata: [DONE]\n\n')
    }
    const documents: unknown[] = []
    const body = new StagedForm(
      new EventForm(SELECTION, {
        add: (document) => documents.push(document),
        addEventName() {},
        addDone() {},
        get isAnonymous() {
          return documents.length === 0
        },
      }),
    )
    for (const chunk of stream()) body.write(chunk)
    body.end()
    expect(documents).toEqual([{ id: 1 }, { usage: { input_tokens: 7 } }])
  })

  it('without the end of a line has no documents', () => {
    const form = new EventForm(SELECTION, {
      add: () => expect.unreachable(),
      addEventName: () => expect.unreachable(),
      addDone: () => expect.unreachable(),
      isAnonymous: true,
    })
    const body = new StagedForm(form)
    const chunk = Buffer.alloc(1_000_000, 'x')
    for (let count = 0; count < 50; count++) body.write(chunk)
    body.end()
    expect(form.hasData).toBe(false)
  })

  it('joins the lines of its data with line ends, as the specification says', () => {
    expect(read('data: {"id":1\ndata: 2}\n\n').documents).toEqual([[{ id: 1 }, false]])
    expect(read('data: {"id":\ndata: 12}\n\n', [1]).documents).toEqual([[{ id: 12 }, true]])
  })

  it('gives every document, where the blank line between two events is missing or one event has two', () => {
    const usage = [{ id: 1 }, { usage: { prompt_tokens: 1 } }, { meta: { usage: { credits_used: 7 } } }]
    const texts = usage.map((document) => JSON.stringify(document))
    const expected = usage.map((document) => [document, true])
    const once = texts.map((text) => `data: ${text}\n`).join('')
    for (const stream of [`data: ${texts.join('')}\n\n`, `${once}\n`, `${once}data: [DONE]\n\n`, once]) {
      for (const sizes of [[stream.length], [1], [9]]) {
        const { documents, invalid } = read(stream, sizes)
        expect(documents).toEqual(expected)
        expect(invalid).toBe(false)
      }
    }
  })

  it('gives usage that lies on the border of any two stages', () => {
    const fields = [
      '{"id":7,"usage":{"prompt_tokens":123,',
      '"completion_tokens":456},"meta":{"usage":{"credits_used":789}}}',
    ]
    const filler = `data: {"id":1,"choices":[{"delta":{"content":"${'x'.repeat(60)}"}}]}\n\n`
    const comment = `: ${'c'.repeat(60)}\n`
    for (const usage of [`data: ${fields.join('')}\n\n`, `data: ${fields.join('\ndata: ')}\n\n`]) {
      for (const before of [filler, comment]) {
        for (let shift = 0; shift < usage.length + 10; shift++) {
          const start = before.repeat(Math.floor((MAX_STAGE_BYTES - shift) / before.length) - 1)
          const rest = `:${'c'.repeat(MAX_STAGE_BYTES - shift - start.length - 2)}\n`
          const { documents } = read(start + rest + usage + filler.repeat(100), [4096], 1)
          const seen = documents.filter(([document]) => (document as { id: number }).id === 7)
          expect(seen).toEqual([[JSON.parse(fields.join('')), true]])
        }
      }
    }
  })
})

describe('comments', () => {
  const lineEnd = constantFrom('\n', '\r\n', '\r')
  const comment = string({ unit: constantFrom(...':x \t"{'), maxLength: 12 }).map((text) => `:${text}`)
  const event = constantFrom(
    ['data: {"id":1}'],
    ['event: error', 'data: {"usage":{"a":1}}'],
    ['id: 7', 'data: {"id":', 'data: 2}'],
    ['data: [DONE]'],
  )

  it('change nothing, wherever they stand, however many and however long they are', () => {
    assert(
      property(
        array(event, { maxLength: 6 }),
        array(array(comment, { maxLength: 4 }), { minLength: 30, maxLength: 30 }),
        lineEnd,
        array(integer({ min: 1, max: 60 }), { maxLength: 8 }),
        (events, comments, end, sizes) => {
          let at = 0
          const next = (): string[] => comments[at++ % comments.length] as string[]
          const plain = events.flatMap((lines) => [...lines, '']).join(end) + end
          const commented =
            events
              .flatMap((lines) => [...next(), '', ...lines.flatMap((line) => [...next(), line]), ''])
              .join(end) +
            end +
            next().join(end)
          expect(read(commented, sizes)).toEqual(read(plain))
        },
      ),
      { numRuns: 300 },
    )
  })

  const padding = (bytes: number): string => ': keep-alive\n\n'.repeat(Math.ceil(bytes / 14))
  const word = 'data: {"id":2,"choices":[]}\n\n'

  it.each([5, 5_000, 50_000, 500_000])(
    'of %d bytes do not push the last events out of what is read',
    (bytes) => {
      const last = 'event: error\ndata: {"id":"last"}\n\n'
      for (const before of [0, 10, 200, 1000]) {
        for (const sizes of [[], [1000]]) {
          const { documents, names } = read(word.repeat(before) + last + padding(bytes), sizes, 1)
          expect(documents.at(-1)).toEqual([{ id: 'last' }, true])
          expect(names).toEqual(['error'])
        }
      }
    },
  )

  it('that never end leave what stood before them', () => {
    const endless = `:${'x'.repeat(100_000)}`
    expect(read(`${word.repeat(600)}data: {"id":"last"}\n\n${endless}`, [700], 1).documents.at(-1)).toEqual([
      { id: 'last' },
      true,
    ])
  })

  it('between the lines of an event leave it one event', () => {
    const between = `data: {"id":\n${': x\n'.repeat(9000)}data: 3}\n\n`
    for (const sizes of [[], [1], [999]]) expect(read(between, sizes).documents).toEqual([[{ id: 3 }, true]])
  })
})
