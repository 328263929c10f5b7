/**
 * Tests of the rules, for `promtool test rules`. Series, times and expectations are written out by hand; nothing
 * here is derived from an expression under test. Only the constant annotations are looked up by name.
 */
import { runbookUrlOf } from '../alerts/alert.ts'
import { alerts } from '../alerts/index.ts'

export interface Series {
  readonly series: string
  readonly values: string
}

export interface Firing {
  readonly labels: Readonly<Record<string, string>>
  /** As a person reads it, value and labels filled in. */
  readonly description: string
}

/** What an alert does at a moment: `[]` is quiet. */
export interface Expectation {
  readonly alert: string
  readonly at: string
  readonly firing: readonly Firing[]
}

export interface Query {
  readonly expr: string
  readonly at: string
  readonly samples: ReadonlyArray<{ readonly labels: string; readonly value: number }>
}

export interface RuleTest {
  /** A sentence. */
  readonly name: string
  /** Distance of the samples; `30s` unless told. */
  readonly interval?: string
  readonly series: readonly Series[]
  readonly expect?: readonly Expectation[]
  readonly queries?: readonly Query[]
}

const STEPS_A_MINUTE = 2

/** A gauge that holds each value for so many minutes, at one sample in 30 s. */
export function gauge(...phases: ReadonlyArray<[value: number, minutes: number]>): string {
  return phases.map(([value, minutes]) => `${value}x${minutes * STEPS_A_MINUTE - 1}`).join(' ')
}

/** A counter from 0 that grows by so much every 30 s for so many minutes, phase after phase. */
export function counter(...phases: ReadonlyArray<[perStep: number, minutes: number]>): string {
  let total = 0
  return phases
    .map(([perStep, minutes]) => {
      const steps = minutes * STEPS_A_MINUTE
      const segment = `${total}+${perStep}x${steps - 1}`
      total += perStep * steps
      return segment
    })
    .join(' ')
}

/** `updated` timestamps of a replica that polls all the time. */
export function fresh(minutes: number): string {
  return `0+30x${minutes * STEPS_A_MINUTE}`
}

export function quiet(alert: string, ...times: string[]): Expectation[] {
  return times.map((at) => ({ alert, at, firing: [] }))
}

export function firing(
  alert: string,
  at: string,
  description: string,
  labels: Record<string, string>,
): Expectation {
  return { alert, at, firing: [{ labels, description }] }
}

const START = 'aimlapi_process_start_timestamp_seconds'
const targetOf = (series: string) =>
  [...series.matchAll(/[{,]((?:job|instance)="[^"]*")/g)]
    .map(([, matcher]) => matcher)
    .toSorted()
    .join(',')

/** A process whose start a test does not tell has been there from the first second on. */
function withStarts(series: readonly Series[]): readonly Series[] {
  const told = new Set(
    series.filter((one) => one.series.startsWith(START)).map((one) => targetOf(one.series)),
  )
  const counters = series.filter((one) => /^aimlapi_\w+_total\{/.test(one.series))
  const untold = new Set(counters.map((one) => targetOf(one.series)).filter((target) => !told.has(target)))
  return [...[...untold].map((target) => ({ series: `${START}{${target}}`, values: '1x1300' })), ...series]
}

/** The test as promtool reads it. */
export function promtoolTest(test: RuleTest): object {
  return {
    name: test.name,
    interval: test.interval ?? '30s',
    input_series: withStarts(test.series),
    ...(test.expect && {
      alert_rule_test: test.expect.map(({ alert, at, firing: expected }) => ({
        alertname: alert,
        eval_time: at,
        exp_alerts: expected.map((one) => expectedAlert(alert, one)),
      })),
    }),
    ...(test.queries && {
      promql_expr_test: test.queries.map(({ expr, at, samples }) => ({
        expr,
        eval_time: at,
        exp_samples: samples,
      })),
    }),
  }
}

function expectedAlert(name: string, { labels, description }: Firing): object {
  const alert = alerts.find((candidate) => candidate.name === name)
  if (!alert) throw new Error(`no such alert: ${name}`)
  return {
    exp_labels: { severity: alert.severity, ...labels },
    exp_annotations: { summary: alert.summary, description, runbook_url: runbookUrlOf(alert) },
  }
}
