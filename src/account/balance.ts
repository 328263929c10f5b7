/** The balance, from the best endpoint that responds; the flag "low" from the legacy endpoint. */
import { parseBalance, parseLegacyBalance, type BalanceFacts } from '../api/account.ts'
import type { AccountApi } from './account-api.ts'
import type { Clock } from './clock.ts'
import type { RoundResult } from './poller.ts'

interface BalanceSource {
  readonly path: string
  readonly parse: (json: unknown) => BalanceFacts | undefined
}

const LEGACY: BalanceSource = { path: '/v1/billing/balance', parse: parseLegacyBalance }

/** Best first. */
const SOURCES: readonly BalanceSource[] = [
  { path: '/v2/billing/detail', parse: parseBalance },
  { path: '/v2/billing', parse: parseBalance },
  LEGACY,
]

/** After a source failed, the next one is used for this long before the better one is tried again. */
const RETRY_BETTER_MS = 15 * 60_000
/** The low flag and its threshold hardly change: requested once in this many intervals. */
const LOW_FLAG_INTERVALS = 10
/** The legacy endpoint is deprecated: after a failure it is tried this rarely. */
const RETRY_LEGACY_MS = 6 * 60 * 60_000

export interface BalanceOptions {
  readonly api: AccountApi
  readonly intervalMs: number
  readonly clock: Clock
  /** Called with the fields of a good response and its time by the server's clock. Fields that it lacks are absent. */
  readonly onFacts: (facts: BalanceFacts, atMs: number) => void
}

/** Returns one round of requesting the balance, to be run by a poller. */
export function createBalanceRound(options: BalanceOptions): () => Promise<RoundResult> {
  const { api, intervalMs, clock, onFacts } = options
  let first = 0
  let retryBetterAtMs = 0
  let lowFlagAtMs = 0

  async function ask(source: BalanceSource): Promise<RoundResult & { facts?: BalanceFacts; atMs?: number }> {
    const reply = await api.ask({ poll: 'balance', ...source })
    return 'value' in reply ? { facts: reply.value, atMs: reply.atMs } : reply
  }

  async function readBalance(): Promise<RoundResult & { source?: BalanceSource }> {
    if (clock.monotonicMs() >= retryBetterAtMs) first = 0
    let result: RoundResult = {}
    for (const [index, source] of SOURCES.entries()) {
      if (index < first) continue
      const { facts, atMs = 0, ...failure } = await ask(source)
      if (facts !== undefined) {
        if (index > first) retryBetterAtMs = clock.monotonicMs() + RETRY_BETTER_MS
        first = index
        onFacts(facts, atMs)
        return { source }
      }
      result = failure
      if (!isSourceAtFault(failure.errorType)) break
    }
    first = 0
    return result
  }

  /** A failure here does not fail the round. */
  async function readLowFlag(): Promise<void> {
    if (clock.monotonicMs() < lowFlagAtMs) return
    const { facts, atMs = 0 } = await ask(LEGACY)
    const { balanceLow, lowBalanceThresholdCredits } = facts ?? {}
    if (facts !== undefined)
      onFacts(
        {
          ...(balanceLow !== undefined && { balanceLow }),
          ...(lowBalanceThresholdCredits !== undefined && { lowBalanceThresholdCredits }),
        },
        atMs,
      )
    lowFlagAtMs =
      clock.monotonicMs() + (facts === undefined ? RETRY_LEGACY_MS : LOW_FLAG_INTERVALS * intervalMs)
  }

  return async () => {
    const { source, ...result } = await readBalance()
    if (source !== undefined && source !== LEGACY) await readLowFlag()
    return result
  }
}

/** Whether another endpoint may succeed: not when the host, the key or the rate is the problem. */
function isSourceAtFault(errorType = ''): boolean {
  return errorType === 'unparsable' || (/^[345]\d\d$/.test(errorType) && !/^4(01|29)$/.test(errorType))
}
