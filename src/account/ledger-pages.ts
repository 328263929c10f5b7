/** Reads one stretch of the ledger page by page. After a failed page it continues with that page. */
import {
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
  /** Called with each row, newest first, once the stretch was read to its end: pages that never end tell nothing. */
  readonly onRow: (row: Transaction) => void
}

/** The reading of one stretch. */
export class LedgerReading {
  readonly stretch: Stretch
  readonly #rows: Transaction[] = []
  readonly #options: LedgerReadingOptions
  readonly #cursors = new Set<string>()
  #cursor: string | undefined
  #pages = 0
  #lastPage: readonly Transaction[] = []

  constructor(options: LedgerReadingOptions) {
    this.stretch = options.stretch
    this.#options = options
  }

  /** Rows read so far. */
  get rowCount(): number {
    return this.#rows.length
  }

  /** Reads from where it stopped. May be called again after an error. */
  async read(): Promise<ReadingResult> {
    const { api, stretch, maxPages, onRow, direction, type } = this.#options
    const pagesBefore = this.#pages
    while (this.#pages < maxPages) {
      const reply = await api.ask({
        poll: 'ledger',
        path: transactionsPath(stretch, { direction, type, cursor: this.#cursor }),
        parse: parseTransactions,
        isFlawed: ({ malformed }) => malformed > 0,
      })
      if (!('value' in reply)) return { ...reply, progressed: this.#pages > pagesBefore }
      const { rows, nextCursor } = reply.value
      this.#pages += 1
      this.#rows.push(...rows.slice(countRepeated(this.#lastPage, rows)))
      this.#lastPage = rows
      if (nextCursor === undefined) {
        for (const row of this.#rows) onRow(row)
        return { whole: true }
      }
      // A cursor that leads back to an earlier page would be followed for ever.
      if (this.#cursors.has(nextCursor)) return { errorType: 'unparsable' }
      this.#cursors.add(nextCursor)
      this.#cursor = nextCursor
    }
    return {}
  }
}

/**
 * How many rows at the beginning of a page repeat the end of the one before: an entry that appears meanwhile may push
 * rows over the border. Equal rows without a reference may be different entries, unless the whole page is repeated.
 */
function countRepeated(before: readonly Transaction[], page: readonly Transaction[]): number {
  const isRepeated = (count: number): boolean =>
    page.slice(0, count).every((row, index) => {
      const other = before[before.length - count + index]
      const mayRepeat = row.hasReference || count === before.length
      return mayRepeat && row.dedupeKey === other?.dedupeKey && row.credits === other.credits
    })
  let count = Math.min(before.length, page.length)
  while (count > 0 && !isRepeated(count)) count -= 1
  return count
}
