/**
 * One generation: what the API charges once, however many answers speak of it. Knows what was counted of it, so that
 * create call, polls, replays and the account's log can all report it, and each figure counts once.
 */
import type { SpanContext } from '@opentelemetry/api'
import type { PendingCall, UsageIdentity } from '../ports.ts'
import type { Usage } from '../types.ts'
import type { Writable } from '../writable.ts'
import { highestUsage, isEmpty } from './usage-sums.ts'

export interface Generation {
  /** Labels of everything that is counted for it: those of its create call. */
  identity: UsageIdentity
  /** The create call's span, for links. */
  span: SpanContext | undefined
  /** False when this process never saw its create call: the process that made it settles it. */
  isOwn: boolean
  /** `closed`: nothing more counts, all is known or was reported missing. `failed`: nothing is charged. */
  state: 'open' | 'closed' | 'failed'
  /** What was counted, each figure once. */
  counted: Usage
  /** Figures that count only when nothing better comes. */
  provisional: Usage | undefined
  /** What has to be known beside the cost: an answer that says less is incomplete. */
  expects: 'nothing' | 'input tokens' | 'input and output tokens'
  /** The log was read: what it does not say will never be known. */
  isSettled: boolean
  /** Waiting in settlement. */
  pending: PendingCall | undefined
  /** Sessions only: what was counted of it response by response. A row of the log says it once more. */
  countedApart: Usage | undefined
  /** Batches only: what was counted by `custom_id`, and whether those said what they cost. */
  items: { readonly ids: Set<string>; haveCosts: boolean } | undefined
  inferenceId: string | undefined
  clientRequestId: string | undefined
  /** Turned out to be the same as this one. */
  joined: Generation | undefined
}

const NOTHING: Usage = {}

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
    inferenceId: undefined,
    clientRequestId: undefined,
    joined: undefined,
  }
}

/** A generation whose every figure was counted, and of which only the labels were kept. */
export function createClosedGeneration(identity: UsageIdentity): Generation {
  const generation = createGeneration(identity, true)
  generation.state = 'closed'
  return generation
}

/** The generation that this one turned out to be. */
export function rootOf(generation: Generation): Generation {
  let root = generation
  while (root.joined !== undefined) root = root.joined
  return root
}

/** Takes from `usage` the figures that were not counted before, and marks them counted. `undefined`: none is new. */
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

function claimParts<Name extends string>(said: Parts<Name>, counted: Parts<Name>): Parts<Name> {
  if (said === undefined || counted === undefined) return said
  const entries = Object.entries(said).filter(([name]) => counted[name as Name] === undefined)
  return entries.length === 0 ? undefined : (Object.fromEntries(entries) as Parts<Name>)
}
