/** A real Prometheus with rules at a test's pace, and its HTTP API. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'

import { type QueryApi, queryApi } from './query-api.ts'
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
  /** Where everything that is scraped goes too, without what rules record. */
  readonly remoteWriteUrl?: string
  /** OpenMetrics text of the past, loaded before the start. */
  readonly blocks?: (dataFolder: string) => void
  /** A folder of data that stays, instead of one that is removed at the end. */
  readonly dataFolder?: string
  /** Whether it takes samples by remote write. */
  readonly receives?: boolean
}

export type Prometheus = ServerProcess & QueryApi

export async function startPrometheus(options: PrometheusOptions): Promise<Prometheus> {
  const server = await startServer({
    command: options.command ?? 'prometheus',
    readyPath: '/-/ready',
    arguments: (address, folder) => {
      const data = options.dataFolder ?? join(folder, 'data')
      mkdirSync(data, { recursive: true })
      options.blocks?.(data)
      return [
        `--config.file=${writeConfig(folder, options)}`,
        `--web.listen-address=${address}`,
        `--storage.tsdb.path=${data}`,
        '--storage.tsdb.retention.time=60d',
        '--log.level=warn',
        ...(options.receives === true ? ['--web.enable-remote-write-receiver'] : []),
      ]
    },
  })
  return { ...server, ...queryApi(server.url) }
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
    ...(options.remoteWriteUrl !== undefined && {
      remote_write: [
        {
          url: options.remoteWriteUrl,
          queue_config: { batch_send_deadline: '200ms' },
          write_relabel_configs: [{ source_labels: ['__name__'], regex: '.*:.*|ALERTS.*', action: 'drop' }],
        },
      ],
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
