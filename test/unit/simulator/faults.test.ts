import http from 'node:http'
import { gunzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { DEFAULT_KEY, ENCODINGS, startSimulator, type Simulator } from '../../simulator/index.ts'

type Body = Record<string, any>

let simulator: Simulator
beforeAll(async () => {
  simulator = await startSimulator({ seed: 'faults' })
})
afterEach(() => simulator.behave())
afterAll(() => simulator.close())

const HEADERS = { authorization: `Bearer ${DEFAULT_KEY}`, 'x-sim-options': 'input=10; output=20; credits=50' }
const BODY = { model: 'gpt-4o', messages: [{ role: 'user', content: 'canary prompt' }] }

function chat(fault: string, change: object = {}, init: RequestInit = {}): Promise<Response> {
  return fetch(`${simulator.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { ...HEADERS, 'x-sim-fault': fault },
    body: JSON.stringify({ ...BODY, ...change }),
    ...init,
  })
}

const entryOf = (response: Response) => simulator.ledger.find(response.headers.get('x-inference-id') ?? '')

/** The body as it is on the wire, whatever its encoding says. */
function raw(
  fault: string,
  change: object = {},
): Promise<{ head: http.IncomingMessage; bytes: Buffer; cut: boolean }> {
  return new Promise((resolve, reject) => {
    const request = http.request(`${simulator.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { ...HEADERS, 'x-sim-fault': fault },
    })
    request.on('error', reject)
    request.on('response', (head) => {
      const parts: Buffer[] = []
      head.on('data', (part: Buffer) => parts.push(part))
      head.on('error', () => {})
      request.off('error', reject).on('error', () => {})
      head.on('close', () => resolve({ head, bytes: Buffer.concat(parts), cut: !head.complete }))
    })
    request.end(JSON.stringify({ ...BODY, ...change }))
  })
}

describe('before processing', () => {
  it.each(['drop', 'drop; reset'])('%s closes the connection, and nothing is charged', async (fault) => {
    const before = simulator.ledger.sum()
    await expect(chat(fault)).rejects.toThrow('fetch failed')
    expect(simulator.ledger.sum()).toEqual(before)
  })

  it('a client that leaves while it waits is not charged', async () => {
    const before = simulator.ledger.sum()
    await expect(chat('latencyMs=30000', {}, { signal: AbortSignal.timeout(30) })).rejects.toThrow(
      /abort|timeout/,
    )
    await simulator.idle()
    expect(simulator.ledger.sum()).toEqual(before)
  })

  it('a hanging request ends with the client, and nobody waits for it', async () => {
    const leave = new AbortController()
    const hanging = chat('hang', {}, { signal: leave.signal })
    await simulator.idle()
    leave.abort()
    await expect(hanging).rejects.toThrow(/abort|timeout/)
  })

  it('closing the simulator ends what hangs', async () => {
    const other = await startSimulator()
    const hanging = fetch(other.url, { headers: { 'x-sim-fault': 'hang' } })
    const outcome = hanging.then(
      () => 'answered',
      (error: Error) => error.message,
    )
    while (other.requests.length === 0) await new Promise((resolve) => setImmediate(resolve))
    await other.close()
    expect(await outcome).toBe('fetch failed')
  })

  it.each([400, 401, 403, 404, 429, 500, 502, 503, 504])(
    'status %i is logged as failed, at no cost',
    async (status) => {
      const response = await chat(`status=${status}`)
      expect(response.status).toBe(status)
      const error = (await response.json()) as Body
      expect(error['message'].includes('canary prompt')).toBe(status === 400)
      expect(entryOf(response)).toMatchObject({ status: 'failed', credits: 0 })
    },
  )

  it('a redirect leads to the same answer', async () => {
    const response = await chat('redirect=307')
    expect(response.redirected).toBe(true)
    expect(((await response.json()) as Body)['meta'].usage.credits_used).toBe(50)
  })
})

describe('after processing', () => {
  it.each(['lose', 'lose; reset'])('%s charges what the client never sees', async (fault) => {
    const before = simulator.ledger.sum({ reported: false }).credits
    await expect(chat(fault)).rejects.toThrow('fetch failed')
    expect(simulator.ledger.sum({ reported: false }).credits).toBe(before + 50)
  })

  it('a stalled request was charged before it stalled', async () => {
    const before = simulator.ledger.sum().credits
    await expect(chat('stall', {}, { signal: AbortSignal.timeout(200) })).rejects.toThrow(/abort|timeout/)
    expect(simulator.ledger.sum().credits).toBe(before + 50)
  })

  it('the head comes first when the body is late', async () => {
    const response = await chat('bodyDelayMs=50')
    expect(response.status).toBe(200)
    expect(((await response.json()) as Body)['usage'].total_tokens).toBe(30)
  })
})

describe('what the response says of its cost', () => {
  it.each([
    ['noCreditHeaders', false, true, true],
    ['noMeta', true, false, true],
    ['noCreditHeaders; noMeta', false, false, false],
  ])(
    'with %s: header %s, body %s, so the ledger calls it reported: %s',
    async (fault, header, meta, reported) => {
      const response = await chat(fault)
      const body = (await response.json()) as Body
      expect(response.headers.has('x-aimlapi-credits-used')).toBe(header)
      expect(body['meta'] !== undefined).toBe(meta)
      await simulator.idle()
      expect(entryOf(response)).toMatchObject({ credits: 50, reported })
    },
  )

  it.each(['-5', 'NaN', '1e308', 'many', '12.5', ''])('the credit header can say %j', async (text) => {
    const response = await chat(`creditHeader=${text}; usdHeader=${text}; noMeta`)
    await response.text()
    expect(response.headers.get('x-aimlapi-credits-used')).toBe(text)
    expect(response.headers.get('x-aimlapi-usd-spent')).toBe(text)
    await simulator.idle()
    expect(entryOf(response)?.reported).toBe(false)
  })

  it.each([
    ['metaCredits="12"', '"meta":{"usage":{"credits_used":"12","usd_spent":"12"}}'],
    ['metaCredits=-1', '"credits_used":-1,'],
    ['metaCredits=NaN', '"credits_used":NaN,'],
    ['metaRaw=[]', '"meta":[]'],
    ['metaRaw=null', '"meta":null'],
    ['tokens=1e308', '"prompt_tokens":1e308'],
    ['usageNull', '"usage":null'],
    ['deep=3', '{"deep":[[[]]],'],
  ])('%s puts %s into the body', async (fault, expected) => {
    expect(await (await chat(fault)).text()).toContain(expected)
  })

  it('of duplicate keys, the first has a wrong value and the last the right one', async () => {
    const text = await (await chat('duplicateKeys')).text()
    expect(text.indexOf('987654321')).toBeLessThan(text.lastIndexOf('"usage"'))
    expect(JSON.parse(text).meta.usage.credits_used).toBe(50)
  })

  it('an inference id can be missing', async () => {
    expect((await chat('noInferenceId')).headers.has('x-inference-id')).toBe(false)
  })
})

describe('the body on the wire', () => {
  it.each(ENCODINGS)('%s is decoded by fetch to the same answer', async (encoding) => {
    const response = await chat(`encoding=${encoding}; chunkBytes=7`)
    expect(((await response.json()) as Body)['usage'].total_tokens).toBe(30)
  })

  it('a compressed stream still streams', async () => {
    const { head, bytes } = await raw('encoding=gzip', { stream: true })
    expect(head.headers['content-encoding']).toBe('gzip')
    expect(gunzipSync(bytes).toString()).toContain('data: [DONE]')
  })

  it('an encoding that nobody knows is only claimed', async () => {
    const { head, bytes } = await raw('encoding=snappy')
    expect(head.headers['content-encoding']).toBe('snappy')
    expect(JSON.parse(bytes.toString()).usage.total_tokens).toBe(30)
  })

  it('a bomb is small on the wire and large behind it, with the true answer at its end', async () => {
    const { bytes } = await raw('bombMb=8')
    expect(bytes.length).toBeLessThan(200_000)
    const decoded = gunzipSync(bytes)
    expect(decoded.length).toBeGreaterThan(8 * 1024 * 1024)
    expect(JSON.parse(decoded.toString()).meta.usage.credits_used).toBe(50)
  })

  it('a truncated body ends in good order and is no JSON', async () => {
    const { head, bytes, cut } = await raw('truncate=0.6')
    expect(cut).toBe(false)
    expect(Number(head.headers['content-length'])).toBe(bytes.length)
    expect(() => JSON.parse(bytes.toString())).toThrow(/JSON/)
  })

  it('a broken body promises more than it brings', async () => {
    const { head, bytes, cut } = await raw('breakAt=0.5')
    expect(cut).toBe(true)
    expect(Number(head.headers['content-length'])).toBeGreaterThan(bytes.length)
  })

  it('a broken stream is charged for what went out, in the middle of an event', async () => {
    const { head, bytes, cut } = await raw('breakAt=0.5', { stream: true })
    expect(cut).toBe(true)
    expect(bytes.toString().endsWith('\n\n')).toBe(false)
    await simulator.idle()
    const entry = simulator.ledger.find(String(head.headers['x-inference-id']))
    expect(entry?.tokens.output).toBeGreaterThan(0)
    expect(entry?.tokens.output).toBeLessThan(20)
    expect(entry?.reported).toBe(false)
  })

  it('content-length can promise more than comes', async () => {
    const { head, bytes, cut } = await raw('contentLength=40')
    expect(Number(head.headers['content-length'])).toBe(bytes.length + 40)
    expect(cut).toBe(true)
  })

  it('content-length can promise less than comes', async () => {
    const { head, bytes } = await raw('contentLength=-40; bodyDelayMs=30')
    expect(bytes.length).toBe(Number(head.headers['content-length']))
    expect(() => JSON.parse(bytes.toString())).toThrow(/JSON/)
  })

  it.each([
    ['html', 'text/html; charset=utf-8', '<!doctype html>'],
    ['contentType=text/plain', 'text/plain', '{"id"'],
  ])('%s answers 200 as %s', async (fault, type, start) => {
    const response = await chat(fault)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe(type)
    expect((await response.text()).startsWith(start)).toBe(true)
  })

  it.each(['garbage', 'invalidUtf8'])('%s is no UTF-8', async (fault) => {
    const { bytes } = await raw(fault)
    expect(Buffer.from(bytes.toString()).equals(bytes)).toBe(false)
  })

  it('an endless stream ends at its cap', async () => {
    const { bytes, cut } = await raw('endlessMb=1', { stream: true })
    expect(cut).toBe(true)
    expect(bytes.length).toBeGreaterThan(1024 * 1024 - 1)
    expect(bytes.length).toBeLessThan(2 * 1024 * 1024)
  })

  it('an endless body stops when the client does', async () => {
    const response = await chat('endlessMb=10000')
    await response.body?.cancel()
    await simulator.idle()
    expect(entryOf(response)?.credits).toBe(50)
  })

  it('one line of a stream can be of any size, and the true answer follows', async () => {
    const { bytes } = await raw('padBytes=3000000', { stream: true })
    const lines = bytes.toString().split('\n')
    expect(lines[0]?.length).toBeGreaterThan(3_000_000)
    expect(lines.some((line) => line.includes('"credits_used":50'))).toBe(true)
  })

  it.each([
    ['crlf', /^data: \{.*\}\r\n\r\ndata/],
    ['comments', /^: keep-alive\ndata: \{/],
    ['multi-line', /^data: \{\ndata: {2}"id"/],
    ['no-space', /^data:\{.*\}\n\n/],
  ])('events can be written with %s', async (style, form) => {
    expect(await (await chat(`sse=${style}`, { stream: true })).text()).toMatch(form)
  })
})

describe('rules', () => {
  it('hit what they fit, as often as they may', async () => {
    const rule = simulator.misbehave({
      path: '/chat/',
      model: /gpt/,
      account: 'default',
      fault: 'status=503',
      count: 2,
    })
    const statuses: number[] = []
    for (let index = 0; index < 3; index++) statuses.push((await chat('')).status)
    expect(statuses).toEqual([503, 503, 200])
    expect(rule.hits).toBe(2)
  })

  it('leave alone what they do not fit', async () => {
    simulator.misbehave({ model: 'gpt-4', fault: { drop: true } })
    simulator.misbehave({ tag: 'search', fault: { drop: true } })
    simulator.misbehave({ method: 'GET', fault: { drop: true } })
    expect((await chat('')).status).toBe(200)
  })

  it('make account endpoints fail too', async () => {
    simulator.misbehave({ path: /^\/v2\/billing/, fault: 'status=503' })
    simulator.misbehave({ path: '/v2/logs', fault: 'garbage' })
    const headers = { authorization: HEADERS.authorization }
    expect((await fetch(`${simulator.url}/v2/billing/detail`, { headers })).status).toBe(503)
    await expect((await fetch(`${simulator.url}/v2/logs?period=1h`, { headers })).json()).rejects.toThrow(
      /JSON/,
    )
    expect((await fetch(`${simulator.url}/v1/billing/balance`, { headers })).status).toBe(200)
  })

  it('with a probability hit the same requests for the same seed', async () => {
    const run = async (): Promise<number[]> => {
      const other = await startSimulator({ seed: 7 })
      other.misbehave({ fault: 'status=500', probability: 0.5 })
      const statuses: number[] = []
      for (let index = 0; index < 12; index++) statuses.push((await fetch(`${other.url}/v1/models`)).status)
      await other.close()
      return statuses
    }
    const first = await run()
    expect(new Set(first).size).toBe(2)
    expect(await run()).toEqual(first)
  })

  it('name what they do not know', async () => {
    expect(() => simulator.misbehave({ fault: 'sulk' })).toThrow('unknown fault sulk')
    expect((await chat('sulk')).status).toBe(400)
  })
})
