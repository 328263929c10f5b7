/**
 * A local AI/ML API: every endpoint family in its documented shapes, a ledger that never lies, and every
 * misbehaviour on demand. Tests, benchmarks and the demo share it.
 */
import type { AddressInfo, Socket } from 'node:net'
import { createServer } from 'node:http'
import { createAccounts, type AccountOptions, type Accounts } from './accounts.ts'
import { createLogRate } from './account/logs.ts'
import { createBatches, type Batches } from './batches.ts'
import { DEFAULT_BEHAVIOUR, type Behaviour } from './behaviour.ts'
import { createBilling, type Billing } from './billing.ts'
import { createFaultRules, type FaultHandle, type FaultRule } from './faults.ts'
import { createJobs, type Jobs } from './jobs.ts'
import { createLedger, type Ledger } from './ledger.ts'
import { createRandom } from './random.ts'
import { createReplays } from './replays.ts'
import { createUpgradeHandler, type RealtimeCompression } from './realtime/upgrade.ts'
import { createRequestHandler, type SeenRequest } from './server.ts'

/** Milliseconds, or a range from which each entry draws its own: then late entries have older times. */
export type Duration = number | readonly [minimumMs: number, maximumMs: number]

/** The key of the default account. Its first 8 characters are its public prefix. */
export const DEFAULT_KEY = '5eedc0de4d1e2f3a5b6c7d8e9f0a1b2c'

export interface SimulatorOptions {
  /** Default 0: any free port. */
  readonly port?: number
  /** Default 127.0.0.1. */
  readonly host?: string
  /** Served under this path as well as without it, e.g. `/gateway`. */
  readonly pathPrefix?: string
  /** Same seed, same requests: same answers, ids and charges. */
  readonly seed?: string | number
  /** Default: one account `default` with DEFAULT_KEY. */
  readonly accounts?: readonly AccountOptions[]
  readonly behaviour?: Partial<Behaviour>
  /** Before every inference answer. Default 0. */
  readonly latencyMs?: Duration
  /** Until `/v2/billing/transactions` shows a charge. Default 0. */
  readonly transactionLagMs?: Duration
  /** Until `/v2/logs` shows a request. Default 0. */
  readonly logLagMs?: Duration
  /** Until `/v2/usage` and `/v2/usage/detail` show what `/v2/logs` shows. Default 0. */
  readonly usageLagMs?: number
  /** One ledger entry per batch (default) or per request in it. */
  readonly batchLedger?: 'per-batch' | 'per-item'
  /** `/v1/key` answers for another key than the one used. Default false. */
  readonly keyOfOthers?: boolean
  /** `/v2/logs` answers 429 past so many requests per account in 60 seconds. Default 200. */
  readonly logRequestsPerMinute?: number
  /** Ledger entries kept in memory; sums stay exact. Default 1,000,000. */
  readonly maxLedgerEntries?: number
  /** Of realtime sessions. Default none. */
  readonly realtimeCompression?: RealtimeCompression
  readonly now?: () => number
}

export interface Simulator {
  /** `http://127.0.0.1:port`, without a slash at its end. */
  readonly url: string
  readonly port: number
  readonly ledger: Ledger
  readonly accounts: Accounts
  readonly jobs: Jobs
  readonly batches: Batches
  /** Books charges without a call. */
  readonly billing: Billing
  /** The last 10,000 requests, oldest first, whatever became of them. */
  readonly requests: readonly SeenRequest[]
  /** From now on, requests that fit the rule go wrong. */
  misbehave(rule: FaultRule): FaultHandle
  /** Ends all misbehaviour ordered by rules. */
  behave(): void
  /** Resolves when no request is being worked on: the ledger is then complete. Hanging ones are not waited for. */
  idle(): Promise<void>
  /** Closes every connection. Idempotent. */
  close(): Promise<void>
}

export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const now = options.now ?? Date.now
  const seed = String(options.seed ?? 'aimlapi')
  const random = createRandom(`${seed}/simulator`)
  const draw = (duration: Duration = 0): number =>
    typeof duration === 'number' ? duration : duration[0] + random.next() * (duration[1] - duration[0])
  const lag = {
    transactionMs: () => draw(options.transactionLagMs),
    logMs: () => draw(options.logLagMs),
  }
  const ledger = createLedger(options.maxLedgerEntries ?? 1_000_000)
  const accounts = createAccounts(options.accounts ?? [{ name: 'default', keys: [DEFAULT_KEY] }], {
    ledger,
    random,
    now,
    transactionLagMs: lag.transactionMs,
  })
  const billing = createBilling(ledger, accounts, now, lag)
  const jobs = createJobs(billing, now, 100_000)
  const batches = createBatches(billing, now, options.batchLedger ?? 'per-batch', 10_000)
  const rules = createFaultRules(createRandom(`${seed}/faults`))
  const shared = {
    seed,
    pathPrefix: options.pathPrefix ?? '',
    behaviour: { ...DEFAULT_BEHAVIOUR, ...options.behaviour },
    rules,
    world: {
      now,
      ledger,
      accounts,
      billing,
      jobs,
      batches,
      replays: createReplays(10_000),
      keyOfOthers: options.keyOfOthers ?? false,
      usageLagMs: options.usageLagMs ?? 0,
      withinLogRate: createLogRate(options.logRequestsPerMinute ?? 200, now),
    },
  }
  const handler = createRequestHandler({ ...shared, latencyMs: () => draw(options.latencyMs) })
  const sessions = createUpgradeHandler({
    ...shared,
    compression: options.realtimeCompression ?? 'none',
    seen: handler.seen,
    working: handler.working,
  })

  const server = createServer({ keepAliveTimeout: 30_000, requestTimeout: 0 }, handler.handle)
  server.on('upgrade', (request, connection, head) => sessions.handle(request, connection as Socket, head))
  const host = options.host ?? '127.0.0.1'
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, host, resolve)
  })
  const { port } = server.address() as AddressInfo
  let closing: Promise<void> | undefined
  return {
    url: `http://${host}:${port}`,
    port,
    ledger,
    accounts,
    jobs,
    batches,
    billing,
    requests: handler.requests,
    misbehave: (rule) => rules.add(rule),
    behave: () => rules.clear(),
    idle: handler.idle,
    close() {
      closing ??= new Promise((resolve) => {
        sessions.close()
        server.close(() => resolve())
        server.closeAllConnections()
      })
      return closing
    },
  }
}
