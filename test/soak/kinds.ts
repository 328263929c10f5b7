/** What an application asks for, how often, and how it polls for what does not come at once. */
import { MAX_TURNS } from './faults.ts'

export interface Kind {
  readonly weight: number
  readonly path: string
  /** One is drawn: a JSON body, or a form of which only the fields count. */
  readonly bodies: readonly Readonly<Record<string, unknown>>[]
  readonly form?: true
  /** `stream: true` is asked for half of the time. */
  readonly streams?: true
  /** Jobs: where to ask for the one that the answer named. */
  readonly pollPath?: (id: string) => string
  /** What answers at once, and can be read again: where. */
  readonly readPath?: (id: string) => string
  /** Jobs whose polls say whether they failed, and what they cost. */
  readonly reports?: true
  /** A WebSocket session: the body says with which model, and how many turns it has. */
  readonly session?: true
  /** Batches: what stops one that runs. */
  readonly cancelPath?: (id: string) => string
}

const chat = (model: string): Record<string, unknown> => ({
  model,
  messages: [{ role: 'user', content: 'hi' }],
})
const stored = (model: string): Record<string, unknown> => ({ ...chat(model), store: true })
const query =
  (path: string, parameter = 'generation_id') =>
  (id: string) =>
    `${path}?${parameter}=${encodeURIComponent(id)}`

/** The simulator lets every tenth item of a batch fail. */
const batch = (model: string, items: number, named: boolean): Record<string, unknown> => ({
  ...(named && { model }),
  requests: Array.from({ length: items }, (_, index) => ({
    custom_id: `item-${index}`,
    params: { ...chat(model), max_tokens: 9 },
  })),
})

/** Their answers come from models that nobody asks for by name in a soak. */
export const ROUTERS = ['liquid/d1-router', 'typesafe/jev-router'] as const
export const ROUTED_MODELS: readonly string[] = ['openai/gpt-6-luna', 'anthropic/claude-sonnet-5.5']

export const KINDS: readonly Kind[] = [
  {
    weight: 12,
    path: '/v1/chat/completions',
    bodies: ['gpt-4o', 'deepseek-chat', 'x-ai/grok-4-fast-reasoning', 'claude-opus-4-5'].map(stored),
    streams: true,
    readPath: (id) => `/v1/chat/completions/${encodeURIComponent(id)}`,
  },
  {
    weight: 3,
    path: '/v1/chat/completions',
    bodies: ROUTERS.map(stored),
    streams: true,
    readPath: (id) => `/v1/chat/completions/${encodeURIComponent(id)}`,
  },
  {
    weight: 2,
    path: '/v1/decisions',
    bodies: ['typesafe/jev', 'liquid/d1'].map((model) => ({
      model,
      state: 'a complaint',
      questions: { urgent: { type: 'noul', instructions: 'is it urgent?' } },
    })),
  },
  {
    weight: 1,
    path: '/openai/deployments/google%2Fgemini-2.5-pro/chat/completions',
    bodies: [{ messages: [{ role: 'user', content: 'hi' }] }],
    streams: true,
  },
  {
    weight: 4,
    path: '/v1/responses',
    bodies: [{ model: 'openai/gpt-5-1', input: 'hi' }],
    streams: true,
    readPath: (id) => `/v1/responses/${encodeURIComponent(id)}`,
  },
  {
    weight: 3,
    path: '/v1/responses',
    bodies: [{ model: 'openai/gpt-5-1', input: 'hi', background: true }],
    pollPath: (id) => `/v1/responses/${encodeURIComponent(id)}`,
    reports: true,
  },
  {
    weight: 3,
    path: '/v1/tools/run',
    bodies: ['web/search', 'maps/geocode'].map((tool) => ({ tool, input: { query: 'hi' } })),
    pollPath: (id) => `/v1/tools/runs/${encodeURIComponent(id)}`,
    reports: true,
  },
  {
    weight: 4,
    path: '/v1/messages',
    bodies: [{ ...chat('claude-sonnet-4-5'), max_tokens: 9 }],
    streams: true,
  },
  {
    weight: 4,
    path: '/v1/embeddings',
    bodies: ['text-embedding-3-small', 'voyage-2'].map((model) => ({ model, input: 'hi' })),
  },
  {
    weight: 4,
    path: '/v1/images/generations',
    bodies: ['flux/schnell', 'alibaba/qwen-image', 'openai/gpt-image-1', 'triposr'].map((model) => ({
      model,
      prompt: 'a cat',
    })),
  },
  {
    weight: 6,
    path: '/v2/video/generations',
    bodies: [
      'alibaba/wan-2-6-t2v',
      'klingai/avatar-pro',
      'openai/sora-2-t2v',
      'minimax/hailuo-02',
      'pixverse/v5/text-to-video',
    ].map((model) => ({ model, prompt: 'a cat' })),
    pollPath: query('/v2/video/generations'),
    reports: true,
  },
  {
    weight: 2,
    path: '/v2/generate/audio',
    bodies: ['minimax/music-2.0', 'google/lyria2'].map((model) => ({ model, prompt: 'a song' })),
    pollPath: query('/v2/generate/audio'),
    reports: true,
  },
  {
    weight: 2,
    path: '/v1/stt/create',
    bodies: ['#g1_nova-2-general', 'openai/gpt-4o-transcribe'].map((model) => ({
      model,
      url: 'https://x/a.mp3',
    })),
    pollPath: (id) => `/v1/stt/${encodeURIComponent(id)}`,
    reports: true,
  },
  {
    weight: 1,
    path: '/v1/stt/create',
    form: true,
    bodies: [{ model: 'aai/universal', language: 'en' }],
    pollPath: (id) => `/v1/stt/${encodeURIComponent(id)}`,
    reports: true,
  },
  {
    weight: 2,
    path: '/v1/tts',
    bodies: ['inworld/tts-1', 'alibaba/qwen3-tts-flash'].map((model) => ({
      model,
      text: 'hello there',
      voice: 'v',
    })),
    streams: true,
  },
  {
    weight: 2,
    path: '/v1/ocr',
    bodies: [
      {
        model: 'mistral/mistral-ocr-latest',
        document: { type: 'document_url', document_url: 'https://x/a' },
      },
    ],
  },
  {
    weight: 2,
    path: '/v1/batches',
    bodies: [
      batch('claude-sonnet-4-5', 3, true),
      batch('claude-sonnet-4-5', 25, false),
      batch('anthropic/claude-haiku-4.5', 11, false),
    ],
    pollPath: query('/v1/batches', 'batch_id'),
    cancelPath: (id) => `/v1/batches/cancel/${encodeURIComponent(id)}`,
  },
  {
    weight: 1,
    path: '/v1/threads/thread_1/runs',
    bodies: [{ model: 'gpt-4o', assistant_id: 'asst_1' }],
    streams: true,
    pollPath: (id) => `/v1/threads/thread_1/runs/${encodeURIComponent(id)}`,
  },
  {
    weight: 6,
    path: '/v1/realtime',
    bodies: [
      'openai/gpt-realtime-2.1',
      'openai/gpt-realtime-2.1-mini',
      'x-ai/grok-voice-think-fast-2.0',
      'google/gemini-3.8-live',
    ].flatMap((model) => [1, 2, MAX_TURNS].map((turns) => ({ model, turns }))),
    session: true,
  },
]
