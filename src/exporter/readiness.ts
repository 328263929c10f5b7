/** The responses of `/readyz` and `/healthz`: whether there is data to scrape, and which polls are behind. */
import type { PollHealth } from '../account/pollers.ts'
import type { AccountSnapshot } from '../ports.ts'

/**
 * Ready when one account has a balance: the others must not keep its metrics from Prometheus. They are named, and an
 * alert covers them. The text has one line, and one per poll that is behind; it shows names of accounts only.
 */
export function readReadiness(
  accounts: readonly string[],
  snapshots: readonly AccountSnapshot[],
  polls: readonly PollHealth[] = [],
): { readonly status: 200 | 503; readonly text: string } {
  const answered = snapshots.filter((each) => each.updatedTimestampSeconds !== undefined)
  const missing = accounts.filter((name) => !answered.some(({ account }) => account === name))
  const behind = formatBehind(polls)
  if (missing.length === 0) return { status: 200, text: `ready\n${behind}` }
  const waiting = `no balance yet of ${missing.join(', ')}\n${behind}`
  return missing.length < accounts.length
    ? { status: 200, text: `degraded: ${waiting}` }
    : { status: 503, text: `not ready: ${waiting}` }
}

/** The response of `/healthz`: always ok while the process runs, because a restart would not help when the API fails. */
export function readHealth(polls: readonly PollHealth[]): string {
  return `ok\n${formatBehind(polls)}`
}

function formatBehind(polls: readonly PollHealth[]): string {
  return polls
    .filter(({ isBehind }) => isBehind)
    .map(({ account, poll, ageSeconds, errorType }) => {
      const age = ageSeconds === undefined ? 'never read' : `last read ${ageSeconds} s ago`
      return `behind: ${poll} of ${account}, ${age}${errorType === undefined ? '' : ` (${errorType})`}\n`
    })
    .join('')
}
