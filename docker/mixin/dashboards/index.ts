import { accountDashboard } from './account.ts'
import { callsDashboard } from './calls.ts'
import { grafanaDashboard } from './grafana.ts'
import type { Dashboard } from './panel.ts'
import { spendDashboard } from './spend.ts'

export const dashboards: readonly Dashboard[] = [spendDashboard, callsDashboard, accountDashboard]

/** File name → content. */
export const dashboardFiles: Readonly<Record<string, object>> = Object.fromEntries(
  dashboards.map((dashboard) => [`${dashboard.uid}.json`, grafanaDashboard(dashboard)]),
)
