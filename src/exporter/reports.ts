/** Asks every account once for its balance and what its key spent. */
import { createAccountApi, type AccountApi } from '../account/account-api.ts'
import { createBalanceRound } from '../account/balance.ts'
import { createClient } from '../account/client.ts'
import { createClock, type Clock } from '../account/clock.ts'
import { createGate } from '../account/gate.ts'
import type { BalanceFacts } from '../api/account.ts'
import { parseUsageDetail, usageDetailPath } from '../api/account-usage.ts'
import type { Account } from '../config.ts'
import type { AccountReport } from './runway.ts'

const SPEND_MS = 24 * 60 * 60_000

/** All accounts at once; never rejects. The requests do not keep the process alive: the caller has to. */
export function readReports(accounts: readonly Account[], baseUrl: string): Promise<AccountReport[]> {
  const client = createClient()
  const clock = createClock()
  return Promise.all(
    accounts.map((account) => {
      const pages = createGate(0, clock)
      return readReport(createAccountApi({ account, baseUrl, client, clock, pages, onPoll() {} }), clock)
    }),
  )
}

async function readReport(api: AccountApi, clock: Clock): Promise<AccountReport> {
  let facts: BalanceFacts = {}
  const askBalance = createBalanceRound({
    api,
    intervalMs: 0,
    clock,
    onFacts: (learnt) => {
      facts = { ...facts, ...learnt }
    },
  })
  const [balance, usage] = await Promise.all([
    askBalance(),
    api.ask({
      poll: 'usage',
      path: usageDetailPath({ startMs: clock.now() - SPEND_MS, endMs: clock.now(), groupBy: 'model' }),
      parse: parseUsageDetail,
    }),
  ])
  return {
    account: api.name,
    balance: balance.errorType === undefined ? facts : { errorType: balance.errorType },
    spend: 'value' in usage ? usage.value : { errorType: usage.errorType },
  }
}
