import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { GeminiInput, GeminiMessages } from '../../../src/api/realtime-gemini.ts'
import { OpenAiEvents, OpenAiInput } from '../../../src/api/realtime-openai.ts'
import { routeRealtime, type RealtimeEvent, type RealtimeReader } from '../../../src/api/realtime.ts'

type Reader = new (on: (event: RealtimeEvent) => void) => RealtimeReader

/** What a reader makes of messages, each given in pieces of so many bytes. */
function read(Reader: Reader, messages: readonly unknown[], pieceBytes = Infinity): RealtimeEvent[] {
  const events: RealtimeEvent[] = []
  const reader = new Reader((event) => events.push(event))
  for (const message of messages) {
    const bytes = Buffer.from(typeof message === 'string' ? message : JSON.stringify(message))
    if (reader.isDone || !reader.wants(bytes, 0, Math.min(256, bytes.length))) continue
    for (let from = 0; from < bytes.length; from += pieceBytes)
      reader.write(bytes, from, Math.min(bytes.length, from + pieceBytes))
    reader.finish()
  }
  return events
}

const kinds = (events: readonly RealtimeEvent[]): string[] => events.map(({ kind }) => kind)

describe('a handshake', () => {
  test.each([
    ['/v1/realtime?model=openai/gpt-realtime-2.1', 'openai', 'openai/gpt-realtime-2.1'],
    ['/v1/realtime?model=x-ai%2Fgrok-voice-latest&x=1', 'openai', 'x-ai/grok-voice-latest'],
    ['//v1//realtime/', 'openai', undefined],
    ['/realtime', 'openai', undefined],
    ['/openai/realtime?api-version=2024-10-01-preview&deployment=gpt-realtime', 'openai', 'gpt-realtime'],
    ['/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent', 'gemini', undefined],
    [
      '//ws/google.ai.generativelanguage.v1alpha.GenerativeService.BidiGenerateContent?key=',
      'gemini',
      undefined,
    ],
    [
      '/ws/google.ai.generativelanguage.v1alpha.GenerativeService.BidiGenerateContentConstrained?access_token=x',
      'gemini',
      undefined,
    ],
  ])('%s is one of %s', (path, protocol, model) => {
    expect(routeRealtime(path)).toEqual({ protocol, ...(model !== undefined && { model }) })
  })

  test.each([
    '/v1/chat/completions',
    '/v1/realtime/client_secrets',
    '/socket.io/?EIO=4',
    '/v1/notrealtime?',
    '/',
  ])('%s is none', (path) => {
    expect(routeRealtime(path)).toBeUndefined()
  })
})

const usage = {
  total_tokens: 253,
  input_tokens: 132,
  output_tokens: 121,
  input_token_details: {
    text_tokens: 119,
    audio_tokens: 13,
    image_tokens: 0,
    cached_tokens: 64,
    cached_tokens_details: { text_tokens: 64, audio_tokens: 0, image_tokens: 0 },
  },
  output_token_details: { text_tokens: 30, audio_tokens: 91 },
}
const done = {
  type: 'response.done',
  event_id: 'event_CCXLgMZPo3qioWCeQa4WH',
  response: {
    object: 'realtime.response',
    id: 'resp_CCXLbx3uRbPNTzgsVJsEO',
    status: 'completed',
    status_details: null,
    output: [
      {
        type: 'message',
        content: [{ type: 'output_audio', transcript: 'canary "usage": {"input_tokens": 9}' }],
      },
    ],
    usage,
    metadata: null,
  },
}
const tokens = {
  inputTokens: 132,
  outputTokens: 121,
  details: {
    cache_read: 64,
    input_audio: 13,
    input_image: 0,
    input_text: 119,
    output_audio: 91,
    output_text: 30,
  },
}

describe("OpenAI's events", () => {
  test('name the session and its model', () => {
    const session = {
      type: 'realtime',
      id: 'sess_C9CiUVUzUzYIssh3ELY1d',
      model: 'gpt-realtime-2.1',
      instructions: 'canary',
    }
    expect(read(OpenAiEvents, [{ type: 'session.created', event_id: 'e', session }])).toEqual([
      { kind: 'session', id: 'sess_C9CiUVUzUzYIssh3ELY1d', model: 'gpt-realtime-2.1' },
    ])
  })

  test('say what a response has used', () => {
    expect(
      read(OpenAiEvents, [{ type: 'response.created', response: { id: 'resp_1', usage: null } }, done]),
    ).toEqual([
      { kind: 'response_started', id: 'resp_1' },
      { kind: 'response_done', id: 'resp_CCXLbx3uRbPNTzgsVJsEO', status: 'completed', usage: tokens },
    ])
  })

  test('say the same whichever way they are split, and in whichever order their keys stand', () => {
    const messages = [done, { response: done.response, event_id: 'e', type: 'response.done' }]
    const [usual, other] = read(OpenAiEvents, messages)
    expect(other).toEqual(usual)
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), (pieceBytes) => {
        expect(read(OpenAiEvents, messages, pieceBytes)).toEqual([usual, usual])
      }),
    )
  })

  test('say what a response has used beside it, where xAI does', () => {
    const message = {
      type: 'response.done',
      response: { id: 'resp_x', status: 'completed', usage: {} },
      usage: {
        input_tokens: 100,
        output_tokens: 20,
        total_tokens: 120,
        billable_audio_seconds: 7.5,
        grok_tokens: 3,
      },
    }
    expect(read(OpenAiEvents, [message])).toEqual([
      { kind: 'session_usage', usage: { units: { second: 7.5 } } },
      {
        kind: 'response_done',
        id: 'resp_x',
        status: 'completed',
        usage: { inputTokens: 100, outputTokens: 20 },
      },
    ])
  })

  test.each([
    [
      {
        type: 'tokens',
        total_tokens: 22,
        input_tokens: 13,
        input_token_details: { text_tokens: 0, audio_tokens: 13 },
        output_tokens: 9,
      },
      { inputTokens: 13, outputTokens: 9, details: { input_audio: 13, input_text: 0 } },
    ],
    [{ type: 'duration', seconds: 2.4 }, { units: { second: 2.4 } }],
  ])('say what a transcription has used: %j', (said, expected) => {
    const message = {
      type: 'conversation.item.input_audio_transcription.completed',
      item_id: 'item_1',
      transcript: 'canary words',
      usage: said,
    }
    expect(read(OpenAiEvents, [message])).toEqual([{ kind: 'other_usage', id: 'item_1 0', usage: expected }])
  })

  test('say what a response or a session has cost', () => {
    const meta = { usage: { credits_used: 5200, usd_spent: 0.0026 } }
    const cost = { credits: 5200, usd: 0.0026 }
    const priced = { ...done, response: { ...done.response, meta } }
    expect(read(OpenAiEvents, [priced, { ...done, meta }])).toEqual(
      [1, 2].map(() => ({
        kind: 'response_done',
        id: done.response.id,
        status: 'completed',
        usage: { ...tokens, ...cost },
      })),
    )
    expect(read(OpenAiEvents, [{ type: 'session.closed', meta }])).toEqual([
      { kind: 'session_usage', usage: cost },
    ])
  })

  test('say what a transcription has cost beside what it used', () => {
    const message = {
      type: 'conversation.item.input_audio_transcription.completed',
      usage: { type: 'tokens', input_tokens: 13, output_tokens: 9 },
      meta: { usage: { credits_used: 10 } },
    }
    expect(read(OpenAiEvents, [message])).toEqual([
      { kind: 'other_usage', usage: { inputTokens: 13, outputTokens: 9, credits: 10, usd: 0.000005 } },
    ])
  })

  test('are skipped where they are pieces of content; only that there is output is reported', () => {
    const events = [
      { type: 'response.output_audio.delta', delta: 'AAAA' },
      { event_id: 'event_1', type: 'response.audio.delta', delta: 'AAAA' },
      { type: 'response.output_text.delta', delta: 'canary' },
      { type: 'response.output_audio_transcript.delta', delta: 'canary', usage: { input_tokens: 5 } },
      { type: 'conversation.item.input_audio_transcription.delta', delta: 'canary' },
      { type: 'response.function_call_arguments.delta', delta: '{' },
    ]
    expect(read(OpenAiEvents, events)).toEqual([
      { kind: 'output', isAudio: true },
      { kind: 'output', isAudio: true },
      { kind: 'output', isAudio: false },
    ])
  })

  test("report the end of the user's turn, and errors", () => {
    const messages = [
      { type: 'input_audio_buffer.speech_stopped', audio_end_ms: 2000 },
      { type: 'error', error: { type: 'invalid_request_error', message: 'canary: your prompt' } },
      { type: 'rate_limits.updated', rate_limits: [{ name: 'tokens', limit: 1, remaining: 1 }] },
    ]
    expect(kinds(read(OpenAiEvents, messages))).toEqual(['turn_ended', 'error'])
  })

  test('that are no events report nothing, and malformed ones are reported as unreadable', () => {
    expect(kinds(read(OpenAiEvents, ['', 'hello', '[]', '"text"', '{"type":"response.done","resp']))).toEqual(
      ['unreadable'],
    )
    const bad = {
      type: 'response.done',
      response: { id: 'r', status: 'completed', usage: { input_tokens: -1 } },
    }
    expect(kinds(read(OpenAiEvents, [bad]))).toEqual(['unreadable', 'response_done'])
  })

  test('of any shape never cause an exception', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), fc.jsonValue(), (messages, part) => {
        const shaped = ['session', 'response', 'usage', 'meta'].map((name) => ({
          type: 'response.done',
          [name]: part,
        }))
        expect(() => read(OpenAiEvents, [...messages, ...shaped])).not.toThrow()
        expect(() =>
          read(GeminiMessages, [...messages, { usageMetadata: part, serverContent: part }]),
        ).not.toThrow()
      }),
    )
  })

  test('of the application are read until its first input', () => {
    const messages = [
      { type: 'session.update', session: { instructions: 'canary' } },
      { type: 'input_audio_buffer.append', audio: 'AAAA' },
      { type: 'response.create' },
    ]
    expect(read(OpenAiInput, messages)).toEqual([{ kind: 'input' }])
    expect(read(OpenAiInput, messages.slice(0, 1))).toEqual([])
  })
})

describe("Gemini's messages", () => {
  const audio = {
    serverContent: {
      modelTurn: { parts: [{ inlineData: { mimeType: 'audio/pcm', data: 'A'.repeat(500) } }] },
    },
  }
  const usageMetadata = {
    promptTokenCount: 300,
    cachedContentTokenCount: 40,
    responseTokenCount: 90,
    toolUsePromptTokenCount: 20,
    thoughtsTokenCount: 15,
    totalTokenCount: 425,
    promptTokensDetails: [
      { modality: 'TEXT', tokenCount: 200 },
      { modality: 'AUDIO', tokenCount: 100 },
    ],
    responseTokensDetails: [{ modality: 'AUDIO', tokenCount: 90 }],
    toolUsePromptTokensDetails: [{ modality: 'TEXT', tokenCount: 20 }],
  }
  const used = {
    inputTokens: 320,
    outputTokens: 105,
    details: { input_text: 220, input_audio: 100, output_audio: 90, cache_read: 40, reasoning: 15 },
  }

  test('report a turn and its usage', () => {
    const messages = [
      { setupComplete: { sessionId: 'session-1' } },
      { serverContent: { inputTranscription: { text: 'canary' } } },
      audio,
      { serverContent: { modelTurn: { parts: [{ text: 'canary' }] } } },
      { serverContent: { generationComplete: true } },
      { usageMetadata, serverContent: { turnComplete: true } },
    ]
    const expected = [
      { kind: 'session', id: 'session-1' },
      { kind: 'heard' },
      { kind: 'response_started' },
      { kind: 'output', isAudio: true },
      { kind: 'output', isAudio: false },
      { kind: 'response_usage', usage: used },
      { kind: 'response_done', status: 'completed' },
    ]
    expect(read(GeminiMessages, messages)).toEqual(expected)
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), (pieceBytes) => {
        expect(read(GeminiMessages, messages, pieceBytes)).toEqual(expected)
      }),
    )
  })

  test('count thoughts once, whether the model counts them in or beside', () => {
    const inside = {
      promptTokenCount: 10,
      responseTokenCount: 50,
      thoughtsTokenCount: 20,
      totalTokenCount: 60,
    }
    const beside = { ...inside, totalTokenCount: 80 }
    expect(read(GeminiMessages, [{ usageMetadata: inside }, { usageMetadata: beside }])).toEqual(
      [50, 70].map((outputTokens) => ({
        kind: 'response_usage',
        usage: { inputTokens: 10, outputTokens, details: { reasoning: 20 } },
      })),
    )
  })

  test('say what was generated in the words of Vertex AI too', () => {
    const usageMetadata = {
      promptTokenCount: 10,
      candidatesTokenCount: 50,
      totalTokenCount: 60,
      candidatesTokensDetails: [{ modality: 'AUDIO', tokenCount: 50 }],
    }
    expect(read(GeminiMessages, [{ usageMetadata }])).toEqual([
      {
        kind: 'response_usage',
        usage: { inputTokens: 10, outputTokens: 50, details: { output_audio: 50 } },
      },
    ])
  })

  test('say what cannot be read', () => {
    expect(kinds(read(GeminiMessages, [{ usageMetadata: { promptTokenCount: 'many' } }]))).toEqual([
      'unreadable',
    ])
  })

  test('say that a turn was broken off, and that a tool is called', () => {
    const messages = [
      { toolCall: { functionCalls: [{ name: 'canary', args: {} }] } },
      { serverContent: { interrupted: true, turnComplete: true } },
    ]
    expect(read(GeminiMessages, messages)).toEqual([
      { kind: 'response_started' },
      { kind: 'response_done', status: 'interrupted' },
    ])
  })

  test('say that a turn was broken off before the message that ends it', () => {
    const turn = (content: object) => [
      { serverContent: { modelTurn: { parts: [{ text: 'canary' }] } } },
      { serverContent: content },
      { serverContent: { turnComplete: true } },
    ]
    const events = read(GeminiMessages, [
      ...turn({ interrupted: true }),
      ...turn({ generationComplete: true }),
    ])
    expect(events.filter(({ kind }) => kind === 'response_done')).toEqual([
      { kind: 'response_done', status: 'interrupted' },
      { kind: 'response_done', status: 'completed' },
    ])
  })

  test('tell the cost of the session after the response that the same message ends', () => {
    const message = {
      usageMetadata,
      meta: { usage: { credits_used: 40 } },
      serverContent: { turnComplete: true },
    }
    expect(kinds(read(GeminiMessages, [audio, message]))).toEqual([
      'response_started',
      'output',
      'response_usage',
      'response_done',
      'session_usage',
    ])
  })

  test('of the application name the model, and are then read once more', () => {
    const setup = {
      setup: { model: 'models/google/gemini-3.8-live', systemInstruction: { parts: [{ text: 'canary' }] } },
    }
    const input = { realtimeInput: { audio: { data: 'AAAA' } } }
    expect(read(GeminiInput, [setup])).toEqual([{ kind: 'session', model: 'google/gemini-3.8-live' }])
    expect(read(GeminiInput, [setup, input, input], 7)).toEqual([
      { kind: 'session', model: 'google/gemini-3.8-live' },
      { kind: 'input' },
    ])
  })
})
