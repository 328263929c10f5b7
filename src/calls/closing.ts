/** How a finished call is entered into the books, and the record of it. */
import type { BatchItem, ResponseFacts } from '../api/response.ts'
import type { CallRecord, MissingReason } from '../types.ts'
import type { Books } from './books.ts'
import type { Call } from './call.ts'
import { createGeneration, type Generation } from './generation.ts'

export interface ClosingOptions {
  readonly books: Books
  /** Makes the generation known to later polls. */
  readonly remember: (id: string, generation: Generation) => void
  /** After each call; never throws. */
  readonly onRecord: (record: CallRecord) => void
}

/** Batch items remembered per batch: as many as the API takes in one. */
const MAX_BATCH_ITEMS = 100_000
const EMPTY_FACTS: ResponseFacts = { usage: {}, ids: [], failed: false, figures: 'final' }

type Outcome = Pick<CallRecord, 'pending'> &
  Partial<Pick<CallRecord, 'usage' | 'missing' | 'refundedCredits'>>

export class Closing {
  readonly #books: Books
  readonly #remember: ClosingOptions['remember']
  readonly #onRecord: ClosingOptions['onRecord']

  constructor(options: ClosingOptions) {
    this.#books = options.books
    this.#remember = options.remember
    this.#onRecord = options.onRecord
  }

  close(call: Call, facts: ResponseFacts = EMPTY_FACTS): void {
    this.#rememberIds(call, facts)
    const record = describeCall(call, facts, this.#settle(call, facts))
    const linkTo = call.route.phase === 'poll' ? call.generation.span : undefined
    call.active.finish(record, linkTo)
    this.#onRecord(record)
  }

  /** Counts one item of a batch's results, under the item's own model, the first time it is seen. */
  countBatchItem(batch: Generation, item: BatchItem): void {
    batch.items ??= new Set()
    if (batch.items.has(item.customId) || batch.items.size >= MAX_BATCH_ITEMS) return
    batch.items.add(item.customId)
    if (item.failed) return
    const model = item.model ?? batch.identity.requestModel
    const identity = {
      ...batch.identity,
      operation: 'batch',
      ...(model !== undefined && { requestModel: model }),
    }
    const counted = this.#books.count(createGeneration(identity, batch.span, true), item.usage, 'response')
    if (counted?.credits !== undefined) batch.credits = (batch.credits ?? 0) + counted.credits
  }

  #rememberIds(call: Call, facts: ResponseFacts): void {
    const { phase, generationId } = call.route
    if (phase === 'sync' || !isSuccess(call.status)) return
    if (generationId !== undefined) this.#remember(generationId, call.generation)
    for (const id of facts.ids) this.#remember(id, call.generation)
  }

  #settle(call: Call, facts: ResponseFacts): Outcome {
    const { generation, route, transportError } = call
    const { responseModel, routedModel, requestedModel } = facts
    if (route.phase !== 'poll') {
      if (responseModel !== undefined) generation.identity = { ...generation.identity, responseModel }
      if (routedModel !== undefined) generation.identity = { ...generation.identity, routedModel }
    }
    if (generation.identity.requestModel === undefined && requestedModel !== undefined)
      generation.identity = { ...generation.identity, requestModel: requestedModel }
    if (facts.jobStatus === 'failed') {
      const refundedCredits = this.#books.fail(generation)
      return { pending: false, ...(refundedCredits > 0 && { refundedCredits }) }
    }
    const usage = this.#books.count(generation, facts.usage, 'response')
    const counted = usage === undefined ? undefined : { usage }
    if (!isAnythingUnknown(call, facts)) return { pending: false, ...counted }

    const { inferenceId = facts.generationId ?? route.generationId, clientRequestId } = call
    const isPending = this.#books.awaitLedger(generation, {
      startTimeMs: call.startTimeMs,
      ...(inferenceId !== undefined && { inferenceId }),
      ...(clientRequestId !== undefined && { clientRequestId }),
    })
    if (isPending || !isFinal(call, facts)) return { pending: true, ...counted }
    const missing = missingReason(facts, transportError)
    this.#books.lose(generation, missing)
    return { pending: false, missing, ...counted }
  }
}

/** Whether the API may have charged for something that no response has said yet. */
function isAnythingUnknown(call: Call, facts: ResponseFacts): boolean {
  const { generation, route, status, transportError } = call
  if (!generation.createdHere || generation.lost || generation.failed) return false
  if (!mayBeCharged(call)) return false
  if (generation.credits === undefined) return true
  const isUnread = transportError !== undefined || facts.problem !== undefined
  return isUnread && isSuccess(status) && route.billedBy === 'tokens' && !generation.tokensCounted
}

function mayBeCharged({ route, status, wasSent, inferenceId }: Call): boolean {
  if (route.billing === 'none') return false
  // No answer at all: only what always costs, or starts something that does its work without us, is worth the alarm.
  if (status === undefined)
    return wasSent && route.phase !== 'poll' && (route.billing === 'always' || route.phase === 'create')
  if (!isSuccess(status)) return false
  return route.billing === 'always' || inferenceId !== undefined
}

/** Whether no later response can bring the cost: a job's create call may still be followed by polls. */
function isFinal(call: Call, facts: ResponseFacts): boolean {
  if (call.route.phase === 'create') return call.transportError !== undefined
  if (call.route.phase === 'poll')
    return facts.jobStatus === 'succeeded' || call.generation.items !== undefined
  return true
}

function missingReason(facts: ResponseFacts, transportError: string | undefined): MissingReason {
  if (transportError !== undefined) return 'aborted'
  return facts.problem ?? 'absent'
}

type WritableRecord = { -readonly [name in keyof CallRecord]: CallRecord[name] }

/** The record of this very HTTP attempt: a poll's own operation, the generation's model, account and tags. */
function describeCall(call: Call, facts: ResponseFacts, outcome: Outcome): CallRecord {
  const { route, status, request, retryCount, clientRequestId, timeToFirstChunkMs } = call
  const { account, tags, requestModel } = call.generation.identity
  const { serverAddress, serverPort } = call.start
  const { responseId, responseModel, routedModel, provider, threadId, finishReasons } = facts
  const errorType = classifyError(status, call.transportError, facts)
  const inferenceId = call.inferenceId ?? route.generationId
  const outputType = request.parameters.outputType ?? route.outputType
  // Assigned one by one: spreading what may be absent takes several times longer.
  const record: WritableRecord = {
    kind: 'call',
    operation: route.operation,
    endpoint: route.endpoint,
    account,
    tags,
    serverAddress,
    serverPort,
    startTimeMs: call.startTimeMs,
    durationMs: call.durationMs,
    stream: call.isStreaming,
    parameters: outputType === undefined ? request.parameters : { ...request.parameters, outputType },
    pending: outcome.pending,
  }
  if (requestModel !== undefined) record.requestModel = requestModel
  if (timeToFirstChunkMs !== undefined) record.timeToFirstChunkMs = timeToFirstChunkMs
  if (status !== undefined) record.httpStatus = status
  if (errorType !== undefined) record.errorType = errorType
  if (retryCount !== undefined) record.retryCount = retryCount
  if (inferenceId !== undefined) record.inferenceId = inferenceId
  if (clientRequestId !== undefined) record.clientRequestId = clientRequestId
  if (responseId !== undefined) record.responseId = responseId
  if (responseModel !== undefined) record.responseModel = responseModel
  if (routedModel !== undefined) record.routedModel = routedModel
  if (provider !== undefined) record.provider = provider
  if (threadId !== undefined) record.conversationId = threadId
  if (finishReasons !== undefined) record.finishReasons = finishReasons
  if (outcome.usage !== undefined) record.usage = outcome.usage
  if (outcome.missing !== undefined) record.missing = outcome.missing
  if (outcome.refundedCredits !== undefined) record.refundedCredits = outcome.refundedCredits
  return record
}

function classifyError(
  status: number | undefined,
  transportError: string | undefined,
  facts: ResponseFacts,
): string | undefined {
  if (status !== undefined && status >= 400) return String(status)
  if (transportError !== undefined) return transportError
  if (facts.jobStatus === 'failed') return 'job_failed'
  return facts.failed ? '_OTHER' : undefined
}

function isSuccess(status: number | undefined): boolean {
  return status !== undefined && status >= 200 && status < 300
}
