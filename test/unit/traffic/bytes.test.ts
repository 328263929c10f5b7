import { expect, test } from 'vitest'
import { toBytes } from '../../../src/traffic/bytes.ts'

const detached = new Uint16Array(4)
structuredClone(detached, { transfer: [detached.buffer] })

test.each<[string, unknown, unknown, string]>([
  ['a string', 'grün', undefined, 'grün'],
  ['a string in another encoding', Buffer.from('grün').toString('base64'), 'base64', 'grün'],
  ['a string with a callback for an encoding', 'a', () => {}, 'a'],
  ['a part of a buffer', Buffer.from('abcd').subarray(1, 3), undefined, 'bc'],
  ['another view', new DataView(new TextEncoder().encode('abcd').buffer, 2), undefined, 'cd'],
  ['an ArrayBuffer', new TextEncoder().encode('ab').buffer, undefined, 'ab'],
  ['a detached view', detached, undefined, ''],
  ['what is no chunk', { a: 1 }, undefined, ''],
  ['nothing', undefined, undefined, ''],
])('%s is seen as bytes', (_what, chunk, encoding, expected) => {
  expect(Buffer.from(toBytes(chunk, encoding)).toString()).toBe(expected)
})

test('bytes are not copied', () => {
  const chunk = new Uint8Array(3)
  expect(toBytes(chunk)).toBe(chunk)
})
