/** How calls fare: failures by class, calls without a cost, histograms under one name. */
import { config } from '../config.ts'
import { genAiSpellings, label } from '../names.ts'
import { chain, grown, sumBy } from '../promql.ts'
import { ERROR_CLASS_LABEL, type RecordingRule, recorded } from './recorded.ts'

const SERVICE = ['job', label.account]

/** All classes of one window in one series name, told apart by a label. */
function failed(window: string): string {
  return chain(
    'or',
    ...config.errors.classes.map(
      ({ name, errorType }) =>
        `label_replace(${grown(SERVICE, `${recorded.requests}{${label.errorType}=~"${errorType}"}`, window)}, "${ERROR_CLASS_LABEL}", "${name}", "", "")`,
    ),
  )
}

const failures = config.errors.windows.flatMap((window): RecordingRule[] => [
  {
    record: recorded.failed(window),
    expr: failed(window),
    meaning: `Failed calls of ${window} by service and class of error.`,
  },
  {
    record: recorded.failedRatio(window),
    expr: `(\n${failed(window)}\n) / on (${SERVICE.join(', ')}) group_left () (${grown(SERVICE, recorded.requests, window)} > 0)`,
    meaning: 'The same over all calls.',
  },
])

/** One spelling for whichever generation of the conventions and whichever path the histogram came by. */
function folded(record: string, names: readonly string[], what: string): RecordingRule {
  const rates = names.map((name) => `rate(${name}_bucket[5m])`)
  return {
    record,
    expr: sumBy(['job', 'le', label.operation, label.requestModel], chain('or', ...rates)),
    meaning: `The buckets of ${what}, whichever conventions and path they came by.`,
  }
}

export const calls: readonly RecordingRule[] = [
  ...failures,
  {
    record: recorded.missing,
    expr: grown(SERVICE, recorded.usageMissing, '1h'),
    meaning:
      'Calls of the last hour whose usage is missing: they were paid, but no answer and no log told their cost or tokens.',
  },
  {
    record: recorded.missingRatio,
    expr: `${grown(SERVICE, recorded.usageMissing, '1h')} / (${grown(SERVICE, recorded.requests, '1h')} > 0)`,
    meaning: 'The same over all calls.',
  },
  folded(recorded.duration, genAiSpellings.duration, 'the duration of calls'),
  folded(recorded.timeToFirstChunk, genAiSpellings.timeToFirstChunk, 'the time to the first chunk'),
  folded(recorded.timePerOutputChunk, genAiSpellings.timePerOutputChunk, 'the time per output chunk'),
]
