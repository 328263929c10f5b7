/** Head and body of a response → its usage, cost, ids, models and state, as one plain value. */
import type { Usage } from '../types.ts'
import { addCost, NO_COST, readCostHeaders, type Cost } from './cost.ts'
import type { Route } from './families.ts'
import { readModel, readWord } from './fields.ts'
import type { ResponseReader } from './response.ts'
import type { JobStatus } from './statuses.ts'
import type { WritableUsage } from './usage.ts'

/** What one response says: the contract between `api` and `calls`. */
export interface ResponseFacts {
  /** From headers and body. A batch's results go to `onBatchItem` instead. */
  readonly usage: Usage
  /** Every id that the body gives its generation, in order of appearance; at most 8. */
  readonly ids: readonly string[]
  /** The id in the body, as spans show it. Absent for jobs. */
  readonly responseId?: string | undefined
  /** `meta.model`, else the header `x-aimlapi-model`, else the body's own `model`. */
  readonly responseModel?: string | undefined
  /** The answering model, when the API itself names one, by `meta.model` or the header. */
  readonly routedModel?: string | undefined
  /** The provider of the model: `meta.provider`, else the header `x-aimlapi-provider`. */
  readonly provider?: string | undefined
  /** The requested tool of a run, or model of an assistant's run, which the response repeats. */
  readonly requestedModel?: string | undefined
  /** One per choice, in the order of their indexes. */
  readonly finishReasons?: string[] | undefined
  /** The thread of an assistant's run. */
  readonly threadId?: string | undefined
  /** Jobs, and other calls that are only `pending`: they continue in the background and are polled like a job. */
  readonly jobStatus?: JobStatus | undefined
  /** The body or an event of it is an error inside a 200, or its status is failed. */
  readonly failed: boolean
  /** `provisional`: the stream did not come to its end, or its only cost is in the head, which was sent before it. */
  readonly certainty: 'final' | 'provisional'
  /** The body was broken off after the last event of its stream: the caller had everything. */
  readonly isOver?: boolean | undefined
  /** Why there is no cost; with known credits, why tokens may be missing: then never `absent`. */
  readonly problem?: 'absent' | 'unparsable' | 'too_large' | 'undecodable' | undefined
}

/** The facts of a response that has ended. */
export function stateFacts(response: ResponseReader): ResponseFacts {
  const { route, status, head, bodyFacts } = response
  const headerCost = readCostHeaders(head)
  const usage = bodyFacts.usage.summarize()
  const jobStatus = jobStatusOf(response)
  const saidByHead = mayBeOfPoll(route, jobStatus) ? withoutZero(headerCost, bodyFacts.cost) : headerCost
  // In a stream, the events are newer than the head.
  if (response.isEventStream) addCost(usage, bodyFacts.cost, saidByHead)
  else addCost(usage, saidByHead, bodyFacts.cost)
  if (jobStatus === 'pending') dropUnfinishedCost(usage, route)

  const ids = status < 400 && !bodyFacts.isList ? bodyFacts.ids : []
  const routedModel = bodyFacts.answeringModel ?? readModel(head['x-aimlapi-model'])
  return {
    usage: bodyFacts.isList ? {} : usage,
    ids,
    responseId: route.phase === 'sync' ? ids[0] : undefined,
    responseModel: routedModel ?? bodyFacts.model,
    routedModel,
    provider: bodyFacts.provider ?? readWord(head['x-aimlapi-provider']),
    requestedModel: bodyFacts.requestedModel,
    finishReasons: bodyFacts.finishReasons.list,
    threadId: route.endpoint === 'assistants' ? bodyFacts.threadId : undefined,
    jobStatus,
    failed: bodyFacts.hasFailed,
    certainty: isProvisional(response, usage) ? 'provisional' : 'final',
    isOver: isLeft(response) || undefined,
    problem: response.decodeFailure ?? problemOf(response, usage, headerCost),
  }
}

/** A refused request and a list say nothing of one job, whatever status stands in them. */
function jobStatusOf({ route, status, bodyFacts }: ResponseReader): JobStatus | undefined {
  const { jobStatus } = bodyFacts
  if (status >= 400 || bodyFacts.isList) return undefined
  if (route.phase === 'sync' && jobStatus !== 'pending') return undefined
  // What a response had generated before it was cancelled is charged, where the body says so.
  const { credits = 0, usd = 0 } = bodyFacts.cost
  const isCharged = route.endpoint === 'responses' && bodyFacts.wasCancelled && credits + usd > 0
  return isCharged ? 'succeeded' : jobStatus
}

function mayBeOfPoll({ phase }: Route, jobStatus: JobStatus | undefined): boolean {
  return phase !== 'sync' || jobStatus !== undefined
}

/** The head of a poll may state the cost of that request, which is 0. The cost of the job is then in the body. */
function withoutZero(headerCost: Cost, bodyCost: Cost): Readonly<Cost> {
  const isZero = (headerCost.credits ?? headerCost.usd) === 0
  return isZero && (bodyCost.credits ?? bodyCost.usd) !== undefined ? NO_COST : headerCost
}

/** A cost of 0 of a job that is not over is no figure yet; a tool's cost is an estimate until the run is over. */
function dropUnfinishedCost(usage: WritableUsage, route: Route): void {
  if (usage.credits !== 0 && route.endpoint !== 'tools') return
  delete usage.credits
  delete usage.usd
}

function isProvisional(response: ResponseReader, usage: Usage): boolean {
  const { bodyFacts, isWhole, decodeFailure, hasBroken } = response
  if (bodyFacts.hasFailed) return true
  if (!response.isEventStream) return false
  const hasEnded =
    isLeft(response) || (isWhole && decodeFailure === undefined && !hasBroken && bodyFacts.end.isReached)
  const { credits, usd } = bodyFacts.cost
  return !hasEnded || (usage.credits !== undefined && credits === undefined && usd === undefined)
}

function isLeft({ isEventStream, isWhole, bodyFacts }: ResponseReader): boolean {
  return isEventStream && !isWhole && bodyFacts.end.isLast
}

function problemOf(
  { bodyFacts, isWhole, form, hasBroken, invalid }: ResponseReader,
  { credits }: Usage,
  headerCost: Cost,
): ResponseFacts['problem'] {
  if (form?.selector?.tooLarge === true) return 'too_large'
  // A body that was broken off is not malformed.
  const isMalformed = hasBroken || (isWhole && invalid)
  if (isMalformed || bodyFacts.usage.isUnreadable) return 'unparsable'
  if (credits !== undefined) return undefined
  return bodyFacts.cost.isUnreadable || headerCost.isUnreadable ? 'unparsable' : 'absent'
}
