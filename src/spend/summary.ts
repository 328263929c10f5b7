/** Sums rows by model, day or key. */
import { addTotals } from '../api/account-usage.ts'
import type { UsageTotals } from '../ports.ts'
import type { SpendRow } from './read-spend.ts'

/** What rows can be summed by. */
export const GROUPINGS = ['model', 'day', 'key'] as const
/** One of `GROUPINGS`. */
export type Grouping = (typeof GROUPINGS)[number]

/** The sum of one model, day or key. */
export interface SummaryRow extends UsageTotals {
  /** The model, the day, or the key: its prefix and, if it has one, its name. */
  readonly label: string
  /** Share of the total spend, 0 to 1. */
  readonly share: number
}

const NO_USE: UsageTotals = { usd: 0, inputTokens: 0, outputTokens: 0, succeeded: 0, failed: 0 }

const LABELS: Readonly<Record<Grouping, (row: SpendRow) => string>> = {
  model: ({ model }) => model,
  day: ({ day }) => day,
  key: ({ keyPrefix, keyName }) => (keyName === undefined ? keyPrefix : `${keyPrefix} (${keyName})`),
}

/**
 * Sums the rows: days in chronological order; models and keys by spend, the highest first. Labels of keys begin with the
 * account where there are several.
 */
export function summarize(rows: readonly SpendRow[], by: Grouping) {
  const withAccounts = by === 'key' && new Set(rows.map(({ account }) => account)).size > 1
  const sums = new Map<string, UsageTotals>()
  for (const row of rows) {
    const label = LABELS[by](row)
    const name = withAccounts ? `${row.account}: ${label}` : label
    sums.set(name, addTotals(sums.get(name) ?? NO_USE, row))
  }
  const total = rows.reduce<UsageTotals>(addTotals, NO_USE)
  const summed = [...sums].map(([label, figures]): SummaryRow => ({
    label,
    ...figures,
    share: total.usd === 0 ? 0 : figures.usd / total.usd,
  }))
  return {
    rows: summed.sort((a, b) =>
      by === 'day' ? compare(a.label, b.label) : b.usd - a.usd || compare(a.label, b.label),
    ),
    total,
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}
