/**
 * One seed of the soak: mixed calls with drops, aborts, retries, duplicated polls and failing jobs go through
 * the simulator; at the end what was counted must equal what the simulator's ledger charged, to the credit.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { metrics } from '@opentelemetry/api'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { withSpendTags } from '../../src/calls/tags.ts'
import { AimlapiInstrumentation } from '../../src/instrumentation.ts'
import type { CallRecord } from '../../src/types.ts'
import { startSimulator, type Simulator } from '../simulator/index.ts'
import { planSoak, type Step } from './plan.ts'
import { send } from './send.ts'

export interface SoakOptions {
  readonly seed: string
  readonly calls: number
  readonly concurrency?: number
  /** Have what responses did not say looked up in the account's log, and wait until nothing is pending. */
  readonly settlement?: boolean
}

/** Credits by `account / model / team`. */
export type Sums = Map<string, number>

export interface SoakResult {
  readonly seed: string
  readonly requests: number
  /** Counted − refunded, from the metrics. */
  readonly counted: Sums
  /** Of calls reported missing: what the ledger says they cost. */
  readonly missing: Sums
  readonly ledger: Sums
  readonly missingCalls: number
  /** `aimlapi.usage.missing` of the metrics: must be `missingCalls`. */
  readonly missingMetric: number
  /** Where to look when the books do not balance: the steps whose records and ledger differ. */
  readonly suspects: readonly string[]
}

const ACCOUNTS = [
  { name: 'main', apiKey: 'a'.repeat(32) },
  { name: 'second', apiKey: 'b'.repeat(32) },
]

const SETTLEMENT_INTERVAL_MS = 1000
const SETTLEMENT_LIMIT_MS = 60_000

export async function runSoak({
  seed,
  calls,
  concurrency = 16,
  settlement = false,
}: SoakOptions): Promise<SoakResult> {
  const plan = planSoak(seed, calls, { isAllSeen: settlement })
  const simulator = await startSimulator({
    seed,
    accounts: ACCOUNTS.map(({ name, apiKey }) => ({ name, keys: [apiKey], balanceCredits: 1e15 })),
  })
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })
  const provider = new MeterProvider({ readers: [reader] })
  metrics.setGlobalMeterProvider(provider)
  const open = new OpenCosts()
  const instrumentation = new AimlapiInstrumentation({
    accounts: ACCOUNTS,
    baseUrls: [simulator.url],
    balance: { enabled: false },
    settlement: { enabled: settlement, intervalMs: SETTLEMENT_INTERVAL_MS },
    metricTags: ['team'],
    onCall: (record) => open.note(record),
  })
  try {
    await playSteps(plan, simulator, concurrency)
    // Jobs that were never polled, because the answer to their create call was lost, end all the same.
    simulator.jobs.finishAll()
    await simulator.idle()
    await instrumentation.forceFlush()
    if (settlement) await waitForSettlement(provider, exporter)
    await instrumentation.shutdown()
    await provider.forceFlush()
    const points = readPoints(exporter)
    return {
      seed,
      requests: open.requests,
      counted: subtract(sumOf(points, 'aimlapi.credits.used'), sumOf(points, 'aimlapi.credits.refunded')),
      missing: settlement ? new Map() : open.price(simulator),
      ledger: sumLedger(simulator),
      missingCalls: settlement ? 0 : open.missingCosts + open.missingTokens,
      missingMetric: total(sumOf(points, 'aimlapi.usage.missing')),
      suspects: open.findSuspects(simulator, plan),
    }
  } finally {
    await instrumentation.shutdown()
    await provider.shutdown()
    metrics.disable()
    await simulator.close()
  }
}

async function waitForSettlement(provider: MeterProvider, exporter: InMemoryMetricExporter): Promise<void> {
  for (let waitedMs = 0; waitedMs < SETTLEMENT_LIMIT_MS; waitedMs += 250) {
    await provider.forceFlush()
    if (total(sumOf(readPoints(exporter), 'aimlapi.usage.pending')) === 0) return
    exporter.reset()
    await sleep(250)
  }
}

/** Whether the books balance: by account, model and team, to the credit. Gives the keys that do not. */
export function findImbalance(result: SoakResult): string[] {
  const keys = new Set([...result.counted.keys(), ...result.missing.keys(), ...result.ledger.keys()])
  return [...keys].filter((key) => {
    const told = (result.counted.get(key) ?? 0) + (result.missing.get(key) ?? 0)
    return told !== (result.ledger.get(key) ?? 0)
  })
}

/** Calls whose cost nobody has said yet, by the client request id that call, polls and ledger share. */
class OpenCosts {
  requests = 0
  /** Calls whose cost is known, but whose tokens could not be read. */
  missingTokens = 0
  readonly #open = new Set<string>()
  readonly #counted: Sums = new Map()

  get missingCosts(): number {
    return this.#open.size
  }

  note(record: CallRecord): void {
    this.requests++
    const id = record.clientRequestId
    if (id === undefined) return
    add(this.#counted, id, (record.usage?.credits ?? 0) - (record.refundedCredits ?? 0))
    if (record.usage?.credits !== undefined) {
      this.#open.delete(id)
      if (record.missing !== undefined) this.missingTokens++
    } else if (record.errorType === 'job_failed') {
      this.#open.delete(id)
    } else if (record.missing !== undefined || record.pending) {
      this.#open.add(id)
    }
  }

  findSuspects(simulator: Simulator, plan: readonly Step[]): string[] {
    const charged: Sums = new Map()
    for (const { clientRequestId, credits } of simulator.ledger.entries({ type: 'MODEL_USAGE' }))
      add(charged, clientRequestId ?? '-', credits)
    const ids = new Set([...this.#counted.keys(), ...charged.keys()])
    return [...ids]
      .filter((id) => !this.#open.has(id) && (this.#counted.get(id) ?? 0) !== (charged.get(id) ?? 0))
      .map((id) => {
        const step = JSON.stringify(plan[Number(id.slice(id.indexOf('-') + 1))])
        return `${id}: counted ${this.#counted.get(id)}, charged ${charged.get(id)}: ${step}`
      })
  }

  price(simulator: Simulator): Sums {
    const sums: Sums = new Map()
    for (const entry of simulator.ledger.entries({ type: 'MODEL_USAGE' })) {
      if (entry.clientRequestId === null || !this.#open.has(entry.clientRequestId)) continue
      add(sums, keyOf(entry.account, entry.model, entry.tag), entry.credits)
    }
    return sums
  }
}

async function playSteps(steps: readonly Step[], simulator: Simulator, concurrency: number): Promise<void> {
  const queue = steps.entries()
  const worker = async (): Promise<void> => {
    for (const [index, step] of queue) await playStep(step, `soak-${index}`, simulator)
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
}

/** One call, and the polls that follow it when it made a job. */
async function playStep(step: Step, clientRequestId: string, simulator: Simulator): Promise<void> {
  const headers = (fault: string): Record<string, string> => ({
    authorization: `Bearer ${ACCOUNTS[step.account]?.apiKey}`,
    'content-type': 'application/json',
    'x-client-request-id': clientRequestId,
    'x-sim-tag': step.team,
    'x-sim-options': step.options,
    ...(fault !== '' && { 'x-sim-fault': fault }),
  })
  const answer = await withSpendTags({ team: step.team }, () =>
    send({
      client: step.client,
      url: simulator.url + step.path,
      method: 'POST',
      headers: headers(step.fault),
      body: JSON.stringify(step.body),
      stopAfterBytes: step.stopAfterBytes,
    }),
  )
  const jobId = readJobId(answer)
  if (step.job === undefined || jobId === undefined) return
  const url = simulator.url + step.job.pollPath(jobId)
  for (let polls = 0; polls < step.job.polls; polls++) {
    // Polled from outside the tags, by several at once: the generation stays the create call's.
    await Promise.all(
      Array.from({ length: step.job.concurrent }, (_, index) =>
        send({
          client: index === 1 ? 'undici' : step.client,
          url,
          method: 'GET',
          headers: headers(polls === 0 ? step.fault : ''),
          stopAfterBytes: undefined,
        }),
      ),
    )
  }
}

function readJobId(answer: string | undefined): string | undefined {
  try {
    const body = JSON.parse(answer ?? '') as { id?: unknown; generation_id?: unknown } | null
    const id = body?.generation_id ?? body?.id
    return typeof id === 'string' ? id : undefined
  } catch {
    return undefined
  }
}

interface Point {
  readonly metric: string
  readonly key: string
  readonly value: number
}

function readPoints(exporter: InMemoryMetricExporter): Point[] {
  const latest = exporter.getMetrics().at(-1)
  const own = latest?.scopeMetrics.flatMap(({ metrics: all }) => all) ?? []
  return own.flatMap(({ descriptor, dataPoints }) =>
    dataPoints.map(({ attributes, value }) => ({
      metric: descriptor.name,
      key: keyOf(
        attributes['aimlapi.account'],
        attributes['gen_ai.request.model'],
        attributes['aimlapi.tag.team'],
      ),
      value: typeof value === 'number' ? value : 0,
    })),
  )
}

function sumOf(points: readonly Point[], metric: string): Sums {
  const sums: Sums = new Map()
  for (const point of points) if (point.metric === metric) add(sums, point.key, point.value)
  return sums
}

function sumLedger(simulator: Simulator): Sums {
  const sums: Sums = new Map()
  for (const { account, model, tag, credits } of simulator.ledger.entries({ type: 'MODEL_USAGE' }))
    if (credits !== 0) add(sums, keyOf(account, model, tag), credits)
  return sums
}

function subtract(from: Sums, taken: Sums): Sums {
  const rest: Sums = new Map(from)
  for (const [key, value] of taken) add(rest, key, -value)
  return rest
}

function total(sums: Sums): number {
  return [...sums.values()].reduce((sum, value) => sum + value, 0)
}

function add(sums: Sums, key: string, value: number): void {
  sums.set(key, (sums.get(key) ?? 0) + value)
}

function keyOf(...parts: readonly unknown[]): string {
  return parts.map((part) => String(part ?? '-')).join(' / ')
}
