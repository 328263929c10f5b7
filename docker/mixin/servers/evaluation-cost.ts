/** What one evaluation of all groups takes, on a real Prometheus on one core that scrapes many growing series. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

import { config } from '../config.ts'
import { ruleFiles } from '../rule-files.ts'
import { type Prometheus, startPrometheus } from './prometheus.ts'

const REPLICAS = 30
/** No roll-out goes on: the processes have run for an hour. */
const AGE_S = 3600
/** As a call makes them: credits, requests, tokens in and out, tokens from a cache. */
const COUNTERS = [
  ['aimlapi_credits_used_total', 'aimlapi_usage_source="response"'],
  ['aimlapi_requests_total', ''],
  ['aimlapi_tokens_total', 'gen_ai_token_type="input"'],
  ['aimlapi_tokens_total', 'gen_ai_token_type="output"'],
  ['aimlapi_tokens_details_total', 'aimlapi_token_detail="cache_read"'],
] as const

export interface GroupTime {
  readonly name: string
  readonly seconds: number
}

function exposition(series: number, startS: number, nowS: number): string {
  const sets = Math.ceil(series / COUNTERS.length / REPLICAS)
  const value = Math.round((nowS - startS) * 10) + 1
  const lines: string[] = []
  for (let replica = 0; replica < REPLICAS; replica++) {
    const target = `job="shop",instance="replica-${replica}"`
    lines.push(`aimlapi_process_start_timestamp_seconds{${target}} ${startS}`)
    for (let set = 0; set < sets; set++) {
      const call = `${target},aimlapi_account="prod",gen_ai_operation_name="chat",gen_ai_request_model="model-${set % 40}",aimlapi_endpoint="chat",aimlapi_tag_team="team-${Math.floor(set / 40) % 10}",aimlapi_tag_feature="feature-${Math.floor(set / 400)}"`
      for (const [name, more] of COUNTERS)
        lines.push(`${name}{${call}${more === '' ? '' : `,${more}`}} ${value + set}`)
    }
  }
  return `${lines.join('\n')}\n`
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

/** @param command Path of Prometheus; the one on the PATH unless told. */
export async function evaluationCost(
  series: number,
  minutes: number,
  command?: string,
): Promise<EvaluationCost> {
  const startS = Date.now() / 1000 - AGE_S
  const target = createServer((_, response) => response.end(exposition(series, startS, Date.now() / 1000)))
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve))
  const { port } = target.address() as AddressInfo
  const start = (rules: Record<string, object>) =>
    startPrometheus({
      ...(command !== undefined && { command }),
      targets: [{ job: 'edge', address: `127.0.0.1:${port}`, honorLabels: true }],
      rules,
      scrapeIntervalMs: config.scrapeIntervalSeconds * 1000,
    })
  try {
    const idle = await start({})
    const scraping = await measureMinutes(idle, 2).finally(() => idle.stop())
    const prometheus = await start(ruleFiles as Record<string, object>)
    try {
      const { cpuSeconds, evaluationSeconds, missed } = await measureMinutes(prometheus, minutes)
      const groups = await groupTimes(prometheus)
      return { groups, evaluationSeconds, cpuSeconds: cpuSeconds - scraping.cpuSeconds, missed }
    } finally {
      await prometheus.stop()
    }
  } finally {
    target.closeAllConnections()
    target.close()
  }
}
