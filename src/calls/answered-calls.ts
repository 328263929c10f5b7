/** Which rows of the log belong to calls that are known already: these rows settle no other call. */
import { OldestKeys } from '../oldest-keys.ts'
import type { AnsweredCall } from '../ports.ts'

/** Of inference ids, and of client request ids. Retries follow the first attempt within minutes. */
const MAX_IDS = 10_000
/** Calls per client request id: clients retry a few times. */
const MAX_CALLS_PER_ID = 32

const NONE: readonly AnsweredCall[] = []

export class AnsweredCalls {
  /** The newest last. */
  readonly #inferenceIds = new Set<string>()
  readonly #oldestInferenceIds = new OldestKeys(this.#inferenceIds)
  /** Calls whose inference id no answer has said, by their client request id. The newest last. */
  readonly #byClientRequestId = new Map<string, AnsweredCall[]>()
  readonly #generations = new WeakSet()
  readonly #oldestClientRequestIds = new OldestKeys(this.#byClientRequestId)

  /** Marks the inference as that of a known call. */
  addInference(inferenceId: string): void {
    this.#inferenceIds.add(inferenceId)
    if (this.#inferenceIds.size <= MAX_IDS) return
    const oldest = this.#oldestInferenceIds.take()
    if (oldest !== undefined) this.#inferenceIds.delete(oldest)
  }

  hasInference(inferenceId: string): boolean {
    return this.#inferenceIds.has(inferenceId)
  }

  /** Keeps an answered call: the log has a row for it under this client request id, one per generation. */
  add(clientRequestId: string, generation: object, call: AnsweredCall): void {
    if (this.#generations.has(generation)) return
    this.#generations.add(generation)
    const calls = this.#byClientRequestId.get(clientRequestId)
    if (calls !== undefined) {
      if (calls.length < MAX_CALLS_PER_ID) calls.push(call)
      return
    }
    this.#byClientRequestId.set(clientRequestId, [call])
    if (this.#byClientRequestId.size <= MAX_IDS) return
    const oldest = this.#oldestClientRequestIds.take()
    if (oldest !== undefined) this.#byClientRequestId.delete(oldest)
  }

  /** Without those whose row the log has shown under an id of their own. */
  under(clientRequestId: string | undefined): readonly AnsweredCall[] {
    const calls = clientRequestId === undefined ? undefined : this.#byClientRequestId.get(clientRequestId)
    return calls?.filter(({ ids }) => !ids.some((id) => this.#inferenceIds.has(id))) ?? NONE
  }
}
