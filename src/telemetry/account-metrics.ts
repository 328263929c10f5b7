/** Balance, key and ledger of the accounts as metrics. Gauges give what the pollers have; a scrape asks nobody. */
import type { Attributes, BatchObservableResult, Meter, ObservableGauge } from '@opentelemetry/api'
import type { AccountPoll, AccountSnapshot } from '../ports.ts'
import { cleanModel, cleanWord, LabelValues } from './cardinality.ts'
import { createErrorReporter, guarded, type ReportError } from './guard.ts'
import { createRecorders } from './instruments.ts'
import { ATTRIBUTE as A, METRICS } from './names.ts'

/** Where the gauges read. Both are called at every collection and answer at once, from memory. */
export interface AccountSource {
  snapshots(): Iterable<AccountSnapshot>
  /** Calls whose cost is still being looked up, by account. */
  pendingByAccount(): ReadonlyMap<string, number>
}

export interface LedgerEntry {
  readonly account: string
  readonly direction: 'charge' | 'topup'
  /** The ledger's own word for the kind of entry. */
  readonly type: string
  readonly model?: string
  /** Not negative. */
  readonly credits: number
}

export interface AccountMetrics {
  /** Counts one request of ours to an account endpoint; `errorType` when it failed. */
  polled(account: string, poll: AccountPoll, errorType?: string): void
  /** Counts one entry of the account's ledger, once. */
  ledgerEntry(entry: LedgerEntry): void
  /** Observes and counts on another meter from now on. */
  setMeter(meter: Meter): void
  /** Takes the gauges away. Idempotent. */
  dispose(): void
}

export interface AccountMetricsOptions {
  /** Called before each collection of the gauges' meter; the SDK collects its counters after it. Must not throw. */
  readonly beforeCollection?: () => void
  /** Distinct models in `aimlapi.ledger.charged.credits`; later ones are `other`. Default 200. */
  readonly maxModels?: number
  /** Told once per kind of what the host's OpenTelemetry throws. Default: `diag.error`. */
  readonly report?: ReportError
}

const DEFAULT_MAX_MODELS = 200
const MAX_WORDS = 50

type GaugeName = Extract<keyof typeof METRICS, `balance${string}` | `autoTopUp${string}` | `key${string}`>

/** Field of the snapshot → gauge. An absent field is no sample, never 0. */
const GAUGES: readonly (readonly [GaugeName, (account: AccountSnapshot) => number | boolean | undefined])[] =
  [
    ['balanceCredits', (account) => account.balanceCredits],
    ['balanceUsd', (account) => account.balanceUsd],
    ['balanceLow', (account) => account.balanceLow],
    ['balanceLowThreshold', (account) => account.lowBalanceThresholdCredits],
    ['balanceUpdated', (account) => account.updatedTimestampSeconds],
    ['autoTopUpEnabled', (account) => account.autoTopUpEnabled],
    ['autoTopUpThreshold', (account) => account.autoTopUpThresholdUsd],
    ['autoTopUpAmount', (account) => account.autoTopUpAmountUsd],
    ['keyLimit', (account) => account.keyLimitUsd],
    ['keyUsage', (account) => account.keyUsageUsd],
  ]

/** Gauges and counters of the accounts behind `source`. Nothing here throws. */
export function createAccountMetrics(
  meter: Meter,
  source: AccountSource,
  options: AccountMetricsOptions = {},
): AccountMetrics {
  const report = options.report ?? createErrorReporter()
  const models = new LabelValues(options.maxModels ?? DEFAULT_MAX_MODELS, cleanModel)
  const words = new LabelValues(MAX_WORDS, cleanWord)
  const errorTypes = new LabelValues(MAX_WORDS, cleanWord, '_OTHER')
  let counters = createCounters(meter, report)
  const beforeCollection = options.beforeCollection ?? (() => {})
  let removeGauges = addGauges(meter, source, words, report, beforeCollection)

  return {
    polled(account, poll, errorType) {
      const error = errorType === undefined ? undefined : { [A.errorType]: errorTypes.admit(errorType) }
      counters.accountPolls(1, { [A.account]: account, [A.poll]: poll, ...error })
    },
    ledgerEntry({ account, direction, type, model, credits }) {
      const attributes: Attributes = { [A.account]: account, [A.ledgerType]: words.admit(type) }
      if (direction === 'topup') {
        counters.ledgerTopUp(credits, attributes)
        return
      }
      if (model !== undefined) attributes[A.requestModel] = models.admit(model)
      counters.ledgerCharged(credits, attributes)
    },
    setMeter(newMeter) {
      removeGauges()
      counters = createCounters(newMeter, report)
      removeGauges = addGauges(newMeter, source, words, report, beforeCollection)
    },
    dispose: () => removeGauges(),
  }
}

function createCounters(meter: Meter, report: ReportError) {
  const { accountPolls, ledgerCharged, ledgerTopUp } = METRICS
  return createRecorders(meter, { accountPolls, ledgerCharged, ledgerTopUp }, report)
}

/** One callback for all gauges, so that they show the same moment. Gives back how to remove them. */
function addGauges(
  meter: Meter,
  source: AccountSource,
  words: LabelValues,
  report: ReportError,
  beforeCollection: () => void,
): () => void {
  const gauge = (name: keyof typeof METRICS): ObservableGauge => {
    const { unit, description } = METRICS[name]
    return meter.createObservableGauge(METRICS[name].name, { unit, description })
  }
  return (
    guarded(report, 'the meter', () => {
      const pending = gauge('usagePending')
      const gauges = GAUGES.map(([name, read]) => ({
        read,
        instrument: gauge(name),
        isKey: name.startsWith('key'),
      }))
      const instruments = [pending, ...gauges.map(({ instrument }) => instrument)]
      const observe = (result: BatchObservableResult): void => {
        beforeCollection()
        guarded(report, 'observing the accounts', () => {
          for (const [account, calls] of source.pendingByAccount())
            result.observe(pending, calls, { [A.account]: account })
          for (const snapshot of source.snapshots()) {
            const attributes: Attributes = { [A.account]: snapshot.account }
            const retention = snapshot.keyRetention
            const keyAttributes =
              retention === undefined ? attributes : { ...attributes, [A.retention]: words.admit(retention) }
            for (const { read, instrument, isKey } of gauges) {
              const value = read(snapshot)
              if (value !== undefined)
                result.observe(instrument, Number(value), isKey ? keyAttributes : attributes)
            }
          }
        })
      }
      meter.addBatchObservableCallback(observe, instruments)
      return () => {
        guarded(report, 'the meter', () => meter.removeBatchObservableCallback(observe, instruments))
      }
    }) ?? (() => {})
  )
}
