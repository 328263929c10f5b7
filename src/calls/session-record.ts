/** Builds the record of a realtime session, for `onCall` and its span. */
import { isEmpty } from '../api/usage.ts'
import type { UsageIdentity } from '../ports.ts'
import type { SessionEnding } from '../traffic/websocket.ts'
import type { Usage } from '../types.ts'
import { describeIdentity, type WritableRecord } from './records.ts'

/** A realtime session that has ended. */
export interface FinishedSession {
  readonly identity: UsageIdentity
  /** Milliseconds since the epoch. */
  readonly startTimeMs: number
  readonly durationMs: number
  /** Of the response to the handshake; absent when none came. */
  readonly status: number | undefined
  readonly ending: SessionEnding
  /** The last event of the server was an error. */
  readonly endedInError: boolean
  readonly inferenceId: string | undefined
  readonly clientRequestId: string | undefined
  /** The id that the server gave the session. */
  readonly sessionId: string | undefined
  readonly usage: Usage
}

/** Close codes of a session that ended normally (RFC 6455, section 7.4.1). */
const NORMAL_CODES: ReadonlySet<number> = new Set([1000, 1001, 1005])

/** The record, not pending: whether the cost has to be looked up is decided later. */
export function describeSession(session: FinishedSession): WritableRecord {
  const { status, ending, usage } = session
  const record = describeIdentity('call', session)
  record.startTimeMs = session.startTimeMs
  record.durationMs = session.durationMs
  record.stream = true
  const errorType = classifyError(session)
  if (status !== undefined) record.httpStatus = status
  if (errorType !== undefined) record.errorType = errorType
  if (ending.closeCode !== undefined) record.closeCode = ending.closeCode
  if (session.sessionId !== undefined) record.conversationId = session.sessionId
  if (!isEmpty(usage)) record.usage = usage
  return record
}

function classifyError({ status, ending, endedInError }: FinishedSession): string | undefined {
  const { closeCode, errorType } = ending
  if (status !== undefined && status >= 400) return String(status)
  if (closeCode === undefined) return errorType
  if (!NORMAL_CODES.has(closeCode)) return String(closeCode)
  return endedInError ? '_OTHER' : undefined
}
