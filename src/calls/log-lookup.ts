/** Looks generations up in the account's log (`GET /v2/logs`). */
import type { PendingCall, SettlementPort } from '../ports.ts'
import type { MissingReason, Usage } from '../types.ts'
import type { AnsweredCalls } from './answered-calls.ts'
import { isRoutersDecision, isUnfinishedRow } from './charging.ts'
import type { FinishedCall } from './finished-call.ts'
import { rootOf, type Generation, type KeptGeneration } from './generation.ts'

/** The ids under which a generation can be found in the account's log. */
export type LogIds = Pick<PendingCall, 'inferenceIds' | 'clientRequestId' | 'hasUnsureIds' | 'startTimeMs'>

/** What the log has for a generation. */
export interface FoundRow {
  readonly usage: Usage
  readonly inferenceId: string | undefined
  readonly model: string | undefined
}

/** The look-ups in the log that are under way. */
export type LogLookup = ReturnType<typeof createLogLookup>

/**
 * Of the two listeners at most one is called for a look-up, once; none after `stop`.
 * @param onLost the log has no row for it, and will not be read for it again. Not called for a job that a poll may still
 *   find: `KnownIds` gives it up.
 */
export function createLogLookup(
  settlement: SettlementPort,
  answeredCalls: AnsweredCalls,
  onRow: (generation: Generation, row: FoundRow) => void,
  onLost: (generation: Generation, reason: MissingReason) => void,
) {
  /** A retry of this call has the same client request id, and must not be given its row. */
  function rememberAnswered(
    kept: KeptGeneration,
    { inferenceIds, clientRequestId, startTimeMs }: LogIds,
  ): void {
    if (clientRequestId === undefined) return
    const credits = (): number | undefined => rootOf(kept).counted.credits
    answeredCalls.add(clientRequestId, kept, { ids: inferenceIds, startTimeMs, credits })
  }

  return {
    rememberAnswered,
    /** Starts a look-up, unless there is one already. Returns false when settlement does not take the call. */
    start(generation: Generation, ids: LogIds): boolean {
      const { inferenceIds, clientRequestId } = ids
      if (generation.lookup !== undefined) return true
      const kept: KeptGeneration = generation
      let hasRowOfNothing = false
      const pending: PendingCall = {
        ...ids,
        account: generation.identity.account,
        accepts: (row) => {
          if (isRoutersDecision(row, rootOf(kept))) return false
          const { inferenceId } = row
          // Searched for on: the charge may still come.
          const isUnfinished = isUnfinishedRow(row, rootOf(kept))
          hasRowOfNothing ||= isUnfinished
          if (isUnfinished) return false
          const isOwnRow = inferenceId === undefined || inferenceIds.includes(inferenceId)
          return isOwnRow || !answeredCalls.hasInference(inferenceId)
        },
        answeredBeside: () => answeredCalls.under(clientRequestId),
        found: (usage, inferenceId, model) => {
          if (inferenceId === undefined) rememberAnswered(rootOf(kept), ids)
          else answeredCalls.addInference(inferenceId)
          onRow(rootOf(kept), { usage, inferenceId, model })
        },
        lost: (reason) => {
          const row = { usage: {}, inferenceId: undefined, model: undefined }
          if (hasRowOfNothing) onRow(rootOf(kept), row)
          else if (rootOf(kept).idCount > 0) rootOf(kept).lookup = undefined
          else onLost(rootOf(kept), reason)
        },
      }
      // Set first: `add` may call `found` or `lost` at once.
      generation.lookup = pending
      if (settlement.add(pending)) return true
      generation.lookup = undefined
      return false
    },
    stop(generation: Generation): void {
      if (generation.lookup !== undefined) settlement.remove(generation.lookup)
      generation.lookup = undefined
    },
  }
}

export function logIdsOf(call: FinishedCall, generation: Generation): LogIds {
  const { route, facts, clientRequestId, start, inferenceId } = call
  // The log has ids from bodies only for jobs.
  const isJob = route.phase !== 'sync' || facts.jobStatus === 'pending'
  const ids = isJob
    ? [inferenceId, generation.inferenceId, route.generationId, ...facts.ids]
    : [inferenceId ?? generation.inferenceId]
  const inferenceIds = [...new Set(ids.filter((id) => id !== undefined))]
  return { inferenceIds, clientRequestId, startTimeMs: start.startTimeMs }
}
