import { expect, it } from 'vitest'
import { readAnswer } from './reading.ts'

const RESULTS = { method: 'GET', path: '/v1/batches/b/results' }

it.each([
  ['a cost', { credits_used: 5 }, 'absent'],
  ['no cost', undefined, 'absent'],
  ['a cost that is no amount', { credits_used: 'five' }, 'unparsable'],
])('a result of a batch with %s is readable or not', async (_what, usage, problem) => {
  const message = { model: 'claude', usage: { input_tokens: 1, output_tokens: 2 } }
  const document = { custom_id: 'one', result: { type: 'succeeded', message, meta: { usage } } }
  const { facts, items } = await readAnswer(RESULTS, [Buffer.from(JSON.stringify(document))])
  expect(facts.problem).toBe(problem)
  expect(items).toHaveLength(1)
})
