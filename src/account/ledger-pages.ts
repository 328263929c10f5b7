/** Reads one stretch of the ledger page by page. After a failed page it continues with that page. */
import { parseTransactions, transactionsPath, type Transaction } from '../api/account.ts'
import type { AccountApi } from './account-api.ts'
import type { RoundResult } from './poller.ts'
import type { Stretch } from './server-time.ts'

/** Which entries of a stretch are read. */
export interface LedgerFilter {
  readonly direction: 'TOPUP' | 'CHARGE'
  readonly type?: string
}

/** `whole`: read to the end. Without `whole` and without an error: it has more pages than `maxPages`. */
export type ReadingResult = RoundResult & { readonly whole?: boolean }

/** The state of reading one stretch. */
export interface LedgerReading {
  readonly stretch: Stretch
  /** Rows read so far. */
  readonly rowCount: number
  /** Reads from where it stopped. May be called again after an error. */
  read(): Promise<ReadingResult>
}

interface LedgerReadingOptions extends LedgerFilter {
  readonly api: AccountApi
  readonly stretch: Stretch
  readonly maxPages: number
  readonly onRow: (row: Transaction) => void
}

/** The API's largest page. */
export const PAGE_SIZE = 100

export function openReading(options: LedgerReadingOptions): LedgerReading {
  const { api, stretch, maxPages, onRow, direction, type } = options
  const filter = { ...stretch, limit: PAGE_SIZE, direction, ...(type !== undefined && { type }) }
  const cursors = new Set<string>()
  let cursor: string | undefined
  let pages = 0
  let rowCount = 0

  async function read(): Promise<ReadingResult> {
    const pagesBefore = pages
    while (pages < maxPages) {
      const reply = await api.ask({
        poll: 'ledger',
        path: transactionsPath({ ...filter, ...(cursor !== undefined && { cursor }) }),
        parse: parseTransactions,
        isFlawed: ({ malformed }) => malformed > 0,
      })
      if (!('value' in reply)) return { ...reply, progressed: pages > pagesBefore }
      const { rows, nextCursor } = reply.value
      pages += 1
      rowCount += rows.length
      for (const row of rows) onRow(row)
      if (nextCursor === undefined) return { whole: true }
      // A cursor that leads back to an earlier page would be followed for ever.
      if (cursors.has(nextCursor)) return { errorType: 'unparsable' }
      cursors.add(nextCursor)
      cursor = nextCursor
    }
    return {}
  }

  return {
    stretch,
    get rowCount() {
      return rowCount
    },
    read,
  }
}
