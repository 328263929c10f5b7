/**
 * `npm run dashboards:preview [-- --seconds 420]`: a picture of each dashboard in docs/images, from a real Prometheus.
 * Spend and account show thirty written days, calls the demo's load for so many seconds (0 leaves it out). Needs
 * prometheus and promtool on the PATH and a built package.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

import { accountDashboard } from '../dashboards/account.ts'
import { callsDashboard } from '../dashboards/calls.ts'
import type { Dashboard, Panel, Row } from '../dashboards/panel.ts'
import { spendDashboard } from '../dashboards/spend.ts'
import { startDemoLoad } from '../servers/demo-load.ts'
import { pacedRules } from '../servers/paced-rules.ts'
import { type Prometheus, startPrometheus } from '../servers/prometheus.ts'
import { type GrafanaTime, type Series, panelData } from './panel-data.ts'
import { drawDashboard } from './picture.ts'
import { toPng } from './png.ts'
import { startWrittenPrometheus } from './written.ts'

const IMAGES = fileURLToPath(new URL('../../../docs/images', import.meta.url))
const RULE_SECONDS = 5
/** Points of a line, at most. */
const POINTS = 140
/** As Grafana makes it of a scrape interval of 15 s. */
const RATE_INTERVAL_SECONDS = 60
/** The rules have seen the exporter by then. */
const SETTLE_MS = 45_000

async function draw(
  prometheus: Prometheus,
  name: string,
  dashboard: Dashboard,
  rows: readonly Row[],
  time: GrafanaTime,
  subtitle: string,
): Promise<void> {
  const data = new Map<Panel, Series[]>()
  for (const panel of rows.flatMap(({ panels }) => panels)) {
    const series = await panelData(prometheus, panel, time)
    data.set(panel, series)
    if (series.length === 0 && panel.queries.length > 0)
      console.warn(`empty: ${dashboard.title}, ${panel.title}`)
  }
  const svg = drawDashboard({ ...dashboard, rows }, data, subtitle)
  mkdirSync(IMAGES, { recursive: true })
  writeFileSync(join(IMAGES, `dashboard-${name}.svg`), svg)
  writeFileSync(join(IMAGES, `dashboard-${name}.png`), toPng(svg))
  console.log(`docs/images/dashboard-${name}.svg, .png`)
}

function rangeOf(seconds: number, endS: number): GrafanaTime {
  const step = Math.max(RULE_SECONDS, Math.ceil(seconds / POINTS))
  return {
    start: endS - seconds,
    end: endS,
    step,
    rateIntervalSeconds: Math.max(RATE_INTERVAL_SECONDS, step + RATE_INTERVAL_SECONDS / 4),
  }
}

async function drawWritten(): Promise<void> {
  const written = await startWrittenPrometheus(Date.now() / 1000, RULE_SECONDS, true)
  try {
    await wait(SETTLE_MS)
    const time = {
      ...rangeOf(86_400, Math.floor(Date.now() / 1000) - 1),
      zoneOffsetS: written.zone.offsetS,
    }
    const told = 'Thirty days of a made-up company, written into a real Prometheus'
    const [howMuch, who, ...more] = spendDashboard.rows
    const first = [howMuch, who].filter((row) => row !== undefined)
    await draw(written.prometheus, 'spend', spendDashboard, first, time, told)
    await draw(written.prometheus, 'spend-why', spendDashboard, more, time, told)
    await draw(written.prometheus, 'account', accountDashboard, accountDashboard.rows, time, told)
  } finally {
    await written.stop()
  }
}

async function drawLive(seconds: number): Promise<void> {
  const load = await startDemoLoad()
  const prometheus = await startPrometheus({
    targets: [{ job: 'aimlapi-demo', address: load.address }],
    rules: pacedRules(RULE_SECONDS),
  })
  try {
    console.log(`${seconds} s of the demo's load, at ${prometheus.url}`)
    await wait(seconds * 1000)
    const time = rangeOf(seconds - 10, Math.floor(Date.now() / 1000) - 1)
    const told = `${Math.round(seconds / 60)} minutes of the demo's load, from a real Prometheus`
    await draw(prometheus, 'calls', callsDashboard, callsDashboard.rows, time, told)
  } finally {
    await prometheus.stop()
    await load.stop()
  }
}

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '420' } } })
await drawWritten()
if (Number(values.seconds) > 0) await drawLive(Number(values.seconds))
