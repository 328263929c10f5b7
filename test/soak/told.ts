/**
 * What the records of calls told of each generation, kept apart from the library's own books: which costs were
 * said, and which were reported as missing. Client request ids tie records to the ledger where no inference id does.
 */
import type { CallRecord } from '../../src/types.ts'
import { JUDGEMENT_TAG } from '../simulator/families/router.ts'
import type { LedgerEntry, Simulator } from '../simulator/index.ts'
import type { Step } from './plan.ts'
import { add, keyOf, type Sums } from './sums.ts'

/** Polls say of a generation that its create call opened. */
const POLL = 'fetch_response'
/** A session may have said the cost of some of its responses. */
const SESSION = 'realtime'

export class Told {
  /** Records of calls, one for each HTTP attempt. */
  records = 0
  /** Records that say that something is missing. */
  missing = 0
  /** Credits less refunds over all records, by `account / model / team`: what a bill made of them would say. */
  readonly bill: Sums = new Map()
  readonly #simulator: Simulator
  /** Generations whose cost was said, or that failed: by inference id. */
  readonly #known = new Set<string>()
  /** Generations whose cost nobody said yet, by client request id: by inference id, or by attempt. */
  readonly #open = new Map<string, Set<string>>()
  /** Generations that were said to be pending, and of which nothing was heard since. */
  readonly #waiting = new Set<string>()
  /** Inference ids by the ids of their answers, under which those are read again. */
  readonly #inferences = new Map<string, string>()
  readonly #credits: Sums = new Map()
  /** What was said of the cost of sessions whose whole cost was not, by inference id. */
  readonly #saidInPart: Sums = new Map()

  constructor(simulator: Simulator) {
    this.#simulator = simulator
  }

  note(record: CallRecord): void {
    const { kind, account, requestModel, tags, clientRequestId, usage, missing } = record
    if (kind === 'call') this.records++
    if (missing !== undefined) this.missing++
    const credits = (usage?.credits ?? 0) - (record.refundedCredits ?? 0)
    if (credits !== 0) add(this.bill, keyOf(account, requestModel, tags['team']), credits)
    if (clientRequestId === undefined) return
    add(this.#credits, clientRequestId, credits)
    if (record.responseId !== undefined && record.inferenceId !== undefined)
      this.#inferences.set(record.responseId, record.inferenceId)
    const generation = this.#generationOf(record)
    const hasFailed = record.errorType === 'job_failed'
    const isNews = kind === 'settlement' || usage !== undefined || missing !== undefined
    if (record.pending) this.#waiting.add(generation)
    else if ((isNews || hasFailed) && !this.#waiting.delete(generation)) this.#resolveAttempt(clientRequestId)
    const isInPart = record.operation === SESSION && (missing !== undefined || record.pending)
    if (isInPart) add(this.#saidInPart, generation, credits)
    if (hasFailed || (usage?.credits !== undefined && !isInPart)) {
      this.#known.add(generation)
    } else if (kind === 'call' && record.operation !== POLL && (missing !== undefined || record.pending)) {
      const open = this.#open.get(clientRequestId) ?? new Set()
      this.#open.set(clientRequestId, open.add(generation))
    }
  }

  /** Generations that were pending, and became neither counted nor missing nor failed. */
  get unresolved(): string[] {
    return [...this.#waiting]
  }

  /** What the ledger says that they cost. */
  price(): Sums {
    const sums: Sums = new Map()
    for (const entry of this.#charges())
      if (this.#isMissing(entry))
        add(sums, keyOf(entry.account, entry.model, entry.tag), this.#missingOf(entry))
    return sums
  }

  /** Where to look when the books do not balance: the steps whose records and ledger differ. */
  suspects(plan: readonly Step[]): string[] {
    const charged: Sums = new Map()
    for (const entry of this.#charges())
      add(charged, entry.clientRequestId ?? '', entry.credits - this.#missingOf(entry))
    return [...new Set([...this.#credits.keys(), ...charged.keys()])]
      .filter((id) => (this.#credits.get(id) ?? 0) !== (charged.get(id) ?? 0))
      .map((id) => {
        const step = JSON.stringify(plan[Number(id.slice(id.indexOf('-') + 1))])
        return `${id}: counted ${this.#credits.get(id)}, charged ${charged.get(id)}: ${step}`
      })
  }

  #charges(): LedgerEntry[] {
    const charges = this.#simulator.ledger.entries({ type: 'MODEL_USAGE' })
    return charges.filter(({ tag }) => tag !== JUDGEMENT_TAG)
  }

  #missingOf(entry: LedgerEntry): number {
    if (!this.#isMissing(entry)) return 0
    return entry.credits - (this.#saidInPart.get(entry.inferenceId ?? '') ?? 0)
  }

  #isMissing({ clientRequestId, inferenceId, credits }: LedgerEntry): boolean {
    if (credits === 0 || inferenceId === null || this.#known.has(inferenceId)) return false
    const open = this.#open.get(clientRequestId ?? '')
    return open !== undefined && open.size > this.#countKnown(open)
  }

  /** A poll may know a job by another id than the inference's, and an attempt without an answer knows none. */
  #generationOf({ inferenceId, clientRequestId }: CallRecord): string {
    if (inferenceId === undefined) return `${clientRequestId} attempt ${this.records}`
    const answered = this.#inferences.get(inferenceId) ?? inferenceId
    return this.#simulator.jobs.get(answered)?.inferenceId ?? answered
  }

  /** The log names the inference of an attempt that never learnt it. */
  #resolveAttempt(clientRequestId: string): void {
    for (const waiting of this.#waiting) {
      if (!waiting.startsWith(`${clientRequestId} attempt `)) continue
      this.#waiting.delete(waiting)
      return
    }
  }

  #countKnown(open: ReadonlySet<string>): number {
    return [...open].filter((generation) => this.#known.has(generation)).length
  }
}
