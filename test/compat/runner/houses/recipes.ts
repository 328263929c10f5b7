/** The recipes of docs/beside-other-tools.md that are not a service beside one other tool: each is run as written. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { promisify } from 'node:util'
import { METRICS } from '../../../../src/telemetry/names.ts'
import { findFreePort, findFreePortsInRow } from '../../../free-port.ts'
import { startProxyServer } from '../../../integration/traffic-support/proxy-server.ts'
import { DEFAULT_KEY, startSimulator, type Simulator } from '../../../simulator/index.ts'
import type { Collector } from '../collector.ts'
import { differs, total } from '../judge.ts'
import { houseFolder, nodeBinary, type NodeMajor } from '../layout.ts'
import { BUNDLINGS, tryBundle } from './bundlers.ts'
import { NEWRELIC, REGISTER } from './cells.ts'
import { startScript } from './script.ts'
import { tryServerless } from './serverless.ts'

const execute = promisify(execFile)
const HOUSE = 'tools'
const FOLDER = houseFolder(HOUSE)

export interface Recipe {
  readonly row: string
  readonly house: string
  readonly node: NodeMajor
  /** @returns findings. */
  readonly run: (collector: Collector) => Promise<string[]>
}

type Try = (simulator: Simulator, node: NodeMajor, collector: Collector) => Promise<string[]>

const recipe = (row: string, nodes: readonly NodeMajor[], attempt: Try, house = HOUSE): Recipe[] =>
  nodes.map((node) => ({
    row,
    house,
    node,
    run: async (collector) => {
      const simulator = await startSimulator()
      try {
        return await attempt(simulator, node, collector)
      } finally {
        await simulator.close()
      }
    },
  }))

const scrape = (port: number): Promise<string> =>
  fetch(`http://127.0.0.1:${port}/metrics`, { headers: { connection: 'close' } }).then(
    (answer) => answer.text(),
    (error: Error) => String((error.cause as { code?: string } | undefined)?.code ?? error),
  )

const sumOf = (text: string, series: string): number =>
  [...text.matchAll(new RegExp(`^${series}\\{.*\\} (\\S+)`, 'gm'))].reduce(
    (sum, [, value]) => sum + Number(value),
    0,
  )

const countIn = (text: string): number => sumOf(text, 'aimlapi_requests_total')

/** Asks again until it is so, or says what was seen last. */
async function eventually<T>(ask: () => Promise<T>, isRight: (seen: T) => boolean): Promise<T> {
  let seen = await ask()
  for (let attempt = 0; attempt < 200 && !isRight(seen); attempt++) {
    await new Promise((resolve) => setTimeout(resolve, 100))
    seen = await ask()
  }
  return seen
}

const clusterPorts: Try = async (simulator, node) => {
  const port = await findFreePortsInRow(2)
  const script = startScript(
    {
      folder: FOLDER,
      node,
      file: 'recipes/cluster.mjs',
      environment: { CELL_PORTS: 'own', OTEL_EXPORTER_PROMETHEUS_PORT: String(port) },
    },
    simulator,
  )
  const said = await script.said
  const seen = said && (await Promise.all([scrape(port), scrape(port + 1)])).map(countIn)
  script.tellToEnd()
  const { end, stderr } = await script.ended
  return [...differs('calls at each port', seen, [1, 5]), ...differs('end', [end, stderr], [0, ''])]
}

const clusterOnePort: Try = async (simulator, node) => {
  const port = await findFreePort()
  const script = startScript(
    {
      folder: FOLDER,
      node,
      file: 'recipes/cluster.mjs',
      environment: { OTEL_EXPORTER_PROMETHEUS_PORT: String(port) },
    },
    simulator,
  )
  const said = await script.said
  const seen = new Set<number>()
  for (let attempt = 0; said !== undefined && attempt < 8; attempt++) seen.add(countIn(await scrape(port)))
  script.tellToEnd()
  const { end, stderr } = await script.ended
  return [
    // Whichever worker was first: its figures alone, at every scrape.
    ...differs('different answers of one port', seen.size, 1),
    ...differs('end', end, 0),
    ...differs(
      'lines that name the port',
      stderr.split('\n').filter((line) => line.includes('aimlapi') && line.includes(String(port))).length,
      1,
    ),
  ]
}

const clusterPush: Try = async (simulator, node, collector) => {
  const run = `cluster-${node}`
  const script = startScript(
    {
      folder: FOLDER,
      node,
      file: 'recipes/cluster.mjs',
      environment: {
        OTEL_METRICS_EXPORTER: 'otlp',
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint(run),
        OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      },
    },
    simulator,
  )
  await script.said
  script.tellToEnd()
  const { end, stderr } = await script.ended
  const { points } = collector.take(run)
  return [
    ...differs('calls pushed', total(points, METRICS.requests.name), 6),
    ...differs('end', [end, stderr], [0, '']),
  ]
}

const pm2 =
  (mode: 'fork' | 'cluster'): Try =>
  async (simulator, node) => {
    const home = await mkdtemp(`${tmpdir()}/aimlapi-pm2-`)
    const port = await findFreePortsInRow(2)
    const env = {
      PATH: `${nodeBinary(node).replace(/\/node$/, '')}:${process.env['PATH'] ?? ''}`,
      HOME: home,
      PM2_HOME: home,
      CELL_ORIGIN: simulator.url,
      CELL_KEY: DEFAULT_KEY,
      AIMLAPI_API_KEY: DEFAULT_KEY,
      AIMLAPI_BASE_URLS: simulator.url,
      AIMLAPI_BALANCE_INTERVAL_MS: '0',
      OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1',
      OTEL_EXPORTER_PROMETHEUS_PORT: String(port),
    }
    const run = (...words: string[]) =>
      execute(nodeBinary(node), [`${FOLDER}/node_modules/pm2/bin/pm2`, ...words], { cwd: FOLDER, env })
    try {
      await run('start', `programs/recipes/${mode}.config.cjs`)
      const seen = await eventually(
        async () => (await Promise.all([scrape(port), scrape(port + 1)])).map(countIn),
        (counts) => counts.join() === '1,1',
      )
      return differs('calls at each port', seen, [1, 1])
    } finally {
      // Its own daemon, found by its home.
      await run('kill').catch(() => {})
      await rm(home, { recursive: true, force: true })
    }
  }

const promClient: Try = async (simulator, node) => {
  const own = await findFreePort()
  const script = startScript(
    {
      folder: FOLDER,
      node,
      file: 'recipes/prom-client.mjs',
      environment: { OTEL_EXPORTER_PROMETHEUS_PORT: String(own) },
    },
    simulator,
  )
  const said = await script.said
  const text = said?.port === undefined ? '' : await scrape(said.port)
  const second = await scrape(own)
  script.tellToEnd()
  const { end, stderr } = await script.ended
  const families = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name)
  return [
    ...differs('calls', countIn(text), 1),
    ...differs('orders of the application', /^orders_total 1$/m.test(text), true),
    ...differs(
      'families told twice',
      families.filter((name, index) => families.indexOf(name) !== index),
      [],
    ),
    ...differs('a second port', second, 'ECONNREFUSED'),
    ...differs('end', [end, stderr], [0, '']),
  ]
}

/** How many calls each way makes. */
const PROXIES: readonly {
  readonly by: string
  readonly calls: number
  readonly nodes: readonly NodeMajor[]
}[] = [
  { by: 'EnvHttpProxyAgent', calls: 1, nodes: [20, 24] },
  { by: 'ProxyAgent', calls: 1, nodes: [24] },
  { by: 'global dispatcher', calls: 1, nodes: [24] },
  { by: 'NODE_USE_ENV_PROXY', calls: 2, nodes: [24] },
  { by: 'global-agent', calls: 1, nodes: [24] },
  { by: 'https-proxy-agent', calls: 1, nodes: [24] },
]

const proxied =
  (by: string, calls: number): Try =>
  async (simulator, node) => {
    const proxy = await startProxyServer()
    const port = await findFreePort()
    const environment = {
      CELL_PROXY: proxy.url,
      CELL_PROXY_BY: by,
      GLOBAL_AGENT_HTTP_PROXY: proxy.url,
      OTEL_EXPORTER_PROMETHEUS_PORT: String(port),
      ...(by === 'NODE_USE_ENV_PROXY' && { NODE_USE_ENV_PROXY: '1', HTTP_PROXY: proxy.url, NO_PROXY: '' }),
    }
    const script = startScript(
      { folder: FOLDER, node, file: 'recipes/proxy.mjs', flags: ['--import', REGISTER], environment },
      simulator,
    )
    const said = await script.said
    const text = await scrape(port)
    script.tellToEnd()
    const { end, stderr } = await script.ended
    const entries = simulator.ledger.entries({ type: 'MODEL_USAGE' })
    await proxy.close()
    return [
      ...differs('the program', said?.result, 'done'),
      ...differs('calls at the API', entries.length, calls),
      ...differs('went through the proxy', proxy.requests.length >= calls, true),
      ...differs('calls counted', countIn(text), calls),
      ...differs(
        'credits counted',
        sumOf(text, 'aimlapi_credits_used_total'),
        entries.reduce((sum, { credits }) => sum + credits, 0),
      ),
      ...differs('end', [end, stderr], [0, '']),
    ]
  }

/** Credits counted of a mocked answer that says 7, by transport. */
const MOCKS: readonly { readonly by: string; readonly counted: Readonly<Record<string, number>> }[] = [
  { by: 'MSW 3', counted: { fetch: 7, http: 7 } },
  { by: 'nock 15', counted: { fetch: 7, http: 7 } },
  { by: 'undici MockAgent', counted: { fetch: 0 } },
]

const mocked =
  (by: string, counted: Readonly<Record<string, number>>): Try =>
  async (simulator, node) => {
    const environment = { CELL_MOCK: by }
    const script = startScript({ folder: FOLDER, node, file: 'recipes/mocks.mjs', environment }, simulator)
    const said = await script.said
    const { end, stderr } = await script.ended
    return [...differs('credits counted', said?.result, counted), ...differs('end', [end, stderr], [0, ''])]
  }

/** A script that is still there so long after its work waits for somebody who does not answer. */
const LINGERS_MS = 6_000

interface HangingOptions {
  readonly house?: string
  readonly flags: readonly string[]
  /** `{port}`: of a server that accepts and never answers, until the script has lingered. */
  readonly environment: Readonly<Record<string, string>>
}

async function runBesideHanging(options: HangingOptions, simulator: Simulator, node: NodeMajor) {
  const { house = HOUSE, flags, environment } = options
  const sockets = new Set<Socket>()
  const server = createServer((socket) => sockets.add(socket.on('error', () => {})))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const told = Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [name, value.replace('{port}', String(port))]),
  )
  const script = startScript(
    { folder: houseFolder(house), node, file: 'recipes/script.mjs', flags, environment: told },
    simulator,
  )
  let lingers = false
  let timer: NodeJS.Timeout | undefined
  const giveUp = (): void => {
    lingers = true
    for (const socket of sockets) socket.destroy()
  }
  void script.said.then(() => (timer = setTimeout(giveUp, LINGERS_MS)))
  const { end } = await script.ended
  clearTimeout(timer)
  const asked = sockets.size > 0
  server.close()
  for (const socket of sockets) socket.destroy()
  return { end, lingers, asked }
}

const OURS = ['--import', REGISTER]
const HANGING_OTLP = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:{port}' }

const hangingCollector =
  (environment: Readonly<Record<string, string>>): Try =>
  async (simulator, node) => {
    const options = { flags: OURS, environment: { ...environment, ...HANGING_OTLP } }
    const { asked, lingers, end } = await runBesideHanging(options, simulator, node)
    return [
      ...differs('the collector was asked', asked, true),
      ...differs('the process waits for the collector', lingers, false),
      ...differs('end', end, 0),
    ]
  }

/** The providers of another tool are its own to flush: the process ends as without us, which is at once. */
const hangingBesideTool =
  (house: string, flags: readonly string[], environment: Readonly<Record<string, string>>): Try =>
  async (simulator, node) => {
    const without = await runBesideHanging({ house, environment, flags }, simulator, node)
    const seen = await runBesideHanging({ house, environment, flags: [...flags, ...OURS] }, simulator, node)
    return [
      ...differs('the process waits for the tool without us', without.lingers, false),
      ...differs('the process waits for the tool', seen.lingers, false),
      ...differs('end', seen.end, without.end),
    ]
  }

export const RECIPES: readonly Recipe[] = [
  ...recipe('node:cluster, a port for each worker', [20, 24], clusterPorts),
  ...recipe('node:cluster, one port for all: the second worker says so', [20, 24], clusterOnePort),
  ...recipe('node:cluster, each worker pushes', [24], clusterPush),
  ...recipe('PM2, fork mode, our flag, a port for each instance', [24], pm2('fork')),
  ...recipe('PM2, cluster mode, register() in the code, a port for each instance', [24], pm2('cluster')),
  ...recipe('prom-client, prometheusText() in its /metrics', [20, 24], promClient),
  ...PROXIES.flatMap(({ by, calls, nodes }) => recipe(`proxy: ${by}`, nodes, proxied(by, calls))),
  ...MOCKS.flatMap(({ by, counted }) => recipe(`mocks: ${by}`, [22, 24], mocked(by, counted))),
  ...BUNDLINGS.flatMap((bundling) =>
    recipe(`bundle: ${bundling.bundler}, ${bundling.format}`, [24], (simulator, node, collector) =>
      tryBundle(bundling, FOLDER, simulator, node, collector),
    ),
  ),
  ...recipe(
    'a script ends although the collector of metrics hangs',
    [20, 24],
    hangingCollector({ OTEL_METRICS_EXPORTER: 'otlp' }),
  ),
  ...recipe(
    'a script ends although the collector of traces hangs',
    [24],
    hangingCollector({ OTEL_METRICS_EXPORTER: 'none', OTEL_TRACES_EXPORTER: 'otlp' }),
  ),
  ...recipe(
    'a script ends although the collector of its own OpenTelemetry SDK hangs',
    [24],
    hangingBesideTool('auto-instrumentations', ['--import', './programs/recipes/own-sdk.mjs'], HANGING_OTLP),
    'auto-instrumentations',
  ),
  ...recipe(
    'a script ends although New Relic cannot be reached, with its OpenTelemetry bridge',
    [24],
    hangingBesideTool('newrelic', ['--require', 'newrelic'], {
      ...NEWRELIC,
      NEW_RELIC_OPENTELEMETRY_ENABLED: 'true',
    }),
    'newrelic',
  ),
  ...recipe('serverless: frozen after each request', [20, 24], (simulator, node, collector) =>
    tryServerless(FOLDER, simulator, node, collector),
  ),
]
