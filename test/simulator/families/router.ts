/** Routers: another model answers, and who chose it is a charge of its own that no response ever speaks of. */
import type { Call } from '../call.ts'
import { creditsFor, modelFor, type Model } from '../models.ts'
import { drawUse } from './text.ts'

const POOL = ['openai/gpt-6-luna', 'anthropic/claude-sonnet-5.5'] as const
/** The tag of the judge's rows: no call of a client has it. */
export const JUDGEMENT_TAG = 'router-judgement'

/** Charges the judgement and gives the model that answers, under the name that was asked for. */
export function routeCall(call: Call, asked: Model, judgeName: string): Model {
  const judge = modelFor(judgeName, 'decisions')
  const { input } = drawUse({ ...call, behaviour: { ...call.behaviour, credits: undefined } }, judge)
  const judgement: Call = {
    ...call,
    family: 'decisions',
    inferenceId: call.random.nanoid(),
    // Whether the judgement's row repeats the client's id is not documented.
    clientRequestId: call.random.next() < 0.5 ? call.clientRequestId : null,
    tag: JUDGEMENT_TAG,
  }
  const credits = Math.max(1, creditsFor(judge.price, { inputTokens: input }))
  call.billing.charge(judgement, judge, { credits, tokens: { input, output: 10 } })
  return { ...modelFor(call.random.pick(POOL), 'chat'), name: asked.name }
}

/** Of answers that are no stream. */
export function answeringHeaders({ traits }: Model): Record<string, string> {
  const { answeredBy } = traits
  if (answeredBy === undefined) return {}
  return { 'x-aimlapi-model': answeredBy.model, 'x-aimlapi-provider': answeredBy.provider }
}
