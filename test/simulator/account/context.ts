/** What the account endpoints see of the simulator. */
import type { Accounts, SimulatedKey } from '../accounts.ts'
import type { JsonAnswer } from '../call.ts'
import type { Ledger } from '../ledger.ts'

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
}

export type AccountHandler = (request: AccountRequest) => JsonAnswer
