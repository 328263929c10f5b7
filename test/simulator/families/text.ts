/** What every text family shares: how much a call uses, what it costs, and the words it answers with. */
import { promptOf, type Call, type JsonObject } from '../call.ts'
import { creditsFor, type Model } from '../models.ts'

export interface TextUse {
  /** Parts of input and output that are no text, as ordered. */
  readonly audio?: number | undefined
  readonly image?: number | undefined
  /** Cached reads and writes included. */
  readonly input: number
  readonly cached: number
  readonly cacheWrite: number
  /** Without reasoning. */
  readonly visible: number
  readonly reasoning: number
  readonly credits: number
}

const WORDS = [
  'spend',
  'tokens',
  'measured',
  'quietly',
  'every',
  'call',
  'once',
  'and',
  'the',
  'books',
  'balance',
]

function limitOf(body: JsonObject): number {
  for (const name of ['max_completion_tokens', 'max_output_tokens', 'max_tokens']) {
    const limit = body[name]
    if (typeof limit === 'number' && limit > 0) return limit
  }
  return Number.POSITIVE_INFINITY
}

/** Draws what the call uses; `x-sim-options` may fix any part of it. */
export function drawUse(call: Call, model: Model): TextUse {
  const { behaviour, random } = call
  const prompt = Math.max(1, Math.ceil(promptOf(call.body).length / 4)) + 3
  const input = behaviour.input ?? prompt + (model.traits.caches ? random.integer(0, 900) : 0)
  const caches = model.traits.caches && behaviour.input === undefined
  const cached = behaviour.cached ?? (caches ? Math.floor(input * random.next() * 0.6) : 0)
  const writes = model.traits.streamStyle === 'claude' && caches
  const cacheWrite = behaviour.cacheWrite ?? (writes ? Math.floor((input - cached) * random.next() * 0.5) : 0)
  const visible = Math.min(behaviour.output ?? random.integer(12, 240), limitOf(call.body))
  const thinks = model.traits.reasoning !== 'none' && behaviour.output === undefined
  const reasoning = behaviour.reasoning ?? (thinks ? random.integer(16, 320) : 0)
  const use = { input, cached, cacheWrite, visible, reasoning }
  const parts = { audio: behaviour.audio, image: behaviour.image }
  return { ...use, ...parts, credits: behaviour.credits ?? costOf(model, use, visible + reasoning) }
}

/** Credits when only `generated` of the output tokens were written. */
export function costOf(model: Model, use: Omit<TextUse, 'credits'>, generated: number): number {
  return creditsFor(model.price, {
    inputTokens: use.input,
    cacheReadTokens: use.cached,
    cacheWriteTokens: use.cacheWrite,
    outputTokens: generated,
  })
}

/** Text of about so many tokens, at most 400 words. */
export function drawText(call: Call, tokens: number): string {
  const count = Math.max(1, Math.min(400, tokens))
  return Array.from({ length: count }, () => call.random.pick(WORDS)).join(' ')
}

/** Cuts a text into so many pieces that are never empty; fewer when the text is short. */
export function pieces(text: string, count: number): string[] {
  const size = Math.max(1, Math.ceil(text.length / Math.max(1, count)))
  const parts: string[] = []
  for (let start = 0; start < text.length; start += size) parts.push(text.slice(start, start + size))
  return parts
}

/** Books a broken-off stream: what was generated so far, unless the model's price or the options say otherwise. */
export function finishText(call: Call, model: Model, use: TextUse, generated: number | 'all') {
  const whole = use.visible + use.reasoning
  const full = generated === 'all' || generated >= whole || call.behaviour.abortedStreams === 'full'
  const output = full ? whole : generated
  const credits = full ? use.credits : costOf(model, use, output)
  return call.billing.charge(call, model, { credits, tokens: { input: use.input, output } })
}
