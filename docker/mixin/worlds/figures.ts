/** Figures of the wall, whose truth is known: days and months of a time zone, forecasts, teams. */
import { WATCHING_SINCE } from '../rule-pauses.ts'
import { label, metric, tagLabel } from '../names.ts'
import { recorded } from '../recording-rules.ts'
import { ruleFiles } from '../rule-files.ts'
import type { Sample } from './processes.ts'
import { type Group, askPromtool, notation } from './promtool.ts'

/** What one team spends in US dollars an hour, at an hour since the beginning. */
type Pace = (hour: number) => number

export interface FigureWorld {
  readonly name: string
  readonly teams: Readonly<Record<string, Pace>>
  /** Spent in the first minute, in US dollars, by the first team: the weeks before. */
  readonly beforeUsd?: number
  /** Taken back at an hour, in US dollars, of the first team. */
  readonly refund?: { readonly hour: number; readonly usd: number }
  /** The first midnight of February of the time zone, in hours since the beginning. */
  readonly monthBeginsHour: number
  /** Prometheus is down for so long that its totals begin anew, in hours since the beginning. */
  readonly down?: readonly [fromHour: number, toHour: number]
  /** Whether the exporter answers, which tells the time zone, at a minute. */
  readonly exporterUp?: (minute: number) => boolean
  /** When the wall is looked at. */
  readonly atHour: number
  /** One figure; the two ends of a range. */
  readonly shown: readonly string[]
  /** Whose spend, from when to when; all teams unless told. */
  readonly truth: { readonly team?: string; readonly fromHour: number; readonly toHour: number }
}

export interface PlayedFigure {
  readonly trueUsd: number
  readonly shownUsd: readonly number[]
}

const FEBRUARY_H = 28 * 24
const JANUARY_S = 31 * 86_400
const FORECAST = [`sum(${recorded.forecastLow})`, `sum(${recorded.forecastHigh})`]
const daily = (usdPerHour: number) => (hour: number) =>
  usdPerHour * (1 + 0.8 * Math.cos((((hour % 24) - 14) / 12) * Math.PI))
const teams = { search: daily(2), support: daily(1) }
const ofTeam = (team: string) =>
  `sum(${recorded.ownerSpendUsd}{${tagLabel('team')}="${team}"} - ${recorded.ownerAtDayStart}{${tagLabel('team')}="${team}"})`

export const figureWorlds: readonly FigureWorld[] = [
  {
    name: 'today, at 20:00 of a zone seven hours west of UTC',
    teams,
    monthBeginsHour: 48 + 7,
    atHour: 31 + 20,
    shown: [`sum(${recorded.today})`],
    truth: { fromHour: 31, toHour: 31 + 20 },
  },
  {
    name: 'today of team search, six hours after midnight',
    teams,
    monthBeginsHour: 24,
    atHour: 30,
    shown: [ofTeam('search')],
    truth: { team: 'search', fromHour: 24, toHour: 30 },
  },
  {
    name: 'today, in a zone nine hours east of UTC, the exporter restarts at six in the morning',
    teams,
    exporterUp: (minute) => minute < 45 * 60 || minute > 45 * 60 + 3,
    monthBeginsHour: 48 + 15,
    atHour: 39 + 12,
    shown: [`sum(${recorded.today})`],
    truth: { fromHour: 39, toHour: 39 + 12 },
  },
  {
    name: 'this month, in a zone nine hours east of UTC, the exporter restarts on its first morning',
    teams,
    exporterUp: (minute) => minute < 21 * 60 || minute > 21 * 60 + 3,
    monthBeginsHour: 15,
    atHour: 15 + 36,
    shown: [`sum(${recorded.month})`],
    truth: { fromHour: 15, toHour: 15 + 36 },
  },
  {
    name: 'this month, on its second day',
    teams,
    monthBeginsHour: 30,
    atHour: 30 + 36,
    shown: [`sum(${recorded.month})`],
    truth: { fromHour: 30, toHour: 30 + 36 },
  },
  {
    name: 'this month, after $5 of the month before were given back',
    teams,
    refund: { hour: 40, usd: 5 },
    monthBeginsHour: 30,
    atHour: 30 + 36,
    shown: [`sum(${recorded.month})`],
    truth: { fromHour: 30, toHour: 30 + 36 },
  },
  {
    name: 'the forecast, on the last evening of a month',
    teams,
    beforeUsd: 29 * 72,
    monthBeginsHour: 48,
    atHour: 44,
    shown: FORECAST,
    truth: { fromHour: 0, toHour: 48 },
  },
  {
    name: 'the forecast, three hours after a month began',
    teams,
    monthBeginsHour: 48,
    atHour: 51,
    shown: FORECAST,
    truth: { fromHour: 48, toHour: 48 + FEBRUARY_H },
  },
  {
    name: 'the forecast, two hours after the first call of all',
    teams: { search: () => 2 },
    monthBeginsHour: 20 * 24,
    atHour: 2,
    shown: FORECAST,
    truth: { fromHour: 0, toHour: 20 * 24 },
  },
  {
    name: 'the forecast from then on, twelve hours after Prometheus was down for seven',
    teams: { search: () => 2 },
    beforeUsd: 2000,
    down: [20, 27],
    monthBeginsHour: 20 * 24,
    atHour: 39,
    shown: FORECAST,
    truth: { fromHour: 27, toHour: 20 * 24 },
  },
]

/** Series of 1 while Prometheus is up: rules are not evaluated without it. */
const ALIVE = 'test_prometheus_is_up'
/** Given as a series, or read by no figure. */
const UNREAD = new Set<string>([
  recorded.spendUsd,
  recorded.pace5m,
  recorded.pace10m,
  recorded.pace1h,
  recorded.usualPeak,
  recorded.lastHour,
  recorded.usualHour,
  recorded.budgetUsed,
  recorded.budgetForecast,
])
const groups: readonly Group[] = (ruleFiles['aimlapi-spend.yml'] as { groups: Group[] }).groups.map(
  (group) => ({
    ...group,
    rules: (group.rules as ReadonlyArray<{ record: string; expr: string }>)
      .filter(({ record }) => !UNREAD.has(record))
      .map(({ record, expr }) => ({ record, expr: `(${expr}) and on () ${ALIVE}` })),
  }),
)

function spentUsd({ teams: paces, beforeUsd, refund, truth }: FigureWorld): number {
  const given =
    refund !== undefined && refund.hour > truth.fromHour && refund.hour <= truth.toHour ? refund.usd : 0
  let usd = (truth.fromHour === 0 ? (beforeUsd ?? 0) : 0) - given
  for (let minute = Math.round(truth.fromHour * 60); minute < Math.round(truth.toHour * 60); minute++)
    for (const [team, pace] of Object.entries(paces))
      if (truth.team === undefined || truth.team === team) usd += pace(minute / 60) / 60
  return usd
}

const rounded = (value: Sample['value']) => (value === 'stale' ? value : Number(value.toFixed(6)))

/** @param promtool Its command. */
export async function playFigure(promtool: string, world: FigureWorld): Promise<PlayedFigure> {
  const minutes = Array.from({ length: Math.ceil(world.atHour * 60) + 10 }, (_, minute) => minute)
  const [downS, upS] = (world.down ?? [Infinity, Infinity]).map((hour) => hour * 3600) as [number, number]
  const line = (series: string, value: (minute: number) => Sample['value']) => ({
    series,
    values: notation(
      minutes
        .map((minute) => ({ atS: minute * 60, value: rounded(value(minute)) }))
        .filter(({ atS }) => !(atS > downS && atS < upS))
        .map((sample) => (sample.atS === downS ? { ...sample, value: 'stale' as const } : sample)),
      60,
    ),
  })
  const spend = Object.entries(world.teams).map(([team, pace], index) => {
    let usd = 0
    return line(
      `${recorded.spendUsd}{job="shop",${label.account}="prod",${tagLabel('team')}="${team}"}`,
      (minute) => {
        if (index === 0 && minute === 1) usd += world.beforeUsd ?? 0
        if (index === 0 && minute === (world.refund?.hour ?? Number.NaN) * 60) usd -= world.refund?.usd ?? 0
        if (minute * 60 === upS) usd = 0
        return (usd += minute === 0 ? 0 : pace((minute - 1) / 60) / 60)
      },
    )
  })
  const offsetS = JANUARY_S - world.monthBeginsHour * 3600
  const answers = await askPromtool(
    promtool,
    {
      groups,
      everyS: 120,
      gridS: 60,
      series: [
        ...spend,
        line(ALIVE, () => 1),
        line(WATCHING_SINCE, (minute) => (minute * 60 < upS ? 0 : upS)),
        line(`${metric.timeZoneOffset}{job="exporter",instance="e"}`, (minute) =>
          (world.exporterUp?.(minute) ?? true) ? offsetS : 'stale',
        ),
      ],
    },
    world.shown.map((expr) => ({ expr, atS: Math.round(world.atHour * 3600) })),
  )
  return { trueUsd: spentUsd(world), shownUsd: answers.map(([answer]) => answer?.value ?? Number.NaN) }
}
