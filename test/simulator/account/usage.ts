/** `/v2/usage` and `/v2/usage/detail`: sums of charged requests. */
import { Refusal, type JsonObject } from '../call.ts'
import type { LedgerEntry } from '../ledger.ts'
import {
  accountJson,
  allowOnly,
  loggedEntries,
  succeeded,
  windowOf,
  type AccountHandler,
  type AccountRequest,
} from './context.ts'

const PARAMETERS = ['period', 'start', 'end', 'key_prefix']
const GROUPINGS = new Set(['day', 'model', 'day,model'])

const spendOf = (entries: readonly LedgerEntry[]): number =>
  Number(entries.reduce((sum, entry) => sum + entry.usd, 0).toFixed(9))

function totals(request: AccountRequest): { entries: LedgerEntry[]; body: JsonObject } {
  const window = windowOf(request.query, request.now())
  const entries = loggedEntries(request, window, request.usageLagMs)
  const charged = entries.filter((entry) => entry.credits > 0)
  const body = {
    api_key_prefix: request.query.get('key_prefix'),
    start: new Date(window.startMs).toISOString(),
    end: new Date(window.endMs).toISOString(),
    spend: spendOf(charged),
    currency: 'USD',
    requests: charged.length,
  }
  return { entries, body }
}

export const usage: AccountHandler = (request) => {
  allowOnly(request.query, PARAMETERS)
  return accountJson(totals(request).body)
}

function groupBy(entries: readonly LedgerEntry[], name: (entry: LedgerEntry) => string) {
  const groups = new Map<string, LedgerEntry[]>()
  for (const entry of entries) {
    const group = groups.get(name(entry))
    if (group === undefined) groups.set(name(entry), [entry])
    else group.push(entry)
  }
  return [...groups.values()]
    .map((group) => ({ group, spend: spendOf(group) }))
    .sort((a, b) => b.spend - a.spend)
    .map(({ group }) => group)
}

/** The calendar day of a request. Zones differ by quarters of an hour, so each quarter is written out once. */
function createDayOf(timeZone: string): (entry: LedgerEntry) => string {
  // The Swedish way to write a date is ISO 8601.
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' })
  const days = new Map<number, string>()
  return ({ requestedAt }) => {
    const quarter = Math.floor(requestedAt / (15 * 60_000))
    const known = days.get(quarter) ?? format.format(requestedAt)
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
  const { entries, body } = totals(request)
  const charged = entries.filter((entry) => entry.credits > 0)
  const models = groupBy(charged, (entry) => entry.catalogueModel ?? '').map((group) => ({
    model: group[0]?.catalogueModel ?? null,
    spend: spendOf(group),
    requests: group.length,
  }))
  if (grouping === null) return accountJson({ ...body, models })
  const dayOf = createDayOf(zone ?? 'UTC')
  const byDay = grouping.includes('day')
  const byModel = grouping.includes('model')
  const name = (entry: LedgerEntry): string =>
    `${byDay ? dayOf(entry) : ''} ${byModel ? entry.catalogueModel : ''}`
  const groups = groupBy(entries, name).map((group) => groupRow(group, byDay ? dayOf : undefined, byModel))
  return accountJson({ ...body, models, groups })
}

function groupRow(
  group: readonly LedgerEntry[],
  dayOf: ((entry: LedgerEntry) => string) | undefined,
  byModel: boolean,
): JsonObject {
  const [first] = group
  const input = group.reduce((sum, entry) => sum + entry.tokens.input, 0)
  const output = group.reduce((sum, entry) => sum + entry.tokens.output, 0)
  const good = group.filter(succeeded).length
  return {
    ...(dayOf !== undefined && first !== undefined ? { day: dayOf(first) } : {}),
    ...(byModel ? { model: first?.catalogueModel ?? null } : {}),
    spend: spendOf(group),
    tokens: { input, output, total: input + output },
    requests: {
      total: group.length,
      charged: group.filter((entry) => entry.credits > 0).length,
      succeeded: good,
      failed: group.length - good,
    },
  }
}
