/** One HTTP attempt, from its first event to its last, as a plain value. */
import type { Route } from '../api/families.ts'
import type { RequestFacts } from '../api/request.ts'
import type { ResponseFacts } from '../api/response-facts.ts'
import type { ActiveCall, CallStart } from '../ports.ts'
import type { KeptGeneration } from './generation.ts'

export const NO_RESPONSE: ResponseFacts = { usage: {}, ids: [], failed: false, certainty: 'final' }

/** One call after its end, as plain values. */
export interface FinishedCall {
  /** Refined by the model that the request named. */
  readonly route: Route
  /** GET or HEAD: it reads something and starts no generation. */
  readonly isRetrieval: boolean
  /** Its model is as the path or the body named it; of a poll, as its create call did. */
  readonly start: CallStart
  readonly span: ActiveCall
  readonly request: RequestFacts
  /** Bytes were sent: the API may charge even when no response comes. */
  readonly wasSent: boolean
  /** Absent when no response came. */
  readonly status: number | undefined
  /** Why the exchange broke off; absent when the body arrived completely. */
  readonly transportError: string | undefined
  readonly durationMs: number
  readonly timeToFirstChunkMs: number | undefined
  readonly isStream: boolean
  readonly retryCount: number | undefined
  readonly inferenceId: string | undefined
  readonly clientRequestId: string | undefined
  readonly facts: ResponseFacts
  /** Present for an accepted create call with an inference id, and for a batch's results: they needed it before the end. */
  readonly generation: KeptGeneration | undefined
}

/** The API's id of the inference: the header's, else, for a job, the one in the path or body. */
export function inferenceIdOf({ inferenceId, route, facts }: FinishedCall): string | undefined {
  const isJob = route.phase !== 'sync' || facts.jobStatus === 'pending'
  return inferenceId ?? route.generationId ?? (isJob ? facts.ids[0] : undefined)
}

/** Whether the API accepted the request: a status from 200 to 299. */
export function isSuccess(status: number | undefined): boolean {
  return status !== undefined && status >= 200 && status < 300
}
