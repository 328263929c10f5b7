import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'

import { WATCHING_SINCE } from '../../docker/mixin/rule-pauses.ts'
import { pacedRules } from '../../docker/mixin/servers/paced-rules.ts'
import { type Prometheus, startPrometheus } from '../../docker/mixin/servers/prometheus.ts'
import { isInstalled } from '../../docker/mixin/servers/server-process.ts'
import { parseBlocks } from '../examples/markdown-blocks.ts'
import { listRepositoryFiles, REPOSITORY } from '../examples/repository.ts'
import { CREDITS_PER_USD, type Simulator, startSimulator } from '../simulator/index.ts'
import { type Replica, startReplica } from './fleet-support/replica-process.ts'
import { seriesOf, targetLabels } from './otlp-support/prometheus-translation.ts'
import { type OtlpReceiver, type Point, startOtlpReceiver } from './otlp-support/receiver.ts'

const REPLICAS = 4
/** The others are told apart all the same. */
const NAMES = ['replica-0', 'replica-1']
const ROUNDS = 10
/** Twice: Prometheus sees the histograms rise only if it has seen them before. */
const CALLS_PER_REPLICA = 2 * (3 * ROUNDS + 1)
const CALLS = REPLICAS * CALLS_PER_REPLICA

const PATIENCE = { timeout: 20_000, interval: 250 }

/** Waits for a value; hooks have no `expect.poll`. */
function becomes(value: () => unknown, expected: unknown): Promise<void> {
  return vi.waitFor(async () => expect(await value()).toBe(expected), PATIENCE)
}

const here = isInstalled('prometheus')
if (!here) console.warn('prometheus is not installed: the rules are not run on pushed metrics')

/** Blocks of PromQL, and the code in text that begins like a query. */
function queriesOf(page: string): string[] {
  const text = readFileSync(join(REPOSITORY, page), 'utf8')
  const blocks = parseBlocks(text).filter(({ language }) => language === 'promql')
  const inText = [...text.matchAll(/`((?:sum|count|topk|up ==) ?[^`]*)`/g)]
  return [
    ...blocks.map((block) => block.text),
    // In tables.
    ...inText.map(([, query = '']) => query.replaceAll('\\|', '|')),
  ]
}

const PAGES = listRepositoryFiles('docs').filter((file) => file.endsWith('.md') && queriesOf(file).length > 0)

/** What a Collector's Prometheus exporter would serve for the points it was pushed. */
function exposition(points: readonly Point[]): string {
  const lines = points.flatMap((point) => {
    const target = targetLabels(point.resource)
    let cumulative = 0
    return seriesOf(point).map(({ name, labels }, index) => {
      cumulative += point.counts[index] ?? 0
      const value = point.kind !== 'histogram' || name.endsWith('_sum') ? point.value : cumulative
      const text = Object.entries({ ...labels, ...target }).map(
        ([label, it]) => `${label}=${JSON.stringify(it)}`,
      )
      return `${name}{${text.join()}} ${value}`
    })
  })
  return `${lines.join('\n')}\n`
}

describe('a fleet that pushes', () => {
  let simulator: Simulator
  let receiver: OtlpReceiver
  let prometheus: Prometheus | undefined
  const replicas: Replica[] = []
  const collector = createServer((_, response) => response.end(exposition(receiver.points())))

  beforeAll(async () => {
    simulator = await startSimulator({ latencyMs: [5, 40] })
    receiver = await startOtlpReceiver()
    await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve))
    if (here) {
      const { port } = collector.address() as AddressInfo
      prometheus = await startPrometheus({
        targets: [{ job: 'collector', address: `127.0.0.1:${port}`, honorLabels: true }],
        rules: pacedRules(1),
        scrapeIntervalMs: 500,
      })
      // Only rules that have been evaluated for a while know that all of it is new.
      await becomes(() => valueOf(`count(${WATCHING_SINCE} < time() - 2)`), 1)
    }
    for (let index = 0; index < REPLICAS; index++) {
      replicas.push(
        startReplica({
          apiUrl: simulator.url,
          instance: NAMES[index],
          rounds: ROUNDS,
          environment: {
            OTEL_METRICS_EXPORTER: 'otlp',
            OTEL_TRACES_EXPORTER: 'none',
            OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
          },
        }),
      )
    }
    await Promise.all(replicas.map(({ done }) => done))
    const scraped = () => valueOf('sum(gen_ai_client_operation_duration_seconds_count{job="shop"})')
    if (here) await becomes(scraped, CALLS / 2)
    await Promise.all(replicas.map((replica) => replica.again()))
    await simulator.idle()
    await becomes(() => sum('aimlapi.requests'), CALLS)
  }, 120_000)

  afterAll(async () => {
    await Promise.all(replicas.map((replica) => replica.stop()))
    await prometheus?.stop()
    collector.close()
    await receiver?.close()
    await simulator?.close()
  })

  const valueOf = async (expr: string) => (await prometheus?.query(expr))?.[0]?.value
  const pointsOf = (name: string) => receiver.points().filter((point) => point.name === name)
  const sum = (name: string, fits: (point: Point) => boolean = () => true) =>
    pointsOf(name)
      .filter(fits)
      .reduce((total, { value }) => total + value, 0)

  /** The ledger may write the vendor before the model. */
  const creditsOf = (...models: string[]) =>
    simulator.ledger
      .entries()
      .filter(({ model }) => models.includes(model?.split('/').at(-1) ?? ''))
      .reduce((total, { credits }) => total + credits, 0)

  test('is counted to the credit, over all processes', () => {
    const charged = simulator.ledger.sum().credits
    expect(charged).toBeGreaterThan(0)
    expect(sum('aimlapi.credits.used')).toBe(charged)
    expect(sum('aimlapi.cost.usd')).toBeCloseTo(charged / CREDITS_PER_USD, 9)
    expect(sum('aimlapi.usage.missing')).toBe(0)
  })

  test('is counted to the credit by team', () => {
    const byTeam = (team: string) =>
      sum('aimlapi.credits.used', ({ attributes }) => attributes['aimlapi.tag.team'] === team)
    expect(byTeam('support')).toBe(creditsOf('gpt-4o'))
    expect(byTeam('search')).toBe(creditsOf('gpt-4o-mini', 'text-embedding-3-small'))
  })

  test('differs by instance, each being a sum since its start', () => {
    const used = pointsOf('aimlapi.credits.used')
    const instances = new Set(used.map(({ resource }) => resource['service.instance.id']))
    expect(instances.size).toBe(REPLICAS)
    expect([...instances]).toEqual(expect.arrayContaining(NAMES))
    expect(used.every(({ cumulative }) => cumulative)).toBe(true)
    for (const instance of instances) {
      expect(sum('aimlapi.requests', ({ resource }) => resource['service.instance.id'] === instance)).toBe(
        CALLS_PER_REPLICA,
      )
    }
  })

  test('does not ask the account from every process', () => {
    expect(pointsOf('aimlapi.balance.usd')).toEqual([])
  })

  test.skipIf(!here)('is what the page about tags says that a team spends today', async () => {
    const [byTeam = ''] = queriesOf('docs/tags.md')
    const today = async () => {
      const samples = (await prometheus?.query(byTeam)) ?? []
      return Object.fromEntries(
        samples.map(({ labels, value }) => [labels['aimlapi_tag_team'], Math.round(value * CREDITS_PER_USD)]),
      )
    }
    const spent = { search: creditsOf('gpt-4o-mini', 'text-embedding-3-small'), support: creditsOf('gpt-4o') }
    await expect.poll(today, PATIENCE).toEqual(spent)
  })

  test.skipIf(!here).each(PAGES)('every query of %s is one that Prometheus understands', async (page) => {
    for (const query of queriesOf(page)) await expect(prometheus?.query(query)).resolves.toBeDefined()
  })

  test.skipIf(!here)('is recorded to the credit by the rules of a real Prometheus', async () => {
    const counted = () => valueOf('sum(aimlapi_call:credits_used:total)')
    await expect.poll(counted, PATIENCE).toBe(simulator.ledger.sum().credits)
    const buckets = 'sum by (le) (aimlapi_model:gen_ai_duration_seconds_bucket:rate5m{job="shop"})'
    await expect.poll(() => valueOf(`histogram_quantile(0.95, ${buckets})`), PATIENCE).toBeGreaterThan(0)
  })
})
