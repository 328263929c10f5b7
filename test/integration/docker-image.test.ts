/** The Dockerfile without an engine: what it copies, in the order of its stages, is built and run here. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { DEFAULT_KEY } from '../simulator/index.ts'
import { findFreePorts } from '../free-port.ts'
import { REPOSITORY } from '../examples/repository.ts'

const run = promisify(execFile)
const docker = join(REPOSITORY, 'docker')
const lines = readFileSync(join(docker, 'Dockerfile'), 'utf8').split('\n')
const stages = lines.filter((line) => line.startsWith('FROM ')).map((line) => line.split(' '))
/** From the build context, not from another stage. */
const copies = lines
  .filter((line) => line.startsWith('COPY ') && !line.includes('--from'))
  .map((line) => line.split(' ').slice(1))

describe('the Dockerfile', () => {
  test('pins its bases and ends in the exporter, without root and with a health check', () => {
    const names = new Set(stages.map(([, , , name]) => name))
    const bases = stages.map(([, base = '']) => base).filter((base) => !names.has(base))
    expect(bases.filter((base) => !/:\d+\.\d+\.\d+-/.test(base))).toEqual([])
    const last = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM '))).join('\n')
    expect(last).toContain('AS exporter')
    expect(last).toMatch(/^USER node$/m)
    expect(last).toMatch(/^HEALTHCHECK /m)
  })

  test('copies only what is there and not ignored', () => {
    const ignored = readFileSync(join(docker, 'Dockerfile.dockerignore'), 'utf8')
    const copied = copies.flatMap((words) => words.slice(0, -1))
    expect(copied.length).toBeGreaterThan(6)
    expect(copied.filter((path) => !existsSync(join(REPOSITORY, path)))).toEqual([])
    expect(copied.filter((path) => !ignored.includes(`!${path}\n`))).toEqual([])
  })
})

describe('the image of the demo, as a folder', () => {
  let image: string
  const processes: Array<ReturnType<typeof spawn>> = []

  /** Starts a command of the image and waits until it answers. */
  async function start(
    command: readonly string[],
    environment: Readonly<Record<string, string>>,
    url: string,
  ): Promise<void> {
    const [, ...words] = command
    const child = spawn(process.execPath, words, {
      cwd: image,
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { PATH: process.env['PATH'], ...environment },
    })
    processes.push(child)
    const answers = async () => expect((await fetch(url)).ok).toBe(true)
    await vi.waitFor(answers, { timeout: 30_000, interval: 200 })
  }

  beforeAll(async () => {
    image = mkdtempSync(join(tmpdir(), 'aimlapi-image-'))
    for (const words of copies) {
      const to = words.at(-1) ?? ''
      for (const path of words.slice(0, -1)) {
        const target = to.endsWith('/') ? join(image, to, basename(path)) : join(image, to)
        cpSync(join(REPOSITORY, path), target, { recursive: true })
      }
    }
    symlinkSync(join(REPOSITORY, 'node_modules'), join(image, 'node_modules'))
    await run('npm', ['run', 'build'], { cwd: image })
  }, 120_000)
  afterAll(async () => {
    for (const child of processes) {
      if (child.exitCode !== null || child.signalCode !== null) continue
      child.kill('SIGTERM')
      await once(child, 'exit')
    }
    rmSync(image, { recursive: true, force: true })
  })

  test('is packed with a build for every entry of the package', async () => {
    const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--dry-run', '--json'], { cwd: image })
    const [{ files }] = JSON.parse(stdout) as [{ files: Array<{ path: string }> }]
    const paths = files.map(({ path }) => path)
    expect(paths).toEqual(
      expect.arrayContaining([
        'dist/index.cjs',
        'dist/register.mjs',
        'dist/exporter.mjs',
        'dist/bundled/metrics.cjs',
      ]),
    )
  })

  test('runs the simulator, and the service that the last line of its stage starts', async () => {
    const [apiPort, metricsPort] = await findFreePorts(2)
    const url = `http://127.0.0.1:${apiPort}`
    const simulator = ['node', '--import', 'tsx', 'test/simulator/main.ts', `--port=${apiPort}`]
    await start([...simulator, `--account=default=${DEFAULT_KEY}`], {}, `${url}/v1/models`)
    const demo = lines.slice(lines.findIndex((line) => line.endsWith(' AS demo')))
    const service = JSON.parse(demo.find((line) => line.startsWith('CMD '))?.slice(4) ?? '[]') as string[]
    const environment = {
      DEMO_BASE_URL: url,
      AIMLAPI_BASE_URLS: url,
      AIMLAPI_API_KEY: DEFAULT_KEY,
      OTEL_EXPORTER_PROMETHEUS_PORT: String(metricsPort),
    }
    const metrics = `http://localhost:${metricsPort}/metrics`
    await start(service, environment, metrics)
    const scrape = async () => (await fetch(metrics)).text()
    const seen = async () => expect(await scrape()).toContain('aimlapi_credits_used_total{')
    await vi.waitFor(seen, { timeout: 30_000, interval: 500 })
  }, 90_000)
})
