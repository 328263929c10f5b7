/** Calls: how many, how well, how fast, and what they are made of. */
import { label, metric } from '../names.ts'
import { since, sumBy } from '../promql.ts'
import { recorded } from '../recording-rules.ts'
import { type Dashboard, type Panel, graph, stat } from './panel.ts'
import { CALL_VARIABLES, calls, recordedCalls, recordedGenAi } from './selectors.ts'

/** The operation of a poll of a job. */
const POLL = 'fetch_response'

const rate = (selector: string) => `rate(${selector}[$__rate_interval])`
const requests = rate(calls(metric.requests))
/** What happened between one point of the graph and the next, from totals. */
const happened = (selector: string) => since(selector, '$__interval')
const failed = rate(calls(metric.requests, `${label.errorType}!=""`, `${label.errorType}!="aborted"`))
const tokens = (type: string) => rate(calls(metric.tokens, `${label.tokenType}="${type}"`))
const detail = (name: string) => rate(calls(metric.tokenDetails, `${label.tokenDetail}="${name}"`))

const quantile = (q: number, histogram: string, by: readonly string[] = []) =>
  `histogram_quantile(${q}, ${sumBy(['le', ...by], recordedGenAi(histogram))})`

const quantiles = (histogram: string) => [
  { expr: quantile(0.5, histogram), legend: 'half are faster' },
  { expr: quantile(0.95, histogram), legend: '95 % are faster' },
  { expr: quantile(0.99, histogram), legend: '99 % are faster' },
]

const overview: readonly Panel[] = [
  stat({
    title: 'Calls per second',
    description: 'HTTP attempts that ended, well or badly; retries count.',
    unit: 'reqps',
    decimals: 2,
    queries: [{ expr: `sum(${requests})`, legend: 'calls' }],
  }),
  stat({
    title: 'Failed',
    description: 'Share of calls that failed by themselves. Calls that the caller broke off are left out.',
    unit: 'percentunit',
    decimals: 1,
    thresholds: [{ color: 'green' }, { from: 0.01, color: 'orange' }, { from: 0.05, color: 'red' }],
    queries: [{ expr: `(sum(${failed}) or vector(0)) / (sum(${requests}) > 0)`, legend: 'failed' }],
  }),
  stat({
    title: 'Duration, p95',
    description: 'From the request to the last byte of the response: 95 % of all calls are faster.',
    unit: 's',
    decimals: 2,
    queries: [{ expr: quantile(0.95, recorded.duration), legend: 'duration' }],
  }),
  stat({
    title: 'First chunk, p50',
    description: 'From the request to the first chunk of the response: half of all streams are faster.',
    unit: 's',
    decimals: 2,
    queries: [{ expr: quantile(0.5, recorded.timeToFirstChunk), legend: 'first chunk' }],
  }),
  stat({
    title: 'Tokens per second',
    description: 'Input and output together; cached and reasoning tokens are inside.',
    unit: 'short',
    decimals: 1,
    queries: [{ expr: `sum(${rate(calls(metric.tokens))})`, legend: 'tokens' }],
  }),
  stat({
    title: 'Input from cache',
    description: 'Share of input tokens that were read from a prompt cache, which costs less.',
    unit: 'percentunit',
    decimals: 1,
    queries: [
      {
        expr: `(sum(${detail('cache_read')}) or vector(0)) / (sum(${tokens('input')}) > 0)`,
        legend: 'cached',
      },
    ],
  }),
]

const traffic: readonly Panel[] = [
  graph({
    title: 'Calls per second by model',
    description: 'All attempts, by the model that the request named.',
    unit: 'reqps',
    stacked: true,
    min: 0,
    queries: [{ expr: sumBy([label.requestModel], requests), legend: `{{${label.requestModel}}}` }],
  }),
  graph({
    title: 'Calls per second by endpoint',
    description:
      'All attempts, by family of endpoint. Polls of a job are shown apart from what they poll for.',
    unit: 'reqps',
    stacked: true,
    min: 0,
    queries: [
      {
        expr: sumBy([label.endpoint], rate(calls(metric.requests, `${label.operation}!="${POLL}"`))),
        legend: `{{${label.endpoint}}}`,
      },
      {
        expr: sumBy([label.endpoint], rate(calls(metric.requests, `${label.operation}="${POLL}"`))),
        legend: `{{${label.endpoint}}}, polls`,
      },
    ],
  }),
  graph({
    title: 'Failed calls by error',
    description:
      'By status or kind, counted exactly, the first ones too. 403 is out of credits, aborted is the caller breaking off.',
    unit: 'short',
    decimals: 0,
    stacked: true,
    bars: true,
    min: 0,
    noValue: 'No failures',
    queries: [
      {
        expr: sumBy([label.errorType], happened(recordedCalls(recorded.requests, `${label.errorType}!=""`))),
        legend: `{{${label.errorType}}}`,
      },
    ],
  }),
  graph({
    title: 'Failed by model',
    description: 'Share of calls that failed by themselves, by model: one model in trouble stands out.',
    unit: 'percentunit',
    min: 0,
    max: 1,
    noValue: 'No failures',
    queries: [
      {
        expr: `${sumBy([label.requestModel], failed)}\n/ ${sumBy([label.requestModel], requests)}`,
        legend: `{{${label.requestModel}}}`,
      },
    ],
  }),
]

const latency: readonly Panel[] = [
  graph({
    title: 'Duration',
    description:
      'From the request to the last byte, all operations. Estimated within the buckets of the GenAI conventions.',
    unit: 's',
    min: 0,
    queries: quantiles(recorded.duration),
  }),
  graph({
    title: 'Duration by model, p95',
    description: 'Nineteen of twenty calls of a model are faster than this.',
    unit: 's',
    min: 0,
    queries: [
      { expr: quantile(0.95, recorded.duration, [label.requestModel]), legend: `{{${label.requestModel}}}` },
    ],
  }),
  graph({
    title: 'Time to first chunk',
    description: 'Streams only: how long a person looks at nothing.',
    unit: 's',
    min: 0,
    queries: quantiles(recorded.timeToFirstChunk),
  }),
  graph({
    title: 'Time per output chunk',
    description: 'Streams only: from one chunk to the next after the first. How fast the text runs.',
    unit: 's',
    min: 0,
    queries: quantiles(recorded.timePerOutputChunk),
  }),
]

const shareByModel = (part: string, whole: string) =>
  `(${sumBy([label.requestModel], part)}) / (${sumBy([label.requestModel], whole)} > 0)`

const content: readonly Panel[] = [
  graph({
    title: 'Tokens per second by type',
    description: 'Input with cached ones, output with reasoning.',
    unit: 'short',
    min: 0,
    stacked: true,
    queries: [
      { expr: sumBy([label.tokenType], rate(calls(metric.tokens))), legend: `{{${label.tokenType}}}` },
    ],
  }),
  graph({
    title: 'Parts of the tokens per second',
    description: 'Cached, reasoning, audio, image, … They are inside the tokens, not beside them.',
    unit: 'short',
    min: 0,
    queries: [
      {
        expr: sumBy([label.tokenDetail], rate(calls(metric.tokenDetails))),
        legend: `{{${label.tokenDetail}}}`,
      },
    ],
  }),
  graph({
    title: 'Input from cache, by model',
    description: 'Share of input tokens read from a prompt cache in the last hour.',
    unit: 'percentunit',
    min: 0,
    max: 1,
    queries: [
      {
        expr: shareByModel(
          since(recordedCalls(recorded.tokenDetails, `${label.tokenDetail}="cache_read"`), '1h'),
          since(recordedCalls(recorded.tokens, `${label.tokenType}="input"`), '1h'),
        ),
        legend: `{{${label.requestModel}}}`,
      },
    ],
  }),
  graph({
    title: 'Reasoning in the output, by model',
    description: 'Share of output tokens that were spent on reasoning: paid for, not shown.',
    unit: 'percentunit',
    min: 0,
    max: 1,
    noValue: 'No reasoning',
    queries: [
      { expr: shareByModel(detail('reasoning'), tokens('output')), legend: `{{${label.requestModel}}}` },
    ],
  }),
  graph({
    title: 'Units per minute',
    description: 'Images, seconds, characters and pages, where the API reports them literally.',
    unit: 'short',
    min: 0,
    noValue: 'No units reported',
    queries: [
      { expr: `${sumBy([label.unit], rate(calls(metric.units)))} * 60`, legend: `{{${label.unit}}}` },
    ],
  }),
  graph({
    title: 'Calls without a known cost',
    description: 'By reason, counted exactly. AimlapiUsageMissing fires above one in a hundred calls.',
    unit: 'short',
    decimals: 0,
    stacked: true,
    bars: true,
    min: 0,
    noValue: 'Every cost is known',
    queries: [
      {
        expr: sumBy([label.missingReason], happened(recordedCalls(recorded.usageMissing))),
        legend: `{{${label.missingReason}}}`,
      },
    ],
  }),
]

const REALTIME = `${label.endpoint}="realtime"`

const realtime: readonly Panel[] = [
  graph({
    title: 'Realtime sessions that ended',
    description: 'WebSocket sessions, each one call from its handshake to its close, by model.',
    unit: 'short',
    decimals: 0,
    min: 0,
    bars: true,
    stacked: true,
    width: 6,
    noValue: 'No sessions',
    queries: [
      {
        expr: sumBy([label.requestModel], happened(recordedCalls(recorded.requests, REALTIME))),
        legend: `{{${label.requestModel}}}`,
      },
    ],
  }),
  graph({
    title: 'Realtime minutes connected, per minute',
    description:
      'How many sessions are open at a time, as each response and each session ends, by model. Not what was billed.',
    unit: 'short',
    decimals: 1,
    min: 0,
    width: 6,
    noValue: 'No sessions',
    queries: [
      {
        expr: sumBy([label.requestModel], rate(calls(metric.sessionSeconds))),
        legend: `{{${label.requestModel}}}`,
      },
    ],
  }),
  graph({
    title: 'Spend of realtime sessions, last hour',
    description: 'What sessions cost, as they end or as the account log says afterwards, by model.',
    unit: 'currencyUSD',
    decimals: 2,
    min: 0,
    width: 6,
    noValue: 'No sessions',
    queries: [
      {
        expr: sumBy([label.requestModel], since(recordedCalls(recorded.spendUsd, REALTIME), '1h')),
        legend: `{{${label.requestModel}}}`,
      },
    ],
  }),
  graph({
    title: 'Realtime tokens per minute by modality',
    description: 'Audio, text, image and cached tokens of realtime sessions, as each response ends.',
    unit: 'short',
    min: 0,
    width: 6,
    noValue: 'No sessions',
    queries: [
      {
        expr: `${sumBy([label.tokenDetail], rate(calls(metric.tokenDetails, REALTIME)))} * 60`,
        legend: `{{${label.tokenDetail}}}`,
      },
    ],
  }),
]

export const callsDashboard: Dashboard = {
  uid: 'aimlapi-calls',
  title: 'AI/ML API / Calls',
  description: 'Rate, errors, latency and tokens of the calls to AI/ML API.',
  from: 'now-1h',
  variablesFrom: metric.requests,
  variables: CALL_VARIABLES,
  rows: [
    { title: 'Overview', panels: overview },
    { title: 'Traffic', panels: traffic },
    { title: 'Latency', panels: latency },
    { title: 'Tokens and units', panels: content },
    { title: 'Realtime', panels: realtime },
  ],
}
