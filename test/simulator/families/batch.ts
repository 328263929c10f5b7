/** Batch endpoints: create, fetch (an object while it runs, NDJSON when it is done), cancel. */
import { json, Refusal, type Answer, type Call, type JsonObject } from '../call.ts'
import type { BatchItem } from '../batches.ts'
import { echoedId } from '../jobs.ts'
import { modelFor } from '../models.ts'
import { messageObject, messageUsage } from './messages.ts'
import { drawText, drawUse } from './text.ts'

const DAY_MS = 24 * 60 * 60 * 1000

/** Every tenth request of a large batch fails: its line says so, and it is not charged. */
function fails(index: number): boolean {
  return index % 10 === 9
}

function itemOf(call: Call, request: JsonObject, index: number): BatchItem {
  const parameters = (request['params'] ?? {}) as JsonObject
  const customId = request['custom_id']
  const name = parameters['model'] ?? call.body['model']
  if (typeof customId !== 'string' || typeof name !== 'string') {
    throw new Refusal(400, `Body validation error: requests[${index}]: Expected custom_id and params.model`)
  }
  const model = modelFor(name, 'messages')
  if (fails(index)) {
    const error = { type: 'error', error: { type: 'invalid_request_error', message: 'canary: bad item' } }
    return {
      model,
      charge: { credits: 0 },
      line: { custom_id: customId, result: { type: 'errored', error } },
    }
  }
  const use = drawUse({ ...call, body: parameters }, model)
  const output = use.visible + use.reasoning
  const message = messageObject(call, model, drawText(call, use.visible), messageUsage(use, output, 'batch'))
  return {
    model,
    // Batches are up to 50 % cheaper.
    charge: { credits: Math.ceil(use.credits / 2), tokens: { input: use.input, output } },
    line: { custom_id: customId, result: { type: 'succeeded', message } },
  }
}

export function createBatch(call: Call): Answer {
  const { requests } = call.body
  if (!Array.isArray(requests) || requests.length === 0) {
    throw new Refusal(400, 'Body validation error: requests: Expected a non-empty array')
  }
  const items = requests.map((request, index) => itemOf(call, request as JsonObject, index))
  call.billing.requireFunds(call, 0)
  const batch = call.batches.create(call, call.inferenceId, items)
  const created = new Date(batch.createdAt).toISOString()
  return json({
    id: batch.id,
    type: 'message_batch',
    processing_status: 'in_progress',
    request_counts: { processing: items.length, succeeded: 0, errored: 0, canceled: 0, expired: 0 },
    ended_at: null,
    created_at: created,
    expires_at: new Date(batch.createdAt + DAY_MS).toISOString(),
    archived_at: null,
    cancel_initiated_at: null,
    results_url: null,
  })
}

function named(call: Call) {
  const id = call.parameters['id'] ?? call.query.get('batch_id') ?? ''
  const batch = call.batches.get(id)
  if (batch === undefined || batch.account !== call.key.account.name)
    throw new Refusal(404, 'Batch not found')
  return batch
}

export function fetchBatch(call: Call): Answer {
  const batch = named(call)
  const inferenceId = echoedId(batch.id)
  switch (call.batches.poll(batch)) {
    case 'in_progress':
      return { ...json({ id: batch.id, status: 'generating' }), inferenceId }
    case 'cancelled':
      return { ...json({ id: batch.id, status: 'cancelled', output: null, usage: [] }), inferenceId }
    case 'ended':
      return { kind: 'lines', lines: batch.items.map((item) => item.line), inferenceId }
  }
}

export function cancelBatch(call: Call): Answer {
  const batch = named(call)
  if (!call.batches.cancel(batch)) {
    throw new Refusal(
      400,
      `400 {"type":"error","error":{"message":"Batch ${batch.id} has already finished."}}`,
    )
  }
  return {
    ...json({ id: batch.id, status: 'cancelled', output: null, usage: [] }),
    inferenceId: echoedId(batch.id),
  }
}
