import { type RuleTest, counter, firing, gauge, quiet } from './rule-test.ts'

const PROD = { aimlapi_account: 'prod' }
const SERVICE =
  'job="shop",instance="b",aimlapi_account="prod",gen_ai_request_model="gpt-4o",aimlapi_endpoint="chat"'
const EXPORTER = 'job="exporter",instance="a",aimlapi_account="prod"'
/** Stands in for the rules of increments where a test spans days: only the two other files are loaded. */
const RECORDED = 'aimlapi_service:spend_usd:increase30s{job="shop",aimlapi_account="prod"}'

export const spendTests: readonly RuleTest[] = [
  {
    name: 'more than one call of a hundred without a known cost is reported',
    series: [
      { series: `aimlapi_requests_total{${SERVICE}}`, values: counter([1000, 240]) },
      {
        series: `aimlapi_usage_missing_total{${SERVICE},reason="absent"}`,
        values: counter([9, 80], [11, 80], [0, 80]),
      },
    ],
    expect: [
      ...quiet('AimlapiUsageMissing', '79m', '229m'),
      firing(
        'AimlapiUsageMissing',
        '159m',
        '1.1% of the calls of shop (account prod) ended without a known cost in the last hour.',
        { ...PROD, job: 'shop' },
      ),
    ],
  },
  {
    name: 'two calls without a cost are no trend, however few calls there are',
    series: [
      { series: `aimlapi_requests_total{${SERVICE}}`, values: counter([0, 10], [1, 2], [0, 60]) },
      {
        series: `aimlapi_usage_missing_total{${SERVICE},reason="absent"}`,
        values: counter([0, 10], [1, 1], [0, 60]),
      },
    ],
    expect: quiet('AimlapiUsageMissing', '40m'),
  },
  {
    name: 'a backlog of settlement counts all replicas and must grow',
    series: [
      {
        series: `aimlapi_usage_pending{job="shop",instance="b",aimlapi_account="prod"}`,
        values: gauge([50, 60]) + ' 51+1x119 _x60',
      },
      {
        series: `aimlapi_usage_pending{job="shop",instance="c",aimlapi_account="prod"}`,
        values: gauge([50, 120], [1, 60]),
      },
    ],
    expect: [
      // 100 calls that do not grow; then growing for less than half an hour; then settled.
      ...quiet('AimlapiSettlementBacklog', '59m', '89m', '125m'),
      firing(
        'AimlapiSettlementBacklog',
        '92m',
        '165 calls of account prod wait for their cost, and their number grows.',
        PROD,
      ),
    ],
  },
  {
    name: 'a backlog that grows up to 100 calls is none',
    series: [
      {
        series: `aimlapi_usage_pending{job="shop",instance="b",aimlapi_account="prod"}`,
        values: '0x60 1+1x98 100x60',
      },
    ],
    expect: quiet('AimlapiSettlementBacklog', '60m', '80m', '90m'),
  },
  {
    name: 'an account that nobody counts at all is a gap, too',
    series: [
      {
        series: `aimlapi_ledger_charged_credits_total{${EXPORTER},aimlapi_ledger_type="MODEL_USAGE"}`,
        values: counter([100_000, 90]),
      },
    ],
    expect: [
      firing(
        'AimlapiCoverageGap',
        '80m',
        'Account prod was charged $8.00 more in 6 hours than all services together counted.',
        PROD,
      ),
    ],
  },
]

/** Hours and days: each test says how far apart its samples are. A range includes both ends. */
export const longTests: readonly RuleTest[] = [
  {
    name: 'a service of which no process is left is absent, until it is forgotten',
    interval: '5m',
    series: [
      // Restarted after an hour, without a call since; gone again half an hour later.
      { series: 'up{job="shop",instance="b"}', values: '1x5 stale _x5 1x5 stale' },
      { series: 'aimlapi_requests_total{job="shop",instance="b"}', values: '7x5 stale' },
    ],
    expect: [
      ...quiet('AimlapiServiceAbsent', '25m', '35m', '1h5m', '7h'),
      firing('AimlapiServiceAbsent', '45m', 'No process of shop has reported for ten minutes.', {
        job: 'shop',
      }),
      firing('AimlapiServiceAbsent', '2h', 'No process of shop has reported for ten minutes.', {
        job: 'shop',
      }),
    ],
  },
  {
    name: 'charges that no service counted are a gap',
    interval: '5m',
    series: [
      // 0.50 USD every 5 minutes, read by two replicas of the exporter.
      {
        series: `aimlapi_ledger:charged_credits:increase30s{${EXPORTER},gen_ai_request_model="gpt-4o",aimlapi_ledger_type="MODEL_USAGE"}`,
        values: '1000000x203',
      },
      {
        series: `aimlapi_ledger:charged_credits:increase30s{job="exporter",instance="z",aimlapi_account="prod",aimlapi_ledger_type="MODEL_USAGE"}`,
        values: '1000000x203',
      },
      {
        series: `aimlapi_ledger:charged_credits:increase30s{${EXPORTER},aimlapi_ledger_type="CREDITS_EXPIRED"}`,
        values: '700000x203',
      },
      { series: RECORDED, values: '0.48x71 0.47x59 0.5x71' },
    ],
    expect: [
      ...quiet('AimlapiCoverageGap', '6h', '9h', '16h50m'),
      // 13 steps of 96 % and 60 of 94 %.
      firing(
        'AimlapiCoverageGap',
        '10h55m',
        'Account prod was charged $2.06 more in 6 hours than all services together counted.',
        PROD,
      ),
    ],
  },
  {
    name: 'three times the usual hour is a spike',
    interval: '15m',
    series: [{ series: RECORDED, values: `0.3x${7 * 96 - 1} 0.89x15 0.91x15 0.3x95` }],
    expect: [
      ...quiet('AimlapiSpendSpike', '1h', '7d3h45m', '7d9h30m'),
      firing(
        'AimlapiSpendSpike',
        '7d7h30m',
        'Account prod spent $4.55 in the last hour, over 3 times the usual for this hour.',
        PROD,
      ),
    ],
  },
  {
    name: 'one earlier spike does not become the usual, and cents are never a spike',
    interval: '15m',
    series: [{ series: RECORDED, values: `0.02x${5 * 96 - 1} 9x95 0.02x95 0.19x15` }],
    // 0.95 USD an hour are over nine times the usual, but less than 1 USD.
    expect: quiet('AimlapiSpendSpike', '7d3h30m'),
    queries: [
      {
        expr: 'round(aimlapi_account:spend_usd:typical1h, 0.01)',
        at: '6d20h',
        samples: [{ labels: '{aimlapi_account="prod"}', value: 0.1 }],
      },
    ],
  },
  {
    name: '50 USD in 24 hours exceed the daily budget',
    interval: '15m',
    series: [{ series: RECORDED, values: '0.51x107 0.52x107 0x107' }],
    expect: [
      ...quiet('AimlapiDailyBudgetExceeded', '26h', '78h'),
      firing(
        'AimlapiDailyBudgetExceeded',
        '52h',
        'Account prod spent $50.44 in the last 24 hours, more than its daily budget.',
        PROD,
      ),
    ],
  },
  {
    name: '1,000 USD in 30 days exceed the monthly budget',
    interval: '4h',
    series: [{ series: RECORDED, values: '5.5x189 5.55x189 0x100' }],
    expect: [
      ...quiet('AimlapiMonthlyBudgetExceeded', '31d', '72d'),
      firing(
        'AimlapiMonthlyBudgetExceeded',
        '62d',
        'Account prod spent $1004.55 in the last 30 days, more than its monthly budget.',
        PROD,
      ),
    ],
  },
]
