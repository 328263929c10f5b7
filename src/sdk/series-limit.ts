/** The limit of series per metric in our own SDK. */
import type { Config } from '../config.ts'
import { MAX_KEYS } from '../account-names.ts'

/** The SDK's own limit. Series beyond it lose all their labels: spend without account, model or team. */
const SDK_DEFAULT = 2_000
/** docs/limits.md has the measured memory. */
const MAX = 100_000
/** Series per model: a few operations, outcomes, token types, periods and sources. */
const VARIANTS = 10

/**
 * As many as the caps of models, and of tag values or keys, allow, but at least the SDK's own limit and at most 100,000.
 * Only series in use need memory.
 */
export function seriesLimit(config: Config): number {
  const { maxModels, maxTagValues, metricTags, accounts, managementKeys } = config
  const keys = managementKeys.size > 0 ? MAX_KEYS : accounts.length
  const allowed = VARIANTS * maxModels * Math.max(maxTagValues ** metricTags.length, keys)
  return Math.min(MAX, Math.max(SDK_DEFAULT, allowed))
}
