/** Runs a house's service, works as its users would, and gathers what it and its tool said. */
import { spawn } from 'node:child_process'
import { request, type IncomingMessage } from 'node:http'
import { DEFAULT_KEY, startSimulator, type LedgerEntry, type SeenRequest } from '../../../simulator/index.ts'
import { findFreePort } from '../../../free-port.ts'
import type { Collector, Point } from '../collector.ts'
import { houseFolder, nodeBinary, type NodeMajor } from '../layout.ts'
import type { HouseCell } from './cells.ts'
import { traceKey, type HostTrace } from './host-trace.ts'
import { startIntake } from './intakes.ts'

/** A program that needs longer does not end by itself. */
const LIMIT_MS = 60_000
const FROZEN = { now: () => Date.UTC(2026, 10, 22) }

/** What the users ask for: one after the other, but for those that stand together. */
export const VISITS = [['json/a'], ['stream/b'], ['http/c'], ['together/u1', 'together/u2', 'together/u3']]

export interface Visit {
  readonly path: string
  readonly trace: string
  readonly status: number
  readonly body: unknown
}

export interface HouseObservation {
  readonly end: number | string
  /** Lines of both outputs, without numbers that change. */
  readonly lines: readonly string[]
  readonly unhandled: readonly string[] | undefined
  readonly visits: readonly Visit[]
  readonly scrape: string | undefined
  readonly points: readonly Point[]
  readonly host: HostTrace
  readonly requests: readonly SeenRequest[]
  readonly entries: readonly LedgerEntry[]
}

function get(port: number, path: string, headers: Record<string, string> = {}) {
  return new Promise<{ status: number; text: string }>((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port, path, headers, agent: false },
      (answer: IncomingMessage) => {
        let text = ''
        answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }))
        answer.on('error', reject)
      },
    )
    sent.on('error', reject).end()
  })
}

/** A visitor who is traced already: the tool continues that trace. */
async function visit(port: number, path: string, number: number): Promise<Visit> {
  const trace = `11111111111111112222222222222${String(number).padStart(3, '0')}`
  const parent = `3333333333333${String(number).padStart(3, '0')}`
  const { status, text } = await get(port, `/${path}`, {
    traceparent: `00-${trace}-${parent}-01`,
    'sentry-trace': `${trace}-${parent}-1`,
  })
  const body: unknown = text.startsWith('{') ? JSON.parse(text) : text
  return { path, trace: traceKey(trace), status, body }
}

async function makeVisits(port: number): Promise<Visit[]> {
  const visits: Visit[] = []
  let number = 0
  for (const paths of VISITS)
    visits.push(...(await Promise.all(paths.map((path) => visit(port, path, ++number)))))
  return visits
}

function parse<T>(line: string): T | undefined {
  try {
    return JSON.parse(line) as T
  } catch {
    return undefined
  }
}

/** Process ids, ports and times differ from run to run. */
const withoutNumbers = (line: string): string => line.replaceAll(/[\da-f]{16,}|\d+/g, '0').trim()

let runs = 0

/** @param withUs otherwise our flags are left out, and the service is as it would be without the package. */
export async function runHouse(
  cell: HouseCell,
  node: NodeMajor,
  withUs: boolean,
  collector: Collector,
): Promise<HouseObservation> {
  const simulator = await startSimulator(FROZEN)
  const intake =
    cell.intake === undefined || cell.intake === 'otlp' ? undefined : await startIntake(cell.intake)
  const run = `house-${++runs}`
  const intakeUrl = intake?.url ?? collector.endpoint(run)
  const metricsPort = await findFreePort()
  const flags = cell.flags.flatMap((flag, index) => {
    const isOurs = [flag, cell.flags[index + 1]].some((word) => word?.includes('aimlapi'))
    return withUs || !isOurs ? [flag] : []
  })
  const child = spawn(nodeBinary(node), [...flags, `programs/${cell.file}`], {
    cwd: houseFolder(cell.house),
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'] ?? '',
      CELL_TOOL: 'none',
      CELL_US: String(withUs),
      CELL_ORIGIN: simulator.url,
      CELL_KEY: DEFAULT_KEY,
      AIMLAPI_API_KEY: DEFAULT_KEY,
      AIMLAPI_BASE_URLS: simulator.url,
      AIMLAPI_BALANCE_INTERVAL_MS: '0',
      AIMLAPI_SETTLEMENT_INTERVAL_MS: '0',
      OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1',
      OTEL_EXPORTER_PROMETHEUS_PORT: String(metricsPort),
      ...Object.fromEntries(
        Object.entries(cell.environment).map(([name, value]) => [
          name,
          value?.replace('{intake}', intakeUrl),
        ]),
      ),
    },
  })
  let stdout = ''
  let stderr = ''
  let announced: (port: number | undefined) => void = () => {}
  const port = new Promise<number | undefined>((resolve) => (announced = resolve))
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    const line = stdout.split('\n').find((each) => each.startsWith('{"port":'))
    if (line !== undefined) announced(parse<{ port: number }>(line)?.port)
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  let late = false
  const timer = setTimeout(() => {
    late = true
    child.kill('SIGKILL')
  }, LIMIT_MS)
  const ended = new Promise<number | string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'unknown'))
  })
  void ended.then(() => announced(undefined))
  let visits: Visit[] = []
  let scrape: string | undefined
  const at = await port
  if (at !== undefined) {
    // A service that hangs is ended by the limit, and its visits fail with it.
    visits = await makeVisits(at).catch(() => [])
    if (withUs && cell.figures === 'scrape')
      scrape = await get(metricsPort, '/metrics').then(({ text }) => text, String)
    child.stdin.end()
  }
  const end = await ended
  clearTimeout(timer)
  await simulator.idle()
  const requests = [...simulator.requests]
  const entries = simulator.ledger.entries({ type: 'MODEL_USAGE' })
  await simulator.close()
  intake?.close()
  const { spans, points } = collector.take(run)
  const lines = `${stdout}\n${stderr}`.split('\n').filter(Boolean)
  const report = lines.map((line) => parse<{ unhandled?: string[] }>(line)).find((each) => each?.unhandled)
  return {
    end: late ? `no end within ${LIMIT_MS / 1000} s` : end,
    lines: lines.filter((line) => !/^\{"(port|unhandled|result)"|^ +at /.test(line)).map(withoutNumbers),
    unhandled: report?.unhandled,
    visits,
    scrape,
    points,
    host: intake?.received ?? {
      spans: spans.map(({ name, traceId, spanId, parentSpanId, attributes }) => ({
        trace: traceKey(traceId),
        id: spanId,
        parent: parentSpanId,
        name,
        isRoot: parentSpanId === undefined,
        attributes,
      })),
      events: [],
    },
    requests,
    entries,
  }
}
