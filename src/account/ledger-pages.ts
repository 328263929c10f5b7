/** Reads one stretch of the ledger page by page. After a failed page it continues with that page. */
import {
  PAGE_SIZE,
  parseTransactions,
  transactionsPath,
  type LedgerFilter,
  type Stretch,
  type Transaction,
} from '../api/account.ts'
import type { AccountApi } from './account-api.ts'
import type { RoundResult } from './poller.ts'

/** `whole`: read to the end. Without `whole` and without an error: it has more pages than `maxPages`. */
export type ReadingResult = RoundResult & { readonly whole?: boolean }

interface LedgerReadingOptions extends LedgerFilter {
  readonly api: AccountApi
  readonly stretch: Stretch
  readonly maxPages: number
  readonly onRow: (row: Transaction) => void
}

/** The reading of one stretch. */
export class LedgerReading {
  readonly stretch: Stretch
  /** Rows read so far. */
  rowCount = 0
  readonly #options: LedgerReadingOptions
  readonly #cursors = new Set<string>()
  #cursor: string | undefined
  #pages = 0

  constructor(options: LedgerReadingOptions) {
    this.stretch = options.stretch
    this.#options = options
  }

  /** Reads from where it stopped. May be called again after an error. */
  async read(): Promise<ReadingResult> {
    const { api, stretch, maxPages, onRow, direction, type } = this.#options
    const pagesBefore = this.#pages
    while (this.#pages < maxPages) {
      const reply = await api.ask({
        poll: 'ledger',
        path: transactionsPath({ ...stretch, limit: PAGE_SIZE, direction, type, cursor: this.#cursor }),
        parse: parseTransactions,
        isFlawed: ({ malformed }) => malformed > 0,
      })
      if (!('value' in reply)) return { ...reply, progressed: this.#pages > pagesBefore }
      const { rows, nextCursor } = reply.value
      this.#pages += 1
      this.rowCount += rows.length
      for (const row of rows) onRow(row)
      if (nextCursor === undefined) return { whole: true }
      // A cursor that leads back to an earlier page would be followed for ever.
      if (this.#cursors.has(nextCursor)) return { errorType: 'unparsable' }
      this.#cursors.add(nextCursor)
      this.#cursor = nextCursor
    }
    return {}
  }
}
