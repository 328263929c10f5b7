/** Runs one program against a simulator of its own, and gathers what it said and what was seen of it. */
import { spawn } from 'node:child_process'
import { findFreePort } from '../../free-port.ts'
import {
  DEFAULT_KEY,
  startSimulator,
  type LedgerEntry,
  type SeenRequest,
  type SimulatorOptions,
} from '../../simulator/index.ts'
import type { Collector, Exported } from './collector.ts'
import { nodeBinary, programsFolder, sdkFolder, type Column } from './layout.ts'

/** A program that needs longer does not end by itself. */
const LIMIT_MS = 40_000
/** Requests with this tag: the first one of a program is answered with 503. */
const FAILING_TAG = 'fails-once'

export interface Program {
  readonly column: Column
  readonly flags: readonly string[]
  /** In the programs' folder. */
  readonly file: string
  readonly environment: Readonly<Record<string, string>>
  /** The program's Prometheus endpoint is on, and read by the program at the end of its work. */
  readonly scrape: boolean
  readonly simulator: SimulatorOptions
}

export interface Report {
  readonly result: unknown
  readonly unhandled: readonly string[]
  readonly packages: Readonly<Record<string, { readonly directory: string; readonly version: string }>>
  readonly scrape?: string
}

export interface Observation extends Exported {
  /** Absent: it said nothing that can be read. */
  readonly report: Report | undefined
  /** What ended it: an exit code, a signal, or that it did not end in time. */
  readonly end: number | string
  /** Without process ids. */
  readonly stderr: string
  readonly requests: readonly SeenRequest[]
  readonly entries: readonly LedgerEntry[]
}

function parseReport(stdout: string): Report | undefined {
  try {
    return JSON.parse(stdout) as Report
  } catch {
    return undefined
  }
}

async function spawnProgram(program: Program, environment: NodeJS.ProcessEnv) {
  const { node, sdk } = program.column
  const parameters = [...program.flags, `${programsFolder(sdk)}/${program.file}`]
  const child = spawn(nodeBinary(node), parameters, {
    cwd: sdkFolder(sdk),
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  let late = false
  const timer = setTimeout(() => {
    late = true
    child.kill('SIGKILL')
  }, LIMIT_MS)
  const end = await new Promise<number | string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'unknown'))
  })
  clearTimeout(timer)
  return {
    end: late ? `no end within ${LIMIT_MS / 1000} s` : end,
    report: parseReport(stdout),
    stderr: stderr.replace(/\(node:\d+\)/g, '(node)'),
  }
}

let runs = 0

export async function runProgram(program: Program, collector: Collector): Promise<Observation> {
  const simulator = await startSimulator(program.simulator)
  simulator.misbehave({ tag: FAILING_TAG, fault: 'status=503', count: 1 })
  const run = `run-${++runs}`
  const environment: Record<string, string> = {
    PATH: process.env['PATH'] ?? '',
    CELL_ORIGIN: simulator.url,
    CELL_KEY: DEFAULT_KEY,
    // For a program that serves by an option of its own.
    CELL_PORT: String(await findFreePort()),
    AIMLAPI_API_KEY: DEFAULT_KEY,
    // Also as a client says it that knows TLS alone, though the connection has none.
    AIMLAPI_BASE_URLS: `${simulator.url},${simulator.url.replace('http:', 'https:')}`,
    AIMLAPI_BALANCE_INTERVAL_MS: '0',
    AIMLAPI_SETTLEMENT_INTERVAL_MS: '0',
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint(run),
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_TRACES_EXPORTER: 'otlp',
    OTEL_METRICS_EXPORTER: 'otlp',
    OTEL_LOGS_EXPORTER: 'none',
    OTEL_NODE_RESOURCE_DETECTORS: 'none',
    ...program.environment,
  }
  if (program.scrape) {
    const port = await findFreePort()
    Object.assign(environment, {
      OTEL_METRICS_EXPORTER: 'prometheus,otlp',
      OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1',
      OTEL_EXPORTER_PROMETHEUS_PORT: String(port),
      CELL_SCRAPE: `http://127.0.0.1:${port}/metrics`,
    })
  }
  const ended = await spawnProgram(program, environment)
  await simulator.idle()
  const requests = [...simulator.requests]
  const entries = simulator.ledger.entries({ type: 'MODEL_USAGE' })
  await simulator.close()
  return { ...ended, ...collector.take(run), requests, entries }
}
