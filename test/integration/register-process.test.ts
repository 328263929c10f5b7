import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { findFreePort } from '../free-port.ts'
import { keepScraping, scrape, startApi, startCollector, type LocalServer } from './register-support/http.ts'

const ROOT = path.resolve(import.meta.dirname, '../..')
const REGISTER = 'opentelemetry-instrumentation-aimlapi/register'
const SERVICE = path.join(import.meta.dirname, 'register-support/service.mjs')

/** Linux, where the kernel lets users have them. */
const hasNamespaces =
  spawnSync('unshare', ['--user', '--map-root-user', '--pid', '--fork', 'true']).status === 0

let api: LocalServer
let collector: Awaited<ReturnType<typeof startCollector>>
const running = new Set<ReturnType<typeof runService>>()

beforeAll(async () => {
  api = await startApi()
  collector = await startCollector()
})
afterAll(() => {
  api.close()
  collector.close()
})
afterEach(() => {
  for (const { child } of running) child.kill('SIGKILL')
  running.clear()
  collector.received.length = 0
})

interface Service {
  readonly calls?: number
  readonly stay?: boolean
  readonly stayUntilTold?: boolean
  readonly onSignal?: 'exits' | 'stays' | 'polite'
  readonly exitCode?: number
  readonly otherFormat?: boolean
  readonly lateProvider?: boolean
  readonly shutsDown?: boolean
}

/** The service in a process of its own, with nothing of this library but a flag; metrics go to the collector. */
function runService(service: Service, environment: Record<string, string> = {}, flag = '--import') {
  const command = [process.execPath, flag, REGISTER, SERVICE]
  return runProgram(command, { SERVICE: JSON.stringify(service), ...environment })
}

function runProgram([program = '', ...words]: readonly string[], environment: Record<string, string>) {
  const child = spawn(program, words, {
    cwd: ROOT,
    env: {
      PATH: process.env['PATH'],
      AIMLAPI_BASE_URLS: api.url,
      AIMLAPI_BALANCE_INTERVAL_MS: '0',
      AIMLAPI_SETTLEMENT_INTERVAL_MS: '0',
      OTEL_METRICS_EXPORTER: 'otlp',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_TRACES_EXPORTER: 'none',
      OTEL_LOGS_EXPORTER: 'none',
      ...environment,
    },
  })
  let output = ''
  let errors = ''
  child.stdout.on('data', (text: Buffer) => (output += text.toString()))
  child.stderr.on('data', (text: Buffer) => (errors += text.toString()))
  const run = {
    child,
    output: () => output,
    errors: () => errors,
    ended: once(child, 'close').then(([code, signal]) => ({ code, signal })),
    // What went wrong instead stands on stderr.
    said: (text: string) => vi.waitFor(() => expect(output + errors).toContain(text), { timeout: 20_000 }),
  }
  running.add(run)
  return run
}

/** How many calls the collector was told of at last. */
function pushedRequests(): number {
  const counts = collector.received
    .flatMap((push) => /"name":"aimlapi\.requests".*?"dataPoints":\[(.*?)\]\}\}/.exec(push)?.[1] ?? [])
    .map((points) =>
      [...points.matchAll(/"as(?:Int|Double)":"?(\d+)/g)].reduce((sum, [, n]) => sum + Number(n), 0),
    )
  return counts.at(-1) ?? 0
}

describe('the only export of a short job', () => {
  const GAUGES = ['aimlapi.process.start', 'aimlapi.usage.pending']
  const ACCOUNT = { AIMLAPI_API_KEY: 'k'.repeat(32), AIMLAPI_SETTLEMENT_INTERVAL_MS: '3600000' }

  it.each(['SIGTERM', 'an empty loop', 'shutdown()'])(
    'has the gauges of the process and the account beside the counters: %s',
    async (ending) => {
      const service = runService(
        { stay: ending === 'SIGTERM', shutsDown: ending === 'shutdown()' },
        { ...ACCOUNT, OTEL_METRICS_EXPORTER: 'otlp,console' },
      )
      await service.said('ready')
      if (ending === 'SIGTERM') service.child.kill('SIGTERM')
      await service.ended
      for (const name of ['aimlapi.requests', ...GAUGES]) {
        expect(collector.received.at(-1)).toContain(`"name":"${name}`)
        expect(service.output()).toContain(`name: '${name}`)
      }
    },
  )
})

describe('a process that has nothing left to do', () => {
  it.each(['--import', '--require'])('ends by itself with everything exported (%s)', async (flag) => {
    const service = runService({ calls: 2 }, {}, flag)
    expect(await service.ended).toEqual({ code: 0, signal: null })
    expect(pushedRequests()).toBe(2)
    expect(service.errors()).toBe('')
  })

  it('ends by itself while it serves /metrics', async () => {
    const port = await findFreePort()
    const service = runService({}, { OTEL_METRICS_EXPORTER: '', OTEL_EXPORTER_PROMETHEUS_PORT: String(port) })
    expect(await service.ended).toEqual({ code: 0, signal: null })
    expect(service.errors()).toBe('')
  })

  it('ends by itself while a Prometheus keeps its connection and scrapes on', async () => {
    const port = await findFreePort()
    const variables = { OTEL_METRICS_EXPORTER: '', OTEL_EXPORTER_PROMETHEUS_PORT: String(port) }
    const service = runService({ stayUntilTold: true }, variables)
    await service.said('ready')
    const scraper = keepScraping(port)
    await vi.waitFor(() => expect(scraper.answers()).toBeGreaterThan(2))
    service.child.stdin.end()
    expect(await service.ended).toEqual({ code: 0, signal: null })
    scraper.stop()
    expect(scraper.connections()).toBe(1)
  })

  it('keeps its own exit code', async () => {
    expect(await runService({ exitCode: 3 }).ended).toEqual({ code: 3, signal: null })
  })

  it('is registered once, whichever formats of the package it loads', async () => {
    const service = runService({ otherFormat: true })
    await service.ended
    expect(service.output()).toContain('the same')
    expect(service.errors().match(/register\(\) was called again/g)).toHaveLength(1)
    expect(pushedRequests()).toBe(1)
  })
})

it('a process whose prototype of ClientRequest cannot be changed is measured without it', async () => {
  const fixed = `import { ClientRequest } from 'node:http'
    Object.defineProperty(ClientRequest.prototype, 'onSocket', { writable: false, configurable: false })`
  const service = runProgram(
    [
      process.execPath,
      '--import',
      `data:text/javascript,${encodeURIComponent(fixed)}`,
      '--import',
      REGISTER,
      SERVICE,
    ],
    {},
  )
  expect(await service.ended).toEqual({ code: 0, signal: null })
  expect(pushedRequests()).toBe(1)
})

describe('a process that gets a signal', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('of %s dies by it, with everything exported', async (signal) => {
    const service = runService({ stay: true })
    await service.said('ready')
    service.child.kill(signal)
    expect(await service.ended).toEqual({ code: null, signal })
    expect(pushedRequests()).toBe(1)
  })

  it('and handles it itself ends as it wants to', async () => {
    const service = runService({ stay: true, onSignal: 'exits' })
    await service.said('ready')
    service.child.kill('SIGTERM')
    expect(await service.ended).toEqual({ code: 7, signal: null })
  })

  it('and goes on is measured on, with everything up to then exported', async () => {
    const service = runService({ stay: true, onSignal: 'stays' })
    await service.said('ready')
    for (let heard = 1; heard <= 2; heard++) {
      service.child.kill('SIGTERM')
      await vi.waitFor(() => expect(service.output().match(/signal heard/g)).toHaveLength(heard))
      await vi.waitFor(() => expect(collector.received.length).toBeGreaterThanOrEqual(heard))
    }
    expect(pushedRequests()).toBe(1)
    expect(service.child.exitCode).toBeNull()
  })

  it('and leaves it to a library that waits for its being the only listener dies by it all the same', async () => {
    const service = runService({ stay: true, onSignal: 'polite' })
    await service.said('ready')
    service.child.kill('SIGTERM')
    expect(await service.ended).toEqual({ code: null, signal: 'SIGTERM' })
  })

  it.skipIf(!hasNamespaces)(
    'as the first process of a container, which no signal ends, is measured on with everything up to then exported',
    async () => {
      const inContainer = ['unshare', '--user', '--map-root-user', '--pid', '--fork', '--kill-child']
      const variables = { SERVICE: JSON.stringify({ stay: true }) }
      const service = runProgram([...inContainer, process.execPath, '--import', REGISTER, SERVICE], variables)
      await service.said('ready')
      const pid = readFileSync(`/proc/${service.child.pid}/task/${service.child.pid}/children`, 'utf8').trim()
      for (let heard = 1; heard <= 2; heard++) {
        process.kill(Number(pid), 'SIGTERM')
        await vi.waitFor(() => expect(collector.received.length).toBeGreaterThanOrEqual(heard))
      }
      expect(pushedRequests()).toBe(1)
      expect(service.child.exitCode).toBeNull()
    },
  )

  it('while its collector never answers dies at the second one at once', async () => {
    const silent = createServer().listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const { port } = silent.address() as AddressInfo
    const service = runService({ stay: true }, { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` })
    await service.said('ready')
    const connected = once(silent, 'connection')
    service.child.kill('SIGTERM')
    await connected
    expect(service.child.signalCode).toBeNull()
    service.child.kill('SIGTERM')
    expect(await service.ended).toEqual({ code: null, signal: 'SIGTERM' })
    silent.close()
  })
})

describe('a process whose NODE_OPTIONS has the flag', () => {
  it('serves its metrics, though the npm that starts it is a Node.js process as well', async () => {
    const port = await findFreePort()
    const service = runProgram(['npm', 'exec', '--offline', '-c', `"${process.execPath}" "${SERVICE}"`], {
      SERVICE: JSON.stringify({ stayUntilTold: true }),
      NODE_OPTIONS: `--import ${REGISTER}`,
      OTEL_METRICS_EXPORTER: '',
      OTEL_EXPORTER_PROMETHEUS_PORT: String(port),
    })
    await service.said('ready')
    await vi.waitFor(async () => expect(await scrape(port)).toContain('aimlapi_requests_total'))
    service.child.stdin.end()
    expect(await service.ended).toEqual({ code: 0, signal: null })
    expect(service.errors()).toBe('')
  })
})

describe('what is wrong at the start', () => {
  it.each([
    ['bun', 'Bun 1.4.5: only node:http clients are observed; fetch and undici are not'],
    ['deno', 'Deno 1.4.5: only node:http clients and npm undici are observed; fetch is not'],
  ])('with the runtime (%s) is one line, and nothing says that calls are measured', async (name, line) => {
    const versions = `{ value: { ...process.versions, ${name}: '1.4.5' } }`
    const pretend = `data:text/javascript,Object.defineProperty(process, 'versions', ${versions})`
    const command = [process.execPath, '--import', pretend, '--import', REGISTER, SERVICE]
    const run = runProgram(command, {
      SERVICE: JSON.stringify({ calls: 1 }),
      AIMLAPI_BALANCE_INTERVAL_MS: '60000',
    })
    await expect(run.ended).resolves.toEqual({ code: 0, signal: null })
    const lines = run.errors().trim().split('\n')
    expect(lines).toEqual([`aimlapi: this is ${line}`, expect.stringContaining('no API key is configured')])
    expect(run.errors()).not.toContain('calls are measured')
  })

  it('with a variable is one line, and the application runs without telemetry', async () => {
    const service = runService({}, { AIMLAPI_BALANCE_INTERVAL_MS: 'often' })
    expect(await service.ended).toEqual({ code: 0, signal: null })
    expect(service.output()).toBe('ready\n')
    expect(service.errors().trim().split('\n')).toHaveLength(1)
    expect(service.errors()).toContain(
      'environment variable AIMLAPI_BALANCE_INTERVAL_MS is "often"; accepted: 0 (off)',
    )
    expect(collector.received).toEqual([])
  })

  it('with the order of two SDKs is one line on stderr', async () => {
    const service = runService({ lateProvider: true })
    expect(await service.ended).toEqual({ code: 0, signal: null })
    expect(service.errors().trim().split('\n')).toEqual([
      expect.stringMatching(
        /^aimlapi: an OpenTelemetry SDK was set up after register\(\), and did not get: metrics\. /,
      ),
    ])
  })

  it('with the port is one line on stderr, and nothing at all with OTEL_LOG_LEVEL=none', async () => {
    const environment = {
      OTEL_METRICS_EXPORTER: 'prometheus',
      OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1',
      OTEL_EXPORTER_PROMETHEUS_PORT: String(api.port),
    }
    const loud = runService({}, environment)
    expect(await loud.ended).toEqual({ code: 0, signal: null })
    expect(loud.output()).toBe('ready\n')
    expect(loud.errors().trim().split('\n')).toHaveLength(1)
    expect(loud.errors()).toContain('the port is in use')

    const silent = runService({}, { ...environment, OTEL_LOG_LEVEL: 'none' })
    expect(await silent.ended).toEqual({ code: 0, signal: null })
    expect(silent.errors()).toBe('')
  })
})

it('says with OTEL_LOG_LEVEL=debug what it observes, where it serves and what each call was, and no key', async () => {
  const [port, key] = [await findFreePort(), 'canary0123456789canary0123456789']
  const { ended, output, errors } = runService(
    { calls: 2 },
    {
      OTEL_METRICS_EXPORTER: '',
      OTEL_EXPORTER_PROMETHEUS_PORT: String(port),
      OTEL_LOG_LEVEL: 'debug',
      AIMLAPI_ACCOUNTS: `main=${key}`,
    },
  )
  await ended
  const said = output() + errors()
  expect(said).toMatch(/aimlapi: enabled \{[^}]*'main'/)
  expect(said).toContain(api.url)
  expect(said).toContain(`aimlapi: metrics are served at http://localhost:${port}/metrics`)
  expect(said.match(/aimlapi: call \{/g)).toHaveLength(2)
  expect(said).not.toContain('canary')
})
