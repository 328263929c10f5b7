/** Why it costs what it costs: what changed, at which price, and where the calls are. */
import { config } from '../config.ts'
import { label, metric } from '../names.ts'
import { orZero, since, sumBy } from '../promql.ts'
import { recorded } from '../recording-rules.ts'
import { type Panel, graph } from './panel.ts'
import { TAG, recordedAccounts, recordedCalls } from './selectors.ts'

const MONEY = { unit: 'currencyUSD', decimals: 2 } as const
const byModel = (expr: string) => sumBy([label.requestModel], expr)
const spend = recordedCalls(recorded.spendUsd)
const spent = (window: string) => since(spend, window)
const tokens = (type: string) =>
  since(recordedCalls(recorded.tokens, `${label.tokenType}="${type}"`), '$__range')

/** The last 24 hours less the same a week before. */
const lastDay = since(spend, '1d')
const at = (offset: string) => `last_over_time(${spend}[6h] offset ${offset})`
const weekBefore = `(${at('7d')} - (${at('8d')} or 0 * ${at('7d')}))`
const movers = (by: string) =>
  `topk(8, ${sumBy([by], lastDay)} - ${orZero(sumBy([by], weekBefore), sumBy([by], lastDay))})`

const price = (matchers: string) => `max by (${label.requestModel}) (${metric.modelTokenPrice}{${matchers}})`

const mover = (title: string, by: string, what: string): Panel => ({
  ...MONEY,
  title,
  description: `What ${what} cost in the last 24 hours, less what they cost in the same 24 hours a week before: the same day of the week. What is new counts in full.`,
  kind: 'ranking',
  width: 6,
  height: 8,
  queries: [{ expr: movers(by), legend: `{{${by}}}` }],
})

/** How a figure leads to single calls. The value of a tag is an attribute of the span, as it is a label here. */
const TRACES = `| What you see here | TraceQL (Grafana Tempo) | Jaeger: tags of a search |
|---|---|---|
| a model | \`{ span.gen_ai.request.model = "gpt-4o" }\` | \`gen_ai.request.model=gpt-4o\` |
| a spend tag | \`{ span.aimlapi.tag.team = "search" }\` | \`aimlapi.tag.team=search\` |
| calls over 0.10 USD | \`{ span.aimlapi.cost.usd > 0.1 }\` | sort by duration, look at \`aimlapi.cost.usd\` |
| failed calls | \`{ span.gen_ai.provider.name = "aimlapi" && status = error }\` | \`error=true gen_ai.provider.name=aimlapi\` |
| spend by team, from traces | \`{ span.gen_ai.provider.name = "aimlapi" } \\| sum_over_time(span.aimlapi.cost.usd) by (span.aimlapi.tag.team)\` | – |
| one charge of the bill | \`{ span.aimlapi.inference.id = "…" }\` | \`aimlapi.inference.id=…\` |

Traces are sampled, these panels are not: sums of spans are lower.`

export const reasons: readonly Panel[] = [
  mover('Top movers by tag', TAG, 'the values of the picked tag'),
  mover('Top movers by model', label.requestModel, 'models'),
  graph({
    ...MONEY,
    title: 'An hour against the usual',
    description: `The last hour at each moment, and the dearest hour around this time one and two weeks before. AimlapiSpendSpike fires at ${config.spike.factor} times the usual.`,
    min: 0,
    queries: [
      { expr: recordedAccounts(recorded.lastHour), legend: `{{${label.account}}}` },
      { expr: recordedAccounts(recorded.usualHour), legend: `{{${label.account}}}, usual` },
    ],
  }),
  {
    title: 'Models in the picked range',
    description: 'Spend to the credit, calls, output tokens, and what 1,000 output tokens cost all in all.',
    kind: 'table',
    ...MONEY,
    width: 12,
    height: 8,
    rows: {
      label: label.requestModel,
      name: 'Model',
      columns: [
        { name: 'Spend', unit: 'currencyUSD', decimals: 2 },
        { name: 'Calls', unit: 'short', decimals: 0 },
        { name: 'Output tokens', unit: 'short' },
        { name: 'USD / 1k out', unit: 'currencyUSD', decimals: 4 },
      ],
    },
    queries: [
      { expr: byModel(spent('$__range')), legend: 'Spend' },
      { expr: byModel(since(recordedCalls(recorded.requests), '$__range')), legend: 'Calls' },
      { expr: byModel(tokens('output')), legend: 'Output tokens' },
      {
        expr: `1000 * ${byModel(spent('$__range'))} / (${byModel(tokens('output'))} > 0)`,
        legend: 'USD / 1k out',
      },
    ],
  },
  {
    ...MONEY,
    title: 'Routed calls by the model that was paid',
    description: 'Spend in the picked range of calls to a router, by the model that answered and was paid.',
    kind: 'ranking',
    width: 6,
    height: 8,
    noValue: 'No router was called',
    queries: [
      {
        expr: `topk(8, sum by (${label.routedModel}) (${since(recordedCalls(recorded.spendUsd, `${label.routedModel}!=""`), '$__range')}))`,
        legend: `{{${label.routedModel}}}`,
      },
    ],
  },
  {
    ...MONEY,
    title: 'Saved by prompt caches',
    description:
      'In the picked range: input tokens read from a cache, times what they were cheaper. Only models whose prices are known.',
    kind: 'ranking',
    width: 6,
    height: 8,
    noValue: 'No prices known',
    queries: [
      {
        expr: `topk(8, ${byModel(since(recordedCalls(recorded.tokenDetails, `${label.tokenDetail}="cache_read"`), '$__range'))} * on (${label.requestModel}) (${price(`${label.tokenType}="input",${label.tokenDetail}=""`)} - ${price(`${label.tokenDetail}="cache_read"`)}))`,
        legend: `{{${label.requestModel}}}`,
      },
    ],
  },
  graph({
    title: 'Paid over list price',
    description: `What the tokens of ${config.windowHours} hours cost over what the catalogue says. At 1 both agree; AimlapiPriceDrift fires above ${config.priceDrift.ratio}.`,
    unit: 'percentunit',
    min: 0,
    noValue: 'No prices known',
    queries: [
      {
        expr: `${recordedAccounts(recorded.modelSpendUsd)} / (${recordedAccounts(recorded.listPriceUsd)} > 0)`,
        legend: `{{${label.requestModel}}}`,
      },
    ],
  }),
  {
    title: 'Models that will be shut down',
    description: `Days until AI/ML API ends a model that was used lately. AimlapiModelShutdown fires ${config.shutdown.days} days before.`,
    kind: 'ranking',
    unit: 'd',
    decimals: 0,
    width: 6,
    height: 8,
    noValue: 'None announced',
    queries: [
      {
        expr: `(min by (${label.requestModel}) (${metric.modelShutdown}) - time()) / 86400`,
        legend: `{{${label.requestModel}}}`,
      },
    ],
  },
  {
    ...MONEY,
    title: 'Refunded in the picked range',
    description: 'Counted for jobs that failed afterwards, and taken off again on the day it became known.',
    kind: 'stat',
    width: 6,
    height: 8,
    queries: [
      {
        expr: `sum(${since(recordedCalls(recorded.creditsRefunded), '$__range')}) / ${config.creditsPerUsd} or vector(0)`,
        legend: 'USD refunded',
      },
    ],
  },
  {
    title: 'From spend to traces',
    description: 'How to find the calls behind a figure, where traces are kept.',
    kind: 'text',
    unit: 'none',
    width: 24,
    height: 8,
    queries: [],
    markdown: TRACES,
  },
]
