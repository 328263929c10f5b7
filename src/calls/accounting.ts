/** Counts the usage of calls exactly once: charging.ts decides which figures count, generations.ts for which generation. */
import type { BatchItem } from '../api/body-facts.ts'
import type { CallSink, SettlementPort } from '../ports.ts'
import type { CallRecord, MissingReason, Usage, UsageSource } from '../types.ts'
import {
  areFiguresOpen,
  areResultsPartial,
  countedOfRow,
  expectedOf,
  hasUnknownInferenceId,
  isComplete,
  isRowOfNothing,
  mayBeFollowed,
  missingReason,
  splitFigures,
} from './charging.ts'
import { AnsweredCalls } from './answered-calls.ts'
import { KeptResults, reportResults, takeItem } from './batch-results.ts'
import type { FinishedCall } from './finished-call.ts'
import {
  claimItem,
  claimUsage,
  createGeneration,
  joinedCredits,
  rootOf,
  type Generation,
  type KeptGeneration,
} from './generation.ts'
import { highestUsage, sumOf } from './usage-sums.ts'
import { Generations, nameRoutedModel } from './generations.ts'
import { createKnownIds, type KnownIds } from './known-ids.ts'
import { createLogLookup, logIdsOf, type LogLookup, type FoundRow } from './log-lookup.ts'
import { describeCall, describeLabels, type WritableRecord } from './records.ts'

/** Counts calls. When settlement gives up a look-up, `createLogLookup` calls `lose`. */
export class Accounting {
  readonly answeredCalls = new AnsweredCalls()
  readonly generations: Generations
  readonly logLookup: LogLookup
  readonly #knownIds: KnownIds
  readonly #sink: CallSink
  readonly #onRecord: (record: CallRecord) => void
  readonly #keptResults = new KeptResults()

  constructor(sink: CallSink, settlement: SettlementPort, onRecord: (record: CallRecord) => void) {
    this.#knownIds = createKnownIds(this.lose)
    this.generations = new Generations(this.#knownIds, this)
    this.logLookup = createLogLookup(settlement, this.answeredCalls, this.#applyRow, this.lose)
    this.#sink = sink
    this.#onRecord = onRecord
  }

  expire(nowMs: number): void {
    this.#knownIds.expire(nowMs)
    this.answeredCalls.expire(nowMs)
  }

  /** Forgets every generation; unfinished jobs are lost. */
  clear(): void {
    this.#knownIds.clear()
  }

  /** Counts what is new in a finished call, ends its span and emits its record. */
  record(call: FinishedCall): void {
    const generation = this.generations.identify(call)
    const link = generation.span
    generation.span ??= call.span.spanContext
    if (generation.expects === 'no tokens') generation.expects = expectedOf(call)
    const isAsking = call.isRetrieval || call.route.phase === 'poll'
    const record = describeCall(call, isAsking ? generation.identity : undefined)
    // A failed job is not charged: the credits counted for it are refunded.
    const hasFailed = call.facts.jobStatus === 'failed'
    if (!hasFailed) this.#charge(call, generation, record)
    this.generations.remember(call, generation)
    call.span.finish(record, call.route.phase === 'poll' ? link : undefined)
    this.#onRecord(record)
    if (hasFailed) this.#fail(generation)
  }

  /** Counts one item of a batch's results, under the item's own model, the first time it is seen. */
  countBatchItem(kept: KeptGeneration, { customId, model, usage, failed }: BatchItem): void {
    const batch = rootOf(kept)
    batch.results ??= this.#keptResults.begin()
    if (!takeItem(batch.results, customId, failed ? 0 : (usage.credits ?? 0)) || failed) return
    const identity = { ...batch.identity, operation: 'batch' }
    if (model !== undefined) identity.requestModel = model
    const item = createGeneration(identity, batch.isOwn)
    const counted = this.count(item, claimItem(batch, usage), 'response')
    if (counted !== undefined) batch.results.unreported = sumOf(batch.results.unreported, counted)
  }

  /** Counts the figures of `usage` that were not counted before, and returns them. `undefined`: none. */
  count(generation: Generation, usage: Usage, source: UsageSource): Usage | undefined {
    const claimed = claimUsage(generation, usage)
    if (claimed !== undefined) this.#sink.usage(generation.identity, claimed, source)
    return claimed
  }

  /** The log has a row for the generation: counts what responses had not said. */
  readonly #applyRow = (found: Generation, { usage, inferenceId, model }: FoundRow): void => {
    found.lookup = undefined
    const generation = this.generations.identifyRow(found, inferenceId)
    this.logLookup.stop(generation)
    nameRoutedModel(generation, model)
    const record = describeLabels('settlement', generation)
    const counted = this.count(generation, countedOfRow(usage, generation), 'ledger')
    if (counted !== undefined) {
      record.usage = counted
      this.#sink.settled(generation.identity, counted, generation.inferenceId, generation.span)
    }
    if (!isRowOfNothing(usage)) this.#countProvisional(generation, record)
    generation.provisional = undefined
    generation.isSettled = true
    this.#onRecord(record)
  }

  /** No more figures will come: counts the provisional ones; what is still unknown then is missing. */
  readonly lose = (generation: Generation, reason: MissingReason): void => {
    generation.lookup = undefined
    if (generation.state !== 'open') return
    const record = describeLabels('settlement', generation)
    this.#close(generation, reason, record)
    if (record.usage !== undefined || record.missing !== undefined) this.#onRecord(record)
  }

  /**
   * `from` has proved to be the same generation as `into`, and is about to be merged into it. Counters cannot go down:
   * what both counted is refunded. Two rows of the log are two charges.
   */
  unite(into: Generation, from: Generation): void {
    if (into.lookup !== undefined) this.logLookup.stop(from)
    if (from.state === 'failed') this.#fail(into)
    else if (into.state === 'failed') this.#fail(from)
    else if (!into.isSettled || !from.isSettled) {
      const counted = (into.counted.credits ?? 0) + (from.counted.credits ?? 0)
      this.#refund(from, counted - joinedCredits(into, from))
    }
  }

  #charge(call: FinishedCall, generation: Generation, record: WritableRecord): void {
    const { final, provisional } = splitFigures(call)
    if (provisional !== undefined)
      generation.provisional = highestUsage(generation.provisional ?? {}, provisional)
    const usage = this.count(generation, final, 'response')
    if (usage !== undefined) record.usage = usage
    const { results } = generation
    if (results !== undefined) reportResults(results, areResultsPartial(call, results), record)
    const isOpen = areFiguresOpen(call, generation)
    const logIds = logIdsOf(call, generation)
    const waitsForAnyRow = isOpen && logIds.inferenceIds.length === 0
    if (hasUnknownInferenceId(call) && !waitsForAnyRow) this.logLookup.rememberAnswered(generation, logIds)
    if (isOpen) {
      // A row of the log or a later poll may still bring the figures. Where neither can, they are missing.
      if (this.logLookup.start(generation, logIds) || mayBeFollowed(call, generation)) record.pending = true
      else this.#close(generation, missingReason(call), record)
    } else if (isComplete(generation)) {
      // Better figures were counted.
      generation.provisional = undefined
    } else if (!mayBeFollowed(call, generation)) {
      this.#countProvisional(generation, record)
    }
    if (generation.lookup !== undefined && isComplete(generation)) this.logLookup.stop(generation)
  }

  #close(generation: Generation, reason: MissingReason, record: WritableRecord): void {
    this.#countProvisional(generation, record)
    if (!generation.isCostKnown && !isComplete(generation)) {
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
    if (counted !== undefined) record.usage = highestUsage(record.usage ?? {}, counted)
  }

  #fail(generation: Generation): void {
    if (generation.state === 'failed') return
    generation.state = 'failed'
    this.logLookup.stop(generation)
    this.#refund(generation, generation.counted.credits)
  }

  #refund(generation: Generation, credits = 0): void {
    if (credits === 0) return
    this.#sink.refunded(generation.identity, credits)
    const record = describeLabels('refund', generation)
    record.refundedCredits = credits
    this.#onRecord(record)
  }
}
