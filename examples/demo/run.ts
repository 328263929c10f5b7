/**
 * `npm run demo`: builds the package, starts a simulated API and a service that only `--import` instruments, and
 * shows what the service's own `/metrics` says. Nothing else is measured here.
 */
import { execFile } from 'node:child_process'
import { dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { REAL_API, startSimulatedApi, type Api } from './api.ts'
import { parseMetrics, spendOf } from './metrics.ts'
import { HELP, readOptions, type Options } from './options.ts'
import { freePort, start, stop, type Started } from './processes.ts'
import { startPrometheus, type PrometheusProcess } from './prometheus.ts'
import { renderTable } from './table.ts'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const REGISTER = 'opentelemetry-instrumentation-aimlapi/register'
const DEFAULT_METRICS_PORT = 9464
const REDRAW_MS = 1000
const PRINT_MS = 10_000

async function build(): Promise<void> {
  console.log('Building the package …')
  try {
    await promisify(execFile)('npm', ['run', '--silent', 'build'], { cwd: ROOT })
  } catch (error) {
    const { stdout = '', stderr = '', message } = error as Error & { stdout?: string; stderr?: string }
    throw new Error(`The build failed.\n${stdout}${stderr || message}`, { cause: error })
  }
}

async function metricsPortFor({ port }: Options): Promise<number> {
  const free = await freePort(port ?? DEFAULT_METRICS_PORT)
  if (port !== undefined && free !== port) throw new Error(`--port: ${port} is in use`)
  return free
}

function startService(api: Api, metricsPort: number): Started {
  // What the shell has set for other services would change what is shown here.
  const foreign = Object.keys(process.env).filter((name) => /^(?:OTEL|AIMLAPI|AIML)_/.test(name))
  const kept = api === REAL_API ? { AIMLAPI_API_KEY: process.env['AIMLAPI_API_KEY'] } : {}
  return start(process.execPath, ['--import', REGISTER, join(ROOT, 'examples', 'demo', 'service.mjs')], {
    cwd: ROOT,
    channel: true,
    environment: {
      ...Object.fromEntries(foreign.map((name) => [name, undefined])),
      ...kept,
      OTEL_SERVICE_NAME: 'aimlapi-demo',
      OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1',
      OTEL_EXPORTER_PROMETHEUS_PORT: String(metricsPort),
      AIMLAPI_METRIC_TAGS: 'team,feature',
      ...api.environment,
    },
  })
}

function addressesOf({
  url,
  spendByTeamUrl,
}: PrometheusProcess): Array<readonly [name: string, url: string]> {
  return [
    ['prometheus', url],
    ['by team', spendByTeamUrl],
  ]
}

/** The picture of this moment; undefined while the service does not serve its metrics. */
async function picture(url: string, render: (text: string) => Promise<string>): Promise<string | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5000) })
    return response.ok ? await render(await response.text()) : undefined
  } catch {
    return undefined
  }
}

/** Draws over the picture before, without flicker, on a terminal; appends elsewhere. */
function show(text: string): void {
  if (!process.stdout.isTTY) console.log(`\n${text}`)
  else process.stdout.write(`\u001b[H${text.replaceAll('\n', '\u001b[K\n')}\u001b[K\n\u001b[J`)
}

/** @param interrupted by Ctrl-C */
async function demo(options: Options, interrupted: AbortSignal): Promise<void> {
  await build()
  if (interrupted.aborted) return
  const metricsPort = await metricsPortFor(options)
  const metricsUrl = `http://127.0.0.1:${metricsPort}/metrics`
  const api = options.live ? REAL_API : await startSimulatedApi(ROOT)
  const service = startService(api, metricsPort)
  const prometheus = await startPrometheus(ROOT, `127.0.0.1:${metricsPort}`)
  const addresses = [
    ['metrics', metricsUrl] as const,
    ...(prometheus === undefined ? [] : addressesOf(prometheus)),
  ]
  const startedAt = Date.now()
  const draw = () =>
    picture(metricsUrl, async (text) => {
      const elapsedSeconds = (Date.now() - startedAt) / 1000
      const charged = await api.charged()
      return renderTable(spendOf(parseMetrics(text)), { elapsedSeconds, charged, addresses })
    })

  const over = new AbortController()
  const timer = Number.isFinite(options.seconds)
    ? setTimeout(() => over.abort(), options.seconds * 1000)
    : undefined
  interrupted.addEventListener('abort', () => over.abort())
  const crashed = service.ended.then((code) => {
    if (!over.signal.aborted) over.abort()
    return code
  })
  try {
    if (process.stdout.isTTY) process.stdout.write('\u001b[2J')
    else console.log(addresses.map(([name, address]) => `${name}: ${address}`).join('\n'))
    const pauseMs = process.stdout.isTTY ? REDRAW_MS : PRINT_MS
    while (!over.signal.aborted) {
      await wait(pauseMs, undefined, { signal: over.signal }).catch(() => {})
      if (over.signal.aborted) break
      const text = await draw()
      if (text !== undefined) show(text)
    }
    const last = await draw()
    if (last !== undefined) show(last)
    else if (!interrupted.aborted) throw new Error(`The service does not answer on ${metricsUrl}.`)
  } finally {
    clearTimeout(timer)
    await stop(service)
    await crashed
    await Promise.all([prometheus?.close(), api.close()])
  }
}

async function main(): Promise<void> {
  const interrupted = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interrupted.abort())
  try {
    const options = readOptions(process.argv.slice(2), process.env)
    if (options === 'help') console.log(HELP)
    else await demo(options, interrupted.signal)
  } catch (error) {
    console.error((error as Error).message)
    process.exitCode = 1
  }
}

await main()
