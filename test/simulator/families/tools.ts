/** The toolbox: runs are charged when they are over and say so in their body; looking for tools is free. */
import { json, Refusal, type Answer, type Call, type JsonObject } from '../call.ts'
import type { Job } from '../jobs.ts'
import { creditsFor, modelFor } from '../models.ts'
import { polledJob } from './generation.ts'

function runOf(job: Job): Answer {
  const { id, model, held, status } = job
  const run: JsonObject = { id, tool: model.name, status: WORDS[status], is_error: status === 'error' }
  if (status === 'error')
    return {
      ...json({ ...run, error: { message: 'canary: no result', retryable: true } }),
      inferenceId: null,
    }
  const usd = held.heldCredits / 2_000_000
  if (status !== 'completed') {
    const cost = { quoted_usd: usd, actual_usd: null, credits: null, over_max: false }
    return { ...json({ ...run, cost, next_poll_hint_ms: 20 }), status: 202, inferenceId: null }
  }
  const cost = { quoted_usd: usd * 2, actual_usd: usd, credits: held.heldCredits, over_max: false }
  const body = { ...run, untrusted: true, cost, output: { results: [] } }
  return { ...json(body, held), noCreditHeaders: true, inferenceId: null }
}

const WORDS = { queued: 'queued', generating: 'running', completed: 'completed', error: 'failed' } as const

/** With `wait_ms` the run is over when it is answered. An `idempotency_key` that was used names its run. */
export function runTool(call: Call): Answer {
  const { tool, wait_ms: waitMs, idempotency_key: key } = call.body
  if (typeof tool !== 'string' || tool === '') throw new Refusal(400, 'Body validation error: tool: Required')
  const account = call.key.account.name
  const earlier = typeof key === 'string' ? call.jobs.kept(`key:${key}`, account) : undefined
  const known = typeof earlier === 'string' ? call.jobs.get(earlier) : undefined
  if (known !== undefined) return runOf(known)
  const model = modelFor(tool, 'tools')
  const credits = call.behaviour.credits ?? creditsFor(model.price, { items: 1 })
  call.billing.requireFunds(call, credits)
  const job = call.jobs.create({ call, model, charge: { credits }, result: {} })
  if (typeof key === 'string') call.jobs.keep(`key:${key}`, account, job.id)
  if (typeof waitMs === 'number' && waitMs > 0) call.jobs.finish(job)
  return runOf(job)
}

export function pollTool(call: Call): Answer {
  const job = polledJob(call)
  call.jobs.poll(job)
  return runOf(job)
}

export function searchTools(): Answer {
  const found = { id: 'web/search', name: 'Search', pricing: { type: 'per_call', amount_usd: 0.0078 } }
  return { ...json([found]), inferenceId: null }
}

export function inspectTool(call: Call): Answer {
  return {
    ...json({ tool: call.body['tool'] ?? 'web/search', input_schema: {}, price_usd: 0.0078 }),
    inferenceId: null,
  }
}
