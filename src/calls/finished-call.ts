/** One HTTP attempt, from its first event to its last, as a plain value. */
import type { Route } from '../api/endpoints.ts'
import type { RequestFacts } from '../api/request.ts'
import type { ResponseFacts } from '../api/response.ts'
import type { ActiveCall, CallStart } from '../ports.ts'
import type { Generation } from './generation.ts'

export interface FinishedCall {
  /** Of the model that the request named. */
  readonly route: Route
  /** GET or HEAD: it asks for something, and starts nothing. */
  readonly isRead: boolean
  readonly start: CallStart
  readonly span: ActiveCall
  /** As the path or the body named it. */
  readonly requestModel: string | undefined
  readonly request: RequestFacts
  /** Bytes have left: the API may charge even when no answer comes back. */
  readonly wasSent: boolean
  /** Absent when no response came. */
  readonly status: number | undefined
  /** Why the exchange ended before its end. */
  readonly transportError: string | undefined
  readonly durationMs: number
  readonly timeToFirstChunkMs: number | undefined
  readonly isStream: boolean
  readonly retryCount: number | undefined
  readonly inferenceId: string | undefined
  readonly clientRequestId: string | undefined
  readonly facts: ResponseFacts
  /** Of a create call that was answered, or a batch whose results were read: it was needed before the end. */
  readonly generation: Generation | undefined
}

/** What the API knows the inference by: a job's is the id that its answers name. */
export function inferenceIdOf({ inferenceId, route, facts }: FinishedCall): string | undefined {
  const isJob = route.phase !== 'sync' || facts.jobStatus === 'pending'
  return inferenceId ?? route.generationId ?? (isJob ? facts.ids[0] : undefined)
}

/** Whether the API has taken the request on. */
export function isSuccess(status: number | undefined): boolean {
  return status !== undefined && status >= 200 && status < 300
}
