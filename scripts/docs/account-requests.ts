/** The table of requests to account endpoints, measured: the polls run for an hour on a virtual clock. */
import type { Client } from '../../src/account/client.ts'
import { watchAccounts } from '../../src/account/watch-accounts.ts'
import { createRandom } from '../../test/simulator/random.ts'
import { createSteppedClock } from '../../test/soak/stepped-clock.ts'
import { formatTable } from './table.ts'

type Switch = 'balance' | 'usage' | 'ledger'

interface Case {
  readonly name: string
  readonly on: readonly Switch[]
  /** With a management key: keys that spend all the time. */
  readonly keys?: number
}

const CASES: readonly Case[] = [
  { name: 'a service (`balance`)', on: ['balance'] },
  { name: 'with `ledger`', on: ['balance', 'ledger'] },
  { name: 'with `usage`', on: ['balance', 'usage'] },
  { name: '`aimlapi-exporter`', on: ['balance', 'usage', 'ledger'] },
  { name: 'with a management key, 5 keys in use', on: ['balance', 'usage', 'ledger'], keys: 5 },
]

const ROWS = ['balance', 'key', 'top-ups and the like', 'usage', 'ledger rows', 'catalogue'] as const
type Row = (typeof ROWS)[number]

const MINUTE_MS = 60_000
const INTERVAL_MS = MINUTE_MS
const MEASURED_MINUTES = 60
const START_MS = Date.UTC(2026, 2, 4, 12)

/** An idle account: no page of the ledger has a second one. */
function answer({ pathname }: URL, nowMs: number, keys: number): object {
  if (pathname === '/v1/keys')
    return Array.from({ length: keys }, (_, index) => ({ prefix: `key0000${index}`, monthly_usage: nowMs }))
  if (pathname === '/v2/usage/detail') return { spend: 0, currency: 'USD', groups: [] }
  if (pathname.startsWith('/v1/models')) return { data: [] }
  if (pathname === '/v2/billing/transactions')
    return { data: [], pagination: { has_more: false, next_cursor: null } }
  if (pathname === '/v1/key') return { data: { prefix: 'key00000' } }
  return { current_balance: 1, balance: 2_000_000, currency: 'USD' }
}

function rowOf({ pathname, searchParams }: URL): Row {
  if (pathname.startsWith('/v1/key')) return 'key'
  if (pathname.startsWith('/v2/usage')) return 'usage'
  if (pathname.startsWith('/v1/models')) return 'catalogue'
  if (pathname !== '/v2/billing/transactions') return 'balance'
  const isOfCalls = searchParams.get('direction') === 'CHARGE' && !searchParams.has('type')
  return isOfCalls ? 'ledger rows' : 'top-ups and the like'
}

async function measure({ name, on, keys }: Case): Promise<ReadonlyMap<Row, number>> {
  const clock = createSteppedClock(START_MS, createRandom(name).next)
  const counts = new Map<Row, number>()
  const client: Client = {
    async get(text) {
      const url = new URL(text)
      counts.set(rowOf(url), (counts.get(rowOf(url)) ?? 0) + 1)
      return { dateMs: clock.now(), json: answer(url, clock.now(), keys ?? 0) }
    },
    close() {},
  }
  const poll = (each: Switch) => ({ enabled: on.includes(each), intervalMs: INTERVAL_MS })
  const watch = watchAccounts({
    accounts: [{ name: 'main', apiKey: 'key00000'.padEnd(32, '0') }],
    managementKeys: new Map(keys === undefined ? [] : [['main', 'manage00'.padEnd(32, '0')]]),
    accountBaseUrl: 'https://api.example.com',
    maxModels: 200,
    balance: poll('balance'),
    usage: poll('usage'),
    ledger: poll('ledger'),
    settlement: { enabled: false, intervalMs: INTERVAL_MS, maxPending: 1, settleOnShutdown: false },
    onPoll() {},
    onLedgerEntry() {},
    onCharged() {},
    onUsage() {},
    clock,
    client,
  })
  // The first answers come at once.
  await clock.pass(5 * MINUTE_MS)
  counts.clear()
  await clock.pass(MEASURED_MINUTES * MINUTE_MS)
  watch.stop()
  return counts
}

export async function formatAccountRequests(): Promise<string> {
  const measured = await Promise.all(CASES.map(measure))
  const perMinute = (count: number): string => (count / MEASURED_MINUTES).toFixed(1)
  const cell = (count = 0): string => (count === 0 ? '–' : count < 4 ? `${count} an hour` : perMinute(count))
  const total = (counts: ReadonlyMap<Row, number>): number => [...counts.values()].reduce((a, b) => a + b, 0)
  return formatTable(
    ['Requests a minute', ...CASES.map(({ name }) => name)],
    [
      ...ROWS.map((row) => [row, ...measured.map((counts) => cell(counts.get(row)))]),
      ['all', ...measured.map((counts) => perMinute(total(counts)))],
    ],
  )
}
