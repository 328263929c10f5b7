/** What one evaluation of all groups takes, on a real Prometheus on one core that scrapes many growing series. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

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

/** CPU seconds of the whole server so far, and evaluations that came too late. */
async function ownMetrics(prometheus: Prometheus): Promise<{ cpuSeconds: number; missed: number }> {
  const text = await (await fetch(`${prometheus.url}/metrics`)).text()
  const sum = (name: string) =>
    text
      .split('\n')
      .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
      .reduce((total, line) => total + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
  return {
    cpuSeconds: sum('process_cpu_seconds_total'),
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
  /** CPU of one evaluation of all groups: a minute of the server, less a minute of one that only scrapes. */
  readonly cpuSeconds: number
  /** Evaluations that came too late. */
  readonly missed: number
}

/** Of a minute, after so many others. */
async function minute(
  prometheus: Prometheus,
  after: number,
): Promise<{ cpuSeconds: number; missed: number }> {
  await wait(after * 60_000)
  const before = await ownMetrics(prometheus)
  await wait(60_000)
  const { cpuSeconds, missed } = await ownMetrics(prometheus)
  return { cpuSeconds: cpuSeconds - before.cpuSeconds, missed }
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
      scrapeIntervalMs: 15_000,
    })
  try {
    const idle = await start({})
    const scraping = await minute(idle, 1).finally(() => idle.stop())
    const prometheus = await start(ruleFiles as Record<string, object>)
    try {
      const { cpuSeconds, missed } = await minute(prometheus, minutes - 1)
      const groups = await groupTimes(prometheus)
      return { groups, cpuSeconds: cpuSeconds - scraping.cpuSeconds, missed }
    } finally {
      await prometheus.stop()
    }
  } finally {
    target.closeAllConnections()
    target.close()
  }
}
