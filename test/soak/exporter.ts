/** The built `aimlapi-exporter` in a process of its own: what the API charged, as another process scrapes it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseMetrics } from '../../examples/demo/metrics.ts'
import { findFreePort } from '../free-port.ts'
import { add, keyOf, total, type Sums } from './sums.ts'

export interface LedgerExporter {
  /** Charged credits by `account / model`, as soon as they add up to `expected`, or as they stand after `limitMs`. */
  readCharged(expected: number, limitMs: number): Promise<Sums>
  stop(): Promise<void>
}

export interface LedgerExporterOptions {
  readonly accounts: readonly { readonly name: string; readonly apiKey: string }[]
  readonly baseUrl: string
  readonly intervalMs: number
}

const PROGRAM = path.resolve(import.meta.dirname, '../../dist/exporter.mjs')
const LOOK_INTERVAL_MS = 250
const START_LIMIT_MS = 60_000

/** Resolves when the ledger of every account was read once: what is charged from then on counts. */
export async function startLedgerExporter(options: LedgerExporterOptions): Promise<LedgerExporter> {
  const { accounts, baseUrl, intervalMs } = options
  const port = await findFreePort()
  const flags = { port, 'base-url': baseUrl, 'balance-interval-ms': 0, 'ledger-interval-ms': intervalMs }
  const words = Object.entries(flags).map(([name, value]) => `--${name}=${value}`)
  const child = spawn(process.execPath, [PROGRAM, ...words], {
    env: {
      PATH: process.env['PATH'],
      AIMLAPI_ACCOUNTS: accounts.map(({ name, apiKey }) => `${name}=${apiKey}`).join(','),
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const ended = once(child, 'exit')
  const scrape = async () => parseMetrics(await (await fetch(`http://localhost:${port}/metrics`)).text())

  async function isFollowing(): Promise<boolean> {
    const samples = await scrape().catch(() => [])
    const read = samples.filter(
      ({ name, labels }) => name === 'aimlapi_account_polls_total' && labels['aimlapi_poll'] === 'ledger',
    )
    return accounts.every(({ name }) => read.some(({ labels }) => labels['aimlapi_account'] === name))
  }
  if (!(await eventually(isFollowing, START_LIMIT_MS))) {
    child.kill()
    throw new Error('aimlapi-exporter did not read the ledger')
  }

  async function charged(): Promise<Sums> {
    const sums: Sums = new Map()
    for (const { name, labels, value } of await scrape()) {
      if (name !== 'aimlapi_ledger_charged_credits_total') continue
      add(sums, keyOf(labels['aimlapi_account'], labels['gen_ai_request_model']), value)
    }
    return sums
  }

  return {
    async readCharged(expected, limitMs) {
      await eventually(async () => total(await charged()) === expected, limitMs)
      return charged()
    },
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
  }
}

async function eventually(check: () => Promise<boolean>, limitMs: number): Promise<boolean> {
  for (
    const startMs = performance.now();
    performance.now() - startMs < limitMs;
    await sleep(LOOK_INTERVAL_MS)
  )
    if (await check()) return true
  return false
}
