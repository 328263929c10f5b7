import { type RuleTest, counter, firing, gauge, quiet } from './rule-test.ts'

const PROD = { aimlapi_account: 'prod' }
const SERVICE =
  'job="shop",instance="b",aimlapi_account="prod",gen_ai_request_model="gpt-4o",aimlapi_endpoint="chat"'
const EXPORTER = 'job="exporter",instance="a",aimlapi_account="prod"'
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
    name: 'a backlog of settlement counts all replicas, and stays one while it stands still',
    series: [
      {
        series: `aimlapi_usage_pending{job="shop",instance="b",aimlapi_account="prod"}`,
        values: `${gauge([50, 60], [120, 240], [0, 60])}`,
      },
      {
        series: `aimlapi_usage_pending{job="shop",instance="c",aimlapi_account="prod"}`,
        values: gauge([50, 300], [1, 60]),
      },
    ],
    expect: [
      // Exactly 100 calls; then 170, for less than half an hour; then settled.
      ...quiet('AimlapiSettlementBacklog', '59m', '89m', '302m'),
      ...['92m', '299m'].map((at) =>
        firing(
          'AimlapiSettlementBacklog',
          at,
          '170 calls of account prod wait for their cost, and their number does not fall.',
          PROD,
        ),
      ),
    ],
  },
  {
    name: 'a backlog that is worked off is none',
    series: [
      {
        series: `aimlapi_usage_pending{job="shop",instance="b",aimlapi_account="prod"}`,
        values: `${gauge([0, 60])} 1000-5x180`,
      },
    ],
    expect: quiet('AimlapiSettlementBacklog', '60m', '95m', '120m'),
  },
  {
    name: 'charges that no service counted are a gap, until they are counted',
    series: [
      {
        series: `aimlapi_account_charged_credits_total{${EXPORTER}}`,
        values: counter([0, 10], [100_000, 90], [0, 420]),
      },
    ],
    expect: [
      ...quiet('AimlapiCoverageGap', '10m', '70m', '510m'),
      firing(
        'AimlapiCoverageGap',
        '100m',
        'Account prod was charged $8.95 more in 6 hours than all services together counted.',
        PROD,
      ),
    ],
  },
  {
    name: 'an exporter whose pod is replaced every hour and two replicas of it show one coverage',
    series: [
      { series: 'aimlapi_process_start_timestamp_seconds{job="shop",instance="b"}', values: '1x1200' },
      { series: `aimlapi_credits_used_total{${SERVICE}}`, values: counter([2000, 480]) },
      ...Array.from({ length: 8 }, (_, hour) => `e${hour}`).flatMap((instance, hour) => [
        {
          series: `aimlapi_process_start_timestamp_seconds{job="exporter",instance="${instance}"}`,
          values: `_x${hour * 120 + 1} ${hour * 3600 + 1}x118 stale`,
        },
        {
          series: `aimlapi_account_charged_credits_total{job="exporter",instance="${instance}",aimlapi_account="prod"}`,
          values: `_x${hour * 120 + 1} 0+2000x118 stale`,
        },
      ]),
      {
        series: 'aimlapi_process_start_timestamp_seconds{job="exporter",instance="second"}',
        values: '1x1200',
      },
      {
        series:
          'aimlapi_account_charged_credits_total{job="exporter",instance="second",aimlapi_account="prod"}',
        values: counter([2000, 480]),
      },
    ],
    queries: [
      {
        expr: 'round(aimlapi_account:coverage:ratio6h, 0.02)',
        at: '8h',
        samples: [{ labels: '{aimlapi_account="prod"}', value: 1 }],
      },
    ],
  },
  {
    name: 'a model that costs a fifth more than its list price is told',
    series: [
      // 1,000 input and 100 output tokens every 30 s, for 0.012 USD.
      {
        series: `aimlapi_tokens_total{${SERVICE},gen_ai_token_type="input"}`,
        values: counter([0, 10], [1000, 300]),
      },
      {
        series: `aimlapi_tokens_total{${SERVICE},gen_ai_token_type="output"}`,
        values: counter([0, 10], [100, 300]),
      },
      { series: `aimlapi_credits_used_total{${SERVICE}}`, values: counter([0, 10], [24_000, 300]) },
      {
        series: `aimlapi_model_token_price_usd{${EXPORTER},gen_ai_request_model="gpt-4o",gen_ai_token_type="input"}`,
        values: `${'0.000008x480'} 0.00001x600`,
      },
      {
        series: `aimlapi_model_token_price_usd{${EXPORTER},gen_ai_request_model="gpt-4o",gen_ai_token_type="output"}`,
        values: '0.00002x1200',
      },
    ],
    expect: [
      ...quiet('AimlapiPriceDrift', '60m', '250m'),
      firing('AimlapiPriceDrift', '200m', 'Model gpt-4o of account prod cost 1.20 times its list price.', {
        ...PROD,
        gen_ai_request_model: 'gpt-4o',
      }),
    ],
  },
  {
    name: 'a pace over ten times the highest so far is a runaway on the first day',
    series: [
      // 1.20 USD an hour for three hours, then 15 an hour.
      {
        series: `aimlapi_credits_used_total{${SERVICE}}`,
        values: counter([20_000, 180], [250_000, 40], [20_000, 60]),
      },
    ],
    expect: [
      ...quiet('AimlapiSpendRunaway', '179m', '240m'),
      firing(
        'AimlapiSpendRunaway',
        '195m',
        'Account prod spends $15.00 an hour, far more than ever in the last two weeks.',
        PROD,
      ),
      ...quiet('AimlapiSpendSpike', '179m', '180m'),
    ],
  },
]

/** Hours and days, evaluated every four minutes. */
export const longTests: readonly RuleTest[] = [
  {
    name: 'a budget is told at 80 %, at 100 % and when the month is on track to exceed it',
    series: [
      {
        series: `aimlapi_credits_used_total{${SERVICE},aimlapi_tag_team="search"}`,
        values: counter([20_000, 480], [0, 960], [0, 60]),
      },
      // 0.01 USD every 30 s for 8 hours, from midnight of the first of a month.
      { series: `aimlapi_budget_usd{${EXPORTER},aimlapi_period="day"}`, values: '9x3000' },
      {
        series:
          'aimlapi_budget_usd{job="exporter",instance="a",aimlapi_tag_team="search",aimlapi_period="day"}',
        values: '11x3000',
      },
    ],
    expect: [
      ...quiet('AimlapiBudgetNear', '5h50m'),
      firing('AimlapiBudgetNear', '6h20m', 'account prod: 82.67% of the budget of this day are spent.', {
        ...PROD,
        aimlapi_period: 'day',
      }),
      firing('AimlapiBudgetNear', '9h', 'team search: 85.91% of the budget of this day are spent.', {
        aimlapi_tag_team: 'search',
        aimlapi_period: 'day',
      }),
      ...quiet('AimlapiBudgetExceeded', '7h20m', '24h10m'),
      firing('AimlapiBudgetExceeded', '9h', 'account prod: 105% of the budget of this day are spent.', {
        ...PROD,
        aimlapi_period: 'day',
      }),
      // The next day.
      ...quiet('AimlapiBudgetNear', '24h10m'),
    ],
  },
  {
    name: 'a month is on track to exceed its budget after six hours of such a forecast, never on the first day',
    interval: '4m',
    series: [
      ...['shop', 'exporter'].map((job) => ({
        series: `aimlapi_process_start_timestamp_seconds{job="${job}",instance="${job === 'shop' ? 'b' : 'a'}"}`,
        values: '1x1200',
      })),
      // 2.88 USD a day are 89 a month.
      { series: `aimlapi_credits_used_total{${SERVICE}}`, values: '0+16000x1000' },
      { series: `aimlapi_budget_usd{${EXPORTER},aimlapi_period="month"}`, values: '50x720 200x500' },
    ],
    expect: [
      ...quiet('AimlapiBudgetOnTrackToExceed', '23h', '29h', '49h'),
      firing(
        'AimlapiBudgetOnTrackToExceed',
        '31h',
        'account prod: at the present pace the month will cost 161.4% of its budget.',
        { ...PROD, aimlapi_period: 'month' },
      ),
    ],
  },
  {
    name: 'an hour three times the dearest one of the day before is a spike',
    interval: '5m',
    series: [
      // 1.20 USD an hour for a day, then 4.80 for two hours.
      {
        series: `aimlapi_credits_used_total{${SERVICE}}`,
        values: '0+200000x287 57600000+800000x23 76000000+200000x60',
      },
    ],
    expect: [
      ...quiet('AimlapiSpendSpike', '23h', '24h30m', '27h30m'),
      firing(
        'AimlapiSpendSpike',
        '25h30m',
        'Account prod spent $4.80 in the last hour, over 3 times the usual for this hour.',
        PROD,
      ),
    ],
  },
  {
    name: 'a service of which no process is left is absent, until it is forgotten',
    interval: '5m',
    series: [
      // Restarted after an hour, without a call since; gone again half an hour later.
      { series: 'up{job="shop",instance="b"}', values: '1x5 stale _x5 1x5 stale' },
      {
        series: 'aimlapi_process_start_timestamp_seconds{job="shop",instance="b"}',
        values: '1x5 stale _x5 3600x5 stale',
      },
      { series: 'aimlapi_requests_total{job="shop",instance="b"}', values: '7x5 stale' },
    ],
    expect: [
      ...quiet('AimlapiServiceAbsent', '25m', '35m', '1h5m', '8h'),
      firing('AimlapiServiceAbsent', '45m', 'No process of shop has reported for ten minutes.', {
        job: 'shop',
      }),
      firing('AimlapiServiceAbsent', '2h', 'No process of shop has reported for ten minutes.', {
        job: 'shop',
      }),
      // Six hours count from the end of the process without a call.
      firing('AimlapiServiceAbsent', '7h', 'No process of shop has reported for ten minutes.', {
        job: 'shop',
      }),
    ],
  },
]
