/** PromQL as functions: what the rules and the dashboards share. Pure text in, text out. */
import { config } from './config.ts'
import { label, metric } from './names.ts'
import { recorded } from './rules/recorded.ts'

/** `name{a="b",c=~"d"}`. */
export function select(name: string, ...matchers: string[]): string {
  return matchers.length === 0 ? name : `${name}{${matchers.join(',')}}`
}

/** `sum by (a, b) (expression)`, on lines of its own. */
export function sumBy(labels: readonly string[], expression: string): string {
  return aggregate('sum', labels, expression)
}

export function aggregate(
  operation: string,
  labels: readonly string[],
  expression: string,
  grouping: 'by' | 'without' = 'by',
): string {
  const body = expression.includes('\n') ? `(\n${indent(expression)}\n)` : `(${expression})`
  return `${operation} ${grouping} (${labels.join(', ')}) ${body}`
}

export function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '  ')
}

/** The last value within the window, however old. */
export function last(selector: string, window: string, modifiers = ''): string {
  return `last_over_time(${selector}[${window}]${modifiers === '' ? '' : ` ${modifiers}`})`
}

/** Joins operands by a binary or set operator, one a line. */
export function chain(operator: string, ...operands: string[]): string {
  return operands.join(`\n${operator}\n`)
}

/**
 * A gauge of the account by its freshest witness. Several replicas poll the same account at their own times;
 * one that lost the network keeps its last answer for ever, so neither the maximum nor the minimum is right.
 * A witness that misses some scrapes is still one.
 */
export function latest(gauge: string, more: readonly string[] = []): string {
  const { window } = config.counting
  const updated = `last_over_time(${metric.balanceUpdated}[${window}])`
  const freshest = `${updated} == on (${label.account}) group_left () max by (${label.account}) (${updated})`
  const labels = [label.account, ...more].join(', ')
  return `max by (${labels}) (\n  last_over_time(${gauge}[${window}])\n  and on (job, instance, ${label.account})\n  (${freshest})\n)`
}

const SECONDS_OF: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }

/** A window as a number of seconds: a duration, or one of Grafana's variables. */
function inSeconds(window: string): string {
  if (window === '$__range') return '$__range_s'
  if (window === '$__interval') return '$__interval_ms / 1000'
  const [, count, unit] = /^(\d+)([smhd])$/.exec(window) ?? []
  if (count === undefined || unit === undefined) throw new Error(`not a window: ${window}`)
  return String(Number(count) * (SECONDS_OF[unit] as number))
}

/** A total as it was so long ago; nothing where totals have begun anew since, after a very long pause of the rules. */
export function before(total: string, ago: string): string {
  const value = last(total, config.counting.longMemory, `offset ${ago}`)
  return `(${value} unless on () ${recorded.watchingSince} > time() - ${inSeconds(ago)})`
}

/**
 * What a total grew by in a window, as the difference of its two ends. A total that was not there at the beginning
 * began within.
 */
export function since(total: string, window: string): string {
  return `(${total} - (${before(total, window)} or 0 * ${total}))`
}

/** Of two vectors of the same labels, the larger value of each element; what only one has is taken from it. */
export function larger(left: string, right: string): string {
  return `(${left} > ${right} or ${right} or ${left})`
}

/** Everything that has reported a metric lately, by its last value; without the jobs that come and go. */
export function remembered(name: string): string {
  const { memory, temporaryJobs } = config.absence
  return `last_over_time(${select(name, `job!~"${temporaryJobs}"`)}[${memory}])`
}

/** A series that was there so long ago, as an operand of `and`. */
export function knownFor(series: string, ago: string): string {
  return `last_over_time(${series}[14d] offset ${ago})`
}

/** Seconds since the epoch on the clocks of the time zone. */
export const localTime = `(time() + (max(${recorded.timeZoneOffset}) or max(${metric.timeZoneOffset}) or vector(${config.timeZone.offsetSeconds})))`

/**
 * The same as `knownFor`, and on a Monday for so long as to have seen a working day: else the first Monday after a
 * quiet weekend looks like a runaway.
 */
export function knownForWorkingDay(series: string, ago: string): string {
  const monday = `(day_of_week${localTime} == 1)`
  return `(${knownFor(series, ago)} unless on () ${monday} or ${knownFor(series, config.beforeMonday)})`
}

/** What totals grew by in a window, grouped. */
export function grown(labels: readonly string[], total: string, window: string): string {
  return sumBy(labels, since(total, window))
}

/** `left`, with 0 for what `right` has and `left` does not. */
export function orZero(left: string, right: string): string {
  return `(${left} or 0 * ${right})`
}

/** Several metrics as one instant vector. With `or` the second would vanish: `or` compares labels, not names. */
export function together(...names: string[]): string {
  return `{__name__=~"${names.join('|')}"}`
}
