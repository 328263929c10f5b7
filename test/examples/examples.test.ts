import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ModuleKind, transpileModule } from 'typescript'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startSimulator, type Simulator } from '../simulator/index.ts'
import { findFreePorts } from '../free-port.ts'
import { parseBlocks } from './markdown-blocks.ts'
import { packPackage, unpackPackage } from './packed-package.ts'
import { Reader } from './reader.ts'
import { REPOSITORY } from './repository.ts'

const EXAMPLES = join(REPOSITORY, 'examples')
const API = 'https://api.aimlapi.com'
/** Have their own suites. */
const ELSEWHERE: ReadonlySet<string> = new Set(['demo', 'fleet'])
const names = readdirSync(EXAMPLES, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== 'node_modules' && !ELSEWHERE.has(entry.name))
  .map(({ name }) => name)

let directory: string
let examples: string
let simulator: Simulator
let reader: Reader | undefined

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'aimlapi-examples-'))
  const unpacked = join(directory, 'package')
  unpackPackage(packPackage(directory), unpacked)
  examples = join(unpacked, 'examples')
  cpSync(EXAMPLES, examples, { recursive: true, filter: (path) => !path.includes('node_modules') })
  execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--prefer-offline'], {
    cwd: examples,
    stdio: 'ignore',
  })

  simulator = await startSimulator({
    seed: 'examples',
    // Slow enough to be broken off.
    behaviour: { chunks: 12, paceMs: 5 },
    accounts: names.map((name, index) => ({ name, keys: [keyOf(index)] })),
  })
  for (const file of sourceFiles(examples)) {
    const text = readFileSync(file, 'utf8')
    if (text.includes(API)) writeFileSync(file, text.replaceAll(API, simulator.url))
  }
})

afterEach(async () => {
  await reader?.stop()
  reader = undefined
})

afterAll(async () => {
  await simulator?.close()
  rmSync(directory, { recursive: true, force: true })
})

function keyOf(index: number): string {
  return index.toString(16).padStart(32, 'a')
}

function sourceFiles(below: string): string[] {
  return readdirSync(below).flatMap((name) => {
    const path = join(below, name)
    if (name === 'node_modules') return []
    if (statSync(path).isDirectory()) return sourceFiles(path)
    return /\.[cm]?[jt]s$/.test(name) ? [path] : []
  })
}

interface Followed {
  readonly printed: string
  readonly port: number
  readonly metricsPort: number
}

/** Runs every block of the example's README in order. Gives what all of them printed. */
async function follow(name: string, environment: Record<string, string> = {}): Promise<string> {
  return (await start(name, environment)).printed
}

/** The same, and where the example's service and its /metrics listen until the test ends. */
async function start(name: string, environment: Record<string, string> = {}): Promise<Followed> {
  const [port = 0, metricsPort = 0] = await findFreePorts(2)
  reader = new Reader({
    directory: examples,
    environment: {
      AIMLAPI_API_KEY: keyOf(names.indexOf(name)),
      AIMLAPI_BASE_URLS: simulator.url,
      OTEL_EXPORTER_PROMETHEUS_PORT: String(metricsPort),
      PORT: String(port),
      POLL_INTERVAL_MS: '10',
      ...environment,
    },
    instead: [
      ['localhost:3000', `localhost:${port}`],
      ['localhost:9464', `localhost:${metricsPort}`],
    ],
  })
  let printed = ''
  for (const { run, text } of parseBlocks(readFileSync(join(EXAMPLES, name, 'README.md'), 'utf8'))) {
    if (run !== undefined) printed += await reader.follow(text, run)
  }
  return { printed, port, metricsPort }
}

interface Collector {
  readonly url: string
  /** All that came to a path, as text. */
  received(path: string): string
  close(): Promise<void>
}

/** What receives OTLP/HTTP with JSON. */
async function startCollector(): Promise<Collector> {
  const texts = new Map<string, string>()
  const server = createServer((request, response) => {
    let text = ''
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    request.on('end', () => {
      const path = request.url ?? ''
      texts.set(path, (texts.get(path) ?? '') + text)
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received: (path) => texts.get(path) ?? '',
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  }
}

/** The credits of an example's account, as its own metrics say them. */
function countedCredits(printed: string): number {
  const samples = printed.matchAll(/^aimlapi_credits_used_total\{.*\} (\d+)/gm)
  return [...samples].reduce((sum, [, value]) => sum + Number(value), 0)
}

function chargedCredits(name: string): number {
  return simulator.ledger.sum({ account: name }).credits
}

describe('the example', () => {
  it.each([
    'plain-fetch',
    'vercel-ai',
    'axios',
    'video-job',
    'own-node-sdk',
    'worker-threads',
    'realtime-voice-agent',
  ])('%s prints the credits that the API charged', async (name) => {
    const printed = await follow(name)
    expect(chargedCredits(name)).toBeGreaterThan(0)
    expect(countedCredits(printed)).toBe(chargedCredits(name))
  })

  it('openai-streaming counts the whole stream, and has the broken one pending', async () => {
    const printed = await follow('openai-streaming')
    expect(countedCredits(printed)).toBeGreaterThan(0)
    expect(countedCredits(printed)).toBeLessThan(chargedCredits('openai-streaming'))
    expect(printed).toMatch(/^aimlapi_requests_total\{.*error_type="aborted".*\} 1$/m)
    expect(printed).toMatch(/^aimlapi_usage_pending\{.*\} 1$/m)
  })

  it.each([
    ['express', 'aimlapi_tag_route="/ask"', 'aimlapi_tag_team="search"'],
    ['fastify', 'aimlapi_tag_route="/ask"'],
    ['koa', 'aimlapi_tag_team="search"'],
    ['hono', 'aimlapi_tag_team="search"'],
    ['nestjs', 'aimlapi_tag_handler="ask"'],
  ])('%s splits its spend by tags, and ends on a signal', async (name, ...labels) => {
    const printed = await follow(name)
    const line = /^aimlapi_cost_usd_total\{.*$/m.exec(printed)?.[0]
    for (const label of labels) expect(line).toContain(label)
    // By the signal itself: the instrumentation flushes, and does not swallow it.
    expect(await reader?.stop()).toEqual(['SIGINT'])
  })

  it.each([
    ['express', { 'x-team': 'support' }, 'aimlapi_tag_team="support"'],
    ['fastify', {}, 'aimlapi_tag_route="/ask"'],
    ['koa', { 'x-team': 'support' }, 'aimlapi_tag_team="support"'],
    ['hono', { 'x-team': 'support' }, 'aimlapi_tag_team="support"'],
  ])('%s keeps its tags when the body comes later than the headers', async (name, headers, label) => {
    const { port, metricsPort } = await start(name)
    const request = httpRequest({
      port,
      path: '/ask',
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
    })
    const answered = once(request, 'response')
    request.flushHeaders()
    await sleep(300)
    request.end('{"question":"Name three rivers."}')
    const [response] = (await answered) as [IncomingMessage]
    expect(response.statusCode).toBe(200)
    response.resume()
    const metrics = await (await fetch(`http://localhost:${metricsPort}/metrics`)).text()
    const samples = [...metrics.matchAll(/^aimlapi_requests_total\{(.*)\} (\d+)/gm)]
    expect(samples.map(([, labels]) => labels?.includes(label) ?? false)).toContain(true)
    expect(samples.filter(([, labels]) => !labels?.includes('aimlapi_tag_'))).toEqual([])
  })

  it('otlp sends its metrics and its span to a Collector when it ends', async () => {
    const collector = await startCollector()
    await follow('otlp', {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    })
    await collector.close()
    expect(collector.received('/v1/metrics')).toContain('"aimlapi.credits.used"')
    expect(collector.received('/v1/metrics')).toContain('"otlp-example"')
    expect(collector.received('/v1/traces')).toContain('"chat gpt-4o-mini"')
  })

  it('serverless has sent its metrics when its handler answers, though the process gets no chance afterwards', async () => {
    const collector = await startCollector()
    const environment = {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    }
    expect(await follow('serverless', environment)).not.toBe('')
    const sent = collector.received('/v1/metrics').length
    const program =
      'import("./serverless/function.mjs").then(({ handler }) => handler({ question: "" })).then(() => process.kill(process.pid, "SIGKILL"))'
    await reader?.follow(`OTEL_METRICS_EXPORTER=otlp node -e '${program}' || true`, { inRepository: false })
    await collector.close()
    expect(collector.received('/v1/metrics').slice(sent)).toContain('"aimlapi.credits.used"')
  })

  it('nextjs type-checks, and its instrumentation file registers in the Node.js runtime alone', async () => {
    await follow('nextjs')
    const source = readFileSync(join(examples, 'nextjs', 'instrumentation.ts'), 'utf8')
    const compiled = transpileModule(source, { compilerOptions: { module: ModuleKind.ESNext } })
    writeFileSync(join(examples, 'nextjs', 'instrumentation.mjs'), compiled.outputText)
    const program =
      'import("./nextjs/instrumentation.mjs").then((file) => file.register()).then(() => console.log(Symbol.for("opentelemetry-instrumentation-aimlapi.registration") in globalThis))'
    const plan = { inRepository: false }
    expect(await reader?.follow(`NEXT_RUNTIME=nodejs node -e '${program}'`, plan)).toBe('true\n')
    expect(await reader?.follow(`NEXT_RUNTIME=edge node -e '${program}'`, plan)).toBe('false\n')
  })

  it('prom-client serves its own metrics and ours at one port', async () => {
    const printed = await follow('prom-client')
    expect(printed).toMatch(/^questions_asked_total 1$/m)
    expect(countedCredits(printed)).toBe(chargedCredits('prom-client'))
    expect(chargedCredits('prom-client')).toBeGreaterThan(0)
  })

  it('n8n: what its Dockerfile installs and sets counts a program elsewhere that calls as n8n does', async () => {
    const dockerfile = readFileSync(join(EXAMPLES, 'n8n', 'Dockerfile'), 'utf8')
    const prefix = join(directory, 'n8n')
    const [, install = ''] = /^RUN (npm install .*)$/m.exec(dockerfile) ?? []
    const [, variables = ''] = /^ENV ((?:.*\\\n)*.*)$/m.exec(dockerfile) ?? []
    const inImage = (text: string) =>
      text
        .replaceAll('/opt/spend', prefix)
        .replace(/ opentelemetry-instrumentation-aimlapi /, ` --prefer-offline ${packPackage(directory)} `)
    execFileSync('sh', ['-ec', inImage(install)], { cwd: directory, stdio: 'ignore' })
    const [metricsPort = 0] = await findFreePorts(1)
    reader = new Reader({
      directory: examples,
      environment: {
        AIMLAPI_API_KEY: keyOf(names.indexOf('n8n')),
        AIMLAPI_BASE_URLS: simulator.url,
        OTEL_EXPORTER_PROMETHEUS_PORT: String(metricsPort),
      },
      instead: [],
    })
    const environment = inImage(variables.replaceAll('\\\n', ' '))
    const program = `
      import axios from 'axios'
      import OpenAI from 'openai'
      const body = { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Name three rivers.' }] }
      const apiKey = process.env.AIMLAPI_API_KEY
      const headers = { authorization: 'Bearer ' + apiKey }
      await axios.post('${simulator.url}/v1/chat/completions', body, { headers })
      await new OpenAI({ baseURL: '${simulator.url}/v1', apiKey }).chat.completions.create(body)
      console.log(await (await fetch('http://localhost:${metricsPort}/metrics')).text())`
    writeFileSync(join(examples, 'stands-in-for-n8n.mjs'), program)
    const printed = await reader.follow(`${environment} node stands-in-for-n8n.mjs`, { inRepository: false })
    expect(printed).toMatch(/^aimlapi_requests_total\{.*\} 2$/m)
    expect(printed).toContain('service_name="n8n"')
    expect(countedCredits(printed)).toBe(chargedCredits('n8n'))
    expect(chargedCredits('n8n')).toBeGreaterThan(0)
  })

  it('every folder is in the table, and every one has a test here', () => {
    const table = readFileSync(join(EXAMPLES, 'README.md'), 'utf8')
    const source = readFileSync(new URL(import.meta.url), 'utf8')
    for (const name of names) {
      expect(table).toContain(`[${name}](${name})`)
      expect(source).toContain(`'${name}`)
    }
  })
})
