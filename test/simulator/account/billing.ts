/** Balances, in credits here and in USD there. */
import { CREDITS_PER_USD } from '../ledger.ts'
import { accountJson, type AccountHandler } from './context.ts'

/** Cents and finer, without the noise of binary fractions. */
function usd(credits: number): number {
  return Number((credits / CREDITS_PER_USD).toFixed(9))
}

/** `/v1/billing/balance`: credits. */
export const legacyBalance: AccountHandler = ({ key: { account }, now }) =>
  accountJson({
    balance: account.balanceCredits,
    lowBalance: account.balanceCredits < account.lowBalanceThresholdCredits,
    lowBalanceThreshold: account.lowBalanceThresholdCredits,
    lastUpdated: new Date(now()).toISOString(),
    autoDebitStatus: account.autoTopUp.enabled ? 'enabled' : 'disabled',
    status: 'current',
    statusExplanation: 'Balance is current and up to date',
  })

/** `/v2/billing`: USD. */
export const balance: AccountHandler = ({ key: { account } }) =>
  accountJson({ current_balance: usd(account.balanceCredits), currency: 'USD' })

/** `/v2/billing/detail`: USD, automatic top-up, and personal data that must not travel further. */
export const balanceDetail: AccountHandler = ({ key: { account } }) =>
  accountJson({
    user_id: account.userId,
    email: account.email,
    current_balance: usd(account.balanceCredits),
    currency: 'USD',
    autotopup_settings: {
      is_enabled: account.autoTopUp.enabled,
      threshold: account.autoTopUp.thresholdUsd,
      amount: account.autoTopUp.amountUsd,
      currency: 'USD',
    },
  })
