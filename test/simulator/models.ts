/** The catalogue: every model with its family, its spellings, its price and how its answers look. */

export type Family =
  | 'chat'
  | 'responses'
  | 'messages'
  | 'embeddings'
  | 'image'
  | '3d'
  | 'video'
  | 'music'
  | 'speech'
  | 'transcription'
  | 'ocr'
  | 'batch'
  | 'assistants'
  | 'realtime'
  | 'decisions'
  | 'tools'
  | 'other'

/** Credits. Rates may be fractions; a charge is always rounded up to a whole credit. */
export interface Price {
  readonly inputToken?: number
  readonly outputToken?: number
  readonly cacheReadToken?: number
  readonly cacheWriteToken?: number
  /** One image, mesh, job or song. */
  readonly item?: number
  readonly second?: number
  readonly character?: number
  readonly page?: number
}

/** How a body states the cost: today's, without USD (2025H2), under the oldest name, or not at all. */
export type MetaStyle = 'current' | 'credits' | 'legacy' | 'none'

export interface Traits {
  readonly meta: MetaStyle
  /** Usage on the last chunk (OpenAI) or on the one before it, with ids only on the first (Claude). */
  readonly streamStyle: 'openai' | 'claude'
  /** `outside`: reasoning is missing from `completion_tokens`, but in `total_tokens`. */
  readonly reasoning: 'none' | 'inside' | 'outside'
  readonly caches: boolean
  /** `null`: details objects are null. `total`: only `total_tokens` is a number. */
  readonly usage: 'full' | 'null-details' | 'total' | 'null' | 'none' | 'image-tokens' | 'characters'
  /** Form of a job's id in its body; only the first equals `x-inference-id`. */
  readonly idForm: 'nanoid' | 'uuid-model' | 'video-model' | 'number'
  /** Name of the job id in the create body. */
  readonly idField: 'id' | 'generation_id'
  readonly completedStatus: 'completed' | 'succeeded'
  readonly transcript: 'deepgram' | 'assembly' | 'tokens' | 'seconds'
  readonly jobFails: boolean
  /** A router: who judges each call, as a charge of its own. */
  readonly judge: string | undefined
  /** The answering model, where the body says it in `meta.model`, with whose it is. */
  readonly answeredBy: { readonly model: string; readonly provider: string } | undefined
}

export interface Model {
  readonly name: string
  readonly family: Family
  readonly catalogueId: string
  readonly responseModel: string
  readonly price: Price
  readonly traits: Traits
}

const PLAIN: Traits = {
  meta: 'current',
  streamStyle: 'openai',
  reasoning: 'none',
  caches: false,
  usage: 'full',
  idForm: 'nanoid',
  idField: 'id',
  completedStatus: 'completed',
  transcript: 'deepgram',
  jobFails: false,
  judge: undefined,
  answeredBy: undefined,
}

const CLAUDE_PRICE: Price = { inputToken: 6, outputToken: 30, cacheReadToken: 0.6, cacheWriteToken: 7.5 }

type Row = readonly [
  name: string,
  family: Family,
  catalogueId: string,
  price: Price,
  traits?: Partial<Traits>,
  responseModel?: string,
]

const ROWS: readonly Row[] = [
  [
    'gpt-4o',
    'chat',
    'openai/gpt-4o',
    { inputToken: 5, outputToken: 20, cacheReadToken: 2.5 },
    { caches: true },
    'gpt-4o-2024-08-06',
  ],
  [
    'gpt-4o-mini',
    'chat',
    'openai/gpt-4o-mini',
    { inputToken: 0.3, outputToken: 1.2 },
    {},
    'gpt-4o-mini-2024-07-18',
  ],
  [
    'openai/gpt-5',
    'chat',
    'openai/gpt-5',
    { inputToken: 2.5, outputToken: 20, cacheReadToken: 0.25 },
    { caches: true, reasoning: 'inside' },
    'gpt-5-2025-08-07',
  ],
  [
    'deepseek-chat',
    'chat',
    'deepseek/deepseek-chat',
    { inputToken: 0.5, outputToken: 2.2 },
    { usage: 'null-details' },
    'deepseek/deepseek-chat-v3-0324',
  ],
  [
    'x-ai/grok-4-fast-reasoning',
    'chat',
    'x-ai/grok-4-fast-reasoning',
    { inputToken: 0.4, outputToken: 1 },
    { reasoning: 'outside', caches: true },
    'grok-4-fast-reasoning',
  ],
  [
    'google/gemini-2.5-pro',
    'chat',
    'google/gemini-2.5-pro',
    { inputToken: 2.5, outputToken: 20 },
    { reasoning: 'outside' },
  ],
  [
    'claude-sonnet-4-5',
    'messages',
    'anthropic/claude-sonnet-4.5',
    CLAUDE_PRICE,
    { streamStyle: 'claude', caches: true },
    'claude-sonnet-4-5-20250929',
  ],
  [
    'anthropic/claude-haiku-4.5',
    'chat',
    'anthropic/claude-haiku-4.5',
    { inputToken: 2, outputToken: 10, cacheReadToken: 0.2, cacheWriteToken: 2.5 },
    { streamStyle: 'claude', caches: true },
    'claude-haiku-4-5-20251001',
  ],
  [
    'openai/gpt-5-1',
    'responses',
    'openai/gpt-5-1',
    { inputToken: 2.5, outputToken: 20, cacheReadToken: 0.25 },
    { meta: 'none', reasoning: 'inside', caches: true },
    'gpt-5.1-2025-11-13',
  ],
  [
    'claude-opus-4-5',
    'chat',
    'anthropic/claude-opus-4.5',
    { inputToken: 10, outputToken: 50 },
    { streamStyle: 'claude', meta: 'legacy' },
    'claude-opus-4-5-20251101',
  ],
  [
    'text-embedding-3-small',
    'embeddings',
    'openai/text-embedding-3-small',
    { inputToken: 0.04 },
    { meta: 'credits' },
  ],
  ['voyage-2', 'embeddings', 'voyage/voyage-2', { inputToken: 0.2 }, { usage: 'total' }],
  ['flux/schnell', 'image', 'flux/schnell', { item: 6300 }, { meta: 'legacy', usage: 'none' }],
  ['alibaba/qwen-image', 'image', 'alibaba/qwen-image', { item: 91_000 }, { meta: 'credits', usage: 'null' }],
  [
    'openai/gpt-image-1',
    'image',
    'openai/gpt-image-1',
    { inputToken: 10, outputToken: 80 },
    { usage: 'image-tokens' },
  ],
  ['triposr', '3d', 'stabilityai/triposr', { item: 182_000 }, { meta: 'credits', usage: 'none' }],
  [
    'tencent/hunyuan-part',
    '3d',
    'tencent/hunyuan-part',
    { item: 84_000 },
    { meta: 'credits', usage: 'none' },
  ],
  [
    'meshy/meshy-6-image-to-3d',
    '3d',
    'meshy/meshy-6-image-to-3d',
    { item: 2_080_000 },
    { usage: 'none', answeredBy: { model: 'meshy/v6/image-to-3d', provider: 'falai' } },
  ],
  ['liquid/d1-router', 'chat', 'liquid/d1-router', {}, { judge: 'liquid/d1' }],
  ['typesafe/jev-router', 'chat', 'typesafe/jev-router', {}, { judge: 'typesafe/jev' }],
  [
    'openai/gpt-6-luna',
    'chat',
    'openai/gpt-6-luna',
    { inputToken: 0.4, outputToken: 1.6 },
    { answeredBy: { model: 'openai/gpt-6-luna', provider: 'openai' } },
    'gpt-6-luna',
  ],
  [
    'anthropic/claude-sonnet-5.5',
    'chat',
    'anthropic/claude-sonnet-5.5',
    CLAUDE_PRICE,
    { answeredBy: { model: 'anthropic/claude-sonnet-5.5', provider: 'openrouter' } },
    'claude-sonnet-5.5',
  ],
  ['typesafe/jev', 'decisions', 'typesafe/jev', { inputToken: 0.12 }, {}, 'typesafe/jev-1.13-20260917'],
  ['liquid/d1', 'decisions', 'liquid/d1', { inputToken: 0.5 }, {}],
  ['web/search', 'tools', 'web/search', { item: 15_600 }, {}],
  ['alibaba/wan-2-6-t2v', 'video', 'alibaba/wan-2-6-t2v', { second: 210_000 }, {}],
  [
    'klingai/avatar-pro',
    'video',
    'klingai/avatar-pro',
    { second: 241_500 },
    { meta: 'legacy', idForm: 'uuid-model' },
  ],
  ['openai/sora-2-t2v', 'video', 'openai/sora-2-t2v', { second: 200_000 }, { idForm: 'video-model' }],
  [
    'minimax/hailuo-02',
    'video',
    'minimax/hailuo-02',
    { second: 94_000 },
    { idForm: 'number', idField: 'generation_id', meta: 'none' },
  ],
  [
    'pixverse/v5/text-to-video',
    'video',
    'pixverse/v5/text-to-video',
    { second: 80_000 },
    { idForm: 'uuid-model', completedStatus: 'succeeded', meta: 'credits' },
  ],
  ['veo3-that-fails', 'video', 'google/veo3-that-fails', { second: 300_000 }, { jobFails: true }],
  ['minimax/music-2.0', 'music', 'minimax/music-2.0', { item: 60_000 }, { idForm: 'uuid-model' }],
  ['google/lyria2', 'music', 'google/lyria2', { item: 126_000 }, { meta: 'none' }],
  ['inworld/tts-1', 'speech', 'inworld/tts-1', { character: 21 }, { meta: 'credits', usage: 'none' }],
  [
    'alibaba/qwen3-tts-flash',
    'speech',
    'alibaba/qwen3-tts-flash',
    { character: 25 },
    { meta: 'none', usage: 'characters' },
  ],
  [
    '#g1_nova-2-general',
    'transcription',
    'deepgram/nova-2-general',
    { second: 180 },
    { idField: 'generation_id', meta: 'none' },
  ],
  [
    'aai/universal',
    'transcription',
    'assemblyai/universal',
    { second: 260 },
    { idField: 'generation_id', meta: 'none', transcript: 'assembly' },
  ],
  [
    'openai/gpt-4o-transcribe',
    'transcription',
    'openai/gpt-4o-transcribe',
    { inputToken: 5, outputToken: 20 },
    { idField: 'generation_id', meta: 'none', transcript: 'tokens' },
  ],
  [
    'microsoft/mai-transcribe-1.5',
    'transcription',
    'microsoft/mai-transcribe-1.5',
    { second: 200 },
    { idField: 'generation_id', meta: 'none', transcript: 'seconds' },
  ],
  [
    'mistral/mistral-ocr-latest',
    'ocr',
    'mistral/mistral-ocr-latest',
    { page: 2000 },
    { meta: 'current' },
    'mistral-ocr-2503-completion',
  ],
  [
    'openai/gpt-realtime-2.1',
    'realtime',
    'openai/gpt-realtime-2.1',
    { inputToken: 20, outputToken: 80, cacheReadToken: 1 },
    { meta: 'none' },
    'gpt-realtime-2.1-2026-09-30',
  ],
  [
    'openai/gpt-realtime-2.1-mini',
    'realtime',
    'openai/gpt-realtime-2.1-mini',
    { inputToken: 4, outputToken: 16, cacheReadToken: 0.4 },
    { meta: 'current' },
    'gpt-realtime-2.1-mini-2026-09-30',
  ],
  [
    'x-ai/grok-voice-think-fast-2.0',
    'realtime',
    'x-ai/grok-voice-think-fast-2.0',
    { second: 1700 },
    { meta: 'none' },
  ],
  [
    'google/gemini-3.8-live',
    'realtime',
    'google/gemini-3.8-live',
    { inputToken: 6, outputToken: 24 },
    { meta: 'none', reasoning: 'outside' },
  ],
  ['google/gc-document-ai', 'ocr', 'google/gc-document-ai', { page: 3150 }, { meta: 'none' }],
]

/** What a model that is not in the table costs and looks like, by family: any name works. */
const UNLISTED: Readonly<Record<Family, { readonly price: Price; readonly traits: Partial<Traits> }>> = {
  chat: { price: { inputToken: 1, outputToken: 4, cacheReadToken: 0.5 }, traits: {} },
  responses: { price: { inputToken: 1, outputToken: 4 }, traits: { meta: 'none' } },
  messages: { price: CLAUDE_PRICE, traits: { streamStyle: 'claude', caches: true } },
  embeddings: { price: { inputToken: 0.1 }, traits: {} },
  image: { price: { item: 50_000 }, traits: { usage: 'none' } },
  '3d': { price: { item: 100_000 }, traits: { usage: 'none' } },
  video: { price: { second: 100_000 }, traits: {} },
  music: { price: { item: 80_000 }, traits: {} },
  speech: { price: { character: 30 }, traits: { usage: 'none' } },
  transcription: { price: { second: 200 }, traits: { meta: 'none', idField: 'generation_id' } },
  ocr: { price: { page: 2500 }, traits: {} },
  batch: { price: CLAUDE_PRICE, traits: { streamStyle: 'claude' } },
  assistants: { price: { inputToken: 5, outputToken: 20 }, traits: { meta: 'none' } },
  realtime: { price: { inputToken: 10, outputToken: 40, cacheReadToken: 1 }, traits: { meta: 'none' } },
  decisions: { price: { inputToken: 0.2 }, traits: {} },
  tools: { price: { item: 18_200 }, traits: {} },
  other: { price: { inputToken: 1, outputToken: 4 }, traits: {} },
}

/** Every listed model, in the order of the table. */
export const MODELS: readonly Model[] = ROWS.map(
  ([name, family, catalogueId, price, traits, responseModel]) => ({
    name,
    family,
    catalogueId,
    responseModel: responseModel ?? name,
    price,
    traits: { ...PLAIN, ...traits },
  }),
)

const BY_NAME = new Map(
  MODELS.flatMap((model) => [[model.name, model] as const, [model.catalogueId, model] as const]),
)

/** The model of that name; a name outside the table gets its family's usual price and shape. */
export function modelFor(name: string, family: Family): Model {
  const listed = BY_NAME.get(name)
  if (listed !== undefined) return listed
  const { price, traits } = UNLISTED[family]
  return {
    name,
    family,
    catalogueId: name.includes('/') ? name : `vendor/${name}`,
    responseModel: name,
    price,
    traits: { ...PLAIN, ...traits },
  }
}

export interface Consumption {
  readonly inputTokens?: number
  readonly cacheReadTokens?: number
  readonly cacheWriteTokens?: number
  readonly outputTokens?: number
  readonly items?: number
  readonly seconds?: number
  readonly characters?: number
  readonly pages?: number
}

/** Whole credits, at least 1. `inputTokens` includes the cached ones. */
export function creditsFor(price: Price, used: Consumption): number {
  const cacheRead = used.cacheReadTokens ?? 0
  const cacheWrite = used.cacheWriteTokens ?? 0
  const inputRate = price.inputToken ?? 0
  const total =
    ((used.inputTokens ?? 0) - cacheRead - cacheWrite) * inputRate +
    cacheRead * (price.cacheReadToken ?? inputRate) +
    cacheWrite * (price.cacheWriteToken ?? inputRate) +
    (used.outputTokens ?? 0) * (price.outputToken ?? 0) +
    (used.items ?? 0) * (price.item ?? 0) +
    (used.seconds ?? 0) * (price.second ?? 0) +
    (used.characters ?? 0) * (price.character ?? 0) +
    (used.pages ?? 0) * (price.page ?? 0)
  return Math.max(1, Math.ceil(Number(total.toFixed(6))))
}
