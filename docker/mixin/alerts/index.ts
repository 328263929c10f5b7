/** Every alert, in the order of the runbook. */
import type { Alert } from './alert.ts'
import { balanceAlerts } from './balance.ts'
import { callAlerts } from './calls.ts'
import { spendAlerts } from './spend.ts'

export interface AlertGroup {
  readonly name: string
  readonly title: string
  readonly alerts: readonly Alert[]
}

export const alertGroups: readonly AlertGroup[] = [
  { name: 'aimlapi-alerts-balance', title: 'Account', alerts: balanceAlerts },
  { name: 'aimlapi-alerts-spend', title: 'Spend', alerts: spendAlerts },
  { name: 'aimlapi-alerts-calls', title: 'Calls and processes', alerts: callAlerts },
]

export const alerts: readonly Alert[] = alertGroups.flatMap((group) => group.alerts)
