/**
 * The books: what is counted, what is still expected, what is missing. Works on generations only, so that a
 * call, a poll, a batch and the ledger are all entered by the same rules (README, "Counting rules").
 */
import { OldestKeys } from '../oldest-keys.ts'
import type { CallSink } from '../ports.ts'
import type { MissingReason, Usage, UsageSource } from '../types.ts'
import { claimUsage, type Generation } from './generation.ts'
import type { PendingCall, SettlementPort } from '../ports.ts'

/** How a generation can be found in the account's log. */
export interface GenerationIds {
  readonly inferenceId?: string
  readonly clientRequestId?: string
  /** Milliseconds since the epoch. */
  readonly startTimeMs: number
}

/** Retries follow their first attempt within minutes. */
const MAX_TAKEN_IDS = 10_000

export class Books {
  readonly #sink: CallSink
  readonly #settlement: SettlementPort
  /** Inference ids that belong to a call already, the newest last. */
  readonly #taken = new Set<string>()
  readonly #oldestTaken = new OldestKeys(this.#taken)

  constructor(sink: CallSink, settlement: SettlementPort) {
    this.#sink = sink
    this.#settlement = settlement
  }

  /** Counts what is new in `usage`, and gives it back. */
  count(generation: Generation, usage: Usage, source: UsageSource): Usage | undefined {
    const claimed = claimUsage(generation, usage)
    if (claimed === undefined) return undefined
    this.#sink.usage(generation.identity, claimed, source)
    if (generation.pending !== undefined && generation.credits !== undefined && source === 'response') {
      this.#settlement.remove(generation.pending)
      delete generation.pending
    }
    return claimed
  }

  /** It is known whose inference this is: its row in the log can settle no other call. */
  take(inferenceId: string): void {
    this.#taken.add(inferenceId)
    if (this.#taken.size <= MAX_TAKEN_IDS) return
    const oldest = this.#oldestTaken.take()
    if (oldest !== undefined) this.#taken.delete(oldest)
  }

  /** Has the missing part looked up in the account's log. False when nobody will look. */
  awaitLedger(generation: Generation, ids: GenerationIds): boolean {
    if (generation.pending !== undefined) return true
    const pending: PendingCall = {
      account: generation.identity.account,
      inferenceIds: ids.inferenceId === undefined ? [] : [ids.inferenceId],
      ...(ids.clientRequestId !== undefined && { clientRequestId: ids.clientRequestId }),
      startTimeMs: ids.startTimeMs,
      accepts: ({ inferenceId }) =>
        inferenceId === undefined || inferenceId === ids.inferenceId || !this.#taken.has(inferenceId),
      settled: (usage, inferenceId) => {
        delete generation.pending
        if (inferenceId !== undefined) this.take(inferenceId)
        const counted = this.count(generation, usage, 'ledger')
        if (counted === undefined) return
        this.#sink.settled(generation.identity, counted, ids.inferenceId ?? inferenceId, generation.span)
      },
      lost: (reason) => {
        delete generation.pending
        this.lose(generation, reason)
      },
    }
    // Set first: settlement may evict or answer at once.
    generation.pending = pending
    if (this.#settlement.add(pending)) return true
    delete generation.pending
    return false
  }

  /** Nothing more will come for this generation. */
  lose(generation: Generation, reason: MissingReason): void {
    if (generation.lost || generation.failed) return
    generation.lost = true
    this.#sink.missing(generation.identity, reason)
  }

  /** The generation failed: it is not charged. Takes back what was counted; gives the credits taken back. */
  fail(generation: Generation): number {
    if (generation.failed) return 0
    generation.failed = true
    if (generation.pending !== undefined) {
      this.#settlement.remove(generation.pending)
      delete generation.pending
    }
    const credits = generation.credits ?? 0
    if (credits > 0) this.#sink.refunded(generation.identity, credits)
    return credits
  }
}
