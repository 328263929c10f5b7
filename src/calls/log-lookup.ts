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

/** For one look-up, at most one of the two is called, once; none after `stop`. */
export interface LogListener {
  /** The log has its usage. */
  applyRow(generation: Generation, row: FoundRow): void
  /** The log has no row for it, and will not be read for it again. */
  lose(generation: Generation, reason: MissingReason): void
}

export class LogLookup {
  readonly #settlement: SettlementPort
  readonly #answered: AnsweredCalls
  readonly #listener: LogListener

  constructor(settlement: SettlementPort, answeredCalls: AnsweredCalls, listener: LogListener) {
    this.#settlement = settlement
    this.#answered = answeredCalls
    this.#listener = listener
  }

  /** Starts a look-up, unless there is one already. Returns false when settlement does not take the call. */
  start(generation: Generation, ids: LogIds): boolean {
    const { inferenceIds, clientRequestId } = ids
    if (generation.pending !== undefined) return true
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
        return isOwnRow || !this.#answered.hasInference(inferenceId)
      },
      answeredBeside: () => this.#answered.under(clientRequestId),
      found: (usage, inferenceId, model) => {
        if (inferenceId === undefined) this.rememberAnswered(rootOf(kept), ids)
        else this.#answered.addInference(inferenceId)
        this.#listener.applyRow(rootOf(kept), { usage, inferenceId, model })
      },
      lost: (reason) => {
        const row = { usage: {}, inferenceId: undefined, model: undefined }
        if (hasRowOfNothing) this.#listener.applyRow(rootOf(kept), row)
        else this.#listener.lose(rootOf(kept), reason)
      },
    }
    // Set first: `add` may call `found` or `lost` at once.
    generation.pending = pending
    if (this.#settlement.add(pending)) return true
    generation.pending = undefined
    return false
  }

  stop(generation: Generation): void {
    if (generation.pending !== undefined) this.#settlement.remove(generation.pending)
    generation.pending = undefined
  }

  /** A retry of this call has the same client request id, and must not be given its row. */
  rememberAnswered(generation: Generation, { inferenceIds, clientRequestId, startTimeMs }: LogIds): void {
    if (clientRequestId === undefined) return
    const kept: KeptGeneration = generation
    const credits = (): number | undefined => rootOf(kept).counted.credits
    this.#answered.add(clientRequestId, kept, { ids: inferenceIds, startTimeMs, credits })
  }
}

/** The ids under which the log may have a finished call. */
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
