import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace-base'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SPAN_ATTRIBUTES } from '../../scripts/docs/spans.ts'
import { AimlapiInstrumentation } from '../../src/instrumentation.ts'
import { withSpendTags } from '../../src/index.ts'
import { ATTRIBUTE, PARAMETER, TAG_PREFIX } from '../../src/telemetry/names.ts'
import { DEFAULT_KEY, startSimulator, type Simulator } from '../simulator/index.ts'
import { talk } from './realtime-support/agent.ts'

const LATEST_ONLY: ReadonlySet<string> = new Set([
  ATTRIBUTE.usageCacheWriteInputTokens,
  ATTRIBUTE.usageCostAmount,
  ATTRIBUTE.usageCostCurrency,
  ATTRIBUTE.usageCostSource,
  ATTRIBUTE.usageTextInputTokens,
  ATTRIBUTE.usageImageInputTokens,
  ATTRIBUTE.usageAudioInputTokens,
  ATTRIBUTE.usageTextOutputTokens,
  ATTRIBUTE.usageImageOutputTokens,
  ATTRIBUTE.usageAudioOutputTokens,
  PARAMETER.previousResponseId,
])
const OLD_ONLY: ReadonlySet<string> = new Set([ATTRIBUTE.usageCacheCreationInputTokens])

interface Sent {
  readonly path: string
  readonly body: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, string>>
  readonly broken?: boolean
}

/** Together these calls have everything that a span can say. */
const CALLS: readonly Sent[] = [
  {
    path: '/v1/chat/completions',
    body: {
      model: 'gpt-4o-mini',
      messages: [{ role: 'user', content: 'Name three rivers.' }],
      max_tokens: 100,
      temperature: 0.5,
      top_p: 0.9,
      top_k: 40,
      frequency_penalty: 0.1,
      presence_penalty: 0.1,
      seed: 7,
      n: 2,
      stop: ['.'],
      reasoning_effort: 'low',
      response_format: { type: 'json_object' },
    },
    headers: {
      'x-client-request-id': 'request-1',
      'x-stainless-retry-count': '1',
      'x-sim-options': 'input=50; output=40; cached=10; cacheWrite=5; reasoning=20',
    },
  },
  { path: '/v1/chat/completions', body: { model: 'gpt-4o-mini', messages: [], stream: true }, broken: true },
  {
    path: '/v1/messages',
    body: { model: 'claude-sonnet-4-5', max_tokens: 100, messages: [{ role: 'user', content: 'Rivers?' }] },
    headers: { 'x-sim-options': 'input=50; cached=10; cacheWrite=5' },
  },
  {
    path: '/v1/chat/completions',
    body: { model: 'typesafe/jev-router', messages: [{ role: 'user', content: 'Rivers?' }] },
    headers: { 'x-sim-options': 'input=50; output=40; audio=10; image=10' },
  },
  {
    path: '/v1/responses',
    body: { model: 'openai/gpt-5-1', input: 'Rivers?', previous_response_id: 'resp_1' },
  },
  { path: '/threads/thread_1/runs', body: { assistant_id: 'asst_1' } },
  {
    path: '/v1/embeddings',
    body: { model: 'text-embedding-3-small', input: 'river', dimensions: 8, encoding_format: 'float' },
  },
]

let simulator: Simulator
let instrumentation: AimlapiInstrumentation

beforeEach(async () => {
  simulator = await startSimulator({ seed: 'tables', behaviour: { chunks: 20, paceMs: 5 } })
})
afterEach(async () => {
  delete process.env['OTEL_SEMCONV_STABILITY_OPT_IN']
  await instrumentation.shutdown()
  await simulator.close()
})

async function collectSpans(): Promise<ReadableSpan[]> {
  const exporter = new InMemorySpanExporter()
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
  instrumentation = new AimlapiInstrumentation({
    enabled: false,
    apiKey: DEFAULT_KEY,
    baseUrls: simulator.url,
    balance: false,
    settlement: false,
  })
  instrumentation.setTracerProvider(provider)
  instrumentation.enable()
  for (const call of CALLS) await withSpendTags({ team: 'search' }, () => send(call))
  await failJob()
  await talk({ url: simulator.url, key: DEFAULT_KEY, model: 'openai/gpt-realtime-2.1', turns: 1 })
  await instrumentation.forceFlush()
  return exporter.getFinishedSpans()
}

async function send({ path, body, headers, broken = false }: Sent): Promise<void> {
  const response = await fetch(simulator.url + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${DEFAULT_KEY}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  if (!broken) return void (await response.text())
  const reader = response.body?.getReader()
  await reader?.read()
  await reader?.cancel()
}

/** A job whose credits were counted, and given back. */
async function failJob(): Promise<void> {
  const url = `${simulator.url}/v2/video/generations`
  const headers = {
    authorization: `Bearer ${DEFAULT_KEY}`,
    'content-type': 'application/json',
    'x-sim-options': 'outcome=error; polls=1; report=create',
  }
  const body = JSON.stringify({ model: 'alibaba/wan-2-6-t2v', prompt: 'A river' })
  const created = (await (await fetch(url, { method: 'POST', headers, body })).json()) as { id: string }
  for (let poll = 0; poll < 3; poll++)
    await (await fetch(`${url}?generation_id=${encodeURIComponent(created.id)}`, { headers })).text()
}

function namesOf(spans: readonly ReadableSpan[]): string[] {
  const names = spans.flatMap(({ attributes }) => Object.keys(attributes))
  return [
    ...new Set(names.map((name) => (name.startsWith(TAG_PREFIX) ? `${TAG_PREFIX}<name>` : name))),
  ].sort()
}

describe('the table of span attributes in the README', () => {
  const table = SPAN_ATTRIBUTES.flatMap(({ names }) => names)

  it('has exactly what spans have', async () => {
    expect(namesOf(await collectSpans())).toEqual(table.filter((name) => !LATEST_ONLY.has(name)).sort())
  })

  it('has exactly what spans have with the rewritten conventions', async () => {
    process.env['OTEL_SEMCONV_STABILITY_OPT_IN'] = 'gen_ai_latest_experimental'
    expect(namesOf(await collectSpans())).toEqual(table.filter((name) => !OLD_ONLY.has(name)).sort())
  })
})
