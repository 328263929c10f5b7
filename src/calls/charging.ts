/**
 * Every rule of what is charged, provisional, pending, missing or refunded (docs/counting.md). Pure: it looks at one
 * answer and at what is known of its generation. What follows from it is done in accounting.ts.
 */
import type { LoggedCall } from '../ports.ts'
import type { MissingReason, Usage } from '../types.ts'
import { inferenceIdOf, isSuccess, type FinishedCall } from './finished-call.ts'
import { type Generation } from './generation.ts'
import { growthOf, isEmpty } from './usage-sums.ts'

export interface Figures {
  /** Count now. */
  readonly final: Usage
  /** Count when nothing better comes. */
  readonly provisional: Usage | undefined
}

const NOTHING: Usage = {}
const NO_FIGURES: Figures = { final: NOTHING, provisional: undefined }

/** Which figures of a response count now, and which only where nothing better comes. */
export function weighFigures(call: FinishedCall): Figures {
  const { route, facts } = call
  if (route.billing === 'none' || isNameless(call)) return NO_FIGURES
  if (isEmpty(facts.usage)) return NO_FIGURES
  const usage = isUnfinishedJob(call) ? withoutZeros(facts.usage) : facts.usage
  const said = route.endpoint === 'batch' ? withoutTokens(usage) : usage
  if (facts.figures === 'provisional') return { final: NOTHING, provisional: said }
  if (facts.jobStatus !== 'pending') return { final: said, provisional: undefined }
  // The price of a job is known when it is taken on; its tokens are not before it is over.
  return { final: pick(said, COST), provisional: pick(said, AMOUNTS) }
}

/** A failed job is not charged: what was counted of it is given back. */
export function isRefunded({ facts }: FinishedCall): boolean {
  return facts.jobStatus === 'failed'
}

/** The API may have charged for it, and for something that no answer has said yet. */
export function isCostOpen(call: FinishedCall, generation: Generation): boolean {
  return generation.isOwn && generation.state === 'open' && mayBeCharged(call) && !isComplete(generation)
}

/** Nothing more is to come: cost and tokens are known, or the log was read. */
export function isComplete(generation: Generation): boolean {
  if (generation.isSettled) return true
  const { credits, inputTokens, outputTokens } = generation.counted
  if (credits === undefined) return false
  if (generation.expects === 'nothing') return true
  return inputTokens !== undefined && (outputTokens !== undefined || generation.expects === 'input tokens')
}

/** Whether a later answer may still say what this one does not: that of a poll, for which the job needs a name. */
export function mayBeFollowed(call: FinishedCall, generation: Generation): boolean {
  const { route, transportError, facts } = call
  if (route.phase === 'poll') return facts.jobStatus !== 'succeeded' && generation.items === undefined
  const isStart = route.phase === 'create' || facts.jobStatus === 'pending'
  return isStart && transportError === undefined && inferenceIdOf(call) !== undefined
}

/** Why the cost is not known, when nothing more will come. */
export function missingReason({ transportError, facts }: FinishedCall): MissingReason {
  if (transportError !== undefined) return 'aborted'
  return facts.problem ?? 'absent'
}

/** What the answers of its family always say beside the cost. */
export function expectedOf({ route, status }: FinishedCall): Generation['expects'] {
  if (route.billedBy !== 'tokens' || route.endpoint === 'batch' || !isSuccess(status)) return 'nothing'
  return route.endpoint === 'embeddings' ? 'input tokens' : 'input and output tokens'
}

/** What a row of the log says of a generation. */
export function weighRow(usage: Usage, generation: Generation): Usage {
  const { identity, countedApart, expects } = generation
  if (identity.endpoint === 'batch') return withoutTokens(usage)
  if (countedApart === undefined) return usage
  // Tokens of a session are those of its responses, unless some of these could not be read.
  const more = growthOf(countedApart, usage)
  return expects === 'nothing' ? withoutTokens(more) : more
}

/** A row that says neither cost nor tokens is that of a failed request: what its stream promised was not charged. */
export function isRowOfNothing({ credits, inputTokens }: Usage): boolean {
  return (credits === undefined || credits === 0) && inputTokens === undefined
}

/** What routers ask who shall answer: listed as requests of their own, under these models. */
const DECIDING_MODELS = /(?:^|\/)(?:liquid\/d1|typesafe\/jev)(?:-\d[^/]*)?$/

/** The decision of a router is a charge of its own, which is in no response: it settles none but a call for it. */
export function isRoutersDecision({ model }: LoggedCall, generation: Generation): boolean {
  return model !== undefined && generation.identity.endpoint !== 'decisions' && DECIDING_MODELS.test(model)
}

function mayBeCharged({ route, status, wasSent, inferenceId }: FinishedCall): boolean {
  if (route.billing === 'none') return false
  // No answer at all: only what always costs, or starts a job, is looked up.
  if (status === undefined)
    return wasSent && route.phase !== 'poll' && (route.billing === 'always' || route.phase === 'create')
  if (!isSuccess(status)) return false
  return route.billing === 'always' || inferenceId !== undefined
}

/** A read of something unknown: without an id, nobody can tell that it was not counted before. */
function isNameless({ isRead, route, inferenceId, facts }: FinishedCall): boolean {
  return isRead && route.phase === 'sync' && inferenceId === undefined && facts.ids.length === 0
}

function isUnfinishedJob({ route, facts }: FinishedCall): boolean {
  const { jobStatus } = facts
  return jobStatus === 'pending' || (route.phase !== 'sync' && jobStatus === undefined)
}

/** A 0 from a job that is not over says nothing yet. */
function withoutZeros(usage: Usage): Usage {
  const names = (Object.keys(usage) as (keyof Usage)[]).filter((name) => usage[name] !== 0)
  return pick(usage, names)
}

const COST = ['credits', 'usd'] as const
const AMOUNTS = ['inputTokens', 'outputTokens', 'details', 'units'] as const

/** The results of a batch say the tokens item by item: they come from there alone. */
function withoutTokens(usage: Usage): Usage {
  return pick(usage, [...COST, 'units'])
}

function pick(usage: Usage, names: readonly (keyof Usage)[]): Usage {
  const said = names.filter((name) => usage[name] !== undefined)
  return Object.fromEntries(said.map((name) => [name, usage[name]])) as Usage
}
