import { diag, DiagLogLevel } from '@opentelemetry/api'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { LedgerEntry, PendingCall } from '../../src/ports.ts'
import { watchAccounts, type AccountWatch, type WatchOptions } from '../../src/account/watch-accounts.ts'
import type { Usage } from '../../src/types.ts'
import { DEFAULT_KEY, startSimulator, type Simulator, type SimulatorOptions } from '../simulator/index.ts'

const OFF = { enabled: false, intervalMs: 50 }
const ON = { enabled: true, intervalMs: 50 }
const SETTLE = { maxPending: 1000, settleOnShutdown: false }

let simulator: Simulator
let watch: AccountWatch
const said: string[] = []

beforeEach(() => {
  said.length = 0
  const say = (...parts: unknown[]): void => {
    said.push(parts.map(String).join(' '))
  }
  diag.setLogger(
    { error: say, warn: say, info: say, debug: say, verbose: say },
    { logLevel: DiagLogLevel.ALL, suppressOverrideMessage: true },
  )
})

afterEach(async () => {
  watch.stop()
  diag.disable()
  await simulator.close()
})

async function eventually(check: () => void): Promise<void> {
  await vi.waitFor(check, 15_000)
}

interface Watched {
  readonly polls: string[]
  readonly entries: LedgerEntry[]
}

async function start(simulated: SimulatorOptions, options: Partial<WatchOptions> = {}): Promise<Watched> {
  simulator = await startSimulator(simulated)
  const polls: string[] = []
  const entries: LedgerEntry[] = []
  watch = watchAccounts({
    accounts: [{ name: 'default', apiKey: DEFAULT_KEY }],
    managementKeys: new Map(),
    accountBaseUrl: simulator.url,
    maxModels: 200,
    balance: OFF,
    settlement: { ...OFF, ...SETTLE },
    usage: OFF,
    ledger: OFF,
    pageSpacingMs: 5,
    onPoll: (...poll) => polls.push(poll.filter((part) => part !== undefined).join(' ')),
    onLedgerEntry: (entry) => entries.push(entry),
    onCharged() {},
    onUsage() {},
    ...options,
  })
  return { polls, entries }
}

/** One chat call; its inference id. */
async function chat(fault = ''): Promise<string> {
  const response = await fetch(`${simulator.url}/v1/chat/completions`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${DEFAULT_KEY}`,
      'content-type': 'application/json',
      'x-sim-fault': fault,
    },
    body: JSON.stringify({ model: 'openai/gpt-4o', messages: [{ role: 'user', content: 'canary prompt' }] }),
  })
  await response.text()
  return response.headers.get('x-inference-id') ?? ''
}

function pending({
  inferenceId,
  ...rest
}: Partial<PendingCall> & { inferenceId?: string }): PendingCall & { told: (Usage | string)[] } {
  const told: (Usage | string)[] = []
  return {
    account: 'default',
    startTimeMs: Date.now(),
    inferenceIds: inferenceId === undefined ? [] : [inferenceId],
    accepts: () => true,
    ...rest,
    found: (usage) => told.push(usage),
    lost: (reason) => told.push(reason),
    told,
  }
}

describe('the balance of an account', () => {
  it('is there with limits and top-up after the first poll, and before it there is nothing', async () => {
    await start(
      {
        accounts: [
          {
            name: 'default',
            balanceCredits: 5_000_000,
            lowBalanceThresholdCredits: 6_000_000,
            autoTopUp: { enabled: true, thresholdUsd: 1, amountUsd: 20 },
            keys: [{ key: DEFAULT_KEY, limit: { retention: 'month', thresholdUsd: 25 } }],
          },
        ],
      },
      { balance: ON },
    )
    expect(watch.snapshots()).toStrictEqual([])
    await eventually(() => expect(watch.snapshots()[0]).toHaveProperty('keys'))
    await eventually(() => expect(watch.snapshots()[0]).toHaveProperty('balanceLow'))
    expect(watch.snapshots()).toStrictEqual([
      {
        account: 'default',
        balanceUsd: 2.5,
        balanceCredits: 5_000_000,
        balanceLow: true,
        lowBalanceThresholdCredits: 6_000_000,
        autoTopUpEnabled: true,
        autoTopUpThresholdUsd: 1,
        autoTopUpAmountUsd: 20,
        keys: [{ prefix: '5eedc0de', disabled: false, limitUsd: 25, usageUsd: 0, retention: 'month' }],
        updatedTimestampSeconds: expect.closeTo(Date.now() / 1000, -1),
      },
    ])
  })

  it('of several accounts is polled each with its own key, and one that is refused does not hold up the other', async () => {
    const { polls } = await start(
      {
        accounts: [
          { name: 'a', keys: ['aaaaaaaa-key'], balanceCredits: 2_000_000 },
          { name: 'b', keys: ['bbbbbbbb-key'], balanceCredits: 4_000_000 },
        ],
      },
      {
        balance: ON,
        accounts: [
          { name: 'one', apiKey: 'aaaaaaaa-key' },
          { name: 'stranger', apiKey: 'canary-of-a-wrong-key' },
          { name: 'two', apiKey: 'bbbbbbbb-key' },
        ],
      },
    )
    await eventually(() => expect(polls).toContain('stranger balance 401'))
    // An account is listed from its first answer on, which need not be the balance.
    await eventually(() => {
      const balances = Object.fromEntries(watch.snapshots().map((each) => [each.account, each.balanceUsd]))
      expect(balances).toStrictEqual({ one: 1, two: 2 })
    })
    await eventually(() => expect(polls).toContain('stranger key 401'))
    // Balance, key, …: one warning for them all.
    expect(said.filter((line) => line.includes('refuses'))).toStrictEqual([
      expect.stringContaining('refuses the key of account "stranger" (HTTP 401)'),
    ])
  })

  it('keeps its last good value and time through an outage, and follows again after it', async () => {
    const { polls } = await start({}, { balance: ON })
    await eventually(() => expect(watch.snapshots()[0]).toHaveProperty('balanceLow'))
    const outage = simulator.misbehave({ path: '/billing', fault: 'drop; reset' })
    const failed = () => eventually(() => expect(polls).toContain('default balance ECONNRESET'))
    // A poll that was under way when the outage began may still have been answered.
    await failed()
    const before = watch.snapshots()[0]
    simulator.accounts.get('default').topUp(2_000_000)
    polls.splice(0)
    await failed()
    expect(watch.snapshots()[0]?.balanceUsd).toBe(before?.balanceUsd)
    expect(watch.snapshots()[0]?.updatedTimestampSeconds).toBe(before?.updatedTimestampSeconds)
    outage.stop()
    await eventually(() => expect(watch.snapshots()[0]?.balanceUsd).toBe((before?.balanceUsd ?? 0) + 1))
  })

  it.each([
    ['garbage', 'garbage', 'unparsable'],
    ['a page of HTML', 'html', 'unparsable'],
    ['half an answer', 'truncate=0.5', 'unparsable'],
    ['a body that goes on for ever', 'endlessMb=64', 'too_large'],
    ['503', 'status=503', '503'],
  ])('is not taken from %s', async (_what, fault, errorType) => {
    const { polls } = await start({}, { balance: ON })
    // Before the first poll: that one is at least a timer away.
    simulator.misbehave({ path: '/billing', fault })
    await eventually(() => expect(polls).toContain(`default balance ${errorType}`))
    expect(watch.snapshots().some((snapshot) => 'balanceUsd' in snapshot)).toBe(false)
  })
})

describe('settlement with a real log', { timeout: 60_000 }, () => {
  it('finds what responses did not say, to the credit, and asks only while something is pending', async () => {
    await start({ logLagMs: [0, 300] }, { settlement: { ...ON, ...SETTLE } })
    const calls = []
    for (let n = 0; n < 110; n += 1) {
      const startTimeMs = Date.now()
      const call = pending({ inferenceId: await chat('noMeta; noCreditHeaders'), startTimeMs })
      expect(watch.settlement.add(call)).toBe(true)
      calls.push(call)
    }
    await eventually(() => expect(watch.settlement.pendingByAccount().get('default')).toBe(0))
    const told = calls.flatMap((call) => call.told) as Usage[]
    expect(told).toHaveLength(110)
    const sum = (read: (usage: Usage) => number | undefined): number =>
      told.reduce((total, usage) => total + (read(usage) ?? 0), 0)
    const truth = simulator.ledger.sum()
    expect(sum((usage) => usage.credits)).toBe(truth.credits)
    expect(sum((usage) => usage.inputTokens)).toBe(truth.inputTokens)
    expect(sum((usage) => usage.outputTokens)).toBe(truth.outputTokens)

    const asked = simulator.requests.filter(({ path }) => path === '/v2/logs').length
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(simulator.requests.filter(({ path }) => path === '/v2/logs')).toHaveLength(asked)
  })

  it('makes one last attempt at the end, and reports what it did not find', async () => {
    await start({}, { settlement: { enabled: true, intervalMs: 60_000, ...SETTLE } })
    const found = pending({
      inferenceId: await chat('noMeta; noCreditHeaders'),
      startTimeMs: Date.now() - 1000,
    })
    const ghost = pending({ inferenceId: 'ghost' })
    watch.settlement.add(found)
    watch.settlement.add(ghost)
    await watch.flush()
    watch.stop()
    expect(found.told).toMatchObject([{ credits: simulator.ledger.sum().credits }])
    expect(ghost.told).toStrictEqual(['evicted'])
  })

  it('takes nothing when it is switched off', async () => {
    await start({})
    expect(watch.settlement.add(pending({ inferenceId: 'a' }))).toBe(false)
    expect(watch.settlement.pendingByAccount()).toStrictEqual(new Map())
  })
})

describe('the ledger of an account', { timeout: 60_000 }, () => {
  it('is exported to the credit, over late entries, pages, equal entries and an outage', async () => {
    const { entries, polls } = await start({ transactionLagMs: [0, 800] }, { ledger: ON })
    await eventually(() => expect(polls).toContain('default ledger'))
    for (let n = 0; n < 60; n += 1) await chat()
    const outage = simulator.misbehave({ path: '/transactions', fault: 'drop' })
    await eventually(() => expect(polls.some((poll) => /ledger E/.test(poll))).toBe(true))
    const createdAt = Date.now()
    for (let n = 0; n < 150; n += 1) simulator.accounts.get('default').topUp(7, 'BONUS', createdAt)
    for (let n = 0; n < 60; n += 1) await chat()
    outage.stop()

    const credits = (direction: string): number =>
      entries.reduce((sum, entry) => sum + (entry.direction === direction ? entry.credits : 0), 0)
    const truth = simulator.ledger.sum().credits
    await eventually(() => expect([credits('charge'), credits('topup')]).toStrictEqual([truth, 1050]))
    // Read again and again, nothing more comes.
    await new Promise((resolve) => setTimeout(resolve, 1000))
    expect([credits('charge'), credits('topup')]).toStrictEqual([truth, 1050])
    expect(new Set(entries.map(({ type, model }) => `${type} ${model}`))).toStrictEqual(
      new Set(['MODEL_USAGE openai/gpt-4o', 'BONUS undefined']),
    )
  })

  it('is refused to a management key, and one warning says so', async () => {
    const { polls } = await start(
      { accounts: [{ name: 'default', keys: [{ key: DEFAULT_KEY, management: true }] }] },
      { ledger: ON, balance: ON },
    )
    await eventually(() => expect(polls).toContain('default ledger 403'))
    expect(said.filter((line) => line.includes('refuses'))).toStrictEqual([
      expect.stringContaining('refuses the key for the ledger of account "default" (HTTP 403)'),
    ])
  })
})

it.each(['constructor', 'toString'])('an account named %s is read with its own key', async (name) => {
  const { polls } = await start({}, { accounts: [{ name, apiKey: DEFAULT_KEY }], usage: ON })
  await eventually(() => expect(polls).toContain(`${name} usage`))
  expect(polls.filter((poll) => /4\d\d$/.test(poll))).toStrictEqual([])
})

it('no key, prompt, e-mail or user id is in anything that src/account logs or exports', async () => {
  const { polls, entries } = await start({}, { balance: ON, ledger: ON, settlement: { ...ON, ...SETTLE } })
  const { email, userId } = simulator.accounts.get('default')
  await eventually(() => expect(watch.snapshots()[0]).toHaveProperty('keys'))
  const call = pending({ inferenceId: await chat('noMeta') })
  watch.settlement.add(call)
  await eventually(() => expect(entries).toHaveLength(1))
  await eventually(() => expect(call.told).toHaveLength(1))
  for (const fault of ['status=401', 'status=400', 'status=403', 'garbage', 'drop', 'reset; drop']) {
    simulator.misbehave({ fault, count: 6 })
    watch.settlement.add(pending({ inferenceId: `ghost ${fault}` }))
    await new Promise((resolve) => setTimeout(resolve, 60))
  }
  const snapshots = watch.snapshots()
  // The public handle of the key stands where it has to, and nowhere else.
  const prefix = DEFAULT_KEY.slice(0, 8)
  expect(snapshots[0]?.keys?.map((key) => key.prefix)).toStrictEqual([prefix])
  const everything = JSON.stringify([said, polls, entries, { ...snapshots[0], keys: [] }, call.told])
  for (const secret of [DEFAULT_KEY, prefix, 'canary', email, String(userId)])
    expect(everything).not.toContain(secret)
})
