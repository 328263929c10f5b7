/** What one evaluation of all groups takes, on a real Prometheus on one core that scrapes many growing series. */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

import { config } from '../config.ts'
import { ruleFiles } from '../rule-files.ts'
import { exposition, recordedOf, scraped } from './busy-fleet.ts'
import { writeHistory } from './history.ts'
import { type Prometheus, type PrometheusOptions, startPrometheus } from './prometheus.ts'

/** No roll-out goes on: the processes have run for an hour when the history begins. */
const AGE_S = 3600

export interface GroupTime {
  readonly name: string
  readonly seconds: number
}

/** Of the whole server so far: CPU, time in evaluations, and evaluations that came too late. */
interface OwnMetrics {
  readonly cpuSeconds: number
  readonly evaluationSeconds: number
  readonly missed: number
}

async function ownMetrics(prometheus: Prometheus): Promise<OwnMetrics> {
  const text = await (await fetch(`${prometheus.url}/metrics`)).text()
  const sum = (name: string) =>
    text
      .split('\n')
      .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
      .reduce((total, line) => total + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
  return {
    cpuSeconds: sum('process_cpu_seconds_total'),
    evaluationSeconds: sum('prometheus_rule_group_duration_seconds_sum'),
    missed: sum('prometheus_rule_group_iterations_missed_total'),
  }
}

async function groupTimes(prometheus: Prometheus): Promise<GroupTime[]> {
  const answer = await fetch(`${prometheus.url}/api/v1/rules`)
  const { data } = (await answer.json()) as {
    data: { groups: Array<{ name: string; evaluationTime: number }> }
  }
  return data.groups.map(({ name, evaluationTime }) => ({ name, seconds: evaluationTime }))
}

export interface EvaluationCost {
  /** The last evaluation of each group, by the clock. */
  readonly groups: readonly GroupTime[]
  /** All groups once, by the clock: the mean of the last minutes. */
  readonly evaluationSeconds: number
  /** The same in CPU: of the server, less one that only scrapes. */
  readonly cpuSeconds: number
  /** Evaluations that came too late. */
  readonly missed: number
}

/** One evaluation varies by a fifth: by where the garbage is collected, and by scrapes that fall into it. */
const MEASURED_MINUTES = 3

/** Of the last minutes, each. */
async function measureMinutes(prometheus: Prometheus, minutes: number): Promise<OwnMetrics> {
  const measured = Math.min(MEASURED_MINUTES, minutes)
  await wait((minutes - measured) * 60_000)
  const before = await ownMetrics(prometheus)
  await wait(measured * 60_000)
  const after = await ownMetrics(prometheus)
  const perMinute = (read: (one: OwnMetrics) => number) => (read(after) - read(before)) / measured
  return {
    cpuSeconds: perMinute(({ cpuSeconds }) => cpuSeconds),
    evaluationSeconds: perMinute(({ evaluationSeconds }) => evaluationSeconds),
    missed: after.missed,
  }
}

export interface CostOptions {
  /** How many series the processes give together. */
  readonly series: number
  /** How long the rules are evaluated. */
  readonly minutes: number
  /** How much of history there is when the rules are first evaluated. Default 0. */
  readonly hours?: number
  /** Path of Prometheus; the one on the PATH unless told. */
  readonly command?: string
}

export async function evaluationCost(options: CostOptions): Promise<EvaluationCost> {
  const { series, minutes, hours = 0, command } = options
  const sinceS = Math.floor(Date.now() / 60_000) * 60 - hours * 3600
  const startS = sinceS - AGE_S
  const all = scraped(series, startS)
  const target = createServer((_, response) => response.end(exposition(all, Date.now() / 1000)))
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve))
  const { port } = target.address() as AddressInfo
  const dataFolder = mkdtempSync(join(tmpdir(), 'aimlapi-history-'))
  const start = (more: Partial<PrometheusOptions>) =>
    startPrometheus({ ...(command !== undefined && { command }), targets: [], ...more })
  const scrapes = {
    targets: [{ job: 'edge', address: `127.0.0.1:${port}`, honorLabels: true }],
    scrapeIntervalMs: config.scrapeIntervalSeconds * 1000,
  }
  try {
    const idle = await start(scrapes)
    const scraping = await measureMinutes(idle, 2).finally(() => idle.stop())
    if (hours > 0) {
      const filled = await start({ dataFolder, receives: true })
      const past = [...all, ...recordedOf(series, startS, sinceS)]
      await writeHistory(filled.url, past, sinceS).finally(() => filled.stop())
    }
    const rules = ruleFiles as Record<string, object>
    const prometheus = await start({ ...scrapes, dataFolder, rules })
    try {
      const { cpuSeconds, evaluationSeconds, missed } = await measureMinutes(prometheus, minutes)
      const groups = await groupTimes(prometheus)
      return { groups, evaluationSeconds, cpuSeconds: cpuSeconds - scraping.cpuSeconds, missed }
    } finally {
      await prometheus.stop()
    }
  } finally {
    rmSync(dataFolder, { recursive: true, force: true })
    target.closeAllConnections()
    target.close()
  }
}
