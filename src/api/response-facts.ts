/** A response's head and body → what they say it cost. */
import type { Usage } from '../types.ts'
import type { Writable } from '../writable.ts'
import type { Answer } from './answer.ts'
import type { Body } from './body.ts'
import { addCost, COST_HEADERS, readCostHeaders, type Cost } from './cost.ts'
import type { DecodeFailure } from './decode.ts'
import type { Route } from './endpoints.ts'
import type { JobStatus } from './statuses.ts'
import { readModel, readWord } from './text.ts'
import type { WritableUsage } from './usage.ts'

export interface ResponseFacts {
  /** Headers and body, combined by the counting rules. Of a batch's results: see `onBatchItem`. */
  readonly usage: Usage
  /** Every id that the body names its generation by, in the order in which they come up; at most 8. */
  readonly ids: readonly string[]
  /** The id in the body, as spans show it; of what answers at once. */
  readonly responseId?: string
  /** `meta.model`, else the header `x-aimlapi-model`, else the body's own `model`. */
  readonly responseModel?: string
  /** The answering model, where the API itself names one: by `meta.model` or the header. */
  readonly routedModel?: string
  /** Whose model it is: `meta.provider`, else the header `x-aimlapi-provider`. */
  readonly provider?: string
  /** What was asked for, as the answer repeats it: the tool of a run, the model of an assistant's run. */
  readonly requestedModel?: string
  /** One a choice, in the order of their indexes. */
  readonly finishReasons?: string[]
  /** The thread of an assistant's run. */
  readonly threadId?: string
  /** The job's id, as a create or poll said it. */
  readonly generationId?: string
  /** Of a call that answers at once only `pending`: it goes on in the background, and is polled like a job. */
  readonly jobStatus?: JobStatus
  /** The answer is an error inside of a 200, an event of the stream is one, or the response says that it failed. */
  readonly failed: boolean
  /**
   * `provisional`: more was to come. The stream did not come to its end (broken off, failed, or without the event
   * that ends its dialect), or its cost is what the header promised before it began.
   */
  readonly figures: 'final' | 'provisional'
  /**
   * Why there is no cost: the body said none, was not what it should be, had a value beyond the limits, or came
   * in a coding that cannot be undone here. Beside known credits: why tokens may be missing; never `absent`.
   */
  readonly problem?: 'absent' | 'unparsable' | 'too_large' | 'undecodable'
}

/** All that is ever read of a response's head. */
export const RESPONSE_HEADERS = [
  ...COST_HEADERS,
  'x-aimlapi-model',
  'x-aimlapi-provider',
  'x-inference-id',
  'x-client-request-id',
  'content-type',
  'content-length',
  'content-encoding',
] as const
export type ResponseHead = Partial<Record<(typeof RESPONSE_HEADERS)[number], string>>

/** What was read of one response. */
export interface ReadResponse {
  readonly route: Route
  readonly status: number
  readonly head: ResponseHead
  readonly answer: Answer
  readonly body: Body
  /** False: the body was broken off. */
  readonly isWhole: boolean
  readonly decodeFailure: DecodeFailure | undefined
}

/** What a response says, its body having been read to its end. */
export function stateFacts(response: ReadResponse): ResponseFacts {
  const { route, status, head, answer, body } = response
  const headerCost = readCostHeaders(head)
  const usage = answer.usage.summarize()
  // What a stream says in the end is newer than its head.
  if (body.isEventStream) addCost(usage, answer.cost, headerCost)
  else addCost(usage, headerCost, answer.cost)
  if (answer.jobStatus === 'pending') dropUnfinishedCost(usage, route)

  const facts: Writable<ResponseFacts> = {
    usage,
    ids: status < 400 ? answer.ids : [],
    failed: answer.hasFailed,
    figures: isProvisional(response, usage) ? 'provisional' : 'final',
  }
  const problem = response.decodeFailure ?? explain(response, usage, headerCost)
  if (problem !== undefined) facts.problem = problem
  nameModels(facts, answer, head)
  nameIds(facts, route, answer)
  const { jobStatus, requestedModel, threadId } = answer
  if (jobStatus !== undefined && (route.phase !== 'sync' || jobStatus === 'pending'))
    facts.jobStatus = jobStatus
  if (requestedModel !== undefined) facts.requestedModel = requestedModel
  if (threadId !== undefined && route.endpoint === 'assistants') facts.threadId = threadId
  const finishReasons = answer.finishReasons.list
  if (finishReasons !== undefined) facts.finishReasons = finishReasons
  return facts
}

/** A 0 of a job that is not over says nothing yet; a tool's cost is an estimate until the run is over. */
function dropUnfinishedCost(usage: WritableUsage, route: Route): void {
  if (usage.credits !== 0 && route.endpoint !== 'tools') return
  delete usage.credits
  delete usage.usd
}

function isProvisional({ answer, body, isWhole, decodeFailure }: ReadResponse, usage: Usage): boolean {
  if (answer.hasFailed) return true
  if (!body.isEventStream) return false
  const hasEnded = isWhole && decodeFailure === undefined && !body.hasBroken && answer.end.isReached
  const { credits, usd } = answer.cost
  return !hasEnded || (usage.credits !== undefined && credits === undefined && usd === undefined)
}

function explain(
  { answer, body, isWhole }: ReadResponse,
  { credits }: Usage,
  headerCost: Cost,
): ResponseFacts['problem'] {
  if (body.tooLarge) return 'too_large'
  // Broken off is not malformed: nothing was said until then.
  const isMalformed = body.hasBroken || (isWhole && body.invalid)
  if (isMalformed || answer.isUnreadable) return 'unparsable'
  if (credits !== undefined) return undefined
  return answer.cost.isUnreadable || headerCost.isUnreadable ? 'unparsable' : 'absent'
}

function nameModels(facts: Writable<ResponseFacts>, answer: Answer, head: ResponseHead): void {
  const routedModel = answer.answeringModel ?? readModel(head['x-aimlapi-model'])
  const responseModel = routedModel ?? answer.model
  const provider = answer.provider ?? readWord(head['x-aimlapi-provider'])
  if (responseModel !== undefined) facts.responseModel = responseModel
  if (routedModel !== undefined) facts.routedModel = routedModel
  if (provider !== undefined) facts.provider = provider
}

function nameIds(facts: Writable<ResponseFacts>, route: Route, answer: Answer): void {
  const [id] = facts.ids
  const generationId = route.generationId ?? answer.generationId
  if (route.phase === 'sync') {
    if (id !== undefined) facts.responseId = id
  } else if (generationId !== undefined) {
    facts.generationId = generationId
  }
}
