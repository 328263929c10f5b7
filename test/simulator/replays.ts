/** Answers that are sent again to a request with the same idempotency key. */
import type { JsonAnswer } from './call.ts'

export interface Replays {
  /** Keys are apart for each account. */
  keep(account: string, key: string, answer: JsonAnswer): void
  find(account: string, key: string): JsonAnswer | undefined
}

/** @param maxAnswers the oldest are forgotten. */
export function createReplays(maxAnswers: number): Replays {
  const answers = new Map<string, JsonAnswer>()
  const nameOf = (account: string, key: string): string => JSON.stringify([account, key])
  return {
    keep(account, key, answer) {
      answers.set(nameOf(account, key), answer)
      const [oldest] = answers.keys()
      if (answers.size > maxAnswers && oldest !== undefined) answers.delete(oldest)
    },
    find: (account, key) => answers.get(nameOf(account, key)),
  }
}
