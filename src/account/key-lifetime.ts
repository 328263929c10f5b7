/**
 * What a key spent since it was made: a limit that is never reset counts all of it, and a response covers at most
 * 92 days. Days that are over are read once.
 */
import { MAX_USAGE_DAYS, parseUsageDetail, usageDetailPath } from '../api/account-usage.ts'
import type { AccountApi } from './account-api.ts'
import { dayOf, type UsageResponse } from './spend-periods.ts'

/** What one key has spent since it was created. */
export interface KeyLifetime {
  /** `answer` covers everything from `startMs` on: reads what is before, unless it is known. Never rejects. */
  learn(answer: UsageResponse, startMs: number): Promise<void>
  /** US dollars, as far as the last `learn` got to the end. */
  usd(): number | undefined
}

const WINDOW_MS = MAX_USAGE_DAYS * 24 * 60 * 60_000
/** Six years. The spend of an older key stays unknown. */
const MAX_WINDOWS = 24

/** @param keyPrefix absent: the key that asks. */
export function createKeyLifetime(
  api: AccountApi,
  createdMs: number,
  keyPrefix: string | undefined,
): KeyLifetime {
  /** Spent before `knownUntilMs`. */
  let closedUsd = 0
  let knownUntilMs = Date.parse(dayOf(createdMs))
  let isRefused = false
  let usd: number | undefined

  async function read(endMs: number): Promise<boolean> {
    const reply = await api.ask({
      poll: 'usage',
      path: usageDetailPath({
        startMs: knownUntilMs,
        endMs,
        groupBy: 'day',
        keyPrefix,
      }),
      parse: parseUsageDetail,
    })
    if ('value' in reply) {
      closedUsd += reply.value.spendUsd
      knownUntilMs = endMs
      return true
    }
    // The API has no usage of times so long ago.
    isRefused = reply.errorType === '400'
    if (isRefused) usd = undefined
    return false
  }

  return {
    async learn({ groups }, startMs) {
      if (isRefused || startMs - knownUntilMs > MAX_WINDOWS * WINDOW_MS) return
      while (knownUntilMs < startMs) if (!(await read(Math.min(startMs, knownUntilMs + WINDOW_MS)))) return
      usd = groups.reduce((sum, group) => sum + group.usd, closedUsd)
    },
    usd: () => usd,
  }
}
