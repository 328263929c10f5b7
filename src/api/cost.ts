/**
 * What the account is charged for a call: credits and US dollars, from headers and body, by counting rule 1.
 * Vendors' own figures (`usage.cost`, `cost_in_usd_ticks`, `cost_details`) are upstream prices, never read.
 */
import { CREDITS_PER_USD } from './credits.ts'
import { isAmount, isCount, type WritableUsage } from './usage.ts'

const CREDITS_HEADER = 'x-aimlapi-credits-used'
const USD_HEADER = 'x-aimlapi-usd-spent'
export const COST_HEADERS = [CREDITS_HEADER, USD_HEADER] as const
/** As the documentation prints them: an integer, and a decimal with nine places. */
const INTEGER = /^\d{1,16}$/
const DECIMAL = /^\d{1,16}(?:\.\d{1,18})?(?:e-?\d{1,2})?$/i

/** What one source said of the cost. */
export interface Cost {
  credits?: number
  usd?: number
  /** Something was said that is no amount. */
  isUnreadable: boolean
}

export function readCostHeaders(head: Partial<Record<(typeof COST_HEADERS)[number], string>>): Cost {
  const creditsText = head[CREDITS_HEADER]?.trim()
  const usdText = head[USD_HEADER]?.trim()
  const cost: Cost = { isUnreadable: false }
  if (creditsText) setCredits(cost, INTEGER.test(creditsText) ? Number(creditsText) : creditsText)
  if (usdText) setUsd(cost, DECIMAL.test(usdText) ? Number(usdText) : usdText)
  return cost
}

/**
 * Adds what a `meta.usage` object says. `tokens_used` is the old name of `credits_used`, never a number of
 * tokens (the documented 2025 bodies show prices under it).
 */
export function collectCost(metaUsage: unknown, cost: Cost): void {
  if (metaUsage === undefined || metaUsage === null) return
  if (typeof metaUsage !== 'object' || Array.isArray(metaUsage)) {
    cost.isUnreadable = true
    return
  }
  const {
    credits_used: credits,
    tokens_used: legacyCredits,
    usd_spent: usd,
  } = metaUsage as Record<string, unknown>
  setCredits(cost, isCount(credits) ? credits : (legacyCredits ?? credits))
  setUsd(cost, usd)
}

/** Header before body, credits before dollars; what only one of the two said is computed from the other. */
export function addCost(usage: WritableUsage, header: Cost, body: Cost): void {
  const reportedUsd = header.usd ?? body.usd
  const credits =
    header.credits ?? body.credits ?? (reportedUsd === undefined ? undefined : toCredits(reportedUsd))
  if (credits === undefined) return
  usage.credits = credits
  usage.usd = reportedUsd ?? credits / CREDITS_PER_USD
}

function setCredits(cost: Cost, value: unknown): void {
  if (isCount(value)) cost.credits = value
  else if (value !== undefined && value !== null) cost.isUnreadable = true
}

function setUsd(cost: Cost, value: unknown): void {
  if (isAmount(value) && isCount(toCredits(value))) cost.usd = value
  else if (value !== undefined && value !== null) cost.isUnreadable = true
}

function toCredits(usd: number): number {
  return Math.round(usd * CREDITS_PER_USD)
}
