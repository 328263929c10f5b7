/** Plays an account's world through the shipped alerts, and reads which fire, and when. */
import { alerts } from '../alerts/index.ts'
import { WATCHING_SINCE } from '../rule-pauses.ts'
import { recorded } from '../recording-rules.ts'
import { ruleFiles } from '../rule-files.ts'
import { accountSeries, gridOf } from './account-series.ts'
import type { AlertWorld } from './alert-worlds.ts'
import { type Answer, type Group, type Played, askPromtool } from './promtool.ts'

export const DEFAULT_EVALUATION_S = 120

export interface PlayedAlerts {
  readonly world: AlertWorld
  /** Alert → minutes from the event (from the hour looked at, without one) until it first fires. */
  readonly fired: Readonly<Record<string, number>>
  /** Alerts that fire between the hour looked at and the event. */
  readonly early: readonly string[]
  /** Alerts that fire at the end. */
  readonly atEnd: readonly string[]
}

interface ShippedRule {
  readonly record?: string
  readonly alert?: string
}

const shipped: readonly Group[] = Object.values(ruleFiles).flatMap(
  (file) => (file as { groups: Group[] }).groups,
)

/** Given as series, where no process is played. */
const GIVEN = new Set<string>([WATCHING_SINCE, recorded.spendUsd])
/** What no alert on the pace and the balance reads is left out of long worlds: it only takes time. */
const NOT_OF_MONEY = /month|day_start|local_|budget|list_price|_model:|key_limit|today/
const OF_MONEY = /Spend|Runway|Balance|Coverage|TopUp/

function moneyRules(given: ReadonlySet<string>): Group[] {
  const fits = ({ record, alert = '' }: ShippedRule) =>
    record === undefined ? OF_MONEY.test(alert) : !given.has(record) && !NOT_OF_MONEY.test(record)
  return shipped
    .filter(({ name }) => /^aimlapi-(spend|account|alerts-.+)$/.test(name))
    .map((group) => ({ ...group, rules: group.rules.filter((rule) => fits(rule as ShippedRule)) }))
    .filter(({ rules }) => rules.length > 0)
}

function allRules(given: ReadonlySet<string>): Group[] {
  return shipped.map((group) => ({
    ...group,
    rules: group.rules.filter((rule) => !given.has((rule as ShippedRule).record ?? '')),
  }))
}

function groupsOf({ runs, gauges }: AlertWorld): Group[] {
  if (runs !== undefined) return allRules(new Set())
  return gauges === undefined ? moneyRules(GIVEN) : allRules(GIVEN)
}

/** @param promtool Its command. */
export async function playAlerts(promtool: string, world: AlertWorld): Promise<PlayedAlerts> {
  const endM = Math.round(world.days * 1440)
  const eventM = (world.eventHour ?? world.fromHour ?? 0) * 60
  const fromM = (world.fromHour ?? 0) * 60
  const everyM = (world.evaluationS ?? DEFAULT_EVALUATION_S) / 60
  const played: Played = {
    groups: groupsOf(world),
    everyS: everyM * 60,
    gridS: gridOf(world),
    series: accountSeries(world),
  }
  const firing = 'ALERTS{alertstate="firing"}'
  const first = (from: number, to: number) => ({
    expr: `min by (alertname) (min_over_time(timestamp(${firing})[${Math.max(everyM, to - from)}m:${everyM}m]))`,
    atS: to * 60,
  })
  const [after = [], before = [], last = []] = await askPromtool(promtool, played, [
    first(eventM, endM),
    first(Math.min(fromM, eventM - everyM), eventM),
    { expr: `group by (alertname) (${firing})`, atS: endM * 60 },
  ])
  const names = (answers: readonly Answer[]) => answers.map(({ labels }) => labels['alertname'] ?? '')
  const known = new Set(alerts.map(({ name }) => name))
  return {
    world,
    fired: Object.fromEntries(
      after
        .map(({ labels, value }) => [labels['alertname'] ?? '', Math.round(value / 60 - eventM)] as const)
        .filter(([name]) => known.has(name)),
    ),
    early: world.eventHour === undefined ? [] : names(before),
    atEnd: names(last),
  }
}
