/** `/v2/logs`: one row per request, failed ones with cost 0, at most 200 requests a minute. */
import { Refusal } from '../call.ts'
import type { LedgerEntry } from '../ledger.ts'
import {
  accountJson,
  allowOnly,
  loggedEntries,
  succeeded,
  wholeNumber,
  windowOf,
  type AccountHandler,
} from './context.ts'

const PARAMETERS = ['period', 'start', 'end', 'key_prefix', 'model', 'status', 'limit', 'offset']
const MAX_MODELS = 50

/** `source/alias` or the bare alias. Commas do not split: such a name just matches nothing. */
function namesModel(entry: LedgerEntry, wanted: readonly string[]): boolean {
  const full = entry.catalogueModel ?? ''
  const alias = full.slice(full.indexOf('/') + 1)
  return wanted.some((name) => name === full || name === alias || name === entry.model)
}

export const logs: AccountHandler = (request) => {
  const { query, now } = request
  if (!request.withinLogRate(request.key.account.name)) throw new Refusal(429, 'Too Many Requests')
  allowOnly(query, PARAMETERS)
  const window = windowOf(query, now())
  const models = query.getAll('model')
  const statuses = query.getAll('status')
  if (models.length > MAX_MODELS) throw new Refusal(400, 'Body validation error: model: at most 50')
  if (statuses.some((status) => status !== 'succeeded' && status !== 'failed')) {
    throw new Refusal(400, `Body validation error: status: received '${statuses.join(',')}'`)
  }
  const limit = wholeNumber(query, 'limit', [1, 100, 50])
  const offset = wholeNumber(query, 'offset', [0, Number.MAX_SAFE_INTEGER, 0])
  const rows = loggedEntries(request, window)
    .filter((entry) => models.length === 0 || namesModel(entry, models))
    .filter((entry) => statuses.length === 0 || statuses.includes(succeeded(entry) ? 'succeeded' : 'failed'))
  return accountJson({
    data: rows.slice(offset, offset + limit).map(rowOf),
    pagination: { limit, offset, total: rows.length, has_more: offset + limit < rows.length },
  })
}

function rowOf(entry: LedgerEntry) {
  const { input, output } = entry.tokens
  return {
    created: new Date(entry.requestedAt).toISOString(),
    status: succeeded(entry) ? 'succeeded' : 'failed',
    origin: 'api',
    model: entry.catalogueModel,
    cost: { usd: Number(entry.usd.toFixed(9)), credits: entry.credits },
    tokens: { input, output, total: input + output },
    request_id: entry.requestId,
    inference_id: entry.inferenceId,
    client_request_id: entry.clientRequestId,
  }
}

/** @returns whether one more request of this account is allowed within the last 60 seconds. */
export function createLogRate(perMinute: number, now: () => number): (account: string) => boolean {
  const recent = new Map<string, number[]>()
  return (account) => {
    const nowMs = now()
    const times = (recent.get(account) ?? []).filter((at) => at > nowMs - 60_000)
    recent.set(account, times)
    if (times.length >= perMinute) return false
    times.push(nowMs)
    return true
  }
}
