import { context, SpanKind, SpanStatusCode, trace, TraceFlags } from '@opentelemetry/api'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createCallSink } from '../../../src/telemetry/call-sink.ts'
import type { CallRecord } from '../../../src/types.ts'
import { RECORD, START } from './calls.ts'
import { installContextManager, recordMetrics, recordSpans, toMilliseconds } from './recording.ts'

function openSink(latestConventions = false) {
  const { tracer, spans } = recordSpans()
  const { meter } = recordMetrics()
  const config = { metricTags: [], maxModels: 200, maxTagValues: 100, latestConventions }
  const finished = () => {
    const [span] = spans()
    if (span === undefined) throw new Error('no span has ended')
    return span
  }
  return { sink: createCallSink(() => tracer, meter, config), spans, finished, tracer }
}

beforeEach(installContextManager)
afterEach(() => context.disable())

describe('the span of a call', () => {
  it('is a CLIENT span that lasts exactly as long as the call did', () => {
    const { sink, finished } = openSink()
    sink.start(START, sink.caller()).finish({ ...RECORD, durationMs: 1234.5 })
    expect(finished().kind).toBe(SpanKind.CLIENT)
    expect(toMilliseconds(finished().startTime)).toBeCloseTo(START.startTimeMs, 3)
    expect(toMilliseconds(finished().endTime)).toBeCloseTo(START.startTimeMs + 1234.5, 3)
    expect(finished().status).toEqual({ code: SpanStatusCode.UNSET })
  })

  it.each(['http.request.method', 'http.method'])(
    'is the sibling of an HTTP client span (%s) that is active already',
    (attribute) => {
      const { sink, spans, tracer } = openSink()
      tracer.startActiveSpan('app', (app) => {
        const http = { kind: SpanKind.CLIENT, attributes: { [attribute]: 'POST' } }
        tracer.startActiveSpan('POST', http, () => sink.start(START, sink.caller()).finish(RECORD))
        expect(spans()[0]?.parentSpanContext?.spanId).toBe(app.spanContext().spanId)
      })
    },
  )

  it.each([
    ['an HTTP client span without a parent', SpanKind.CLIENT, { 'http.request.method': 'POST' }, false],
    ['a client span that is not of HTTP', SpanKind.CLIENT, { 'gen_ai.operation.name': 'chat' }, true],
    ['a server span', SpanKind.SERVER, { 'http.request.method': 'POST' }, true],
  ] as const)('is the child of %s', (_what, kind, attributes, hasParent) => {
    const { sink, spans, tracer } = openSink()
    const inside = (): void => {
      tracer.startActiveSpan('parent', { kind, attributes }, (parent) => {
        sink.start(START, sink.caller()).finish(RECORD)
        expect(spans()[0]?.parentSpanContext?.spanId).toBe(parent.spanContext().spanId)
      })
    }
    if (hasParent) tracer.startActiveSpan('app', inside)
    else inside()
  })

  it('is named after operation and model', () => {
    const { sink, finished } = openSink()
    sink.start(START, sink.caller()).finish(RECORD)
    expect(finished().name).toBe('chat openai/gpt-5')
  })

  it('is named after the operation alone while the model is unknown', () => {
    const { sink, finished } = openSink()
    const { requestModel: _, ...unnamed } = RECORD
    sink.start(START, sink.caller()).finish(unnamed)
    expect(finished().name).toBe('chat')
  })

  it('takes the operation that the model revealed', () => {
    const { sink, finished } = openSink()
    sink
      .start({ ...START, operation: 'image_generation', endpoint: 'image' }, sink.caller())
      .finish({ ...RECORD, operation: '3d_generation', endpoint: '3d', requestModel: 'triposr' })
    expect(finished().name).toBe('3d_generation triposr')
    expect(finished().attributes).toMatchObject({
      'gen_ai.operation.name': '3d_generation',
      'aimlapi.endpoint': '3d',
    })
  })

  it('has every attribute that the conventions and this library want of a call', () => {
    const { sink, finished } = openSink()
    const record: CallRecord = {
      ...RECORD,
      tags: { team: 'search' },
      stream: true,
      timeToFirstChunkMs: 320,
      parameters: {
        maxTokens: 100,
        temperature: 0.2,
        topP: 0.9,
        topK: 40,
        frequencyPenalty: 0.1,
        presencePenalty: 0.3,
        seed: 7,
        choiceCount: 2,
        stopSequences: ['END'],
        reasoningLevel: 'low',
        outputType: 'text',
      },
      retryCount: 1,
      inferenceId: 'V1StGXR8Z5jdHi6BmyT8k',
      clientRequestId: 'order-17',
      responseId: 'chatcmpl-1',
      conversationId: 'thread_1',
      responseModel: 'gpt-5-2026',
      finishReasons: ['stop'],
      usage: {
        inputTokens: 100,
        outputTokens: 50,
        details: { cache_read: 40, cache_write: 10, reasoning: 30 },
        credits: 2000,
        usd: 0.001,
      },
    }
    sink.start({ ...START, tags: { team: 'search' } }, sink.caller()).finish(record)
    expect(finished().attributes).toEqual({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'aimlapi',
      'gen_ai.request.model': 'openai/gpt-5',
      'gen_ai.request.stream': true,
      'gen_ai.request.max_tokens': 100,
      'gen_ai.request.temperature': 0.2,
      'gen_ai.request.top_p': 0.9,
      'gen_ai.request.top_k': 40,
      'gen_ai.request.frequency_penalty': 0.1,
      'gen_ai.request.presence_penalty': 0.3,
      'gen_ai.request.seed': 7,
      'gen_ai.request.choice.count': 2,
      'gen_ai.request.stop_sequences': ['END'],
      'gen_ai.request.reasoning.level': 'low',
      'gen_ai.output.type': 'text',
      'gen_ai.response.id': 'chatcmpl-1',
      'gen_ai.conversation.id': 'thread_1',
      'gen_ai.response.model': 'gpt-5-2026',
      'gen_ai.response.finish_reasons': ['stop'],
      'gen_ai.response.time_to_first_chunk': 0.32,
      'gen_ai.usage.input_tokens': 100,
      'gen_ai.usage.output_tokens': 50,
      'gen_ai.usage.cache_read.input_tokens': 40,
      'gen_ai.usage.cache_creation.input_tokens': 10,
      'gen_ai.usage.reasoning.output_tokens': 30,
      'server.address': 'api.aimlapi.com',
      'server.port': 443,
      'http.response.status_code': 200,
      'http.request.resend_count': 1,
      'aimlapi.endpoint': 'chat',
      'aimlapi.account': 'default',
      'aimlapi.tag.team': 'search',
      'aimlapi.inference.id': 'V1StGXR8Z5jdHi6BmyT8k',
      'aimlapi.client_request_id': 'order-17',
      'aimlapi.credits.used': 2000,
      'aimlapi.cost.usd': 0.001,
      'aimlapi.usage.source': 'response',
    })
  })

  it('does not call a first attempt a resend', () => {
    const { sink, finished } = openSink()
    sink.start(START, sink.caller()).finish({ ...RECORD, retryCount: 0 })
    expect(finished().attributes).not.toHaveProperty(['http.request.resend_count'])
  })

  it('carries the cost by its proposed names, and the newer cache name, with the rewritten conventions only', () => {
    const { sink, finished } = openSink(true)
    sink
      .start(START, sink.caller())
      .finish({ ...RECORD, usage: { details: { cache_write: 10 }, credits: 2000, usd: 0.001 } })
    expect(finished().attributes).toMatchObject({
      'gen_ai.usage.cost.amount': 0.001,
      'gen_ai.usage.cost.currency': 'USD',
      'gen_ai.usage.cost.source': 'provider',
      'gen_ai.usage.cache_write.input_tokens': 10,
    })
    expect(finished().attributes).not.toHaveProperty(['gen_ai.usage.cache_creation.input_tokens'])
  })

  it('has attributes of the rewritten conventions only with them', () => {
    const record: CallRecord = {
      ...RECORD,
      parameters: { previousResponseId: 'resp_0' },
      usage: {
        inputTokens: 100,
        outputTokens: 50,
        details: { input_image: 60, output_audio: 20, cache_read: 0, cache_write: 0, reasoning: 0 },
      },
    }
    const latest = {
      'gen_ai.request.previous_response.id': 'resp_0',
      'gen_ai.usage.text.input_tokens': 40,
      'gen_ai.usage.image.input_tokens': 60,
      'gen_ai.usage.text.output_tokens': 30,
      'gen_ai.usage.audio.output_tokens': 20,
    }
    const newer = openSink(true)
    newer.sink.start(START, newer.sink.caller()).finish(record)
    expect(newer.finished().attributes).toMatchObject(latest)
    for (const part of ['cache_read.input', 'cache_write.input', 'reasoning.output'])
      expect(newer.finished().attributes).not.toHaveProperty([`gen_ai.usage.${part}_tokens`])

    const older = openSink()
    older.sink.start(START, older.sink.caller()).finish(record)
    for (const name of Object.keys(latest)) expect(older.finished().attributes).not.toHaveProperty([name])
    expect(older.finished().attributes).toMatchObject({ 'gen_ai.usage.cache_read.input_tokens': 0 })
  })

  it('of a stream that was cut off ended in an error, by the rewritten conventions', () => {
    const cutOff: CallRecord = { ...RECORD, stream: true, errorType: 'aborted' }
    for (const [latest, record, reasons] of [
      [true, cutOff, ['error']],
      [true, { ...cutOff, finishReasons: ['stop'] }, ['stop']],
      [
        true,
        { ...cutOff, finishReasons: ['stop'], parameters: { choiceCount: 3 } },
        ['stop', 'error', 'error'],
      ],
      [true, { ...RECORD, stream: true, parameters: { choiceCount: 3 } }, undefined],
      [true, { ...cutOff, stream: false }, undefined],
      [false, cutOff, undefined],
    ] as const) {
      const { sink, finished } = openSink(latest)
      sink.start(START, sink.caller()).finish(record)
      expect(finished().attributes['gen_ai.response.finish_reasons']).toEqual(reasons)
    }
  })

  it('has the provider of the model, if it is a word', () => {
    for (const [provider, shown] of [
      ['openai', 'openai'],
      ['two words', undefined],
    ] as const) {
      const { sink, finished } = openSink()
      sink.start(START, sink.caller()).finish({ ...RECORD, provider })
      expect(finished().attributes['aimlapi.provider']).toBe(shown)
    }
  })

  it('is an error with its type, and without any message', () => {
    const { sink, finished } = openSink()
    sink.start(START, sink.caller()).finish({ ...RECORD, httpStatus: 500, errorType: '500' })
    expect(finished().status).toEqual({ code: SpanStatusCode.ERROR })
    expect(finished().attributes['error.type']).toBe('500')
    expect(finished().events).toEqual([])
  })

  it('shows usage that is missing for good', () => {
    const { sink, finished } = openSink()
    sink.start(START, sink.caller()).finish({ ...RECORD, missing: 'aborted' })
    expect(finished().attributes).toMatchObject({
      'aimlapi.usage.missing': 'aborted',
    })
  })

  it('does not show as a model what cannot be one', () => {
    const { sink, finished } = openSink()
    sink.start(START, sink.caller()).finish({ ...RECORD, requestModel: 'Dear assistant, my password is' })
    expect(finished().name).toBe('chat other')
    expect(JSON.stringify(finished().attributes)).not.toContain('password')
  })

  it('is the active span inside within, and the child of what was active outside', () => {
    const { sink, spans, tracer } = openSink()
    const outer = tracer.startSpan('outer')
    context.with(trace.setSpan(context.active(), outer), () => {
      const call = sink.start(START, sink.caller())
      let inside: string | undefined
      call.within(() => (inside = trace.getActiveSpan()?.spanContext().spanId))
      expect(inside).toBe(call.spanContext?.spanId)
      expect(trace.getActiveSpan()).toBe(outer)
      call.finish(RECORD)
    })
    expect(spans()[0]?.parentSpanContext?.spanId).toBe(outer.spanContext().spanId)
  })

  it('links a poll to the call that created the job', () => {
    const { sink, finished } = openSink()
    const create = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: TraceFlags.SAMPLED }
    sink.start(START, sink.caller()).finish({ ...RECORD, operation: 'fetch_response' }, create)
    expect(finished().links.map((link) => link.context)).toEqual([create])
  })
})

describe('the span of a settlement', () => {
  it('is a root span linked to the call, with the figures of the log', () => {
    const { sink, finished, tracer } = openSink()
    const call = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: TraceFlags.SAMPLED }
    context.with(trace.setSpan(context.active(), tracer.startSpan('unrelated')), () =>
      sink.settled(
        { ...RECORD, tags: { team: 'search' } },
        { outputTokens: 9, credits: 5, usd: 0.1 },
        'inf-1',
        call,
      ),
    )
    expect(finished().name).toBe('settle openai/gpt-5')
    expect(finished().parentSpanContext).toBeUndefined()
    expect(finished().links.map((link) => link.context)).toEqual([call])
    expect(finished().attributes).toMatchObject({
      'gen_ai.operation.name': 'settle',
      'gen_ai.usage.output_tokens': 9,
      'aimlapi.usage.source': 'ledger',
      'aimlapi.credits.used': 5,
      'aimlapi.inference.id': 'inf-1',
      'aimlapi.tag.team': 'search',
    })
  })
})
