import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { parse } from 'yaml'

import { isInstalled } from '../../docker/mixin/servers/server-process.ts'
import { findFreePort, findFreePortsInRow } from '../free-port.ts'
import { DEFAULT_KEY, startSimulator } from '../simulator/index.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))
const docker = join(root, 'docker')
const fleet = join(root, 'examples/fleet')
const read = (file: string) => readFileSync(file, 'utf8')

interface Service {
  readonly image?: string
  readonly build?: { readonly context: string; readonly dockerfile: string }
  readonly command?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly volumes?: readonly string[]
}
interface Compose {
  readonly services: Readonly<Record<string, Service>>
  readonly volumes?: Readonly<Record<string, unknown>>
}
const compose = parse(read(join(docker, 'compose.yaml')), { merge: true }) as Compose
const collector = parse(read(join(docker, 'compose.collector.yaml'))) as Compose

interface CollectorConfig {
  readonly service: {
    readonly extensions?: readonly string[]
    readonly pipelines: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>
  }
}

const stops: Array<() => Promise<unknown>> = []
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop()
})

async function started(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  url: string,
): Promise<void> {
  const child = spawn(process.execPath, args, {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...environment },
  })
  stops.push(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGTERM')
    await once(child, 'exit')
  })
  await vi.waitFor(async () => expect((await fetch(url)).ok).toBe(true), { timeout: 30_000, interval: 200 })
}

for (const command of ['docker-compose', 'promtool', 'amtool'])
  if (!isInstalled(command)) console.warn(`${command} is not installed: it does not check the shipped files`)

describe.skipIf(!isInstalled('docker-compose'))('docker-compose accepts', () => {
  test.each([
    [docker, ['compose.yaml']],
    [docker, ['compose.yaml', 'compose.collector.yaml']],
    [fleet, ['exporters.compose.yaml']],
  ])('%s %s', async (cwd, files) => {
    const { stdout } = await run('docker-compose', [...files.flatMap((file) => ['-f', file]), 'config'], {
      cwd,
    })
    expect(stdout).toContain('services:')
  })
})

describe.skipIf(!isInstalled('promtool'))('promtool accepts', () => {
  test.each([
    join(docker, 'prometheus/prometheus.yml'),
    join(docker, 'collector/prometheus.yml'),
    join(fleet, 'prometheus-scrape.yml'),
  ])('%s', async (file) => {
    const { stdout } = await run('promtool', ['check', 'config', file])
    expect(stdout).toContain('SUCCESS')
  })
})

test.skipIf(!isInstalled('amtool'))(
  'amtool accepts the configuration of Alertmanager, and routes by severity',
  async () => {
    const file = join(docker, 'alertmanager/alertmanager.yml')
    await run('amtool', ['check-config', file])
    for (const severity of ['critical', 'warning', 'info']) {
      const { stdout } = await run('amtool', [
        'config',
        'routes',
        'test',
        `--config.file=${file}`,
        `severity=${severity}`,
      ])
      expect(stdout.trim()).toBe(severity)
    }
    const { stdout } = await run('amtool', [
      'config',
      'routes',
      'test',
      `--config.file=${file}`,
      'severity=unheard',
    ])
    expect(stdout.trim()).toBe('warning')
  },
)

describe('compose', () => {
  const services = Object.entries({
    ...compose.services,
    collector: collector.services['collector'] as Service,
  })

  test('pins every image that is not built here', () => {
    const foreign = services.filter(([, { build }]) => !build).map(([, { image = '' }]) => image)
    expect(foreign.length).toBeGreaterThan(4)
    expect(foreign.filter((image) => !/:v?\d+\.\d+\.\d+/.test(image))).toEqual([])
  })

  test('mounts only what is there', () => {
    const mounts = [compose, collector]
      .flatMap((file) => Object.values(file.services).flatMap(({ volumes = [] }) => volumes))
      .map((volume) => volume.split(':')[0] ?? '')
    const paths = mounts.filter((path) => path.startsWith('.'))
    expect(paths.length).toBeGreaterThan(6)
    expect(paths.filter((path) => !existsSync(join(docker, path)))).toEqual([])
    expect(mounts.filter((path) => !path.startsWith('.') && !(path in (compose.volumes ?? {})))).toEqual([])
  })

  test('has a service for everything that is scraped, alerted and pushed to', () => {
    const hosts = [
      'prometheus/prometheus.yml',
      'collector/prometheus.yml',
      'collector/collector.yaml',
      'alertmanager/alertmanager.yml',
      'grafana/provisioning/datasources/prometheus.yaml',
    ].flatMap((file) =>
      [...read(join(docker, file)).matchAll(/(?:https?:\/\/|')([a-z-]+):\d{4}/g)].map(
        ([, host = '']) => host,
      ),
    )
    const names = new Set(services.map(([name]) => name))
    expect(hosts.length).toBeGreaterThan(6)
    expect(hosts.filter((host) => !names.has(host) && host !== 'localhost')).toEqual([])
  })
})

describe.each([join(docker, 'collector/collector.yaml'), join(fleet, 'collector.yaml')])(
  'the Collector of %s',
  (file) => {
    const parsed = parse(read(file)) as CollectorConfig & Record<string, Record<string, unknown> | undefined>
    const { pipelines, extensions = [] } = parsed.service
    const wiring = Object.values(pipelines).flatMap((pipeline) => Object.entries(pipeline))

    test('uses what is configured, and configures nothing else', () => {
      for (const kind of ['receivers', 'processors', 'exporters', 'extensions']) {
        const used = wiring.filter(([name]) => name === kind).flatMap(([, names]) => names)
        const wanted = kind === 'extensions' ? extensions : used
        expect(Object.keys(parsed[kind] ?? {}).toSorted()).toEqual([...new Set(wanted)].toSorted())
      }
    })

    test('takes OTLP by HTTP and by gRPC, and limits its memory before all else', () => {
      expect(parsed['receivers']?.['otlp']).toMatchObject({
        protocols: { http: { endpoint: '0.0.0.0:4318' }, grpc: { endpoint: '0.0.0.0:4317' } },
      })
      for (const { processors } of Object.values(pipelines)) expect(processors?.[0]).toBe('memory_limiter')
    })
  },
)

describe('the commands of the containers, run here', () => {
  test('the simulator starts with its flags and passes its health check', async () => {
    const port = await findFreePort()
    const [node, ...args] = compose.services['simulator']?.command ?? []
    expect(node).toBe('node')
    const here = args.map((arg) =>
      arg.replace('--host=0.0.0.0', '--host=127.0.0.1').replace('8080', String(port)),
    )
    await started(here, {}, `http://127.0.0.1:${port}/v1/models`)
  }, 60_000)

  test('the exporter serves balance and ledger, and passes its health check', async () => {
    const simulator = await startSimulator()
    stops.push(() => simulator.close())
    const port = await findFreePort()
    const environment = {
      ...compose.services['exporter']?.environment,
      AIMLAPI_BASE_URLS: simulator.url,
      AIMLAPI_ACCOUNTS: `default=${DEFAULT_KEY}`,
      OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1',
      OTEL_EXPORTER_PROMETHEUS_PORT: String(port),
    }
    await started([join(root, 'dist/exporter.mjs')], environment, `http://127.0.0.1:${port}/healthz`)
    const metrics = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
    await vi.waitFor(async () => expect(await metrics()).toContain('aimlapi_balance_usd{'), {
      timeout: 20_000,
    })
    const check = /^\s+CMD (\[.*\])$/m.exec(read(join(docker, 'Dockerfile')))?.[1] ?? '[]'
    const [, ...words] = JSON.parse(check) as string[]
    await run(process.execPath, words, { env: { ...process.env, ...environment } })
  }, 90_000)

  test('the log of alerts writes what it is told', async () => {
    const port = await findFreePort()
    const child = spawn(process.execPath, [join(docker, 'alertmanager/alert-log.mjs')], {
      env: { ...process.env, PORT: String(port) },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    stops.push(async () => {
      child.kill('SIGTERM')
      await once(child, 'exit')
    })
    let log = ''
    child.stdout.on('data', (chunk: Buffer) => (log += chunk.toString()))
    await vi.waitFor(() => expect(log).toContain('alerts are told'), { timeout: 20_000 })
    const alert = {
      status: 'firing',
      labels: { severity: 'warning', alertname: 'A' },
      annotations: { description: 'low' },
    }
    await fetch(`http://127.0.0.1:${port}/alerts`, {
      method: 'POST',
      body: JSON.stringify({ alerts: [alert] }),
    })
    await vi.waitFor(() => expect(log).toContain('firing warning A: low'))
  }, 60_000)
})

describe('the examples of fleets', () => {
  test('every file is named in their README', () => {
    const readme = read(join(fleet, 'README.md'))
    const linked = [...readme.matchAll(/\]\(([\w.-]+)\)/g)].map(([, file = '']) => file)
    expect(linked.filter((file) => !existsSync(join(fleet, file)))).toEqual([])
    expect(new Set(linked).size).toBe(5)
  })

  test('each worker of a cluster serves its own metrics', async () => {
    const simulator = await startSimulator()
    stops.push(() => simulator.close())
    // The workers take the two that follow.
    const port = await findFreePortsInRow(3)
    const args = ['--import', 'opentelemetry-instrumentation-aimlapi/register', join(fleet, 'cluster.mjs')]
    const environment = {
      WORKERS: '2',
      AIMLAPI_API_KEY: DEFAULT_KEY,
      AIMLAPI_BASE_URLS: simulator.url,
      AIMLAPI_BALANCE_INTERVAL_MS: '0',
      OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1',
      OTEL_EXPORTER_PROMETHEUS_PORT: String(port),
    }
    await started(args, environment, `http://127.0.0.1:${port}/metrics`)
    for (const worker of [port + 1, port + 2]) {
      const metrics = async () => (await fetch(`http://127.0.0.1:${worker}/metrics`)).text()
      await vi.waitFor(async () => expect(await metrics()).toMatch(/aimlapi_requests_total\{.*\} 1$/m), {
        timeout: 30_000,
        interval: 300,
      })
    }
  }, 90_000)
})
