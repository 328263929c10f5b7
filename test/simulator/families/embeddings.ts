/** Embeddings: usual usage, or Voyage's, where only `total_tokens` is a number. */
import { json, metaOf, Refusal, requiredModel, type Answer, type Call } from '../call.ts'
import { modelFor } from '../models.ts'
import { costOf, drawUse } from './text.ts'

const DEFAULT_DIMENSIONS = 8

export function embeddings(call: Call): Answer {
  const model = modelFor(requiredModel(call), 'embeddings')
  const { input, dimensions } = call.body
  if (input === undefined) throw new Refusal(400, 'Body validation error: input: Required')
  const drawn = drawUse(call, model)
  const use = { ...drawn, visible: 0, reasoning: 0 }
  const credits = call.behaviour.credits ?? costOf(model, use, 0)
  call.billing.requireFunds(call, credits)
  const charge = call.billing.charge(call, model, { credits, tokens: { input: use.input, output: 0 } })
  const count = Array.isArray(input) ? input.length : 1
  const size = typeof dimensions === 'number' ? Math.min(dimensions, 4096) : DEFAULT_DIMENSIONS
  return json(
    {
      object: 'list',
      data: Array.from({ length: count }, (_, index) => ({
        object: 'embedding',
        index,
        embedding: Array.from({ length: size }, () => Number((call.random.next() * 2 - 1).toFixed(9))),
      })),
      model: model.responseModel,
      usage: { prompt_tokens: model.traits.usage === 'total' ? null : use.input, total_tokens: use.input },
      ...metaOf(call, model, credits),
    },
    charge,
  )
}
