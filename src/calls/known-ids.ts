/** The generations that later responses may still name, by all of their ids. Bounded by count and age. */
import { createOldestKeys } from '../oldest-keys.ts'
import type { UsageIdentity } from '../ports.ts'
import type { MissingReason } from '../types.ts'
import { createClosedGeneration, rootOf, type Generation, type KeptGeneration } from './generation.ts'
import { RecentIds } from './recent-ids.ts'
import { monotonicMs } from './turn-clock.ts'

/** Called with an open job that is evicted or expires while settlement does not look it up, whatever is known of it. */
export interface JobListener {
  lose(generation: Generation, reason: MissingReason): void
}

export const DEFAULT_MAX_IDS = 20_000
export const DEFAULT_MAX_IDLE_MS = 24 * 60 * 60 * 1000

/** Ids of one generation. Polls that each bring a new one must not push out other jobs. */
const MAX_IDS_OF_ONE = 64

interface Entry {
  readonly generation: KeptGeneration
  touchedMs: number
}

/** What is kept of a call that is no job: the labels are enough once every figure was counted. */
type Answered = KeptGeneration | UsageIdentity

export class KnownIds {
  /** Jobs, the longest without a look-up first. Kept apart from other calls, which are many more. */
  readonly #jobs = new Map<string, Entry>()
  readonly #oldest = createOldestKeys(this.#jobs)
  /** Calls that are no jobs, by inference id and by the ids of their bodies. Settlement keeps the pending ones. */
  readonly #inferences: RecentIds<Answered>
  readonly #bodies: RecentIds<Answered>
  readonly #maxIds: number
  readonly #maxIdleMs: number
  readonly #listener: JobListener

  /** @param maxIdleMs without a look-up: the API deletes results of jobs and batches by then. */
  constructor(listener: JobListener, maxIds = DEFAULT_MAX_IDS, maxIdleMs = DEFAULT_MAX_IDLE_MS) {
    this.#listener = listener
    this.#maxIds = maxIds
    this.#maxIdleMs = maxIdleMs
    this.#inferences = new RecentIds(maxIds / 2, maxIdleMs)
    this.#bodies = new RecentIds(maxIds / 2, maxIdleMs)
  }

  /** Finds a generation by an id of any kind. */
  find(id: string): Generation | undefined {
    return this.findInference(id) ?? generationOf(this.#bodies.get(id))
  }

  /** Finds a job by any id, another call by its inference id. */
  findInference(id: string): Generation | undefined {
    return this.findJob(id) ?? generationOf(this.#inferences.get(id))
  }

  /** Finds a job, and makes it the last to be forgotten. */
  findJob(id: string): Generation | undefined {
    const entry = this.#jobs.get(id)
    if (entry === undefined) return undefined
    entry.touchedMs = monotonicMs()
    this.#jobs.delete(id)
    this.#jobs.set(id, entry)
    return rootOf(entry.generation)
  }

  /** Keeps the job under `id`; an id that is known already keeps its generation. */
  rememberJob(id: string, generation: Generation): void {
    if (this.#jobs.has(id) || generation.idCount >= MAX_IDS_OF_ONE) return
    generation.idCount++
    this.#jobs.set(id, { generation, touchedMs: monotonicMs() })
    if (this.#jobs.size > this.#maxIds) this.#forgetOldest('evicted')
  }

  /** Keeps a call that is no job under its inference id and the ids of its body. */
  rememberAnswer(inferenceId: string | undefined, bodyIds: readonly string[], answered: Answered): void {
    if (inferenceId !== undefined) this.#inferences.set(inferenceId, answered)
    for (const id of bodyIds) if (id !== inferenceId) this.#bodies.set(id, answered)
  }

  expire(nowMs: number): void {
    this.#inferences.expire(nowMs)
    this.#bodies.expire(nowMs)
    for (const entry of this.#jobs.values()) {
      if (nowMs - entry.touchedMs < this.#maxIdleMs) return
      this.#forgetOldest('expired')
    }
  }

  /** Forgets everything; unfinished jobs are lost as `expired`. */
  clear(): void {
    this.#inferences.clear()
    this.#bodies.clear()
    while (this.#jobs.size > 0) this.#forgetOldest('expired')
  }

  #forgetOldest(reason: MissingReason): void {
    const id = this.#oldest.next()
    const entry = id === undefined ? undefined : this.#jobs.get(id)
    if (id === undefined || entry === undefined) return
    this.#jobs.delete(id)
    const generation = rootOf(entry.generation)
    generation.idCount--
    // As long as one id leads to it, a poll may still say what it cost.
    if (generation.idCount > 0) return
    if (generation.isOwn && generation.pending === undefined) this.#listener.lose(generation, reason)
  }
}

function generationOf(answered: Answered | undefined): Generation | undefined {
  if (answered === undefined) return undefined
  return 'joined' in answered ? rootOf(answered) : createClosedGeneration(answered)
}
