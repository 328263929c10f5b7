/** Totals of every counter, and what is remembered to keep them right. */
import { FOUND_OLD, KNOWN_START, MOVED, foundOld, knownStarts, movedSigns } from '../counted-processes.ts'
import {
  CREDITS_BEFORE_PAUSE,
  type Counting,
  PROCESS_CREDITS,
  creditsBeforePause,
  ended,
  endedPart,
  lastValue,
  lastValues,
  present,
  presentPart,
  processCredits,
  total,
} from '../counting.ts'
import { label, metric } from '../names.ts'
import { HELD_FLAG, RESUMED, WATCHING_SINCE, heldFlag, resumedAt, watchingSince } from '../rule-pauses.ts'
import { counted, countedValue, type Witnessed, witnessed } from '../witnesses.ts'
import { type RecordingRule, recorded } from './recorded.ts'

export const CREDITS: Counting = {
  counter: metric.creditsUsed,
  total: recorded.creditsUsed,
  drop: [label.operation],
}

const countings: readonly Counting[] = [
  CREDITS,
  {
    counter: metric.creditsRefunded,
    total: recorded.creditsRefunded,
    drop: [label.operation],
  },
  { counter: metric.requests, total: recorded.requests },
  {
    counter: metric.tokens,
    total: recorded.tokens,
    drop: [label.operation],
  },
  {
    counter: metric.tokenDetails,
    total: recorded.tokenDetails,
    drop: [label.operation],
  },
  {
    counter: metric.usageMissing,
    total: recorded.usageMissing,
    drop: [label.operation],
  },
  { counter: metric.accountPolls, total: recorded.accountPolls },
]

const witnesses: readonly Witnessed[] = [
  { counter: metric.accountCharged, total: recorded.charged },
  { counter: metric.ledgerCharged, total: recorded.ledgerCharged },
  { counter: metric.ledgerTopUp, total: recorded.ledgerTopUp },
]

/** First what reads the evaluation before, then what this one remembers, and the totals of both last. */
export function totalsOf(countings: readonly Counting[], witnesses: readonly Witnessed[]): RecordingRule[] {
  return [
    {
      record: RESUMED,
      expr: resumedAt,
      meaning: 'When the rules were evaluated for the first time after a long pause.',
    },
    {
      record: CREDITS_BEFORE_PAUSE,
      expr: creditsBeforePause(),
      meaning: 'What each process had spent before the last long pause.',
    },
    {
      record: WATCHING_SINCE,
      expr: watchingSince,
      meaning: 'Since when the rules have been evaluated without a pause that is longer than their memory.',
    },
    ...witnesses.map((one) => ({
      record: one.total,
      expr: witnessed(one),
      meaning: `The total of ${one.counter} by account: what was added since the evaluation before, as the mean of all processes that report it.`,
    })),
    ...witnesses.map((one) => ({
      record: countedValue(one.counter),
      expr: counted(one),
      meaning: `The value of each series of ${one.counter} that is in its total.`,
    })),
    ...countings.map((one) => ({
      record: endedPart(one.total),
      expr: ended(one),
      meaning: `The part of the total that processes had which will not come back, less what others had before anybody looked.`,
    })),
    ...countings.map((one) => ({
      record: presentPart(one.total),
      expr: present(one),
      meaning: `The part of the total that the processes have which answer.`,
    })),
    {
      record: PROCESS_CREDITS,
      expr: processCredits(),
      meaning: 'What each process has spent that answers.',
    },
    ...countings.map((one) => ({
      record: lastValue(one.counter),
      expr: lastValues(one),
      meaning: `What each series of ${one.counter} had last, of a process that does not answer; 0 when it is back.`,
    })),
    {
      record: MOVED,
      expr: movedSigns(),
      meaning:
        'What becomes of the last values of a process: 1, they move to the ended part; -1, they are taken from it, because nobody looked when they were spent; 0, it may come back.',
    },
    {
      record: FOUND_OLD,
      expr: foundOld(),
      meaning: 'Whether a process is seen for the first time and what it has spent is older than that.',
    },
    {
      record: KNOWN_START,
      expr: knownStarts(),
      meaning:
        'The start of each process that was seen last under its name: another one means that its counters began anew; negative, that it is gone; 0, that it is not waited for any more.',
    },
    ...countings.map((one) => ({
      record: one.total,
      expr: total(one),
      meaning: `The total of ${one.counter} over all processes: of those that answer, of those that may come back, and the ended part; it never restarts.`,
    })),
    {
      record: HELD_FLAG,
      expr: heldFlag,
      meaning: 'Whether totals are held after a long pause, until every process has been seen again.',
    },
  ]
}

export const totals: readonly RecordingRule[] = totalsOf(countings, witnesses)
