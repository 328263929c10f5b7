/** The generations that later responses may still name, by all of their ids. Bounded by count and age. */
import { createOldestKeys } from '../oldest-keys.ts'
import type { UsageIdentity } from '../ports.ts'
import type { MissingReason } from '../types.ts'
import { createCountedGeneration, rootOf, type Generation, type KeptGeneration } from './generation.ts'
import { RecentIds } from './recent-ids.ts'
import { monotonicMs } from './turn-clock.ts'

export const DEFAULT_MAX_IDS = 20_000
export const DEFAULT_MAX_IDLE_MS = 24 * 60 * 60 * 1000

/** Ids of one generation. Polls that each bring a new one must not push out other jobs. */
const MAX_IDS_OF_ONE = 64

/** What is kept of a call that is no job: the labels are enough once every figure was counted. */
type Answered = KeptGeneration | UsageIdentity

/** The generations that later responses may still name. */
export type KnownIds = ReturnType<typeof createKnownIds>

/**
 * @param onLost called with a job that is evicted or expires while settlement does not look it up.
 * @param maxIdleMs without a look-up: the API deletes results of jobs and batches by then.
 */
export function createKnownIds(
  onLost: (generation: Generation, reason: MissingReason) => void,
  maxIds = DEFAULT_MAX_IDS,
  maxIdleMs = DEFAULT_MAX_IDLE_MS,
) {
  /** Jobs, the longest without a look-up first. Kept apart from other calls, which are many more. */
  const jobs = new Map<string, { readonly generation: KeptGeneration; touchedMs: number }>()
  const oldest = createOldestKeys(jobs)
  /** Calls that are no jobs, by inference id and by the ids of their bodies. Settlement keeps the pending ones. */
  const inferences = new RecentIds<Answered>(maxIds / 2, maxIdleMs)
  const bodies = new RecentIds<Answered>(maxIds / 2, maxIdleMs)

  /** Finds a job, and makes it the last to be forgotten. */
  function findJob(id: string): Generation | undefined {
    const entry = jobs.get(id)
    if (entry === undefined) return undefined
    entry.touchedMs = monotonicMs()
    jobs.delete(id)
    jobs.set(id, entry)
    return rootOf(entry.generation)
  }

  /** Finds a job by any id, another call by its inference id. */
  function findInference(id: string): Generation | undefined {
    return findJob(id) ?? generationOf(inferences.get(id))
  }

  function forgetOldest(reason: MissingReason): void {
    const id = oldest.next()
    const entry = id === undefined ? undefined : jobs.get(id)
    if (id === undefined || entry === undefined) return
    jobs.delete(id)
    const generation = rootOf(entry.generation)
    generation.idCount--
    // As long as one id leads to it, a poll may still say what it cost.
    if (generation.idCount > 0) return
    if (generation.isOwn && generation.lookup === undefined) onLost(generation, reason)
  }

  return {
    findJob,
    findInference,
    /** Finds a generation by an id of any kind. */
    find: (id: string): Generation | undefined => findInference(id) ?? generationOf(bodies.get(id)),
    /** Keeps the job under `id`; an id that is known already keeps its generation. */
    rememberJob(id: string, generation: Generation): void {
      if (jobs.has(id) || generation.idCount >= MAX_IDS_OF_ONE) return
      generation.idCount++
      jobs.set(id, { generation, touchedMs: monotonicMs() })
      if (jobs.size > maxIds) forgetOldest('evicted')
    },
    /** Keeps a call that is no job under its inference id and the ids of its body. */
    rememberAnswer(inferenceId: string | undefined, bodyIds: readonly string[], answered: Answered): void {
      if (inferenceId !== undefined) inferences.set(inferenceId, answered)
      for (const id of bodyIds) if (id !== inferenceId) bodies.set(id, answered)
    },
    expire(nowMs: number): void {
      inferences.expire(nowMs)
      bodies.expire(nowMs)
      for (const entry of jobs.values()) {
        if (nowMs - entry.touchedMs < maxIdleMs) return
        forgetOldest('expired')
      }
    },
    /** Forgets everything; unfinished jobs are lost as `expired`. */
    clear(): void {
      inferences.clear()
      bodies.clear()
      while (jobs.size > 0) forgetOldest('expired')
    },
  }
}

function generationOf(answered: Answered | undefined): Generation | undefined {
  if (answered === undefined) return undefined
  return 'joined' in answered ? rootOf(answered) : createCountedGeneration(answered)
}
