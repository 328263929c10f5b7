/** Keys: the one in use (or another one), and the list that only management keys may read. */
import type { SimulatedKey } from '../accounts.ts'
import { Refusal, type JsonObject } from '../call.ts'
import { CREDITS_PER_USD, type Ledger } from '../ledger.ts'
import { accountJson, type AccountHandler } from './context.ts'

function monthStart(nowMs: number): number {
  const date = new Date(nowMs)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1)
}

function keyRow(key: SimulatedKey, ledger: Ledger, nowMs: number): JsonObject {
  const since = monthStart(nowMs)
  let credits = 0
  for (const { sums } of ledger.usage(key.account.name, since, Infinity, Infinity))
    for (const sum of sums) if (sum.keyPrefix === key.prefix) credits += sum.credits
  const usd = credits / CREDITS_PER_USD
  const created = new Date(key.createdAt).toISOString()
  return {
    name: key.name ?? null,
    disabled: key.disabled ?? false,
    prefix: key.prefix,
    scopes: null,
    limit:
      key.limit === undefined ? null : { retention: key.limit.retention, threshold: key.limit.thresholdUsd },
    created_at: created,
    updated_at: created,
    monthly_usage: Number(usd.toFixed(9)),
  }
}

/** `/v1/key`: the "most recently used" key, which need not be the one that asks. */
export const currentKey: AccountHandler = ({ key, keyOfOthers, ledger, now }) => {
  if (!keyOfOthers) return accountJson({ data: keyRow(key, ledger, now()) })
  const other = key.account.keys.find((owned) => owned.prefix !== key.prefix) ?? {
    ...key,
    prefix: 'ffffffff',
  }
  return accountJson({ data: keyRow(other, ledger, now()) })
}

export const allKeys: AccountHandler = ({ key, ledger, now }) => {
  if (key.management !== true) throw new Refusal(403, 'This request requires a management key')
  return accountJson({ data: key.account.keys.map((owned) => keyRow(owned, ledger, now())) })
}

export const changeKeys: AccountHandler = ({ key }) => {
  if (key.management !== true) throw new Refusal(403, 'This request requires a management key')
  throw new Refusal(404, 'The simulator does not change keys')
}
