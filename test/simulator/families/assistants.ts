/** Assistants, as far as spending goes: objects are free, runs are charged and say nothing of their cost. */
import { json, type Answer, type Call, type Frame, type JsonObject } from '../call.ts'
import { modelFor } from '../models.ts'
import { drawText, drawUse, finishText, pieces } from './text.ts'

const PREFIX: Readonly<Record<string, string>> = {
  assistants: 'asst',
  threads: 'thread',
  messages: 'msg',
  files: 'file',
}

/** Creates, reads, changes or deletes an object. Not an inference: no `x-inference-id`. */
export function assistantObject(call: Call): Answer {
  const { collection = 'assistants', id } = call.parameters
  const objectId = id ?? `${PREFIX[collection] ?? 'obj'}_${call.random.hex(24)}`
  if (call.method === 'DELETE') {
    return { ...json({ id: objectId, object: `${collection}.deleted`, deleted: true }), inferenceId: null }
  }
  const object = { id: objectId, object: collection, created_at: Math.floor(call.requestedAt / 1000) }
  return { ...json({ ...object, metadata: {} }), inferenceId: null }
}

/** A run: the model is the assistant's, unless the request names one. */
export function assistantRun(call: Call): Answer {
  const name = typeof call.body['model'] === 'string' ? call.body['model'] : 'gpt-4o'
  const model = modelFor(name, 'assistants')
  const use = drawUse(call, model)
  call.billing.requireFunds(call, 0)
  const id = `run_${call.random.hex(24)}`
  const thread = call.parameters['id'] ?? `thread_${call.random.hex(24)}`
  const run: JsonObject = {
    id,
    object: 'thread.run',
    thread_id: thread,
    status: 'queued',
    model: name,
    usage: null,
  }
  call.jobs.keep(id, call.key.account.name, { ...run, status: 'completed' })
  if (call.body['stream'] !== true) {
    finishText(call, model, use, 'all')
    return json(run)
  }
  const whole = use.visible + use.reasoning
  const frames: Frame[] = [
    { event: 'thread.run.created', data: run, generated: 0 },
    { event: 'thread.run.in_progress', data: { ...run, status: 'in_progress' }, generated: 0 },
  ]
  const parts = pieces(drawText(call, use.visible), call.behaviour.chunks)
  for (const [index, value] of parts.entries()) {
    const delta = { content: [{ index: 0, type: 'text', text: { value, annotations: [] } }] }
    const data = { id: `msg_${id}`, object: 'thread.message.delta', delta }
    frames.push({
      event: 'thread.message.delta',
      data,
      generated: Math.round((whole * (index + 1)) / parts.length),
    })
  }
  frames.push({ event: 'thread.run.completed', data: { ...run, status: 'completed' }, generated: whole })
  frames.push({ event: 'done', data: '[DONE]', generated: whole })
  return { kind: 'sse', frames, finish: (generated) => finishText(call, model, use, generated) }
}

/** Reading a run again. */
export function fetchRun(call: Call): Answer {
  const { id = '', run = '' } = call.parameters
  const known = call.jobs.kept(run, call.key.account.name)
  const unknown = { id: run, object: 'thread.run', thread_id: id, status: 'completed' }
  return { ...json(known ?? unknown), inferenceId: null }
}
