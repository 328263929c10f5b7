/** How a finished call is entered into the books, and the record of it. */
import type { BatchItem, ResponseFacts } from '../api/response.ts'
import type { CallRecord, EndpointName, MissingReason } from '../types.ts'
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

/** Families whose every answer has tokens: one that could not be read is looked up even when its cost is known. */
const TOKEN_BILLED: ReadonlySet<EndpointName> = new Set(['chat', 'responses', 'messages', 'embeddings'])
/** Batch items remembered per batch: as many as the API takes in one. */
const MAX_BATCH_ITEMS = 100_000
const EMPTY_FACTS: ResponseFacts = { usage: {} }

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

  close(call: Call, facts: ResponseFacts = EMPTY_FACTS, durationMs: number, transportError?: string): void {
    this.#rememberIds(call, facts)
    const record = describeCall(
      call,
      facts,
      durationMs,
      transportError,
      this.#settle(call, facts, transportError),
    )
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
    for (const id of [generationId, facts.generationId]) {
      if (id !== undefined) this.#remember(id, call.generation)
    }
  }

  #settle(call: Call, facts: ResponseFacts, transportError: string | undefined): Outcome {
    const { generation, route } = call
    if (facts.responseModel !== undefined && route.phase !== 'poll') {
      generation.identity = { ...generation.identity, responseModel: facts.responseModel }
    }
    if (facts.jobStatus === 'failed') {
      const refundedCredits = this.#books.fail(generation)
      return { pending: false, ...(refundedCredits > 0 && { refundedCredits }) }
    }
    const usage = this.#books.count(generation, facts.usage, 'response')
    const counted = usage === undefined ? undefined : { usage }
    if (!isAnythingUnknown(call, facts, transportError)) return { pending: false, ...counted }

    const { inferenceId = facts.generationId ?? route.generationId, clientRequestId } = call
    const isPending = this.#books.awaitLedger(generation, {
      startTimeMs: call.start.startTimeMs,
      ...(inferenceId !== undefined && { inferenceId }),
      ...(clientRequestId !== undefined && { clientRequestId }),
    })
    if (isPending || !isFinal(call, facts, transportError)) return { pending: true, ...counted }
    const missing = missingReason(facts, transportError)
    this.#books.lose(generation, missing)
    return { pending: false, missing, ...counted }
  }
}

/** Whether the API may have charged for something that no response has said yet. */
function isAnythingUnknown(call: Call, facts: ResponseFacts, transportError: string | undefined): boolean {
  const { generation, route, status } = call
  if (!generation.createdHere || generation.lost || generation.failed) return false
  if (!mayBeCharged(call)) return false
  if (generation.credits === undefined) return true
  const isUnread = transportError !== undefined || facts.problem !== undefined
  return isUnread && isSuccess(status) && TOKEN_BILLED.has(route.endpoint) && !generation.tokensCounted
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
function isFinal(call: Call, facts: ResponseFacts, transportError: string | undefined): boolean {
  if (call.route.phase === 'create') return transportError !== undefined
  if (call.route.phase === 'poll')
    return facts.jobStatus === 'succeeded' || call.generation.items !== undefined
  return true
}

function missingReason(facts: ResponseFacts, transportError: string | undefined): MissingReason {
  if (transportError !== undefined) return 'aborted'
  return facts.problem ?? 'absent'
}

function describeCall(
  call: Call,
  facts: ResponseFacts,
  durationMs: number,
  transportError: string | undefined,
  outcome: Outcome,
): CallRecord {
  const { start, request, status, retryCount, clientRequestId, timeToFirstChunkMs } = call
  const errorType = classifyError(status, transportError, facts)
  const inferenceId = call.inferenceId ?? call.route.generationId
  const outputType = request.parameters.outputType ?? call.route.outputType
  return {
    ...call.identity,
    serverAddress: start.serverAddress,
    serverPort: start.serverPort,
    startTimeMs: start.startTimeMs,
    durationMs,
    stream: call.isStreaming,
    parameters: outputType === undefined ? request.parameters : { ...request.parameters, outputType },
    ...(timeToFirstChunkMs !== undefined && { timeToFirstChunkMs }),
    ...(status !== undefined && { httpStatus: status }),
    ...(errorType !== undefined && { errorType }),
    ...(retryCount !== undefined && { retryCount }),
    ...(inferenceId !== undefined && { inferenceId }),
    ...(clientRequestId !== undefined && { clientRequestId }),
    ...(facts.responseId !== undefined && { responseId: facts.responseId }),
    ...(facts.responseModel !== undefined && { responseModel: facts.responseModel }),
    ...(facts.finishReasons !== undefined && { finishReasons: facts.finishReasons }),
    ...outcome,
  }
}

function classifyError(
  status: number | undefined,
  transportError: string | undefined,
  facts: ResponseFacts,
): string | undefined {
  if (status !== undefined && status >= 400) return String(status)
  if (transportError !== undefined) return transportError
  if (facts.jobStatus === 'failed') return 'job_failed'
  return facts.streamFailed === true ? '_OTHER' : undefined
}

function isSuccess(status: number | undefined): boolean {
  return status !== undefined && status >= 200 && status < 300
}
