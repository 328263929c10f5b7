/** A real Prometheus with rules at a test's pace, and its HTTP API. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'

import { type ServerProcess, startServer } from './server-process.ts'

export interface ScrapeTarget {
  readonly job: string
  /** `host:port`. */
  readonly address: string
  /** `job` and `instance` of the scraped text stay: it speaks for others, as a Collector does. */
  readonly honorLabels?: boolean
}

export interface PrometheusOptions {
  /** Its path; the one on the PATH unless told. */
  readonly command?: string
  readonly targets: readonly ScrapeTarget[]
  /** Rule files as objects, by name. */
  readonly rules?: Readonly<Record<string, object>>
  readonly scrapeIntervalMs?: number
  /** `host:port`. */
  readonly alertmanager?: string
  /** OpenMetrics text of the past, loaded before the start. */
  readonly blocks?: (dataFolder: string) => void
}

export interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface Line {
  readonly labels: Readonly<Record<string, string>>
  readonly points: ReadonlyArray<readonly [timeSeconds: number, value: number]>
}

export interface RangeSeconds {
  readonly start: number
  readonly end: number
  readonly step: number
}

export interface Prometheus extends ServerProcess {
  /** Instant query. Throws with Prometheus's own words when it is refused. */
  query(expr: string, timeSeconds?: number): Promise<Sample[]>
  queryRange(expr: string, range: RangeSeconds): Promise<Line[]>
  /** Every label of every series of a metric, by name. */
  metricNames(): Promise<string[]>
  labelNames(): Promise<string[]>
  /** Times of the last scrape by target, and whether it went well. */
  targetsUp(): Promise<boolean>
}

interface Answer<T> {
  readonly status: string
  readonly error?: string
  readonly data: T
}

interface Result<T> {
  readonly result: ReadonlyArray<{ readonly metric: Record<string, string> } & T>
}

export async function startPrometheus(options: PrometheusOptions): Promise<Prometheus> {
  const server = await startServer({
    command: options.command ?? 'prometheus',
    readyPath: '/-/ready',
    arguments: (address, folder) => {
      const data = join(folder, 'data')
      mkdirSync(data)
      options.blocks?.(data)
      return [
        `--config.file=${writeConfig(folder, options)}`,
        `--web.listen-address=${address}`,
        `--storage.tsdb.path=${data}`,
        '--storage.tsdb.retention.time=60d',
        '--log.level=warn',
      ]
    },
  })
  const get = async <T>(path: string, parameters: Record<string, string> = {}): Promise<T> => {
    const response = await fetch(`${server.url}/api/v1/${path}`, {
      method: 'POST',
      body: new URLSearchParams(parameters),
    }).then(async (it) =>
      it.status === 405 ? fetch(`${server.url}/api/v1/${path}?${new URLSearchParams(parameters)}`) : it,
    )
    const answer = (await response.json()) as Answer<T>
    if (answer.status !== 'success')
      throw new Error(`${answer.error ?? response.status}\n${parameters['query'] ?? path}`)
    return answer.data
  }
  return {
    ...server,
    query: async (query, timeSeconds) => {
      const time = timeSeconds === undefined ? {} : { time: String(timeSeconds) }
      const { result } = await get<Result<{ value: [number, string] }>>('query', { query, ...time })
      return result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }))
    },
    queryRange: async (query, { start, end, step }) => {
      const { result } = await get<Result<{ values: Array<[number, string]> }>>('query_range', {
        query,
        start: String(start),
        end: String(end),
        step: String(step),
      })
      return result.map(({ metric, values }) => ({
        labels: metric,
        points: values.map(([time, value]) => [time, Number(value)] as const),
      }))
    },
    metricNames: () => get<string[]>('label/__name__/values'),
    labelNames: () => get<string[]>('labels'),
    targetsUp: async () => {
      const { activeTargets } = await get<{ activeTargets: Array<{ health: string }> }>('targets')
      return activeTargets.every(({ health }) => health === 'up')
    },
  }
}

function writeConfig(folder: string, options: PrometheusOptions): string {
  const rules = Object.entries(options.rules ?? {})
  for (const [name, content] of rules) writeFileSync(join(folder, name), stringify(content))
  const config = {
    global: { scrape_interval: `${options.scrapeIntervalMs ?? 1000}ms`, evaluation_interval: '1s' },
    rule_files: rules.map(([name]) => name),
    ...(options.alertmanager && {
      alerting: { alertmanagers: [{ static_configs: [{ targets: [options.alertmanager] }] }] },
    }),
    scrape_configs: options.targets.map(({ job, address, honorLabels = false }) => ({
      job_name: job,
      honor_labels: honorLabels,
      static_configs: [{ targets: [address] }],
    })),
  }
  const file = join(folder, 'prometheus.yml')
  writeFileSync(file, stringify(config))
  return file
}
