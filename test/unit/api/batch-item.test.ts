import { expect, it } from 'vitest'
import { readBatchItem } from '../../../src/api/batch-item.ts'

it.each([
  ['a cost', { credits_used: 5 }, true],
  ['no cost', undefined, true],
  ['a cost that is no amount', { credits_used: 'five' }, false],
])('a result of a batch with %s is readable or not', (_what, usage, isReadable) => {
  const message = { model: 'claude', usage: { input_tokens: 1, output_tokens: 2 } }
  const document = { custom_id: 'one', result: { type: 'succeeded', message, meta: { usage } } }
  expect(readBatchItem(document)?.isReadable).toBe(isReadable)
})
