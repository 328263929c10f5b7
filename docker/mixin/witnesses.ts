/** Counters of an account that each process gives which watches it: their mean counts, not their sum. */
import { config } from './config.ts'
import { COUNTED, FOUND_OLD_BEFORE, LAG, RENEWED_BEFORE, SAME, TARGET, of } from './counted-processes.ts'
import { type Counting, droppedLabels } from './counting.ts'
import { aggregate, chain, last } from './promql.ts'

const { longMemory } = config.counting

/** A counter of which every process that gives it speaks of the same. */
export type Witnessed = Pick<Counting, 'counter' | 'total' | 'drop'>

/** The counter of each process as it was last counted: `aimlapi_series:account_charged_credits_total:counted`. */
export function countedValue(counter: string): string {
  return `aimlapi_series:${counter.replace(/^aimlapi_/, '')}:counted`
}

/** For `countedValue`: 0 for what ended with the process before, so that it is not taken for that of the next one. */
export function counted(one: Witnessed): string {
  const record = last(countedValue(one.counter), longMemory)
  const now = of(`${one.counter} ${LAG}`, COUNTED)
  return chain('or', now, `0 * ${of(record, RENEWED_BEFORE)}`, record)
}

/** The total so far and what the witnesses that answer have seen since the evaluation before, on average. */
export function witnessed(one: Witnessed): string {
  const now = of(`${one.counter} ${LAG}`, COUNTED)
  const before = `(${last(countedValue(one.counter), longMemory)} unless on (${TARGET}) ${RENEWED_BEFORE})`
  const increment = `(${now} - ${before} > -${SAME} or ${now} unless on (${TARGET}) ${FOUND_OLD_BEFORE})`
  const added = aggregate('avg', ['job', ...droppedLabels(one.drop)], increment, 'without')
  const carried = `label_replace(${last(one.total, longMemory)}, "aimlapi_part", "carried", "", "")`
  return aggregate('sum', droppedLabels(one.drop), chain('or', carried, added), 'without')
}
