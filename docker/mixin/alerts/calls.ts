/** Alerts on the calls themselves and on the processes that report them. */
import { type ErrorClass, config } from '../config.ts'
import { OVERFLOW_VALUE, SDK_OVERFLOW_LABEL, label, metric, tagLabel } from '../names.ts'
import { chain, grown, remembered, sumBy, together } from '../promql.ts'
import { ERROR_CLASS_LABEL, recorded } from '../recording-rules.ts'
import { ACCOUNT, type Alert, JOB, PERCENT, valueOf } from './alert.ts'

const { memory } = config.absence
const byModel = `topk(5, ${grown([label.requestModel, label.errorType], `${recorded.requests}{${label.errorType}!=""}`, '10m')})`

/** Every process that has reported within the memory. By its start: one series a process, not thousands. */
const reported = `(${remembered(metric.processStart)})`

type ErrorText = Pick<Alert, 'name' | 'severity' | 'summary'> & {
  readonly what: string
  readonly impact: string
  readonly fix: string
}

const ERROR_TEXTS: Readonly<Record<(typeof config.errors.classes)[number]['name'], ErrorText>> = {
  rate_limited: {
    name: 'AimlapiRateLimited',
    severity: 'warning',
    summary: 'AI/ML API answers 429: too many requests.',
    what: 'were answered with 429 (too many requests)',
    impact: 'Calls are slower by their retries, or fail.',
    fix: 'Retry with back-off and jitter, lower the concurrency, or ask AI/ML API for a higher limit. The API sends no Retry-After.',
  },
  forbidden: {
    name: 'AimlapiOutOfCredits',
    severity: 'critical',
    summary: 'AI/ML API answers 403: the account is out of credits or the key is blocked.',
    what: 'were answered with 403 (out of credits, or the key may not do this)',
    impact: 'These calls fail until somebody acts.',
    fix: 'Balance at zero: top up. Balance left: the limit of the key is reached (AimlapiKeyLimitNear) or its scopes do not allow the endpoint.',
  },
  unauthorized: {
    name: 'AimlapiKeyRejected',
    severity: 'critical',
    summary: 'AI/ML API answers 401: the key is not accepted.',
    what: 'were answered with 401 (the key is not accepted)',
    impact: 'These calls fail until the key is replaced.',
    fix: 'Give the service a valid key. If only one replica is affected, it runs with an old secret.',
  },
  refused: {
    name: 'AimlapiCallsRefused',
    severity: 'warning',
    summary: 'AI/ML API refuses a part of the calls: 401 or 403.',
    what: 'were answered with 401 or 403',
    impact: 'These calls fail; the others do not, or AimlapiOutOfCredits or AimlapiKeyRejected would fire.',
    fix: 'One endpoint alone: the scopes of the key do not allow it. One replica alone: it runs with an old secret. One of several keys: it is blocked or at its limit.',
  },
  server: {
    name: 'AimlapiServerErrors',
    severity: 'warning',
    summary: 'AI/ML API answers with server errors.',
    what: 'were answered with a 5xx status',
    impact: 'Calls fail or are retried. Failed calls are not charged.',
    fix: 'Look at the status page of AI/ML API. If one model alone is affected, switch to another.',
  },
  unreachable: {
    name: 'AimlapiUnreachable',
    severity: 'warning',
    summary: 'Calls to AI/ML API fail on the network or time out.',
    what: 'failed on the network or timed out',
    impact: 'Calls fail or are retried. A call that timed out may have been charged; settlement finds out.',
    fix: 'Check DNS, proxy and egress rules of the service. If only time-outs: they may be too short for slow models and media.',
  },
}

/**
 * Enough of the calls fail, and still do. Where nearly all calls fail, somebody is woken: at three failures within
 * minutes, or within an hour where there is little traffic.
 */
function errorAlert({ name, ratio, minimumFailures }: ErrorClass, text: ErrorText): Alert {
  const matcher = `{${ERROR_CLASS_LABEL}="${name}"}`
  const over = (window: string) =>
    `${recorded.failedRatio(window)}${matcher} > ${ratio} and ${recorded.failed(window)}${matcher} >= ${minimumFailures}`
  const still = (window: string) => `${recorded.failedRatio(window)}${matcher} > ${ratio}`
  const pages = text.severity === 'critical'
  const [short, long, hour] = config.errors.windows
  return {
    name: text.name,
    severity: text.severity,
    for: pages ? '2m' : '5m',
    expr: pages
      ? `(${over(short)})\nor\n(${over(hour)} and ${still(long)})`
      : `${over(long)} and ${still(short)}`,
    summary: text.summary,
    description: `${PERCENT} of the calls of ${JOB} (account ${ACCOUNT}) ${text.what}.`,
    runbook: {
      meaning: pages
        ? `Over ${ratio * 100} % of the calls of a service, and at least ${minimumFailures}, ${text.what} within ${short}. Where there are few calls: within an hour, and at least one of them just now.`
        : `Over ${ratio * 100} % of the calls of a service, and at least ${minimumFailures}, ${text.what} within ${long}. The same holds for the last ${short} alone, so it goes on.`,
      impact: text.impact,
      checks: [
        { text: 'Which models?', query: byModel },
        { text: 'All services or one?', query: `${recorded.failedRatio(long)}${matcher}` },
        { text: 'Is the account in order?', query: together(recorded.balanceUsd, recorded.keyLimitUsed) },
      ],
      fix: text.fix,
    },
  }
}

/** Labels whose values are capped by the library, each as one operand of the alert on their overflow. */
const capped = [label.requestModel, ...config.tags.map(tagLabel)].map(
  (name) =>
    `label_replace(increase(${metric.requests}{${name}="${OVERFLOW_VALUE}"}[1h]), "aimlapi_capped_label", "${name}", "", "")`,
)

export const callAlerts: readonly Alert[] = [
  ...config.errors.classes.map((errorClass) => errorAlert(errorClass, ERROR_TEXTS[errorClass.name])),
  {
    name: 'AimlapiTargetDown',
    severity: 'warning',
    for: '5m',
    expr: `up == 0 and on (job, instance) ${reported}`,
    summary: 'A process that reports AI/ML API metrics does not answer.',
    description: `${valueOf('instance')} of ${JOB} cannot be scraped.`,
    runbook: {
      meaning: `A target that gave AI/ML API metrics within the last ${memory} cannot be scraped.`,
      impact:
        'Its spend is not seen. After an outage of less than two hours it is made up for; an exporter that is down leaves the balance unknown.',
      checks: [
        { text: 'Which targets?', query: 'up == 0' },
        { text: 'Is the whole service gone?', query: 'sum by (job) (up)' },
        {
          text: 'Does another process still report the account?',
          query: `time() - ${metric.balanceUpdated}`,
        },
      ],
      fix: 'Restart the process, or look for another process on its metrics port (the library logs one clear error when the port is in use).',
    },
  },
  {
    name: 'AimlapiServiceAbsent',
    severity: 'warning',
    for: '10m',
    // A restarted service has no series of calls before its first call: `up` and target_info show that it lives.
    expr: `group by (job) ${reported}\nunless on (job) up == 1\nunless on (job) target_info`,
    summary: 'A service or exporter stopped reporting AI/ML API metrics.',
    description: `No process of ${JOB} has reported for ten minutes.`,
    runbook: {
      meaning: `A service that reported within the last ${memory} has no process left that answers a scrape or pushes metrics. If it was taken down on purpose, the alert ends by itself after ${memory}.`,
      impact: 'Its spend is not seen. If it was the exporter, balance and runway are not known any more.',
      checks: [
        { text: 'Are its targets known?', query: 'up' },
        { text: 'When did it last report calls?', query: `timestamp(sum by (job) (${metric.requests}))` },
        { text: 'Pushed metrics: does the Collector live?', query: 'count by (job) (target_info)' },
      ],
      fix: 'Start the service, or repair service discovery or the Collector. A job that comes and goes belongs into `absence.temporaryJobs` of the configuration.',
    },
  },
  {
    name: 'AimlapiLabelOverflow',
    severity: 'info',
    for: '5m',
    expr: `${sumBy(['job', 'aimlapi_capped_label'], chain('or', ...capped))} > 0`,
    summary: 'Some calls are counted under the label value other.',
    description: `{{ printf "%.0f" $value }} calls of ${JOB} in an hour have ${valueOf('aimlapi_capped_label')}="${OVERFLOW_VALUE}".`,
    runbook: {
      meaning:
        'A service has used more different models or tag values than it keeps apart (`maxModels`, `maxTagValues`).',
      impact: 'Totals are right. Spend of the later values cannot be told apart.',
      checks: [
        {
          text: 'How many models are there?',
          query: `count by (job) (count by (job, ${label.requestModel}) (${metric.requests}))`,
        },
        {
          text: 'How much spend is under other?',
          query: `sum by (job) (increase(${metric.costUsd}{${label.requestModel}="${OVERFLOW_VALUE}"}[1h]))`,
        },
        {
          text: 'Which service?',
          query: `sum by (job) (${metric.requests}{${label.requestModel}="${OVERFLOW_VALUE}"})`,
        },
      ],
      fix: 'Do not use identifiers of users or requests as tags. If there are really so many models, raise the cap.',
    },
  },
  {
    name: 'AimlapiSeriesOverflow',
    severity: 'warning',
    for: '5m',
    expr: `count by (job) ({__name__=~"aimlapi_[^:]+|gen_ai_client_.+",${SDK_OVERFLOW_LABEL}="true"}) > 0`,
    summary: 'A metric has more series than the OpenTelemetry SDK keeps.',
    description: `{{ $value }} series of ${JOB} collect what went over the limit of the SDK.`,
    runbook: {
      meaning:
        'A metric reached the limit of the SDK (2,000 combinations of labels); the rest is summed up in one series without labels.',
      impact:
        'Totals are right. That part of the spend has no model, account or tag, so runway and budgets by account miss it.',
      checks: [
        { text: 'Which metrics?', query: `count by (__name__, job) ({${SDK_OVERFLOW_LABEL}="true"})` },
        {
          text: 'Which label has many values?',
          query: `count by (job) (count by (job, ${label.requestModel}) (${metric.requests}))`,
        },
        { text: 'How many series in all?', query: `count by (job) (${metric.tokens})` },
      ],
      fix: 'Take a tag off the allow-list (`AIMLAPI_METRIC_TAGS`), or lower `maxModels` and `maxTagValues`, so that their product stays below 2,000.',
    },
  },
]
