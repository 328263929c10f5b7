/** What a soak does: a list of steps drawn from a seed, so that a failure can be played again. */
import { createRandom, type Random } from '../simulator/random.ts'

export type Client = 'fetch' | 'undici' | 'node-http'

export interface Step {
  readonly client: Client
  readonly path: string
  readonly body: Readonly<Record<string, unknown>>
  readonly team: string
  readonly account: number
  /** `x-sim-fault`. */
  readonly fault: string
  /** `x-sim-options`. */
  readonly options: string
  /** Break off after so many bytes of the body; absent: read it whole. */
  readonly stopAfterBytes?: number
  /** Jobs: polled so often at most; some at once. */
  readonly job?: {
    readonly pollPath: (id: string) => string
    readonly polls: number
    readonly concurrent: number
  }
}

const TEAMS = ['search', 'support', 'ops'] as const
const CLIENTS: readonly Client[] = ['fetch', 'fetch', 'undici', 'node-http']
const chat = (model: string): Record<string, unknown> => ({
  model,
  messages: [{ role: 'user', content: 'hi' }],
})
const query = (path: string) => (id: string) => `${path}?generation_id=${encodeURIComponent(id)}`

interface Kind {
  readonly weight: number
  readonly path: string
  readonly bodies: readonly Record<string, unknown>[]
  readonly pollPath?: (id: string) => string
  readonly streams?: boolean
}

const KINDS: readonly Kind[] = [
  {
    weight: 6,
    path: '/v1/chat/completions',
    bodies: ['gpt-4o', 'deepseek-chat', 'x-ai/grok-4-fast-reasoning', 'claude-opus-4-5'].map(chat),
    streams: true,
  },
  { weight: 2, path: '/v1/responses', bodies: [{ model: 'openai/gpt-5-1', input: 'hi' }], streams: true },
  {
    weight: 2,
    path: '/v1/messages',
    bodies: [{ ...chat('claude-sonnet-4-5'), max_tokens: 9 }],
    streams: true,
  },
  {
    weight: 2,
    path: '/v1/embeddings',
    bodies: ['text-embedding-3-small', 'voyage-2'].map((model) => ({ model, input: 'hi' })),
  },
  {
    weight: 2,
    path: '/v1/images/generations',
    bodies: ['flux/schnell', 'alibaba/qwen-image', 'openai/gpt-image-1', 'triposr'].map((model) => ({
      model,
      prompt: 'a cat',
    })),
  },
  {
    weight: 3,
    path: '/v2/video/generations',
    bodies: ['alibaba/wan-2-6-t2v', 'klingai/avatar-pro', 'openai/sora-2-t2v'].map((model) => ({
      model,
      prompt: 'a cat',
    })),
    pollPath: query('/v2/video/generations'),
  },
  {
    weight: 1,
    path: '/v2/generate/audio',
    bodies: ['minimax/music-2.0', 'google/lyria2'].map((model) => ({ model, prompt: 'a song' })),
    pollPath: query('/v2/generate/audio'),
  },
  {
    weight: 1,
    path: '/v1/stt/create',
    bodies: ['#g1_nova-2-general', 'openai/gpt-4o-transcribe'].map((model) => ({
      model,
      url: 'https://x/a.mp3',
    })),
    pollPath: (id) => `/v1/stt/${encodeURIComponent(id)}`,
  },
  {
    weight: 1,
    path: '/v1/tts',
    bodies: ['inworld/tts-1', 'alibaba/qwen3-tts-flash'].map((model) => ({
      model,
      text: 'hello there',
      voice: 'v',
    })),
    streams: true,
  },
  {
    weight: 1,
    path: '/v1/ocr',
    bodies: [
      {
        model: 'mistral/mistral-ocr-latest',
        document: { type: 'document_url', document_url: 'https://x/a' },
      },
    ],
  },
]

/** Lost before the API saw it: no log has it, so it stays pending until it is given up after a day. */
const NEVER_SEEN = 'drop'

/** Faults after which the answer can still be read, or not, but never lies about its cost. */
const FAULTS: readonly ((random: Random) => string)[] = [
  () => 'noCreditHeaders',
  () => 'noMeta',
  () => 'noCreditHeaders; noMeta',
  () => 'creditHeader=soon; usdHeader=-1',
  () => 'creditHeader=1e999; noMeta; usdHeader=NaN',
  () => 'noCreditHeaders; metaCredits="12"',
  () => 'noCreditHeaders; metaCredits=-5',
  () => 'noCreditHeaders; metaRaw=[]',
  () => 'usageNull',
  () => 'tokens=-5',
  () => 'deep=2000; noCreditHeaders',
  () => 'padBytes=300000; noCreditHeaders',
  () => 'garbage; noCreditHeaders',
  () => 'html; noCreditHeaders',
  () => 'html',
  () => 'invalidUtf8; noCreditHeaders',
  (random) => `truncate=${random.next().toFixed(3)}; noCreditHeaders`,
  (random) => `breakAt=${random.next().toFixed(3)}; noCreditHeaders`,
  (random) => `breakAt=${random.next().toFixed(3)}; reset`,
  () => 'contentLength=50',
  () => 'contentType=text/plain; noCreditHeaders',
  () => 'encoding=gzip; noCreditHeaders',
  () => 'encoding=br; noCreditHeaders',
  () => 'encoding=deflate; noCreditHeaders',
  () => 'encoding=made-up; noCreditHeaders',
  (random) => `encoding=gzip; noCreditHeaders; truncate=${random.next().toFixed(3)}`,
  () => 'chunkBytes=7; noCreditHeaders',
  () => 'sse=crlf; chunkBytes=3',
  () => 'sse=multi-line',
  () => NEVER_SEEN,
  () => 'lose',
  () => 'lose; reset',
  () => 'status=429',
  () => 'status=500',
  () => 'status=400',
  () => 'redirect=307',
]

/** The steps of one seed. The same seed always gives the same steps. */
export function planSoak(seed: string, steps: number, { isAllSeen = false } = {}): Step[] {
  const random = createRandom(`soak/${seed}`)
  const pick = <T>(items: readonly T[]): T => random.pick(items)
  const weighted = KINDS.flatMap((kind) => Array.from({ length: kind.weight }, () => kind))

  return Array.from({ length: steps }, (): Step => {
    const kind = pick(weighted)
    const isStream = kind.streams === true && random.next() < 0.5
    const drawnFault = random.next() < 0.35 ? pick(FAULTS)(random) : ''
    const fault = isAllSeen && drawnFault === NEVER_SEEN ? '' : drawnFault
    const isJob = kind.pollPath !== undefined
    const options = [
      `chunks=${1 + Math.floor(random.next() * 20)}`,
      ...(isJob
        ? [
            `report=${pick(['create', 'create-and-polls', 'final-poll', 'nowhere'])}`,
            // Nobody can tell that a job failed when the answer to its create call was lost.
            `outcome=${fault === '' && random.next() < 0.3 ? 'error' : 'completed'}`,
            `polls=${1 + Math.floor(random.next() * 3)}`,
          ]
        : []),
      `abortedStreams=${pick(['generated', 'full'])}`,
    ]
    return {
      client: pick(CLIENTS),
      path: kind.path,
      body: isStream ? { ...pick(kind.bodies), stream: true } : pick(kind.bodies),
      team: pick(TEAMS),
      account: random.next() < 0.7 ? 0 : 1,
      fault,
      options: options.join('; '),
      ...(isStream && random.next() < 0.2 && { stopAfterBytes: Math.floor(random.next() * 2000) }),
      ...(kind.pollPath !== undefined && {
        job: { pollPath: kind.pollPath, polls: 5, concurrent: random.next() < 0.3 ? 3 : 1 },
      }),
    }
  })
}
