/** The limit of series per metric in our own SDK. */
import type { Config } from '../config.ts'

/** The SDK's own limit. Series beyond it lose all their labels: spend without account, model or team. */
const SDK_DEFAULT = 2_000
/** docs/limits.md has the measured memory. */
const MAX = 100_000
/** Series per model: a few operations, outcomes, token types and sources. */
const VARIANTS = 10

/**
 * As many as the caps of models and tag values allow, but at least the SDK's own limit and at most 100,000. Only series
 * in use need memory.
 */
export function seriesLimit({ maxModels, maxTagValues, metricTags }: Config): number {
  const allowed = VARIANTS * maxModels * maxTagValues ** metricTags.length
  return Math.min(MAX, Math.max(SDK_DEFAULT, allowed))
}
