/** Plays an account's world through the shipped alerts, and reads which fire, and when. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'

import { alerts } from '../alerts/index.ts'
import { WATCHING_SINCE } from '../counting.ts'
import { CREDITS_PER_USD, label, metric } from '../names.ts'
import { recorded, recordingGroups } from '../recording-rules.ts'
import { ruleFiles } from '../rule-files.ts'
import type { AlertWorld } from './alert-worlds.ts'
import { asked, notation, runRuleTest } from './promtool.ts'

export interface PlayedAlerts {
  readonly world: AlertWorld
  /** Alert → minutes from the event (from the hour looked at, without one) until it first fires. */
  readonly fired: Readonly<Record<string, number>>
  /** Alerts that fire between the hour looked at and the event. */
  readonly early: readonly string[]
}

/** Given as series: what the totals of a process would say. */
const GIVEN = new Set<string>([WATCHING_SINCE, recorded.spendUsd])
/** Rules that no alert of money reads are left out: they only take time. */
const GROUPS = new Set(['aimlapi-spend', 'aimlapi-account'])
const LEFT_OUT = /month|day_start|local_|budget|list_price|_model:|key_limit|today/
const ALERTS = /Spend|Runway|Balance|Coverage|TopUp/

const groups = recordingGroups
  .filter(({ name }) => GROUPS.has(name))
  .map(({ name, rules }) => ({
    name,
    interval: '60s',
    rules: rules
      .filter(({ record }) => !GIVEN.has(record) && !LEFT_OUT.test(record))
      .map(({ record, expr }) => ({ record, expr })),
  }))
const shippedAlerts = Object.values(
  ruleFiles['aimlapi-alerts.yml'] as Record<string, object[]>,
).flat() as Array<{
  name: string
  rules: Array<{ alert: string }>
}>
const alertGroup = {
  name: 'alerts',
  interval: '60s',
  rules: shippedAlerts.flatMap(({ rules }) => rules).filter(({ alert }) => ALERTS.test(alert)),
}

interface Series {
  readonly series: string
  readonly values: string
}

function seriesOf(world: AlertWorld): Series[] {
  const minutes = Math.ceil(world.days * 1440) + 30
  const account = `${label.account}="prod"`
  const exporter = `job="exporter",instance="e",${account}`
  const told = world.exporterUp ?? (() => true)
  let counted = 0
  let charged = 0
  let balance = world.balanceUsd ?? 0
  const columns: Record<string, Array<{ atS: number; value: number | 'stale' }>> = {}
  const put = (name: string, minute: number, value: number | 'stale') =>
    (columns[name] ??= []).push({ atS: minute * 60, value })
  for (let minute = 0; minute < minutes; minute++) {
    const hour = minute / 60
    const spent = world.pace(hour) / 60
    const others = (world.uncounted?.(hour) ?? 0) / 60
    counted += spent
    charged += spent + others
    balance -= spent + others
    if (world.topUp && balance < world.topUp.belowUsd) balance += world.topUp.amountUsd
    put(`${recorded.spendUsd}{job="shop",${account}}`, minute, Number(counted.toFixed(6)))
    put(WATCHING_SINCE, minute, 0)
    if (world.balanceUsd === undefined) continue
    const up = told(minute)
    const gauge = (name: string, value: number) => put(`${name}{${exporter}}`, minute, up ? value : 'stale')
    gauge(metric.balanceUsd, Number(Math.max(0, balance).toFixed(4)))
    gauge(metric.balanceUpdated, minute * 60)
    gauge(metric.autoTopUpEnabled, world.topUp ? 1 : 0)
    if (world.topUp) gauge(metric.autoTopUpThreshold, world.topUp.belowUsd)
    put(`${recorded.charged}{${account}}`, minute, Math.round(charged * CREDITS_PER_USD))
  }
  return Object.entries(columns).map(([series, samples]) => ({ series, values: notation(samples, 60) }))
}

/** @param promtool Path of promtool or vmalert-tool. */
export async function playAlerts(promtool: string, world: AlertWorld): Promise<PlayedAlerts> {
  const folder = mkdtempSync(join(tmpdir(), 'aimlapi-alerts-'))
  const endM = Math.round(world.days * 1440)
  const fromM = (world.fromHour ?? 0) * 60
  const eventM = (world.eventHour ?? world.fromHour ?? 0) * 60
  const everyM = (world.evaluationS ?? 120) / 60
  const first = (from: number, to: number) =>
    `min by (alertname) (min_over_time(timestamp(ALERTS{alertstate="firing"})[${Math.max(everyM, to - from)}m:${everyM}m]${to === endM ? '' : ` offset ${endM - to}m`}))`
  const test = {
    rule_files: ['rules.yml'],
    evaluation_interval: `${everyM}m`,
    group_eval_order: [...groups, alertGroup].map(({ name }) => name),
    tests: [
      {
        interval: '1m',
        input_series: seriesOf(world),
        ...asked(promtool, [first(eventM, endM), first(Math.min(fromM, eventM - 1), eventM)], `${endM}m`),
      },
    ],
  }
  writeFileSync(join(folder, 'rules.yml'), stringify({ groups: [...groups, alertGroup] }, { lineWidth: 0 }))
  try {
    const output = await runRuleTest(promtool, folder, test)
    const [after, before] = [...output.matchAll(/got:([^\n]*)/g)].map(([, line = '']) =>
      [...line.matchAll(/alertname="(\w+)"\} ([^\s,\]]+)/g)].map(
        ([, name = '', time = '']) => [name, Number(time)] as const,
      ),
    )
    if (after === undefined || before === undefined)
      throw new Error(`promtool said\n${output.slice(0, 3000)}`)
    const known = new Set(alerts.map(({ name }) => name))
    return {
      world,
      fired: Object.fromEntries(
        after
          .filter(([name]) => known.has(name))
          .map(([name, time]) => [name, Math.round(time / 60 - eventM)]),
      ),
      early: world.eventHour === undefined ? [] : before.map(([name]) => name),
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
