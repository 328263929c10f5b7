import { type RuleTest, counter, fresh, gauge } from './rule-test.ts'

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
    name: 'totals keep every label but those of processes, whatever tags there are; refunds are taken off',
    series: [
      { series: 'aimlapi_process_start_timestamp_seconds{job="shop",instance="b",pod="p"}', values: '1x60' },
      {
        series:
          'aimlapi_credits_used_total{job="shop",instance="b",pod="p",namespace="web",aimlapi_account="prod",gen_ai_operation_name="chat",gen_ai_request_model="gpt-4o",aimlapi_endpoint="chat",aimlapi_tag_customer="acme",aimlapi_usage_source="response"}',
        values: '_x20 3000000x40',
      },
      {
        series:
          'aimlapi_credits_used_total{job="shop",instance="b",pod="p",namespace="web",aimlapi_account="prod",gen_ai_operation_name="chat",gen_ai_request_model="gpt-4o",aimlapi_endpoint="chat",aimlapi_tag_customer="acme",aimlapi_usage_source="ledger"}',
        values: '_x25 1000000x35',
      },
      {
        series:
          'aimlapi_credits_refunded_total{job="shop",instance="b",pod="p",namespace="web",aimlapi_account="prod",gen_ai_operation_name="chat",gen_ai_request_model="gpt-4o",aimlapi_endpoint="chat",aimlapi_tag_customer="acme"}',
        values: '_x30 500000x30',
      },
    ],
    queries: [
      {
        expr: 'aimlapi_call:spend_usd:total',
        at: '20m',
        samples: [
          {
            labels:
              'aimlapi_call:spend_usd:total{job="shop",namespace="web",aimlapi_account="prod",gen_ai_request_model="gpt-4o",aimlapi_endpoint="chat",aimlapi_tag_customer="acme"}',
            value: 1.75,
          },
        ],
      },
      {
        expr: 'aimlapi_owner:spend_usd:total',
        at: '20m',
        samples: [
          {
            labels:
              'aimlapi_owner:spend_usd:total{namespace="web",aimlapi_account="prod",aimlapi_tag_customer="acme"}',
            value: 1.75,
          },
        ],
      },
    ],
  },
  {
    name: 'what a router was asked for and what was paid stand beside each other',
    series: [
      { series: 'aimlapi_process_start_timestamp_seconds{job="shop",instance="b"}', values: '1x60' },
      {
        series:
          'aimlapi_credits_used_total{job="shop",instance="b",aimlapi_account="prod",gen_ai_request_model="auto",aimlapi_routed_model="gpt-4o"}',
        values: '_x20 2000000x40',
      },
    ],
    queries: [
      {
        expr: 'sum by (aimlapi_routed_model) (aimlapi_call:spend_usd:total)',
        at: '20m',
        samples: [{ labels: '{aimlapi_routed_model="gpt-4o"}', value: 1 }],
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
