/**
 * Counts usage exactly once. Calls over HTTP, polls, items of batches and rows of the log all end here; a realtime
 * session counts its responses itself (realtime-tally.ts). charging.ts decides which
 * figures count, generations.ts for which generation.
 */
import type { BatchItem } from '../api/response.ts'
import type { CallSink, SettlementPort } from '../ports.ts'
import type { CallRecord, MissingReason, Usage, UsageSource } from '../types.ts'
import {
  expectedOf,
  isComplete,
  isCostOpen,
  isRefunded,
  isRowOfNothing,
  hasUnsaidInference,
  mayBeFollowed,
  missingReason,
  weighFigures,
  weighRow,
} from './charging.ts'
import type { FinishedCall } from './finished-call.ts'
import { claimItem, claimUsage, createGeneration, type BatchItems, type Generation } from './generation.ts'
import { highestUsage, isEmpty, sumOf } from './usage-sums.ts'
import { nameRoutedModel, type Generations } from './generations.ts'
import { LogLookup, logIdsOf, type LogIds } from './log-lookup.ts'
import { describeCall, describeLater, type WritableRecord } from './records.ts'

/** What accounting uses. */
export interface AccountingOptions {
  readonly sink: CallSink
  readonly settlement: SettlementPort
  readonly generations: Generations
  /** Emits a record. Never throws. */
  readonly onRecord: (record: CallRecord) => void
}

/** Items remembered per batch: as many as the API accepts in one. */
const MAX_BATCH_ITEMS = 100_000

export class Accounting {
  readonly #sink: CallSink
  readonly #log: LogLookup
  readonly #generations: Generations
  readonly #onRecord: AccountingOptions['onRecord']

  constructor({ sink, settlement, generations, onRecord }: AccountingOptions) {
    this.#sink = sink
    this.#log = new LogLookup(settlement, {
      settled: (...row) => this.#settle(...row),
      lost: (generation, reason) => this.lose(generation, reason),
    })
    this.#generations = generations
    this.#onRecord = onRecord
  }

  /** Counts what is new in a finished call, ends its span and emits its record. */
  record(call: FinishedCall): void {
    const generation = this.#generations.identify(call)
    const link = generation.span
    generation.span ??= call.span.spanContext
    if (generation.expects === 'nothing') generation.expects = expectedOf(call)
    const isAsking = call.isRead || call.route.phase === 'poll'
    const record = describeCall(call, isAsking ? generation.identity : undefined)
    const refunded = isRefunded(call) ? this.#fail(generation) : this.#charge(call, generation, record)
    this.#generations.remember(call, generation)
    call.span.finish(record, call.route.phase === 'poll' ? link : undefined)
    this.#onRecord(record)
    if (refunded === 0) return
    const refund = describeLater('refund', generation)
    refund.refundedCredits = refunded
    this.#onRecord(refund)
  }

  /** Emits a record whose usage the caller has counted. */
  emit(record: CallRecord): void {
    this.#onRecord(record)
  }

  /** Counts one item of a batch's results, under the item's own model, the first time it is seen. */
  countBatchItem(batch: Generation, { customId, model, usage, failed }: BatchItem): void {
    batch.items ??= { ids: new Set(), credits: 0, isPartial: false, unreported: {} }
    const { ids } = batch.items
    if (ids.has(customId) || ids.size >= MAX_BATCH_ITEMS) return
    ids.add(customId)
    if (failed) return
    const identity = { ...batch.identity, operation: 'batch' }
    if (model !== undefined) identity.requestModel = model
    const item = createGeneration(identity, batch.isOwn)
    const counted = this.count(item, claimItem(batch, usage), 'response')
    if (counted !== undefined) batch.items.unreported = sumOf(batch.items.unreported, counted)
  }

  /** Counts the figures of `usage` that were not counted before, and returns them. `undefined`: none. */
  count(generation: Generation, usage: Usage, source: UsageSource): Usage | undefined {
    const claimed = claimUsage(generation, usage)
    if (claimed !== undefined) this.#sink.usage(generation.identity, claimed, source)
    return claimed
  }

  /** Marks the inference as that of a known call: its row in the log settles no other call. */
  take(inferenceId: string): void {
    this.#log.take(inferenceId)
  }

  /** Starts to look up the missing figures in the account's log. Returns false when settlement does not take the call. */
  awaitLog(generation: Generation, ids: LogIds): boolean {
    return this.#log.start(generation, ids)
  }

  /** No more figures will come: counts the provisional ones; what is still unknown then is missing. */
  lose(generation: Generation, reason: MissingReason): void {
    generation.pending = undefined
    if (generation.state !== 'open') return
    const record = describeLater('settlement', generation)
    this.#close(generation, reason, record)
    if (record.usage !== undefined || record.missing !== undefined) this.#onRecord(record)
  }

  #charge(call: FinishedCall, generation: Generation, record: WritableRecord): 0 {
    const { final, provisional } = weighFigures(call)
    if (provisional !== undefined)
      generation.provisional =
        generation.provisional === undefined ? provisional : highestUsage(generation.provisional, provisional)
    const usage = this.count(generation, final, 'response')
    if (usage !== undefined) record.usage = usage
    if (generation.items !== undefined) reportItems(generation.items, call, record)
    const isOpen = isCostOpen(call, generation)
    const logIds = logIdsOf(call, generation)
    const waitsForAnyRow = isOpen && logIds.inferenceIds.length === 0
    if (hasUnsaidInference(call) && !waitsForAnyRow) this.#log.rememberAnswered(generation, logIds)
    if (isOpen && (this.awaitLog(generation, logIds) || mayBeFollowed(call, generation)))
      record.pending = true
    else if (isOpen) this.#close(generation, missingReason(call), record)
    else if (isComplete(generation)) generation.provisional = undefined
    else if (!mayBeFollowed(call, generation)) this.#countProvisional(generation, record)
    if (generation.pending !== undefined && isComplete(generation)) this.release(generation)
    return 0
  }

  #close(generation: Generation, reason: MissingReason, record: WritableRecord): void {
    this.#countProvisional(generation, record)
    if (!isComplete(generation)) {
      record.missing = reason
      this.#sink.missing(generation.identity, reason)
    }
    generation.state = 'closed'
  }

  #countProvisional(generation: Generation, record: WritableRecord): void {
    const { provisional } = generation
    if (provisional === undefined) return
    generation.provisional = undefined
    const counted = this.count(generation, provisional, 'response')
    if (counted === undefined) return
    record.usage = record.usage === undefined ? counted : highestUsage(record.usage, counted)
  }

  #settle(
    generation: Generation,
    usage: Usage,
    inferenceId: string | undefined,
    model: string | undefined,
  ): void {
    generation.pending = undefined
    generation.inferenceId ??= inferenceId
    nameRoutedModel(generation, model)
    const record = describeLater('settlement', generation)
    const counted = this.count(generation, weighRow(usage, generation), 'ledger')
    if (counted !== undefined) {
      record.usage = counted
      this.#sink.settled(generation.identity, counted, generation.inferenceId, generation.span)
    }
    if (!isRowOfNothing(usage)) this.#countProvisional(generation, record)
    generation.provisional = undefined
    generation.isSettled = true
    this.#onRecord(record)
  }

  /** The job failed and is not charged. Returns the credits that were counted before and are refunded now. */
  #fail(generation: Generation): number {
    if (generation.state === 'failed') return 0
    generation.state = 'failed'
    this.release(generation)
    const { credits = 0 } = generation.counted
    if (credits > 0) this.#sink.refunded(generation.identity, credits)
    return credits
  }

  /** Stops looking it up in the log. */
  release(generation: Generation): void {
    this.#log.stop(generation)
  }
}

/** The record of a poll that has read results of a batch has what these used together. */
function reportItems(items: BatchItems, { transportError }: FinishedCall, record: WritableRecord): void {
  const { unreported } = items
  items.unreported = {}
  items.isPartial = transportError !== undefined
  if (!isEmpty(unreported)) record.usage = sumOf(record.usage ?? {}, unreported)
}
