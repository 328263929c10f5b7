/** Gauges of the accounts: at each collection, the last values of the pollers. A scrape sends no request. */
import { MAX_KEYS } from '../account-names.ts'
import type { Attributes, BatchObservableResult, Meter, ObservableGauge } from '@opentelemetry/api'
import type { AccountSnapshot, KeySnapshot, ModelSnapshot } from '../ports.ts'
import { cleanModel, cleanWord, nameLargest } from './cardinality.ts'
import { createGauge } from './instruments.ts'
import { guarded, type ReportError } from './report-error.ts'
import { ATTRIBUTE as A, METRICS, TAG_PREFIX } from './names.ts'

/** A budget of an account, or of one value of a spend tag. */
export interface BudgetValue {
  readonly account?: string
  readonly tag?: { readonly name: string; readonly value: string }
  readonly period: string
  readonly usd: number
}

/** What the gauges read. All methods are called at every collection and return at once, from memory. */
export interface AccountSource {
  snapshots(): Iterable<AccountSnapshot>
  /** The catalogue's facts of models in use. Default: none. */
  models?(): Iterable<ModelSnapshot>
  /** Calls whose cost is still being looked up, by account. */
  pendingByAccount(): ReadonlyMap<string, number>
  /** Default: none. */
  readonly budgets?: readonly BudgetValue[]
}

type GaugeName = keyof typeof METRICS
type Reading = number | boolean | undefined
type Observe = (gauge: GaugeName, value: Reading, attributes: Attributes) => void

/** Gauge → field of the snapshot. An absent field gives no sample, never 0. */
const ACCOUNT_GAUGES: Partial<Record<GaugeName, (account: AccountSnapshot) => Reading>> = {
  balanceCredits: (account) => account.balanceCredits,
  balanceUsd: (account) => account.balanceUsd,
  balanceLow: (account) => account.balanceLow,
  balanceLowThreshold: (account) => account.lowBalanceThresholdCredits,
  balanceUpdated: (account) => account.updatedTimestampSeconds,
  autoTopUpEnabled: (account) => account.autoTopUpEnabled,
  autoTopUpThreshold: (account) => account.autoTopUpThresholdUsd,
  autoTopUpAmount: (account) => account.autoTopUpAmountUsd,
  ledgerLag: (account) => account.ledgerLagSeconds,
}

const KEY_GAUGES: Partial<Record<GaugeName, (key: KeySnapshot) => Reading>> = {
  keyLimit: (key) => key.limitUsd,
  keyUsage: (key) => key.usageUsd,
  keyDisabled: (key) => key.disabled,
}

const OTHER_GAUGES = ['usagePending', 'accountSpend', 'modelTokenPrice', 'modelShutdown', 'budget']
const GAUGES = [...Object.keys(ACCOUNT_GAUGES), ...Object.keys(KEY_GAUGES), ...OTHER_GAUGES] as GaugeName[]

/**
 * Adds the gauges with one callback, so that they show the same moment. Returns the function that removes them.
 * @param maxModels in labels of one account at a time. Which ones they are may change: the series of a gauge can end.
 */
export function addAccountGauges(
  meter: Meter,
  source: AccountSource,
  maxModels: number,
  report: ReportError,
): () => void {
  const gauges = new Map<GaugeName, ObservableGauge>()
  const observe = (result: BatchObservableResult): void => {
    guarded(report, 'observing the accounts', () => {
      observeAll(source, maxModels, (name, value, attributes) => {
        const gauge = gauges.get(name)
        if (value !== undefined && gauge !== undefined) result.observe(gauge, Number(value), attributes)
      })
    })
  }
  guarded(report, 'the meter', () => {
    for (const name of GAUGES) gauges.set(name, createGauge(meter, METRICS[name]))
    meter.addBatchObservableCallback(observe, [...gauges.values()])
  })
  return () => {
    guarded(report, 'the meter', () => meter.removeBatchObservableCallback(observe, [...gauges.values()]))
  }
}

function observeAll(source: AccountSource, maxModels: number, observe: Observe): void {
  for (const [account, calls] of source.pendingByAccount())
    observe('usagePending', calls, { [A.account]: account })
  for (const snapshot of source.snapshots()) {
    const attributes = { [A.account]: snapshot.account }
    for (const [name, read] of Object.entries(ACCOUNT_GAUGES))
      observe(name as GaugeName, read(snapshot), attributes)
    observeKeys(snapshot, observe)
    observeSpend(snapshot, maxModels, observe)
  }
  for (const model of source.models?.() ?? []) observeModel(model, observe)
  for (const { account, tag, period, usd } of source.budgets ?? []) {
    const subject = tag === undefined ? { [A.account]: account } : { [TAG_PREFIX + tag.name]: tag.value }
    observe('budget', usd, { ...subject, [A.period]: period })
  }
}

function observeKeys({ account, keys = [] }: AccountSnapshot, observe: Observe): void {
  for (const key of keys) {
    const prefix = cleanWord(key.prefix)
    // Limits of several keys must not be merged into one series.
    if (prefix === undefined) continue
    const { retention } = key
    const attributes: Attributes = {
      [A.account]: account,
      [A.key]: prefix,
      ...(retention !== undefined && { [A.retention]: retention }),
    }
    for (const [name, read] of Object.entries(KEY_GAUGES)) observe(name as GaugeName, read(key), attributes)
  }
}

/** Models and keys past their cap, those with the lowest spend this month, are summed under `other`. */
function observeSpend({ account, spend = [] }: AccountSnapshot, maxModels: number, observe: Observe): void {
  const keys = nameLargest(
    spend.map(({ keyPrefix, monthUsd = 0 }) => [keyPrefix, monthUsd]),
    MAX_KEYS,
    cleanWord,
  )
  const models = nameLargest(
    spend.flatMap(({ model, monthUsd = 0 }) => (model === undefined ? [] : [[model, monthUsd]])),
    maxModels,
    cleanModel,
  )
  const sums = new Map<string, { usd: number; attributes: Attributes }>()
  for (const { keyPrefix, model, dayUsd, monthUsd } of spend) {
    const labels: Attributes = {
      [A.account]: account,
      [A.key]: keys(keyPrefix),
      ...(model !== undefined && { [A.requestModel]: models(model) }),
    }
    for (const [period, usd] of Object.entries({ day: dayUsd, month: monthUsd })) {
      if (usd === undefined) continue
      const attributes = { ...labels, [A.period]: period }
      const id = JSON.stringify(attributes)
      const sum = sums.get(id) ?? { usd: 0, attributes }
      sum.usd += usd
      sums.set(id, sum)
    }
  }
  for (const { usd, attributes } of sums.values()) observe('accountSpend', usd, attributes)
}

function observeModel(snapshot: ModelSnapshot, observe: Observe): void {
  const model = cleanModel(snapshot.model)
  // Prices of several models must not be merged into one series.
  if (model === undefined) return
  observe('modelShutdown', snapshot.shutdownTimestampSeconds, { [A.requestModel]: model })
  for (const { tokenType, detail, usd } of snapshot.prices) {
    observe('modelTokenPrice', usd, {
      [A.requestModel]: model,
      [A.tokenType]: tokenType,
      ...(detail !== undefined && { [A.tokenDetail]: detail }),
    })
  }
}
