/** Reads the balance and the spend of every account once. */
import { createAccountApi, type AccountApi } from '../account/account-api.ts'
import { createBalanceRound } from '../account/balance.ts'
import { createClient } from '../account/client.ts'
import { createClock } from '../account/clock.ts'
import type { BalanceFacts } from '../api/account.ts'
import type { Config } from '../config.ts'
import { readSpend, type Spend } from '../spend/read-spend.ts'
import type { AccountReport } from './runway.ts'

const SPEND_MS = 24 * 60 * 60_000

/**
 * Reads the balances and the spend of the last 24 hours of all accounts in parallel. Never rejects. Requests do not keep
 * the process alive: the caller must.
 */
export async function readReports(
  config: Pick<Config, 'accounts' | 'managementKeys' | 'accountBaseUrl'>,
): Promise<{ readonly reports: readonly AccountReport[]; readonly spend: Spend }> {
  const client = createClient()
  const clock = createClock()
  const nowMs = clock.now()
  const period = { startMs: nowMs - SPEND_MS, endMs: nowMs, timeZone: 'UTC' }
  const [spend, balances] = await Promise.all([
    readSpend({ config, period }),
    Promise.all(
      config.accounts.map((account) => {
        const baseUrl = config.accountBaseUrl
        const api = createAccountApi({ account, baseUrl, client, clock, spacingMs: 0, onPoll() {} })
        return readBalance(api)
      }),
    ),
  ])
  client.close()
  return {
    spend,
    reports: config.accounts.map(({ name }, index) => ({
      account: name,
      balance: balances[index] ?? {},
      spend: spendOf(name, spend),
    })),
  }
}

async function readBalance(api: AccountApi): Promise<AccountReport['balance']> {
  let facts: BalanceFacts = {}
  const askBalance = createBalanceRound(api, 0, (learnt) => {
    facts = { ...facts, ...learnt }
  })
  const { errorType } = await askBalance()
  return errorType === undefined ? facts : { errorType }
}

function spendOf(account: string, { rows, problems }: Spend): AccountReport['spend'] {
  const problem = problems.find((each) => each.account === account)
  if (problem !== undefined) return { errorType: problem.errorType }
  return { spendUsd: rows.reduce((sum, row) => (row.account === account ? sum + row.usd : sum), 0) }
}
