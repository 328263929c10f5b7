/** Sums of the use of models in short slots of time, so that a month of requests is added up without a look at each. */
import type { LedgerEntry } from './ledger.ts'

/** What one key used of one model. */
export interface UsageSum {
  readonly keyPrefix: string
  readonly catalogueModel: string | null
  credits: number
  inputTokens: number
  outputTokens: number
  /** Requests: all of them, those that cost something, and those that went well. */
  total: number
  charged: number
  succeeded: number
}

/** By key and model. */
export class UsageSums {
  readonly #sums = new Map<string, UsageSum>()

  get all(): Iterable<UsageSum> {
    return this.#sums.values()
  }

  addEntry({ type, keyPrefix, catalogueModel, credits, tokens, status }: LedgerEntry): void {
    if (type !== 'MODEL_USAGE') return
    this.add({
      keyPrefix,
      catalogueModel,
      credits,
      inputTokens: tokens.input,
      outputTokens: tokens.output,
      total: 1,
      charged: Number(credits > 0),
      succeeded: Number(status === 'charged'),
    })
  }

  add(sum: Readonly<UsageSum>): void {
    const id = `${sum.keyPrefix} ${sum.catalogueModel}`
    const known = this.#sums.get(id)
    if (known === undefined) {
      this.#sums.set(id, { ...sum })
      return
    }
    known.credits += sum.credits
    known.inputTokens += sum.inputTokens
    known.outputTokens += sum.outputTokens
    known.total += sum.total
    known.charged += sum.charged
    known.succeeded += sum.succeeded
  }
}
