/**
 * A whole account under load, watched from outside: so many charges a second with several keys, a share of the account
 * answers failing, the API away for a while, a top-up, a refund, credits that expire, jobs whose hold is given back,
 * and midnight in the middle. What was found out is compared with the simulator's books.
 */
import { watchAccounts } from '../../src/account/watch-accounts.ts'
import type { Client } from '../../src/account/client.ts'
import type { Clock } from '../../src/account/clock.ts'
import { createRandom } from '../simulator/random.ts'
import type { Call } from '../simulator/call.ts'
import { MODELS, startSimulator, type Simulator } from '../simulator/index.ts'
import { add, keyOf, type Sums } from './sums.ts'

export interface AccountRunOptions {
  readonly seed: string
  readonly clock: Clock
  /** Lets time pass. */
  readonly pass: (ms: number) => Promise<void>
  readonly client?: Client
  readonly chargesPerSecond: number
  readonly minutes: number
  /** 0 to 1. */
  readonly failing: number
  /** After the last charge, for what the API shows late. */
  readonly settlingMinutes: number
  /** How far the clock of the host is ahead of the API's. Default 0. */
  readonly skewMs?: number
}

/** A figure as it was found out, and as it is in the books. */
export interface Comparison {
  readonly what: string
  readonly found: number
  readonly booked: number
}

export interface AccountRunResult {
  readonly comparisons: readonly Comparison[]
  readonly requestsPerSecond: number
  readonly charges: number
  /** What the rows of the ledger said that could be read. */
  readonly ledgerRows: Comparison
  /** How far the ledger's rows were behind at the end. */
  readonly ledgerLagSeconds: number
}

const CREDITS_PER_USD = 2_000_000
const KEYS = [
  { key: '0a11ce00'.padEnd(32, '1'), name: 'service' },
  { key: '0b0b0000'.padEnd(32, '2'), name: 'nobody in particular' },
]
const MANAGEMENT_KEY = '0ca7a109'.padEnd(32, '3')
const TOP_UP_CREDITS = 500 * CREDITS_PER_USD
const REFUNDED_CREDITS = 20 * CREDITS_PER_USD
const EXPIRED_CREDITS = 3 * CREDITS_PER_USD
/** The API does not answer for so long. */
const RESTART_MS = 60_000
/** Rows that the simulator keeps: sums stay exact without them. */
const MAX_LEDGER_ENTRIES = 250_000
const HELD_CREDITS = 400_000
/** A job is given up after so long. */
const HOLD_MS = 90_000
const STEP_MS = 250
const ACCOUNT = 'whole'

export async function runAccount(options: AccountRunOptions): Promise<AccountRunResult> {
  const { seed, clock, pass, client, minutes, settlingMinutes, failing, skewMs = 0 } = options
  const simulator = await startSimulator({
    seed,
    now: () => clock.now(),
    accounts: [
      { name: ACCOUNT, balanceCredits: 1e12, keys: [...KEYS, { key: MANAGEMENT_KEY, management: true }] },
    ],
    logLagMs: [500, 5000],
    transactionLagMs: [500, 20_000],
    usageLagMs: 40_000,
    maxLedgerEntries: MAX_LEDGER_ENTRIES,
  })
  simulator.misbehave({ fault: 'status=503', probability: failing })
  const found = { charged: 0, topUps: 0, rows: 0, usage: new Map() as Sums, tokens: 0, failed: 0 }
  const on = { enabled: true, intervalMs: 60_000 }
  const watch = watchAccounts({
    accounts: [{ name: ACCOUNT, apiKey: KEYS[0]?.key ?? '' }],
    managementKeys: new Map([[ACCOUNT, MANAGEMENT_KEY]]),
    accountBaseUrl: simulator.url,
    maxModels: 200,
    balance: on,
    usage: on,
    ledger: on,
    settlement: { enabled: false, intervalMs: 60_000, maxPending: 1, settleOnShutdown: false },
    clock: { ...clock, now: () => clock.now() + skewMs },
    ...(client !== undefined && { client }),
    onPoll() {},
    onLedgerEntry: ({ direction, type, credits }) => {
      if (direction === 'topup') found.topUps += credits
      else if (type === 'MODEL_USAGE') found.rows += credits
    },
    onCharged: (_account, credits) => (found.charged += credits),
    onUsage: ({ keyPrefix, model, usd, inputTokens, outputTokens, failed }) => {
      add(found.usage, keyOf(keyPrefix, model), usd * CREDITS_PER_USD)
      found.tokens += inputTokens + outputTokens
      found.failed += failed
    },
  })
  try {
    // Everything was asked once before anything is charged: what is older is not counted.
    const isReady = (): boolean => watch.health().every(({ ageSeconds }) => ageSeconds !== undefined)
    while (!isReady()) await pass(1000)
    const startedMs = clock.now()
    const seen = simulator.requests.length
    const charges = await play(simulator, options, startedMs + minutes * 60_000)
    while (clock.now() < startedMs + (minutes + settlingMinutes) * 60_000) await pass(1000)
    const asked = simulator.requests.length - seen
    return {
      comparisons: compare(simulator, found),
      requestsPerSecond: asked / ((clock.now() - startedMs) / 1000),
      charges,
      ledgerRows: { what: 'ledger rows', found: found.rows, booked: bookedUse(simulator).credits },
      ledgerLagSeconds: watch.snapshots()[0]?.ledgerLagSeconds ?? Number.NaN,
    }
  } finally {
    watch.stop()
    await simulator.close()
  }
}

/** Books charges at the rate that is asked for, and what happens besides. Answers how many. */
async function play(simulator: Simulator, options: AccountRunOptions, untilMs: number): Promise<number> {
  const { seed, clock, pass, chargesPerSecond } = options
  const random = createRandom(`${seed}/charges`)
  const models = MODELS.filter(({ price }) => price.outputToken !== undefined).slice(0, 6)
  const startedMs = clock.now()
  const spanMs = untilMs - startedMs
  const account = simulator.accounts.get(ACCOUNT)
  const later: { readonly atMs: number; readonly run: () => void }[] = [
    { atMs: startedMs + spanMs * 0.2, run: () => restart(simulator, later, clock) },
    { atMs: startedMs + spanMs * 0.3, run: () => account.topUp(TOP_UP_CREDITS) },
    { atMs: startedMs + spanMs * 0.5, run: () => account.topUp(REFUNDED_CREDITS, 'REFUND') },
    { atMs: startedMs + spanMs * 0.6, run: () => account.topUp(EXPIRED_CREDITS, 'CREDITS_EXPIRED') },
  ]
  for (let share = 0.1; share < 0.9; share += 0.1)
    later.push({
      atMs: startedMs + spanMs * share,
      run: () => hold(simulator, callOf(simulator, random, clock), later, clock),
    })

  let booked = 0
  const dueNow = (): number =>
    Math.floor(((Math.min(clock.now(), untilMs) - startedMs) / 1000) * chargesPerSecond)
  while (clock.now() < untilMs) {
    await pass(STEP_MS)
    for (const due = dueNow(); booked < due; booked += 1) {
      const call = callOf(simulator, random, clock)
      const model = random.pick(models)
      if (random.next() < 0.02) simulator.billing.fail(call, model)
      else {
        const tokens = { input: random.integer(10, 4000), output: random.integer(1, 800) }
        simulator.billing.charge(call, model, { credits: random.integer(20, 20_000), tokens })
      }
    }
    for (const each of later.filter(({ atMs }) => atMs <= clock.now())) {
      later.splice(later.indexOf(each), 1)
      each.run()
    }
  }
  for (const { run } of later) run()
  return booked
}

/** Connections break off until it is back. */
function restart(simulator: Simulator, later: { atMs: number; run: () => void }[], clock: Clock): void {
  const away = simulator.misbehave({ fault: 'drop; reset' })
  later.push({ atMs: clock.now() + RESTART_MS, run: () => away.stop() })
}

/** A job sets credits aside and fails. */
function hold(
  simulator: Simulator,
  call: Call,
  later: { atMs: number; run: () => void }[],
  clock: Clock,
): void {
  const model = MODELS.find(({ family }) => family === 'video')
  if (model === undefined) return
  const held = simulator.billing.charge(call, model, { credits: HELD_CREDITS, status: 'held' })
  later.push({ atMs: clock.now() + HOLD_MS, run: () => simulator.billing.release(held) })
}

/** What billing needs to know of a call. */
function callOf(simulator: Simulator, random: ReturnType<typeof createRandom>, clock: Clock): Call {
  const key = simulator.accounts.byKey(random.pick(KEYS).key)
  const call: Partial<Call> = {
    ...(key !== undefined && { key }),
    family: 'chat',
    tag: null,
    inferenceId: random.nanoid(),
    requestId: random.uuid(),
    clientRequestId: null,
    requestedAt: clock.now(),
  }
  return call as Call
}

function bookedUse({ ledger }: Simulator) {
  return ledger.sum({ account: ACCOUNT, status: 'charged', type: 'MODEL_USAGE' })
}

function compare(
  simulator: Simulator,
  found: { charged: number; topUps: number; usage: Sums; tokens: number; failed: number },
): Comparison[] {
  const { ledger } = simulator
  const books = bookedUse(simulator)
  const models = new Set(MODELS.map(({ catalogueId }) => catalogueId))
  const byKeyAndModel = KEYS.flatMap(({ key }) =>
    [...models].map((catalogueModel) => {
      const keyPrefix = key.slice(0, 8)
      const what = keyOf(keyPrefix, catalogueModel)
      const booked = ledger.sum({ keyPrefix, catalogueModel, status: 'charged' }).credits
      return { what, found: found.usage.get(what) ?? 0, booked }
    }),
  )
  return [
    { what: 'charged', found: found.charged, booked: books.credits },
    { what: 'top-ups', found: found.topUps, booked: ledger.sum({ direction: 'TOPUP' }).credits },
    { what: 'tokens', found: found.tokens, booked: books.inputTokens + books.outputTokens },
    {
      what: 'failed requests',
      found: found.failed,
      booked: ledger.sum({ status: 'failed' }).entries + ledger.sum({ status: 'released' }).entries,
    },
    ...byKeyAndModel.filter((each) => each.booked > 0 || each.found > 0),
  ]
}
