/** Totals of every counter, and what is remembered to keep them right. */
import { config } from '../config.ts'
import {
  COUNTED_START,
  type Counting,
  WATCHING_SINCE,
  counted,
  countedStarts,
  countedValue,
  ended,
  endedPart,
  total,
  watchingSince,
  type Witnessed,
  witnessed,
} from '../counting.ts'
import { label, metric } from '../names.ts'
import { type RecordingRule, recorded } from './recorded.ts'

const { longMemory, shortMemory } = config.counting

/** Of money nothing is lost; of the others, what a process did in the minute in which another one took its name. */
const countings: readonly Counting[] = [
  {
    counter: metric.creditsUsed,
    total: recorded.creditsUsed,
    memory: longMemory,
    exact: true,
    drop: [label.operation],
  },
  {
    counter: metric.creditsRefunded,
    total: recorded.creditsRefunded,
    memory: longMemory,
    exact: true,
    drop: [label.operation],
  },
  { counter: metric.requests, total: recorded.requests, memory: shortMemory },
  {
    counter: metric.tokens,
    total: recorded.tokens,
    memory: shortMemory,
    leftovers: true,
    drop: [label.operation],
  },
  {
    counter: metric.tokenDetails,
    total: recorded.tokenDetails,
    memory: shortMemory,
    leftovers: true,
    drop: [label.operation],
  },
  {
    counter: metric.usageMissing,
    total: recorded.usageMissing,
    memory: shortMemory,
    drop: [label.operation],
  },
  { counter: metric.accountPolls, total: recorded.accountPolls, memory: shortMemory },
]

const witnesses: readonly Witnessed[] = [
  { counter: metric.accountCharged, total: recorded.charged, memory: longMemory },
  { counter: metric.ledgerCharged, total: recorded.ledgerCharged, memory: longMemory },
  { counter: metric.ledgerTopUp, total: recorded.ledgerTopUp, memory: longMemory },
]

/** First what reads the evaluation before, then what this one remembers, and the totals of both last. */
export const totals: readonly RecordingRule[] = [
  {
    record: WATCHING_SINCE,
    expr: watchingSince(),
    meaning: 'Since when the rules have been evaluated without a pause longer than their memory.',
  },
  ...witnesses.map((one) => ({
    record: one.total,
    expr: witnessed(one),
    meaning: `The total of ${one.counter} by account: what was added since the evaluation before, as the mean of all processes that report it.`,
  })),
  ...countings.map((one) => ({
    record: endedPart(one.total),
    expr: ended(one),
    meaning: `The part of the total that processes had which are no longer there, less what others had before anybody looked.`,
  })),
  ...[...countings, ...witnesses].map((one) => ({
    record: countedValue(one.counter),
    expr: counted(one),
    meaning: `The value of each series of ${one.counter} that is in its total.`,
  })),
  {
    record: COUNTED_START,
    expr: countedStarts(),
    meaning:
      'The start of each process that is in the totals: another one means that its counters began anew; negative, that it is gone.',
  },
  ...countings.map((one) => ({
    record: one.total,
    expr: total(one),
    meaning: `The total of ${one.counter} over all processes, past and present: the values that are there and the ended part; it never restarts.`,
  })),
]
