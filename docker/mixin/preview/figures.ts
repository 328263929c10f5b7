/** What the made-up company has agreed on. */

/** Charged to the account and counted by nobody: a notebook of somebody's. */
export const UNCOUNTED_SHARE = 0.012
export const BUDGET_USD = { month: 2600, search: 1500, day: 160 } as const
/** Of each key, a month. */
export const KEY_LIMIT_USD: Readonly<Record<string, number>> = { '7f3a90c1': 1400, b21c55d0: 1000 }
/** Added when fewer than the threshold are left. */
export const TOP_UP = { thresholdUsd: 120, amountUsd: 100, firstUsd: 250 } as const

/** Of the catalogue, in US dollars for a million tokens. */
export const PRICES: ReadonlyArray<readonly [model: string, input: number, output: number, cached: number]> =
  [
    ['openai/gpt-5', 1.25, 10, 0.125],
    ['openai/gpt-5-mini', 0.25, 2, 0.025],
    ['anthropic/claude-sonnet-4.5', 3, 15, 0.3],
  ]
