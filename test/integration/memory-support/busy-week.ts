/**
 * The exporter over a week of a restless account, on a virtual clock and with an API that is a function: new keys every
 * hour, other models every day, a charge every ten seconds, one answer in twenty failing. Prints the heap at the end of
 * each day. To be run with --expose-gc.
 */
import { setImmediate } from 'node:timers/promises'
import type { Client, ClientResponse } from '../../../src/account/client.ts'
import { readInvocation, type RunInvocation } from '../../../src/exporter/invocation.ts'
import { serve } from '../../../src/exporter/serve.ts'
import { findFreePort } from '../../free-port.ts'
import { createRandom } from '../../simulator/random.ts'
import { createSteppedClock } from '../../soak/stepped-clock.ts'
import { SyntheticLedger } from '../../unit/account/synthetic-ledger.ts'

export interface DayEnd {
  readonly heapBytes: number
  /** Lines of `/metrics`. */
  readonly lines: number
  /** Requests to the API so far. */
  readonly requests: number
}

const HOUR_MS = 60 * 60_000
const DAY_MS = 24 * HOUR_MS
const START_MS = Date.UTC(2026, 2, 2)
const FAILING = 0.05
const INTERVAL_MS = String(10 * 60_000)
const MODELS_A_DAY = 12
const STAYING_KEYS = 3
const NEW_KEYS_AN_HOUR = 10

const random = createRandom('a busy week')
const clock = createSteppedClock(START_MS, random.next)
const ledger = new SyntheticLedger({ trueMs: () => clock.now() }, 0.1)
const hours = (): number => Math.floor((clock.now() - START_MS) / HOUR_MS)
const isoDay = (ms: number): string => new Date(ms).toISOString().slice(0, 10)

const catalogue = Array.from({ length: 400 }, (_, index) => ({
  id: `vendor/model-${index}`,
  aliases: [`model-${index}`],
  pricing: { kind: 'fixed', units: [{ name: 'token', measure: 'input', price: 1, per: 1_000_000 }] },
}))

/** Keys that stay, and those of the last two hours. */
function keysNow(): object[] {
  const staying = Array.from({ length: STAYING_KEYS }, (_, index) => ({ prefix: `stay000${index}`, hour: 0 }))
  const passing = [hours(), hours() - 1].flatMap((hour) =>
    Array.from({ length: NEW_KEYS_AN_HOUR }, (_, index) => ({ prefix: `k${hour}x${index}`, hour })),
  )
  return [...staying, ...passing].map(({ prefix, hour }) => ({
    prefix,
    limit: { retention: 'no_reset', threshold: 100 },
    monthly_usage: clock.now() / 1000,
    created_at: new Date(START_MS + hour * HOUR_MS).toISOString(),
  }))
}

/** Every key uses the models of the day more and more, and one with a name that is none. */
function usageOf(url: URL): object {
  const createdHour = Number(/key_prefix=k(\d+)x/.exec(url.search)?.[1] ?? 0)
  const bornMs = Date.parse(isoDay(START_MS + createdHour * HOUR_MS))
  const startMs = Math.max(bornMs, Date.parse(url.searchParams.get('start') ?? ''))
  const groups: object[] = []
  const daysMs: number[] = []
  for (let dayMs = Math.max(startMs, START_MS); dayMs <= clock.now(); dayMs += DAY_MS) daysMs.push(dayMs)
  for (const dayMs of daysMs) {
    const isToday = isoDay(dayMs) === isoDay(clock.now())
    const spend = isToday ? (clock.now() - dayMs) / DAY_MS : 1
    const dayNumber = (dayMs - START_MS) / DAY_MS
    for (let model = 0; model <= MODELS_A_DAY; model += 1) {
      const number = (model + MODELS_A_DAY * dayNumber) % catalogue.length
      groups.push({
        day: isoDay(dayMs),
        model: model === MODELS_A_DAY ? `odd ${hours()}\n` : `vendor/model-${number}`,
        spend,
        tokens: { input: 1000 * spend, output: 100 * spend },
        requests: { succeeded: 10 * spend, failed: spend },
      })
    }
  }
  return { spend: 1, currency: 'USD', groups }
}

function answer(url: URL): ClientResponse {
  if (random.next() < FAILING) return { errorType: '503' }
  const path = url.pathname
  if (path.startsWith('/v2/usage')) return { json: usageOf(url) }
  if (path === '/v1/keys') return { json: keysNow() }
  if (path === '/v1/models') return { json: { data: catalogue }, etag: `"${hours()}"` }
  if (path === '/v1/models/deprecations') return { json: { data: [] } }
  if (path === '/v2/billing/transactions') {
    if (url.searchParams.get('direction') === 'CHARGE' && !url.searchParams.has('type'))
      return { json: ledger.answer(url) }
    return { json: { data: [], pagination: { has_more: false, next_cursor: null } } }
  }
  const balance = 1e12 - (clock.now() - START_MS)
  return { json: { balance, lowBalance: false, current_balance: balance / 2e6, currency: 'USD' } }
}

let requests = 0
const client: Client = {
  async get(url) {
    requests += 1
    return { dateMs: Math.floor(clock.now() / 1000) * 1000, ...answer(new URL(url)) }
  },
  close() {},
}

const port = await findFreePort()
const stop = await serve(
  readInvocation(['--port', String(port)], {
    AIMLAPI_API_KEY: 'stay0000'.padEnd(32, '0'),
    AIMLAPI_MANAGEMENT_KEY: 'manage00'.padEnd(32, '0'),
    AIMLAPI_BALANCE_INTERVAL_MS: INTERVAL_MS,
    AIMLAPI_USAGE_INTERVAL_MS: INTERVAL_MS,
    AIMLAPI_LEDGER_INTERVAL_MS: INTERVAL_MS,
  }) as RunInvocation,
  { clock, client },
)
const collectGarbage = (globalThis as { gc?: () => void }).gc
if (collectGarbage === undefined) throw new Error('to be run with --expose-gc')

for (let day = 0; day < 7; day += 1) {
  let lines = 0
  for (let hour = 0; hour < 24; hour += 1) {
    await clock.pass(HOUR_MS)
    const response = await fetch(`http://localhost:${port}/metrics`)
    lines = (await response.text()).split('\n').length
  }
  await setImmediate()
  collectGarbage()
  collectGarbage()
  const end: DayEnd = { heapBytes: process.memoryUsage().heapUsed, lines, requests }
  console.log(JSON.stringify(end))
}
await stop()
process.exit(0)
