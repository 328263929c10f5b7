/** `/v2/usage` and `/v2/usage/detail`: sums of charged requests. */
import { Refusal, type JsonObject } from '../call.ts'
import { CREDITS_PER_USD } from '../ledger.ts'
import type { UsageSum } from '../usage-sums.ts'
import {
  accountJson,
  allowOnly,
  visiblePrefix,
  windowOf,
  type AccountHandler,
  type AccountRequest,
} from './context.ts'

const PARAMETERS = ['period', 'start', 'end', 'key_prefix']
const GROUPINGS = new Set(['day', 'model', 'day,model'])

/** What was used at a moment, to within a few seconds. */
interface Used extends Readonly<UsageSum> {
  readonly atMs: number
}

type Counted = 'credits' | 'inputTokens' | 'outputTokens' | 'total' | 'charged' | 'succeeded'

const sumOf = (used: readonly Used[], field: Counted): number =>
  used.reduce((sum, each) => sum + each[field], 0)
const spendOf = (used: readonly Used[]): number =>
  Number((sumOf(used, 'credits') / CREDITS_PER_USD).toFixed(9))

function totals(request: AccountRequest): { used: Used[]; body: JsonObject } {
  const { query, now, usageLagMs, ledger, key } = request
  const { startMs, endMs } = windowOf(query, now())
  const prefix = visiblePrefix(request)
  const used = ledger
    .usage(key.account.name, startMs, endMs, now() - usageLagMs)
    .flatMap(({ atMs, sums }) => [...sums].map((sum) => ({ ...sum, atMs })))
    .filter(({ keyPrefix }) => prefix === null || keyPrefix === prefix)
  const body = {
    api_key_prefix: query.get('key_prefix'),
    start: new Date(startMs).toISOString(),
    end: new Date(endMs).toISOString(),
    spend: spendOf(used),
    currency: 'USD',
    requests: sumOf(used, 'charged'),
  }
  return { used, body }
}

export const usage: AccountHandler = (request) => {
  allowOnly(request.query, PARAMETERS)
  return accountJson(totals(request).body)
}

/** The dearest first. */
function groupBy(used: readonly Used[], name: (used: Used) => string): Used[][] {
  const groups = new Map<string, Used[]>()
  for (const each of used) {
    const group = groups.get(name(each))
    if (group === undefined) groups.set(name(each), [each])
    else group.push(each)
  }
  return [...groups.values()]
    .map((group) => ({ group, spend: spendOf(group) }))
    .sort((a, b) => b.spend - a.spend)
    .map(({ group }) => group)
}

/** The calendar day of a request. Zones differ by quarters of an hour, so each quarter is written out once. */
function createDayOf(timeZone: string): (used: Used) => string {
  // The Swedish way to write a date is ISO 8601.
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' })
  const days = new Map<number, string>()
  return ({ atMs }) => {
    const quarter = Math.floor(atMs / (15 * 60_000))
    const known = days.get(quarter) ?? format.format(atMs)
    days.set(quarter, known)
    return known
  }
}

export const usageDetail: AccountHandler = (request) => {
  const { query } = request
  allowOnly(query, [...PARAMETERS, 'group_by', 'tz'])
  const grouping = query.get('group_by')
  if (grouping !== null && !GROUPINGS.has(grouping)) {
    throw new Refusal(400, `Body validation error: group_by: received '${grouping}'`)
  }
  const zone = query.get('tz')
  if (zone !== null && zone !== 'UTC' && !Intl.supportedValuesOf('timeZone').includes(zone)) {
    throw new Refusal(400, `Body validation error: tz: received '${zone}'`)
  }
  const { used, body } = totals(request)
  const models = groupBy(used, ({ catalogueModel }) => catalogueModel ?? '')
    .filter((group) => sumOf(group, 'charged') > 0)
    .map((group) => ({
      model: group[0]?.catalogueModel ?? null,
      spend: spendOf(group),
      requests: sumOf(group, 'charged'),
    }))
  if (grouping === null) return accountJson({ ...body, models })
  const dayOf = createDayOf(zone ?? 'UTC')
  const byDay = grouping.includes('day')
  const byModel = grouping.includes('model')
  const name = (each: Used): string => `${byDay ? dayOf(each) : ''} ${byModel ? each.catalogueModel : ''}`
  const groups = groupBy(used, name).map((group) => groupRow(group, byDay ? dayOf : undefined, byModel))
  return accountJson({ ...body, models, groups })
}

function groupRow(
  group: readonly Used[],
  dayOf: ((used: Used) => string) | undefined,
  byModel: boolean,
): JsonObject {
  const [first] = group
  const [input, output] = [sumOf(group, 'inputTokens'), sumOf(group, 'outputTokens')]
  const [total, succeeded] = [sumOf(group, 'total'), sumOf(group, 'succeeded')]
  return {
    ...(dayOf !== undefined && first !== undefined ? { day: dayOf(first) } : {}),
    ...(byModel ? { model: first?.catalogueModel ?? null } : {}),
    spend: spendOf(group),
    tokens: { input, output, total: input + output },
    requests: { total, charged: sumOf(group, 'charged'), succeeded, failed: total - succeeded },
  }
}
