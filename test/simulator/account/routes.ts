/** One row per account endpoint. None of them is a call: no inference id, no charge. */
import { balance, balanceDetail, legacyBalance } from './billing.ts'
import { deprecations, listModels, modelMetrics, oneModel } from './catalogue.ts'
import type { AccountHandler } from './context.ts'
import { allKeys, changeKeys, currentKey } from './keys.ts'
import { logs } from './logs.ts'
import { transactions } from './transactions.ts'
import { usage, usageDetail } from './usage.ts'

export interface AccountRow {
  readonly method: string
  readonly path: RegExp
  /** Answers without a key too. */
  readonly open?: boolean
  readonly handle: AccountHandler
}

export const ACCOUNT_ROUTES: readonly AccountRow[] = [
  { method: 'GET', path: /^\/v1\/billing\/balance$/, handle: legacyBalance },
  { method: 'GET', path: /^\/v2\/billing$/, handle: balance },
  { method: 'GET', path: /^\/v2\/billing\/detail$/, handle: balanceDetail },
  { method: 'GET', path: /^\/v2\/billing\/transactions$/, handle: transactions },
  { method: 'GET', path: /^\/v2\/logs$/, handle: logs },
  { method: 'GET', path: /^\/v2\/usage$/, handle: usage },
  { method: 'GET', path: /^\/v2\/usage\/detail$/, handle: usageDetail },
  { method: 'GET', path: /^\/v1\/key$/, handle: currentKey },
  { method: 'GET', path: /^\/v1\/keys$/, handle: allKeys },
  ...['POST', 'PATCH', 'PUT', 'DELETE'].map((method) => ({
    method,
    path: /^\/v1\/keys(?:\/[^/]+)?$/,
    handle: changeKeys,
  })),
  { method: 'GET', path: /^(?:\/v1|\/api\/v1)?\/models$/, open: true, handle: listModels },
  {
    method: 'GET',
    path: /^(?:\/v1|\/api\/v1)?\/models\/deprecat(?:ions|ed)$/,
    open: true,
    handle: deprecations,
  },
  { method: 'GET', path: /^\/models\/metrics$/, open: true, handle: modelMetrics },
  { method: 'GET', path: /^\/model\/.+$/, open: true, handle: oneModel },
]

export function matchAccountRoute(method: string, path: string): AccountRow | undefined {
  return ACCOUNT_ROUTES.find((row) => row.method === method && row.path.test(path))
}
