import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { register, type Registration } from '../../src/index.ts'
import { findFreePort } from '../free-port.ts'
import { DEFAULT_KEY, startSimulator, type Simulator } from '../simulator/index.ts'
import { scrape } from './register-support/http.ts'

let simulator: Simulator
let registration: Registration
let port: number

beforeEach(async () => {
  simulator = await startSimulator()
  port = await findFreePort()
})
afterEach(async () => {
  await registration.shutdown()
  await simulator.close()
})

function start(options: Parameters<typeof register>[0] = {}): void {
  registration = register({
    apiKey: DEFAULT_KEY,
    baseUrls: [simulator.url],
    prometheus: { port },
    usage: true,
    ...options,
  })
}

async function chat(model: string, fault = ''): Promise<number> {
  const response = await fetch(`${simulator.url}/v1/chat/completions`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${DEFAULT_KEY}`,
      'content-type': 'application/json',
      'x-sim-fault': fault,
    },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'hello' }] }),
  })
  await response.text()
  return response.status
}

/** Models of which a price of input tokens is shown. */
async function pricedModels(): Promise<string[]> {
  await registration.forceFlush()
  const text = (await scrape(port)) ?? ''
  const price =
    /^aimlapi_model_token_price_usd\{gen_ai_request_model="([^"]+)",gen_ai_token_type="input"\} [\d.]+$/gm
  return [...text.matchAll(price)].map(([, model = '']) => model)
}

const catalogueIsRead = (): Promise<void> =>
  vi.waitFor(
    () => expect(simulator.requests.map(({ path }) => path)).toContain('/v1/models/deprecations'),
    20_000,
  )

it(
  'a call of this service makes the price of its model appear, and of no other',
  { timeout: 60_000 },
  async () => {
    start()
    await catalogueIsRead()
    expect(await pricedModels()).toStrictEqual([])
    expect(await chat('openai/gpt-4o')).toBe(200)
    await vi.waitFor(async () => expect(await pricedModels()).toStrictEqual(['openai/gpt-4o']), 20_000)
  },
)

it(
  'prices are shown of the maxModels models used last, and a call that fails takes no place',
  { timeout: 60_000 },
  async () => {
    start({ maxModels: 1 })
    await catalogueIsRead()
    for (const model of ['openai/gpt-4o-mini', 'openai/gpt-4o']) expect(await chat(model)).toBe(200)
    expect(await chat('openai/gpt-4o-mini', 'status=400')).toBe(400)
    await vi.waitFor(async () => expect(await pricedModels()).toStrictEqual(['openai/gpt-4o']), 20_000)
  },
)
