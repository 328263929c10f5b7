/** Balance and runway of accounts, as a table for the terminal. */
import type { BalanceFacts } from '../api/account.ts'
import { explainError } from '../spend/reasons.ts'
import { align, formatUsd } from '../spend/table.ts'

/** Balance and spend of one account, or why they could not be read. */
export interface AccountReport {
  readonly account: string
  readonly balance: BalanceFacts & { readonly errorType?: string }
  /** US dollars spent in the last 24 hours, by the keys that can be read. */
  readonly spend: { readonly spendUsd?: number; readonly errorType?: string }
}

const HEADINGS = ['ACCOUNT', 'BALANCE', 'CREDITS', 'SPENT 24 H', 'RUNWAY', 'LOW', 'AUTO TOP-UP']
const UNKNOWN = '-'

/** Whether everything could be read. */
export function isComplete(reports: readonly AccountReport[]): boolean {
  return reports.every(({ balance, spend }) => (balance.errorType ?? spend.errorType) === undefined)
}

/** One line per account, and below the table one per failed request. */
export function formatReports(reports: readonly AccountReport[]): string {
  const table = align([HEADINGS, ...reports.map(formatRow)], () => true)
  return `${[...table, ...reports.flatMap(formatFailures)].join('\n')}\n`
}

function formatRow({ account, balance, spend: { spendUsd } }: AccountReport): string[] {
  const { balanceUsd, balanceCredits, balanceLow, autoTopUpEnabled } = balance
  return [
    account,
    formatUsd(balanceUsd),
    balanceCredits === undefined ? UNKNOWN : balanceCredits.toLocaleString('en-US'),
    formatUsd(spendUsd),
    formatRunway(balanceUsd, spendUsd),
    formatFlag(balanceLow, 'low', 'no'),
    autoTopUpEnabled === true
      ? `below ${formatUsd(balance.autoTopUpThresholdUsd)} add ${formatUsd(balance.autoTopUpAmountUsd)}`
      : formatFlag(autoTopUpEnabled, '', 'off'),
  ]
}

function formatFailures({ account, balance, spend }: AccountReport): string[] {
  return Object.entries({ balance, spend }).flatMap(([what, { errorType }]) =>
    errorType === undefined ? [] : [`${account}: no ${what} (${explainError(errorType)})`],
  )
}

/** How long the balance lasts at the spend of the last 24 hours. */
export function formatRunway(balanceUsd: number | undefined, spendUsd: number | undefined): string {
  if (balanceUsd === undefined || spendUsd === undefined) return UNKNOWN
  if (balanceUsd <= 0) return 'empty'
  if (spendUsd === 0) return 'no spend'
  const hours = (balanceUsd / spendUsd) * 24
  if (hours < 1) return 'under 1 h'
  if (hours < 72) return `${Math.floor(hours)} h`
  return hours < 24 * 1000 ? `${Math.floor(hours / 24)} d` : 'over 1000 d'
}

function formatFlag(value: boolean | undefined, yes: string, no: string): string {
  if (value === undefined) return UNKNOWN
  return value ? yes : no
}
