/** One row per account endpoint. */
import type { AccountHandler } from './context.ts'

export interface AccountRow {
  readonly method: string
  readonly path: RegExp
  /** Without a key too: the catalogue. */
  readonly open?: boolean
  readonly handle: AccountHandler
}

export const ACCOUNT_ROUTES: readonly AccountRow[] = []

export function matchAccountRoute(method: string, path: string): AccountRow | undefined {
  return ACCOUNT_ROUTES.find((row) => row.method === method && row.path.test(path))
}
