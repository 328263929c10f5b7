/**
 * What the records of calls told of each generation, kept apart from the library's own books: which costs were
 * said, and which were reported as missing. Client request ids tie records to the ledger where no inference id does.
 */
import type { CallRecord } from '../../src/types.ts'
import type { LedgerEntry, Simulator } from '../simulator/index.ts'
import type { Step } from './plan.ts'
import { add, keyOf, type Sums } from './sums.ts'

/** Polls say of a generation that its create call opened. */
const POLL = 'fetch_response'

export class Told {
  /** Records, one for each HTTP attempt. */
  records = 0
  /** Calls whose cost is known, but whose tokens could not be read. */
  missingTokens = 0
  readonly #simulator: Simulator
  /** Generations whose cost was said, or that failed: by inference id. */
  readonly #known = new Set<string>()
  /** Generations whose cost nobody said yet, by client request id: by inference id, or by attempt. */
  readonly #open = new Map<string, Set<string>>()
  readonly #credits: Sums = new Map()

  constructor(simulator: Simulator) {
    this.#simulator = simulator
  }

  note(record: CallRecord): void {
    this.records++
    const { clientRequestId, usage, missing } = record
    if (clientRequestId === undefined) return
    add(this.#credits, clientRequestId, (usage?.credits ?? 0) - (record.refundedCredits ?? 0))
    const generation = this.#generationOf(record)
    if (usage?.credits !== undefined || record.errorType === 'job_failed') {
      this.#known.add(generation)
      if (missing !== undefined) this.missingTokens++
    } else if (record.operation !== POLL && (missing !== undefined || record.pending)) {
      const open = this.#open.get(clientRequestId) ?? new Set()
      this.#open.set(clientRequestId, open.add(generation))
    }
  }

  /** Generations whose cost nobody ever said. */
  get missingCosts(): number {
    return [...this.#open.values()].reduce((sum, open) => sum + open.size - this.#countKnown(open), 0)
  }

  /** What the ledger says that they cost. */
  price(): Sums {
    const sums: Sums = new Map()
    for (const entry of this.#charges())
      if (this.#isMissing(entry)) add(sums, keyOf(entry.account, entry.model, entry.tag), entry.credits)
    return sums
  }

  /** Where to look when the books do not balance: the steps whose records and ledger differ. */
  suspects(plan: readonly Step[]): string[] {
    const charged: Sums = new Map()
    for (const entry of this.#charges())
      add(charged, entry.clientRequestId ?? '', this.#isMissing(entry) ? 0 : entry.credits)
    return [...new Set([...this.#credits.keys(), ...charged.keys()])]
      .filter((id) => (this.#credits.get(id) ?? 0) !== (charged.get(id) ?? 0))
      .map((id) => {
        const step = JSON.stringify(plan[Number(id.slice(id.indexOf('-') + 1))])
        return `${id}: counted ${this.#credits.get(id)}, charged ${charged.get(id)}: ${step}`
      })
  }

  #charges(): LedgerEntry[] {
    return this.#simulator.ledger.entries({ type: 'MODEL_USAGE' })
  }

  #isMissing({ clientRequestId, inferenceId, credits }: LedgerEntry): boolean {
    if (credits === 0 || inferenceId === null || this.#known.has(inferenceId)) return false
    const open = this.#open.get(clientRequestId ?? '')
    return open !== undefined && open.size > this.#countKnown(open)
  }

  /** A poll may know a job by another id than the inference's, and an attempt without an answer knows none. */
  #generationOf({ inferenceId }: CallRecord): string {
    if (inferenceId === undefined) return `attempt ${this.records}`
    return this.#simulator.jobs.get(inferenceId)?.inferenceId ?? inferenceId
  }

  #countKnown(open: ReadonlySet<string>): number {
    return [...open].filter((generation) => this.#known.has(generation)).length
  }
}
