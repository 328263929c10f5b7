/** The status words of jobs; the documented ones first in each row. */
import type { EndpointName } from '../types.ts'

export type JobStatus = 'pending' | 'succeeded' | 'failed'

const JOB_WORDS: Readonly<Record<JobStatus, readonly string[]>> = {
  // oxfmt-ignore
  pending: [
    'queued', 'waiting', 'active', 'generating', 'processing', 'in_progress',
    'pending', 'running', 'starting', 'submitted', 'preparing', 'requires_action', 'cancelling', 'canceling',
  ],
  succeeded: ['completed', 'succeeded', 'success', 'ended', 'done', 'finished', 'incomplete'],
  failed: ['error', 'failed', 'cancelled', 'canceled', 'expired'],
}
/** A batch that was cancelled or expired still has results, and is charged for them. */
const BATCH_WORDS: Readonly<Record<JobStatus, readonly string[]>> = {
  pending: JOB_WORDS.pending,
  succeeded: [...JOB_WORDS.succeeded, 'cancelled', 'canceled', 'expired'],
  failed: ['error', 'failed'],
}
/** A tool that was stopped or ran out of time may have a `cost` nevertheless. */
const TOOL_WORDS: Readonly<Record<JobStatus, readonly string[]>> = {
  ...JOB_WORDS,
  succeeded: [...JOB_WORDS.succeeded, 'stopped', 'timed_out'],
}

const jobStatuses = invert(JOB_WORDS)
const ownStatuses: ReadonlyMap<EndpointName, ReadonlyMap<string, JobStatus>> = new Map([
  ['batch', invert(BATCH_WORDS)],
  ['tools', invert(TOOL_WORDS)],
])

/** The status that a word means in this family; `undefined` for an unknown word. */
export function readJobStatus(endpoint: EndpointName, word: string): JobStatus | undefined {
  return (ownStatuses.get(endpoint) ?? jobStatuses).get(word.toLowerCase())
}

/** The word of a job that somebody stopped. */
export function isCancelled(word: string): boolean {
  return /^cancell?ed$/i.test(word)
}

function invert(words: Readonly<Record<JobStatus, readonly string[]>>): ReadonlyMap<string, JobStatus> {
  return new Map(
    Object.entries(words).flatMap(([status, row]) => row.map((word) => [word, status as JobStatus] as const)),
  )
}
