import {
  array,
  assert,
  constantFrom,
  double,
  integer,
  letrec,
  oneof,
  property,
  string,
  tuple,
  uint8Array,
} from 'fast-check'
import { describe, expect, it } from 'vitest'
import { JsonSelector } from '../../../src/api/json.ts'
import { JsonForm } from '../../../src/api/json-form.ts'
import { MAX_ARRAY_ITEMS, MAX_DOCUMENT_VALUES_BYTES, MAX_VALUE_BYTES } from '../../../src/api/limits.ts'
import { ALL, select, SOME } from '../../../src/api/selection.ts'
import { prune } from './prune.ts'
import { cut, lend } from './reading.ts'
import { StagedForm } from './staged-form.ts'

const SELECTION = select({
  id: ALL,
  usage: ALL,
  meta: { usage: ALL },
  choices: [{ index: ALL, finish_reason: ALL }],
  response: { id: ALL, meta: { usage: ALL } },
  error: {},
  some: SOME,
})

interface Outcome {
  readonly documents: [value: unknown, isWhole: boolean][]
  readonly invalid: boolean
  readonly tooLarge: boolean
}

function read(
  body: string | Uint8Array,
  sizes: readonly number[] = [],
  lines = false,
  small = false,
): Outcome {
  const documents: [unknown, boolean][] = []
  const onDocument = (value: unknown, isWhole: boolean) => documents.push([value, isWhole])
  const chunks = cut(Buffer.from(body as string), sizes)
  if (small) {
    const form = new JsonForm(SELECTION, onDocument, lines)
    const staged = new StagedForm(form)
    for (const chunk of chunks) lend(chunk, (bytes) => staged.write(bytes))
    staged.end()
    const { invalid = false, tooLarge = false } = form.selector ?? {}
    return { documents, invalid, tooLarge }
  }
  const selector = new JsonSelector(SELECTION, onDocument, lines)
  for (const chunk of chunks) lendRange(chunk, (bytes, from, to) => selector.write(bytes, from, to))
  selector.end()
  return { documents, invalid: selector.invalid, tooLarge: selector.tooLarge }
}

/** As `lend`, with a range of a larger buffer whose rest looks like the end of everything. */
function lendRange(chunk: Uint8Array, use: (bytes: Buffer, from: number, to: number) => void): void {
  const around = Buffer.from('"}]}]\n{"id":"beyond"}')
  const memory = Buffer.concat([around, chunk, around])
  use(memory, around.length, around.length + chunk.length)
  memory.fill('"')
}

/** Any JSON, with the keys looked for in all places, some twice, and in all spellings. */
interface Source {
  readonly text: string
}

const key = constantFrom(
  'id',
  'usage',
  'meta',
  'choices',
  'index',
  'finish_reason',
  'response',
  'error',
  'some',
  '',
  'a"',
  '\\',
  'é',
  '__proto__',
  'constructor',
)
const space = constantFrom('', '', ' ', '\n', '\r\n\t ')
const escapeAll = (text: string): string =>
  `"${Array.from({ length: text.length }, (_, at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`).join('')}"`
const quoted = (text: string): Source[] => [{ text: JSON.stringify(text) }, { text: escapeAll(text) }]
const words = constantFrom(
  'true',
  'false',
  'null',
  '0',
  '-0',
  '1e5',
  '-1.5E-7',
  '12345678901234567890',
  '1e400',
)
const { value: json } = letrec<{ value: Source }>((tie) => ({
  value: oneof(
    { maxDepth: 6, withCrossShrink: true },
    words.map((text): Source => ({ text })),
    double({ noNaN: true, noDefaultInfinity: true }).map((number): Source => ({
      text: JSON.stringify(number),
    })),
    tuple(string({ unit: 'grapheme' }), constantFrom(0, 1)).map(
      ([text, kind]) => quoted(text)[kind] as Source,
    ),
    tuple(space, array(tie('value'), { maxLength: 5 })).map(([gap, items]): Source => ({
      text: `[${gap}${items.map(({ text }) => text).join(`${gap},${gap}`)}${gap}]`,
    })),
    tuple(space, array(tuple(key, constantFrom(0, 1), tie('value')), { maxLength: 6 })).map(
      ([gap, fields]): Source => {
        const pairs = fields.map(
          ([name, kind, { text }]) => `${(quoted(name)[kind] as Source).text}${gap}:${gap}${text}`,
        )
        return { text: `{${gap}${pairs.join(`${gap},${gap}`)}${gap}}` }
      },
    ),
  ),
}))
const sizes = array(integer({ min: 1, max: 40 }), { maxLength: 20 })

function expectedOf(text: string): unknown[] {
  const parsed: unknown = JSON.parse(text)
  const documents = Array.isArray(parsed) ? parsed : [parsed]
  return documents.map((document) => (Array.isArray(document) ? undefined : prune(document, SELECTION)))
}

describe('selecting from JSON', () => {
  it('gives of any document what JSON.parse and pruning would, in any split', () => {
    assert(
      property(json, space, sizes, ({ text }, gap, someSizes) => {
        const { documents, invalid, tooLarge } = read(gap + text + gap, someSizes)
        expect(documents).toEqual(expectedOf(text).map((document) => [document, true]))
        expect([invalid, tooLarge]).toEqual([false, false])
      }),
      { numRuns: 2000 },
    )
  })

  it('gives the same whether a document is small enough for JSON.parse or not', () => {
    assert(
      property(json, sizes, ({ text }, someSizes) => {
        const small = read(text, someSizes, false, true)
        const padded = read(`${' '.repeat(2000)}${text}${' '.repeat(20_000)}`, someSizes, false, true)
        const pruned = small.documents.map(([document]) =>
          Array.isArray(document) ? undefined : prune(document, SELECTION),
        )
        expect(padded.documents.map(([document]) => document)).toEqual(pruned)
      }),
    )
  })

  it('gives of a document cut anywhere the values that had ended, and never a throw', () => {
    assert(
      property(json, integer({ min: 0, max: 10_000 }), sizes, ({ text }, at, someSizes) => {
        const bytes = Buffer.from(text)
        const broken = bytes.subarray(0, at % (bytes.length + 1))
        const { documents } = read(broken, someSizes)
        expect(read(broken, []).documents).toEqual(documents)
        for (const [document, isWhole] of documents) expect(isWhole || document !== undefined).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })

  it('reads any bytes at all without a throw, in any split the same', () => {
    const bytes = oneof(
      uint8Array({ maxLength: 200 }),
      string({ unit: constantFrom(...'{}[]",:\\\n u1'), maxLength: 60 }).map((text) => Buffer.from(text)),
    )
    for (const lines of [false, true]) {
      assert(
        property(bytes, sizes, (body, someSizes) => {
          expect(read(body, someSizes, lines)).toEqual(read(body, [], lines))
        }),
        { numRuns: 1000 },
      )
    }
  })

  it.each([
    ['{"usage":{"a":1},"id":"x', { usage: { a: 1 } }],
    ['{"usage":{"a":1},"id":"x"', { usage: { a: 1 }, id: 'x' }],
    ['{"usage":12', {}],
    ['{"usage":{"a":1', {}],
    ['{"usage":{"a":1}} }', { usage: { a: 1 } }],
    ['{"usage":{"a":1},]', { usage: { a: 1 } }],
    ['{"usage":{"a":1},"x":nope,"id":1}', { usage: { a: 1 }, id: 1 }],
    ['{"response":{"meta":{"usage":{"a":1}}', { response: { meta: { usage: { a: 1 } } } }],
    [
      '{"choices":[{"index":0,"finish_reason":"stop"},{"ind',
      { choices: [{ index: 0, finish_reason: 'stop' }, {}] },
    ],
    ['{"usage":NaN,"id":"x"}', { id: 'x' }],
  ])('gives of the broken %s what was whole before', (text, expected) => {
    const { documents } = read(text, [1])
    expect(documents[0]?.[0]).toEqual(expected)
  })

  it.each([
    '{"id"',
    '{"id":1',
    '[{}',
    '{"id":"',
    '{]',
    '{"id":1]',
    '{"id" 1}',
    '{1:2}',
    '{} {}',
    '{}x',
    '{"usage":truth}',
    "{'id':1}",
    '<html>',
  ])('calls %s invalid', (text) => {
    expect(read(text).invalid).toBe(true)
  })

  it('reads on in the next line after an invalid one, where lines are documents', () => {
    const { documents, invalid } = read(
      '{"id":1}\n{"id":2,}\r\n\n{"id":3}\n<not json>\n[{"id":4}]\n{"id":5',
      [1],
      true,
    )
    expect(documents.map(([document]) => document)).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }, { id: 4 }, {}])
    expect(documents.map(([, isWhole]) => isWhole)).toEqual([true, false, true, true, false])
    expect(invalid).toBe(true)
  })

  it('skips a byte order mark', () => {
    expect(read('\uFEFF{"id":1}', [1]).documents).toEqual([[{ id: 1 }, true]])
  })

  it('takes invalid UTF-8 for what a client would take it for', () => {
    const body = Buffer.concat([
      Buffer.from('{"id":"'),
      Buffer.from([0xff, 0xc3]),
      Buffer.from('","x":"'),
      Buffer.from([0xc3]),
      Buffer.from('"}'),
    ])
    expect(read(body, [1]).documents).toEqual([[{ id: '\uFFFD\uFFFD' }, true]])
  })

  it('leaves out a value beyond the limit, reports it as too large, and reads the others', () => {
    const long = 'x'.repeat(MAX_VALUE_BYTES)
    for (const size of [[], [1000]]) {
      const { documents, tooLarge, invalid } = read(`{"id":"${long}","usage":{"a":1}}`, size)
      expect(documents).toEqual([[{ usage: { a: 1 } }, true]])
      expect([tooLarge, invalid]).toEqual([true, false])
    }
  })

  it('keeps no more of one document than the limit, however many values it has', () => {
    const values = Array.from({ length: 100 }, (_, index) => ({ index, finish_reason: 'x'.repeat(1000) }))
    const { documents, tooLarge } = read(JSON.stringify({ choices: values, usage: { a: 1 } }))
    expect(JSON.stringify(documents).length).toBeLessThan(MAX_DOCUMENT_VALUES_BYTES + 10_000)
    expect(tooLarge).toBe(true)
  })

  it('reads the first elements of a long list, and goes on after it', () => {
    const choices = Array.from({ length: 5000 }, (_, index) => ({ index, finish_reason: 'quack quack' }))
    const { documents, tooLarge } = read(JSON.stringify({ choices, id: 'x' }), [333])
    expect(tooLarge).toBe(false)
    const [document] = documents[0] as [{ choices: unknown[]; id: string }, boolean]
    expect(document.choices).toEqual(choices.slice(0, MAX_ARRAY_ITEMS))
    expect(document.id).toBe('x')
  })

  it('comes through a million open brackets, and lists of numbers of any length', () => {
    const deep = '['.repeat(1_000_000)
    expect(read(`{"x":${deep}`, [65_536]).documents).toEqual([[{}, false]])
    expect(read(`{"x":${deep}${']'.repeat(1_000_000)},"id":1}`, [65_536]).documents).toEqual([
      [{ id: 1 }, true],
    ])
    const numbers = Array.from({ length: 100_000 }, (_, index) => index / 7)
    const body = JSON.stringify({
      data: [{ embedding: numbers, s: ']"[' }, { embedding: [numbers, { a: numbers }] }],
      id: 1,
    })
    for (const size of [[], [1000], [65_536]]) expect(read(body, size).documents).toEqual([[{ id: 1 }, true]])
  })

  it('finds the end of long strings with escapes at any place', () => {
    assert(
      property(
        array(constantFrom('\\"', '\\\\', 'x'.repeat(41), '\\u0022', '\\n', 'y'), { maxLength: 30 }),
        sizes,
        (parts, someSizes) => {
          const { documents } = read(`{"x":"${parts.join('')}","id":1}`, someSizes)
          expect(documents).toEqual([[{ id: 1 }, true]])
        },
      ),
      { numRuns: 1000 },
    )
  })
})
