/**
 * `npm run dashboards:preview [-- --seconds 420]`: the demo's load under a real Prometheus, every panel's queries, a
 * picture of each dashboard in docs/images. Needs prometheus and promtool on the PATH and a built package.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

import { dashboards } from '../dashboards/index.ts'
import type { Panel } from '../dashboards/panel.ts'
import { startDemoLoad } from '../servers/demo-load.ts'
import { pacedRules } from '../servers/paced-rules.ts'
import { startPrometheus } from '../servers/prometheus.ts'
import { loadHistory, usualHours } from './history.ts'
import { type Series, panelData } from './panel-data.ts'
import { drawDashboard } from './picture.ts'
import { toPng } from './png.ts'

const IMAGES = fileURLToPath(new URL('../../../docs/images', import.meta.url))
const RULE_SECONDS = 2
/** Points of a line, at most. */
const POINTS = 100
/** As Grafana makes it of a scrape interval of 15 s. */
const RATE_INTERVAL_SECONDS = 60

async function preview(seconds: number): Promise<void> {
  const load = await startDemoLoad()
  const prometheus = await startPrometheus({
    targets: [{ job: 'aimlapi-demo', address: load.address }],
    rules: pacedRules(RULE_SECONDS),
    blocks: (folder) => loadHistory(usualHours('default', 1.2, Date.now() / 1000), folder),
  })
  try {
    console.log(`${seconds} s of the demo's load, at ${prometheus.url}`)
    await wait(seconds * 1000)
    const end = Math.floor(Date.now() / 1000) - 1
    const time = {
      start: end - seconds + 10,
      end,
      step: Math.max(RULE_SECONDS, Math.ceil(seconds / POINTS)),
      rateIntervalSeconds: RATE_INTERVAL_SECONDS,
    }
    mkdirSync(IMAGES, { recursive: true })
    for (const dashboard of dashboards) {
      const data = new Map<Panel, Series[]>()
      for (const panel of dashboard.rows.flatMap(({ panels }) => panels)) {
        const series = await panelData(prometheus, panel, time)
        data.set(panel, series)
        if (series.length === 0) console.warn(`empty: ${dashboard.title}, ${panel.title}`)
      }
      const svg = drawDashboard(
        dashboard,
        data,
        `${Math.round(seconds / 60)} minutes of the demo's load, from a real Prometheus`,
      )
      const name = `dashboard-${dashboard.uid.replace('aimlapi-', '')}`
      writeFileSync(join(IMAGES, `${name}.svg`), svg)
      writeFileSync(join(IMAGES, `${name}.png`), toPng(svg))
      console.log(`docs/images/${name}.svg, .png`)
    }
  } finally {
    await prometheus.stop()
    await load.stop()
  }
}

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '420' } } })
await preview(Number(values.seconds))
