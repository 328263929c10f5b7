/**
 * How counters of processes that come and go become totals that only follow what was spent: one counter for each
 * label set, without the labels that tell processes apart, which never restarts with a process.
 *
 * `increase()` cannot do it: it does not see the first value of a series (a model's first call, a job of ten
 * seconds, a new pod), extrapolates the rest, and loses what a gap hides. Here a total is the sum of three parts: the
 * values of the processes that answer, the last values of those that are gone and may come back, and the ended part.
 * Nothing depends on whether a range includes its ends.
 */
import { config } from './config.ts'
import {
  COUNTED,
  COUNTED_BEFORE,
  KNOWN_START,
  LAG,
  MOVED,
  STEP,
  TARGET,
  of,
  toldInStep,
} from './counted-processes.ts'
import { label, metric } from './names.ts'
import { aggregate, chain, indent, last } from './promql.ts'
import { HELD, HELD_BEFORE, PAUSE } from './rule-pauses.ts'

const { counting } = config

export interface Counting {
  /** The counter as it is scraped. */
  readonly counter: string
  /** The total that is recorded. */
  readonly total: string
  /** Labels to drop besides those of the process. */
  readonly drop?: readonly string[]
}

const part = (name: string, expr: string) => `label_replace(${expr}, "aimlapi_part", "${name}", "", "")`

/** The values that are there: `aimlapi_call:credits_used:present`. */
export function presentPart(total: string): string {
  return total.replace(/:total$/, ':present')
}

/** What is gone for good: `aimlapi_call:credits_used:ended`. */
export function endedPart(total: string): string {
  return total.replace(/:total$/, ':ended')
}

/** The last values of each process that does not answer: `aimlapi_series:credits_used_total:last`. */
export function lastValue(counter: string): string {
  return `aimlapi_series:${counter.replace(/^aimlapi_/, '')}:last`
}

/** All labels that a total does without. */
export function droppedLabels(drop: readonly string[] = []): string[] {
  return [...counting.processLabels, 'aimlapi_part', label.usageSource, ...drop]
}

/** The credits of each process that answers, over all its label sets. */
export const PROCESS_CREDITS = 'aimlapi_process:credits_used:present'
/** The same before the last long pause of the rules. */
export const CREDITS_BEFORE_PAUSE = 'aimlapi_process:credits_used:before_pause'

/** For `PROCESS_CREDITS`. */
export function processCredits(): string {
  return aggregate('sum', [TARGET], `${metric.creditsUsed} ${LAG}\nand on (${TARGET})\n${COUNTED}`)
}

/** For `CREDITS_BEFORE_PAUSE`: to be recorded before `PROCESS_CREDITS` and `WATCHING_SINCE`. */
export function creditsBeforePause(): string {
  const { longMemory } = counting
  return chain(
    'or',
    `${last(PROCESS_CREDITS, longMemory)} and on () ${PAUSE}`,
    last(CREDITS_BEFORE_PAUSE, longMemory),
  )
}

/** For `presentPart`. */
export function present(one: Counting): string {
  const values = `${one.counter} ${LAG}\nand on (${TARGET})\n${COUNTED}`
  return aggregate('sum', droppedLabels(one.drop), values, 'without')
}

const lastRecorded = (counter: string) => last(lastValue(counter), counting.lastValuesMemory)

/**
 * For `lastValue`: of a process that does not answer, the highest value of the steps in which it told its start; 0 once
 * it is back or another one has its name. Nearly always there is none, and then this costs no more than two readings.
 */
export function lastValues({ counter }: Counting): string {
  const values = `${last(counter, STEP.window)}\nand on (${TARGET})\n${toldInStep()}`
  const over = of(`${lastRecorded(counter)} > 0`, COUNTED_BEFORE)
  return chain(
    'or',
    `max_over_time((\n${indent(values)}\n)[${counting.lastValues}:${STEP.length}] ${LAG})`,
    `0 * ${over}`,
  )
}

/** Values that are recorded as last ones, by process times what becomes of them. */
function gone({ counter, drop }: Counting, weight: string): string {
  const weighted = `${lastRecorded(counter)} * on (${TARGET}) group_left () max by (${TARGET}) (${weight} != 0)`
  return aggregate('sum', droppedLabels(drop), weighted, 'without')
}

/** The sum of the parts as one evaluation recorded them. */
function sumOfParts(one: Counting, present = presentPart(one.total)): string {
  const waiting = `((${KNOWN_START} < bool 0) + ${MOVED})`
  const parts = [part('present', present), endedPart(one.total), part('gone', gone(one, waiting))]
  return aggregate('sum', ['aimlapi_part'], chain('or', ...parts), 'without')
}

/**
 * What those that are still there after a long pause had before it, as far as it can be told: by that share of their
 * values that their credits then were of their credits now.
 */
function presentBeforePause(one: Counting): string {
  const byJob = (credits: string, processes: string) => `sum by (job) ${of(credits, processes)}`
  const share = `${byJob(CREDITS_BEFORE_PAUSE, PROCESS_CREDITS)} / ${byJob(PROCESS_CREDITS, CREDITS_BEFORE_PAUSE)}`
  const now = presentPart(one.total)
  return `(${now} * on (job) group_left () (${share}) or ${now})`
}

/**
 * For `endedPart`: what moved there in the evaluation before, and what a long pause has lost: processes that were gone
 * after it took their last values along. What is left of the total as it was, less the parts that can be told, is theirs.
 */
export function ended(one: Counting): string {
  const { longMemory } = counting
  const settles = `and on () (${HELD_BEFORE} unless ${HELD})`
  const told = sumOfParts(one, presentBeforePause(one))
  const parts = [
    last(endedPart(one.total), longMemory),
    part('moved', gone(one, last(MOVED, longMemory))),
    part('before', `(${last(one.total, longMemory)} ${settles})`),
    part('told', `(-(\n${indent(told)}\n) ${settles})`),
  ]
  return aggregate('sum', ['aimlapi_part'], chain('or', ...parts), 'without')
}

/**
 * The total: of one evaluation, so that a process is in one of the parts. Where no evaluation is to be seen, as in
 * VictoriaMetrics after a pause, it stays as it was.
 */
export function total(one: Counting): string {
  const now = `${sumOfParts(one)} and on () ${KNOWN_START} unless on () (${HELD} or ${HELD_BEFORE})`
  return chain('or', `(${now})`, last(one.total, counting.longMemory))
}
