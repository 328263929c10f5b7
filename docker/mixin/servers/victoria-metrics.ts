/** A real VictoriaMetrics, and vmalert, which evaluates rules on it and records back. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'

import { newerPrograms } from './newer-programs.ts'
import { type QueryApi, queryApi } from './query-api.ts'
import { type ServerProcess, startServer } from './server-process.ts'

/** The shipped relabelling: what came by OTLP gets `job` and `instance`. */
const RELABEL = fileURLToPath(new URL('../../victoria-metrics/relabel.yml', import.meta.url))

export type VictoriaMetrics = ServerProcess & QueryApi

export interface ScrapedByVictoriaMetrics {
  readonly job: string
  /** `host:port`. */
  readonly address: string
}

function programOf(program: 'victoria-metrics' | 'vmalert'): string {
  const path = newerPrograms(program)
  if (path === undefined) throw new Error(`${program} is not here: scripts/servers/fetch.sh fetches it`)
  return path
}

/** Takes remote write and OTLP too; what is taken can be queried after some seconds. */
export async function startVictoriaMetrics(
  targets: readonly ScrapedByVictoriaMetrics[] = [],
): Promise<VictoriaMetrics> {
  const server = await startServer({
    command: programOf('victoria-metrics'),
    readyPath: '/health',
    arguments: (address, folder) => {
      const config = join(folder, 'scrape.yml')
      const scrapes = targets.map(({ job, address: target }) => ({
        job_name: job,
        static_configs: [{ targets: [target] }],
      }))
      writeFileSync(config, stringify({ global: { scrape_interval: '1s' }, scrape_configs: scrapes }))
      return [
        `-httpListenAddr=${address}`,
        `-storageDataPath=${join(folder, 'data')}`,
        `-promscrape.config=${config}`,
        `-relabelConfig=${RELABEL}`,
        '-opentelemetry.usePrometheusNaming',
        '-retentionPeriod=60d',
        // A query sees what is there, not what was there half a minute ago.
        '-search.latencyOffset=0s',
        '-loggerLevel=ERROR',
      ]
    },
  })
  return { ...server, ...queryApi(server.url) }
}

/**
 * @param url Of the VictoriaMetrics that it reads and writes.
 * @param rules Rule files as objects, by name.
 */
export function startVmalert(
  url: string,
  rules: Readonly<Record<string, object>>,
  alertmanagerUrl?: string,
): Promise<ServerProcess> {
  return startServer({
    command: programOf('vmalert'),
    readyPath: '/health',
    arguments: (address, folder) => {
      for (const [name, content] of Object.entries(rules))
        writeFileSync(join(folder, name), stringify(content))
      return [
        `-httpListenAddr=${address}`,
        `-rule=${join(folder, '*.yml')}`,
        `-datasource.url=${url}`,
        `-remoteWrite.url=${url}`,
        `-remoteRead.url=${url}`,
        alertmanagerUrl === undefined ? '-notifier.blackhole' : `-notifier.url=${alertmanagerUrl}`,
        '-remoteWrite.flushInterval=200ms',
        '-rule.evalDelay=0s',
        '-loggerLevel=ERROR',
      ]
    },
  })
}
