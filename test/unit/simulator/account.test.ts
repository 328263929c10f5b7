import { afterEach, describe, expect, it } from 'vitest'
import { startSimulator, type Simulator, type SimulatorOptions } from '../../simulator/index.ts'

const KEY = 'aaaaaaaa11111111aaaaaaaa11111111'
const SECOND_KEY = 'bbbbbbbb22222222bbbbbbbb22222222'
const MANAGER = 'cccccccc33333333cccccccc33333333'
const OTHER = 'dddddddd44444444dddddddd44444444'

type Body = Record<string, any>

let simulator: Simulator
let clock = Date.parse('2026-08-20T10:00:00.000Z')
afterEach(() => simulator.close())

async function start(options: SimulatorOptions = {}): Promise<void> {
  clock = Date.parse('2026-08-20T10:00:00.000Z')
  simulator = await startSimulator({
    seed: 'account',
    now: () => clock,
    accounts: [
      {
        name: 'main',
        keys: [KEY, SECOND_KEY, { key: MANAGER, management: true }],
        balanceCredits: 20_000_000,
      },
      { name: 'side', keys: [OTHER], balanceCredits: 8000 },
    ],
    ...options,
  })
}

async function get(path: string, key = KEY): Promise<{ status: number; body: Body; headers: Headers }> {
  const response = await fetch(`${simulator.url}${path}`, { headers: { 'x-api-key': key } })
  return { status: response.status, headers: response.headers, body: (await response.json()) as Body }
}

async function embed(credits: number, key = KEY, options = ''): Promise<Response> {
  return fetch(`${simulator.url}/v1/embeddings`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'x-sim-options': `credits=${credits}; ${options}` },
    body: JSON.stringify({ model: 'text-embedding-3-small', input: 'x' }),
  })
}

/** Charges of 1, 2, 3 … credits, a second apart. */
async function charges(count: number): Promise<void> {
  for (let index = 1; index <= count; index++) {
    clock += 1000
    await (await embed(index)).json()
  }
}

const at = (seconds: number): string => `2026-08-20T10:00:0${seconds}.000Z`

/** How many rows of the log a key sees, or the status of the refusal. */
async function visibleRows(query: string, key: string): Promise<unknown> {
  const { status, body } = await get(`/v2/logs?period=1h${query}`, key)
  return status === 200 ? body['pagination'].total : status
}

describe('the balance', () => {
  it('is said in credits by the oldest endpoint and in USD by the newer ones, less what was charged', async () => {
    await start()
    await (await embed(500_000)).json()
    expect((await get('/v1/billing/balance')).body).toMatchObject({
      balance: 19_500_000,
      lowBalance: false,
      lowBalanceThreshold: 10_000,
      lastUpdated: '2026-08-20T10:00:00.000Z',
    })
    expect((await get('/v2/billing')).body).toEqual({ current_balance: 9.75, currency: 'USD' })
    const detail = await get('/v2/billing/detail')
    expect(detail.body).toMatchObject({ current_balance: 9.75, autotopup_settings: { is_enabled: false } })
    expect(detail.body['email']).toMatch(/^canary/)
    expect(detail.headers.has('x-inference-id')).toBe(false)
    expect((await get('/v1/billing/balance', OTHER)).body).toMatchObject({ balance: 8000, lowBalance: true })
  })

  it('is topped up by itself when it falls below the threshold', async () => {
    await start({
      accounts: [
        {
          name: 'main',
          keys: [KEY],
          balanceCredits: 2_100_000,
          autoTopUp: { enabled: true, thresholdUsd: 1, amountUsd: 5 },
        },
      ],
    })
    await (await embed(200_000)).json()
    expect(simulator.accounts.get('main').balanceCredits).toBe(2_100_000 - 200_000 + 10_000_000)
    const { body } = await get('/v2/billing/transactions?direction=TOPUP')
    expect(body['data']).toMatchObject([
      { type: 'PAYMENT', model: null, amount: { usd: 5, credits: 10_000_000 } },
    ])
  })
})

describe('the ledger', () => {
  it('is paged newest first by a cursor, each entry once', async () => {
    await start()
    await charges(7)
    const seen: number[] = []
    let cursor: string | null = ''
    let pages = 0
    while (cursor !== null) {
      const page: Body = (await get(`/v2/billing/transactions?limit=3${cursor && `&cursor=${cursor}`}`)).body
      seen.push(...page['data'].map((row: Body) => row['amount'].credits))
      cursor = page['pagination'].next_cursor
      expect(page['pagination'].has_more).toBe(cursor !== null)
      pages += 1
    }
    expect(seen).toEqual([7, 6, 5, 4, 3, 2, 1])
    expect(pages).toBe(3)
  })

  it('takes from as inclusive and to as exclusive', async () => {
    await start()
    await charges(3)
    const { body } = await get(`/v2/billing/transactions?from=${at(1)}&to=${at(3)}`)
    expect(body['data'].map((row: Body) => row['created_at'])).toEqual([at(2), at(1)])
  })

  it('filters by direction and type, and names the model as the catalogue does', async () => {
    await start()
    await charges(1)
    simulator.accounts.get('main').topUp(4_000_000, 'BONUS')
    const bonus = await get('/v2/billing/transactions?type=BONUS&direction=TOPUP')
    expect(bonus.body['data']).toMatchObject([{ type: 'BONUS', reference_id: null, amount: { usd: 2 } }])
    const used = await get('/v2/billing/transactions?direction=CHARGE')
    expect(used.body['data']).toMatchObject([{ type: 'MODEL_USAGE', model: 'openai/text-embedding-3-small' }])
  })

  it.each([
    'limit=0',
    'limit=101',
    'limit=x',
    'direction=UP',
    'type=GIFT',
    'cursor=nonsense',
    'page=2',
    'from=2026-08-20T10:00:00',
    'from=yesterday',
    'from=2026-08-20T10:00:00Z&to=2026-08-20T10:00:00Z',
  ])('refuses the query %s', async (query) => {
    await start()
    expect((await get(`/v2/billing/transactions?${query}`)).status).toBe(400)
  })

  it('is refused to management keys and to unknown keys', async () => {
    await start()
    expect((await get('/v2/billing/transactions', MANAGER)).status).toBe(403)
    expect((await get('/v2/billing/transactions', 'unknown')).status).toBe(401)
  })

  it('shows a charge only after the lag', async () => {
    await start({ transactionLagMs: 5000 })
    await charges(1)
    clock += 4999
    expect((await get('/v2/billing/transactions')).body['data']).toEqual([])
    clock += 1
    expect((await get('/v2/billing/transactions')).body['data']).toHaveLength(1)
  })

  it('lets an entry with an older time appear after newer ones, on the page where it belongs', async () => {
    await start()
    await charges(2)
    const page = (await get('/v2/billing/transactions?limit=1')).body
    simulator.accounts.get('main').topUp(9, 'ADJUSTMENT', clock - 500)
    const next = await get(`/v2/billing/transactions?limit=5&cursor=${page['pagination'].next_cursor}`)
    expect(next.body['data'].map((row: Body) => row['amount'].credits)).toEqual([9, 1])
  })

  it('has no entry for a hold, for a failed job or for a refused request', async () => {
    await start()
    const create = async (model: string): Promise<string> => {
      const response = await fetch(`${simulator.url}/v2/video/generations`, {
        method: 'POST',
        headers: { authorization: `Bearer ${KEY}` },
        body: JSON.stringify({ model, prompt: 'x' }),
      })
      return ((await response.json()) as Body)['id']
    }
    await create('alibaba/wan-2-6-t2v')
    await create('veo3-that-fails')
    await fetch(`${simulator.url}/v1/ocr`, { method: 'POST', headers: { 'x-api-key': KEY }, body: '{}' })
    expect((await get('/v2/billing/transactions')).body['data']).toEqual([])
    simulator.jobs.finishAll()
    expect((await get('/v2/billing/transactions')).body['data']).toMatchObject([
      { model: 'alibaba/wan-2-6-t2v', amount: { credits: 1_050_000 } },
    ])
  })
})

describe('the log', () => {
  it('has one row per request with cost and tokens, failed ones with nothing, after the lag', async () => {
    await start({ logLagMs: 2000 })
    const good = await embed(640, KEY, 'input=5')
    await good.json()
    await (await embed(1, KEY, 'nonsense=1')).json()
    clock += 1999
    expect((await get('/v2/logs?period=1h')).body['pagination'].total).toBe(0)
    clock += 1
    const { data, pagination } = (await get('/v2/logs?period=1h')).body
    expect(pagination).toEqual({ limit: 50, offset: 0, total: 2, has_more: false })
    expect(data.map((row: Body) => row['status'])).toEqual(['failed', 'succeeded'])
    expect(data[0].cost).toEqual({ usd: 0, credits: 0 })
    expect(data[1]).toMatchObject({
      origin: 'api',
      model: 'openai/text-embedding-3-small',
      cost: { usd: 0.00032, credits: 640 },
      tokens: { input: 5, output: 0, total: 5 },
      inference_id: good.headers.get('x-inference-id'),
      client_request_id: null,
    })
  })

  it('filters by model and status, and pages by offset', async () => {
    await start()
    for (const credits of [1, 2, 3]) await (await embed(credits)).json()
    const named = 'openai/text-embedding-3-small'
    const page = (await get(`/v2/logs?period=1d&model=${named}&status=succeeded&limit=2&offset=2`)).body
    expect(page).toMatchObject({
      data: [{ cost: { credits: 1 } }],
      pagination: { total: 3, has_more: false },
    })
    expect((await get('/v2/logs?period=1d&model=text-embedding-3-small')).body['data']).toHaveLength(3)
    expect((await get(`/v2/logs?period=1d&model=${named},x`)).body['data']).toEqual([])
    expect((await get('/v2/logs?period=1d&status=failed')).body['data']).toEqual([])
  })

  it('takes start without an offset as UTC', async () => {
    await start()
    await (await embed(1)).json()
    const { body } = await get('/v2/logs?start=2026-08-20T10:00:00&end=2026-08-20T10:00:01Z')
    expect(body['data']).toHaveLength(1)
    const before = await get('/v2/logs?start=2026-08-20T09:00:00&end=2026-08-20T10:00:00')
    expect(before.body['data']).toEqual([])
  })

  it.each([
    '',
    'period=5',
    'period=1h&start=2026-08-20T00:00:00Z',
    'start=2026-08-20T00:00:00Z',
    'start=2026-01-01T00:00:00Z&end=2026-08-20T00:00:00Z',
    'period=1h&status=lost',
    'period=1h&offset=-1',
    'period=1h&tz=UTC',
  ])('refuses the query "%s"', async (query) => {
    await start()
    expect((await get(`/v2/logs?${query}`)).status).toBe(400)
  })

  it('shows a key its own rows, and a management key all or those it names', async () => {
    await start()
    await (await embed(1)).json()
    await (await embed(2, SECOND_KEY)).json()
    expect(await visibleRows('', KEY)).toBe(1)
    expect(await visibleRows('&key_prefix=bbbbbbbb', KEY)).toBe(403)
    expect(await visibleRows('', MANAGER)).toBe(2)
    expect(await visibleRows('&key_prefix=bbbbbbbb', MANAGER)).toBe(1)
    expect(await visibleRows('&key_prefix=dddddddd', MANAGER)).toBe(404)
  })

  it('answers 429 past 200 requests in 60 seconds', async () => {
    await start()
    const statuses = await Promise.all(
      Array.from({ length: 201 }, async () => (await get('/v2/logs?period=1h')).status),
    )
    expect(statuses.filter((status) => status === 429)).toHaveLength(1)
    clock += 60_000
    expect((await get('/v2/logs?period=1h')).status).toBe(200)
  })
})

describe('usage and keys', () => {
  it('usage sums charged requests, in detail by model and day', async () => {
    await start()
    await (await embed(1_000_000)).json()
    await (await embed(1, KEY, 'nonsense=1')).json()
    expect((await get('/v2/usage?period=24h')).body).toMatchObject({
      spend: 0.5,
      requests: 1,
      api_key_prefix: null,
    })
    expect((await get('/v2/usage?period=24h&group_by=day')).status).toBe(400)
    const detail = (await get('/v2/usage/detail?period=24h&group_by=day,model&tz=Europe/Berlin')).body
    expect(detail['models']).toEqual([{ model: 'openai/text-embedding-3-small', spend: 0.5, requests: 1 }])
    expect(detail['groups']).toMatchObject([
      { day: '2026-08-20', spend: 0.5, requests: { total: 2, charged: 1, succeeded: 1, failed: 1 } },
    ])
  })

  it('the key endpoint answers for the key in use, or for another when told so', async () => {
    const limit = { retention: 'month', thresholdUsd: 25 } as const
    const accounts = [{ name: 'main', keys: [{ key: KEY, limit }, SECOND_KEY] }]
    await start({ accounts })
    await (await embed(1_000_000)).json()
    const expected = { prefix: 'aaaaaaaa', limit: { retention: 'month', threshold: 25 }, monthly_usage: 0.5 }
    expect((await get('/v1/key')).body['data']).toMatchObject(expected)
    await simulator.close()
    await start({ accounts, keyOfOthers: true })
    expect((await get('/v1/key')).body['data']).toMatchObject({ prefix: 'bbbbbbbb', limit: null })
  })

  it('the list of keys is for management keys', async () => {
    await start()
    expect((await get('/v1/keys')).status).toBe(403)
    expect((await get('/v1/keys', MANAGER)).body['data']).toHaveLength(3)
  })

  it('a key past its limit is blocked', async () => {
    const limit = { retention: 'no_reset', thresholdUsd: 0.1 } as const
    await start({ accounts: [{ name: 'main', keys: [{ key: KEY, limit }] }] })
    expect((await embed(200_000)).status).toBe(200)
    expect((await embed(1)).status).toBe(403)
  })

  it('the catalogue is open to everybody and quotes what is charged', async () => {
    await start()
    const models = (await get('/v1/models?include=pricing&id=gpt-4o', 'nobody')).body
    expect(models['data']).toHaveLength(1)
    expect(models['data'][0].pricing.units[0]).toEqual({
      name: 'token',
      measure: 'input',
      price: 2.5,
      per: 1_000_000,
    })
    expect((await get('/model/openai/gpt-4o')).body['data'].aliases).toEqual(['gpt-4o'])
    expect((await get('/models/metrics?aliases=openai/gpt-4o')).body['models']).toHaveLength(1)
  })
})
