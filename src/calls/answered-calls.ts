/**
 * Which rows of the log belong to calls that are known already: these rows settle no other call. Kept for as long as calls
 * are looked up, and in bounded number.
 */
import type { AnsweredCall } from '../ports.ts'
import { RecentIds } from './recent-ids.ts'

/** Of inference ids, and of client request ids; at least half as many are kept. */
const MAX_IDS = 20_000
/** A call is looked up in the log for as long (account/settlement.ts). */
const MAX_AGE_MS = 24 * 60 * 60_000
/** Calls per client request id: clients retry a few times. */
const MAX_CALLS_PER_ID = 32

const NONE: readonly AnsweredCall[] = []

/** Calls that were answered and have a row in the log, by their client request id. */
export class AnsweredCalls {
  readonly #inferenceIds = new RecentIds<true>(MAX_IDS, MAX_AGE_MS)
  /** Calls whose inference id no answer has said, by their client request id. */
  readonly #byClientRequestId = new RecentIds<AnsweredCall[]>(MAX_IDS, MAX_AGE_MS)
  readonly #generations = new WeakSet()

  /** Marks the inference as that of a known call. */
  addInference(inferenceId: string): void {
    this.#inferenceIds.set(inferenceId, true)
  }

  hasInference(inferenceId: string): boolean {
    return this.#inferenceIds.get(inferenceId) === true
  }

  /** Keeps an answered call: the log has a row for it under this client request id, one per generation. */
  add(clientRequestId: string, generation: object, call: AnsweredCall): void {
    if (this.#generations.has(generation)) return
    this.#generations.add(generation)
    const calls = this.#byClientRequestId.get(clientRequestId)
    if (calls === undefined) this.#byClientRequestId.set(clientRequestId, [call])
    else if (calls.length < MAX_CALLS_PER_ID) calls.push(call)
  }

  /** Without those whose row the log has shown under an id of their own. */
  under(clientRequestId: string | undefined): readonly AnsweredCall[] {
    const calls = clientRequestId === undefined ? undefined : this.#byClientRequestId.get(clientRequestId)
    return calls?.filter(({ ids }) => !ids.some((id) => this.hasInference(id))) ?? NONE
  }

  /** Forgets ids that are too old. */
  expire(nowMs: number): void {
    this.#inferenceIds.expire(nowMs)
    this.#byClientRequestId.expire(nowMs)
  }
}
