import { type RuleTest, counter, fresh, gauge } from './rule-test.ts'

const CALL =
  'aimlapi_account="prod",gen_ai_request_model="gpt-4o",aimlapi_endpoint="chat",aimlapi_tag_team="search"'
const SHOP = `job="shop",instance="b",${CALL}`
const CREDITS = `aimlapi_credits_used_total{${SHOP},aimlapi_usage_source="response"}`
const LEVEL =
  '{job="shop",aimlapi_account="prod",gen_ai_request_model="gpt-4o",aimlapi_endpoint="chat",aimlapi_tag_team="search"}'
const UP = { series: 'up{job="shop",instance="b"}', values: gauge([1, 30]) }

/** All that was counted in half an hour, in whole credits. */
const counted = (value: number) => [
  {
    expr: 'sum without () (sum_over_time(aimlapi_call:credits_used:increase30s[30m]))',
    at: '30m',
    samples: [{ labels: LEVEL, value }],
  },
]

const buckets = (name: string, instance: string) =>
  ['0.16', '+Inf'].map((le) => ({
    series: `${name}_bucket{job="shop",instance="${instance}",gen_ai_operation_name="chat",gen_ai_request_model="gpt-4o",le="${le}",otel_scope_version="${instance}"}`,
    values: counter([30, 20]),
  }))

/** One process per spelling, each 1 call a second: all of them are seen, none twice. */
function spellings(recorded: string, names: readonly string[]): RuleTest {
  return {
    name: `one spelling for ${names.join(', ')}`,
    series: names.flatMap((name, index) => buckets(name, `replica-${index}`)),
    queries: [
      {
        expr: `round(${recorded}, 0.01)`,
        at: '15m',
        samples: ['+Inf', '0.16'].map((le) => ({
          labels: `{job="shop",gen_ai_operation_name="chat",gen_ai_request_model="gpt-4o",le="${le}"}`,
          value: names.length,
        })),
      },
    ],
  }
}

export const recordingTests: readonly RuleTest[] = [
  {
    name: 'the first value of a series is counted when its target answered before',
    series: [UP, { series: CREDITS, values: '_x20 700x10 900x29' }],
    queries: counted(900),
  },
  {
    name: 'the past of a running service is not the spend of a new Prometheus',
    series: [UP, { series: CREDITS, values: '5000000x20 5000400x39' }],
    queries: counted(400),
  },
  {
    name: 'the first value of a new process is counted once Prometheus has watched for a while',
    series: [
      { series: 'up{job="shop",instance="b"}', values: '_x30 1x29' },
      { series: CREDITS, values: '_x30 700x29' },
    ],
    queries: counted(700),
  },
  {
    name: 'so is one that is pushed, without any up',
    series: [{ series: CREDITS, values: '_x30 700x9 900x19' }],
    queries: counted(900),
  },
  {
    name: 'a restart counts from zero',
    series: [UP, { series: CREDITS, values: '100x9 600x9 50x9 80x29' }],
    queries: counted(580),
  },
  {
    name: 'a gap in scraping loses nothing and counts nothing twice',
    series: [UP, { series: CREDITS, values: '100x9 stale _x29 600x19' }],
    queries: counted(500),
  },
  {
    name: 'the past is not spent when the rules are loaded into a Prometheus that knows the service',
    // Evaluated from the first sample on here; the value before is what the rules themselves have seen.
    series: [UP, { series: CREDITS, values: '4000x5 4100x54' }],
    queries: counted(100),
  },
  {
    name: 'a process that ended keeps what it spent',
    series: [UP, { series: CREDITS, values: '_x10 700x5 stale _x40' }],
    queries: counted(700),
  },
  {
    name: 'replicas and sources add up',
    series: [
      UP,
      { series: CREDITS, values: counter([10, 30]) },
      {
        series: `aimlapi_credits_used_total{${SHOP},aimlapi_usage_source="ledger"}`,
        values: counter([5, 30]),
      },
      {
        series: `aimlapi_credits_used_total{job="shop",instance="c",${CALL},aimlapi_usage_source="response"}`,
        values: counter([2, 30]),
      },
    ],
    // 59 steps of 17: the first sample is the past.
    queries: counted(1003),
  },
  {
    name: 'refunds are taken off, and spend is in US dollars',
    series: [
      UP,
      { series: CREDITS, values: '0x1 4000000x58' },
      { series: `aimlapi_credits_refunded_total{${SHOP}}`, values: '_x20 1000000x39' },
    ],
    queries: [
      {
        expr: 'sum_over_time(aimlapi_call:spend_usd:increase30s[30m])',
        at: '30m',
        samples: [{ labels: LEVEL, value: 1.5 }],
      },
      {
        expr: 'aimlapi_tag_team:spend_usd_per_hour:rate1h',
        at: '30m',
        samples: [
          {
            labels:
              'aimlapi_tag_team:spend_usd_per_hour:rate1h{job="shop",aimlapi_account="prod",aimlapi_tag_team="search"}',
            value: 1.5,
          },
        ],
      },
    ],
  },
  {
    name: 'the freshest replica says the balance',
    series: [
      {
        series: 'aimlapi_balance_usd{job="shop",instance="old",aimlapi_account="prod"}',
        values: gauge([80, 10]),
      },
      {
        series: 'aimlapi_balance_updated_timestamp_seconds{job="shop",instance="old",aimlapi_account="prod"}',
        values: gauge([-60, 10]),
      },
      {
        series: 'aimlapi_balance_usd{job="shop",instance="new",aimlapi_account="prod"}',
        values: gauge([20, 10]),
      },
      {
        series: 'aimlapi_balance_updated_timestamp_seconds{job="shop",instance="new",aimlapi_account="prod"}',
        values: fresh(10),
      },
    ],
    queries: [
      {
        expr: 'aimlapi_account:balance_usd:latest',
        at: '9m',
        samples: [{ labels: 'aimlapi_account:balance_usd:latest{aimlapi_account="prod"}', value: 20 }],
      },
    ],
  },
  {
    name: 'cost per 1,000 output tokens, and the share of cached input',
    series: [
      UP,
      { series: CREDITS, values: '0x9 2000000x49' },
      { series: `aimlapi_tokens_total{${SHOP},gen_ai_token_type="output"}`, values: '0x9 50000x49' },
      { series: `aimlapi_tokens_total{${SHOP},gen_ai_token_type="input"}`, values: '0x9 80000x49' },
      {
        series: `aimlapi_tokens_details_total{${SHOP},aimlapi_token_detail="cache_read"}`,
        values: '0x9 20000x49',
      },
    ],
    queries: [
      { expr: 'aimlapi_model:usd_per_1k_output_tokens:ratio1h', value: 0.02 },
      { expr: 'aimlapi_model:cached_input_share:ratio1h', value: 0.25 },
    ].map(({ expr, value }) => ({
      expr,
      at: '29m',
      samples: [
        { labels: `${expr}{job="shop",aimlapi_account="prod",gen_ai_request_model="gpt-4o"}`, value },
      ],
    })),
  },
  spellings('aimlapi_model:gen_ai_duration_seconds_bucket:rate5m', [
    'gen_ai_client_operation_duration',
    'gen_ai_client_operation_duration_seconds',
    'gen_ai_client_inference_duration',
    'gen_ai_client_inference_duration_seconds',
  ]),
  spellings('aimlapi_model:gen_ai_time_to_first_chunk_seconds_bucket:rate5m', [
    'gen_ai_client_operation_time_to_first_chunk',
    'gen_ai_client_operation_time_to_first_chunk_seconds',
    'gen_ai_client_inference_time_to_first_chunk',
    'gen_ai_client_inference_time_to_first_chunk_seconds',
  ]),
  spellings('aimlapi_model:gen_ai_time_per_output_chunk_seconds_bucket:rate5m', [
    'gen_ai_client_operation_time_per_output_chunk',
    'gen_ai_client_operation_time_per_output_chunk_seconds',
    'gen_ai_client_inference_time_per_output_chunk',
    'gen_ai_client_inference_time_per_output_chunk_seconds',
  ]),
]
