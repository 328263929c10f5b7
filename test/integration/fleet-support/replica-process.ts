/** Processes of a fleet: each registers by itself, calls the simulator, and exports as its environment says. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

import { DEFAULT_KEY } from '../../simulator/index.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const PROGRAM = fileURLToPath(new URL('replica.mjs', import.meta.url))

export interface Replica {
  /** Resolves when the calls of its start are done. */
  readonly done: Promise<void>
  /** Has it make the same calls once more. Resolves when they are done. */
  again(): Promise<void>
  stop(): Promise<void>
}

export interface ReplicaOptions {
  readonly apiUrl: string
  /** `service.instance.id`; without, the library makes one up. */
  readonly instance?: string | undefined
  /** Three calls each, and one refused at the end. */
  readonly rounds: number
  readonly environment: Readonly<Record<string, string>>
}

export function startReplica({ apiUrl, instance, rounds, environment }: ReplicaOptions): Replica {
  const child = spawn(
    process.execPath,
    ['--import', 'opentelemetry-instrumentation-aimlapi/register', PROGRAM],
    {
      cwd: ROOT,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: {
        ...process.env,
        OTEL_SERVICE_NAME: 'shop',
        ...(instance && { OTEL_RESOURCE_ATTRIBUTES: `service.instance.id=${instance}` }),
        REPLICA_API: apiUrl,
        REPLICA_CALLS: String(rounds),
        AIMLAPI_API_KEY: DEFAULT_KEY,
        AIMLAPI_BASE_URLS: apiUrl,
        AIMLAPI_METRIC_TAGS: 'team',
        AIMLAPI_BALANCE_INTERVAL_MS: '0',
        OTEL_METRIC_EXPORT_INTERVAL: '1000',
        ...environment,
      },
    },
  )
  const done = () =>
    Promise.race([
      once(child, 'message').then(() => {}),
      once(child, 'exit').then(([code]) => {
        throw new Error(`replica ${instance ?? 'without a name'} ended early: ${code}`)
      }),
    ])
  return {
    done: done(),
    again() {
      child.send('again')
      return done()
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGTERM')
      await once(child, 'exit')
    },
  }
}
