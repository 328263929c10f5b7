/** The records in the documentation of `CallRecord` are what `onCall` is really given. */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it, onTestFailed, vi } from 'vitest'
import { register, withSpendTags, type CallRecord, type Registration } from '../../src/index.ts'
import { DEFAULT_KEY, startSimulator, type Simulator } from '../simulator/index.ts'

const KINDS = ['call', 'settlement', 'refund'] as const
const CHAT = {
  model: 'gpt-4o-mini',
  max_tokens: 100,
  messages: [{ role: 'user', content: 'Name three rivers.' }],
}

let simulator: Simulator
let registration: Registration
const records: CallRecord[] = []

beforeAll(async () => {
  simulator = await startSimulator({
    seed: 'records',
    behaviour: { chunks: 20, paceMs: 5, outcome: 'error' },
  })
  registration = register({
    apiKey: DEFAULT_KEY,
    baseUrls: simulator.url,
    prometheus: false,
    balance: false,
    settlement: { intervalMs: 100 },
    onCall: (record) => void records.push(record),
  })
  await withSpendTags({ team: 'search' }, async () => {
    await (await post('/v1/chat/completions', CHAT)).json()
    await failVideoJob()
  })
  await withSpendTags({ team: 'support' }, async () => {
    const stream = await post('/v1/chat/completions', { ...CHAT, stream: true })
    for await (const chunk of stream.body ?? []) if (chunk.length > 0) break
  })
  await vi.waitUntil(() => records.some(({ kind }) => kind === 'settlement'), { timeout: 20_000 })
}, 30_000)

afterAll(async () => {
  await registration?.shutdown()
  await simulator?.close()
})

const headers = { authorization: `Bearer ${DEFAULT_KEY}`, 'content-type': 'application/json' }

function post(path: string, body: unknown): Promise<Response> {
  return fetch(simulator.url + path, { method: 'POST', headers, body: JSON.stringify(body) })
}

async function failVideoJob(): Promise<void> {
  const path = '/v2/video/generations'
  const created = await post(path, { model: 'alibaba/wan-2-6-t2v', prompt: 'A river from above' })
  const { id } = (await created.json()) as { id: string }
  let status = ''
  while (status !== 'error') {
    const polled = await fetch(`${simulator.url}${path}?generation_id=${encodeURIComponent(id)}`, { headers })
    status = ((await polled.json()) as { status: string }).status
  }
}

/** The object literals of the docstring, by kind. */
function readExamples(): Map<string, CallRecord> {
  const source = readFileSync(new URL('../../src/types.ts', import.meta.url), 'utf8')
  const literals = source.matchAll(/^ \* @example (\w+): .*\n \* ```js\n((?: \*.*\n)+?) \* ```$/gm)
  return new Map(
    [...literals].map(([, kind = '', text = '']) => [
      kind,
      new Function(`return ${text.replace(/^ \* /gm, '').trim()}`)() as CallRecord,
    ]),
  )
}

/** Which fields there are, of which type, through all levels. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf)
  if (typeof value !== 'object' || value === null) return typeof value
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, shapeOf(field)]))
}

describe('the documentation of CallRecord', () => {
  const examples = readExamples()

  it('has one example of each kind', () => {
    expect([...examples.keys()]).toEqual([...KINDS])
  })

  it.each(KINDS)('shows a record of kind %s as it is', (kind) => {
    const example = examples.get(kind)
    const real = records.find((record) => record.kind === kind)
    onTestFailed(() => console.log(real))
    expect(example?.kind).toBe(kind)
    expect(shapeOf(example)).toEqual(shapeOf(real))
    for (const name of ['operation', 'endpoint', 'requestModel', 'tags', 'stream', 'parameters'] as const)
      expect(example?.[name]).toEqual(real?.[name])
  })
})
