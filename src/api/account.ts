/**
 * The account endpoints: paths of requests, and parsers of responses, which return `undefined` for JSON of another shape.
 * E-mail and user id, which `/v2/billing/detail` also carries, are never read.
 * Source: docs.aimlapi.com, "API References / Service Endpoints".
 */
import type { AccountSnapshot, LedgerEntry } from '../ports.ts'
import { amount, compact, flag, instant, isUsd, MAX_USD, money, query, text, time } from './account-fields.ts'
import { fieldsOf, type Fields } from './fields.ts'
import { CREDITS_PER_USD } from './credits.ts'

/** Balance and automatic top-up of one account, as far as one response has them. */
export type BalanceFacts = Omit<
  AccountSnapshot,
  'account' | 'updatedTimestampSeconds' | 'keys' | 'spend' | 'ledgerLagSeconds'
>

/** A range of time, by the server's clock, in milliseconds since the epoch. */
export interface Stretch {
  readonly startMs: number
  /** Exclusive in the ledger and in usage. */
  readonly endMs: number
}

/** The URL of an account endpoint. `baseUrl`: origin and optional path prefix. */
export function accountUrl(baseUrl: string, path: string): string {
  return baseUrl.replace(/\/+$/, '') + path
}

/** The largest page of the log and of the ledger. */
export const PAGE_SIZE = 100

/** Which entries of the ledger are read. */
export interface LedgerFilter {
  readonly direction: 'TOPUP' | 'CHARGE'
  readonly type?: string | undefined
}

/** `GET /v2/logs`, newest first. `start` and `end` must be at most 92 days apart. */
export function logsPath({ startMs, endMs }: Stretch, offset: number): string {
  return `/v2/logs?${query({ start: instant(startMs), end: instant(endMs), limit: PAGE_SIZE, offset })}`
}

/** `GET /v2/billing/transactions`, newest first: `from` ≤ created < `to`. A cursor continues after a page. */
export function transactionsPath(
  { startMs, endMs }: Stretch,
  more: Partial<LedgerFilter> & { readonly cursor?: string | undefined } = {},
): string {
  const parameters = { from: instant(startMs), to: instant(endMs), limit: PAGE_SIZE, ...more }
  return `/v2/billing/transactions?${query(parameters)}`
}

/** `/v2/billing` and `/v2/billing/detail`: US dollars, the latter with the automatic top-up. */
export function parseBalance(json: unknown): BalanceFacts | undefined {
  const body = fieldsOf(json)
  const usd = money(body['current_balance'], MAX_USD)
  if (usd === undefined || !isUsd(body)) return undefined
  const topUp = fieldsOf(body['autotopup_settings'])
  const inUsd = isUsd(topUp)
  return compact({
    balanceUsd: usd,
    balanceCredits: Math.round(usd * CREDITS_PER_USD),
    autoTopUpEnabled: flag(topUp['is_enabled']),
    autoTopUpThresholdUsd: inUsd ? amount(topUp['threshold']) : undefined,
    autoTopUpAmountUsd: inUsd ? amount(topUp['amount']) : undefined,
  })
}

/** `/v1/billing/balance`: credits, and whether the API considers that low. */
export function parseLegacyBalance(json: unknown): BalanceFacts | undefined {
  const body = fieldsOf(json)
  const credits = money(body['balance'], Number.MAX_SAFE_INTEGER)
  if (credits === undefined) return undefined
  return compact({
    balanceCredits: credits,
    balanceUsd: credits / CREDITS_PER_USD,
    balanceLow: flag(body['lowBalance']),
    lowBalanceThresholdCredits: amount(body['lowBalanceThreshold']),
  })
}

/** One page of `/v2/logs`. */
export function parseLogs(json: unknown) {
  return parsePage(json, parseLogRow)
}

/** One request in the account's log. */
export type LogRow = Readonly<NonNullable<ReturnType<typeof parseLogRow>>>

function parseLogRow(row: Fields) {
  const createdMs = time(row['created'])
  const cost = parseAmount(row['cost'])
  if (createdMs === undefined || cost === undefined) return undefined
  const tokens = fieldsOf(row['tokens'])
  const [input, output] = [amount(tokens['input']), amount(tokens['output'])]
  const billedByTokens = input !== undefined && output !== undefined && input + output > 0
  const inferenceId = text(row['inference_id'])
  const model = text(row['model'])
  const requestId = text(row['request_id'])
  const own = [requestId, inferenceId, createdMs, text(row['status']), model, cost, input, output]
  return compact({
    /** Equal for the same row on two overlapping pages. */
    dedupeKey: JSON.stringify(own),
    inferenceId,
    clientRequestId: text(row['client_request_id']),
    /** `source/alias` */
    model,
    createdMs,
    /** 0 for a failed request. */
    cost,
    /** Absent when the request was not billed by tokens (the log then has 0 for all of them). */
    tokens: billedByTokens ? { input, output } : undefined,
  })
}

const DIRECTIONS = new Map<unknown, LedgerEntry['direction']>([
  ['TOPUP', 'topup'],
  ['CHARGE', 'charge'],
])

/** One page of `/v2/billing/transactions`. */
export function parseTransactions(json: unknown) {
  const page = parsePage(json, parseTransaction)
  // It has more but no cursor to it: those entries would be lost silently.
  return page?.hasMore === true && page.nextCursor === undefined ? undefined : page
}

/** One movement of money in the account's ledger. */
export type Transaction = Readonly<NonNullable<ReturnType<typeof parseTransaction>>>

function parseTransaction(row: Fields) {
  const createdMs = time(row['created_at'])
  const moved = parseAmount(row['amount'])
  const direction = DIRECTIONS.get(row['direction'])
  if (createdMs === undefined || moved === undefined || direction === undefined) return undefined
  const type = text(row['type'])
  const model = text(row['model'])
  const reference = text(row['reference_id'])
  const what = reference === undefined ? [model, moved.credits] : reference
  return compact({
    /** Equal for entries that cannot be told apart, and for one entry whose amount or model was corrected. */
    dedupeKey: JSON.stringify([what, type, direction, createdMs]),
    /** The entry names what it paid for, so hardly another one is equal. */
    hasReference: reference !== undefined,
    createdMs,
    direction,
    type: type !== undefined && /^[A-Z][A-Z_]{0,39}$/.test(type) ? type : 'other',
    model,
    credits: moved.credits,
  })
}

function parsePage<Row>(json: unknown, parseRow: (row: Fields) => Row | undefined) {
  const body = fieldsOf(json)
  const { data } = body
  const pagination = fieldsOf(body['pagination'])
  const hasMore = flag(pagination['has_more'])
  // An empty page that claims to have more would be requested for ever.
  if (!Array.isArray(data) || hasMore === undefined || (hasMore && data.length === 0)) return undefined
  const rows = data.map((row: unknown) => parseRow(fieldsOf(row))).filter((row) => row !== undefined)
  return compact({
    rows,
    /** Rows on the page, the malformed ones included: the step to the next offset. */
    rowCount: data.length,
    /** Rows without a readable cost or time; they are left out. */
    malformed: data.length - rows.length,
    hasMore,
    /** Present when there is more: to be sent back unchanged. */
    nextCursor: hasMore ? text(pagination['next_cursor'], 4096) : undefined,
  })
}

/** Credits and US dollars; when only one is readable, the other is computed from it. */
function parseAmount(value: unknown) {
  const fields = fieldsOf(value)
  const [credits, usd] = [amount(fields['credits']), amount(fields['usd'], MAX_USD)]
  if (credits !== undefined) return { credits, usd: usd ?? credits / CREDITS_PER_USD }
  return usd === undefined ? undefined : { credits: Math.round(usd * CREDITS_PER_USD), usd }
}
