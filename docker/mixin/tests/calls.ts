import { type Expectation, type RuleTest, counter, firing, gauge, quiet } from './rule-test.ts'

const SERVICE =
  'job="shop",instance="b",aimlapi_account="prod",gen_ai_request_model="gpt-4o",aimlapi_endpoint="chat"'
const SHOP = { job: 'shop', aimlapi_account: 'prod' }

interface ErrorCase {
  readonly alert: string
  readonly errorClass: string
  readonly errorTypes: readonly [string, string]
  /** Failures in 1,000 calls, a half of each type: just below, just above. */
  readonly below: number
  readonly above: number
  readonly percent: string
  readonly what: string
  /** Fires too, and is inhibited in Alertmanager. */
  readonly with?: string
}

const ERROR_CASES: readonly ErrorCase[] = [
  {
    alert: 'AimlapiRateLimited',
    errorClass: 'rate_limited',
    errorTypes: ['429', '429'],
    below: 48,
    above: 52,
    percent: '5.2%',
    what: 'were answered with 429 (too many requests)',
  },
  {
    alert: 'AimlapiOutOfCredits',
    errorClass: 'forbidden',
    errorTypes: ['403', '403'],
    below: 480,
    above: 520,
    percent: '52%',
    what: 'were answered with 403 (out of credits, or the key may not do this)',
    with: 'AimlapiCallsRefused',
  },
  {
    alert: 'AimlapiKeyRejected',
    errorClass: 'unauthorized',
    errorTypes: ['401', '401'],
    below: 480,
    above: 520,
    percent: '52%',
    what: 'were answered with 401 (the key is not accepted)',
    with: 'AimlapiCallsRefused',
  },
  {
    alert: 'AimlapiCallsRefused',
    errorClass: 'refused',
    errorTypes: ['401', '403'],
    below: 48,
    above: 52,
    percent: '5.2%',
    what: 'were answered with 401 or 403',
  },
  {
    alert: 'AimlapiServerErrors',
    errorClass: 'server',
    errorTypes: ['500', '503'],
    below: 48,
    above: 52,
    percent: '5.2%',
    what: 'were answered with a 5xx status',
  },
  {
    alert: 'AimlapiUnreachable',
    errorClass: 'unreachable',
    errorTypes: ['ECONNRESET', 'timeout'],
    below: 48,
    above: 52,
    percent: '5.2%',
    what: 'failed on the network or timed out',
  },
]

const failures = ({ errorTypes: [one, other], below, above }: ErrorCase) =>
  [
    { error: one, instance: 'b' },
    { error: other, instance: 'c' },
  ].map(({ error, instance }) => ({
    series: `aimlapi_requests_total{job="shop",instance="${instance}",aimlapi_account="prod",gen_ai_request_model="gpt-4o",aimlapi_endpoint="chat",error_type="${error}"}`,
    values: counter([below / 2, 30], [above / 2, 30], [0, 30]),
  }))

const errorTests = ERROR_CASES.map((row): RuleTest => {
  const others = ERROR_CASES.filter(({ alert }) => alert !== row.alert && alert !== row.with)
  return {
    name: `${row.alert}: ${row.above} of 1,000 calls, and only this alert`,
    series: [
      {
        series: `aimlapi_requests_total{${SERVICE}}`,
        values: counter([1000 - row.below, 30], [1000 - row.above, 30], [1000, 30]),
      },
      // Broken off by the caller: not the API's fault.
      { series: `aimlapi_requests_total{${SERVICE},error_type="aborted"}`, values: gauge([900, 90]) },
      ...failures(row),
    ],
    expect: [
      ...quiet(row.alert, '29m', '75m'),
      firing(row.alert, '59m', `${row.percent} of the calls of shop (account prod) ${row.what}.`, {
        ...SHOP,
        aimlapi_error_class: row.errorClass,
      }),
      ...others.flatMap(({ alert }): Expectation[] => quiet(alert, '59m')),
    ],
  }
})

export const callTests: readonly RuleTest[] = [
  ...errorTests,
  {
    name: 'four failures of all calls are too few to tell, and so is one refusal of the only call',
    series: [
      { series: `aimlapi_requests_total{${SERVICE},error_type="502"}`, values: `_x20 ${gauge([4, 50])}` },
      { series: `aimlapi_requests_total{${SERVICE},error_type="403"}`, values: `_x60 ${gauge([1, 30])}` },
    ],
    expect: [
      ...quiet('AimlapiServerErrors', '16m', '20m'),
      ...quiet('AimlapiOutOfCredits', '31m', '36m', '45m'),
    ],
  },
  {
    name: 'three refused calls in an hour of a quiet service wake somebody, at the third',
    series: [
      {
        series: `aimlapi_requests_total{${SERVICE},error_type="403"}`,
        values: `_x60 ${gauge([1, 15], [2, 15], [3, 60])}`,
      },
    ],
    expect: [
      ...quiet('AimlapiOutOfCredits', '44m', '59m', '80m'),
      firing(
        'AimlapiOutOfCredits',
        '65m',
        '100% of the calls of shop (account prod) were answered with 403 (out of credits, or the key may not do this).',
        { ...SHOP, aimlapi_error_class: 'forbidden' },
      ),
    ],
  },
  {
    name: 'a minute of 429 is nobody’s business',
    series: [
      { series: `aimlapi_requests_total{${SERVICE}}`, values: counter([100, 60]) },
      {
        series: `aimlapi_requests_total{${SERVICE},error_type="429"}`,
        values: counter([0, 20], [100, 1], [0, 39]),
      },
    ],
    expect: quiet('AimlapiRateLimited', '21m', '24m', '26m', '28m', '33m'),
  },
  {
    name: 'a target that gave metrics and cannot be scraped is down; others are not our business',
    series: [
      { series: 'up{job="shop",instance="b"}', values: gauge([1, 10], [0, 10], [1, 10]) },
      { series: 'up{job="shop",instance="c"}', values: gauge([1, 30]) },
      { series: 'up{job="database",instance="d"}', values: gauge([0, 30]) },
      {
        series: `aimlapi_requests_total{${SERVICE}}`,
        values: `${gauge([7, 10])} stale _x18 ${gauge([7, 10])}`,
      },
    ],
    expect: [
      ...quiet('AimlapiTargetDown', '9m', '14m', '21m'),
      firing('AimlapiTargetDown', '16m', 'b of shop cannot be scraped.', { job: 'shop', instance: 'b' }),
      ...quiet('AimlapiServiceAbsent', '19m'),
    ],
  },
  {
    name: 'a service that pushes has no up, and lives by its target_info',
    series: [
      { series: 'target_info{job="shop",instance="b"}', values: `${gauge([1, 30])} stale` },
      { series: `aimlapi_requests_total{${SERVICE}}`, values: `${gauge([7, 10])} stale` },
    ],
    expect: [
      ...quiet('AimlapiServiceAbsent', '29m'),
      firing('AimlapiServiceAbsent', '41m', 'No process of shop has reported for ten minutes.', {
        job: 'shop',
      }),
    ],
  },
  {
    name: 'calls under the label value other are told, the endpoint other is not one of them',
    series: [
      {
        series:
          'aimlapi_requests_total{job="shop",instance="b",aimlapi_account="prod",gen_ai_request_model="gpt-4o",aimlapi_endpoint="other"}',
        values: counter([1, 180]),
      },
      {
        series:
          'aimlapi_requests_total{job="shop",instance="b",aimlapi_account="prod",gen_ai_request_model="gpt-4o",aimlapi_endpoint="chat",aimlapi_tag_team="other"}',
        values: counter([0, 30], [1, 60], [0, 90]),
      },
    ],
    expect: [
      ...quiet('AimlapiLabelOverflow', '30m', '179m'),
      firing('AimlapiLabelOverflow', '90m', '120 calls of shop in an hour have aimlapi_tag_team="other".', {
        job: 'shop',
        aimlapi_capped_label: 'aimlapi_tag_team',
      }),
    ],
  },
  {
    name: 'an overflow of the SDK is told as long as it lasts',
    series: [
      { series: `aimlapi_tokens_total{${SERVICE}}`, values: counter([5, 30]) },
      {
        series: 'aimlapi_tokens_total{job="shop",instance="b",otel_metric_overflow="true"}',
        values: `_x20 ${gauge([9, 10])} stale`,
      },
    ],
    expect: [
      ...quiet('AimlapiSeriesOverflow', '9m', '14m', '21m'),
      firing(
        'AimlapiSeriesOverflow',
        '16m',
        '1 series of shop collect what went over the limit of the SDK.',
        { job: 'shop' },
      ),
    ],
  },
]
