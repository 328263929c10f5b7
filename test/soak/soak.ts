/**
 * One seed of the soak: mixed calls and sessions with drops, aborts, retries, duplicated polls, batches and
 * failing jobs go through the simulator; at the end what was counted must equal what the simulator's ledger charged, to the credit.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { metrics } from '@opentelemetry/api'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { AimlapiInstrumentation } from '../../src/instrumentation.ts'
import { startSimulator, type Simulator } from '../simulator/index.ts'
import { createRandom } from '../simulator/random.ts'
import { JUDGEMENT_TAG } from '../simulator/families/router.ts'
import { startLedgerExporter, type LedgerExporter } from './exporter.ts'
import { ROUTED_MODELS, ROUTERS } from './kinds.ts'
import { planSoak } from './plan.ts'
import { playSteps } from './play.ts'
import { createClients } from './send.ts'
import { add, differences, keyOf, readPoints, subtract, sumOf, total, type Point, type Sums } from './sums.ts'
import { Told } from './told.ts'

export interface SoakOptions {
  readonly seed: string
  readonly calls: number
  readonly concurrency?: number
  /**
   * Have what responses did not say looked up in the account's log, so that nothing is missing after two intervals,
   * and the ledger followed by `aimlapi-exporter` (built) in a second process.
   */
  readonly settlement?: boolean
  /** Of settlement and ledger. Default 5 s. */
  readonly intervalMs?: number
}

export interface SoakResult {
  readonly seed: string
  /** HTTP attempts, polls among them: as the metric says it, and as many as there were records. */
  readonly requests: number
  readonly records: number
  /** Counted − refunded, from the metrics, by `account / model / team`. */
  readonly counted: Sums
  /** Of calls reported missing: what the ledger says they cost. */
  readonly missing: Sums
  /** Without what routers spent on deciding, which is in no response. */
  readonly ledger: Sums
  readonly decisions: Sums
  /** Input and output of what is billed by tokens, by metrics and by ledger. With settlement only. */
  readonly tokens?: Sums
  readonly ledgerTokens?: Sums
  readonly missingCalls: number
  /** `aimlapi.usage.missing` of the metrics: must be `missingCalls`. */
  readonly missingMetric: number
  /** What the records add up to, as `onCall` was given them. */
  readonly bill: Sums
  /** Generations of which the records said that they are pending, and never what became of them. */
  readonly unresolved: readonly string[]
  /** What the second process saw charged, by `account / model`; counted − refunded by the same. With settlement only. */
  readonly charged?: Sums
  readonly countedByModel?: Sums
  /** From the last answer until nothing was pending any more. */
  readonly settledAfterMs?: number
  readonly suspects: readonly string[]
}

const ACCOUNTS = [
  { name: 'main', apiKey: 'a'.repeat(32) },
  { name: 'second', apiKey: 'b'.repeat(32) },
]
/** A key that nobody configured: its calls belong to `other`. */
const FOREIGN = { name: 'other', apiKey: 'c'.repeat(32) }
const KEYS = [...ACCOUNTS, FOREIGN]

/** Log rows and charges show up so much later, and out of order. */
const LAG_MS = [0, 1500] as const
const ROWS_PER_SECOND = 100
/** Of realtime sessions. */
const COMPRESSIONS = ['none', 'context-takeover', 'no-context-takeover'] as const

export async function runSoak(options: SoakOptions): Promise<SoakResult> {
  const { seed, calls, concurrency = 16, settlement = false, intervalMs = 5000 } = options
  const plan = planSoak(seed, calls, { settleable: settlement })
  const simulator = await startSimulator({
    seed,
    accounts: KEYS.map(({ name, apiKey }) => ({ name, keys: [apiKey], balanceCredits: 1e15 })),
    logLagMs: LAG_MS,
    transactionLagMs: LAG_MS,
    realtimeCompression: createRandom(`${seed}/compression`).pick(COMPRESSIONS),
  })
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })
  const provider = new MeterProvider({ readers: [reader] })
  const collect = async (): Promise<Point[]> => {
    exporter.reset()
    await provider.forceFlush()
    return readPoints(exporter)
  }
  metrics.setGlobalMeterProvider(provider)
  let second: LedgerExporter | undefined
  let instrumentation: AimlapiInstrumentation | undefined
  try {
    const following = { accounts: ACCOUNTS, baseUrl: simulator.url, intervalMs }
    if (settlement) second = await startLedgerExporter(following)
    const told = new Told(simulator)
    instrumentation = new AimlapiInstrumentation({
      accounts: ACCOUNTS,
      baseUrls: [simulator.url],
      balance: false,
      settlement: { enabled: settlement, intervalMs },
      metricTags: ['team'],
      onCall: (record) => told.note(record),
    })
    const player = { send: createClients(), simulator, apiKeys: KEYS.map(({ apiKey }) => apiKey) }
    await playSteps(plan, player, concurrency)
    // Jobs that were never polled, because the answer to their create call was lost, end all the same.
    simulator.jobs.finishAll()
    simulator.batches.finishAll()
    await simulator.idle()
    await instrumentation.forceFlush()
    const limitMs = twoIntervals(intervalMs, simulator)
    const settledAfterMs = settlement ? await waitUntilSettled(collect, limitMs) : undefined
    await instrumentation.shutdown()
    const points = await collect()
    const counted = subtract(sumOf(points, 'aimlapi.credits.used'), sumOf(points, 'aimlapi.credits.refunded'))
    return {
      seed,
      requests: total(sumOf(points, 'aimlapi.requests')),
      records: told.records,
      counted,
      missing: settlement ? new Map() : told.price(),
      ledger: sumLedger(simulator),
      decisions: sumDecisions(simulator),
      missingCalls: told.missing,
      bill: told.bill,
      unresolved: told.unresolved,
      missingMetric: total(sumOf(points, 'aimlapi.usage.missing')),
      suspects: told.suspects(plan),
      ...(settledAfterMs !== undefined && {
        settledAfterMs,
        tokens: sumOf(
          points.filter(({ operation }) => TOKEN_OPERATIONS.has(operation)),
          'aimlapi.tokens',
        ),
        ledgerTokens: sumLedgerTokens(simulator),
      }),
      ...(second !== undefined && {
        charged: withoutRouted(
          await second.readCharged(total(counted) + total(sumDecisions(simulator)), limitMs),
        ),
        countedByModel: byCatalogueModel(points, simulator),
      }),
    }
  } finally {
    await instrumentation?.shutdown()
    await second?.stop()
    await provider.shutdown()
    metrics.disable()
    await simulator.close()
  }
}

/** What does not balance: a line for each kind of imbalance, with the labels it shows under. */
export function findImbalance(result: SoakResult): string[] {
  const { counted, missing, ledger, charged = new Map(), countedByModel = new Map() } = result
  const told: Sums = new Map(counted)
  for (const [key, credits] of missing) add(told, key, credits)
  const same = (what: string, a: number, b: number): string[] => (a === b ? [] : [`${what}: ${a} and ${b}`])
  return [
    ...differences(told, ledger).map((key) => `told and ledger: ${key}`),
    ...differences(result.tokens ?? new Map(), result.ledgerTokens ?? new Map()).map(
      (key) => `tokens: ${key}: ${result.tokens?.get(key)} and ${result.ledgerTokens?.get(key)}`,
    ),
    ...differences(countedByModel, charged).map((key) => `counted and charged in the second process: ${key}`),
    ...differences(counted, result.bill).map((key) => `counted by metrics and by records: ${key}`),
    ...result.unresolved.map((generation) => `pending for ever: ${generation}`),
    ...same('calls missing by records and by metric', result.missingCalls, result.missingMetric),
    ...same('requests by metric and by records', result.requests, result.records),
  ]
}

/** A poller's delay varies by a tenth; within a round, each page of either takes a second. */
function twoIntervals(intervalMs: number, { ledger }: Simulator): number {
  const readingMs = (Math.ceil(ledger.entries().length / ROWS_PER_SECOND) + 1) * 1000
  return 2 * (intervalMs * 1.1 + readingMs) + LAG_MS[1]
}

/** Milliseconds until nothing was pending, at most `limitMs`. */
async function waitUntilSettled(collect: () => Promise<Point[]>, limitMs: number): Promise<number> {
  const startMs = performance.now()
  const passedMs = (): number => Math.round(performance.now() - startMs)
  while (passedMs() < limitMs && total(sumOf(await collect(), 'aimlapi.usage.pending')) > 0) await sleep(250)
  return passedMs()
}

function sumLedger({ ledger }: Simulator): Sums {
  const sums: Sums = new Map()
  for (const { account, model, tag, credits } of ledger.entries({ type: 'MODEL_USAGE' }))
    if (credits !== 0 && tag !== JUDGEMENT_TAG) add(sums, keyOf(account, model, tag), credits)
  return sums
}

/** What is billed by tokens, so that answers without any are asked of the log. Items of a batch may never be read. */
const TOKEN_FAMILIES: ReadonlySet<string> = new Set([
  'chat',
  'responses',
  'messages',
  'embeddings',
  'decisions',
  'realtime',
])
const TOKEN_OPERATIONS: ReadonlySet<string> = new Set(['chat', 'embeddings', 'decide', 'realtime'])

function sumLedgerTokens({ ledger }: Simulator): Sums {
  const sums: Sums = new Map()
  for (const { account, model, tag, ...entry } of ledger.entries({ type: 'MODEL_USAGE' }))
    if (entry.credits !== 0 && tag !== JUDGEMENT_TAG && TOKEN_FAMILIES.has(entry.endpoint))
      add(sums, keyOf(account, model, tag), entry.tokens.input + entry.tokens.output)
  return sums
}

/** By `account / model`. */
function sumDecisions({ ledger }: Pick<Simulator, 'ledger'>): Sums {
  const sums: Sums = new Map()
  for (const { account, catalogueModel, credits } of ledger.entries({ tag: JUDGEMENT_TAG }))
    add(sums, keyOf(account, catalogueModel), credits)
  return sums
}

const ROUTED = 'routed'

/** A call that was broken off never learnt which model a router chose for it: those are compared as one. */
function withoutRouted(charged: Sums): Sums {
  const sums: Sums = new Map()
  for (const [key, credits] of charged) {
    const model = ROUTED_MODELS.find((name) => key.endsWith(name))
    add(sums, model === undefined ? key : key.replace(model, ROUTED), credits)
  }
  return sums
}

/** The ledger names models as the catalogue does, calls as their requests did. */
function byCatalogueModel(points: readonly Point[], { ledger }: Pick<Simulator, 'ledger'>): Sums {
  const names = new Map(ledger.entries({}).map(({ model, catalogueModel }) => [model, catalogueModel]))
  for (const router of ROUTERS) names.set(router, ROUTED)
  const sums: Sums = new Map(sumDecisions({ ledger }))
  for (const { metric, account, model, value } of points) {
    const key = keyOf(account, names.get(model) ?? model)
    if (metric === 'aimlapi.credits.used') add(sums, key, value)
    if (metric === 'aimlapi.credits.refunded') add(sums, key, -value)
  }
  return sums
}
