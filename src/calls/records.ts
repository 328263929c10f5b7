/** Builds the records that `onCall` and the spans receive. */
import type { UsageIdentity } from '../ports.ts'
import type { CallRecord } from '../types.ts'
import type { Writable } from '../writable.ts'
import { inferenceIdOf, type FinishedCall } from './finished-call.ts'
import type { Generation } from './generation.ts'

export type WritableRecord = Writable<CallRecord>

/** The record of one HTTP attempt. `asked`: of a poll or read, the labels of the generation, which replace its own. */
export function describeCall(call: FinishedCall, asked: UsageIdentity | undefined): WritableRecord {
  const { route, start, request, facts } = call
  const { account, tags, requestModel = facts.requestedModel } = asked ?? start
  const outputType = request.parameters.outputType ?? route.outputType
  const errorType = classifyError(call)
  const inferenceId = inferenceIdOf(call)
  // Assigned one by one: spreading optional fields takes several times longer.
  const record: WritableRecord = {
    kind: 'call',
    operation: route.operation,
    endpoint: route.endpoint,
    account,
    tags,
    serverAddress: start.serverAddress,
    serverPort: start.serverPort,
    startTimeMs: start.startTimeMs,
    durationMs: call.durationMs,
    stream: call.isStream,
    parameters: outputType === undefined ? request.parameters : { ...request.parameters, outputType },
    pending: false,
  }
  if (requestModel !== undefined) record.requestModel = requestModel
  if (call.timeToFirstChunkMs !== undefined) record.timeToFirstChunkMs = call.timeToFirstChunkMs
  if (call.status !== undefined) record.httpStatus = call.status
  if (errorType !== undefined) record.errorType = errorType
  if (call.retryCount !== undefined) record.retryCount = call.retryCount
  if (inferenceId !== undefined) record.inferenceId = inferenceId
  if (call.clientRequestId !== undefined) record.clientRequestId = call.clientRequestId
  if (facts.responseId !== undefined) record.responseId = facts.responseId
  if (facts.responseModel !== undefined) record.responseModel = facts.responseModel
  if (facts.routedModel !== undefined) record.routedModel = facts.routedModel
  if (facts.provider !== undefined) record.provider = facts.provider
  if (facts.threadId !== undefined) record.conversationId = facts.threadId
  if (facts.finishReasons !== undefined) record.finishReasons = facts.finishReasons
  return record
}

/** A record with labels and ids alone, that begins now: of a settlement or refund, or still to be completed. */
export function describeLabels(
  kind: CallRecord['kind'],
  { identity, inferenceId, clientRequestId }: Pick<Generation, 'identity'> & Partial<Generation>,
): WritableRecord {
  const record: WritableRecord = {
    kind,
    ...identity,
    startTimeMs: Date.now(),
    durationMs: 0,
    stream: false,
    parameters: {},
    pending: false,
  }
  if (inferenceId !== undefined) record.inferenceId = inferenceId
  if (clientRequestId !== undefined) record.clientRequestId = clientRequestId
  return record
}

function classifyError({ status, transportError, facts }: FinishedCall): string | undefined {
  if (status !== undefined && status >= 400) return String(status)
  if (transportError !== undefined) return transportError
  if (facts.jobStatus === 'failed') return 'job_failed'
  return facts.failed ? '_OTHER' : undefined
}
