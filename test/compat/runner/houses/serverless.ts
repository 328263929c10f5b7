/** A serverless platform: the process runs only while it works for a request, and is killed while it is frozen. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { METRICS } from '../../../../src/telemetry/names.ts'
import { DEFAULT_KEY, type Simulator } from '../../../simulator/index.ts'
import type { Collector } from '../collector.ts'
import { differs, total } from '../judge.ts'
import { nodeBinary, type NodeMajor } from '../layout.ts'

const INVOCATIONS = 3
/** Longer than a batch of spans or a deferred call waits: nothing of it may be left. */
const FROZEN_MS = 300

/** @returns findings: what the collector did not have when the process was frozen. */
export async function tryServerless(
  folder: string,
  simulator: Simulator,
  node: NodeMajor,
  collector: Collector,
): Promise<string[]> {
  const run = `serverless-${node}`
  const child = spawn(nodeBinary(node), ['programs/recipes/serverless.mjs'], {
    cwd: folder,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'] ?? '',
      CELL_ORIGIN: simulator.url,
      CELL_KEY: DEFAULT_KEY,
      AIMLAPI_API_KEY: DEFAULT_KEY,
      AIMLAPI_BASE_URLS: simulator.url,
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint(run),
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    },
  })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const ended = once(child, 'close')
  const seen: unknown[] = []
  for (let invocation = 0; invocation < INVOCATIONS; invocation++) {
    child.kill('SIGCONT')
    child.stdin.write('invoke\n')
    await Promise.race([once(child.stdout, 'data'), ended])
    child.kill('SIGSTOP')
    const { spans, points } = collector.take(run)
    seen.push([spans.length, total(points, METRICS.requests.name)])
    await wait(FROZEN_MS)
  }
  child.kill('SIGKILL')
  await ended
  return [
    ...differs(
      'spans since, and calls in all, with the collector after each request',
      seen,
      Array.from({ length: INVOCATIONS }, (_, index) => [1, index + 1]),
    ),
    ...differs('lines said', stderr, ''),
  ]
}
