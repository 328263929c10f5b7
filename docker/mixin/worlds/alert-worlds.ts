/** Ordinary and bad days of an account: what is spent, counted, charged and left, and whom that must wake. */
import { label, metric } from '../names.ts'
import type { ProcessRun } from './processes.ts'
import { generations, run, scrape } from './runs.ts'

const M = 1 / 60
const DAY = 24

export interface AlertWorld {
  readonly name: string
  readonly days: number
  /** The account is not known before this hour; Prometheus is. Default 0. */
  readonly firstHour?: number
  /** Seconds between two evaluations. Default 120. */
  readonly evaluationS?: number
  /** What the services spend, in US dollars an hour, at an hour since the beginning. */
  readonly pace: (hour: number) => number
  /** Spent by somebody whom no service counts. */
  readonly uncounted?: (hour: number) => number
  /** At the beginning; without one no exporter tells anything. */
  readonly balanceUsd?: number
  readonly topUp?: { readonly belowUsd: number; readonly amountUsd: number }
  /** Whether the exporter answers at a minute. */
  readonly exporterUp?: (minute: number) => boolean
  /** Processes that are scraped, played through all rules; `pace` must then be theirs. Without, totals are given. */
  readonly runs?: readonly ProcessRun[]
  /** The exporter is replaced by a new process after so many minutes. */
  readonly exporterLifeM?: number
  /** Other series by hour. With them, all rules but the totals are played. */
  readonly gauges?: Readonly<Record<string, (hour: number) => number>>
  /** Nobody looks at what fires before this hour. Default 0. */
  readonly fromHour?: number
  /** When the bad thing begins; without one nothing bad happens. */
  readonly eventHour?: number
  /** What must fire after the event, within so many minutes. */
  readonly fires?: Readonly<Record<string, number>>
  /** What must still fire at the end. */
  readonly lasts?: readonly string[]
  /** What may fire besides. Pages never may in an ordinary world. */
  readonly mayFire?: readonly string[]
}

/** 1 at two in the afternoon of a working day, little at night and on weekends. Day 0 is a Thursday. */
function office(hour: number): number {
  const weekday = (Math.floor(hour / DAY) + 4) % 7
  const day = Math.max(0.05, Math.cos((((hour % DAY) - 14) / 18) * Math.PI))
  return day * (weekday % 6 === 0 ? 0.15 : 1)
}

const nightly = (hour: number) => (hour % DAY >= 2 && hour % DAY < 3 ? 65 : 0.1)
const then = (event: number, before: number, after: number) => (hour: number) =>
  hour >= event ? after : before

/** The account is empty so many minutes after hour 30. */
function emptyIn(minutes: number): AlertWorld {
  const event = 30
  return {
    name: `an account that will be empty in ${minutes} minutes`,
    days: 1.4,
    pace: then(event, 0.2, 40 / (minutes * M)),
    balanceUsd: 46,
    eventHour: event,
    fires: { AimlapiRunwayCritical: minutes - 5 },
    mayFire: ['AimlapiSpendRunaway', 'AimlapiSpendSpike', 'AimlapiRunwayShort', 'AimlapiBalanceLow'],
  }
}

/** Nothing arrives for so many minutes from hour 64 on, and then everything in one minute. */
function arrivesAtOnce(minutes: number, usdPerHour: number) {
  const from = 64 * 60
  return (hour: number) => {
    const minute = Math.round(hour * 60)
    if (minute === from + minutes) return usdPerHour * (minutes + 1)
    return minute >= from && minute < from + minutes ? 0 : usdPerHour
  }
}

const EXPORTER = 'job="exporter",instance="e",aimlapi_account="prod"'
const DAY_S = 86_400
/** What one process of the shop spends in an hour, on average. */
const RUN_USD = 2.4

export const ordinaryWorlds: readonly AlertWorld[] = [
  {
    name: 'an ordinary week with office hours and automatic top-up',
    days: 9,
    evaluationS: 240,
    pace: (hour) => 4 * office(hour),
    balanceUsd: 60,
    topUp: { belowUsd: 10, amountUsd: 50 },
  },
  {
    name: 'a nightly batch of $65 that leaves $35, then $0.10 an hour',
    days: 3,
    pace: nightly,
    balanceUsd: 3 * 65 + 42,
    fromHour: 12,
    mayFire: ['AimlapiRunwayShort'],
  },
  {
    name: 'a holiday week, and back to work',
    days: 16,
    evaluationS: 240,
    pace: (hour) => 4 * office(hour) * (hour >= 7 * DAY && hour < 14 * DAY ? 0.1 : 1),
    balanceUsd: 2000,
  },
  {
    name: 'the first day of use, growing to $3 an hour',
    days: 1,
    pace: (hour) => Math.min(3, hour / 4),
    balanceUsd: 400,
  },
  {
    name: 'a new service of $8 an hour by day, in a Prometheus that has run for two days',
    days: 4,
    evaluationS: 240,
    firstHour: 52,
    pace: (hour) => 8 * office(hour),
    balanceUsd: 2000,
  },
  {
    name: 'an account that starts on a Saturday, and its first Monday',
    days: 6,
    evaluationS: 240,
    firstHour: 50,
    pace: (hour) => 8 * office(hour),
    balanceUsd: 2000,
  },
  {
    name: 'a clock change: everything an hour earlier from one day on',
    days: 8.6,
    evaluationS: 240,
    pace: (hour) => 4 * office(hour >= 8 * DAY ? hour + 1 : hour),
    balanceUsd: 2000,
  },
  {
    name: 'a nightly job that begins at another hour every night',
    days: 8.3,
    evaluationS: 240,
    pace: (hour) => {
      const start = [1, 3, 0, 4, 2, 1, 4, 3, 0][Math.floor(hour / DAY)] ?? 1
      return 0.5 + (hour % DAY >= start && hour % DAY < start + 2 ? 6 : 0)
    },
    balanceUsd: 2000,
  },
  {
    name: 'a Collector is down for 70 minutes, and then everything arrives at once',
    days: 2.9,
    pace: arrivesAtOnce(70, 4),
  },
  {
    name: 'Prometheus is down for two hours, $50 are left at $4 an hour',
    days: 2.9,
    pace: arrivesAtOnce(120, 4),
    balanceUsd: 320,
    mayFire: ['AimlapiRunwayShort'],
  },
  {
    name: 'the month ends, with a budget that is enough',
    days: 3,
    pace: (hour) => 2 * office(hour),
    balanceUsd: 2000,
    gauges: {
      // The month begins at hour 36.
      [`aimlapi_time_zone_offset_seconds{${EXPORTER}}`]: () => 31 * DAY_S - 36 * 3600,
      [`${metric.budget}{${EXPORTER},${label.period}="month"}`]: () => 900,
      [`${metric.budget}{${EXPORTER},${label.period}="day"}`]: () => 40,
    },
  },
  {
    name: 'three pods are replaced by new ones every hour',
    days: 0.3,
    pace: () => 3 * RUN_USD,
    balanceUsd: 500,
    runs: [0, 1, 2].flatMap((pod) =>
      generations(8, 3600, 10, (generation) => ({ instance: `pod-${pod}-${generation}` })),
    ),
  },
  {
    name: 'a scrape config is added to a service that has spent $700; $100 are left',
    days: 0.15,
    pace: () => 2 * RUN_USD,
    balanceUsd: 130,
    // Until it is scraped nobody counts what it spends.
    mayFire: ['AimlapiCoverageGap'],
    runs: [
      run({ instance: 'calm' }),
      run({
        instance: 'old',
        startS: -21 * DAY_S,
        spending: { labelSets: 6, everyS: 90, credits: 20_000, atOnce: (700 * 2_000_000) / 6 },
        seen: scrape(15, { fromS: 2 * 3600 }),
      }),
    ],
  },
]

export const disasterWorlds: readonly AlertWorld[] = [
  {
    name: '50 times the usual at 03:00, automatic top-up on',
    days: 2.3,
    pace: (hour) => (hour >= 51 ? 5 : 0.1 + office(hour) * 0.9),
    balanceUsd: 60,
    topUp: { belowUsd: 10, amountUsd: 50 },
    eventHour: 51,
    fires: { AimlapiSpendRunaway: 15 },
    mayFire: ['AimlapiSpendSpike', 'AimlapiRunwayShort'],
  },
  {
    name: 'a runaway on the first day: $0.10 to $5 an hour after three hours',
    days: 0.3,
    pace: then(3, 0.1, 5),
    balanceUsd: 200,
    eventHour: 3,
    fires: { AimlapiSpendRunaway: 15 },
    mayFire: ['AimlapiSpendSpike'],
  },
  {
    name: 'a stolen key: 50 times the usual, counted by nobody',
    days: 1.5,
    pace: () => 0.2,
    uncounted: then(30, 0, 10),
    balanceUsd: 400,
    eventHour: 30,
    fires: { AimlapiSpendRunaway: 15, AimlapiCoverageGap: 120 },
    mayFire: ['AimlapiSpendSpike', 'AimlapiRunwayShort'],
  },
  {
    name: 'a stolen key takes a third, the exporter’s pod is replaced every three hours',
    days: 0.5,
    pace: () => 2 * RUN_USD,
    uncounted: (hour) => (hour < 4 ? 0 : RUN_USD),
    balanceUsd: 500,
    exporterLifeM: 180,
    runs: [run(), run({ instance: 'b' })],
    eventHour: 4,
    fires: { AimlapiCoverageGap: 150 },
    lasts: ['AimlapiCoverageGap'],
  },
  {
    name: '50 times the usual, and no exporter',
    days: 1.5,
    pace: then(30, 0.2, 10),
    eventHour: 30,
    fires: { AimlapiSpendRunaway: 15 },
    mayFire: ['AimlapiSpendSpike'],
  },
  {
    name: 'a runaway in the first hour of use: $0.10 to $150 an hour after 40 minutes',
    days: 0.1,
    pace: then(40 * M, 0.1, 150),
    balanceUsd: 2000,
    eventHour: 40 * M,
    fires: { AimlapiSpendRunaway: 15 },
    lasts: ['AimlapiSpendRunaway'],
    mayFire: ['AimlapiRunwayShort', 'AimlapiRunwayCritical'],
  },
  emptyIn(20),
  emptyIn(40),
  emptyIn(60),
  {
    ...emptyIn(60),
    name: 'an account that will be empty in 60 minutes, its exporter is down one minute of nine',
    exporterUp: (minute) => minute % 9 !== 0,
    lasts: ['AimlapiRunwayCritical'],
    mayFire: [
      'AimlapiSpendRunaway',
      'AimlapiSpendSpike',
      'AimlapiRunwayShort',
      'AimlapiBalanceLow',
      'AimlapiCoverageGap',
    ],
  },
  {
    name: 'the exporter dies while the account runs empty in six hours',
    days: 1.6,
    pace: then(30, 0.2, 6),
    balanceUsd: 42,
    exporterUp: (minute) => minute < 31 * 60,
    eventHour: 30,
    fires: { AimlapiRunwayCritical: 200, AimlapiBalanceStale: 100 },
    mayFire: ['AimlapiSpendRunaway', 'AimlapiSpendSpike', 'AimlapiRunwayShort', 'AimlapiBalanceLow'],
  },
  {
    name: 'a Sunday noon of 21 times the Sunday before',
    days: 11,
    evaluationS: 240,
    // Day 10 is a Sunday.
    pace: (hour) => 8 * office(hour) * (hour >= 10 * DAY + 11 && hour < 10 * DAY + 15 ? 21 : 1),
    balanceUsd: 3000,
    eventHour: 10 * DAY + 11,
    fires: { AimlapiSpendSpike: 60 },
    mayFire: ['AimlapiSpendRunaway'],
  },
  {
    name: 'a key reaches 95 % of its lifetime limit',
    days: 0.2,
    pace: () => 1,
    balanceUsd: 500,
    gauges: {
      [`${metric.keyLimit}{${EXPORTER},${label.key}="7f3a90c1",${label.retention}="no_reset"}`]: () => 1000,
      [`${metric.keyUsage}{${EXPORTER},${label.key}="7f3a90c1",${label.retention}="no_reset"}`]: then(
        2,
        890,
        950,
      ),
    },
    eventHour: 2,
    fires: { AimlapiKeyLimitNear: 15 },
    lasts: ['AimlapiKeyLimitNear'],
  },
  {
    name: 'settlement stops, and 10,000 calls wait for their cost',
    days: 0.5,
    pace: () => 1,
    balanceUsd: 500,
    gauges: { [`${metric.usagePending}{${EXPORTER}}`]: then(2, 20, 10_000) },
    eventHour: 2,
    fires: { AimlapiSettlementBacklog: 75 },
    lasts: ['AimlapiSettlementBacklog'],
  },
  {
    name: 'a budget of $900 for a month that will cost $1,800',
    days: 1.6,
    pace: () => 2.5,
    balanceUsd: 5000,
    gauges: { [`${metric.budget}{${EXPORTER},${label.period}="month"}`]: () => 900 },
    eventHour: 24,
    fires: { AimlapiBudgetOnTrackToExceed: 380 },
    lasts: ['AimlapiBudgetOnTrackToExceed'],
  },
]
