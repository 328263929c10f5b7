/** Anthropic's Messages: cache tokens outside `input_tokens`, native events in streams. */
import {
  json,
  metaOf,
  Refusal,
  requiredModel,
  type Answer,
  type Call,
  type Frame,
  type JsonObject,
} from '../call.ts'
import { modelFor, type Model } from '../models.ts'
import { drawText, drawUse, finishText, pieces, type TextUse } from './text.ts'

/** Usage in Anthropic's shape. Batches have it too. */
export function messageUsage(use: TextUse, output: number, serviceTier = 'standard'): JsonObject {
  return {
    input_tokens: use.input - use.cached - use.cacheWrite,
    cache_creation_input_tokens: use.cacheWrite,
    cache_read_input_tokens: use.cached,
    cache_creation: { ephemeral_5m_input_tokens: use.cacheWrite, ephemeral_1h_input_tokens: 0 },
    output_tokens: output,
    service_tier: serviceTier,
    inference_geo: 'not_available',
  }
}

/** The message object itself. */
export function messageObject(call: Call, model: Model, text: string, usage: JsonObject): JsonObject {
  return {
    model: model.responseModel,
    id: `msg_${call.random.hex(24)}`,
    type: 'message',
    role: 'assistant',
    content: text === '' ? [] : [{ type: 'text', text }],
    stop_reason: text === '' ? null : 'end_turn',
    stop_sequence: null,
    usage,
  }
}

function stream(call: Call, model: Model, use: TextUse): Frame[] {
  const frames: Frame[] = []
  const whole = use.visible + use.reasoning
  const add = (type: string, generated: number, fields: JsonObject = {}): void => {
    frames.push({ event: type, data: { type, ...fields }, generated })
  }
  // A placeholder, as Anthropic sends it: the count comes with `message_delta`.
  add('message_start', 0, { message: messageObject(call, model, '', messageUsage(use, 4)) })
  add('content_block_start', 0, { index: 0, content_block: { type: 'text', text: '' } })
  add('ping', 0)
  const parts = pieces(drawText(call, use.visible), call.behaviour.chunks)
  for (const [index, text] of parts.entries()) {
    const generated = Math.round((whole * (index + 1)) / parts.length)
    add('content_block_delta', generated, { index: 0, delta: { type: 'text_delta', text } })
  }
  add('content_block_stop', whole, { index: 0 })
  add('message_delta', whole, {
    delta: { stop_reason: 'end_turn', stop_sequence: null },
    usage: { output_tokens: whole },
  })
  add('message_stop', whole, metaOf(call, model, use.credits))
  return frames
}

export function messages(call: Call): Answer {
  const model = modelFor(requiredModel(call), 'messages')
  if (!Array.isArray(call.body['messages'])) {
    throw new Refusal(400, `Body validation error: messages: Expected array`)
  }
  const use = drawUse(call, model)
  call.billing.requireFunds(call, 0)
  if (call.body['stream'] === true) {
    return {
      kind: 'sse',
      frames: stream(call, model, use),
      finish: (generated) => finishText(call, model, use, generated),
    }
  }
  const charge = finishText(call, model, use, 'all')
  const usage = messageUsage(use, use.visible + use.reasoning)
  const body = messageObject(call, model, drawText(call, use.visible), usage)
  return json({ ...body, ...metaOf(call, model, use.credits) }, charge)
}
