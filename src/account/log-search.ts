/** Reads a stretch of the account's log and finds the pending calls in it. */
import { logsPath, parseLogs, type Stretch } from '../api/account.ts'
import type { AccountApi } from './account-api.ts'
import { createLogMatches, type Finding } from './log-matches.ts'
import type { PendingCall } from '../ports.ts'
import type { RoundResult } from './poller.ts'

/** The `errorType` of a stretch with more rows than are read. */
export const TOO_LARGE = 'too_large'
/** A log may grow for ever. As many pages as are read, one a second (gate.ts), in the half hour that a stretch is long. */
export const MAX_PAGES = 1800

/**
 * Pages come newest first; reading ends with the stretch, or when every call of `wanted` was found for certain. New rows
 * move older ones to the next page: a row may come twice, and counts once. After a `failure` the findings are of the
 * pages before it.
 */
export async function searchLog(
  api: AccountApi,
  stretch: Stretch,
  calls: readonly PendingCall[],
  wanted: readonly PendingCall[],
): Promise<{ findings: Finding[]; failure?: RoundResult & { errorType: string } }> {
  const matches = createLogMatches(calls)
  let offset = 0
  // A call may have several adjacent rows: when the last row of a page matched, the next page is read too.
  let isLastOurs = false
  const findCertain = (): Finding[] => (isLastOurs ? [] : matches.ofInferences())
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const reply = await api.ask({
      poll: 'settlement',
      path: logsPath(stretch, offset),
      parse: parseLogs,
      isFlawed: ({ malformed }) => malformed > 0,
    })
    if (!('value' in reply)) return { findings: findCertain(), failure: reply }
    const { rows, rowCount, hasMore } = reply.value
    // Calls have the time of this host, rows that of the server.
    const local = rows.map((row) => ({ ...row, createdMs: row.createdMs - api.serverTime(0) }))
    isLastOurs = local.map((row) => matches.add(row)).at(-1) ?? false
    if (!hasMore) return { findings: matches.findings() }
    if (!isLastOurs && matches.haveAll(wanted)) return { findings: matches.ofInferences() }
    offset += rowCount
  }
  return { findings: findCertain(), failure: { errorType: TOO_LARGE } }
}
