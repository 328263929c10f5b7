/** Logs once that an account cannot be reached, and once that it can be reached again. */
import type { Clock } from './clock.ts'
import { report } from '../diagnostics.ts'

/** Failed requests before the warning: one alone may be bad luck. */
const UNANSWERED_REQUESTS = 2
const MINUTE_MS = 60_000

/** Logs whether the account endpoints respond. */
export function createReachability(account: string, clock: Clock) {
  let unanswered = 0
  let sinceMs = 0
  return {
    /** A request got a response, even a refusal; not one of 5xx. */
    answered(): void {
      if (unanswered >= UNANSWERED_REQUESTS) {
        const minutes = Math.max(1, Math.round((clock.monotonicMs() - sinceMs) / MINUTE_MS))
        report('warn', `account "${account}" answers again, after ${minutes} min`)
      }
      unanswered = 0
    },
    /** A request got no response, nor did its retries. */
    unanswered(errorType: string): void {
      if (unanswered === 0) sinceMs = clock.monotonicMs()
      unanswered += 1
      if (unanswered !== UNANSWERED_REQUESTS) return
      report(
        'warn',
        `account "${account}" does not answer (${errorType}). Its figures stay as they are. ` +
          'It is asked again after 5 minutes at the latest, or when the API says.',
      )
    },
  }
}

/** Whether the server or the network is the problem, and not the key or the request. */
export function isUnreachable(errorType: string): boolean {
  return /^5\d\d$|^timeout$|^_OTHER$|^[A-Z][A-Z0-9_]+$/.test(errorType)
}
