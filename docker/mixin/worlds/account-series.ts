/** The series of an account's world: what services counted, what the account was charged, what is left. */
import { WATCHING_SINCE } from '../rule-pauses.ts'
import { CREDITS_PER_USD, label, metric } from '../names.ts'
import { recorded } from '../recording-rules.ts'
import type { AlertWorld } from './alert-worlds.ts'
import type { Sample } from './processes.ts'
import { type Played, notation, selector } from './promtool.ts'
import { WARM_UP_S, play } from './world.ts'

const ACCOUNT = `${label.account}="prod"`
/** The series go on a little after the end: promtool evaluates up to it. */
const MORE_MINUTES = 30

export function accountSeries(world: AlertWorld): Played['series'] {
  const gridS = gridOf(world)
  const columns: Array<Record<string, Sample[]>> = [accountColumns(world), gaugeColumns(world)]
  const written = columns
    .flatMap((column) => Object.entries(column))
    .map(([series, samples]) => ({ series, values: notation(samples, gridS) }))
  const { name, days, runs } = world
  if (runs === undefined) return written
  const processes = play({ name, hours: days * 24, runs }).series
  return [
    ...written,
    ...processes.map((one) => ({ series: selector(one), values: notation(one.samples, gridS) })),
  ]
}

/** Seconds; processes are scraped every 15 s. */
export function gridOf({ runs }: AlertWorld): number {
  return runs === undefined ? 60 : 15
}

const minutesOf = ({ days }: AlertWorld) => Math.ceil(days * 1440) + MORE_MINUTES

function gaugeColumns(world: AlertWorld): Record<string, Sample[]> {
  const minutes = Array.from({ length: minutesOf(world) }, (_, minute) => minute)
  return Object.fromEntries(
    Object.entries(world.gauges ?? {}).map(([series, gauge]) => [
      series,
      minutes.map((minute) => ({ atS: minute * 60, value: gauge(minute / 60) })),
    ]),
  )
}

/** Minute by minute: spend, charges, balance and top-ups. */
function accountColumns(world: AlertWorld): Record<string, Sample[]> {
  const columns: Record<string, Sample[]> = {}
  const hasProcesses = world.runs !== undefined
  let counted = 0
  let charged = 0
  let balance = world.balanceUsd ?? 0
  /** The exporter's present process, and what was charged before it began. */
  let life = 0
  let before = 0
  for (let minute = 0; minute < minutesOf(world); minute++) {
    const put = (series: string, value: Sample['value']) =>
      (columns[series] ??= []).push({ atS: minute * 60, value })
    const hour = hasProcesses ? minute / 60 - WARM_UP_S / 3600 : minute / 60
    if (!hasProcesses) put(WATCHING_SINCE, 0)
    // Some process of each job answers all the time.
    else for (const job of ['shop', 'exporter']) put(`up{job="${job}",instance="any"}`, 1)
    if (hour < (world.firstHour ?? -Infinity)) continue
    const spent = hour < 0 ? 0 : world.pace(hour) / 60
    const others = hour < 0 ? 0 : (world.uncounted?.(hour) ?? 0) / 60
    counted += spent
    charged += (spent + others) * CREDITS_PER_USD
    balance -= spent + others
    if (world.topUp && balance < world.topUp.belowUsd) balance += world.topUp.amountUsd
    if (!hasProcesses) put(`${recorded.spendUsd}{job="shop",${ACCOUNT}}`, Number(counted.toFixed(6)))
    if (world.balanceUsd === undefined) continue
    const lifeNow = Math.floor(minute / (world.exporterLifeM ?? Number.MAX_SAFE_INTEGER))
    if (lifeNow !== life) {
      life = lifeNow
      before = charged
    }
    const target = `job="exporter",instance="e${life}"`
    const up = world.exporterUp?.(minute) ?? true
    const gauge = (name: string, value: number) => put(`${name}{${target},${ACCOUNT}}`, up ? value : 'stale')
    gauge(metric.balanceUsd, Number(Math.max(0, balance).toFixed(4)))
    gauge(metric.balanceUpdated, minute * 60)
    gauge(metric.autoTopUpEnabled, world.topUp ? 1 : 0)
    if (world.topUp) gauge(metric.autoTopUpThreshold, world.topUp.belowUsd)
    if (hasProcesses) {
      gauge(metric.accountCharged, Math.round(charged - before))
      put(`${metric.processStart}{${target}}`, 1 + life * (world.exporterLifeM ?? 0) * 60)
    } else put(`${recorded.charged}{${ACCOUNT}}`, Math.round(charged))
  }
  return columns
}
