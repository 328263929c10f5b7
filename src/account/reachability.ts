/** Says once that an account cannot be reached, and once that it is back. */
import type { Clock } from './clock.ts'
import { report } from '../diagnostics.ts'

export interface Reachability {
  /** A question was answered, even with a refusal. */
  answered(): void
  /** A question was not answered, also not when it was repeated. */
  unanswered(errorType: string): void
}

/** One question may be unlucky. */
const UNANSWERED_QUESTIONS = 2
const MINUTE_MS = 60_000

export function createReachability(account: string, clock: Clock): Reachability {
  let unanswered = 0
  let sinceMs = 0
  return {
    answered() {
      if (unanswered >= UNANSWERED_QUESTIONS) {
        const minutes = Math.max(1, Math.round((clock.monotonicMs() - sinceMs) / MINUTE_MS))
        report('warn', `account "${account}" answers again, after ${minutes} min`)
      }
      unanswered = 0
    },
    unanswered(errorType) {
      if (unanswered === 0) sinceMs = clock.monotonicMs()
      unanswered += 1
      if (unanswered !== UNANSWERED_QUESTIONS) return
      report(
        'warn',
        `account "${account}" cannot be reached (${errorType}). Its figures stay as they are; ` +
          'it is asked again, at the latest after 5 minutes.',
      )
    },
  }
}

/** Whether the server, or the way to it, is at fault: not the key and not the question. */
export function isUnreachable(errorType: string): boolean {
  return /^5\d\d$|^timeout$|^_OTHER$|^[A-Z][A-Z0-9_]+$/.test(errorType)
}
