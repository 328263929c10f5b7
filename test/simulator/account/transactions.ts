/** `/v2/billing/transactions`: the ledger, newest first, by cursor. Entries appear late and out of order. */
import { Refusal } from '../call.ts'
import type { LedgerEntry } from '../ledger.ts'
import { accountJson, allowOnly, instant, wholeNumber, type AccountHandler } from './context.ts'

const PARAMETERS = ['from', 'to', 'direction', 'type', 'limit', 'cursor']
const DIRECTIONS = ['TOPUP', 'CHARGE']
const TYPES = ['PAYMENT', 'BONUS', 'REFUND', 'ADJUSTMENT', 'MODEL_USAGE', 'CREDITS_EXPIRED', 'INIT']

/** The last entry of a page. What appears later, but is older, still comes on the next pages. */
interface Position {
  readonly createdAt: number
  readonly sequence: number
}

function encodeCursor({ createdAt, sequence }: Position): string {
  return Buffer.from(JSON.stringify({ v: 1, c: createdAt, s: sequence })).toString('base64url')
}

function decodeCursor(text: string): Position {
  try {
    const { v, c, s } = JSON.parse(Buffer.from(text, 'base64url').toString()) as Record<string, unknown>
    if (v === 1 && typeof c === 'number' && typeof s === 'number') return { createdAt: c, sequence: s }
  } catch {
    // Answered below, like every other text that is no cursor.
  }
  throw new Refusal(400, `Body validation error: cursor: received '${text.slice(0, 80)}'`)
}

function oneOf(query: URLSearchParams, name: string, known: readonly string[]): string | undefined {
  const value = query.get(name)
  if (value === null) return undefined
  if (!known.includes(value)) throw new Refusal(400, `Body validation error: ${name}: received '${value}'`)
  return value
}

const newestFirst = (a: Position, b: Position): number => b.createdAt - a.createdAt || b.sequence - a.sequence

export const transactions: AccountHandler = ({ key, query, ledger, now }) => {
  if (key.management === true) throw new Refusal(403, 'Management keys cannot read transactions')
  allowOnly(query, PARAMETERS)
  const from = query.get('from')
  const to = query.get('to')
  const fromMs = from === null ? Number.NEGATIVE_INFINITY : instant(from, 'from', 'required')
  const toMs = to === null ? Number.POSITIVE_INFINITY : instant(to, 'to', 'required')
  if (toMs <= fromMs) throw new Refusal(400, 'Body validation error: to must be later than from')
  const direction = oneOf(query, 'direction', DIRECTIONS)
  const type = oneOf(query, 'type', TYPES)
  const limit = wholeNumber(query, 'limit', [1, 100, 50])
  const cursor = query.get('cursor')
  const after = cursor === null ? undefined : decodeCursor(cursor)
  const nowMs = now()

  const isShown = (entry: LedgerEntry): boolean =>
    entry.transactionVisibleAt <= nowMs &&
    entry.status === 'charged' &&
    (direction === undefined || entry.direction === direction) &&
    (type === undefined || entry.type === type) &&
    (after === undefined || newestFirst(after, entry) < 0)
  // What a cursor has passed need not be looked at again.
  const untilMs = after === undefined ? toMs : Math.min(toMs, after.createdAt + 1)
  const shown = ledger.newest(key.account.name, fromMs, untilMs, limit + 1, isShown)
  const page = shown.slice(0, limit)
  const last = page.at(-1)
  const hasMore = shown.length > page.length
  return accountJson({
    data: page.map(rowOf),
    pagination: {
      next_cursor: hasMore && last !== undefined ? encodeCursor(last) : null,
      has_more: hasMore,
    },
  })
}

function rowOf(entry: LedgerEntry) {
  return {
    created_at: new Date(entry.createdAt).toISOString(),
    direction: entry.direction,
    type: entry.type,
    amount: { usd: Number(entry.usd.toFixed(9)), credits: entry.credits },
    model: entry.catalogueModel,
    reference_id: entry.inferenceId,
  }
}
