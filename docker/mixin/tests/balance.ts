import { type RuleTest, counter, firing, fresh, gauge, quiet } from './rule-test.ts'

const EXPORTER = 'job="exporter",instance="a",aimlapi_account="prod"'
const SERVICE =
  'job="shop",instance="b",aimlapi_account="prod",gen_ai_request_model="gpt-4o",aimlapi_endpoint="chat",aimlapi_usage_source="response"'
const PROD = { aimlapi_account: 'prod' }

const balance = (values: string, minutes: number) => [
  { series: `aimlapi_balance_usd{${EXPORTER}}`, values },
  { series: `aimlapi_balance_updated_timestamp_seconds{${EXPORTER}}`, values: fresh(minutes) },
]

/** 0.01 USD every 30 s are 1.20 USD an hour. */
const spending = (minutes: number) => ({
  series: `aimlapi_credits_used_total{${SERVICE}}`,
  values: counter([20_000, minutes]),
})

const autoTopUp = (thresholdUsd: number, minutes: number) => [
  { series: `aimlapi_autotopup_enabled{${EXPORTER}}`, values: gauge([1, minutes]) },
  { series: `aimlapi_autotopup_threshold_usd{${EXPORTER}}`, values: gauge([thresholdUsd, minutes]) },
]

export const balanceTests: readonly RuleTest[] = [
  {
    name: 'a balance below 5 USD is low, whatever the half cent of the account says',
    series: [
      ...balance(gauge([5.01, 20], [4.99, 20], [6, 20]), 60),
      { series: `aimlapi_balance_low_threshold_credits{${EXPORTER}}`, values: gauge([10_000, 60]) },
      { series: `aimlapi_autotopup_enabled{${EXPORTER}}`, values: gauge([0, 60]) },
    ],
    expect: [
      ...quiet('AimlapiBalanceLow', '19m', '24m', '41m'),
      firing('AimlapiBalanceLow', '26m', 'Account prod has $4.99 left, which is below its threshold.', PROD),
    ],
  },
  {
    name: 'an account that says nothing of thresholds and top-ups is low below 5 USD, too',
    series: balance(gauge([5.01, 20], [4.99, 20]), 40),
    expect: [
      ...quiet('AimlapiBalanceLow', '19m', '24m'),
      firing('AimlapiBalanceLow', '26m', 'Account prod has $4.99 left, which is below its threshold.', PROD),
    ],
  },
  {
    name: "the account's own threshold counts where it is higher",
    series: [
      ...balance(gauge([10.01, 20], [9.99, 20]), 40),
      { series: `aimlapi_balance_low_threshold_credits{${EXPORTER}}`, values: gauge([20_000_000, 40]) },
    ],
    expect: [
      ...quiet('AimlapiBalanceLow', '19m'),
      firing('AimlapiBalanceLow', '26m', 'Account prod has $9.99 left, which is below its threshold.', PROD),
    ],
  },
  {
    name: 'a replica without network cannot hide that the balance fell',
    series: [
      ...balance(gauge([4.99, 20]), 20),
      {
        series: 'aimlapi_balance_usd{job="shop",instance="old",aimlapi_account="prod"}',
        values: gauge([80, 20]),
      },
      {
        series: 'aimlapi_balance_updated_timestamp_seconds{job="shop",instance="old",aimlapi_account="prod"}',
        values: gauge([-3600, 20]),
      },
    ],
    expect: [
      firing('AimlapiBalanceLow', '10m', 'Account prod has $4.99 left, which is below its threshold.', PROD),
    ],
  },
  {
    name: 'an account that tops itself up is not low, until the top-up is overdue',
    series: [...balance(gauge([2.01, 40], [1.99, 40], [22, 20]), 100), ...autoTopUp(2, 100)],
    expect: [
      ...quiet('AimlapiBalanceLow', '39m', '79m'),
      ...quiet('AimlapiAutoTopUpOverdue', '39m', '69m', '81m'),
      firing(
        'AimlapiAutoTopUpOverdue',
        '71m',
        'Account prod has $1.99 left, is below its top-up threshold, and was not topped up.',
        PROD,
      ),
    ],
  },
  {
    name: 'four hours of runway are critical',
    series: [spending(180), ...balance(gauge([4.9, 120], [4.7, 30], [100, 30]), 180)],
    expect: [
      ...quiet('AimlapiRunwayCritical', '119m', '121m', '152m'),
      firing(
        'AimlapiRunwayCritical',
        '130m',
        'At its present pace account prod is empty in 3.9 hours.',
        PROD,
      ),
    ],
  },
  {
    name: 'an account that will be empty in twenty minutes pages ten minutes before',
    series: [
      // 0.01 USD every 30 s for an hour, then 0.50 USD every 30 s.
      {
        series: `aimlapi_credits_used_total{${SERVICE}}`,
        values: counter([20_000, 60], [1_000_000, 20], [0, 20]),
      },
      ...balance(`21.2-0.01x119 20-0.5x39 ${gauge([50, 20])}`, 100),
    ],
    expect: [
      ...quiet('AimlapiRunwayCritical', '60m', '98m'),
      firing('AimlapiRunwayCritical', '70m', 'At its present pace account prod is empty in 1.0 hours.', PROD),
    ],
  },
  {
    name: 'an exporter that is down one minute of nine does not start the wait anew',
    series: [spending(180), ...balance(`${'4x15 stale _ '.repeat(10)}${gauge([100, 60])}`, 180)],
    expect: [
      ...quiet('AimlapiRunwayCritical', '59m', '95m'),
      firing('AimlapiRunwayCritical', '70m', 'At its present pace account prod is empty in 3.3 hours.', PROD),
    ],
  },
  {
    name: 'when nobody tells the balance any more, the last one counts, less what was spent since',
    series: [
      // 1.20 USD an hour; the exporter dies at 90 minutes with 6 USD left.
      spending(300),
      { series: `aimlapi_balance_usd{${EXPORTER}}`, values: `${gauge([6, 90])} stale` },
      {
        series: `aimlapi_balance_updated_timestamp_seconds{${EXPORTER}}`,
        values: `0+30x179 stale`,
      },
    ],
    expect: [
      ...quiet('AimlapiRunwayCritical', '89m', '120m'),
      firing(
        'AimlapiRunwayCritical',
        '240m',
        'At its present pace account prod is empty in 2.7 hours.',
        PROD,
      ),
    ],
  },
  {
    name: 'a day of runway is a warning',
    series: [spending(240), ...balance(gauge([29.3, 120], [28.1, 30], [100, 90]), 240)],
    expect: [
      ...quiet('AimlapiRunwayShort', '119m', '134m', '152m'),
      ...quiet('AimlapiRunwayCritical', '145m'),
      firing(
        'AimlapiRunwayShort',
        '145m',
        'At the pace of the last 24 hours account prod is empty in 23.7 hours.',
        PROD,
      ),
    ],
  },
  {
    name: 'automatic top-up softens a short runway, and an overdue one does not',
    series: [spending(240), ...balance(gauge([20, 90], [4.5, 60], [1.99, 90]), 240), ...autoTopUp(2, 240)],
    expect: [
      // 20 USD last 17 hours; topped up in time, that is nobody's business.
      ...quiet('AimlapiRunwayShort', '89m'),
      ...quiet('AimlapiRunwayCritical', '89m', '149m'),
      firing(
        'AimlapiRunwayShort',
        '130m',
        'At the pace of the last 24 hours account prod is empty in 3.8 hours.',
        PROD,
      ),
      firing(
        'AimlapiRunwayCritical',
        '160m',
        'At its present pace account prod is empty in 1.7 hours.',
        PROD,
      ),
    ],
  },
  {
    name: 'an account that spends nothing has no end',
    series: [
      { series: `aimlapi_credits_used_total{${SERVICE}}`, values: gauge([5_000_000, 60]) },
      ...balance(gauge([0.01, 60]), 60),
    ],
    expect: quiet('AimlapiRunwayCritical', '59m'),
  },
  {
    name: 'what the account is charged shortens the runway, although no service counted it',
    series: [
      spending(60),
      { series: `aimlapi_account_charged_credits_total{${EXPORTER}}`, values: counter([40_000, 60]) },
      ...balance(gauge([4.9, 60]), 60),
    ],
    queries: [
      {
        expr: 'round(aimlapi_account:runway_hours:estimate, 0.1)',
        at: '1h',
        samples: [{ labels: '{aimlapi_account="prod"}', value: 2.1 }],
      },
    ],
  },
  {
    name: 'a balance that nobody could ask for 20 minutes is stale',
    series: [
      {
        series: `aimlapi_balance_updated_timestamp_seconds{${EXPORTER}}`,
        values: `0+30x40 ${gauge([1200, 20])} _x19 3000+30x20`,
      },
    ],
    expect: [
      ...quiet('AimlapiBalanceStale', '39m', '44m', '51m'),
      // By now the replica is gone altogether.
      firing('AimlapiBalanceStale', '46m', 'The balance of account prod was last answered 26m 0s ago.', PROD),
    ],
  },
  ...(['day', 'week', 'month', 'no_reset'] as const).map((retention): RuleTest => {
    const key = `${EXPORTER},aimlapi_key="abcd1234",retention="${retention}"`
    return {
      name: `nine tenths of the limit of a key are near, over its ${retention}`,
      series: [
        { series: `aimlapi_key_limit_usd{${key}}`, values: gauge([10, 60]) },
        { series: `aimlapi_key_usage_usd{${key}}`, values: gauge([8.9, 20], [9.1, 20], [0.1, 20]) },
      ],
      expect: [
        ...quiet('AimlapiKeyLimitNear', '19m', '29m', '41m'),
        firing(
          'AimlapiKeyLimitNear',
          '31m',
          `Key abcd1234 of account prod has used 91% of its limit (period: ${retention}).`,
          { ...PROD, aimlapi_key: 'abcd1234', retention },
        ),
      ],
    }
  }),
  {
    name: 'a model is told two weeks before it is shut down, for an hour at least',
    series: [
      {
        series: `aimlapi_model_shutdown_timestamp_seconds{${EXPORTER},gen_ai_request_model="old"}`,
        values: `${gauge([15 * 86_400 + 3600, 60], [14 * 86_400 + 3600, 120])} stale`,
      },
    ],
    expect: [
      ...quiet('AimlapiModelShutdown', '59m', '61m', '119m', '181m'),
      firing('AimlapiModelShutdown', '175m', 'Model old is shut down in 14 days.', {
        gen_ai_request_model: 'old',
      }),
    ],
  },
  {
    name: 'polls of which over half fail are reported by kind',
    series: [
      {
        series: `aimlapi_account_polls_total{${EXPORTER},aimlapi_poll="ledger"}`,
        values: counter([11, 60], [9, 70], [20, 70]),
      },
      {
        series: `aimlapi_account_polls_total{${EXPORTER},aimlapi_poll="ledger",error_type="429"}`,
        values: counter([9, 60], [11, 70], [0, 70]),
      },
    ],
    expect: [
      ...quiet('AimlapiAccountPollFailing', '59m', '199m'),
      firing('AimlapiAccountPollFailing', '129m', '55% of the ledger polls of account prod failed.', {
        ...PROD,
        job: 'exporter',
        aimlapi_poll: 'ledger',
      }),
    ],
  },
]
