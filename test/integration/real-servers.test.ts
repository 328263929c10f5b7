/** From a fetch in a service to recorded spend, panels and alerts, on every server and by every path there is. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'

import { WATCHING_SINCE } from '../../docker/mixin/rule-pauses.ts'
import { dashboards } from '../../docker/mixin/dashboards/index.ts'
import { panelData } from '../../docker/mixin/preview/panel-data.ts'
import { recorded } from '../../docker/mixin/recording-rules.ts'
import { newerPrograms } from '../../docker/mixin/servers/newer-programs.ts'
import { pacedRules } from '../../docker/mixin/servers/paced-rules.ts'
import { startPrometheus } from '../../docker/mixin/servers/prometheus.ts'
import { type QueryApi, ruleHealth } from '../../docker/mixin/servers/query-api.ts'
import { type ServerProcess, isInstalled } from '../../docker/mixin/servers/server-process.ts'
import { startVictoriaMetrics, startVmalert } from '../../docker/mixin/servers/victoria-metrics.ts'
import { findFreePort } from '../free-port.ts'
import { CREDITS_PER_USD, DEFAULT_KEY, type Simulator, startSimulator } from '../simulator/index.ts'
import { type Replica, startReplica } from './fleet-support/replica-process.ts'

const NEWER = newerPrograms('prometheus')
const here = isInstalled('prometheus') && NEWER !== undefined && newerPrograms('vmalert') !== undefined
if (!here)
  console.warn(
    'prometheus, or what scripts/servers/fetch.sh fetches, is not here: no journey on real servers',
  )

/** VictoriaMetrics shows what is recorded after two seconds or three. */
const PACE_S = 6
const ROUNDS = 4
const PATIENCE = { timeout: 120_000, interval: 1000 }
const SERVERS = [
  'Prometheus 2.42',
  'Prometheus 3',
  'VictoriaMetrics that scrapes',
  'VictoriaMetrics by remote write',
  'VictoriaMetrics by OTLP',
] as const
const panels = dashboards.flatMap(({ title, rows }) =>
  rows.flatMap((row) => row.panels.map((panel) => ({ name: `${title}, ${panel.title}`, panel }))),
)

interface Judge {
  readonly api: QueryApi
  /** Where the rules are evaluated. */
  readonly rulesUrl: string
}

describe.skipIf(!here)('one service, scraped and pushing at once', () => {
  let simulator: Simulator
  let replica: Replica | undefined
  const started: ServerProcess[] = []
  const judges = new Map<string, Judge>()
  const startedAtS = Math.floor(Date.now() / 1000)

  const keep = <T extends ServerProcess>(server: T): T => {
    started.push(server)
    return server
  }
  const judge = (name: string) => judges.get(name) as Judge
  const valueOf = async (name: string, expr: string) =>
    (await judge(name).api.query(expr))[0]?.value ?? Number.NaN

  beforeAll(async () => {
    simulator = await startSimulator({
      accounts: [{ name: 'default', keys: [{ key: DEFAULT_KEY }], balanceCredits: 3 * CREDITS_PER_USD }],
    })
    const port = await findFreePort()
    const target = { job: 'shop', address: `127.0.0.1:${port}` }
    const rules = pacedRules(PACE_S, true)
    const older = keep(await startPrometheus({ targets: [target], rules }))
    const scraping = keep(await startVictoriaMetrics([target]))
    const written = keep(await startVictoriaMetrics())
    const pushed = keep(await startVictoriaMetrics())
    const newer = keep(
      await startPrometheus({
        ...(NEWER !== undefined && { command: NEWER }),
        targets: [target],
        rules,
        remoteWriteUrl: `${written.url}/api/v1/write`,
      }),
    )
    for (const [index, prometheus] of [older, newer].entries())
      judges.set(SERVERS[index] as string, { api: prometheus, rulesUrl: prometheus.url })
    for (const [index, victoria] of [scraping, written, pushed].entries()) {
      const { url } = keep(await startVmalert(victoria.url, rules))
      judges.set(SERVERS[2 + index] as string, { api: victoria, rulesUrl: url })
    }
    // Only rules that have been evaluated for a while know that all of it is new.
    const watched = `count(last_over_time(${WATCHING_SINCE}[1h]) < time() - ${3 * PACE_S})`
    for (const name of SERVERS)
      await vi.waitFor(async () => expect(await valueOf(name, watched)).toBe(1), PATIENCE)
    replica = startReplica({
      apiUrl: simulator.url,
      instance: target.address,
      rounds: ROUNDS,
      environment: {
        OTEL_METRICS_EXPORTER: 'prometheus,otlp',
        OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1',
        OTEL_EXPORTER_PROMETHEUS_PORT: String(port),
        OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${pushed.url}/opentelemetry/v1/metrics`,
        OTEL_TRACES_EXPORTER: 'none',
        AIMLAPI_BALANCE_INTERVAL_MS: '1000',
        AIMLAPI_BUDGETS: 'day=1,team:search/day=1',
      },
    })
    await replica.done
    // A first value, and then an increase.
    await new Promise((resolve) => setTimeout(resolve, 2 * PACE_S * 1000))
    await replica.again()
    await simulator.idle()
  }, 240_000)

  afterAll(async () => {
    await replica?.stop()
    await Promise.all(started.map((server) => server.stop()))
    await simulator?.close()
  }, 30_000)

  test.each(SERVERS)(
    '%s: spend in all, today, this month, by team and by model is what the books say',
    async (name) => {
      const entries = simulator.ledger.entries()
      const credits = simulator.ledger.sum().credits
      // The ledger may write the vendor before the model.
      const booked = (...models: string[]) =>
        entries
          .filter(({ model }) => models.includes(model?.split('/').at(-1) ?? ''))
          .reduce((sum, one) => sum + one.credits, 0)
      const used = recorded.creditsUsed
      const expected: ReadonlyArray<readonly [expr: string, credits: number]> = [
        [`sum(${used})`, credits],
        [`sum(${used}{job="shop"})`, credits],
        [`sum(${used}{aimlapi_tag_team="support"})`, booked('gpt-4o')],
        [`sum(${used}{aimlapi_tag_team="search"})`, booked('gpt-4o-mini', 'text-embedding-3-small')],
        [`sum(${used}{gen_ai_request_model="gpt-4o-mini"})`, booked('gpt-4o-mini')],
        [`${CREDITS_PER_USD} * sum(${recorded.today})`, credits],
        [`${CREDITS_PER_USD} * sum(${recorded.month})`, credits],
        [`${CREDITS_PER_USD} * sum(${recorded.budgetUsed}{aimlapi_account="default"})`, credits],
      ]
      expect(credits).toBeGreaterThan(0)
      for (const [expr, figure] of expected) {
        // Less than a hundredth of a credit: VictoriaMetrics gives back 15 digits.
        await expect.poll(() => valueOf(name, expr), { ...PATIENCE, message: expr }).toBeCloseTo(figure, 2)
      }
    },
    PATIENCE.timeout + 10_000,
  )

  test.each(SERVERS)(
    '%s: every rule is evaluated without an error, and an alert fires',
    async (name) => {
      const { rulesUrl } = judge(name)
      await expect
        .poll(async () => (await ruleHealth(rulesUrl)).filter(({ evaluated }) => !evaluated), PATIENCE)
        .toEqual([])
      const health = await ruleHealth(rulesUrl)
      expect(health.filter(({ error }) => error !== '')).toEqual([])
      expect(health.length).toBeGreaterThan(80)
      const firing = 'count(ALERTS{alertname="AimlapiBalanceLow",alertstate="firing"})'
      await expect.poll(() => valueOf(name, firing), PATIENCE).toBe(1)
    },
    PATIENCE.timeout + 10_000,
  )

  const withData = async (name: string): Promise<string[]> => {
    const end = Math.floor(Date.now() / 1000)
    const time = { start: startedAtS, end, step: PACE_S, rateIntervalSeconds: 6 * PACE_S }
    const found: string[] = []
    for (const { name: panel, panel: it } of panels) {
      const series = await panelData(judge(name).api, it, time)
      if (series.some(({ points }) => points.some(([, value]) => Number.isFinite(value)))) found.push(panel)
    }
    return found
  }

  test("every panel's every query is answered, and shows something wherever it does on another server", async () => {
    const shown = new Map<string, string[]>()
    await expect
      .poll(
        async () => {
          for (const name of SERVERS) shown.set(name, await withData(name))
          const all = new Set([...shown.values()].flat())
          return SERVERS.flatMap((name) =>
            [...all].filter((one) => !shown.get(name)?.includes(one)).map((one) => `${name}: ${one}`),
          )
        },
        { timeout: 90_000, interval: 2000 },
      )
      .toEqual([])
    expect(shown.get(SERVERS[0])?.length).toBeGreaterThan(panels.length / 3)
  }, 120_000)
})
