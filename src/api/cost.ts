/** The cost of a call. Vendors' figures (`usage.cost`, `cost_in_usd_ticks`, `cost_details`) are upstream prices, not read. */
import { CREDITS_PER_USD } from './credits.ts'
import { type Fields, fieldsOf, readAmount } from './fields.ts'
import { UsageFigures, type WritableUsage } from './usage.ts'

const CREDITS_HEADER = 'x-aimlapi-credits-used'
const USD_HEADER = 'x-aimlapi-usd-spent'
export const COST_HEADERS = [CREDITS_HEADER, USD_HEADER] as const

/** The cost according to one source, headers or body. */
export interface Cost {
  credits?: number
  usd?: number
  /** A field of the cost was no readable amount. */
  isUnreadable: boolean
}

/** A response that says no cost. */
export const NO_COST: Readonly<Cost> = Object.freeze({ isUnreadable: false })

/** The cost that the headers of a response say. */
export function readCostHeaders(head: Partial<Record<(typeof COST_HEADERS)[number], string>>): Cost {
  const cost: Cost = { isUnreadable: false }
  raise(cost, 'credits', head[CREDITS_HEADER]?.trim() || undefined)
  raise(cost, 'usd', head[USD_HEADER]?.trim() || undefined)
  return cost
}

/** Adds the cost of a `meta.usage` object. `tokens_used` is the old name of `credits_used`, no number of tokens. */
export function collectCost(metaUsage: unknown, cost: Cost): void {
  if (metaUsage === undefined || metaUsage === null) return
  if (typeof metaUsage !== 'object' || Array.isArray(metaUsage)) {
    cost.isUnreadable = true
    return
  }
  const { credits_used: credits, tokens_used: legacyCredits, usd_spent: usd } = metaUsage as Fields
  raise(cost, 'credits', readAmount(credits) === undefined ? (legacyCredits ?? credits) : credits)
  raise(cost, 'usd', usd)
}

/** Adds the `cost` of a toolbox run. Its estimate (`quoted_usd`) is not read: it is not charged. */
export function collectRunCost(runCost: unknown, cost: Cost): void {
  if (typeof runCost !== 'object' || runCost === null) return
  const { credits, actual_usd: usd } = runCost as Fields
  raise(cost, 'credits', credits)
  raise(cost, 'usd', usd)
}

/** Adds a cost to `usage`: credits before dollars, `first` before `second`; a missing unit is computed from the other. */
export function addCost(usage: WritableUsage, first: Readonly<Cost>, second: Readonly<Cost>): void {
  // Both from one source: another one may be older, such as the head of a stream.
  const isSecond = first.credits === undefined && (second.credits !== undefined || first.usd === undefined)
  const { credits: reported, usd } = isSecond ? second : first
  const credits = reported ?? (usd === undefined ? undefined : toCredits(usd))
  if (credits === undefined) return
  usage.credits = credits
  usage.usd = usd ?? credits / CREDITS_PER_USD
}

/** Usage and cost of all `parts` of one result, and whether all of it was readable. */
export function readSpent(parts: readonly Fields[]) {
  const figures = new UsageFigures()
  const cost: Cost = { isUnreadable: false }
  for (const part of parts) {
    figures.add(part['usage'])
    collectCost(fieldsOf(part['meta'])['usage'], cost)
  }
  const usage = figures.summarize()
  addCost(usage, NO_COST, cost)
  return { usage, isReadable: !figures.isUnreadable && !cost.isUnreadable }
}

/** Sets a figure, where there is one; of several values the highest counts. */
function raise(cost: Cost, unit: 'credits' | 'usd', value: unknown): void {
  if (value === undefined || value === null) return
  const amount = readAmount(value)
  const credits = amount !== undefined && unit === 'usd' ? readAmount(toCredits(amount)) : amount
  if (amount === undefined || credits === undefined) cost.isUnreadable = true
  else cost[unit] = Math.max(amount, cost[unit] ?? 0)
}

function toCredits(usd: number): number {
  return Math.round(usd * CREDITS_PER_USD)
}
