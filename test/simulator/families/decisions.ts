/** Decisions: billed by their input, the output is counted and free. */
import { json, metaOf, Refusal, requiredModel, type Answer, type Call } from '../call.ts'
import { creditsFor, modelFor } from '../models.ts'
import { drawUse } from './text.ts'

export function decide(call: Call): Answer {
  const model = modelFor(requiredModel(call), 'decisions')
  const { state, questions } = call.body
  if (state === undefined || typeof questions !== 'object' || questions === null)
    throw new Refusal(400, 'Body validation error: questions: Required')
  const { input, visible: output } = drawUse({ ...call, body: { prompt: JSON.stringify(state) } }, model)
  const credits = call.behaviour.credits ?? creditsFor(model.price, { inputTokens: input })
  call.billing.requireFunds(call, credits)
  const charge = call.billing.charge(call, model, { credits, tokens: { input, output } })
  const answers = Object.fromEntries(Object.keys(questions).map((key) => [key, { type: 'noul', noul: 0.04 }]))
  return json(
    {
      model: model.responseModel,
      answers,
      usage: { input_tokens: input, output_tokens: output },
      ...metaOf(call, model, credits),
    },
    charge,
  )
}
