/** One request on its way through the simulator, and what may be answered to it. */
import type { Behaviour } from './behaviour.ts'
import type { SimulatedKey } from './accounts.ts'
import type { Billing } from './billing.ts'
import type { Jobs } from './jobs.ts'
import type { Batches } from './batches.ts'
import type { Replays } from './replays.ts'
import type { LedgerEntry } from './ledger.ts'
import type { Family, Model } from './models.ts'
import type { Random } from './random.ts'

export type Json = null | boolean | number | string | Json[] | JsonObject
export interface JsonObject {
  [name: string]: Json
}

export interface Call {
  readonly family: Family
  readonly method: string
  /** Without query and without the simulator's own path prefix. */
  readonly path: string
  readonly query: URLSearchParams
  /** Named parts of the path, percent-decoded. */
  readonly parameters: Readonly<Record<string, string>>
  /** Fields of the JSON or multipart body. */
  readonly body: JsonObject
  /** Size of the request body. */
  readonly sizeBytes: number
  readonly key: SimulatedKey
  readonly behaviour: Behaviour
  readonly random: Random
  readonly tag: string | null
  readonly inferenceId: string
  readonly requestId: string
  readonly clientRequestId: string | null
  readonly requestedAt: number
  readonly billing: Billing
  readonly jobs: Jobs
  readonly batches: Batches
  readonly replays: Replays
}

/** A whole JSON answer. */
export interface JsonAnswer {
  readonly kind: 'json'
  readonly status: number
  readonly body: Json
  /** Its credits stand in the headers. */
  readonly charge?: LedgerEntry | undefined
  /** null: no `x-inference-id`. Absent: the call's own. */
  readonly inferenceId?: string | null
  readonly headers?: Readonly<Record<string, string>>
  /** The charge stands in the body alone. */
  readonly noCreditHeaders?: true
  /** Sent, and not the body again to who has it. */
  readonly etag?: string
}

/** One server-sent event. `[DONE]` is a text, everything else JSON. */
export interface Frame {
  readonly event?: string
  readonly data: JsonObject | '[DONE]'
  /** Output tokens generated when this frame goes out. */
  readonly generated: number
}

export interface StreamAnswer {
  readonly kind: 'sse'
  readonly frames: readonly Frame[]
  /** Books the charge when the stream is over. `generated`: of the last frame that went out; `all`: whole. */
  finish(generated: number | 'all'): LedgerEntry | undefined
}

export interface BinaryAnswer {
  readonly kind: 'binary'
  readonly contentType: string
  readonly chunks: readonly Buffer[]
}

/** Newline-delimited JSON. */
export interface LinesAnswer {
  readonly kind: 'lines'
  readonly lines: readonly Json[]
  readonly inferenceId?: string | null
}

export type Answer = JsonAnswer | StreamAnswer | BinaryAnswer | LinesAnswer

export type Handler = (call: Call) => Answer

/** A refusal: becomes the documented error body. Never charged. */
export class Refusal extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

export function json(body: Json, charge?: LedgerEntry): JsonAnswer {
  return { kind: 'json', status: 200, body, charge }
}

/** @throws Refusal 400 when the body names no model. */
export function requiredModel(call: Call): string {
  const { model } = call.body
  if (typeof model === 'string' && model !== '') {
    if (model.startsWith('missing/')) throw new Refusal(404, 'Not Found')
    return model
  }
  throw new Refusal(400, `Body validation error: model: Expected string, received ${JSON.stringify(model)}`)
}

/** `meta` as the model's bodies spell it, or nothing. Spread into a body. */
export function metaOf(call: Call, model: Model, credits: number): JsonObject {
  const { meta } = call.behaviour
  if (meta === 'no') return {}
  const style = meta === 'yes' && model.traits.meta === 'none' ? 'current' : model.traits.meta
  switch (style) {
    case 'none':
      return {}
    case 'legacy':
      return { meta: { usage: { tokens_used: credits } } }
    case 'credits':
      return { meta: { usage: { credits_used: credits } } }
    case 'current': {
      const usage = { credits_used: credits, usd_spent: credits / 2_000_000 }
      return { meta: { ...model.traits.answeredBy, usage } }
    }
  }
}

/** The prompt as text, wherever the family has it. Only its length matters. */
export function promptOf(body: JsonObject): string {
  const source = body['messages'] ?? body['input'] ?? body['prompt'] ?? body['text'] ?? ''
  return typeof source === 'string' ? source : JSON.stringify(source)
}
