/** The API that the demo calls: simulated in a process of its own, or the real one. */
import { join } from 'node:path'
import { start, stop, type Started } from './processes.ts'
import type { Charged } from './table.ts'

export interface Api {
  /** What the service's environment needs to reach it. */
  readonly environment: Readonly<Record<string, string>>
  /** What the account was really charged; undefined when that cannot be known. */
  charged(): Promise<Charged | undefined>
  close(): Promise<void>
}

/** Of the simulated account alone. */
const DEMO_KEY = 'de30de30000000000000000000000001'

/** A busy, slightly unreliable API, and an account that tops itself up. */
const SIMULATION: ReadonlyArray<readonly [flag: string, value: string]> = [
  ['port', '0'],
  ['account', `default=${DEMO_KEY}`],
  ['balance-usd', '20'],
  ['auto-top-up-usd', '25'],
  ['key-limit-usd', '10000'],
  ['latency-ms', '30-250'],
  ['pace-ms', '15'],
  ['lag-ms', '500'],
  ['fault', '0.015:status=429'],
  ['fault', '0.005:status=503'],
]

/** The real API: the key is in the environment already. */
export const REAL_API: Api = {
  environment: { DEMO_LIVE: '1' },
  charged: () => Promise.resolve(undefined),
  close: () => Promise.resolve(),
}

function nextMessage<T>({ child, ended }: Started): Promise<T> {
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message as T))
    void ended.then(() => reject(new Error('The simulated API has ended by itself.')))
  })
}

export async function startSimulatedApi(root: string): Promise<Api> {
  const flags = SIMULATION.flatMap(([flag, value]) => [`--${flag}`, value])
  const program = join(root, 'test', 'simulator', 'main.ts')
  const started = start(process.execPath, ['--import', 'tsx', program, ...flags], { channel: true })
  const { url } = await nextMessage<{ url: string }>(started)
  return {
    environment: {
      AIMLAPI_API_KEY: DEMO_KEY,
      AIMLAPI_BASE_URLS: url,
      DEMO_BASE_URL: url,
      // Short, so that there is something to see within seconds.
      AIMLAPI_BALANCE_INTERVAL_MS: '2000',
      AIMLAPI_SETTLEMENT_INTERVAL_MS: '2000',
      AIMLAPI_LEDGER_INTERVAL_MS: '2000',
    },
    async charged() {
      if (!started.child.connected) return undefined
      const answer = nextMessage<Charged>(started)
      started.child.send('sums')
      return answer.catch(() => undefined)
    },
    close: () => stop(started),
  }
}
