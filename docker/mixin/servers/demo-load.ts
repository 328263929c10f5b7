/** The load of the demo: its service, instrumented by `--import …/register` alone, against a simulated API. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { type Simulator, startSimulator } from '../../../test/simulator/index.ts'
import { findFreePort } from '../../../test/free-port.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const REGISTER = 'opentelemetry-instrumentation-aimlapi/register'
const KEY = 'de30de30000000000000000000000001'
const CREDITS_PER_USD = 2_000_000

export interface DemoLoad {
  /** Where the service serves `/metrics`: `host:port`. */
  readonly address: string
  readonly simulator: Simulator
  stop(): Promise<void>
}

export interface DemoLoadOptions {
  /** Default 24 USD. Topped up by 5 USD below 22, unless off. */
  readonly balanceUsd?: number
  readonly autoTopUp?: boolean
  /** The service makes no call at all; only its account is asked. */
  readonly idle?: boolean
}

/** Lives as long as its parent. */
const IDLE = ['--eval', "process.on('message', () => {})"]

/** Everything happens within minutes here: top-ups, refusals, failed polls. Needs a built package. */
export async function startDemoLoad(options: DemoLoadOptions = {}): Promise<DemoLoad> {
  const simulator = await startSimulator({
    accounts: [
      {
        name: 'default',
        keys: [{ key: KEY, limit: { retention: 'month', thresholdUsd: 20 } }],
        balanceCredits: Math.round((options.balanceUsd ?? 24) * CREDITS_PER_USD),
        autoTopUp: { enabled: options.autoTopUp ?? true, thresholdUsd: 22, amountUsd: 5 },
      },
    ],
    behaviour: { paceMs: 15 },
    latencyMs: [30, 250],
    transactionLagMs: 500,
    logLagMs: 500,
  })
  simulator.misbehave({ method: 'POST', probability: 0.015, fault: 'status=429' })
  simulator.misbehave({ method: 'POST', probability: 0.005, fault: 'status=503' })
  simulator.misbehave({
    method: 'GET',
    path: /^\/v2\/(?:billing|logs)/,
    probability: 0.05,
    fault: 'status=500',
  })
  const port = await findFreePort()
  const program = options.idle ? IDLE : [join(ROOT, 'examples/demo/service.mjs')]
  const service = spawn(process.execPath, ['--import', REGISTER, ...program], {
    cwd: ROOT,
    // The channel ends the service with this process, whatever happens to it.
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, ...environment(simulator.url, port) },
  })
  return {
    address: `127.0.0.1:${port}`,
    simulator,
    async stop() {
      if (service.exitCode === null && service.signalCode === null) {
        service.kill('SIGTERM')
        await once(service, 'exit')
      }
      await simulator.close()
    },
  }
}

function environment(apiUrl: string, metricsPort: number): Record<string, string> {
  return {
    OTEL_SERVICE_NAME: 'aimlapi-demo',
    OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1',
    OTEL_EXPORTER_PROMETHEUS_PORT: String(metricsPort),
    DEMO_BASE_URL: apiUrl,
    AIMLAPI_BASE_URLS: apiUrl,
    AIMLAPI_API_KEY: KEY,
    AIMLAPI_METRIC_TAGS: 'team,feature',
    AIMLAPI_BALANCE_INTERVAL_MS: '2000',
    AIMLAPI_SETTLEMENT_INTERVAL_MS: '2000',
    AIMLAPI_LEDGER_INTERVAL_MS: '2000',
  }
}
