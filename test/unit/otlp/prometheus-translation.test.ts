import { expect, test } from 'vitest'

import { labelName, metricName, targetLabels } from '../../integration/otlp-support/prometheus-translation.ts'

test.each([
  ['aimlapi.credits.used', '{credit}', 'counter', 'aimlapi_credits_used_total'],
  ['aimlapi.cost.usd', '{USD}', 'counter', 'aimlapi_cost_usd_total'],
  ['aimlapi.cost.usd', 'USD', 'counter', 'aimlapi_cost_usd_USD_total'],
  ['aimlapi.request.duration.seconds', 's', 'histogram', 'aimlapi_request_duration_seconds'],
  ['gen_ai.client.operation.duration', 's', 'histogram', 'gen_ai_client_operation_duration_seconds'],
  ['gen_ai.client.token.usage', '{token}', 'histogram', 'gen_ai_client_token_usage'],
  ['aimlapi.balance.low', '', 'gauge', 'aimlapi_balance_low'],
  ['system.cpu.utilization', '1', 'gauge', 'system_cpu_utilization_ratio'],
  ['process.memory.usage', 'By', 'updown', 'process_memory_usage_bytes'],
  ['system.network.io', 'By/s', 'gauge', 'system_network_io_bytes_per_second'],
  ['requests.total', '{request}', 'counter', 'requests_total'],
  ['3d.renders', '', 'gauge', '_3d_renders'],
] as const)('%s in %s, a %s, is %s', (name, unit, kind, expected) => {
  expect(metricName(name, unit, kind)).toBe(expected)
})

test('attributes become labels, the resource becomes job and instance', () => {
  expect(labelName('gen_ai.request.model')).toBe('gen_ai_request_model')
  expect(labelName('3d')).toBe('key_3d')
  expect(
    targetLabels({ 'service.name': 'shop', 'service.namespace': 'eu', 'service.instance.id': '7' }),
  ).toEqual({ job: 'eu/shop', instance: '7' })
})
