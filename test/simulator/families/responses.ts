/** The Responses API: JSON without `meta`, streams of typed events with the whole object at the end. */
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
import { polledJob } from './generation.ts'
import { drawText, drawUse, finishText, pieces, type TextUse } from './text.ts'

function usageOf(use: TextUse): JsonObject {
  const output = use.visible + use.reasoning
  return {
    input_tokens: use.input,
    input_tokens_details: { cached_tokens: use.cached },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: use.reasoning },
    total_tokens: use.input + output,
  }
}

function responseObject(call: Call, model: Model, id: string, status: string, text: string): JsonObject {
  return {
    id,
    object: 'response',
    created_at: Math.floor(call.requestedAt / 1000),
    status,
    error: null,
    incomplete_details: null,
    instructions: null,
    model: model.responseModel,
    output:
      text === ''
        ? []
        : [
            {
              id: `msg_${call.random.hex(32)}`,
              type: 'message',
              status: 'completed',
              role: 'assistant',
              content: [{ type: 'output_text', annotations: [], text }],
            },
          ],
    usage: null,
  }
}

function stream(call: Call, model: Model, use: TextUse, id: string): Frame[] {
  const frames: Frame[] = []
  const whole = use.visible + use.reasoning
  const add = (type: string, generated: number, fields: JsonObject): void => {
    frames.push({ event: type, data: { type, sequence_number: frames.length, ...fields }, generated })
  }
  const open = responseObject(call, model, id, 'in_progress', '')
  const text = drawText(call, use.visible)
  const item = `msg_${call.random.hex(32)}`
  add('response.created', 0, { response: open })
  add('response.in_progress', 0, { response: open })
  add('response.output_item.added', use.reasoning, { output_index: 0, item: { id: item, type: 'message' } })
  const parts = pieces(text, call.behaviour.chunks)
  for (const [index, delta] of parts.entries()) {
    const generated = use.reasoning + Math.round((use.visible * (index + 1)) / parts.length)
    add('response.output_text.delta', generated, { item_id: item, output_index: 0, content_index: 0, delta })
  }
  add('response.output_text.done', whole, { item_id: item, output_index: 0, content_index: 0, text })
  // The schema of the stream promises `response.meta.usage`, also for models whose JSON has none.
  const meta = call.behaviour.meta === 'no' ? {} : metaOf(call, withMeta(model), use.credits)
  add('response.completed', whole, {
    response: { ...responseObject(call, model, id, 'completed', text), usage: usageOf(use), ...meta },
  })
  return frames
}

function withMeta(model: Model): Model {
  return model.traits.meta === 'none' ? { ...model, traits: { ...model.traits, meta: 'current' } } : model
}

/** Goes on when it was answered: only reading it again says what it used and cost. */
function background(call: Call, model: Model, use: TextUse, id: string): Answer {
  const tokens = { input: use.input, output: use.visible + use.reasoning }
  const whole = responseObject(call, model, id, 'completed', drawText(call, use.visible))
  const meta = metaOf(call, withMeta(model), use.credits)
  const result = { ...whole, background: true, usage: usageOf(use), ...meta }
  call.jobs.create({ call, model, charge: { credits: use.credits, tokens }, result, id })
  return json({ ...responseObject(call, model, id, 'queued', ''), background: true })
}

/** Reading a response again, as often as one likes. */
export function fetchResponse(call: Call): Answer {
  const id = call.parameters['id'] ?? ''
  const stored = call.jobs.kept(id, call.key.account.name)
  if (stored !== undefined) return { ...json(stored), inferenceId: null }
  const job = polledJob(call)
  const status = call.jobs.poll(job)
  if (status === 'completed')
    return { ...json(job.result, job.held), noCreditHeaders: true, inferenceId: null }
  const { model } = job
  const open = responseObject(call, model, id, status === 'error' ? 'failed' : 'in_progress', '')
  return { ...json({ ...open, background: true }), inferenceId: null }
}

export function responses(call: Call): Answer {
  const model = modelFor(requiredModel(call), 'responses')
  if (call.body['input'] === undefined) throw new Refusal(400, 'Body validation error: input: Required')
  const use = drawUse(call, model)
  call.billing.requireFunds(call, 0)
  const id = `resp_${call.random.hex(48)}`
  if (call.body['background'] === true) return background(call, model, use, id)
  if (call.body['stream'] === true) {
    return {
      kind: 'sse',
      frames: stream(call, model, use, id),
      finish: (generated) => finishText(call, model, use, generated),
    }
  }
  const charge = finishText(call, model, use, 'all')
  const body = responseObject(call, model, id, 'completed', drawText(call, use.visible))
  const whole = { ...body, usage: usageOf(use), ...metaOf(call, model, use.credits) }
  // Read again, it says its cost as well.
  const stored = { ...whole, ...metaOf(call, withMeta(model), use.credits) }
  if (call.body['store'] !== false) call.jobs.keep(id, call.key.account.name, stored)
  return json(whole, charge)
}
