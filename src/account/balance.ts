/** The balance, from the best endpoint that responds; the flag "low" from the legacy endpoint. */
import { parseBalance, parseLegacyBalance, type BalanceFacts } from '../api/account.ts'
import type { AccountApi } from './account-api.ts'
import type { RoundResult } from './poller.ts'

export const BALANCE = { path: '/v2/billing', parse: parseBalance }
/** The only one with the flag "low". */
export const LEGACY_BALANCE = { path: '/v1/billing/balance', parse: parseLegacyBalance }

/** Best first. */
const SOURCES = [{ ...BALANCE, path: '/v2/billing/detail' }, BALANCE, LEGACY_BALANCE]

/** After a source failed, the next one is used for this long before the better one is tried again. */
const RETRY_BETTER_MS = 15 * 60_000
/** The low flag and its threshold hardly change: requested once in this many intervals. */
const LOW_FLAG_INTERVALS = 10
/** The legacy endpoint is deprecated: after a failure it is tried this rarely. */
const RETRY_LEGACY_MS = 6 * 60 * 60_000

/** The endpoint is not there any more, or not for this key. */
const GONE = /^4(?:03|04|10)$/

/** A round for a poller. `onFacts` gets the fields that a good response has, and its time by the server's clock. */
export function createBalanceRound(
  api: AccountApi,
  intervalMs: number,
  onFacts: (facts: BalanceFacts, atMs: number) => void,
  /** The low flag and its threshold are not known any more. */
  onFlagGone = (): void => {},
): () => Promise<RoundResult> {
  const { clock } = api
  let first = 0
  let retryBetterAtMs = 0
  let lowFlagAtMs = 0

  /** A failure here does not fail the round. */
  async function readLowFlag(): Promise<void> {
    if (clock.monotonicMs() < lowFlagAtMs) return
    const reply = await api.ask({ poll: 'balance', ...LEGACY_BALANCE })
    lowFlagAtMs = clock.monotonicMs() + ('value' in reply ? LOW_FLAG_INTERVALS * intervalMs : RETRY_LEGACY_MS)
    // Otherwise an account would be low for ever.
    if ('errorType' in reply && GONE.test(reply.errorType)) onFlagGone()
    if (!('value' in reply)) return
    // The balance itself is known better.
    const { balanceCredits: _credits, balanceUsd: _usd, ...flag } = reply.value
    onFacts(flag, reply.atMs)
  }

  return async () => {
    if (clock.monotonicMs() >= retryBetterAtMs) first = 0
    let failure: RoundResult = {}
    for (const [index, source] of SOURCES.entries()) {
      if (index < first) continue
      const reply = await api.ask({ poll: 'balance', ...source })
      if ('value' in reply) {
        if (index > first) retryBetterAtMs = clock.monotonicMs() + RETRY_BETTER_MS
        first = index
        onFacts(reply.value, reply.atMs)
        if (source !== LEGACY_BALANCE) await readLowFlag()
        return {}
      }
      failure = reply
      if (!isSourceAtFault(reply.errorType)) break
    }
    first = 0
    return failure
  }
}

/** Whether another endpoint may succeed: not when the host, the key or the rate is the problem. */
function isSourceAtFault(errorType: string): boolean {
  return errorType === 'unparsable' || (/^[345]\d\d$/.test(errorType) && !/^4(01|29)$/.test(errorType))
}
