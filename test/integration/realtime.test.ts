import { context, diag, DiagLogLevel, SpanStatusCode } from '@opentelemetry/api'
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { AimlapiInstrumentation } from '../../src/instrumentation.ts'
import type { CallRecord } from '../../src/types.ts'
import { DEFAULT_KEY, startSimulator, type Simulator } from '../simulator/index.ts'
import type { RealtimeCompression } from '../simulator/realtime/upgrade.ts'
import { installContextManager, recordMetrics, recordSpans } from '../unit/telemetry/recording.ts'
import { talk, type Talk } from './realtime-support/agent.ts'

const MODELS = [
  'openai/gpt-realtime-2.1',
  'openai/gpt-realtime-2.1-mini',
  'x-ai/grok-voice-think-fast-2.0',
  'google/gemini-3.8-live',
] as const
const SETTLEMENT = { enabled: true, intervalMs: 100 }

let simulator: Simulator
let instrumentation: AimlapiInstrumentation
let metrics: ReturnType<typeof recordMetrics>
let traces: ReturnType<typeof recordSpans>
let records: CallRecord[]
let said: string[]

async function start(settlement = false, realtimeCompression: RealtimeCompression = 'none'): Promise<void> {
  simulator = await startSimulator({ seed: 'realtime', realtimeCompression })
  installContextManager()
  said = []
  const say = (...words: unknown[]): void => void said.push(JSON.stringify(words))
  diag.setLogger(
    { error: say, warn: say, info: say, debug: say, verbose: say },
    { logLevel: DiagLogLevel.ALL, suppressOverrideMessage: true },
  )
  instrumentation = new AimlapiInstrumentation({
    enabled: false,
    apiKey: DEFAULT_KEY,
    baseUrls: simulator.url,
    balance: false,
    settlement: settlement ? SETTLEMENT : false,
    onCall: (record) => records.push(record),
  })
  instrumentation.setTracerProvider(traces.provider)
  instrumentation.setMeterProvider(metrics.provider)
  instrumentation.enable()
}

beforeEach(() => {
  metrics = recordMetrics()
  traces = recordSpans()
  records = []
})
afterEach(async () => {
  await instrumentation.shutdown()
  await simulator.close()
  context.disable()
  diag.disable()
})

const speak = (model: string, turns = 3, more: Partial<Talk> = {}) =>
  talk({ url: simulator.url, key: DEFAULT_KEY, model, turns, ...more })

async function sum(name: string, attributes: Record<string, unknown> = {}): Promise<number> {
  const points = await metrics.points(name)
  return points
    .filter((point) => Object.entries(attributes).every(([key, value]) => point.attributes[key] === value))
    .reduce((total, { value }) => total + value, 0)
}

const sessionSpans = (): ReadableSpan[] => traces.spans().filter(({ name }) => /^realtime(?: |$)/.test(name))
const responseSpans = (): ReadableSpan[] =>
  traces.spans().filter(({ name }) => name.startsWith('realtime_inference'))

describe.each(MODELS)('a session with %s', (model) => {
  test.each(['none', 'context-takeover', 'no-context-takeover'] as const)(
    'counts the tokens that were charged, compression %s',
    async (compression) => {
      await start(false, compression)
      const { closeCode } = await speak(model)
      await simulator.idle()
      const ledger = simulator.ledger.sum({ endpoint: 'realtime' })
      expect(closeCode).toBe(1000)
      expect(ledger.entries).toBe(1)
      expect(await sum('aimlapi.tokens', { 'gen_ai.token.type': 'input' })).toBe(ledger.inputTokens)
      expect(await sum('aimlapi.tokens', { 'gen_ai.token.type': 'output' })).toBe(ledger.outputTokens)
      expect(
        await sum('aimlapi.requests', { 'aimlapi.endpoint': 'realtime', 'gen_ai.request.model': model }),
      ).toBe(1)
      expect(await sum('aimlapi.session.duration.seconds')).toBeGreaterThan(0)
    },
  )

  test('is a span with a child for each response', async () => {
    await start()
    await speak(model)
    await simulator.idle()
    const [session] = sessionSpans()
    expect(session?.name).toBe(`realtime ${model}`)
    expect(session?.attributes).toMatchObject({
      'gen_ai.operation.name': 'realtime',
      'gen_ai.conversation.id': expect.any(String),
      'http.response.status_code': 101,
      'aimlapi.session.close_code': 1000,
    })
    const children = responseSpans()
    expect(children).toHaveLength(3)
    for (const child of children) {
      expect(child.parentSpanContext?.spanId).toBe(session?.spanContext().spanId)
      expect(child.attributes).toMatchObject({
        'gen_ai.response.finish_reasons': ['completed'],
        'gen_ai.output.type': 'speech',
        'gen_ai.conversation.id': session?.attributes['gen_ai.conversation.id'],
        'gen_ai.usage.input_tokens': expect.any(Number),
      })
    }
    const durations = (await metrics.points('gen_ai.client.operation.duration')).filter(
      ({ attributes }) => attributes['gen_ai.operation.name'] === 'realtime',
    )
    expect(durations.reduce((count, point) => count + (point.count ?? 0), 0)).toBe(3)
  })

  test('costs what the ledger says, once it has been settled', async () => {
    await start(true)
    await Promise.all([speak(model, 1), speak(model, 2), speak(model, 4)])
    await simulator.idle()
    const { credits } = simulator.ledger.sum({ endpoint: 'realtime' })
    await vi.waitFor(async () => expect(await sum('aimlapi.credits.used')).toBe(credits), 10_000)
    expect(await sum('aimlapi.usage.missing')).toBe(0)
    const told = records.reduce((total, { usage }) => total + (usage?.credits ?? 0), 0)
    expect(told).toBe(credits)
  })

  test('that breaks in the middle of a frame is settled to the token', async () => {
    await start(true)
    await speak(model, 2, { headers: { 'x-sim-fault': 'breakAt=1.5' } })
    await simulator.idle()
    const ledger = simulator.ledger.sum({ endpoint: 'realtime' })
    await vi.waitFor(async () => expect(await sum('aimlapi.credits.used')).toBe(ledger.credits), 10_000)
    expect(await sum('aimlapi.tokens')).toBe(ledger.inputTokens + ledger.outputTokens)
    expect(records[0]).toMatchObject({ errorType: 'ECONNRESET', pending: true })
    expect(sessionSpans()[0]?.status.code).toBe(SpanStatusCode.ERROR)
  })

  test('leaves nothing of its content anywhere', async () => {
    await start(true)
    await speak(model)
    await speak(model, 1, { headers: { 'x-sim-fault': 'status=403' } })
    await simulator.idle()
    await vi.waitFor(() => expect(records.some(({ pending }) => pending)).toBe(!model.endsWith('-mini')))
    const shown = JSON.stringify([
      records,
      said,
      await metrics.points(),
      traces
        .spans()
        .map(({ name, attributes, events, links, status }) => ({ name, attributes, events, links, status })),
    ])
    expect(shown).not.toMatch(/canary|access_token/)
    expect(shown).not.toContain(DEFAULT_KEY)
  })
})

test('the tokens of a session are there while it lasts', async () => {
  await start()
  let during = 0
  const talked = talk({
    url: simulator.url,
    key: DEFAULT_KEY,
    model: MODELS[0],
    turns: 2,
    headers: { 'x-sim-options': 'paceMs=5' },
  })
  await vi.waitFor(async () => {
    during = await sum('aimlapi.tokens')
    expect(during).toBeGreaterThan(0)
  }, 10_000)
  expect(records).toEqual([])
  await talked
  await vi.waitFor(() => expect(records).toHaveLength(1))
  expect(await sum('aimlapi.tokens')).toBeGreaterThan(during)
})

test('a handshake that is refused is a request with its status', async () => {
  await start()
  await speak(MODELS[0], 1, { headers: { 'x-sim-fault': 'status=429' } })
  await vi.waitFor(() => expect(records).toHaveLength(1))
  expect(records[0]).toMatchObject({ httpStatus: 429, errorType: '429', endpoint: 'realtime' })
  expect(await sum('aimlapi.requests', { 'error.type': '429' })).toBe(1)
  expect(await sum('aimlapi.usage.missing')).toBe(0)
})

test('other WebSockets of the process are not observed', async () => {
  await start()
  const other = await startSimulator()
  await talk({ url: other.url, key: DEFAULT_KEY, model: MODELS[0], turns: 1 })
  await other.close()
  expect(records).toEqual([])
  expect(await sum('aimlapi.requests')).toBe(0)
})
