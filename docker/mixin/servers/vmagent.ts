/** A real vmagent that adds up the counters of many processes at the edge, by the shipped configuration. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse, stringify } from 'yaml'

import { newerPrograms } from './newer-programs.ts'
import { type ServerProcess, startServer } from './server-process.ts'

const AGGREGATION = fileURLToPath(new URL('../../victoria-metrics/edge-aggregation.yml', import.meta.url))

export interface EdgeOptions {
  readonly job: string
  /** `host:port` of each process. */
  readonly addresses: readonly string[]
  /** Where the sums go, by remote write. */
  readonly url: string
  /** Between two sums, and the time in which what is found is not new: a test cannot wait as long as is shipped. */
  readonly intervalSeconds: number
}

export function startEdge({ job, addresses, url, intervalSeconds }: EdgeOptions): Promise<ServerProcess> {
  const command = newerPrograms('vmagent')
  if (command === undefined) throw new Error('vmagent is not here: scripts/servers/fetch.sh fetches it')
  return startServer({
    command,
    readyPath: '/health',
    arguments: (address, folder) => {
      const shipped = parse(readFileSync(AGGREGATION, 'utf8')) as object[]
      const paced = {
        interval: `${intervalSeconds}s`,
        ignore_first_sample_interval: `${4 * intervalSeconds}s`,
      }
      writeFileSync(join(folder, 'aggregation.yml'), stringify(shipped.map((one) => ({ ...one, ...paced }))))
      writeFileSync(join(folder, 'scrape.yml'), stringify(scrapes(job, addresses, address)))
      return [
        `-httpListenAddr=${address}`,
        `-remoteWrite.url=${url}/api/v1/write`,
        `-remoteWrite.tmpDataPath=${join(folder, 'queue')}`,
        '-remoteWrite.flushInterval=200ms',
        `-promscrape.config=${join(folder, 'scrape.yml')}`,
        `-streamAggr.config=${join(folder, 'aggregation.yml')}`,
        '-loggerLevel=ERROR',
      ]
    },
  })
}

/** The processes, and the start of vmagent as that of the process "edge" of their job. */
function scrapes(job: string, addresses: readonly string[], ownAddress: string): object {
  return {
    global: { scrape_interval: '1s' },
    scrape_configs: [
      { job_name: job, static_configs: [{ targets: addresses }] },
      {
        job_name: 'edge',
        static_configs: [{ targets: [ownAddress], labels: { job, instance: 'edge' } }],
        metric_relabel_configs: [
          { source_labels: ['__name__'], regex: 'process_start_time_seconds', action: 'keep' },
          { target_label: '__name__', replacement: 'aimlapi_process_start_timestamp_seconds' },
        ],
      },
    ],
  }
}
