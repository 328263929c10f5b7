/**
 * How counters of processes that come and go become totals that only follow what was spent: one counter for each
 * label set, without the labels that tell processes apart, which never restarts with a process.
 *
 * `increase()` cannot do it: it does not see the first value of a series (a model's first call, a job of ten
 * seconds, a new pod), extrapolates the rest, and loses what a gap hides. Here a total is the sum of two parts: the
 * values of the processes that are there, and the ended part, which is what those that ended had. Only an event of a
 * process (it begins anew, ends, comes back, is found old) changes the ended part, so that it does not matter when
 * evaluations take place or how many are missed, and nothing depends on whether a range includes its ends.
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
  /** How long the value of a process that is gone is known. One that comes back later counts from then on. */
  readonly memory: string
  /**
   * Whether nothing is lost of what a process did after it was last counted, where another one has taken its name since
   * or the next evaluation was missed.
   */
  readonly exact?: boolean
  /**
   * Whether what a process had pushed may be seen for five more minutes, beside the one that has taken its name, and
   * then no more. To tell such series from others takes a tenth of the whole evaluation.
   */
  readonly leftovers?: boolean
}

/** A counter of which every process that gives it speaks of the same: their mean counts, not their sum. */
export type Witnessed = Omit<Counting, 'exact' | 'leftovers'>

const START = metric.processStart
/** The start of each process that is in the totals; negative where it is in the ended part. */
export const COUNTED_START = 'aimlapi_process:start_timestamp_seconds:counted'
/** Since when the rules have been evaluated without a long pause, in seconds since the epoch. */
export const WATCHING_SINCE = 'aimlapi:watching_since:timestamp_seconds'

/** The counter of each process as it was last counted: `aimlapi_series:credits_used_total:counted`. */
export function countedValue(counter: string): string {
  return `aimlapi_series:${counter.replace(/^aimlapi_/, '')}:counted`
}

/** The ended part of a total: `aimlapi_call:credits_used:ended`. */
export function endedPart(total: string): string {
  return total.replace(/:total$/, ':ended')
}

const TARGET = 'job, instance'
/** Scrapes that began so long ago have arrived. */
const LAG = `offset ${counting.lagSeconds}s`
/** From one evaluation to the next, without the sample that lies on the border: it belongs to the one before. */
const MINUTE = `${counting.intervalSeconds - 1}s999ms`

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
/** Starts as they were last counted. */
const KNOWN = last(COUNTED_START, counting.longMemory)

const of = (vector: string, processes: string) => `(${vector} and on (${TARGET}) ${processes})`
const part = (name: string, expr: string) => `label_replace(${expr}, "aimlapi_part", "${name}", "", "")`

/**
 * What the processes that answer give: only series given since their start. A push leaves those of the process before
 * it under the same name to be seen for five minutes.
 */
function present({ counter, leftovers = false }: Counting): string {
  const now = `${counter} ${LAG}`
  if (leftovers) return now
  // Mostly there is no such process, and then the comparison costs nothing.
  const young = `max by (${TARGET}) (${ALIVE} > time() - ${counting.leftoverSeconds})`
  return `(${now} unless timestamp(${now}) < on (${TARGET}) group_left () ${young})`
}

/**
 * Whether this Prometheus has been watching for so long, as an operand of `and on ()`. By the last record: after a
 * pause VictoriaMetrics does not show one evaluation what the same one has just recorded.
 */
export function watched(seconds: number): string {
  return `(${last(WATCHING_SINCE, counting.longMemory)} < time() - ${seconds})`
}

/** Another process has taken the name since. */
const RENEWED = `(abs(${LATELY} - abs(${KNOWN})) > ${SAME})`
const RESTARTED = `(abs(${LATELY} - (${KNOWN} > 0)) > ${SAME})`
/** Not seen for so long that it moves to the ended part. */
const LEFT = `(${KNOWN} > 0 unless ${LATELY})`

/** Where the process had moved there lately. */
const LEFT_LATELY = last(COUNTED_START, counting.shortMemory)
/** The same process, back from the ended part. */
const BACK = `(abs(${LATELY} + ${LEFT_LATELY}) < ${SAME})`

/** Another job told of the same process before: it was renamed. */
const RENAMED = `(abs(${LATELY} - on (instance) group_left () max by (instance) (abs(${KNOWN}))) < ${SAME})`
/** A new Prometheus does not take the past of its first hour for the spend of this minute. */
const YOUNG = `(${LATELY} > time() - ${counting.youngSeconds} unless ${KNOWN} unless on (instance) ${RENAMED} and on () ${watched(counting.firstSightSeconds)})`
/** Seen for the first time, or the first time for long, and what it has spent is older than that. */
const FOUND_OLD = `(${LATELY} unless (${LEFT_LATELY} or ${KNOWN} > 0 or ${RENEWED}) unless ${YOUNG})`

/**
 * The values as they were last counted. Where the process was counted a moment ago, only series that were there: one
 * that vanished from a process that lives on, as what a process before it had pushed does, is not part of it.
 */
function known({ counter, memory }: Counting): string {
  const record = countedValue(counter)
  return `(${record} or ${last(record, memory)} unless on (${TARGET}) (${COUNTED_START} > 0))`
}

/** No scrape is more frequent, so no step has samples of two processes of one name; without the sample on its border. */
const STEP = '5s'
const STEP_BEFORE = '4s999ms'

/**
 * The last values of a process where another one has taken its name since: the highest that was given while its start
 * was told. Each sample is seen for one step of 5 s, so that what was pushed before that start is over. Nearly always
 * there is no such process, and then this costs no more than one reading.
 */
function lastValues({ counter }: Counting): string {
  const atEnd = '@ end()'
  const knownStart = last(COUNTED_START, counting.longMemory, atEnd)
  const restarted = `(${knownStart} > 0 unless abs(${last(START, counting.window, `${atEnd} ${LAG}`)} - ${knownStart}) < ${SAME})`
  const its = `(abs(${START} - ${restarted}) < ${SAME})`
  return of(
    `max_over_time((${last(counter, STEP_BEFORE)} and on (${TARGET}) ${its})[5m:${STEP}] ${LAG})`,
    RESTARTED,
  )
}

const dropped = ({ drop = [] }: Counting) => [
  ...counting.processLabels,
  'aimlapi_part',
  label.usageSource,
  ...drop,
]

/** What the processes had that are no longer there, less what others had when they were found old. */
export function ended(one: Counting): string {
  const event = `max by (${TARGET}) (0 * (${RESTARTED} or ${LEFT}) + 1 or 0 * ${BACK} - 1)`
  const values = `${known(one)} * on (${TARGET}) group_left () (\n${indent(event)}\n)`
  const moved =
    one.exact === true
      ? aggregate('max', ['aimlapi_part'], chain('or', values, part('last', lastValues(one))), 'without')
      : values
  const carried = part('carried', last(endedPart(one.total), counting.longMemory))
  return aggregate('sum', dropped(one), chain('or', carried, moved), 'without')
}

/**
 * The values that are counted now. Of processes that do not answer: what they gave in the last minute, else what was
 * counted. 0 for what ended with the process before, so that it does not end twice.
 */
export function counted(one: Counting): string {
  const kept = `* on (${TARGET}) group_left () (0 * ${RENEWED} or 0 * (${LATELY} unless ${ALIVE}) + 1)`
  const lately = `${last(one.counter, MINUTE, LAG)} ${kept}`
  // Where the evaluation before did not take place: what came after the last one. What had ended then has a record of 0.
  const here = `(${ALIVE} or ${RENEWED} or present_over_time(${COUNTED_START}[${1.5 * counting.intervalSeconds}s]))`
  const recordedAsEnded = `${last(countedValue(one.counter), counting.window)} == 0`
  const missed = `(${last(one.counter, counting.window, LAG)} unless on (${TARGET}) ${here} unless ${recordedAsEnded})`
  const parts = [lately, ...(one.exact === true ? [missed] : []), `${known(one)} ${kept}`]
  return chain('or', present(one), ...parts)
}

/**
 * The processes that are counted now; negative, once, where one has moved to the ended part. One that is found old
 * begins as if it had just moved there: what it has is known from now on, and it is back at the next evaluation.
 */
export function countedStarts(): string {
  return chain('or', `${LATELY} unless ${FOUND_OLD}`, `-${FOUND_OLD}`, `-(${KNOWN} > 0)`)
}

/**
 * The total: of one evaluation, so that a process is either in the values or in the ended part. Where no evaluation is
 * to be seen, as in VictoriaMetrics after a pause, it stays as it was.
 */
export function total(one: Counting): string {
  const there = of(countedValue(one.counter), `(${COUNTED_START} > 0)`)
  const values = part('values', aggregate('sum', dropped(one), there, 'without'))
  const sum = aggregate('sum', ['aimlapi_part'], chain('or', values, endedPart(one.total)), 'without')
  return chain('or', `(${sum} and on () ${COUNTED_START})`, last(one.total, counting.longMemory))
}

/** The total so far and what the witnesses that answer have seen since the evaluation before, on average. */
export function witnessed(one: Witnessed): string {
  const now = present(one)
  const before = `(${last(countedValue(one.counter), one.memory)} unless on (${TARGET}) ${RENEWED})`
  const increment = `(${now} - ${before} > -${SAME} or ${now} unless on (${TARGET}) ${FOUND_OLD})`
  const without = ['job', ...dropped(one)]
  const added = aggregate('avg', without, `${increment} and on (${TARGET}) ${ALIVE}`, 'without')
  return aggregate(
    'sum',
    dropped(one),
    chain('or', part('carried', last(one.total, counting.longMemory)), added),
    'without',
  )
}

/** Begins anew after a pause that is longer than the memory. */
export function watchingSince(): string {
  return `${last(WATCHING_SINCE, counting.longMemory)} or vector(time())`
}
