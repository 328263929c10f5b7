/** What happens every day and must wake nobody: in each of these tests, no alert at all fires. */
import { alerts } from '../alerts/index.ts'
import { type Expectation, type RuleTest, type Series, counter, fresh, gauge, quiet } from './rule-test.ts'

const HOURS_2 = 120
const CALL = 'aimlapi_account="prod",gen_ai_request_model="gpt-4o",aimlapi_endpoint="chat"'
const EXPORTER = 'job="exporter",instance="e:9464",aimlapi_account="prod"'

function calm(...times: string[]): Expectation[] {
  return alerts.flatMap(({ name }) => quiet(name, ...times))
}

const up = (job: string, instance: string, values: string): Series => ({
  series: `up{job="${job}",instance="${instance}"}`,
  values,
})

/** Of one replica of the shop; `labels` tell its series apart. */
const shop = (name: string, instance: string, values: string, labels = ''): Series => ({
  series: `aimlapi_${name}{job="shop",instance="${instance}",${CALL}${labels}}`,
  values,
})

/** A call and 0.001 USD in half a minute. */
const traffic = (instance: string, requests: string, credits: string): Series[] => [
  shop('requests_total', instance, requests),
  shop('credits_used_total', instance, credits, ',aimlapi_usage_source="response"'),
]
const steady = (instance: string, minutes: number): Series[] =>
  traffic(instance, counter([1, minutes]), counter([2000, minutes]))

/** An exporter that is well; the account has no threshold to speak of. */
const account = (balanceUsd: string, minutes: number): Series[] => [
  up('exporter', 'e:9464', gauge([1, minutes])),
  { series: `aimlapi_balance_usd{${EXPORTER}}`, values: balanceUsd },
  { series: `aimlapi_balance_updated_timestamp_seconds{${EXPORTER}}`, values: fresh(minutes) },
  { series: `aimlapi_balance_low_threshold_credits{${EXPORTER}}`, values: gauge([10_000, minutes]) },
  { series: `aimlapi_autotopup_enabled{${EXPORTER}}`, values: gauge([0, minutes]) },
  {
    series: `aimlapi_account_polls_total{${EXPORTER},aimlapi_poll="balance"}`,
    values: counter([1, minutes]),
  },
]

export const calmTests: readonly RuleTest[] = [
  {
    name: 'a fresh set-up without any traffic',
    series: [up('shop', 'b:9464', gauge([1, HOURS_2])), ...account(gauge([20, HOURS_2]), HOURS_2)],
    expect: calm('1m', '10m', '30m', '119m'),
  },
  {
    name: 'a service without a key, of which no account is known',
    series: [up('shop', 'b:9464', gauge([1, HOURS_2])), ...steady('b:9464', HOURS_2)],
    expect: calm('1m', '10m', '30m', '119m'),
  },
  {
    name: 'a Prometheus that starts in the middle of a burst',
    series: [
      up('shop', 'b:9464', gauge([1, HOURS_2])),
      // 500 USD before it looked, 10 USD in its first ten minutes, then nothing.
      ...traffic('b:9464', counter([20, 10], [0, 110]), '1000000000+1000000x19 1020000000x220'),
      ...account(gauge([245, HOURS_2]), HOURS_2),
    ],
    expect: calm('5m', '12m', '20m', '30m', '60m', '119m'),
  },
  {
    name: 'one of three replicas restarts, and its counters with it',
    series: [
      ...['b:9464', 'c:9464'].flatMap((instance) => [
        up('shop', instance, gauge([1, HOURS_2])),
        ...steady(instance, HOURS_2),
      ]),
      up('shop', 'd:9464', gauge([1, 60], [0, 4], [1, 56])),
      ...traffic('d:9464', '0+1x119 stale _x7 0+1x111', '0+2000x119 stale _x7 0+2000x111'),
      ...account(gauge([20, HOURS_2]), HOURS_2),
    ],
    expect: calm('59m', '61m', '63m', '64m', '66m', '75m', '119m'),
  },
  {
    name: 'a roll-out replaces every process',
    series: [
      up('shop', 'old:9464', `${gauge([1, 60])} stale`),
      ...traffic('old:9464', `${counter([1, 60])} stale`, `${counter([2000, 60])} stale`),
      up('shop', 'new:9464', `_x118 ${gauge([1, 61])}`),
      ...traffic('new:9464', '_x118 0+1x121', '_x118 0+2000x121'),
      ...account(gauge([20, HOURS_2]), HOURS_2),
    ],
    expect: calm('58m', '60m', '62m', '66m', '72m', '119m'),
  },
  {
    name: 'the exporter restarts, and the ledger is counted from zero',
    series: [
      up('shop', 'b:9464', gauge([1, HOURS_2])),
      ...steady('b:9464', HOURS_2),
      ...account(gauge([20, HOURS_2]), HOURS_2).filter(({ series }) => !series.startsWith('up{')),
      up('exporter', 'e:9464', gauge([1, 60], [0, 2], [1, 58])),
      {
        series: `aimlapi_ledger_charged_credits_total{${EXPORTER},aimlapi_ledger_type="MODEL_USAGE"}`,
        values: `${counter([2000, 60])} stale _x3 0+2000x115`,
      },
    ],
    expect: calm('59m', '61m', '63m', '80m', '119m'),
  },
  {
    name: 'a service of three calls a day, of which one fails and one stays without a cost',
    series: [
      up('shop', 'b:9464', gauge([1, HOURS_2])),
      ...traffic('b:9464', gauge([0, 20], [1, 100]), gauge([0, 20], [2000, 100])),
      shop('requests_total', 'b:9464', gauge([0, 50], [1, 70]), ',error_type="503"'),
      shop('requests_total', 'b:9464', gauge([0, 80], [1, 40]), ',error_type="aborted"'),
      shop('usage_missing_total', 'b:9464', gauge([0, 80], [1, 40]), ',reason="aborted"'),
      // The one time that its cost was asked for.
      {
        series:
          'aimlapi_account_polls_total{job="shop",instance="b:9464",aimlapi_account="prod",aimlapi_poll="settlement",error_type="500"}',
        values: gauge([0, 81], [1, 39]),
      },
      ...account(gauge([20, HOURS_2]), HOURS_2),
    ],
    expect: calm('21m', '26m', '35m', '51m', '56m', '65m', '81m', '90m', '99m', '119m'),
  },
  {
    name: 'one refused call of many, as a firewall on the way may refuse it',
    series: [
      up('shop', 'b:9464', gauge([1, HOURS_2])),
      ...steady('b:9464', HOURS_2),
      shop('requests_total', 'b:9464', gauge([0, 50], [1, 70]), ',error_type="403"'),
      ...account(gauge([20, HOURS_2]), HOURS_2),
    ],
    expect: calm('51m', '56m', '59m', '65m'),
  },
]
