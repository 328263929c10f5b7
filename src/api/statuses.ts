/** The status words of jobs; the documented ones first in each row. */
import type { EndpointName } from '../types.ts'

/** The state of a job, whatever word a vendor has for it. */
export type JobStatus = 'pending' | 'succeeded' | 'failed'

const JOB_WORDS: Readonly<Record<JobStatus, readonly string[]>> = {
  // oxfmt-ignore
  pending: [
    'queued', 'waiting', 'active', 'generating', 'processing', 'in_progress',
    'pending', 'running', 'starting', 'submitted', 'preparing', 'requires_action', 'cancelling', 'canceling',
    'queueing', 'in_queue', 'throttled',
  ],
  succeeded: ['completed', 'succeeded', 'success', 'succeed', 'ended', 'done', 'finished', 'incomplete'],
  // oxfmt-ignore
  failed: [
    'error', 'failed', 'cancelled', 'canceled', 'expired',
    'fail', 'failure', 'rejected', 'aborted', 'timeout', 'timed_out',
  ],
}
/** A batch that was cancelled or expired still has results, and is charged for them. */
const BATCH_WORDS: Readonly<Record<JobStatus, readonly string[]>> = {
  pending: JOB_WORDS.pending,
  succeeded: [...JOB_WORDS.succeeded, 'cancelled', 'canceled', 'expired'],
  failed: ['error', 'failed', 'fail', 'failure', 'rejected', 'aborted'],
}
/** A tool that was stopped or ran out of time may have a `cost` nevertheless. */
const TOOL_WORDS: Readonly<Record<JobStatus, readonly string[]>> = {
  ...JOB_WORDS,
  succeeded: [...JOB_WORDS.succeeded, 'stopped', 'timed_out'],
}

const STATUSES = Object.keys(JOB_WORDS) as JobStatus[]
const ownWords: Partial<Record<EndpointName, typeof JOB_WORDS>> = { batch: BATCH_WORDS, tools: TOOL_WORDS }

/** The status that a word means in this family; `undefined` for an unknown word. */
export function readJobStatus(endpoint: EndpointName, word: string): JobStatus | undefined {
  const words = ownWords[endpoint] ?? JOB_WORDS
  return STATUSES.find((status) => words[status].includes(word.toLowerCase()))
}

/** The word of a job that somebody stopped. */
export function isCancelled(word: string): boolean {
  return /^cancell?ed$/i.test(word)
}
