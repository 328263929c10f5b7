/**
 * Pauses of the rules, as while Prometheus is down. After a long one the last values of what ended meanwhile cannot be
 * found: totals are held, and nothing new is taken up, until every process that is still there has been seen again.
 */
import { config } from './config.ts'
import { chain, last } from './promql.ts'
import { recorded } from './rules/recorded.ts'

const { counting } = config

/** Recorded without a pause that is longer than the rules' memory: see `recorded`. */
export const WATCHING_SINCE = recorded.watchingSince
/** When the rules were evaluated for the first time after a long pause, in seconds since the epoch. */
export const RESUMED = 'aimlapi:resumed:timestamp_seconds'
/** 1 while totals are held; else 0. Never recorded without a long pause. */
export const HELD_FLAG = 'aimlapi:held:bool'

const watching = last(WATCHING_SINCE, counting.longMemory)

/** Whether this Prometheus has been watching for so long, as an operand of `and on ()`. */
export function watched(seconds: number): string {
  return `(${watching} < time() - ${seconds})`
}

/**
 * The first evaluation after a long pause, until `WATCHING_SINCE` is recorded anew: in Prometheus for the rules before
 * that one, in VictoriaMetrics, which does not show an evaluation what it has recorded itself, for all of them.
 */
export const PAUSE = `(${watching} unless ${last(WATCHING_SINCE, counting.longestPause)})`
/** Totals are held: in the first evaluation by the pause itself, where `RESUMED` is not shown yet. */
export const HELD = `(${RESUMED} > time() - ${counting.settleSeconds} or ${PAUSE})`
/** They were held in the evaluation before. */
export const HELD_BEFORE = `(${last(HELD_FLAG, counting.longMemory)} == 1)`

/** For `RESUMED`: to be recorded before `WATCHING_SINCE`. */
export const resumedAt = chain('or', `vector(time()) and on () ${PAUSE}`, last(RESUMED, counting.longMemory))
/** For `WATCHING_SINCE`. */
export const watchingSince = `${watching} or vector(time())`
/** For `HELD_FLAG`: to be recorded last. */
export const heldFlag = `${RESUMED} > bool time() - ${counting.settleSeconds}`
