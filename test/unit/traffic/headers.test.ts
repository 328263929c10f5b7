import { array, assert, property, stringMatching, tuple } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findHeader } from '../../../src/traffic/headers.ts'

const name = stringMatching(/^[a-z][a-z0-9-]{0,12}$/)
/** No comma and no outer white space: such values survive joining and lines. */
const value = stringMatching(/^[\x21-\x2b\x2d-\x7e\xa1-\xff]{1,20}$/)
const pairs = array(tuple(name, value), { maxLength: 12 })

const forms: [string, (list: [string, string][]) => unknown][] = [
  ['strings in turn', (list) => list.flat()],
  ['buffers in turn', (list) => list.flat().map((text) => Buffer.from(text, 'latin1'))],
  ['lines', (list) => list.map(([key, text]) => `${key}: ${text}\r\n`).join('')],
  [
    'an object',
    (list) => {
      const joined = new Map<string, string[]>()
      for (const [key, text] of list) joined.set(key, [...(joined.get(key) ?? []), text])
      return Object.fromEntries(joined)
    },
  ],
]

describe('headers', () => {
  test.each(forms)('are the same list as %s', (_form, write) => {
    assert(
      property(pairs, (list) => {
        for (const [key] of list) {
          const expected = list
            .filter(([other]) => other === key)
            .map(([, text]) => text)
            .join(', ')
          expect(findHeader(write(list), key)).toBe(expected)
        }
        expect(findHeader(write(list), 'not-there-at-all')).toBeUndefined()
      }),
    )
  })

  test('are found in any spelling of their names', () => {
    expect(findHeader(['X-Inference-Id', 'a'], 'x-inference-id')).toBe('a')
    expect(findHeader({ 'X-Inference-Id': 'a' }, 'x-inference-id')).toBe('a')
    expect(findHeader([Buffer.from('X-Inference-Id'), Buffer.from('a')], 'x-inference-id')).toBe('a')
  })

  test('of no known form are no headers', () => {
    for (const odd of [undefined, null, 7, Symbol('x')]) expect(findHeader(odd, 'a')).toBeUndefined()
  })
})
