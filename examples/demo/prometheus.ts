/** A Prometheus beside the demo, when there is one on the PATH: the shipped configuration, on this one target. */
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { parse, stringify } from 'yaml'
import { freePort, start, stop } from './processes.ts'

export interface PrometheusProcess {
  readonly url: string
  /** Its own graph of what each team has spent since the start. */
  readonly spendByTeamUrl: string
  /** Ends it and removes its data. */
  close(): Promise<void>
}

interface Configuration {
  global?: Record<string, unknown>
  rule_files?: string[]
  alerting?: unknown
  scrape_configs: Array<{ job_name: string; static_configs: unknown }>
}

const JOB = 'aimlapi-demo'
const SCRAPE_INTERVAL = '2s'
const SPEND_BY_TEAM = 'sum by (aimlapi_tag_team) (aimlapi_cost_usd_total)'

function onPath(command: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  return folders.map((folder) => join(folder, command)).find((file) => existsSync(file))
}

/** The shipped configuration (rules included) without alerting, scraping only `target`; a plain one if it is not there. */
export async function configurationFor(root: string, target: string): Promise<string> {
  const folder = join(root, 'docker', 'prometheus')
  const file = join(folder, 'prometheus.yml')
  const shipped = existsSync(file)
    ? (parse(await readFile(file, 'utf8')) as Configuration)
    : ({ scrape_configs: [] } satisfies Configuration)
  const { alerting: _alerting, ...rest } = shipped as Configuration
  const configuration: Configuration = {
    ...rest,
    global: { ...rest.global, scrape_interval: SCRAPE_INTERVAL, evaluation_interval: '5s' },
    rule_files: (rest.rule_files ?? []).map((pattern) => join(folder, pattern)),
    scrape_configs: [{ job_name: JOB, static_configs: [{ targets: [target] }] }],
  }
  return stringify(configuration)
}

/** Where Prometheus 2 and 3 draw a query, over the last quarter of an hour. */
export function graphUrl(prometheusUrl: string, query: string): string {
  const panel = new URLSearchParams({ 'g0.expr': query, 'g0.tab': '0', 'g0.range_input': '15m' })
  return `${prometheusUrl}/graph?${panel}`
}

/** @returns undefined when no Prometheus is installed. */
export async function startPrometheus(root: string, target: string): Promise<PrometheusProcess | undefined> {
  const program = onPath('prometheus')
  if (program === undefined) return undefined
  const folder = await mkdtemp(join(tmpdir(), 'aimlapi-demo-'))
  const configuration = join(folder, 'prometheus.yml')
  await writeFile(configuration, await configurationFor(root, target))
  const address = `127.0.0.1:${await freePort(9090)}`
  const started = start(
    program,
    [
      `--config.file=${configuration}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=${address}`,
      '--log.level=error',
    ],
    { quiet: true },
  )
  const url = `http://${address}`
  return {
    url,
    spendByTeamUrl: graphUrl(url, SPEND_BY_TEAM),
    async close() {
      await stop(started)
      await rm(folder, { recursive: true, force: true })
    },
  }
}
