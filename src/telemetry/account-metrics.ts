/** The metrics of accounts: counters, and gauges of the last known values. */
import type { Attributes, Meter } from '@opentelemetry/api'
import type { AccountPoll, LedgerEntry, UsageGrowth } from '../ports.ts'
import { MAX_KEYS } from '../account-names.ts'
import { addAccountGauges, type AccountSource } from './account-gauges.ts'
import { cleanModel, cleanWord, limitValues } from './cardinality.ts'
import { createErrorReporter } from './report-error.ts'
import { createRecorders } from './instruments.ts'
import { ATTRIBUTE as A, METRICS } from './names.ts'

const MAX_WORDS = 50
const { accountPolls, accountCharged, ledgerCharged, ledgerTopUp } = METRICS
const { accountUsageUsd, accountUsageTokens, accountUsageRequests } = METRICS
const OF_USAGE = { accountUsageUsd, accountUsageTokens, accountUsageRequests }
const COUNTERS = { accountPolls, accountCharged, ...OF_USAGE, ledgerCharged, ledgerTopUp }

/**
 * Gauges and counters of the accounts behind `source`. Nothing here throws.
 * @param maxModels distinct models in labels. In counters later ones are `other`; in gauges those that cost least.
 */
export function createAccountMetrics(meter: Meter, source: AccountSource, maxModels: number) {
  const report = createErrorReporter()
  const admit = {
    model: limitValues(maxModels, cleanModel),
    key: limitValues(MAX_KEYS, cleanWord),
    ledgerType: limitValues(MAX_WORDS, cleanWord),
    errorType: limitValues(MAX_WORDS, cleanWord, '_OTHER'),
  }
  let counters = createRecorders(meter, COUNTERS, report)
  let removeGauges = addAccountGauges(meter, source, maxModels, report)

  return {
    /** Counts one request of ours to an account endpoint; `errorType` when it failed. */
    polled(account: string, poll: AccountPoll, errorType?: string): void {
      const error = errorType === undefined ? undefined : { [A.errorType]: admit.errorType(errorType) }
      counters.accountPolls(1, { [A.account]: account, [A.poll]: poll, ...error })
    },
    /** Counts one entry of the account's ledger, once. */
    ledgerEntry({ account, direction, type, model, credits }: LedgerEntry): void {
      const attributes: Attributes = { [A.account]: account, [A.ledgerType]: admit.ledgerType(type) }
      if (direction === 'topup') return counters.ledgerTopUp(credits, attributes)
      if (model !== undefined) attributes[A.requestModel] = admit.model(model)
      counters.ledgerCharged(credits, attributes)
    },
    /** Counts the credits charged to the account since the last call. */
    charged: (account: string, credits: number): void =>
      counters.accountCharged(credits, { [A.account]: account }),
    /** Counts what a key used since the last call. */
    used(growth: UsageGrowth): void {
      const { account, keyPrefix, model, usd, inputTokens, outputTokens, succeeded, failed } = growth
      const attributes: Attributes = {
        [A.account]: account,
        [A.key]: admit.key(keyPrefix),
        ...(model !== undefined && { [A.requestModel]: admit.model(model) }),
      }
      counters.accountUsageUsd(usd, attributes)
      if (inputTokens > 0) counters.accountUsageTokens(inputTokens, { ...attributes, [A.tokenType]: 'input' })
      if (outputTokens > 0)
        counters.accountUsageTokens(outputTokens, { ...attributes, [A.tokenType]: 'output' })
      if (succeeded > 0) counters.accountUsageRequests(succeeded, { ...attributes, [A.outcome]: 'succeeded' })
      if (failed > 0) counters.accountUsageRequests(failed, { ...attributes, [A.outcome]: 'failed' })
    },
    setMeter(newMeter: Meter): void {
      removeGauges()
      counters = createRecorders(newMeter, COUNTERS, report)
      removeGauges = addAccountGauges(newMeter, source, maxModels, report)
    },
    /** Removes the gauges. Idempotent. */
    dispose: (): void => removeGauges(),
  }
}
