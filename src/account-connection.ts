/** Connects account polling to its metrics, in a service and in the exporter. */
import type { Meter } from '@opentelemetry/api'
import { watchAccounts, type WatchOptions } from './account/watch-accounts.ts'
import type { Config } from './config.ts'
import { createAccountMetrics } from './telemetry/account-metrics.ts'

/** What the polls run on. Default: the real clock, and a client of their own. */
export type AccountDependencies = Pick<WatchOptions, 'clock' | 'client'>

/** Starts to poll, and records the results on `meter`. */
export function connectAccounts(config: Config, meter: Meter, dependencies: AccountDependencies = {}) {
  const watch = watchAccounts({
    ...config,
    ...dependencies,
    onPoll: (account, poll, errorType) => metrics.polled(account, poll, errorType),
    onLedgerEntry: (entry) => metrics.ledgerEntry(entry),
    onCharged: (account, credits) => metrics.charged(account, credits),
    onUsage: (growth) => metrics.used(growth),
  })
  const metrics = createAccountMetrics(
    meter,
    {
      snapshots: () => watch.snapshots(),
      models: () => watch.models(),
      pendingByAccount: () => watch.settlement.pendingByAccount(),
      budgets: config.budgets,
    },
    config.maxModels,
  )
  return { watch, metrics }
}
