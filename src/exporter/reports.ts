/** Reads the balance and the spend of the last 24 hours of every account, once. */
import { createAccountApi } from '../account/account-api.ts'
import { createBalanceRound } from '../account/balance.ts'
import { createClient } from '../account/client.ts'
import { createClock } from '../account/clock.ts'
import type { BalanceFacts } from '../api/account.ts'
import type { Config } from '../config.ts'
import { readSpend, type Spend } from '../spend/read-spend.ts'
import type { AccountReport } from './runway.ts'

const SPEND_MS = 24 * 60 * 60_000

/** All in parallel. Never rejects. Requests do not keep the process alive: the caller must. */
export async function readReports(config: Pick<Config, 'accounts' | 'managementKeys' | 'accountBaseUrl'>) {
  const { accounts, accountBaseUrl: baseUrl } = config
  const client = createClient()
  const clock = createClock()
  const nowMs = clock.now()
  const period = { startMs: nowMs - SPEND_MS, endMs: nowMs, timeZone: 'UTC' }
  const reading = readSpend({ config, period })
  const reports = await Promise.all(
    accounts.map(async (account): Promise<AccountReport> => {
      const api = createAccountApi({ account, baseUrl, client, clock, spacingMs: 0, onPoll() {} })
      let facts: BalanceFacts = {}
      const askBalance = createBalanceRound(api, 0, (learnt) => {
        facts = { ...facts, ...learnt }
      })
      const { errorType } = await askBalance()
      const balance = errorType === undefined ? facts : { errorType }
      return { account: account.name, balance, spend: spendOf(account.name, await reading) }
    }),
  )
  client.close()
  return { spend: await reading, reports }
}

function spendOf(account: string, { rows, problems }: Spend): AccountReport['spend'] {
  const problem = problems.find((each) => each.account === account)
  if (problem !== undefined) return { errorType: problem.errorType }
  return { spendUsd: rows.reduce((sum, row) => (row.account === account ? sum + row.usd : sum), 0) }
}
