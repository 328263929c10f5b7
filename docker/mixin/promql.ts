/** PromQL as functions: what the rules and the dashboards share. Pure text in, text out. */
import { config } from './config.ts'
import { label, metric } from './names.ts'

const INTERVAL = `${config.rules.intervalSeconds}s`

/** Recorded `1` at every evaluation: how long this Prometheus has been watching. */
export const EVALUATIONS = 'aimlapi:evaluations:count'

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

/** Joins operands by a binary or set operator, one a line. */
export function chain(operator: string, ...operands: string[]): string {
  return operands.join(`\n${operator}\n`)
}

/**
 * What a counter added since the rules were last evaluated, exactly: the sum over all evaluations of a window is the
 * increase over the window, in whole credits, whenever they took place.
 *
 * `increase()` would do for busy counters, but it cannot see the first value of a series (a model's first call,
 * a job of ten seconds, a new pod) and extrapolates the rest. Here
 * - a counter that went up adds the difference to its value at the evaluation before, also after a gap in
 *   scraping, missed evaluations or a restart of Prometheus, up to `counterMemory`;
 * - a counter that fell was restarted and adds its value;
 * - a counter seen for the first time adds its value if its target answered before, or, for a new target, if
 *   these rules have been evaluated for `firstSight`. Without that a new Prometheus would take the whole past of
 *   every running service for the spend of this minute.
 *
 * @param seen The counter as recorded by each evaluation, not the scraped one: a scrape whose sample arrives while
 * the rules run would otherwise be old news to the next evaluation without having been news to this one.
 */
export function increment(seen: string): string {
  const before = `last_over_time(${seen}[${config.rules.counterMemory}] offset 1ms)`
  const target = 'on (job, instance)'
  return chain(
    'or',
    `${seen} - (${before} <= ${seen})`,
    `${seen} < ${before}`,
    `((${seen} unless ${before}) and ${target} (up offset ${INTERVAL} == 1) and on () ${EVALUATIONS})`,
    `((${seen} unless ${before}) unless ${target} (up offset ${INTERVAL}) and on () (${EVALUATIONS} offset ${config.rules.firstSight}))`,
  )
}

/**
 * A gauge of the account by its freshest witness. Several replicas poll the same account at their own times;
 * one that lost the network keeps its last answer for ever, so neither the maximum nor the minimum is right.
 */
export function latest(gauge: string): string {
  const updated = metric.balanceUpdated
  const freshest = `${updated} == on (${label.account}) group_left () max by (${label.account}) (${updated})`
  return `max by (${label.account}) (\n  ${gauge}\n  and on (job, instance, ${label.account})\n  (${freshest})\n)`
}

/** Everything that has reported a metric lately, by its last value; without the jobs that come and go. */
export function remembered(name: string): string {
  const { memory, temporaryJobs } = config.absence
  return `last_over_time(${select(name, `job!~"${temporaryJobs}"`)}[${memory}])`
}

/** The sum of recorded increments over a window, grouped. */
export function summed(labels: readonly string[], recorded: string, window: string): string {
  return sumBy(labels, `sum_over_time(${recorded}[${window}])`)
}

/** `left`, with 0 for what `right` has and `left` does not. */
export function orZero(left: string, right: string): string {
  return `(${left} or 0 * ${right})`
}

/** Several metrics as one instant vector. With `or` the second would vanish: `or` compares labels, not names. */
export function together(...names: string[]): string {
  return `{__name__=~"${names.join('|')}"}`
}
