import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { alerts } from '../../docker/mixin/alerts/index.ts'
import { HELD_FLAG, RESUMED } from '../../docker/mixin/rule-pauses.ts'
import { dashboards } from '../../docker/mixin/dashboards/index.ts'
import type { Panel } from '../../docker/mixin/dashboards/panel.ts'
import { metric } from '../../docker/mixin/names.ts'
import { ACCOUNT, bookedUsd, startsOf } from '../../docker/mixin/preview/books.ts'
import { UNCOUNTED_SHARE } from '../../docker/mixin/preview/figures.ts'
import { type Series, panelData } from '../../docker/mixin/preview/panel-data.ts'
import { type WrittenPrometheus, startWrittenPrometheus } from '../../docker/mixin/preview/written.ts'
import { recorded, recordingGroups } from '../../docker/mixin/recording-rules.ts'
import { type DemoLoad, startDemoLoad } from '../../docker/mixin/servers/demo-load.ts'
import { pacedRules } from '../../docker/mixin/servers/paced-rules.ts'
import { type Prometheus, startPrometheus } from '../../docker/mixin/servers/prometheus.ts'
import { isInstalled } from '../../docker/mixin/servers/server-process.ts'
import { selectorsOf } from '../unit/mixin/promql-selectors.ts'

const here = isInstalled('prometheus') && isInstalled('promtool')
if (!here) console.warn('prometheus is not installed: the dashboards are not held against a real scrape')

/** Everything has happened at least once by then: top-ups, refunds, failed polls, calls that are never priced. */
const LOAD_TIMEOUT_MS = 180_000
const panels = dashboards.flatMap(({ title, rows }) =>
  rows.flatMap((row) => row.panels.map((panel) => ({ name: `${title}, ${panel.title}`, panel }))),
)
const expressions = [
  ...recordingGroups.flatMap(({ rules }) => rules.map(({ expr }) => expr)),
  ...alerts.map(({ expr }) => expr),
  ...panels.flatMap(({ panel }) => panel.queries.map(({ expr }) => expr)),
]

/** Told by an exporter that reads usage; the demo's service does not. */
const ONLY_ELSEWHERE = new Set<string>([
  metric.accountUsageUsd,
  metric.accountUsageTokens,
  metric.accountUsageRequests,
  metric.keyDisabled,
  metric.ledgerLag,
  'aimlapi_time_zone_offset_seconds',
])

describe.skipIf(!here)('after a load, and after thirty written days', () => {
  let load: DemoLoad
  let live: Prometheus
  let written: WrittenPrometheus

  beforeAll(async () => {
    load = await startDemoLoad({ balanceUsd: 22.5 })
    live = await startPrometheus({
      targets: [{ job: 'aimlapi-demo', address: load.address }],
      rules: pacedRules(2),
    })
    written = await startWrittenPrometheus(Date.now() / 1000, 5)
  }, 400_000)
  afterAll(async () => {
    await written?.stop()
    await live?.stop()
    await load?.stop()
  })

  test(
    "every panel's every query, run as Grafana would, returns data",
    async () => {
      const started = Date.now()
      const left = new Map<string, Panel>(panels.map(({ name, panel }) => [name, panel]))
      while (left.size > 0 && Date.now() - started < LOAD_TIMEOUT_MS) {
        await new Promise((resolve) => setTimeout(resolve, 5000))
        const end = Math.floor(Date.now() / 1000)
        const short = { start: Math.floor(started / 1000) - 5, end, step: 2, rateIntervalSeconds: 20 }
        const day = { start: end - 86_400, end, step: 600, rateIntervalSeconds: 60 }
        for (const [name, panel] of left) {
          const data = [await panelData(live, panel, short), await panelData(written.prometheus, panel, day)]
          if (data.some((series) => complete(panel, series))) left.delete(name)
        }
      }
      expect([...left.keys()]).toEqual([])
    },
    LOAD_TIMEOUT_MS + 60_000,
  )

  test('today, the month, teams and coverage agree with the books', async () => {
    const { day: dayS, month: monthS } = startsOf(written.slots.at(-1)?.endS ?? 0, written.zone)
    const figure = async (expr: string) => (await written.prometheus.query(expr))[0]?.value ?? Number.NaN
    const inMonth = bookedUsd(written.slots, ({ endS }) => endS > monthS)
    await expect
      .poll(() => figure(`sum(${recorded.month})`), { timeout: 60_000, interval: 1000 })
      .toBeCloseTo(inMonth, 2)
    expect(await figure(`sum(${recorded.today})`)).toBeCloseTo(
      bookedUsd(written.slots, ({ endS }) => endS > dayS),
      2,
    )
    for (const team of ['search', 'support', 'marketing']) {
      const matcher = `{aimlapi_tag_team="${team}"}`
      const booked = bookedUsd(written.slots, ({ endS }, line) => line.team === team && endS > monthS)
      const shown = await figure(
        `sum(${recorded.ownerSpendUsd}${matcher} - ${recorded.ownerAtMonthStart}${matcher})`,
      )
      expect(Math.abs(shown / booked - 1)).toBeLessThan(0.001)
    }
    await expect
      .poll(() => figure(recorded.coverage), { timeout: 60_000, interval: 1000 })
      .toBeCloseTo(1 / (1 + UNCOUNTED_SHARE), 3)
    expect((await written.prometheus.query(recorded.today))[0]?.labels).toMatchObject({
      aimlapi_account: ACCOUNT,
      aimlapi_figure: 'account',
    })
  }, 130_000)

  test('every metric of rules and panels was scraped or recorded', async () => {
    const read = [...new Set(expressions.flatMap((expr) => selectorsOf(expr).map((one) => one.metric)))]
    const unseen = async (): Promise<string[]> => {
      const scraped = new Set([...(await live.metricNames()), ...(await written.prometheus.metricNames())])
      return read.filter((name) => name !== '' && !scraped.has(name))
    }
    // The demo speaks one generation of the conventions by one path; the other spellings are tested with OTLP.
    const isOtherSpelling = (name: string): boolean =>
      /^gen_ai_client_(operation|inference)_.+_bucket$/.test(name)
    // Recorded when the first process ends, and after a pause of the rules: here all of them live on.
    const isOfEnded = (name: string): boolean =>
      /:(ended|last|before_pause)$/.test(name) || name === RESUMED || name === HELD_FLAG
    // A job of the demo fails now and then; only then is something refunded.
    await expect
      .poll(
        async () =>
          (await unseen()).filter(
            (name) => !isOtherSpelling(name) && !isOfEnded(name) && !ONLY_ELSEWHERE.has(name),
          ),
        {
          timeout: LOAD_TIMEOUT_MS,
          interval: 2000,
        },
      )
      .toEqual([])
    const otherSpellings = (await unseen()).filter(isOtherSpelling)
    expect(otherSpellings.length).toBeLessThan(read.filter(isOtherSpelling).length)
  }, 200_000)

  test('every metric that the library has was scraped', async () => {
    const unseen = async () => {
      const scraped = new Set([...(await live.metricNames()), ...(await written.prometheus.metricNames())])
      return Object.values(metric).filter((name) => !scraped.has(name) && !ONLY_ELSEWHERE.has(name))
    }
    // A job of the demo fails now and then; only then is something refunded.
    await expect.poll(unseen, { timeout: LOAD_TIMEOUT_MS, interval: 2000 }).toEqual([])
  }, 200_000)

  test('every label of rules and panels was scraped', async () => {
    const scraped = new Set([...(await live.labelNames()), ...(await written.prometheus.labelNames())])
    const grouped = expressions.flatMap((expr) =>
      [...expr.matchAll(/\b(?:by|on) \(([^)]*)\)/g)].flatMap(([, list = '']) =>
        list.split(',').map((one) => one.trim()),
      ),
    )
    const matched = expressions.flatMap((expr) =>
      selectorsOf(expr).flatMap(({ matchers }) => [...matchers.keys()]),
    )
    const labels = new Set([...grouped, ...matched].filter((name) => name !== ''))
    // Made by the rules themselves, and by an SDK that overflows.
    for (const own of ['aimlapi_capped_label', 'otel_metric_overflow', '$tag', 'tag', 'value'])
      labels.delete(own)
    expect(labels.size).toBeGreaterThan(15)
    expect([...labels].filter((name) => !scraped.has(name))).toEqual([])
  })
})

/** Each query has a series with a finite value. */
function complete(panel: Panel, series: readonly Series[]): boolean {
  return panel.queries.every((_, index) =>
    series.some(({ query, points }) => query === index && points.some(([, value]) => Number.isFinite(value))),
  )
}
