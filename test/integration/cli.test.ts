import { spawn } from 'node:child_process'
import { createServer, type AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Diagnosis } from '../../src/doctor/diagnose.ts'
import { DEFAULT_KEY, startSimulator, type Simulator } from '../simulator/index.ts'

const PROGRAM = fileURLToPath(new URL('../../src/cli.ts', import.meta.url))
const WRONG_KEY = 'canary0123456789canary0123456789'

let simulator: Simulator
let port: number

beforeAll(async () => {
  simulator = await startSimulator()
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  ;({ port } = server.address() as AddressInfo)
  await new Promise((resolve) => server.close(resolve))
})
afterAll(() => simulator.close())

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

function run(words: string[], environment: Record<string, string> = {}): Promise<Ended> {
  const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM, ...words], {
    env: {
      PATH: process.env['PATH'] ?? '',
      AIMLAPI_BASE_URLS: simulator.url,
      OTEL_EXPORTER_PROMETHEUS_PORT: String(port),
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [out, err] = ['', '']
  child.stdout.on('data', (text) => (out += String(text)))
  child.stderr.on('data', (text) => (err += String(text)))
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, out, err })))
}

it('suggests the command that was meant', async () => {
  const { code, err } = await run(['docter'])
  expect(code).toBe(2)
  expect(err).toContain('Did you mean "doctor"?')
})

it('shows no message of an error that is not its own: it may have a key in it', async () => {
  const breakOutput = `process.stdout.write = () => { throw new Error(${JSON.stringify(WRONG_KEY)}) }`
  const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(breakOutput)}`
  const { code, err } = await run(['doctor', '--help'], { NODE_OPTIONS })
  expect(code).toBe(1)
  expect(err).toBe('failed unexpectedly\n')
})

describe('the doctor', () => {
  it('finds nothing wrong where nothing is, and says what it looked at', async () => {
    const { code, out, err } = await run(['doctor', '--json'], { AIMLAPI_API_KEY: DEFAULT_KEY })
    const { ok, checks } = JSON.parse(out) as Diagnosis
    // How many copies there are, the other instrumentations decide that the benchmarks of this repository bring.
    const own = checks.filter(({ name }) => name !== 'one copy each')
    expect(own.map(({ name, status }) => `${name}: ${status}`)).toEqual([
      'Node.js: ok',
      'OpenTelemetry: ok',
      'configuration: ok',
      'hook: ok',
      'exporter port: ok',
      'account default: ok',
      'clock: ok',
    ])
    expect({ ok, code, err }).toEqual({ ok: true, code: 0, err: '' })
  })

  it('ends with 1 when something has to be repaired, and never prints a key', async () => {
    const { code, out, err } = await run(['doctor'], { AIMLAPI_API_KEY: WRONG_KEY })
    expect(code).toBe(1)
    expect(out).toContain('failure  account default  the API refuses the key (401)')
    expect(out).toContain('1 to repair.')
    expect(out + err).not.toContain('canary')
  })

  it('examines the machine, also where NODE_OPTIONS has instrumented the doctor himself', async () => {
    const { code, out, err } = await run(['doctor'], {
      AIMLAPI_API_KEY: DEFAULT_KEY,
      NODE_OPTIONS: '--import opentelemetry-instrumentation-aimlapi/register',
    })
    expect(out).toMatch(/^ok +hook/m)
    expect(out).toMatch(/^ok +exporter port +localhost:\d+ is free$/m)
    expect({ code, err }).toEqual({ code: 0, err: '' })
  })

  it('reports a bad variable instead of failing', async () => {
    const { code, out } = await run(['doctor'], { AIMLAPI_BALANCE_INTERVAL_MS: 'often' })
    expect(code).toBe(1)
    expect(out).toContain('AIMLAPI_BALANCE_INTERVAL_MS is "often"')
  })
})

describe('the command', () => {
  it('passes the exporter on with its flags', async () => {
    const { code, out } = await run(['exporter', '--once'], { AIMLAPI_ACCOUNTS: `main=${DEFAULT_KEY}` })
    expect(code).toBe(0)
    expect(out).toContain('main')
  })

  it('explains itself', async () => {
    expect(await run(['--help'])).toMatchObject({ code: 0, out: expect.stringContaining('doctor [--json]') })
  })

  it.each([[[]], [['cure']], [['doctor', '--jsno']]])('ends with 2 for %j', async (words) => {
    const { code, err } = await run(words)
    expect(code).toBe(2)
    expect(err).toContain('Usage:')
  })
})
