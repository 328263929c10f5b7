import { describe, expect, it } from 'vitest'
import { createLedger, type NewEntry } from '../../simulator/ledger.ts'
import { DEFAULT_KEY, startSimulator, type SimulatorOptions } from '../../simulator/index.ts'

const MESSAGES = [{ role: 'user', content: 'x' }]
const TRAFFIC: ReadonlyArray<readonly [path: string, body: object, headers?: Record<string, string>]> = [
  ['/v1/chat/completions', { model: 'gpt-4o', messages: MESSAGES }],
  ['/v1/chat/completions', { model: 'gpt-4o', messages: MESSAGES, stream: true }],
  [
    '/v1/chat/completions',
    { model: 'gpt-4o', messages: MESSAGES, stream: true },
    { 'x-sim-fault': 'breakAt' },
  ],
  ['/v1/messages', { model: 'claude-sonnet-4-5', messages: MESSAGES }, { 'x-sim-fault': 'noCreditHeaders' }],
  ['/v1/responses', { model: 'openai/gpt-5-1', input: 'x' }, { 'x-sim-fault': 'noCreditHeaders' }],
  ['/v1/tts', { model: 'inworld/tts-1', text: 'hello', stream: true }],
  ['/v2/video/generations', { model: 'alibaba/wan-2-6-t2v', prompt: 'x' }],
  ['/v2/video/generations', { model: 'veo3-that-fails', prompt: 'x' }],
  ['/v1/images/generations', { model: 'flux/schnell', prompt: 'x' }, { 'x-sim-fault': 'lose' }],
  ['/v1/embeddings', { model: 'voyage-2', input: 'x' }, { 'x-sim-fault': 'status=500' }],
]

/** Runs the traffic one after the other and adds up what the responses told. */
async function run(options: SimulatorOptions, rounds: number) {
  const simulator = await startSimulator(options)
  let told = 0
  for (let round = 0; round < rounds; round++) {
    for (const [path, body, headers] of TRAFFIC) {
      const tag = round % 2 === 0 ? 'search' : 'support'
      const answer = await fetch(`${simulator.url}${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${DEFAULT_KEY}`, 'x-sim-tag': tag, ...headers },
        body: JSON.stringify(body),
      })
        .then(async (response) => ({ response, text: await response.text().catch(() => '') }))
        .catch(() => undefined)
      if (answer === undefined) continue
      const inBody = /"(?:credits_used|tokens_used)":(\d+)/.exec(answer.text)?.[1]
      told += Number(answer.response.headers.get('x-aimlapi-credits-used') ?? inBody ?? 0)
    }
  }
  await simulator.idle()
  return { simulator, told }
}

describe('the books', () => {
  it('agree: stated and unstated credits are the ledger, by account and by tag', async () => {
    const { simulator, told } = await run({ seed: 1 }, 6)
    const { ledger, accounts, jobs } = simulator
    const sum = ledger.sum().credits
    expect(sum).toBe(told + ledger.sum({ reported: false }).credits)
    expect(ledger.sum({ reported: true }).credits).toBe(told)
    expect(ledger.sum({ tag: 'search' }).credits + ledger.sum({ tag: 'support' }).credits).toBe(sum)
    expect(accounts.get('default').balanceCredits).toBe(1_000_000_000 - sum)
    const failing = ledger.sum({ model: 'veo3-that-fails' }).credits
    jobs.finishAll()
    expect(failing).toBeGreaterThan(0)
    expect(ledger.sum().credits).toBe(sum - failing)
    expect(ledger.sum({ status: 'held' })).toMatchObject({ credits: 0, entries: 0 })
    expect(accounts.get('default').balanceCredits).toBe(1_000_000_000 - ledger.sum().credits)
    expect(ledger.sum({ status: 'failed' })).toMatchObject({ credits: 0, entries: 6 })
    await simulator.close()
  })

  it('repeat for the same seed, to the id and the credit, and not for another', async () => {
    const digest = async (seed: number): Promise<string[]> => {
      const { simulator } = await run({ seed }, 2)
      await simulator.close()
      return simulator.ledger.entries().map((entry) => `${entry.inferenceId} ${entry.model} ${entry.credits}`)
    }
    const first = await digest(5)
    expect(await digest(5)).toEqual(first)
    expect(await digest(6)).not.toEqual(first)
  })

  it('sum exactly after old entries were forgotten', async () => {
    const { simulator, told } = await run({ seed: 1, maxLedgerEntries: 10 }, 6)
    const whole = await run({ seed: 1 }, 6)
    expect(whole.told).toBe(told)
    expect(simulator.ledger.entries().filter((entry) => entry.status !== 'held').length).toBeLessThan(14)
    expect(simulator.ledger.sum().credits).toBe(whole.simulator.ledger.sum().credits)
    expect(simulator.ledger.sum({ tag: 'search' })).toEqual(whole.simulator.ledger.sum({ tag: 'search' }))
    await Promise.all([simulator.close(), whole.simulator.close()])
  })

  it('keep a hold, however old, until it is settled', () => {
    const ledger = createLedger(4)
    const entry = (status: 'held' | 'charged'): NewEntry => ({
      account: 'a',
      keyPrefix: '',
      direction: 'CHARGE',
      type: 'MODEL_USAGE',
      status,
      inferenceId: null,
      clientRequestId: null,
      requestId: null,
      model: 'm',
      catalogueModel: 'v/m',
      endpoint: 'video',
      tag: null,
      credits: 10,
      heldCredits: 0,
      tokens: { input: 0, output: 0 },
      requestedAt: 0,
      createdAt: 0,
      transactionVisibleAt: 0,
      logVisibleAt: 0,
    })
    const held = ledger.append(entry('held'))
    for (let index = 0; index < 50; index++) ledger.append(entry('charged'))
    expect(ledger.amend(held.sequence, { status: 'released', credits: 0 })?.credits).toBe(0)
    expect(ledger.sum().credits).toBe(500)
  })
})
