/** Figures by day put together to those of longer periods. All of them begin at 00:00 UTC. */
import type { UsageGroup } from '../api/account-usage.ts'
import type { SpendSnapshot } from '../ports.ts'

/** What a response said of one key. */
export interface UsageResponse {
  /** By day and model. */
  readonly groups: readonly UsageGroup[]
  /** By the server's clock: the periods that last at this moment are those that `groups` tell of. */
  readonly answeredMs: number
}

const DAY_MS = 24 * 60 * 60_000

/** A day, `YYYY-MM-DD`. */
export function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}

/** Its Monday. */
export function weekOf(ms: number): string {
  return dayOf(ms - ((new Date(ms).getUTCDay() + 6) % 7) * DAY_MS)
}

/** Its first day. */
export function monthOf(ms: number): string {
  return `${dayOf(ms).slice(0, 8)}01`
}

/** In US dollars. `firstDay` belongs to it. */
export function spentSince(groups: readonly UsageGroup[], firstDay: string): number {
  return groups.reduce((sum, { day, usd }) => (day >= firstDay ? sum + usd : sum), 0)
}

/** By model, of the day and the month that last now. Before the first answer of a new day its figure is absent. */
export function sumSpend(
  keyPrefix: string,
  { groups, answeredMs }: UsageResponse,
  nowMs: number,
): SpendSnapshot[] {
  const [today, month] = [dayOf(nowMs), monthOf(nowMs)]
  const byModel = new Map<string | undefined, { dayUsd: number; monthUsd: number }>()
  for (const { day, model, usd } of groups) {
    let spend = byModel.get(model)
    if (spend === undefined) byModel.set(model, (spend = { dayUsd: 0, monthUsd: 0 }))
    if (day === today) spend.dayUsd += usd
    if (day >= month) spend.monthUsd += usd
  }
  return [...byModel].map(([model, { dayUsd, monthUsd }]) => ({
    keyPrefix,
    ...(model !== undefined && { model }),
    ...(dayOf(answeredMs) === today && { dayUsd }),
    ...(monthOf(answeredMs) === month && { monthUsd }),
  }))
}
