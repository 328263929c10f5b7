import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'

import { recordingGroups } from '../../docker/mixin/recording-rules.ts'
import { findFreePort } from '../free-port.ts'
import { type Simulator, startSimulator } from '../simulator/index.ts'
import { startReplica } from './fleet-support/replica-process.ts'
import { seriesOf } from './otlp-support/prometheus-translation.ts'
import { type Point, startOtlpReceiver } from './otlp-support/receiver.ts'

const CONVENTIONS = [
  ['1.41', 'http/protobuf', ''],
  ['latest', 'http/json', 'gen_ai_latest_experimental'],
] as const

type Labels = Readonly<Record<string, string>>

function written(name: string, labels: Labels): string {
  const text = Object.entries(labels)
    .filter(([label]) => !label.startsWith('otel_scope_') && !label.startsWith('service_'))
    .map(([label, value]) => `${label}=${value}`)
    .sort()
  return `${name}{${text.join()}}`
}

/** Names and labels of a page in Prometheus' text format. */
function scrapedSeries(text: string): string[] {
  return text.split('\n').flatMap((line) => {
    const [, name, labels = ''] = /^([a-z]\w*)(?:\{(.*)\})? \S+/.exec(line) ?? []
    if (name === undefined) return []
    const pairs = [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, label = '', value = '']) => [label, value])
    return [written(name, Object.fromEntries(pairs) as Labels)]
  })
}

const folded = recordingGroups
  .flatMap(({ rules }) => rules)
  .filter(({ record }) => record.includes('gen_ai_'))
  .map(({ expr }) => expr)
  .join('\n')

describe.each(CONVENTIONS)('with conventions %s over %s', (_, protocol, optIn) => {
  let simulator: Simulator
  let points: Point[]
  let text: string
  let contentTypes: ReadonlySet<string>

  beforeAll(async () => {
    // Chunks that arrive together have no time between them, and their histogram would not be there.
    simulator = await startSimulator({ behaviour: { paceMs: 30 } })
    const receiver = await startOtlpReceiver()
    const port = await findFreePort()
    const replica = startReplica({
      apiUrl: simulator.url,
      instance: 'one',
      rounds: 2,
      environment: {
        OTEL_METRICS_EXPORTER: 'prometheus,otlp',
        OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1',
        OTEL_EXPORTER_PROMETHEUS_PORT: String(port),
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
        OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
        OTEL_TRACES_EXPORTER: 'none',
        OTEL_SEMCONV_STABILITY_OPT_IN: optIn,
        AIMLAPI_BALANCE_INTERVAL_MS: '500',
        AIMLAPI_LEDGER_INTERVAL_MS: '500',
      },
    })
    try {
      await replica.done
      simulator.accounts.get('default')?.topUp(1_000_000)
      const topUps = () => receiver.points().filter(({ name }) => name === 'aimlapi.ledger.topup.credits')
      await vi.waitFor(() => expect(topUps()).toHaveLength(1), { timeout: 20_000 })
      text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
      points = receiver.points()
      contentTypes = receiver.contentTypes
    } finally {
      await replica.stop()
      await receiver.close()
      await simulator.close()
    }
  }, 60_000)
  afterAll(() => simulator?.close())

  test('the exporter speaks the protocol', () => {
    expect([...contentTypes]).toEqual([
      protocol === 'http/json' ? 'application/json' : 'application/x-protobuf',
    ])
  })

  test("the library's own metrics become the same series by both ways", () => {
    const own = points.filter(({ name }) => name.startsWith('aimlapi.'))
    const pushed = own.flatMap((point) => seriesOf(point).map(({ name, labels }) => written(name, labels)))
    const scraped = scrapedSeries(text).filter((series) => series.startsWith('aimlapi_'))
    expect(pushed.length).toBeGreaterThan(25)
    expect(pushed.sort()).toEqual(scraped.sort())
  })

  test('histograms of seconds differ, and the recording rules know both spellings', () => {
    const pushed = points.filter(
      ({ name, unit, kind }) => name.startsWith('gen_ai.') && kind === 'histogram' && unit === 's',
    )
    expect(new Set(pushed.map(({ name }) => name)).size).toBeGreaterThanOrEqual(3)
    const scraped = scrapedSeries(text).join('\n')
    for (const point of pushed) {
      const bucket = seriesOf(point)[0]?.name ?? ''
      expect(bucket).toMatch(/_seconds_bucket$/)
      expect(folded).toContain(`rate(${bucket}[`)
      expect(scraped).toContain(bucket.replace('_seconds', ''))
      expect(folded).toContain(`rate(${bucket.replace('_seconds', '')}[`)
    }
  })

  test('every sum is cumulative', () => {
    const summed = points.filter(({ name, kind }) => kind !== 'gauge' && /^(aimlapi|gen_ai)\./.test(name))
    expect(summed.filter(({ cumulative }) => !cumulative)).toEqual([])
    expect(summed.length).toBeGreaterThan(10)
  })
})
