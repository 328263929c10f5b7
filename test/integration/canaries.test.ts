import { context, diag, DiagLogLevel } from '@opentelemetry/api'
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { AimlapiInstrumentation } from '../../src/instrumentation.ts'
import type { CallRecord } from '../../src/types.ts'
import { startSimulator, type Simulator } from '../simulator/index.ts'
import { KINDS } from '../soak/kinds.ts'
import { planSoak, type Step } from '../soak/plan.ts'
import { playSteps } from '../soak/play.ts'
import { createClients } from '../soak/send.ts'
import { installContextManager, recordMetrics, recordSpans } from '../unit/telemetry/recording.ts'
import { KEY_PLACES, talk } from './realtime-support/agent.ts'

const NAMES = ['main', 'second', 'other']
// The first 8 characters are the API's own public name of a key, and stand in metrics.
const KEYS = NAMES.map((name, index) => `${String(index).padStart(8, '0')}canary-key-of-${name}-0123456789`)
const ON = { enabled: true, intervalMs: 100 }
const SEED = String(Math.floor(Math.random() * 1e9))

/** Every prompt of the plan, wherever its family has it. */
function withCanaries(step: Step): Step {
  const body = JSON.stringify(step.body).replace(/"(?:hi|a cat|a song|hello there)"/g, '"canary prompt"')
  return { ...step, body: JSON.parse(body) as Step['body'] }
}

/** A session with each model for each place where the key may stand; what is said in them is canaries throughout. */
async function talkEverywhere(url: string, key: string): Promise<void> {
  const bodies = KINDS.filter(({ session }) => session === true).flatMap((kind) => kind.bodies)
  const models = new Set(bodies.map(({ model }) => String(model)))
  for (const model of models)
    await Promise.all([
      ...KEY_PLACES.map((keyIn) => talk({ url, key, keyIn, model, turns: 1 })),
      talk({ url, key, model, turns: 1, headers: { 'x-sim-fault': 'status=403' } }),
      talk({ url, key, model, turns: 1, headers: { 'x-sim-fault': 'breakAt=0.5' } }),
    ])
}

describe(`keys, prompts, answers, conversations, error messages, result URLs, e-mail and user ids (seed ${SEED})`, () => {
  let simulator: Simulator
  let secrets: string[]
  const said: string[] = []
  const records: CallRecord[] = []
  const spans = recordSpans()
  const metrics = recordMetrics()
  let points: Awaited<ReturnType<typeof metrics.points>>

  beforeAll(async () => {
    simulator = await startSimulator({
      seed: SEED,
      accounts: NAMES.map((name, index) => ({ name, keys: [KEYS[index] ?? ''], balanceCredits: 1e15 })),
    })
    secrets = [
      'canary',
      'Signature=',
      ...simulator.accounts.all().flatMap(({ email, userId }) => [email, String(userId)]),
    ]
    installContextManager()
    const say = (...words: unknown[]): void => void said.push(words.map(String).join(' '))
    diag.setLogger(
      { error: say, warn: say, info: say, debug: say, verbose: say },
      { logLevel: DiagLogLevel.ALL, suppressOverrideMessage: true },
    )
    const instrumentation = new AimlapiInstrumentation({
      enabled: false,
      accounts: NAMES.slice(0, 2).map((name, index) => ({ name, apiKey: KEYS[index] ?? '' })),
      baseUrls: [simulator.url],
      metricTags: ['team'],
      balance: ON,
      settlement: ON,
      ledger: ON,
      onCall: (record) => records.push(record),
    })
    instrumentation.setTracerProvider(spans.provider)
    instrumentation.setMeterProvider(metrics.provider)
    instrumentation.enable()
    const settled = (): ReadableSpan[] => spans.spans().filter(({ name }) => name.startsWith('settle'))
    const steps = planSoak(SEED, 150, { settleable: true }).map(withCanaries)
    await playSteps(steps, { send: createClients(), simulator, apiKeys: KEYS }, 16)
    await talkEverywhere(simulator.url, KEYS[0] ?? '')
    // A refusal that echoes the prompt, to a URL with a secret of its own.
    await fetch(`${simulator.url}/v1/chat/completions?token=canary-query`, {
      method: 'POST',
      headers: { authorization: `Bearer ${KEYS[0]}`, 'x-sim-fault': 'status=400' },
      body: '{"model":"gpt-4o","messages":[{"role":"user","content":"canary prompt"}]}',
    }).then((response) => response.text())
    await vi.waitFor(() => expect(settled().length).toBeGreaterThan(0), 30_000)
    await vi.waitFor(async () => {
      const names = new Set((await metrics.points()).map(({ name }) => name))
      expect([...names]).toEqual(
        expect.arrayContaining([
          'aimlapi.balance.usd',
          'aimlapi.ledger.charged.credits',
          'aimlapi.key.usage.usd',
        ]),
      )
    }, 30_000)
    // A refused key is asked with only a quarter of an hour later: last.
    const faults = ['garbage', 'html', 'drop', 'truncate=0.5', 'status=500', 'status=403', 'status=401']
    simulator.misbehave({ path: '/billing', fault: faults })
    await vi.waitFor(() => expect(said.join()).toMatch(/failed \(unparsable\).*refuses/), 30_000)
    points = await metrics.points()
    await instrumentation.forceFlush()
    await instrumentation.shutdown()
  }, 120_000)

  afterAll(async () => {
    diag.disable()
    context.disable()
    await simulator.close()
  })

  const secretsIn = (signal: unknown): string[] => {
    const text = JSON.stringify(signal)
    return secrets.filter((secret) => text.includes(secret))
  }

  it('were there to be recorded', () => {
    expect(records.length).toBeGreaterThan(150)
    expect(simulator.requests.map(({ path }) => path)).toContain('/v2/billing/detail')
    expect(records.some(({ httpStatus }) => httpStatus === 400)).toBe(true)
    const sessions = records.filter(({ endpoint, kind }) => endpoint === 'realtime' && kind === 'call')
    const statuses = sessions.map(({ httpStatus }) => httpStatus)
    expect(statuses).toEqual(expect.arrayContaining([101, 403]))
    expect(sessions.some(({ usage }) => usage !== undefined)).toBe(true)
  })

  it('are in no span', () => {
    expect(spans.spans().length).toBeGreaterThan(150)
    const shown = spans.spans().map(({ name, attributes, events, status, links }) => ({
      name,
      attributes,
      events,
      status,
      links: links.map((link) => link.attributes),
    }))
    expect(secretsIn(shown)).toEqual([])
  })

  it('are in no metric', () => expect(secretsIn(points)).toEqual([]))

  it('are in no record', () => expect(secretsIn(records)).toEqual([]))

  it('are in no line of the log', () => {
    expect(said.join()).toContain('failed (unparsable)')
    expect(secretsIn(said)).toEqual([])
  })

  it.each([
    { accounts: [{ name: 'a', apiKey: 'canary key' }] },
    { accounts: [{ name: 'canary;name', apiKey: 'k' }] },
    { accounts: ['canary'] },
    { accounts: 'a=canary' },
    { apiKey: 'canary\nkey' },
  ])('are in no configuration error: %j', (options) => {
    let message = ''
    try {
      new AimlapiInstrumentation(options as never)
    } catch (error) {
      message = String(error)
    }
    expect(message).toMatch(/^ConfigurationError: option/)
    expect(secretsIn(message)).toEqual([])
  })
})
