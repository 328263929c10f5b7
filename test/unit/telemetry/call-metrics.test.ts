import { describe, expect, it } from 'vitest'
import { ProxyTracerProvider } from '@opentelemetry/api'
import { createCallSink } from '../../../src/telemetry/call-sink.ts'
import type { UsageIdentity } from '../../../src/ports.ts'
import type { CallRecord } from '../../../src/types.ts'
import { RECORD, START } from './calls.ts'
import { recordMetrics } from './recording.ts'

const CONFIG = { metricTags: [] as string[], maxModels: 200, maxTagValues: 100, latestConventions: false }

function openSink(config: Partial<typeof CONFIG> = {}) {
  const { meter, points } = recordMetrics()
  const tracer = new ProxyTracerProvider().getTracer('none')
  const sink = createCallSink(() => tracer, meter, { ...CONFIG, ...config })
  const flushed = (name?: string) => {
    sink.flush()
    return points(name)
  }
  return { sink, points: flushed }
}

const C = {
  'gen_ai.operation.name': 'chat',
  'gen_ai.request.model': 'openai/gpt-5',
  'aimlapi.endpoint': 'chat',
  'aimlapi.account': 'default',
}

describe('own metrics of calls', () => {
  it('count every finished call once, with its error when it failed', async () => {
    const { sink, points } = openSink()
    sink.start(START, sink.caller()).finish(RECORD)
    sink.start(START, sink.caller()).finish(RECORD)
    sink.start(START, sink.caller()).finish({ ...RECORD, httpStatus: 429, errorType: '429' })
    expect(await points('aimlapi.requests')).toEqual([
      { name: 'aimlapi.requests', unit: '{request}', attributes: C, value: 2 },
      { name: 'aimlapi.requests', unit: '{request}', attributes: { ...C, 'error.type': '429' }, value: 1 },
    ])
  })

  it('split credits, cost and tokens of a routed call by the model that was chosen, within the cap of models', async () => {
    const { sink, points } = openSink({ maxModels: 2 })
    const usage = { inputTokens: 1, details: { cache_read: 1 }, credits: 10, usd: 0.000005 }
    for (const routedModel of ['openai/a', 'openai/b', 'openai/c'])
      sink.usage({ ...RECORD, routedModel }, usage, 'response')
    sink.usage(RECORD, usage, 'response')
    sink.start(START, sink.caller()).finish({ ...RECORD, routedModel: 'openai/a' })
    for (const name of [
      'aimlapi.tokens',
      'aimlapi.tokens.details',
      'aimlapi.credits.used',
      'aimlapi.cost.usd',
    ]) {
      const models = (await points(name)).map(({ attributes }) => attributes['aimlapi.routed.model'])
      expect(models).toEqual(['openai/a', 'openai/b', 'other', undefined])
    }
    expect((await points('aimlapi.requests'))[0]?.attributes).toEqual(C)
  })

  it('count tokens, details, credits, dollars and units with their source', async () => {
    const { sink, points } = openSink()
    sink.usage(
      RECORD,
      {
        inputTokens: 10,
        outputTokens: 4,
        details: { cache_read: 6, reasoning: 3 },
        credits: 2000,
        usd: 0.001,
        units: { image: 2 },
      },
      'response',
    )
    sink.usage(RECORD, { outputTokens: 5, credits: 40, usd: 0.00002 }, 'ledger')
    const seen = (await points())
      .filter(({ name }) => name.startsWith('aimlapi.'))
      .map(({ name, attributes, value }) => {
        const own = Object.entries(attributes).filter(([key]) => !(key in C))
        return [name, Object.fromEntries(own), value]
      })
    const response = { 'aimlapi.usage.source': 'response' }
    const ledger = { 'aimlapi.usage.source': 'ledger' }
    expect(seen).toEqual([
      ['aimlapi.tokens', { ...response, 'gen_ai.token.type': 'input' }, 10],
      ['aimlapi.tokens', { ...response, 'gen_ai.token.type': 'output' }, 4],
      ['aimlapi.tokens', { ...ledger, 'gen_ai.token.type': 'output' }, 5],
      ['aimlapi.tokens.details', { ...response, 'aimlapi.token.detail': 'cache_read' }, 6],
      ['aimlapi.tokens.details', { ...response, 'aimlapi.token.detail': 'reasoning' }, 3],
      ['aimlapi.credits.used', response, 2000],
      ['aimlapi.credits.used', ledger, 40],
      ['aimlapi.cost.usd', response, 0.001],
      ['aimlapi.cost.usd', ledger, 0.00002],
      ['aimlapi.units', { 'aimlapi.unit': 'image' }, 2],
    ])
  })

  it('count missing usage by reason, and refunds', async () => {
    const { sink, points } = openSink()
    sink.missing(RECORD, 'aborted')
    sink.refunded(RECORD, 700)
    expect((await points('aimlapi.usage.missing'))[0]).toMatchObject({
      attributes: { ...C, reason: 'aborted' },
      value: 1,
    })
    expect((await points('aimlapi.credits.refunded'))[0]).toMatchObject({ attributes: C, value: 700 })
  })

  it('have no model label while the model is unknown', async () => {
    const { sink, points } = openSink()
    const { requestModel: _, ...unnamed } = RECORD
    sink.start(START, sink.caller()).finish(unnamed)
    expect((await points('aimlapi.requests'))[0]?.attributes).not.toHaveProperty(['gen_ai.request.model'])
  })

  it('carry allow-listed spend tags only, and an empty tag like a missing one', async () => {
    const { sink, points } = openSink({ metricTags: ['team', 'feature'] })
    sink.missing({ ...RECORD, tags: { team: 'search', user: 'u-1', feature: '  ' } }, 'absent')
    sink.missing({ ...RECORD, tags: { team: 'search' } }, 'absent')
    expect(await points('aimlapi.usage.missing')).toMatchObject([
      { attributes: { ...C, 'aimlapi.tag.team': 'search', reason: 'absent' }, value: 2 },
    ])
  })

  it('count models past the cap under "other" without losing a call', async () => {
    const { sink, points } = openSink({ maxModels: 2 })
    for (const requestModel of ['a', 'b', 'c', 'd', 'a']) sink.missing({ ...RECORD, requestModel }, 'absent')
    const byModel = (await points('aimlapi.usage.missing')).map(({ attributes, value }) => [
      attributes['gen_ai.request.model'],
      value,
    ])
    expect(byModel).toEqual([
      ['a', 2],
      ['b', 1],
      ['other', 2],
    ])
  })

  it('count tag values past the cap under "other", each tag for itself', async () => {
    const { sink, points } = openSink({ metricTags: ['team', 'plan'], maxTagValues: 1 })
    for (const team of ['x', 'y', 'z']) sink.missing({ ...RECORD, tags: { team, plan: 'free' } }, 'absent')
    const byTag = (await points('aimlapi.usage.missing')).map(({ attributes, value }) => [
      attributes['aimlapi.tag.team'],
      attributes['aimlapi.tag.plan'],
      value,
    ])
    expect(byTag).toEqual([
      ['x', 'free', 1],
      ['other', 'free', 2],
    ])
  })

  it('keep counting under the same labels when far more label sets than the cache holds have passed', async () => {
    const { sink, points } = openSink({ maxModels: 1 })
    sink.missing(RECORD, 'absent')
    for (let i = 0; i < 5000; i++) sink.missing({ ...RECORD, requestModel: `junk-${i}` }, 'absent')
    sink.missing(RECORD, 'absent')
    const values = (await points('aimlapi.usage.missing')).map(({ value }) => value)
    expect(values).toEqual([2, 5000])
  })

  it('go to the new meter after it was exchanged', async () => {
    const { sink, points } = openSink()
    const later = recordMetrics()
    sink.setMeter(later.meter)
    sink.start(START, sink.caller()).finish(RECORD)
    expect(await points('aimlapi.requests')).toEqual([])
    expect(await later.points('aimlapi.requests')).toMatchObject([{ value: 1 }])
  })
})

describe('GenAI metrics of the conventions 1.41', () => {
  const GEN_AI = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'aimlapi',
    'gen_ai.request.model': 'openai/gpt-5',
    'gen_ai.response.model': 'gpt-5-2026',
    'server.address': 'api.aimlapi.com',
    'server.port': 443,
  }
  const record: CallRecord = { ...RECORD, responseModel: 'gpt-5-2026' }

  it('record duration in seconds with the advised buckets, and the error', async () => {
    const { sink, points } = openSink()
    sink.start(START, sink.caller()).finish({ ...record, errorType: 'ECONNRESET' })
    expect(await points('gen_ai.client.operation.duration')).toMatchObject([
      { unit: 's', value: 1.5, count: 1, attributes: { ...GEN_AI, 'error.type': 'ECONNRESET' } },
    ])
    const [point] = await points('gen_ai.client.operation.duration')
    expect(point?.boundaries).toEqual([
      0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
    ])
  })

  it('record token usage by type, where it was counted', async () => {
    const { sink, points } = openSink()
    sink.start(START, sink.caller()).finish(record)
    expect(await points('gen_ai.client.token.usage')).toEqual([])
    sink.usage(record, { inputTokens: 12, outputTokens: 30 }, 'response')
    expect(await points('gen_ai.client.token.usage')).toMatchObject([
      { value: 12, attributes: { ...GEN_AI, 'gen_ai.token.type': 'input' } },
      { value: 30, attributes: { ...GEN_AI, 'gen_ai.token.type': 'output' } },
    ])
  })

  it('record no token usage for a stored response that is read', async () => {
    const { sink, points } = openSink()
    sink.usage({ ...record, operation: 'fetch_response' }, { inputTokens: 12, outputTokens: 30 }, 'response')
    expect(await points('gen_ai.client.token.usage')).toEqual([])
    expect(await points('aimlapi.tokens')).toHaveLength(2)
  })

  it('record the time to the first chunk and between chunks of a stream', async () => {
    const { sink, points } = openSink()
    const call = sink.start(START, sink.caller())
    sink.chunkIntervals({ ...START, requestModel: 'openai/gpt-5' }, [20, 40])
    call.finish({ ...record, stream: true, timeToFirstChunkMs: 250 })
    expect(await points('gen_ai.client.operation.time_to_first_chunk')).toMatchObject([
      { value: 0.25, attributes: GEN_AI },
    ])
    const [interval] = await points('gen_ai.client.operation.time_per_output_chunk')
    const { 'gen_ai.response.model': _, ...known } = GEN_AI
    expect(interval).toMatchObject({ count: 2, attributes: known })
    expect(interval?.attributes).toEqual(known)
  })

  it('show what cannot be an error code as _OTHER', async () => {
    const { sink, points } = openSink()
    sink.start(START, sink.caller()).finish({ ...record, errorType: 'the prompt was: tell me' })
    const [point] = await points('gen_ai.client.operation.duration')
    expect(point?.attributes['error.type']).toBe('_OTHER')
  })
})

const names = async (points: () => Promise<{ name: string }[]>) =>
  [...new Set((await points()).map(({ name }) => name).filter((name) => name.startsWith('gen_ai.')))].sort()

describe('rewritten GenAI metrics', () => {
  it('replace the older names for inference', async () => {
    const { sink, points } = openSink({ latestConventions: true })
    const call = sink.start(START, sink.caller())
    sink.chunkIntervals({ ...START, requestModel: 'openai/gpt-5' }, [5])
    sink.usage(
      RECORD,
      { inputTokens: 100, outputTokens: 50, details: { cache_read: 40, cache_write: 10, reasoning: 30 } },
      'response',
    )
    call.finish({
      ...RECORD,
      stream: true,
      timeToFirstChunkMs: 3,
      usage: { inputTokens: 100, outputTokens: 50 },
    })
    expect(await names(points)).toEqual([
      'gen_ai.client.inference.duration',
      'gen_ai.client.inference.operation.input_tokens',
      'gen_ai.client.inference.operation.output_tokens',
      'gen_ai.client.inference.time_per_output_chunk',
      'gen_ai.client.inference.time_to_first_chunk',
      'gen_ai.client.inference.usage.cache_read.input_tokens',
      'gen_ai.client.inference.usage.cache_write.input_tokens',
      'gen_ai.client.inference.usage.input_tokens',
      'gen_ai.client.inference.usage.output_tokens',
      'gen_ai.client.inference.usage.reasoning.output_tokens',
    ])
  })

  it('split tokens by modality, what is left over being text', async () => {
    const { sink, points } = openSink({ latestConventions: true })
    sink.usage(RECORD, { inputTokens: 100, details: { input_audio: 30, input_image: 10 } }, 'response')
    const split = (await points('gen_ai.client.inference.usage.input_tokens')).map(
      ({ attributes, value }) => [attributes['gen_ai.token.modality'], value],
    )
    expect(Object.fromEntries(split)).toEqual({ image: 10, audio: 30, text: 60 })
  })

  it('say "unknown" with 0 when no usage arrived', async () => {
    const { sink, points } = openSink({ latestConventions: true })
    sink.start(START, sink.caller()).finish({ ...RECORD, errorType: '500', httpStatus: 500 })
    expect(await points('gen_ai.client.inference.usage.input_tokens')).toMatchObject([
      { value: 0, attributes: { 'gen_ai.token.modality': 'unknown' } },
    ])
  })

  it('leave embeddings and retrievals under operation.duration, and their tokens uncounted', async () => {
    const { sink, points } = openSink({ latestConventions: true })
    for (const operation of ['embeddings', 'fetch_response']) {
      const identity: UsageIdentity = { ...RECORD, operation }
      sink.usage(identity, { inputTokens: 5 }, 'response')
      sink.start(START, sink.caller()).finish({ ...RECORD, operation, usage: { inputTokens: 5 } })
    }
    expect(await names(points)).toEqual(['gen_ai.client.operation.duration'])
  })
})
