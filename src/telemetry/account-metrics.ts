/** The metrics of accounts: counters, and gauges of the last known values. */
import type { Attributes, Meter } from '@opentelemetry/api'
import type { AccountPoll, LedgerEntry, UsageGrowth } from '../ports.ts'
import { addAccountGauges, MAX_KEYS, type AccountSource } from './account-gauges.ts'
import { cleanModel, cleanWord, LabelValues } from './cardinality.ts'
import { createErrorReporter, type ReportError } from './report-error.ts'
import { createRecorders } from './instruments.ts'
import { ATTRIBUTE as A, METRICS } from './names.ts'

/** Counts for accounts; the gauges need no call. */
export interface AccountMetrics {
  /** Counts one request of ours to an account endpoint; `errorType` when it failed. */
  polled(account: string, poll: AccountPoll, errorType?: string): void
  /** Counts one entry of the account's ledger, once. */
  ledgerEntry(entry: LedgerEntry): void
  /** Counts the credits charged to the account since the last call. */
  charged(account: string, credits: number): void
  /** Counts what a key used since the last call. */
  used(growth: UsageGrowth): void
  /** Uses another meter from now on. */
  setMeter(meter: Meter): void
  /** Removes the gauges. Idempotent. */
  dispose(): void
}

const MAX_WORDS = 50

/**
 * Gauges and counters of the accounts behind `source`. Nothing here throws.
 * @param maxModels distinct models in labels. In counters later ones are `other`; in gauges those that cost least.
 */
export function createAccountMetrics(meter: Meter, source: AccountSource, maxModels: number): AccountMetrics {
  const report = createErrorReporter()
  const labels = {
    models: new LabelValues(maxModels, cleanModel),
    keys: new LabelValues(MAX_KEYS, cleanWord),
    words: new LabelValues(MAX_WORDS, cleanWord),
  }
  const errorTypes = new LabelValues(MAX_WORDS, cleanWord, '_OTHER')
  let counters = createCounters(meter, report)
  let removeGauges = addAccountGauges(meter, source, maxModels, report)

  return {
    polled(account, poll, errorType) {
      const error = errorType === undefined ? undefined : { [A.errorType]: errorTypes.admit(errorType) }
      counters.accountPolls(1, { [A.account]: account, [A.poll]: poll, ...error })
    },
    ledgerEntry({ account, direction, type, model, credits }) {
      const attributes: Attributes = { [A.account]: account, [A.ledgerType]: labels.words.admit(type) }
      if (direction === 'topup') {
        counters.ledgerTopUp(credits, attributes)
        return
      }
      if (model !== undefined) attributes[A.requestModel] = labels.models.admit(model)
      counters.ledgerCharged(credits, attributes)
    },
    charged: (account, credits) => counters.accountCharged(credits, { [A.account]: account }),
    used({ account, keyPrefix, model, usd, inputTokens, outputTokens, succeeded, failed }) {
      const attributes: Attributes = {
        [A.account]: account,
        [A.key]: labels.keys.admit(keyPrefix),
        ...(model !== undefined && { [A.requestModel]: labels.models.admit(model) }),
      }
      const { accountUsageUsd, accountUsageTokens, accountUsageRequests } = counters
      accountUsageUsd(usd, attributes)
      if (inputTokens > 0) accountUsageTokens(inputTokens, { ...attributes, [A.tokenType]: 'input' })
      if (outputTokens > 0) accountUsageTokens(outputTokens, { ...attributes, [A.tokenType]: 'output' })
      if (succeeded > 0) accountUsageRequests(succeeded, { ...attributes, [A.outcome]: 'succeeded' })
      if (failed > 0) accountUsageRequests(failed, { ...attributes, [A.outcome]: 'failed' })
    },
    setMeter(newMeter) {
      removeGauges()
      counters = createCounters(newMeter, report)
      removeGauges = addAccountGauges(newMeter, source, maxModels, report)
    },
    dispose: () => removeGauges(),
  }
}

function createCounters(meter: Meter, report: ReportError) {
  const { accountPolls, accountCharged, ledgerCharged, ledgerTopUp } = METRICS
  const { accountUsageUsd, accountUsageTokens, accountUsageRequests } = METRICS
  const ofUsage = { accountUsageUsd, accountUsageTokens, accountUsageRequests }
  const counters = { accountPolls, accountCharged, ...ofUsage, ledgerCharged, ledgerTopUp }
  return createRecorders(meter, counters, report)
}
