/**
 * One generation: what the API charges once, however many responses report it. It keeps what was counted, so that
 * create call, polls, replays and the account's log can all report it, and each figure counts once.
 *
 * The ids of this folder:
 * - inference id: the header `x-inference-id`, or the id of a row of the account's log; of a job it may be the job's id.
 * - generation id (of a `Route`): the job that the path or query of a poll names.
 * - ids (of `ResponseFacts`): every id in the body; the first one is the job's id, or that of a synchronous answer.
 * - client request id: the header `x-client-request-id`. Retries repeat it, so several generations may have it.
 */
import { isEmpty } from '../api/usage.ts'
import type { SpanContext } from '@opentelemetry/api'
import type { PendingCall, UsageIdentity } from '../ports.ts'
import type { Usage } from '../types.ts'
import type { Writable } from '../writable.ts'
import { growthOfBatch, joinResults, type BatchResults } from './batch-results.ts'
import { highestUsage } from './usage-sums.ts'

/** The state of one generation. Only files of this folder change it. */
export type Generation = ReturnType<typeof createGeneration>

/** A generation as it is kept between events: it may have been merged into another one, which `rootOf` finds. */
export interface KeptGeneration {
  /** The generation that this one turned out to be: it has been merged into that. */
  joined: KeptGeneration | undefined
}

const NOT_COUNTED: Usage = {}

/**
 * @param identity labels of everything that is counted for it: those of its create call; of its first poll if not `isOwn`.
 * @param isOwn false when this process never saw its create call: it counts figures of polls, and searches no log.
 */
export function createGeneration(identity: UsageIdentity, isOwn: boolean) {
  return {
    identity,
    /** The create call's span, for links. */
    span: undefined as SpanContext | undefined,
    isOwn,
    /** `open`: new figures count. `closed`: none counts; what was unknown was missing. `failed`: nothing is charged. */
    state: 'open' as 'open' | 'closed' | 'failed',
    counted: NOT_COUNTED,
    /** Figures that count only when no better ones will come. */
    provisional: undefined as Usage | undefined,
    /** The tokens that must be known besides the cost before the generation is complete. */
    expects: 'no tokens' as 'no tokens' | 'input tokens' | 'input and output tokens',
    /** The log had its row and is not searched again. A poll may still add figures that the row does not have. */
    isSettled: false,
    /** Present while settlement looks it up. */
    lookup: undefined as PendingCall | undefined,
    /** Realtime sessions only: usage counted per response. The session's row in the log contains it again. */
    countedApart: undefined as Usage | undefined,
    /** Realtime sessions only: at most tokens are unknown, which is not reported missing. */
    isCostKnown: false,
    /** Batches only: what their results said. */
    results: undefined as BatchResults | undefined,
    /** Ids by which it is remembered as a job. */
    idCount: 0,
    inferenceId: undefined as string | undefined,
    clientRequestId: undefined as string | undefined,
    joined: undefined as KeptGeneration['joined'],
  }
}

/** A generation that was counted completely, and of which only the labels were kept: no figure counts again. */
export function createCountedGeneration(identity: UsageIdentity): Generation {
  const generation = createGeneration(identity, true)
  generation.state = 'closed'
  return generation
}

/** Follows `joined` to the generation that this one was merged into; itself when it was not. */
export function rootOf(kept: KeptGeneration): Generation {
  let root = kept
  while (root.joined !== undefined) root = root.joined
  return root as Generation
}

type Join<Value> = (into: Generation, from: Generation) => Value

/** Each field of a generation that another one was merged into. */
const JOINED: { readonly [Name in keyof Generation]: Join<Generation[Name]> } = {
  identity: (into) => into.identity,
  span: (into, from) => into.span ?? from.span,
  isOwn: (into, from) => into.isOwn || from.isOwn,
  state: (into, from) => (into.state === 'open' ? from.state : into.state),
  counted: (into, from) => {
    const counted = highestUsage(into.counted, from.counted)
    const credits = joinedCredits(into, from)
    return counted.credits === undefined ? counted : { ...counted, credits }
  },
  provisional: (into, from) => {
    if (into.provisional === undefined || from.provisional === undefined)
      return into.provisional ?? from.provisional
    return highestUsage(into.provisional, from.provisional)
  },
  expects: (into, from) => (into.expects === 'no tokens' ? from.expects : into.expects),
  isSettled: (into, from) => into.isSettled || from.isSettled,
  lookup: (into, from) => into.lookup ?? from.lookup,
  countedApart: (into, from) => into.countedApart ?? from.countedApart,
  isCostKnown: (into, from) => into.isCostKnown || from.isCostKnown,
  results: (into, from) => joinResults(into.results, from.results),
  idCount: (into, from) => into.idCount + from.idCount,
  inferenceId: (into, from) => into.inferenceId ?? from.inferenceId,
  clientRequestId: (into, from) => into.clientRequestId ?? from.clientRequestId,
  joined: () => undefined,
}

/** Merges `from` into `into`; both are roots, and not the same. Whoever kept `from` finds `into` by `rootOf`. */
export function join(into: Generation, from: Generation): void {
  const names = Object.keys(JOINED) as (keyof Generation)[]
  Object.assign(into, Object.fromEntries(names.map((name) => [name, JOINED[name](into, from)])))
  from.joined = into
}

/** What two generations cost that prove to be one: the higher figure, or all results of a batch together. */
export function joinedCredits(into: Generation, from: Generation): number {
  const results = joinResults(into.results, from.results)?.credits ?? 0
  return Math.max(into.counted.credits ?? 0, from.counted.credits ?? 0, results)
}

/** Returns the figures of `usage` that were not counted before, and marks them as counted. `undefined`: none is new. */
export function claimUsage(generation: Generation, usage: Usage): Usage | undefined {
  if (generation.state !== 'open') return undefined
  const { counted } = generation
  if (counted === NOT_COUNTED) {
    if (isEmpty(usage)) return undefined
    generation.counted = usage
    return usage
  }
  const claimed: Writable<Usage> = {}
  if (usage.credits !== undefined && counted.credits === undefined) {
    claimed.credits = usage.credits
    if (usage.usd !== undefined) claimed.usd = usage.usd
  } else if (generation.identity.endpoint === 'batch') {
    Object.assign(claimed, growthOfBatch(counted.credits, usage))
  }
  if (usage.inputTokens !== undefined && counted.inputTokens === undefined)
    claimed.inputTokens = usage.inputTokens
  if (usage.outputTokens !== undefined && counted.outputTokens === undefined)
    claimed.outputTokens = usage.outputTokens
  const details = claimParts(usage.details, counted.details)
  if (details !== undefined) claimed.details = details
  const units = claimParts(usage.units, counted.units)
  if (units !== undefined) claimed.units = units
  if (isEmpty(claimed)) return undefined
  generation.counted = highestUsage(counted, claimed)
  if (claimed.credits !== undefined && usage.credits !== undefined)
    generation.counted = { ...generation.counted, credits: usage.credits }
  return claimed
}

/**
 * Adds one result to its batch, and returns what of it is to be counted. The batch costs the larger of two figures: the
 * sum that it states, and what its results state together. Either may come first, in parts or not at all.
 */
export function claimItem(batch: Generation, usage: Usage): Usage {
  const { results, counted } = batch
  if (results === undefined || usage.credits === undefined) return usage
  const before = results.credits
  results.credits += usage.credits
  const { credits: _credits, usd: _usd, ...rest } = usage
  const known = counted.credits ?? 0
  if (results.credits <= known && counted.credits !== undefined) return rest
  batch.counted = { ...counted, credits: results.credits }
  return known === before ? usage : { ...rest, ...growthOfBatch(known, { credits: results.credits }) }
}

type Parts<Name extends string> = Readonly<Partial<Record<Name, number>>> | undefined

function claimParts<Name extends string>(parts: Parts<Name>, counted: Parts<Name>): Parts<Name> {
  if (parts === undefined || counted === undefined) return parts
  const entries = Object.entries(parts).filter(([name]) => counted[name as Name] === undefined)
  return entries.length === 0 ? undefined : (Object.fromEntries(entries) as Parts<Name>)
}
