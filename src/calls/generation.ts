/**
 * One generation: what the API charges once, however many responses speak of it. Knows what was counted of
 * it already, so that create, polls, result and ledger can all report and each figure lands exactly once.
 */
import type { SpanContext } from '@opentelemetry/api'
import type { CallIdentity, CallRecord, Usage } from '../types.ts'
import type { PendingCall } from '../ports.ts'

/** The labels of a call, and what completes them for the `gen_ai.*` metrics as far as it is known. */
export type GenerationIdentity = CallIdentity &
  Partial<Pick<CallRecord, 'serverAddress' | 'serverPort' | 'responseModel' | 'routedModel'>>

export interface Generation {
  /** Labels of everything that is counted for it: those of its create call. */
  identity: GenerationIdentity
  /** The create call's span, for links. */
  span: SpanContext | undefined
  /** False for a poll whose create call this process never saw: its cost is another process's to look for. */
  readonly createdHere: boolean
  /** Credits counted so far; absent while its cost is unknown. */
  credits?: number
  tokensCounted: boolean
  unitsCounted: boolean
  failed: boolean
  /** Waiting in settlement. */
  pending?: PendingCall
  /** Reported as missing: nothing more is expected, and nothing that comes is counted. */
  lost: boolean
  /** Batches only: what was counted by `custom_id`. */
  items?: Set<string>
}

export function createGeneration(
  identity: GenerationIdentity,
  span: SpanContext | undefined,
  createdHere: boolean,
): Generation {
  return {
    identity,
    span,
    createdHere,
    tokensCounted: false,
    unitsCounted: false,
    failed: false,
    lost: false,
  }
}

/**
 * Takes from `usage` what was not counted for this generation before, and marks it counted. `undefined` when
 * there is nothing new. A failed generation is not charged: whatever is reported of it afterwards is nothing.
 */
export function claimUsage(generation: Generation, usage: Usage): Usage | undefined {
  if (generation.failed || generation.lost) return undefined
  const claimed: { -readonly [K in keyof Usage]: Usage[K] } = {}
  if (generation.credits === undefined && usage.credits !== undefined) {
    generation.credits = usage.credits
    claimed.credits = usage.credits
    if (usage.usd !== undefined) claimed.usd = usage.usd
  }
  if (!generation.tokensCounted && reportsTokens(usage)) {
    generation.tokensCounted = true
    if (usage.inputTokens !== undefined) claimed.inputTokens = usage.inputTokens
    if (usage.outputTokens !== undefined) claimed.outputTokens = usage.outputTokens
    if (usage.details !== undefined) claimed.details = usage.details
  }
  if (!generation.unitsCounted && usage.units !== undefined) {
    generation.unitsCounted = true
    claimed.units = usage.units
  }
  return Object.keys(claimed).length === 0 ? undefined : claimed
}

function reportsTokens(usage: Usage): boolean {
  return usage.inputTokens !== undefined || usage.outputTokens !== undefined
}
