/**
 * One generation: what the API charges once, however many responses report it. It keeps what was counted, so that
 * create call, polls, replays and the account's log can all report it, and each figure counts once.
 */
import type { SpanContext } from '@opentelemetry/api'
import type { PendingCall, UsageIdentity } from '../ports.ts'
import type { Usage } from '../types.ts'
import type { Writable } from '../writable.ts'
import { highestUsage, isEmpty } from './usage-sums.ts'

/** The state of one generation. Changed by accounting.ts and generations.ts only. */
export interface Generation {
  /** Labels of everything that is counted for it: those of its create call. */
  identity: UsageIdentity
  /** The create call's span, for links. */
  span: SpanContext | undefined
  /** False when this process never saw its create call: the creating process settles it. */
  isOwn: boolean
  /** `closed`: nothing more counts; everything is known or was reported missing. `failed`: nothing is charged. */
  state: 'open' | 'closed' | 'failed'
  /** What was counted, each figure once. */
  counted: Usage
  /** Figures that count only when no better ones will come. */
  provisional: Usage | undefined
  /** The tokens that must be known besides the cost before the generation is complete. */
  expects: 'nothing' | 'input tokens' | 'input and output tokens'
  /** The log was read: what its row does not have will never be known. */
  isSettled: boolean
  /** Present while settlement looks it up. */
  pending: PendingCall | undefined
  /** Realtime sessions only: usage counted per response. The session's row in the log contains it again. */
  countedApart: Usage | undefined
  /** Batches only: the `custom_id`s that were counted, and whether the items had costs of their own. */
  items: { readonly ids: Set<string>; haveCosts: boolean } | undefined
  /** Ids by which it is remembered as a job. */
  idCount: number
  inferenceId: string | undefined
  clientRequestId: string | undefined
  /** The generation that this one turned out to be: it has been merged into that. */
  joined: Generation | undefined
}

const NOTHING: Usage = {}

/** A generation of which nothing is counted yet. */
export function createGeneration(identity: UsageIdentity, isOwn: boolean): Generation {
  return {
    identity,
    span: undefined,
    isOwn,
    state: 'open',
    counted: NOTHING,
    provisional: undefined,
    expects: 'nothing',
    isSettled: false,
    pending: undefined,
    countedApart: undefined,
    items: undefined,
    idCount: 0,
    inferenceId: undefined,
    clientRequestId: undefined,
    joined: undefined,
  }
}

/** A generation that was counted completely, and of which only the labels were kept. */
export function createClosedGeneration(identity: UsageIdentity): Generation {
  const generation = createGeneration(identity, true)
  generation.state = 'closed'
  return generation
}

/** Follows `joined` to the generation that this one was merged into; itself when it was not. */
export function rootOf(generation: Generation): Generation {
  let root = generation
  while (root.joined !== undefined) root = root.joined
  return root
}

/** Returns the figures of `usage` that were not counted before, and marks them as counted. `undefined`: none is new. */
export function claimUsage(generation: Generation, usage: Usage): Usage | undefined {
  if (generation.state !== 'open') return undefined
  const { counted } = generation
  if (counted === NOTHING) {
    if (isEmpty(usage)) return undefined
    generation.counted = usage
    return usage
  }
  const claimed: Writable<Usage> = {}
  if (usage.credits !== undefined && counted.credits === undefined) {
    claimed.credits = usage.credits
    if (usage.usd !== undefined) claimed.usd = usage.usd
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
  return claimed
}

type Parts<Name extends string> = Readonly<Partial<Record<Name, number>>> | undefined

function claimParts<Name extends string>(parts: Parts<Name>, counted: Parts<Name>): Parts<Name> {
  if (parts === undefined || counted === undefined) return parts
  const entries = Object.entries(parts).filter(([name]) => counted[name as Name] === undefined)
  return entries.length === 0 ? undefined : (Object.fromEntries(entries) as Parts<Name>)
}
