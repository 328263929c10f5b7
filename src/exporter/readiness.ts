/** What `/readyz` and `/healthz` answer: whether scraping is worth it yet, and which poll is behind. */
import type { PollHealth } from '../account/health.ts'
import type { AccountSnapshot } from '../ports.ts'

export interface Readiness {
  readonly status: 200 | 503
  /** A line, and one for each poll that is behind. Names accounts, nothing else of them. */
  readonly text: string
}

/**
 * Ready as soon as one account has answered: the others must not take its metrics away from Prometheus. They are
 * named, and their absence is an alert of its own.
 */
export function readReadiness(
  accounts: readonly string[],
  snapshots: readonly AccountSnapshot[],
  polls: readonly PollHealth[] = [],
): Readiness {
  const answered = new Set(
    snapshots.filter((each) => each.updatedTimestampSeconds !== undefined).map(({ account }) => account),
  )
  const missing = accounts.filter((account) => !answered.has(account))
  const behind = formatBehind(polls)
  if (missing.length === 0) return { status: 200, text: `ready\n${behind}` }
  const waiting = `no balance yet of ${missing.join(', ')}\n${behind}`
  return missing.length < accounts.length
    ? { status: 200, text: `degraded: ${waiting}` }
    : { status: 503, text: `not ready: ${waiting}` }
}

/** The process is up, whatever the API does: restarting it would not help. */
export function readHealth(polls: readonly PollHealth[]): string {
  return `ok\n${formatBehind(polls)}`
}

function formatBehind(polls: readonly PollHealth[]): string {
  return polls
    .filter(({ isBehind }) => isBehind)
    .map(({ account, poll, ageSeconds, errorType }) => {
      const age = ageSeconds === undefined ? 'never answered' : `last answered ${ageSeconds} s ago`
      return `behind: ${poll} of ${account}, ${age}${errorType === undefined ? '' : ` (${errorType})`}\n`
    })
    .join('')
}
