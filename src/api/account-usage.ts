/**
 * The usage of a key: `GET /v2/usage/detail`, sums by day and model. They come from the API's analytics: they grow during
 * the day and are final some time later. What is paid is in the ledger and the balance.
 * Source: docs.aimlapi.com, "API Key Usage".
 */
import { amount, compact, instant, isUsd, MAX_USD, query, text } from './account-fields.ts'
import type { Stretch } from './account.ts'
import { fieldsOf, type Fields } from './fields.ts'
import type { UsageTotals } from '../ports.ts'

/** The API refuses longer windows. */
export const MAX_USAGE_DAYS = 92

/** What to ask `/v2/usage/detail` for. */
export interface UsageWindow extends Stretch {
  readonly groupBy: 'day' | 'day,model'
  /** The key whose usage is requested; absent: that of the key that sends the request. Needs a management key. */
  readonly keyPrefix?: string | undefined
  /** Canonical IANA name in which days are counted. Default UTC. */
  readonly timeZone?: string
}

/** One row of the requested groups. */
export interface UsageGroup extends UsageTotals {
  /** `YYYY-MM-DD`, in the requested time zone. */
  readonly day: string
  /** `source/alias`. Absent where the API does not know it. */
  readonly model?: string
}

/** The response of `/v2/usage/detail`. */
export interface UsageDetail {
  /** The key's total; it may differ from the sum of the groups by nano-dollars. */
  readonly spendUsd: number
  readonly groups: readonly UsageGroup[]
  /** Groups without a readable spend or day; they are left out. */
  readonly malformed: number
}

/** Path and query of `GET /v2/usage/detail`. */
export function usageDetailPath(window: UsageWindow): string {
  const { startMs, endMs, groupBy, keyPrefix, timeZone } = window
  return `/v2/usage/detail?${query({
    start: instant(startMs),
    end: instant(endMs),
    group_by: groupBy,
    key_prefix: keyPrefix,
    tz: timeZone === 'UTC' ? undefined : timeZone,
  })}`
}

/** Reads a response of `/v2/usage/detail`. `undefined`: the JSON has another shape or currency. */
export function parseUsageDetail(json: unknown): UsageDetail | undefined {
  const body = fieldsOf(json)
  const spendUsd = amount(body['spend'], MAX_USD)
  const { groups } = body
  if (spendUsd === undefined || !isUsd(body) || !Array.isArray(groups)) return undefined
  const read = groups
    .map((group: unknown) => readGroup(fieldsOf(group)))
    .filter((group) => group !== undefined)
  return { spendUsd, groups: joinEqual(read), malformed: groups.length - read.length }
}

/** One group for each day and model: several may have a model without a name, or differ in something unknown. */
function joinEqual(groups: readonly UsageGroup[]): UsageGroup[] {
  const joined = new Map<string, UsageGroup>()
  for (const group of groups) {
    const id = `${group.day} ${group.model ?? ''}`
    const other = joined.get(id)
    joined.set(id, other === undefined ? group : { ...group, ...addTotals(other, group) })
  }
  return [...joined.values()]
}

/** The sum of two figures of usage. */
export function addTotals(a: UsageTotals, b: UsageTotals): UsageTotals {
  return {
    usd: a.usd + b.usd,
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    succeeded: a.succeeded + b.succeeded,
    failed: a.failed + b.failed,
  }
}

function readGroup(row: Fields): UsageGroup | undefined {
  const usd = amount(row['spend'], MAX_USD)
  const day = readDay(row['day'])
  if (usd === undefined || day === undefined) return undefined
  const tokens = fieldsOf(row['tokens'])
  const requests = fieldsOf(row['requests'])
  const failed = amount(requests['failed']) ?? 0
  return compact({
    day,
    model: text(row['model']),
    usd,
    inputTokens: amount(tokens['input']) ?? 0,
    outputTokens: amount(tokens['output']) ?? 0,
    succeeded: amount(requests['succeeded']) ?? Math.max(0, (amount(requests['total']) ?? 0) - failed),
    failed,
  })
}

/** A calendar day, alone or at the beginning of a date-time. */
function readDay(value: unknown): string | undefined {
  const day = text(value)?.slice(0, 10)
  return day !== undefined && /^\d{4}-\d\d-\d\d$/.test(day) && !Number.isNaN(Date.parse(day))
    ? day
    : undefined
}
