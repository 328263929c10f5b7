/** Chat completions, in OpenAI's shape: JSON, and streams in both styles that the API's transcripts show. */
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
import { answeringHeaders, routeCall } from './router.ts'
import { drawText, drawUse, finishText, pieces, type TextUse } from './text.ts'

const ROLES = new Set(['system', 'developer', 'user', 'assistant', 'tool', 'function'])

function requireMessages(body: JsonObject): void {
  const { messages } = body
  if (!Array.isArray(messages)) {
    throw new Refusal(400, `Body validation error: messages: Expected array, received '${String(messages)}'`)
  }
  for (const [index, message] of messages.entries()) {
    const { role, content } = message as JsonObject
    if (typeof role === 'string' && ROLES.has(role)) continue
    const echo = JSON.stringify(content)
    throw new Refusal(
      400,
      `Unsupported value: 'messages[${index}].role' received ${String(role)} with ${echo}`,
    )
  }
}

/** `usage` as this model's chat answers spell it. */
export function chatUsage(model: Model, use: TextUse): JsonObject {
  const outside = model.traits.reasoning === 'outside'
  const nullDetails = model.traits.usage === 'null-details'
  return {
    prompt_tokens: use.input,
    completion_tokens: outside ? use.visible : use.visible + use.reasoning,
    total_tokens: use.input + use.visible + use.reasoning,
    prompt_tokens_details: nullDetails
      ? null
      : { cached_tokens: use.cached, audio_tokens: use.audio ?? 0, image_tokens: use.image ?? 0 },
    completion_tokens_details: nullDetails
      ? null
      : {
          reasoning_tokens: use.reasoning,
          audio_tokens: use.audio ?? 0,
          image_tokens: use.image ?? 0,
          accepted_prediction_tokens: 0,
          rejected_prediction_tokens: 0,
        },
  }
}

function wantsUsage(call: Call): boolean {
  if (call.behaviour.usage !== 'when-asked') return call.behaviour.usage === 'always'
  const options = call.body['stream_options'] as JsonObject | null | undefined
  return options?.['include_usage'] === true
}

function stream(call: Call, model: Model, use: TextUse): Frame[] {
  const { behaviour, random } = call
  const claude = model.traits.streamStyle === 'claude'
  const beforeLast = behaviour.usageChunk === 'model' ? claude : behaviour.usageChunk === 'before-last'
  const id = claude ? `msg_${random.hex(24)}` : `chatcmpl-${random.hex(29)}`
  const whole = use.visible + use.reasoning
  const usage = wantsUsage(call) ? chatUsage(model, use) : null
  const meta = metaOf(call, model, use.credits)
  const frames: Frame[] = []
  const created = Math.floor(call.requestedAt / 1000)
  const add = (choices: JsonObject[], generated: number, extra: JsonObject = {}): void => {
    const chunk: JsonObject = {
      id: claude && frames.length > 0 ? '' : id,
      object: 'chat.completion.chunk',
      created,
      model: model.responseModel,
      choices,
      usage: null,
      ...extra,
    }
    frames.push({ data: chunk, generated })
  }

  add([{ index: 0, delta: { role: 'assistant', content: '', refusal: null }, finish_reason: null }], 0)
  const parts = pieces(drawText(call, use.visible), behaviour.chunks)
  const thoughts =
    use.reasoning > 0 ? pieces(drawText(call, use.reasoning), Math.min(3, behaviour.chunks)) : []
  for (const [index, thought] of thoughts.entries()) {
    const generated = Math.round((use.reasoning * (index + 1)) / thoughts.length)
    add([{ index: 0, delta: { content: null, reasoning_content: thought }, finish_reason: null }], generated)
  }
  for (const [index, part] of parts.entries()) {
    const generated = use.reasoning + Math.round((use.visible * (index + 1)) / parts.length)
    add([{ index: 0, delta: { content: part }, finish_reason: null }], generated)
  }
  const end: JsonObject = { index: 0, delta: {}, finish_reason: 'stop' }
  if (beforeLast) {
    add([{ ...end, delta: { content: '', role: 'assistant', refusal: null } }], whole, { usage })
    add([{ index: 0, finish_reason: 'stop' }], whole, meta)
  } else if (usage !== null) {
    add([end], whole)
    add([], whole, { usage, ...meta })
  } else {
    add([end], whole, meta)
  }
  if (behaviour.done) frames.push({ data: '[DONE]', generated: whole })
  return frames
}

export function chat(call: Call): Answer {
  const name = call.parameters['model'] ?? requiredModel(call)
  const asked = modelFor(name, 'chat')
  requireMessages(call.body)
  const model = asked.traits.judge === undefined ? asked : routeCall(call, asked, asked.traits.judge)
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
  const count = typeof call.body['n'] === 'number' ? call.body['n'] : 1
  const id = `chatcmpl-${call.random.hex(29)}`
  const answer = json(
    {
      id,
      object: 'chat.completion',
      created: Math.floor(call.requestedAt / 1000),
      model: model.responseModel,
      choices: Array.from({ length: count }, (_, index) => ({
        index,
        finish_reason: 'stop',
        logprobs: null,
        message: { role: 'assistant', content: drawText(call, use.visible), refusal: null, annotations: [] },
      })),
      usage: chatUsage(model, use),
      ...metaOf(call, model, use.credits),
    },
    charge,
  )
  if (call.body['store'] === true) call.jobs.keep(id, call.key.account.name, answer.body)
  return { ...answer, headers: answeringHeaders(model) }
}

/** Reading a stored completion again. */
export function fetchStored(call: Call): Answer {
  const body = call.jobs.kept(call.parameters['id'] ?? '', call.key.account.name)
  if (body === undefined) throw new Refusal(404, 'Not found')
  return { ...json(body), inferenceId: null }
}

/** `/v1/completions`, and whatever else is not documented: usage and meta in the usual place. */
export function undocumented(call: Call): Answer {
  const model = modelFor(requiredModel(call), call.family)
  const use = drawUse(call, model)
  call.billing.requireFunds(call, 0)
  const charge = finishText(call, model, use, 'all')
  return json(
    {
      id: `cmpl-${call.random.hex(24)}`,
      model: model.responseModel,
      choices: [{ index: 0, text: drawText(call, use.visible), finish_reason: 'stop' }],
      usage: chatUsage(model, use),
      ...metaOf(call, model, use.credits),
    },
    charge,
  )
}
