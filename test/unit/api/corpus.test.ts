/**
 * Every documented response of the corpus beside the project says exactly what its index expects. The corpus
 * is read where it lies; without it this suite is skipped.
 */
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CREDITS_PER_USD } from '../../../src/api/credits.ts'
import { routeRequest, type Route } from '../../../src/api/endpoints.ts'
import { createResponseReader, type BatchItem, type ResponseFacts } from '../../../src/api/response.ts'
import type { Usage } from '../../../src/types.ts'

interface Figures {
  inputTokens: number | null
  outputTokens: number | null
  cachedTokens: number | null
  reasoningTokens: number | null
  credits: number | null
  usd: number | null
}

interface Entry {
  file: string
  family?: string
  endpoint: string
  method: string
  model: string
  responseModel?: string | null
  phase: string
  status?: string | null
  expected: Figures
  expectedItems?: (Figures & { custom_id: string; model: string })[]
}

const corpus = resolve(import.meta.dirname, '../../../../shared/corpus')
const isThere = existsSync(resolve(corpus, 'index.json'))
const entries: Entry[] = isThere ? JSON.parse(readFileSync(resolve(corpus, 'index.json'), 'utf8')) : []
/** Documented bodies of endpoints that are no calls (balance, model list). */
const NOT_CALLS = new Set(['service', 'service-models'])

/** The form in which the API would send the file: frames and transcripts as events, batch results as lines. */
function serve(entry: Entry): { contentType: string; body: Buffer } {
  const bytes = readFileSync(resolve(corpus, entry.file))
  if (entry.phase === 'stream') return { contentType: 'text/event-stream', body: bytes }
  if (entry.phase === 'stream-frame') {
    const data = JSON.stringify(JSON.parse(bytes.toString()))
    return { contentType: 'text/event-stream', body: Buffer.from(`data: ${data}\n\n`) }
  }
  if (entry.family === 'batch' && entry.phase === 'poll') {
    const lines = (JSON.parse(bytes.toString()) as unknown[]).map((line) => `${JSON.stringify(line)}\n`)
    return { contentType: 'application/x-ndjson', body: Buffer.from(lines.join('')) }
  }
  return { contentType: 'application/json', body: bytes }
}

function read(entry: Entry, chunkBytes: number): { facts: ResponseFacts; items: BatchItem[] } {
  const { contentType, body } = serve(entry)
  const items: BatchItem[] = []
  const route = routeRequest(entry.method, entry.endpoint) as Route
  const headers: Record<string, string> = { 'content-type': contentType }
  const reader = createResponseReader(
    route,
    200,
    (name) => headers[name],
    (item) => items.push(item),
  )
  for (let at = 0; at < body.length; at += chunkBytes) reader.write(body.subarray(at, at + chunkBytes))
  return { facts: reader.end(true) as ResponseFacts, items }
}

/** The index holds what the bodies print; the counting rules say what it means. */
function expectUsage({ ...printed }: Figures, body: unknown): Usage {
  const usage = (body as { usage?: { total_tokens?: number } } | undefined)?.usage
  const {
    inputTokens: input,
    outputTokens: output,
    reasoningTokens: reasoning,
    cachedTokens: cached,
  } = printed
  const total = usage?.total_tokens
  // Rule 2: where the total shows that reasoning was left out of the output, it is added.
  const leftOut =
    output !== null && input !== null && reasoning !== null && total === input + output + reasoning
  // Rule 2: with nothing but a total (Voyage embeddings), the total is input.
  const inputTokens = input ?? (output === null ? total : undefined)
  const usd = printed.usd ?? (printed.credits === null ? null : printed.credits / CREDITS_PER_USD)
  return {
    ...(inputTokens !== undefined && { inputTokens }),
    ...(output !== null && { outputTokens: leftOut ? output + reasoning : output }),
    ...(printed.credits !== null && { credits: printed.credits }),
    ...(usd !== null && { usd }),
    details: {
      ...(cached !== null && { cache_read: cached }),
      ...(reasoning !== null && { reasoning }),
    },
  }
}

function actualUsage(usage: Usage): Usage {
  const { cache_read, reasoning } = usage.details ?? {}
  const { units: _units, ...rest } = usage
  return {
    ...rest,
    details: {
      ...(cache_read !== undefined && { cache_read }),
      ...(reasoning !== undefined && { reasoning }),
    },
  }
}

describe.skipIf(!isThere)(
  'the corpus of documented responses (skipped where ../shared/corpus is not there)',
  () => {
    const calls = entries.filter(({ family }) => family === undefined || !NOT_CALLS.has(family))

    it('has files of every kind', () => {
      expect(calls.length).toBeGreaterThan(200)
      expect(calls.some(({ phase }) => phase === 'stream')).toBe(true)
    })

    it.each(calls.map((entry) => [entry.file, entry] as const))('%s', (_file, entry) => {
      const isJson = entry.file.endsWith('.json')
      const body = isJson ? JSON.parse(readFileSync(resolve(corpus, entry.file), 'utf8')) : undefined
      const family = entry.family === 'error' ? 'batch' : (entry.family ?? 'chat')
      const route = routeRequest(entry.method, entry.endpoint)
      expect(family === '3d' ? 'image' : family).toBe(route?.endpoint)

      for (const chunkBytes of [Infinity, 1, 777]) {
        const { facts, items } = read(entry, Number.isFinite(chunkBytes) ? chunkBytes : 1 << 30)
        expect(actualUsage(facts.usage)).toEqual(expectUsage(entry.expected, body))
        expect(facts.responseModel ?? null).toBe(entry.responseModel ?? facts.responseModel ?? null)
        expect(items.map(({ customId }) => customId)).toEqual(
          (entry.expectedItems ?? []).map((item) => item.custom_id),
        )
        for (const [index, item] of (entry.expectedItems ?? []).entries()) {
          expect(items[index]?.model).toBe(item.model)
          expect(actualUsage(items[index]?.usage ?? {})).toEqual(expectUsage(item, undefined))
        }
      }
    })

    it.each(
      entries.filter(({ family = '' }) => NOT_CALLS.has(family)).map((entry) => [entry.file, entry] as const),
    )('%s is no call', (_file, entry) => {
      expect(routeRequest(entry.method, entry.endpoint)).toBeUndefined()
    })
  },
)
