/** The recipe for more series than one server evaluates in time: one series for each label set, added up by vmagent. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test, vi } from 'vitest'

import { metric } from '../../docker/mixin/names.ts'
import { recorded } from '../../docker/mixin/recording-rules.ts'
import { newerPrograms } from '../../docker/mixin/servers/newer-programs.ts'
import { pacedRules } from '../../docker/mixin/servers/paced-rules.ts'
import type { ServerProcess } from '../../docker/mixin/servers/server-process.ts'
import { startVictoriaMetrics, startVmalert } from '../../docker/mixin/servers/victoria-metrics.ts'
import { startEdge } from '../../docker/mixin/servers/vmagent.ts'

const here = newerPrograms('vmagent') !== undefined && newerPrograms('vmalert') !== undefined
if (!here)
  console.warn(
    'vmagent, which scripts/servers/fetch.sh fetches, is not here: nothing is added up at the edge',
  )

const PACE_S = 6
const INTERVAL_S = 2
const PATIENCE = { timeout: 60_000, interval: 500 }

/** A process that shows what it has spent, by model. */
interface Spender {
  readonly address: string
  credits: Record<string, number>
  startS: number
}

const started: ServerProcess[] = []
const listening: Server[] = []

afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.stop()))
  for (const server of listening.splice(0)) server.close().closeAllConnections()
})

async function startSpender(credits: Record<string, number>): Promise<Spender> {
  const server = createServer((_, response) => {
    const lines = Object.entries(spender.credits).map(
      ([model, sum]) =>
        `${metric.creditsUsed}{aimlapi_account="prod",gen_ai_request_model="${model}"} ${sum}`,
    )
    response.end([`${metric.processStart} ${spender.startS}`, ...lines, ''].join('\n'))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  listening.push(server)
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const spender: Spender = { address, credits, startS: Date.now() / 1000 }
  return spender
}

describe.skipIf(!here)('counters added up at the edge', () => {
  test('are counted to the credit, over a restart and a new model, in one series for each label set', async () => {
    const [first, second] = [await startSpender({ a: 1_000_000 }), await startSpender({ a: 500 })]
    const victoria = await startVictoriaMetrics()
    started.push(victoria, await startVmalert(victoria.url, pacedRules(PACE_S, true)))
    const addresses = [first.address, second.address]
    const edge = { job: 'shop', addresses, url: victoria.url, intervalSeconds: INTERVAL_S }
    started.push(await startEdge(edge))
    const sum = async (expr: string) => (await victoria.query(`sum(${expr})`))[0]?.value

    // What they had before is nobody's spend of now.
    await vi.waitFor(async () => expect(await sum(recorded.creditsUsed)).toBe(0), PATIENCE)
    await new Promise((resolve) => setTimeout(resolve, 5 * INTERVAL_S * 1000))
    first.credits = { a: 1_000_700 }
    await vi.waitFor(async () => expect(await sum(recorded.creditsUsed)).toBe(700), PATIENCE)

    second.credits = { a: 30, b: 4000 }
    second.startS = Date.now() / 1000
    await vi.waitFor(async () => expect(await sum(recorded.creditsUsed)).toBe(4730), PATIENCE)

    expect(await victoria.query(`count(${metric.creditsUsed})`)).toMatchObject([{ value: 2 }])
    expect(
      await victoria.query(`${recorded.creditsUsed}{job="shop",gen_ai_request_model="b"}`),
    ).toMatchObject([{ value: 4000 }])
  }, 240_000)
})
