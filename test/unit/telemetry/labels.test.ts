import { describe, expect, test } from 'vitest'
import { createLabels, type GenAiIdentity, type Labels } from '../../../src/telemetry/attributes.ts'
import type { CallIdentity } from '../../../src/types.ts'

const labels = (): Labels => createLabels({ metricTags: ['team'], maxModels: 10, maxTagValues: 10 })

const call: CallIdentity = {
  operation: 'chat',
  endpoint: 'chat',
  requestModel: 'gpt-4o',
  account: 'default',
  tags: { team: 'search' },
}
const genAi: GenAiIdentity = {
  operation: 'chat',
  requestModel: 'gpt-4o',
  responseModel: 'gpt-4o-2024-08-06',
  serverAddress: 'api.aimlapi.com',
  serverPort: 443,
}

/** Calls in turn, so that neither the last set nor a cached one may stand in for another. */
const inTurn = <Identity>(find: (identity: Identity) => unknown, one: Identity, other: Identity): unknown[] =>
  [one, other, one, other].map(find)

describe('calls that differ in one thing have label sets that differ in it', () => {
  test.each<[name: string, attribute: string, other: Partial<CallIdentity>, values: [unknown, unknown]]>([
    ['the operation', 'gen_ai.operation.name', { operation: 'embeddings' }, ['chat', 'embeddings']],
    ['the endpoint', 'aimlapi.endpoint', { endpoint: 'responses' }, ['chat', 'responses']],
    ['the model', 'gen_ai.request.model', { requestModel: 'o3' }, ['gpt-4o', 'o3']],
    ['the account', 'aimlapi.account', { account: 'second' }, ['default', 'second']],
    ['a tag', 'aimlapi.tag.team', { tags: { team: 'ads' } }, ['search', 'ads']],
  ])('%s', (_name, attribute, other, [one, another]) => {
    const own = labels()
    const found = inTurn((identity) => own.ofCall(identity).attributes[attribute], call, {
      ...call,
      ...other,
    })
    expect(found).toEqual([one, another, one, another])
  })

  test.each<[name: string, attribute: string, other: Partial<GenAiIdentity>, values: [unknown, unknown]]>([
    ['the operation', 'gen_ai.operation.name', { operation: 'embeddings' }, ['chat', 'embeddings']],
    ['the model asked for', 'gen_ai.request.model', { requestModel: 'o3' }, ['gpt-4o', 'o3']],
    [
      'the model that answered',
      'gen_ai.response.model',
      { responseModel: 'o3' },
      ['gpt-4o-2024-08-06', 'o3'],
    ],
    ['the server', 'server.address', { serverAddress: 'proxy' }, ['api.aimlapi.com', 'proxy']],
    ['the port', 'server.port', { serverPort: 8080 }, [443, 8080]],
  ])('%s, for the conventions’ metrics', (_name, attribute, other, [one, another]) => {
    const own = labels()
    const found = inTurn((identity) => own.ofGenAi(identity).attributes[attribute], genAi, {
      ...genAi,
      ...other,
    })
    expect(found).toEqual([one, another, one, another])
  })
})

test('label sets of many combinations are forgotten, and are the same when they come again', () => {
  const own = createLabels({ metricTags: ['team', 'user'], maxModels: 10, maxTagValues: 200 })
  const find = (team: number, user: number) =>
    own.ofCall({ ...call, tags: { team: `${team}`, user: `${user}` } })
  const first = find(0, 0)
  expect(find(0, 0)).toBe(first)
  for (let index = 1; index < 150 * 150; index++) find(Math.floor(index / 150), index % 150)
  const again = find(0, 0)
  expect(again).not.toBe(first)
  expect(again.attributes).toEqual(first.attributes)
})
