/** A real scrape: the library, its Prometheus endpoint, and five calls to the simulated API. */
import { prometheusName } from '../../docker/mixin/names.ts'
import { METRICS } from '../../src/telemetry/names.ts'
import { register, withSpendTags } from '../../src/index.ts'
import { findFreePorts } from '../../test/free-port.ts'
import { DEFAULT_KEY, startSimulator } from '../../test/simulator/index.ts'

interface SampleCall {
  readonly team: string
  readonly path: string
  readonly body: Readonly<Record<string, unknown>>
  /** Left after its first chunk. */
  readonly broken?: boolean
}

const CHAT = { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Name three rivers.' }] }
const CALLS: readonly SampleCall[] = [
  { team: 'search', path: '/v1/chat/completions', body: CHAT },
  { team: 'search', path: '/v1/embeddings', body: { model: 'text-embedding-3-small', input: 'river' } },
  { team: 'support', path: '/v1/chat/completions', body: CHAT },
  {
    team: 'support',
    path: '/v1/chat/completions',
    body: { ...CHAT, stream: true, stream_options: { include_usage: true } },
  },
  { team: 'support', path: '/v1/chat/completions', body: { ...CHAT, stream: true }, broken: true },
]
const BALANCE = new RegExp(`^${prometheusName(METRICS.balanceUsd)}\\{`, 'm')
/** Enough to show the shape; the table below names them all. */
const SHOWN: ReadonlySet<string> = new Set(
  [
    METRICS.requests,
    METRICS.tokens,
    METRICS.creditsUsed,
    METRICS.costUsd,
    METRICS.usagePending,
    METRICS.balanceUsd,
  ].map(prometheusName),
)

export async function formatSampleScrape(): Promise<string> {
  const simulator = await startSimulator({ seed: 'readme', behaviour: { chunks: 20, paceMs: 5 } })
  const [port = 0] = await findFreePorts(1)
  const registration = register({
    apiKey: DEFAULT_KEY,
    baseUrls: simulator.url,
    prometheus: { host: '127.0.0.1', port },
    metricTags: ['team'],
    settlement: { intervalMs: 3_600_000 },
  })
  try {
    // Its first poll, so that the balance shown is always the one before the calls.
    do await pause(500)
    while (!BALANCE.test(await scrape(port)))
    for (const call of CALLS) await send(simulator.url, call)
    await simulator.idle()
    await registration.forceFlush()
    return formatPage(await scrape(port))
  } finally {
    await registration.shutdown()
    await simulator.close()
  }
}

async function send(url: string, { team, path, body, broken = false }: SampleCall): Promise<void> {
  await withSpendTags({ team }, async () => {
    const response = await fetch(url + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${DEFAULT_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    if (!broken) return void (await response.text())
    const reader = response.body?.getReader()
    await reader?.read()
    await reader?.cancel()
  })
}

async function scrape(port: number): Promise<string> {
  return (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}

function formatPage(page: string): string {
  const lines = page.split('\n').filter((line) => {
    const name = /^(?:# (?:HELP|TYPE|UNIT) )?([a-z_]+)/.exec(line)?.[1] ?? ''
    return SHOWN.has(name) && !line.startsWith('# UNIT')
  })
  return ['```text', ...lines, '```'].join('\n')
}
