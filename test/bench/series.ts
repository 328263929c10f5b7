/**
 * `npm run bench:series`: what the series of an SDK of our own take in memory, over the real path: calls with a
 * different combination of spend tags each, and what is kept after them, with the garbage collected.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { formatBytes } from './memory-table.ts'

const VALUES = 64
const COMBINATIONS = VALUES * VALUES
const TAGS = ['team', 'feature'] as const
/** The same calls as many times before, so that connections and code are there already. */
const WARM_UP_CALLS = 2_000

const { register, withSpendTags } = (await import(
  new URL('../../dist/index.mjs', import.meta.url).href
)) as typeof import('../../src/index.ts')

let answered = 0
const server = createServer((request, response) => {
  request.resume().on('end', () => {
    response.writeHead(200, { 'content-type': 'application/json', 'x-inference-id': `inf-${answered++}` })
    const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 }
    const meta = { usage: { credits_used: 2000, usd_spent: 0.001 } }
    response.end(JSON.stringify({ id: 'chatcmpl-1', model: 'gpt-4o', choices: [], usage, meta }))
  })
}).listen(0, '127.0.0.1')
await once(server, 'listening')
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
const registration = register({
  baseUrls: url,
  prometheus: false,
  balance: false,
  settlement: false,
  metricTags: [...TAGS],
})

async function call(team: string, feature: string): Promise<void> {
  const body = JSON.stringify({ model: 'gpt-4o', messages: [] })
  const headers = { 'content-type': 'application/json' }
  await withSpendTags({ team, feature }, async () => {
    const response = await fetch(`${url}/v1/chat/completions`, { method: 'POST', headers, body })
    await response.arrayBuffer()
  })
}

async function readKept(): Promise<{ bytes: number; series: number }> {
  await registration.forceFlush()
  const text = await registration.prometheusText()
  const gc = globalThis.gc
  if (gc === undefined) throw new Error('to be run with --expose-gc')
  for (let times = 0; times < 4; times++) {
    gc()
    await setTimeout(20)
  }
  const { heapUsed, external } = process.memoryUsage()
  // A histogram is one series of the SDK, and many lines of text.
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  const series = lines.filter((line) => !/^\w+_(?:bucket|sum)\{/.test(line)).length
  return { bytes: heapUsed + external, series }
}

for (let calls = 0; calls < WARM_UP_CALLS; calls++) await call('team-0', 'feature-0')
const before = await readKept()
for (let team = 0; team < VALUES; team++)
  for (let feature = 0; feature < VALUES; feature++) await call(`team-${team}`, `feature-${feature}`)
const after = await readKept()
const [bytes, series] = [after.bytes - before.bytes, after.series - before.series]
console.log(
  `${COMBINATIONS} combinations of two tags: ${series} series, ${formatBytes(bytes)}; ` +
    `${formatBytes(bytes / COMBINATIONS)} for a combination, ${Math.round(bytes / series)} bytes for a series`,
)
await registration.shutdown()
server.close()
server.closeAllConnections()
