/** What the account endpoints see of the simulator. */
import type { Accounts, SimulatedKey } from '../accounts.ts'
import { json, Refusal, type Json, type JsonAnswer } from '../call.ts'
import type { Ledger, LedgerEntry } from '../ledger.ts'

export interface AccountRequest {
  readonly method: string
  /** As sent, without query. */
  readonly path: string
  readonly query: URLSearchParams
  readonly key: SimulatedKey
  readonly ledger: Ledger
  readonly accounts: Accounts
  readonly now: () => number
  /** `/v1/key` answers for another key of the account ("most recently used"). */
  readonly keyOfOthers: boolean
  /** Until `/v2/usage` shows what `/v2/logs` shows already. */
  readonly usageLagMs: number
  /** Counts one request to `/v2/logs`. @returns false past the limit. */
  readonly withinLogRate: (account: string) => boolean
}

export type AccountHandler = (request: AccountRequest) => JsonAnswer

/** An answer of the account: no inference, so no id and no credit headers. */
export function accountJson(body: Json): JsonAnswer {
  return { ...json(body), inferenceId: null }
}

/** @throws Refusal 400 when the query has a parameter that the endpoint does not know. */
export function allowOnly(query: URLSearchParams, known: readonly string[]): void {
  for (const name of query.keys()) {
    if (!known.includes(name))
      throw new Refusal(400, `Body validation error: unknown query parameter '${name}'`)
  }
}

/** A whole number of the query within its bounds. @throws Refusal 400 */
export function wholeNumber(
  query: URLSearchParams,
  name: string,
  [minimum, maximum, otherwise]: readonly [minimum: number, maximum: number, otherwise: number],
): number {
  const text = query.get(name)
  if (text === null) return otherwise
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= minimum && value <= maximum) return value
  throw new Refusal(
    400,
    `Body validation error: ${name}: Expected ${minimum} to ${maximum}, received '${text}'`,
  )
}

/** A date-time of the query in milliseconds. @throws Refusal 400 */
export function instant(text: string, name: string, offset: 'required' | 'optional'): number {
  const hasOffset = /(?:Z|[+-]\d{2}:?\d{2})$/.test(text)
  if (offset === 'required' && !hasOffset)
    throw new Refusal(400, `Body validation error: ${name}: offset required`)
  const isDate = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?(?:Z|[+-]\d{2}:?\d{2})?$/.test(text)
  const value = isDate ? Date.parse(hasOffset || !text.includes('T') ? text : `${text}Z`) : Number.NaN
  if (Number.isNaN(value))
    throw new Refusal(400, `Body validation error: ${name}: Expected ISO-8601, received '${text}'`)
  return value
}

/**
 * Whose rows a request may see: a regular key sees its own, a management key any of its account's or all.
 * @returns the prefix, or null for the whole account.
 * @throws Refusal 403 or 404
 */
export function visiblePrefix({ key, query }: AccountRequest): string | null {
  const wanted = query.get('key_prefix')
  if (key.management !== true) {
    if (wanted !== null && wanted !== key.prefix) throw new Refusal(403, 'Forbidden')
    return key.prefix
  }
  if (wanted === null) return null
  if (!key.account.keys.some((owned) => owned.prefix === wanted)) throw new Refusal(404, 'Not Found')
  return wanted
}

const HOUR_MS = 60 * 60 * 1000
const DAY_MS = 24 * HOUR_MS
const MAX_WINDOW_MS = 92 * DAY_MS

export interface Window {
  readonly startMs: number
  /** Exclusive. */
  readonly endMs: number
}

/** Either `period` (`24h`, `7d`) or both `start` and `end`, at most 92 days. @throws Refusal 400 */
export function windowOf(query: URLSearchParams, nowMs: number): Window {
  const period = query.get('period')
  const start = query.get('start')
  const end = query.get('end')
  if (period !== null && (start !== null || end !== null)) {
    throw new Refusal(400, 'Body validation error: either period, or start and end')
  }
  let window: Window
  if (period !== null) {
    const [, count, unit] = /^([1-9]\d*)([hd])$/.exec(period) ?? []
    if (count === undefined) throw new Refusal(400, `Body validation error: period: received '${period}'`)
    // A request of this very millisecond belongs to the period.
    window = { startMs: nowMs - Number(count) * (unit === 'h' ? HOUR_MS : DAY_MS), endMs: nowMs + 1 }
  } else if (start !== null && end !== null) {
    window = { startMs: instant(start, 'start', 'optional'), endMs: instant(end, 'end', 'optional') }
  } else {
    throw new Refusal(400, 'Body validation error: either period, or both start and end')
  }
  const lengthMs = window.endMs - window.startMs
  if (lengthMs <= 0 || lengthMs > MAX_WINDOW_MS + 1) {
    throw new Refusal(
      400,
      'Body validation error: the window must be longer than nothing and at most 92 days',
    )
  }
  return window
}

/** Requests of the window that the log shows by now, newest first. */
export function loggedEntries(request: AccountRequest, { startMs, endMs }: Window): LedgerEntry[] {
  const prefix = visiblePrefix(request)
  const shownMs = request.now()
  return request.ledger
    .between(request.key.account.name, startMs, endMs, 'requestedAt')
    .filter((entry) => entry.type === 'MODEL_USAGE' && entry.logVisibleAt <= shownMs)
    .filter((entry) => prefix === null || entry.keyPrefix === prefix)
    .sort((a, b) => b.requestedAt - a.requestedAt || b.sequence - a.sequence)
}

export function succeeded(entry: LedgerEntry): boolean {
  return entry.status === 'charged'
}
