/**
 * Every documented response by the way that a real one takes: a server sends it, `fetch` reads it, the hook sees its
 * bytes pass, one record and the metrics come out. Skipped where there is no corpus.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AimlapiInstrumentation } from '../../src/index.ts'
import { METRICS } from '../../src/telemetry/names.ts'
import type { CallRecord, Usage } from '../../src/types.ts'
import {
  asServed,
  comparable,
  corpusIsThere,
  documentedCalls,
  documentedOthers,
  type DocumentedResponse,
  meantBy,
  meantWithHeaders,
  saysUsage,
} from '../corpus/documented-responses.ts'
import { type Point, recordMetrics } from '../unit/telemetry/recording.ts'

const PIECE_BYTES = 333
const ENTRY_HEADER = 'x-corpus-file'
const DELIVERY_HEADER = 'x-corpus-delivery'

interface Delivery {
  readonly encoding?: string
  readonly encode: (body: Buffer) => Buffer
}
const DELIVERIES: Readonly<Record<string, Delivery>> = {
  plain: { encode: (body) => body },
  gzip: { encoding: 'gzip', encode: (body) => gzipSync(body) },
  br: { encoding: 'br', encode: (body) => brotliCompressSync(body) },
}

const byFile = new Map([...documentedCalls, ...documentedOthers].map((one) => [one.file, one]))
const server = createServer(async (request, response) => {
  const one = byFile.get(String(request.headers[ENTRY_HEADER])) as DocumentedResponse
  const { encoding, encode } = DELIVERIES[String(request.headers[DELIVERY_HEADER])] as Delivery
  const { contentType, body } = asServed(one)
  response.writeHead(statusOf(one), {
    ...one.headers,
    'content-type': contentType,
    ...(encoding && { 'content-encoding': encoding }),
  })
  const bytes = encode(body)
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    response.write(bytes.subarray(at, at + PIECE_BYTES))
    await turn()
  }
  response.end()
})
let url: string

function statusOf({ family, httpStatus }: DocumentedResponse): number {
  return httpStatus ?? (family === 'error' ? 400 : 200)
}

/** What a failed answer is called. */
function errorOf(one: DocumentedResponse): string | undefined {
  if (statusOf(one) >= 400) return String(statusOf(one))
  return one.family === 'tools' && one.status === 'failed' ? 'job_failed' : undefined
}

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => void server.close())

/** Makes the call as an application would, with a hook of its own: no file knows the ids of another. */
async function call(one: DocumentedResponse, delivery: string) {
  const records: CallRecord[] = []
  const { provider, points } = recordMetrics()
  const instrumentation = new AimlapiInstrumentation({
    baseUrls: url,
    onCall: (record) => void records.push(record),
  })
  instrumentation.setMeterProvider(provider)
  try {
    const path = one.endpoint.replace(/\{\w+\}/, 'made-up')
    const query = one.phase === 'poll' && path === one.endpoint ? '?generation_id=made-up' : ''
    const response = await fetch(url + path + query, {
      method: one.method,
      headers: {
        'content-type': 'application/json',
        [ENTRY_HEADER]: one.file,
        [DELIVERY_HEADER]: delivery,
      },
      ...(one.method === 'POST' && {
        body: JSON.stringify(one.request ?? { model: one.model, stream: one.phase.startsWith('stream') }),
      }),
    })
    expect(Buffer.from(await response.arrayBuffer())).toEqual(asServed(one).body)
    await instrumentation.forceFlush()
    return { records, points: await points() }
  } finally {
    await instrumentation.shutdown()
    await provider.shutdown()
  }
}

/** What the metrics say was used; a 0 is as good as nothing there. */
function counted(points: readonly Point[], model?: string): Record<string, number> {
  const sum = (name: string, attribute?: string, value?: string) =>
    points
      .filter((point) => point.name === name)
      .filter(({ attributes }) => attribute === undefined || attributes[attribute] === value)
      .filter(({ attributes }) => model === undefined || attributes['gen_ai.request.model'] === model)
      .reduce((total, point) => total + point.value, 0)
  return {
    inputTokens: sum('aimlapi.tokens', 'gen_ai.token.type', 'input'),
    outputTokens: sum('aimlapi.tokens', 'gen_ai.token.type', 'output'),
    cachedTokens: sum('aimlapi.tokens.details', 'aimlapi.token.detail', 'cache_read'),
    reasoningTokens: sum('aimlapi.tokens.details', 'aimlapi.token.detail', 'reasoning'),
    credits: sum('aimlapi.credits.used'),
    usd: sum('aimlapi.cost.usd'),
  }
}

function inMetrics(usages: readonly Usage[]): Record<string, number> {
  const sum = (pick: (usage: Usage) => number | undefined) =>
    usages.reduce((total, usage) => total + (pick(usage) ?? 0), 0)
  return {
    inputTokens: sum(({ inputTokens }) => inputTokens),
    outputTokens: sum(({ outputTokens }) => outputTokens),
    cachedTokens: sum(({ details }) => details?.cache_read),
    reasoningTokens: sum(({ details }) => details?.reasoning),
    credits: sum(({ credits }) => credits),
    usd: sum(({ usd }) => usd),
  }
}

/** How many files of each family say their usage, and how many of these were read exactly by every delivery. */
function recallByFamily(exact: ReadonlySet<DocumentedResponse>): object {
  const families = [...new Set(documentedCalls.map(({ family = 'chat' }) => family))].toSorted()
  return Object.fromEntries(
    families.map((name) => {
      const files = documentedCalls.filter(({ family = 'chat' }) => family === name)
      const telling = files.filter(saysUsage)
      return [
        name,
        {
          files: files.length,
          'with usage': telling.length,
          exact: telling.filter((one) => exact.has(one)).length,
        },
      ]
    }),
  )
}

describe.skipIf(!corpusIsThere)('the corpus of documented responses, from a server to the metrics', () => {
  const exact = new Set<DocumentedResponse>()
  afterAll(() => console.table(recallByFamily(exact)))

  it('has files of every kind', () => {
    expect(documentedCalls.length).toBeGreaterThan(200)
    expect(documentedCalls.some(({ phase }) => phase === 'stream')).toBe(true)
  })

  it.each(documentedCalls.map((one) => [one.file, one] as const))('%s', async (_file, one) => {
    const meant = meantWithHeaders(one)
    const items = one.expectedItems ?? []
    for (const delivery of Object.keys(DELIVERIES)) {
      const { records, points } = await call(one, delivery)
      const [record, ...others] = records.filter(({ kind }) => kind === 'call') as [CallRecord]
      expect(others).toEqual([])
      // The record of a batch's results has their sum.
      const all = [meant, ...items.map((item) => meantBy(item))]
      const [recorded, expected] =
        items.length === 0
          ? [comparable(record.usage), meant]
          : [inMetrics([record.usage ?? {}]), inMetrics(all)]
      expect(recorded).toEqual(expected)
      expect(counted(points)).toEqual(inMetrics(all))
      for (const item of items) {
        const same = items.filter(({ model }) => model === item.model)
        expect(counted(points, item.model)).toEqual(inMetrics(same.map((each) => meantBy(each))))
      }
      // A tool's run says itself which tool it is of.
      const isNamed = one.method === 'POST' || one.family === 'tools'
      expect(record.requestModel).toBe(isNamed ? one.model : undefined)
      expect(record.routedModel).toBe(one.answeringModel)
      const model = one.answeringModel ?? one.responseModel ?? record.responseModel
      expect(record.responseModel).toBe(model)
      expect(record.errorType).toBe(errorOf(one))
    }
    exact.add(one)
  })

  it.each(documentedOthers.map((one) => [one.file, one] as const))('%s is no call', async (_file, one) => {
    const { records, points } = await call(one, 'plain')
    expect(records).toEqual([])
    expect(points.filter(({ name }) => name !== METRICS.processStart.name)).toEqual([])
  })
})
