/** The model list, one model, and the latency metrics: open to everybody, never a call. */
import { createHash } from 'node:crypto'
import { Refusal, type JsonAnswer, type JsonObject } from '../call.ts'
import { CREDITS_PER_USD } from '../ledger.ts'
import { MODELS, type Family, type Model, type Price } from '../models.ts'
import { accountJson, allowOnly, type AccountHandler } from './context.ts'

const TYPE: Readonly<Record<Family, string>> = {
  chat: 'openai/chat-completions',
  responses: 'openai/responses',
  messages: 'anthropic/messages',
  embeddings: 'openai/embeddings',
  image: 'openai/image-generations',
  '3d': 'openai/image-generations',
  video: 'internal/video-generations/submit',
  music: 'internal/audio-generations/submit',
  speech: 'internal/tts',
  transcription: 'internal/stt/submit',
  ocr: 'internal/ocr',
  batch: 'anthropic/batches',
  assistants: 'openai/assistants',
  realtime: 'openai/realtime',
  decisions: 'internal/decisions',
  tools: 'internal/tools',
  other: 'internal/other',
}

/** One that will be shut down, one that lives on under another name, one that is gone. */
const DEPRECATIONS = [
  {
    id: 'openai/gpt-4o-mini',
    aliases: ['gpt-4o-mini'],
    status: 'deprecated',
    deprecated_at: '2026-09-01',
    shutdown_at: '2027-01-15',
    replaced_by: 'openai/gpt-5',
    reason: 'provider_delisted',
  },
  {
    id: 'deepseek/deepseek-chat',
    aliases: ['deepseek-chat'],
    status: 'superseded',
    deprecated_at: '2026-06-01',
    shutdown_at: null,
    replaced_by: 'deepseek/deepseek-v4.1-flash',
    reason: 'consolidated',
  },
  {
    id: 'google/veo3-that-fails',
    aliases: ['veo3-that-fails'],
    status: 'withdrawn',
    deprecated_at: '2026-03-01',
    shutdown_at: '2026-08-01',
    replaced_by: null,
    reason: 'unknown',
  },
]

const UNITS: ReadonlyArray<readonly [field: keyof Price, name: string, measure: string, per: number]> = [
  ['inputToken', 'token', 'input', 1_000_000],
  ['outputToken', 'token', 'output', 1_000_000],
  ['cacheReadToken', 'token', 'cache_read', 1_000_000],
  ['cacheWriteToken', 'token', 'cache_write', 1_000_000],
  ['item', 'item', 'output', 1],
  ['second', 'second', 'output', 1],
  ['character', 'character', 'input', 1000],
  ['page', 'page', 'input', 1],
]

function pricing(price: Price): JsonObject {
  const units = UNITS.flatMap(([field, name, measure, per]) => {
    const credits = price[field]
    return credits === undefined ? [] : [{ name, measure, price: (credits * per) / CREDITS_PER_USD, per }]
  })
  return { kind: 'fixed', currency: 'USD', units }
}

function modelRow(model: Model, include: readonly string[]): JsonObject {
  const withPricing = include.includes('pricing') || include.includes('all')
  return {
    id: model.catalogueId,
    aliases: model.name === model.catalogueId ? [] : [model.name],
    type: TYPE[model.family],
    info: { name: model.name, developer: model.catalogueId.split('/')[0] ?? '', description: '' },
    tags: [],
    ...(withPricing ? { pricing: pricing(model.price) } : {}),
  }
}

const includesOf = (query: URLSearchParams): string[] =>
  query.getAll('include').flatMap((text) => text.split(','))

export const listModels: AccountHandler = ({ query }) => {
  const ids = new Set(query.getAll('id').flatMap((text) => text.toLowerCase().split(',')))
  const data = MODELS.map((model) => modelRow(model, includesOf(query))).filter((row) => {
    const names = [row['id'], ...(row['aliases'] as string[])].map((name) => String(name).toLowerCase())
    return ids.size === 0 || names.some((name) => ids.has(name))
  })
  return tagged({ object: 'list', data }, data)
}

/** `/v1/models/deprecations`: every model whose name says that it ends, and the one that replaced it. */
export const deprecations: AccountHandler = ({ query, now }) => {
  const statuses = query.getAll('status').flatMap((text) => text.split(','))
  const data = DEPRECATIONS.filter(({ status }) => statuses.length === 0 || statuses.includes(status))
  return tagged({ object: 'list', generated_at: new Date(now()).toISOString(), data }, data)
}

/** With a weak tag over what does not change from one answer to the next. */
function tagged(body: JsonObject, data: JsonObject[]): JsonAnswer {
  const digest = createHash('sha256').update(JSON.stringify(data)).digest('base64url').slice(0, 27)
  return { ...accountJson(body), etag: `W/"${digest}"` }
}

/** `/model/{id}`, slashes unescaped. */
export const oneModel: AccountHandler = ({ path, query }) => {
  const id = decodeURIComponent(path.slice('/model/'.length))
  const model = MODELS.find((one) => one.catalogueId === id || one.name === id)
  if (model === undefined) throw new Refusal(404, 'Not Found')
  return accountJson({ object: 'model', data: modelRow(model, includesOf(query)) })
}

export const modelMetrics: AccountHandler = ({ query, now }) => {
  allowOnly(query, ['aliases'])
  const models = query.getAll('aliases').map((alias) => ({
    alias,
    endpoint: '/v1/chat/completions',
    metrics: { ttft_ms: { p50: 412, p75: 588, p90: 910, p99: 2140 } },
  }))
  return accountJson({ window_seconds: 300, generated_at: new Date(now()).toISOString(), models })
}
