/**
 * Which processes are in the totals, decided by their starts: a few series, whatever the number of counters. Only an
 * event of a process (it begins anew, is gone, comes back, is found old) moves what it had, so that it does not matter
 * when evaluations take place or how many are missed.
 *
 * What one evaluation records is read by the next one: a later rule of the same evaluation sees it in Prometheus, but
 * not in VictoriaMetrics.
 */
import { config } from './config.ts'
import { metric } from './names.ts'
import { chain, indent, last } from './promql.ts'
import { HELD, watched } from './rule-pauses.ts'

const { counting } = config

const START = metric.processStart
/**
 * The start of each process that was seen last under its name: positive while it answers, negative while it does not
 * and may come back, 0 when it was gone for so long that only its name is known.
 */
export const KNOWN_START = 'aimlapi_process:start_timestamp_seconds:counted'
/** 1 where a process is seen for the first time and what it has spent is older than that; else 0. */
export const FOUND_OLD = 'aimlapi_process:found_old:bool'
/**
 * What becomes of the last values of a process: 1, they move to the ended part; -1, they are taken from it, because they
 * were spent before anybody looked; 0, it may come back.
 */
export const MOVED = 'aimlapi_process:moved:sign'
/** One name, and one process at a time. */
export const TARGET = 'job, instance'
/** Scrapes that began so long ago have arrived. */
export const LAG = `offset ${counting.lagSeconds}s`
/**
 * Each sample is seen in one step: what a process had pushed is not seen beside the start of the next one. Without the
 * sample on its border, which belongs to the step before.
 */
export const STEP = { length: '10s', window: '9s999ms' }
/** Less, of credits or of seconds, is no difference: VictoriaMetrics gives back 15 digits of what was recorded. */
export const SAME = 0.5

/** Those elements of the vector whose process is among these. */
export const of = (vector: string, processes: string) => `(${vector} and on (${TARGET}) ${processes})`

const isSame = (left: string, right: string) => `(abs(${left} - ${right}) < ${SAME})`

/** Without the parts that are empty. */
const joined = (...parts: readonly string[]) => parts.filter((one) => one !== '').join(' ')

/** The starts as they were known before. */
const known = last(KNOWN_START, counting.longMemory)
/**
 * The same for rules that read every series: one long look-back in a query makes Prometheus merge blocks for each of its
 * operands, which takes twice as long. After a longer pause these wait for the evaluation after the first.
 */
const knownLately = (pin = '') => last(KNOWN_START, counting.window, pin)
/**
 * By name alone: an address that another pod has got is a name that another process has taken, whatever else the two are
 * called. Of two starts the later one is that of the present process.
 */
const byName = (starts: string, operation = 'max') => `${operation} by (${TARGET}) (${starts})`
const alive = (pin = '') => byName(joined(START, pin, LAG))
const told = (window: string, pin = '') => byName(last(START, window, joined(pin, LAG)))

/**
 * Names that another process has taken lately: what the one before it had pushed, or what a Collector goes on to show of
 * it, is still to be seen. What is scraped directly ends at once. For so long its values are read by steps.
 */
const mixed = (pin = '') =>
  `(max_over_time(${joined(`${MOVED}[${counting.leftovers}]`, pin)}) == 1 unless on (${TARGET}) ${joined('up', pin)})`
/** The processes that answer with the start that was known before. */
const answering = (start: string, pin = '') =>
  `(${isSame(alive(pin), `abs(${start})`)} unless on (${TARGET}) ${mixed(pin)})`
/** Those whose present values are in the total. */
export const COUNTED = answering(knownLately())
/** Names that were given to a process that answered, or to a new one, when they were evaluated last. */
export const COUNTED_BEFORE = `(${knownLately()} > 0)`
/** Names that another process had taken when they were evaluated last, or that nobody waits for any more. */
export const RENEWED_BEFORE = `(${last(MOVED, counting.longMemory)} == 1)`
export const FOUND_OLD_BEFORE = `(${last(FOUND_OLD, counting.longMemory)} == 1)`

/**
 * For a subquery: of each name that needs it, the start of the process whose last values are looked for. It does not
 * answer, and was there a moment ago, or its name has told a start lately: its own, or that of the one which has taken
 * the name. Or it was found old.
 */
function startOfLastValues(): string {
  const pin = '@ end()'
  const start = `abs(${knownLately(pin)})`
  const gone = `${start} unless ${answering(knownLately(pin), pin)}`
  const lately = `(${knownLately(pin)} > 0 or ${told(counting.lookBack, pin)})`
  const isFoundOld = `${start} and ${last(FOUND_OLD, counting.window, pin)} == 1`
  return `(${chain('or', `${gone} and ${lately}`, isFoundOld).replaceAll('\n', ' ')})`
}

/** For a subquery: the names whose process told the start that is looked for, and no other one, in a step. */
export function toldInStep(): string {
  const starts = `${START}[${STEP.window}]`
  const latest = byName(`max_over_time(${starts})`)
  const earliest = byName(`min_over_time(${starts})`, 'min')
  // `changes()` would do in Prometheus; in VictoriaMetrics it compares with the sample before the window, too.
  return `(abs(${latest} - ${startOfLastValues()}) < ${SAME} unless ${latest} > ${earliest})`
}

/** What each name has told last. */
const TOLD = `(${told(counting.window)} unless on () ${HELD})`
const WAS = `(${known} != 0)`
/** Another process than the one that was known. */
const RENEWED = `(abs(${TOLD} - abs(${WAS})) >= ${SAME})`
/** Not seen for so long that it is not waited for any more. */
const FORGOTTEN = `(${WAS} < 0 unless ${told(counting.goneMemory)} unless on () ${HELD})`
/** Another job told of the same process before: it was renamed. */
const RENAMED = isSame(TOLD, `on (instance) group_left () max by (instance) (abs(${known}))`)
/** A new Prometheus does not take the past of its first hour for the spend of this minute. */
const YOUNG = `(${TOLD} > time() - ${counting.youngSeconds} unless on (instance) ${RENAMED} and on () ${watched(counting.firstSightSeconds)})`

/** For `MOVED`. To be recorded before `FOUND_OLD`, and that before `KNOWN_START`. */
export function movedSigns(): string {
  // Also of names that nobody waits for any more: else their values would move again.
  const moved = chain('or', `0 * ${RENEWED} + 1`, `0 * ${FORGOTTEN} + 1`, `0 * ${known}`)
  return chain('or', `(\n${indent(moved)}\n) - ${FOUND_OLD_BEFORE}`, moved)
}

/** For `FOUND_OLD`. */
export function foundOld(): string {
  return chain('or', `0 * (${TOLD} unless ${WAS} unless ${YOUNG}) + 1`, `0 * ${TOLD}`, `0 * ${known}`)
}

/** For `KNOWN_START`. */
export function knownStarts(): string {
  return chain(
    'or',
    `(${alive()} and ${answering(known)})`,
    `(${TOLD} unless ${isSame(TOLD, `abs(${known})`)})`,
    `0 * ${FORGOTTEN}`,
    `-abs(${WAS})`,
  )
}
