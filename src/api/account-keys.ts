/**
 * The API keys of an account: `GET /v1/key` and, with a management key, `GET /v1/keys`.
 * Source: docs.aimlapi.com, "API Key Management".
 */
import { amount, compact, flag, oneOf, text, time } from './account-fields.ts'
import { fieldsOf, type Fields } from './fields.ts'
import type { KeySnapshot } from '../ports.ts'

/** Settings and usage of one key. `usageUsd` is what it spent this month. */
export interface KeyFacts extends KeySnapshot {
  /** The name that its owner gave it. */
  readonly name?: string
  readonly createdMs?: number
}

export const LAST_USED_KEY = { path: '/v1/key', parse: parseKey }
export const ALL_KEYS = {
  path: '/v1/keys',
  parse: parseKeys,
  isFlawed: ({ malformed }: KeyList) => malformed > 0,
}
export const KEY_PREFIX_LENGTH = 8

/** `/v1/key`: the account's most recently used key, which need not be the one that asked. */
export function parseKey(json: unknown): KeyFacts | undefined {
  return readKey(fieldsOf(fieldsOf(json)['data']))
}

/** The keys of an account, each once. */
export interface KeyList {
  readonly keys: readonly KeyFacts[]
  /** Rows without a readable prefix; they are left out. */
  readonly malformed: number
}

/** `/v1/keys`: an array, or an object with one under `data`. */
export function parseKeys(json: unknown): KeyList | undefined {
  const rows: unknown = Array.isArray(json) ? json : fieldsOf(json)['data']
  if (!Array.isArray(rows)) return undefined
  const read = rows.map((row: unknown) => readKey(fieldsOf(row))).filter((key) => key !== undefined)
  const keys = new Map(read.map((key) => [key.prefix, key]))
  return { keys: [...keys.values()], malformed: rows.length - read.length }
}

function readKey(row: Fields): KeyFacts | undefined {
  const prefix = text(row['prefix'])
  // Longer text would reveal more of the key than its public handle.
  if (prefix === undefined || prefix.length > KEY_PREFIX_LENGTH) return undefined
  const limit = fieldsOf(row['limit'])
  return compact({
    prefix,
    name: text(row['name'], 128),
    disabled: flag(row['disabled']),
    limitUsd: amount(limit['threshold']),
    usageUsd: amount(row['monthly_usage']),
    retention: oneOf(['no_reset', 'day', 'week', 'month'], limit['retention']),
    createdMs: time(row['created_at']),
  })
}
