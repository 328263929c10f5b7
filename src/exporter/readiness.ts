/** What `/readyz` answers: whether scraping is worth it yet. */
import type { AccountSnapshot } from '../ports.ts'

export interface Readiness {
  readonly status: 200 | 503
  /** One line. Names accounts, nothing else of them. */
  readonly text: string
}

/**
 * Ready as soon as one account has answered: the others must not take its metrics away from Prometheus. They are
 * named, and their absence is an alert of its own.
 */
export function readReadiness(accounts: readonly string[], snapshots: readonly AccountSnapshot[]): Readiness {
  const answered = new Set(
    snapshots.filter((each) => each.updatedTimestampSeconds !== undefined).map(({ account }) => account),
  )
  const missing = accounts.filter((account) => !answered.has(account))
  if (missing.length === 0) return { status: 200, text: 'ready\n' }
  const waiting = `no balance yet of ${missing.join(', ')}\n`
  return missing.length < accounts.length
    ? { status: 200, text: `degraded: ${waiting}` }
    : { status: 503, text: `not ready: ${waiting}` }
}
