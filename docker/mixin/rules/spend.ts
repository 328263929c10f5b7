/** Spend in US dollars: totals, days and months of the time zone, paces, forecast, what is usual. */
import { config } from '../config.ts'
import { WATCHING_SINCE } from '../rule-pauses.ts'
import { label, metric, tagLabel } from '../names.ts'
import { aggregate, before, chain, knownFor, larger, latest, localTime, since, sumBy } from '../promql.ts'
import { FIGURE_LABEL, type RecordingRule, recorded } from './recorded.ts'

const ACCOUNT = [label.account]
const MEMORY = config.counting.longMemory
const remembered = (name: string, offset = '') => `last_over_time(${name}[${MEMORY}]${offset})`

const LOCAL = localTime
const DAY = `floor(${LOCAL} / 86400)`
const MONTH = `(12 * year(${LOCAL}) + month(${LOCAL}))`

/** The owners' totals when the period began: kept while it lasts, else the totals of a minute ago. */
function atStart(record: string, period: string, now: string): string {
  return chain(
    'or',
    `(${remembered(record)} and on () (${remembered(period)} == ${now}))`,
    `(${remembered(recorded.ownerSpendUsd, ' offset 1m')} and on () (${remembered(period)} != ${now}))`,
    `0 * ${recorded.ownerSpendUsd}`,
  )
}

/** What the account itself says of a period, by the freshest of those who asked it. */
function reported(period: string): string {
  const gauge = latest(`${metric.accountSpend}{${label.period}="${period}"}`, [label.key, label.requestModel])
  return sumBy(ACCOUNT, gauge)
}

function figure(period: 'day' | 'month', start: string): string {
  const counted = sumBy(ACCOUNT, `${recorded.ownerSpendUsd} - ${start}`)
  const named = (expr: string, name: string) => `label_replace(${expr}, "${FIGURE_LABEL}", "${name}", "", "")`
  return `${named(reported(period), 'account')}\nor on (${label.account})\n${named(counted, 'counted')}`
}

/** Hours from now to the end of the month on a clock. */
const hoursLeft = (clock: string) =>
  `((days_in_month(${clock}) - day_of_month(${clock}) + 1) * 24 - hour(${clock}) - minute(${clock}) / 60)`
const UTC = 'vector(time())'

/** How much of the first day has been watched, 0 to 1. */
const CERTAINTY = `clamp_max((time() - ${WATCHING_SINCE}) / 86400, 1)`

/** `width` -1 for the lower end, 1 for the upper one: less certain is wider. */
function forecast(paces: string, width: -1 | 1): string {
  const sign = width === 1 ? '+' : '-'
  const share = `(1 ${sign} ${config.forecast.spread} ${sign} (1 - ${config.forecast.spread}) * (1 - ${CERTAINTY}))`
  const still = (matcher: string, clock: string) =>
    `${recorded.month}{${FIGURE_LABEL}="${matcher}"} + on (${label.account}) group_left () (${paces}) * on () group_left () (${hoursLeft(clock)} * ${share})`
  return chain('or', still('account', UTC), still('counted', LOCAL))
}

/** The mean pace of a window, or of the time watched where that is shorter. */
function pace(window: string, hours: number): string {
  const counted = since(recorded.accountSpendUsd, window)
  const charged = `(${since(recorded.charged, window)} / ${config.creditsPerUsd})`
  const watchedHours = `clamp_max(clamp_min((time() - ${WATCHING_SINCE}) / 3600, ${hours > 0.2 ? 0.5 : hours}), ${hours})`
  return `${larger(counted, charged)}\n/ on () group_left () ${watchedHours}`
}

const peak = (window: string, offset: string) =>
  `max_over_time(${recorded.pace10m}[${window}] offset ${offset})`
/** Known for the whole of the window a week ago. */
const aWeek = knownFor(recorded.lastHour, '174h')
const hourAgo = (window: string, offset: string) =>
  `max_over_time(${recorded.lastHour}[${window}] offset ${offset})`

/** Budgets of accounts, and of the values of each tag: spend over budget, with the labels of the budget. */
function budgets(spent: (labels: readonly string[]) => string, account: string, matcher: string): string {
  const budget = (name: string) =>
    `(max by (${name}, ${label.period}) (${metric.budget}{${name}!=""${matcher}}) > 0)`
  const share = (name: string, spend: string) => `(${spend}) / on (${name}) group_right () ${budget(name)}`
  return chain(
    'or',
    share(label.account, account),
    ...config.tags.map((tag) => share(tagLabel(tag), spent([tagLabel(tag)]))),
  )
}

const byPeriod = (period: string, start: string, account: string) =>
  budgets(
    (labels) => sumBy(labels, `${recorded.ownerSpendUsd} - ${start}`),
    `sum by (${label.account}) (${account})`,
    `,${label.period}="${period}"`,
  )

export const spend: readonly RecordingRule[] = [
  {
    record: recorded.spendUsd,
    expr: `(${recorded.creditsUsed} - ${recorded.creditsRefunded} or ${recorded.creditsUsed} or -${recorded.creditsRefunded}) / ${config.creditsPerUsd}`,
    meaning:
      'What calls cost, less what was given back, in US dollars, by everything that tells calls apart.',
  },
  {
    record: recorded.ownerSpendUsd,
    expr: `sum without (job, ${label.requestModel}, ${label.routedModel}, ${label.endpoint}) (${recorded.spendUsd})`,
    meaning: 'The same by account and spend tags alone.',
  },
  {
    record: recorded.accountSpendUsd,
    expr: sumBy(ACCOUNT, recorded.ownerSpendUsd),
    meaning: 'The same by account.',
  },
  {
    record: recorded.timeZoneOffset,
    expr: chain(
      'or',
      `max(${metric.timeZoneOffset})`,
      remembered(recorded.timeZoneOffset),
      `vector(${config.timeZone.offsetSeconds})`,
    ),
    meaning: 'The time zone of days and months; the last one while no exporter tells it.',
  },
  {
    record: recorded.ownerAtDayStart,
    expr: atStart(recorded.ownerAtDayStart, recorded.localDay, DAY),
    meaning: 'The owners’ totals at midnight of the time zone.',
  },
  {
    record: recorded.ownerAtMonthStart,
    expr: atStart(recorded.ownerAtMonthStart, recorded.localMonth, MONTH),
    meaning: 'The owners’ totals at the first midnight of the month.',
  },
  { record: recorded.localDay, expr: DAY, meaning: 'The day of the time zone, as a number.' },
  { record: recorded.localMonth, expr: MONTH, meaning: 'The month of the time zone, as a number.' },
  {
    record: recorded.today,
    expr: figure('day', recorded.ownerAtDayStart),
    meaning: `Spend of today: what the account says (a day of UTC) where an exporter tells it, else what was counted (a day of the time zone); the label ${FIGURE_LABEL} says which.`,
  },
  {
    record: recorded.month,
    expr: figure('month', recorded.ownerAtMonthStart),
    meaning: 'The same for this month.',
  },
  {
    record: recorded.pace5m,
    expr: pace('5m', 1 / 12),
    meaning: 'The pace of the last five minutes: whether that of the last ten goes on.',
  },
  {
    record: recorded.pace10m,
    expr: pace('10m', 1 / 6),
    meaning: 'The pace of the last ten minutes: the larger of counted and charged.',
  },
  { record: recorded.pace1h, expr: pace('1h', 1), meaning: 'The pace of the last hour.' },
  { record: recorded.pace1d, expr: pace('1d', 24), meaning: 'The pace of the last 24 hours.' },
  {
    record: recorded.usualPeak,
    // Not by an account's first minutes: its pace begins at 0.
    expr: chain(
      'or',
      `(${peak('14d', '6h')} and ${knownFor(recorded.pace10m, '2d')})`,
      `(${peak('2d', '1h')} and ${knownFor(recorded.pace10m, '2h')})`,
    ),
    meaning:
      'The highest pace of ten minutes in two weeks, without the last six hours; in the first two days of an account without the last one, and nothing in its first two hours.',
  },
  {
    record: recorded.lastHour,
    expr: larger(
      since(recorded.accountSpendUsd, '1h'),
      `(${since(recorded.charged, '1h')} / ${config.creditsPerUsd})`,
    ),
    meaning: 'Spend of the last hour.',
  },
  {
    record: recorded.usualHour,
    expr: aggregate(
      'max',
      ACCOUNT,
      chain(
        'or',
        `label_replace(${hourAgo('9h', '164h')} and ${aWeek}, "week", "1", "", "")`,
        `label_replace(${hourAgo('9h', '332h')}, "week", "2", "", "")`,
        `label_replace(${hourAgo('7d', '90m')} unless ${aWeek}, "week", "0", "", "")`,
      ),
    ),
    meaning:
      'The dearest hour around this time one week and two weeks ago; of all so far while there is no week.',
  },
  {
    record: recorded.forecastLow,
    expr: forecast(
      `min by (${label.account}) (${recorded.pace1d} or label_replace(${recorded.accountSpendUsd} - ${before(recorded.accountSpendUsd, '7d')}, "week", "1", "", "") / 168)`,
      -1,
    ),
    meaning:
      'The lower end of what this month will cost: this month so far, and the lower of the paces of a day and a week for the rest.',
  },
  {
    record: recorded.forecastHigh,
    expr: forecast(
      `max by (${label.account}) (${recorded.pace1d} or label_replace(${recorded.accountSpendUsd} - ${before(recorded.accountSpendUsd, '7d')}, "week", "1", "", "") / 168)`,
      1,
    ),
    meaning: 'The upper end; both are far apart on the first day.',
  },
  {
    record: recorded.budgetUsed,
    expr: chain(
      'or',
      byPeriod('day', recorded.ownerAtDayStart, recorded.today),
      byPeriod('month', recorded.ownerAtMonthStart, recorded.month),
    ),
    meaning: 'Spend of the day or month over its budget, by account or value of a spend tag.',
  },
  {
    record: recorded.budgetForecast,
    expr: budgets(
      (labels) =>
        sumBy(
          labels,
          `${recorded.ownerSpendUsd} - ${recorded.ownerAtMonthStart} + ${since(recorded.ownerSpendUsd, '1d')} / 24 * on () group_left () ${hoursLeft(LOCAL)}`,
        ),
      `max by (${label.account}) (${recorded.forecastLow})`,
      `,${label.period}="month"`,
    ),
    meaning: 'What the month will cost at least over its budget, by account or value of a spend tag.',
  },
]
