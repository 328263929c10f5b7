/** Ordinary and bad days of an account: what is spent, counted, charged and left, and whom that must wake. */

const M = 1 / 60
const DAY = 24

export interface AlertWorld {
  readonly name: string
  readonly days: number
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
  /** Nobody looks at what fires before this hour. Default 0. */
  readonly fromHour?: number
  /** When the bad thing begins; without one nothing bad happens. */
  readonly eventHour?: number
  /** What must fire after the event, within so many minutes. */
  readonly fires?: Readonly<Record<string, number>>
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

export const alertWorlds: readonly AlertWorld[] = [
  {
    name: 'an ordinary week with office hours and automatic top-up',
    days: 9,
    evaluationS: 240,
    pace: (hour) => 4 * office(hour),
    balanceUsd: 60,
    topUp: { belowUsd: 10, amountUsd: 50 },
    // In the first days nobody knows yet what is usual.
    mayFire: ['AimlapiRunwayShort'],
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
    name: 'a clock change: everything an hour earlier from one day on',
    days: 9,
    evaluationS: 240,
    pace: (hour) => 4 * office(hour >= 8 * DAY ? hour + 1 : hour),
    balanceUsd: 2000,
  },
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
  emptyIn(20),
  emptyIn(40),
  emptyIn(60),
  {
    ...emptyIn(60),
    name: 'an account that will be empty in 60 minutes, its exporter is down one minute of nine',
    exporterUp: (minute) => minute % 9 !== 0,
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
]
