/** The rules of a charge, and of what is missing (docs/counting.md). Which figures are final: api/response-facts.ts. */
import { isEmpty } from '../api/usage.ts'
import type { LoggedCall } from '../ports.ts'
import type { MissingReason, Usage } from '../types.ts'
import { inferenceIdOf, isSuccess, type FinishedCall } from './finished-call.ts'
import type { BatchResults } from './batch-results.ts'
import { type Generation } from './generation.ts'
import { growthOf } from './usage-sums.ts'

/** The figures of one response, by when they count. */
export interface SplitUsage {
  /** Counted now. */
  readonly final: Usage
  /** Counted when no better ones will come. */
  readonly provisional: Usage | undefined
}

const NOTHING: Usage = {}
const NO_USAGE: SplitUsage = { final: NOTHING, provisional: undefined }

/** Which figures of a response count now, and which only when no better ones will come. */
export function splitFigures(call: FinishedCall): SplitUsage {
  const { route, facts } = call
  if (route.billing === 'none' || isRetrievalWithoutId(call)) return NO_USAGE
  if (isEmpty(facts.usage)) return NO_USAGE
  const usage = isUnfinishedJob(call) ? withoutZeros(facts.usage) : facts.usage
  const figures = route.endpoint === 'batch' ? withoutTokens(usage) : usage
  if (facts.certainty === 'provisional') return { final: NOTHING, provisional: figures }
  if (facts.jobStatus !== 'pending') return { final: figures, provisional: undefined }
  // The price of a job is final when it starts; its tokens only when it is over.
  return { final: pick(figures, COST), provisional: pick(figures, AMOUNTS) }
}

/** The API may have charged for the call, and no response has had all of its figures yet: cost, or tokens. */
export function areFiguresOpen(call: FinishedCall, generation: Generation): boolean {
  return generation.isOwn && generation.state === 'open' && mayBeCharged(call) && !isComplete(generation)
}

/** No more figures are expected: cost and tokens are known, or the log was read. */
export function isComplete(generation: Generation): boolean {
  if (generation.isSettled) return true
  if (generation.results?.isPartial === true) return false
  const { credits, inputTokens, outputTokens } = generation.counted
  if (credits === undefined) return false
  if (generation.expects === 'no tokens') return true
  return inputTokens !== undefined && (outputTokens !== undefined || generation.expects === 'input tokens')
}

/** Whether a later poll may still bring the missing figures. For that the job must have an id. */
export function mayBeFollowed(call: FinishedCall, generation: Generation): boolean {
  const { route, transportError, facts } = call
  const isBrokenOff = transportError !== undefined
  if (generation.results?.isPartial === true) return true
  if (route.phase === 'poll')
    return isBrokenOff || (facts.jobStatus !== 'succeeded' && generation.results === undefined)
  const isStart = route.phase === 'create' || facts.jobStatus === 'pending'
  // A broken-off answer that has named its job is no end of the job: streams are taken up again where they stopped.
  const isNamed = isBrokenOff ? facts.ids.length > 0 : inferenceIdOf(call) !== undefined
  return isStart && isNamed
}

/** Whether results of a batch are still to be read after this call: until all are read, or the batch has told its cost. */
export function areResultsPartial(call: FinishedCall, { isPartial }: BatchResults): boolean {
  const { route, facts, transportError } = call
  const hasReadSome = route.phase === 'poll' && call.generation !== undefined
  // Lines that could not be read, or not in time, are as unknown as those that did not come.
  const { problem = 'absent' } = facts
  if (hasReadSome) return transportError !== undefined || problem !== 'absent'
  return isPartial && !(facts.jobStatus === 'succeeded' && facts.usage.credits !== undefined)
}

/** Whether the log may know an answered call by an inference id that its answer did not say. */
export function hasUnknownInferenceId({ isRetrieval, route, status, inferenceId }: FinishedCall): boolean {
  const mayHaveRow = isSuccess(status) && !isRetrieval && route.phase !== 'poll' && route.billing !== 'none'
  return mayHaveRow && inferenceId === undefined
}

/** Why the cost is unknown, when no more figures will come. */
export function missingReason({ transportError, facts }: FinishedCall): MissingReason {
  if (transportError !== undefined) return 'aborted'
  return facts.problem ?? 'absent'
}

/** The tokens that every response of the call's family has, besides the cost. */
export function expectedOf({ route, status }: FinishedCall): Generation['expects'] {
  if (route.billedBy !== 'tokens' || route.endpoint === 'batch' || !isSuccess(status)) return 'no tokens'
  return route.endpoint === 'embeddings' ? 'input tokens' : 'input and output tokens'
}

/** The figures of a row of the log that count for a generation. */
export function countedOfRow(usage: Usage, generation: Generation): Usage {
  const { identity, countedApart, expects } = generation
  if (identity.endpoint === 'batch') return withoutTokens(usage)
  if (countedApart === undefined) return usage
  // A session's tokens were counted with its responses, unless some of these could not be read.
  const more = growthOf(countedApart, usage)
  return expects === 'no tokens' ? withoutTokens(more) : more
}

/** A row without cost and tokens belongs to a failed request: the provisional figures of its stream were not charged. */
export function isRowOfNothing({ credits, inputTokens }: Usage): boolean {
  return (credits === undefined || credits === 0) && inputTokens === undefined
}

/**
 * Models that choose a model for a router; their requests have rows of their own in the log. Of the pages of the two
 * routers, 2026-11: a new router's model would settle calls that are not its own.
 */
const DECIDING_MODELS = /(?:^|\/)(?:liquid\/d1|typesafe\/jev)(?:-\d[^/]*)?$/

/** The row of a router's decision. It is a charge of its own, in no response, and settles only a call of that model. */
export function isRoutersDecision({ model }: LoggedCall, generation: Generation): boolean {
  return model !== undefined && generation.identity.endpoint !== 'decisions' && DECIDING_MODELS.test(model)
}

/** The row of a job may be written with a cost of 0 before the job is over. */
export function isUnfinishedRow({ cost }: LoggedCall, { idCount }: Generation): boolean {
  return cost?.credits === 0 && idCount > 0
}

function mayBeCharged({ route, status, wasSent, inferenceId }: FinishedCall): boolean {
  if (route.billing === 'none') return false
  // No response came: only what always costs, or starts a job, is looked up.
  if (status === undefined)
    return wasSent && route.phase !== 'poll' && (route.billing === 'always' || route.phase === 'create')
  if (!isSuccess(status)) return false
  return route.billing === 'always' || inferenceId !== undefined
}

/** A read without any id: it may have been counted before, and nothing could show it. */
function isRetrievalWithoutId({ isRetrieval, route, inferenceId, facts }: FinishedCall): boolean {
  return isRetrieval && route.phase === 'sync' && inferenceId === undefined && facts.ids.length === 0
}

function isUnfinishedJob({ route, facts }: FinishedCall): boolean {
  const { jobStatus } = facts
  return jobStatus === 'pending' || (route.phase !== 'sync' && jobStatus === undefined)
}

/** A 0 from a job that is not over is no figure yet. */
function withoutZeros(usage: Usage): Usage {
  const names = (Object.keys(usage) as (keyof Usage)[]).filter((name) => usage[name] !== 0)
  return pick(usage, names)
}

const COST = ['credits', 'usd'] as const
const AMOUNTS = ['inputTokens', 'outputTokens', 'details', 'units'] as const

/** A batch's tokens are counted from its results, item by item, and from nothing else. */
function withoutTokens(usage: Usage): Usage {
  return pick(usage, [...COST, 'units'])
}

function pick(usage: Usage, names: readonly (keyof Usage)[]): Usage {
  const present = names.filter((name) => usage[name] !== undefined)
  return Object.fromEntries(present.map((name) => [name, usage[name]])) as Usage
}
