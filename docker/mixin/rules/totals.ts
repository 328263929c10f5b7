/** Totals of every counter, and what is remembered to keep them right. */
import { config } from '../config.ts'
import {
  COUNTED_START,
  type Counting,
  WATCHING_SINCE,
  counted,
  countedStarts,
  countedValue,
  total,
  watchingSince,
} from '../counting.ts'
import { label, metric } from '../names.ts'
import { type RecordingRule, recorded } from './recorded.ts'

const { longMemory, shortMemory } = config.counting

/** Money is remembered for long; of everything else a long silence may lose something. */
export const countings: readonly Counting[] = [
  {
    counter: metric.creditsUsed,
    total: recorded.creditsUsed,
    memory: longMemory,
    drop: [label.operation],
  },
  {
    counter: metric.creditsRefunded,
    total: recorded.creditsRefunded,
    memory: longMemory,
    drop: [label.operation],
  },
  { counter: metric.accountCharged, total: recorded.charged, memory: longMemory, witnesses: true },
  { counter: metric.ledgerCharged, total: recorded.ledgerCharged, memory: longMemory, witnesses: true },
  { counter: metric.ledgerTopUp, total: recorded.ledgerTopUp, memory: longMemory, witnesses: true },
  { counter: metric.requests, total: recorded.requests, memory: shortMemory },
  { counter: metric.tokens, total: recorded.tokens, memory: shortMemory, drop: [label.operation] },
  {
    counter: metric.tokenDetails,
    total: recorded.tokenDetails,
    memory: shortMemory,
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

/** All totals before anything is remembered: what is counted now must not yet be known. */
export const totals: readonly RecordingRule[] = [
  {
    record: WATCHING_SINCE,
    expr: watchingSince(),
    meaning: 'Since when the rules have been evaluated without a pause longer than their memory.',
  },
  ...countings.map((one) => ({
    record: one.total,
    expr: total(one),
    meaning: one.witnesses
      ? `The total of ${one.counter} by account: what was added since the evaluation before, as the mean of all processes that report it.`
      : `The total of ${one.counter} over all processes, past and present: it grows by what each added since the evaluation before, and never restarts.`,
  })),
  ...countings.map((one) => ({
    record: countedValue(one.counter),
    expr: counted(one),
    meaning: `Up to which value each series of ${one.counter} is in its total.`,
  })),
  {
    record: COUNTED_START,
    expr: countedStarts(),
    meaning:
      'Which start each process had when it was last counted: another one means that its counters began anew.',
  },
]
