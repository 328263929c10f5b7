/**
 * How counters of processes that come and go become totals that only follow what was spent: one counter for each
 * label set, without the labels that tell processes apart, which never restarts with a process.
 *
 * `increase()` cannot do it: it does not see the first value of a series (a model's first call, a job of ten
 * seconds, a new pod), extrapolates the rest, and loses what a gap hides. Here each evaluation adds the difference
 * to the value that was counted before, so that differences add up exactly, whatever the scrape interval, whenever
 * the evaluations take place, and whether or not a range includes its ends.
 */
import { config } from './config.ts'
import { label, metric } from './names.ts'
import { aggregate, chain, indent } from './promql.ts'

const { counting } = config

export interface Counting {
  /** The counter as it is scraped. */
  readonly counter: string
  /** The total that is recorded. */
  readonly total: string
  /** Labels to drop besides those of the process. */
  readonly drop?: readonly string[]
  /** How long a counted value is known. A longer silence, of a process or of Prometheus, is not made up for. */
  readonly memory: string
  /** Every process that gives the counter speaks of the same: their mean counts, not their sum. */
  readonly witnesses?: boolean
}

const START = metric.processStart
/** The start of each process as it was last counted. */
export const COUNTED_START = 'aimlapi_process:start_timestamp_seconds:counted'
/** Since when the rules have been evaluated without a long pause, in seconds since the epoch. */
export const WATCHING_SINCE = 'aimlapi:watching_since:timestamp_seconds'

/** The counter of each process as it was last counted: `aimlapi_series:credits_used_total:counted`. */
export function countedValue(counter: string): string {
  return `aimlapi_series:${counter.replace(/^aimlapi_/, '')}:counted`
}

const TARGET = 'job, instance'
/** Scrapes that began so long ago have arrived. */
const LAG = `offset ${counting.lagSeconds}s`
/** From one evaluation to the next, without the sample that lies on the border: it belongs to the one before. */
const MINUTE = `[${counting.intervalSeconds - 1}s999ms]`

const last = (selector: string, window: string, offset = '') =>
  `last_over_time(${selector}[${window}]${offset === '' ? '' : ` ${offset}`})`

/**
 * VictoriaMetrics gives back 15 digits of what was recorded, so that a value and its record differ a little. Less than
 * this, of credits or of seconds, is no difference.
 */
const SAME = 0.5

/** Starts of the processes that answer now, and of those that did lately. */
const ALIVE = `${START} ${LAG}`
const LATELY = last(START, counting.window, LAG)

/**
 * The value of every series. Of a process that answers, only series that it has given since its start: those of the
 * process before it under the same name are over. Of a process that does not answer, its last ones.
 */
function value(counter: string): string {
  const now = `${counter} ${LAG}`
  const earlier = `timestamp(${now}) < on (${TARGET}) group_left () max by (${TARGET}) (${ALIVE})`
  return `((${now} unless ${earlier}) or ${last(counter, counting.window, LAG)} unless on (${TARGET}) ${ALIVE})`
}

/**
 * Whether this Prometheus has been watching for so long, as an operand of `and on ()`. By the last record: after a
 * pause VictoriaMetrics does not show one evaluation what the same one has just recorded.
 */
export function watched(seconds: number): string {
  return `(${last(WATCHING_SINCE, counting.longMemory)} < time() - ${seconds})`
}

/** Processes whose new label sets begin at 0: those known before, and young ones that were never seen. */
function fromZero({ memory }: Counting): string {
  const ever = last(COUNTED_START, counting.longMemory)
  const elsewhere = `abs(${LATELY} - on (instance) group_left () max by (instance) (${ever})) < ${SAME}`
  return chain(
    'or',
    `(${LATELY} and ${last(COUNTED_START, memory)})`,
    // A new Prometheus does not take the past of its first hour for the spend of this minute.
    `(${LATELY} > time() - ${counting.youngSeconds} unless ${ever} unless on (instance) (${elsewhere}) and on () ${watched(counting.firstSightSeconds)})`,
  )
}

/**
 * What each series added since the evaluation before, with all its labels.
 * 1. The difference to the value before, of the same process.
 * 2. The whole value of what has no such value: a new label set, a new process, a process that began anew.
 * 3. What a process added in its last minute, where another one has taken its name since.
 */
export function increment(one: Counting): string {
  const { counter, memory } = one
  const now = value(counter)
  const base = `(${last(countedValue(counter), memory)} unless on (${TARGET}) ${restarted(one)})`
  const highest = `max_over_time(${counter}${MINUTE} ${LAG})`
  const atEvaluation = last(countedValue(counter), counting.window)
  // Each of these is read for every series: the shorter the expression, the cheaper the evaluation.
  const ended = `(${highest} - ${atEvaluation} > 0 or ${highest} unless ${atEvaluation}) unless ${highest} <= ${now}`
  const parts = [
    `${now} - ${base} > -${SAME}`,
    `${now} and on (${TARGET}) (\n${indent(fromZero(one))}\n)`,
    `label_replace(${ended}, "aimlapi_part", "end", "", "")`,
  ]
  return chain('or', ...parts)
}

/** Processes that have begun anew since they were counted. */
function restarted({ memory }: Counting): string {
  return `(abs(${ALIVE} - ${last(COUNTED_START, memory)}) > ${SAME})`
}

/** The total so far and what was added to it. */
export function total(one: Counting): string {
  const carried = `label_replace(${last(one.total, counting.longMemory)}, "aimlapi_part", "carried", "", "")`
  const dropped = [...counting.processLabels, 'aimlapi_part', label.usageSource, ...(one.drop ?? [])]
  return aggregate('sum', dropped, chain('or', carried, added(one)), 'without')
}

function added(one: Counting): string {
  if (one.witnesses !== true) return increment(one)
  const alive = `(\n${indent(increment(one))}\n) and on (${TARGET}) ${ALIVE}`
  return aggregate('avg', ['job', ...counting.processLabels, 'aimlapi_part'], alive, 'without')
}

/** The values that are counted now; 0 for what ended with the process before, so that its return counts in full. */
export function counted(one: Counting): string {
  const over = `0 * ${last(countedValue(one.counter), one.memory)} and on (${TARGET}) ${restarted(one)}`
  return chain('or', value(one.counter), over)
}

/** The processes that are counted now. */
export function countedStarts(): string {
  return LATELY
}

/** Begins anew after a pause that is longer than the memory. */
export function watchingSince(): string {
  return `${last(WATCHING_SINCE, counting.longMemory)} or vector(time())`
}
