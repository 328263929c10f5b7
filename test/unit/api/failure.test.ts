/** Errors inside of a 200, and streams that show no end. */
import { array, assert, asyncProperty, boolean, constantFrom, integer } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cut, readAnswer, type Answered } from './reading.ts'

const SSE: Answered = { headers: { 'content-type': 'text/event-stream' } }
const JSON_BODY: Answered = { headers: { 'content-type': 'application/json' } }
const POLL: Answered = { method: 'GET', path: '/v2/video/generations?generation_id=a' }
const event = (data: unknown): string => `data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`

async function hasFailed(body: unknown, answered: Answered = JSON_BODY): Promise<boolean> {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return (await readAnswer(answered, [Buffer.from(text)])).facts.failed
}

describe('a JSON body', () => {
  it.each([
    { error: { message: 'x' } },
    { error: 'x' },
    { error: {} },
    { error: { code: 502 }, user_id: 'u' },
    { statusCode: 500, message: 'x', error: 'Internal Server Error' },
    { id: 'made-up', error: { message: 'x' } },
    { type: 'error', error: { type: 'overloaded_error' } },
    { object: 'error', message: 'x', code: 40_001 },
    { title: 'Bad Gateway', status: 502, detail: 'x' },
  ])('that is nothing but an error is a failed call: %j', async (body) => {
    expect(await hasFailed(body)).toBe(true)
    // Longer than what is parsed whole.
    expect(await hasFailed({ filler: 'x'.repeat(20_000), ...body })).toBe(true)
  })

  it.each([
    {},
    { error: null },
    { error: '' },
    { error: false },
    { choices: [], error: { message: 'a template' } },
    { data: [], error: { message: 'a template' } },
    { output: [], error: null },
    { usage: { prompt_tokens: 1 }, error: { message: 'a template' } },
  ])('that has an answer, or no error, is none: %j', async (body) => {
    expect(await hasFailed(body)).toBe(false)
    expect(await hasFailed({ filler: 'x'.repeat(20_000), ...body })).toBe(false)
  })

  it('of a job fails by its status, whatever is under its key error', async () => {
    const template = { name: '<string>', message: '<string>' }
    expect(await hasFailed({ id: 'a', status: 'completed', error: template }, POLL)).toBe(false)
    expect(await hasFailed({ error: template }, POLL)).toBe(true)
  })
})

describe('an event stream', () => {
  const chunk = event({ id: 'a', model: 'm', choices: [{ index: 0, delta: { content: 'x' } }] })
  const error = constantFrom(
    event({ error: 'exploded' }),
    event({ error: { code: 502 } }),
    event({ id: 'a', choices: [{ index: 0, finish_reason: 'error' }], error: { code: 502 } }),
    event({ type: 'error', message: 'x' }),
    `event: error\n${event({ message: 'x' })}`,
  )

  it.each(['event: ping\ndata: {"type": "ping"}\n\n', 'data: {"type":"ping"}\n\n'])(
    'with an error is a failed call, however many keep-alive events follow it: %j',
    async (ping) => {
      const body = chunk.repeat(40) + event({ error: 'exploded' }) + ping.repeat(20)
      for (const sizes of [[], [7]]) {
        const { facts } = await readAnswer(SSE, cut(Buffer.from(body), sizes))
        expect(facts.failed).toBe(true)
      }
    },
  )

  it('with an error in its middle is a failed call, whatever follows, in any split', async () => {
    const loud = [
      { error: 'exploded' },
      { type: 'error', message: 'x' },
      { type: 'response.failed', error: { code: 5 } },
    ]
    for (const failure of loud) {
      for (const after of [6, 300]) {
        const body = chunk.repeat(300) + event(failure) + chunk.repeat(after) + event('[DONE]')
        for (const sizes of [[], [7]]) {
          const { facts } = await readAnswer(SSE, cut(Buffer.from(body), sizes))
          expect(facts).toMatchObject({ failed: true, certainty: 'provisional' })
        }
      }
    }
    const quoted = event({ id: 'a', choices: [{ delta: { content: '{"error":"x"}' } }] })
    const { facts } = await readAnswer(SSE, [Buffer.from(chunk + quoted.repeat(20) + event('[DONE]'))])
    expect(facts.failed).toBe(false)
  })

  it('says why each choice ended, where their ends follow each other', async () => {
    const ends = Array.from({ length: 8 }, (_, index) =>
      event({ id: 'a', choices: [{ index, delta: {}, finish_reason: index % 2 === 0 ? 'stop' : 'length' }] }),
    )
    const last = event({ choices: [], usage: {} }) + event({ choices: [], meta: {} }) + event('[DONE]')
    const { facts } = await readAnswer(SSE, [Buffer.from(chunk.repeat(40) + ends.join('') + last)])
    expect(facts.finishReasons).toEqual([
      'stop',
      'length',
      'stop',
      'length',
      'stop',
      'length',
      'stop',
      'length',
    ])
  })

  it('with an error is a failed call, whatever comments follow, in any split', async () => {
    await assert(
      asyncProperty(
        error,
        integer({ min: 0, max: 300 }),
        integer({ min: 0, max: 3000 }),
        boolean(),
        array(integer({ min: 1, max: 3000 }), { maxLength: 6 }),
        async (failure, chunks, comments, isDone, sizes) => {
          const end = isDone ? event('[DONE]') : ''
          const stream = chunk.repeat(chunks) + failure + end + ': keep-alive\n\n'.repeat(comments)
          const { facts } = await readAnswer(SSE, cut(Buffer.from(stream), sizes))
          expect(facts).toMatchObject({ failed: true, certainty: 'provisional' })
        },
      ),
      { numRuns: 60 },
    )
  })

  const USAGE = { prompt_tokens: 5, completion_tokens: 1 }
  const anthropic = event({
    type: 'message_start',
    message: { id: 'a', usage: { input_tokens: 5, output_tokens: 4 } },
  })
  const response = (type: string): string =>
    event({ type, response: { id: 'a', usage: { input_tokens: 5, output_tokens: 1 } } })

  const left = { ...SSE, whole: false }

  it.each([
    ['a chat with a finish reason', event({ choices: [{ index: 0, finish_reason: 'stop' }], usage: USAGE })],
    ['a chat whose last chunk has no choice', chunk + event({ choices: [], usage: USAGE })],
    [
      'an image that is completed',
      event({ type: 'image_generation.completed', usage: { input_tokens: 1, output_tokens: 2 } }),
    ],
    ['a dialect that nobody knows', event({ tokens: 7 })],
  ])('is final, and provisional if the caller broke off: %s', async (_what, stream) => {
    const { facts } = await readAnswer(SSE, [Buffer.from(stream)])
    expect(facts.certainty).toBe('final')
    const broken = await readAnswer(left, [Buffer.from(stream)])
    expect(broken.facts).toMatchObject({ certainty: 'provisional', isOver: undefined })
  })

  it.each([
    ['a chat with [DONE]', chunk + event('[DONE]')],
    ['messages with message_stop', anthropic + event({ type: 'message_stop' })],
    ['a response that is completed', response('response.created') + response('response.completed')],
    ['a response that is incomplete', response('response.created') + response('response.incomplete')],
  ])('is final, also if the caller left after its last event: %s', async (_what, stream) => {
    const { facts } = await readAnswer(SSE, [Buffer.from(stream)])
    expect(facts.certainty).toBe('final')
    const broken = await readAnswer(left, [Buffer.from(stream)])
    expect(broken.facts).toMatchObject({ certainty: 'final', isOver: true })
  })

  it.each([
    ['a chat', chunk],
    ['messages', anthropic],
    ['a response', response('response.created') + response('response.in_progress')],
    ['an image', event({ type: 'image_generation.partial_image' })],
    ['a run', event({ id: 'run_1', object: 'thread.run', status: 'in_progress' })],
  ])('that shows no end has provisional figures: %s', async (_what, stream) => {
    const { facts } = await readAnswer(SSE, [Buffer.from(stream)])
    expect(facts).toMatchObject({ failed: false, certainty: 'provisional' })
  })

  it('takes its cost from an event rather than from the header, and the header alone for provisional', async () => {
    const headers = { ...SSE.headers, 'x-aimlapi-credits-used': '90' }
    const end = event({ choices: [], usage: USAGE })
    const promised = await readAnswer({ headers }, [Buffer.from(chunk + end)])
    expect(promised.facts).toMatchObject({ usage: { credits: 90 }, certainty: 'provisional' })
    const said = event({ choices: [], meta: { usage: { credits_used: 70 } } })
    const { facts } = await readAnswer({ headers }, [Buffer.from(chunk + end + said)])
    expect(facts).toMatchObject({ usage: { credits: 70 }, certainty: 'final' })
  })
})

describe('ids', () => {
  it('are all that the body names, once each and in their order, at most eight', async () => {
    const body = { id: 'A1', generation_id: 'B1', inference_id: 'A1', requestId: 'C1', request_id: 7 }
    const { facts } = await readAnswer(JSON_BODY, [Buffer.from(JSON.stringify(body))])
    expect(facts.ids).toEqual(['A1', 'B1', 'C1', '7'])
    const many = Array.from({ length: 20 }, (_, at) => event({ id: `id-${at}` })).join('')
    expect((await readAnswer(SSE, [Buffer.from(many)])).facts.ids).toHaveLength(8)
  })

  it('of a refusal are none of a generation', async () => {
    const body = Buffer.from('{"requestId":"r","message":"no"}')
    expect((await readAnswer({ ...JSON_BODY, status: 400 }, [body])).facts.ids).toEqual([])
  })
})
