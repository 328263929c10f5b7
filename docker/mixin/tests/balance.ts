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
    series: [spending(120), ...balance(gauge([4.9, 60], [4.7, 30], [100, 30]), 120)],
    expect: [
      ...quiet('AimlapiRunwayCritical', '59m', '69m', '91m'),
      firing(
        'AimlapiRunwayCritical',
        '75m',
        'At the pace of the last 6 hours account prod is empty in 3.9 hours.',
        PROD,
      ),
    ],
    // 1.20 USD an hour, and 4.70 USD.
    queries: [
      {
        expr: 'round(aimlapi_account:runway_hours:estimate, 0.1)',
        at: '1h15m',
        samples: [{ labels: '{aimlapi_account="prod"}', value: 3.9 }],
      },
    ],
  },
  {
    name: 'a day of runway is a warning',
    series: [spending(120), ...balance(gauge([29.3, 60], [28.4, 30], [100, 30]), 120)],
    expect: [
      ...quiet('AimlapiRunwayShort', '59m', '74m', '91m'),
      ...quiet('AimlapiRunwayCritical', '80m'),
      firing(
        'AimlapiRunwayShort',
        '80m',
        'At the pace of the last 6 hours account prod is empty in 23.8 hours.',
        PROD,
      ),
    ],
  },
  {
    name: 'automatic top-up softens a short runway, and an overdue one does not',
    series: [spending(180), ...balance(gauge([20, 90], [4.5, 30], [1.99, 60]), 180), ...autoTopUp(2, 180)],
    expect: [
      // 20 USD last 17 hours; topped up in time, that is nobody's business.
      ...quiet('AimlapiRunwayShort', '89m'),
      ...quiet('AimlapiRunwayCritical', '89m', '119m', '129m'),
      firing(
        'AimlapiRunwayShort',
        '110m',
        'At the pace of the last 6 hours account prod is empty in 3.8 hours.',
        PROD,
      ),
      firing(
        'AimlapiRunwayCritical',
        '131m',
        'At the pace of the last 6 hours account prod is empty in 1.7 hours.',
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
    name: 'what the ledger charges shortens the runway, although no service counted it',
    series: [
      spending(60),
      {
        series: `aimlapi_ledger_charged_credits_total{${EXPORTER},gen_ai_request_model="gpt-4o",aimlapi_ledger_type="MODEL_USAGE"}`,
        values: counter([40_000, 60]),
      },
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
  {
    name: 'nine tenths of a monthly key limit are near',
    series: [
      { series: `aimlapi_key_limit_usd{${EXPORTER},retention="month"}`, values: gauge([10, 60]) },
      {
        series: `aimlapi_key_usage_usd{${EXPORTER},retention="month"}`,
        values: gauge([8.9, 20], [9.1, 20], [0.1, 20]),
      },
    ],
    expect: [
      ...quiet('AimlapiKeyLimitNear', '19m', '29m', '41m'),
      firing(
        'AimlapiKeyLimitNear',
        '31m',
        'The key of account prod has used 91% of its limit (period: month).',
        {
          ...PROD,
          retention: 'month',
        },
      ),
    ],
  },
  {
    name: 'a daily key limit compares with the spend of a day, not with the usage of the month',
    series: [
      { series: `aimlapi_key_limit_usd{${EXPORTER},retention="day"}`, values: gauge([1, 10]) },
      { series: `aimlapi_key_usage_usd{${EXPORTER},retention="day"}`, values: gauge([90, 10]) },
      // Recorded by the group of days, which is not loaded here.
      { series: 'aimlapi_account:spend_usd:sum1d{aimlapi_account="prod"}', values: gauge([0.6, 10]) },
    ],
    queries: [
      {
        expr: 'aimlapi_account:key_limit_used:ratio',
        at: '9m',
        samples: [
          {
            labels: 'aimlapi_account:key_limit_used:ratio{aimlapi_account="prod",retention="day"}',
            value: 0.6,
          },
        ],
      },
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
