import { spawn, type ChildProcess } from 'node:child_process'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { findFreePort } from '../free-port.ts'
import { DEFAULT_KEY, startSimulator, type Simulator } from '../simulator/index.ts'

const PROGRAM = fileURLToPath(new URL('../../src/exporter.ts', import.meta.url))
const SECOND_KEY = 'bbbbbbbb0123456789'

let simulator: Simulator
const children: ChildProcess[] = []

beforeEach(async () => {
  simulator = await startSimulator({
    accounts: [
      { name: 'one', keys: [DEFAULT_KEY], balanceCredits: 5_000_000 },
      { name: 'two', keys: [SECOND_KEY], balanceCredits: 8_000_000 },
    ],
  })
})

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await simulator.close()
})

interface Run {
  readonly child: ChildProcess
  readonly output: { out: string; err: string }
  readonly exit: Promise<{ code: number | null; signal: string | null }>
}

function start(words: string[], environment: Record<string, string>): Run {
  const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM, ...words], {
    env: { PATH: process.env['PATH'] ?? '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.push(child)
  const output = { out: '', err: '' }
  child.stdout?.on('data', (text) => (output.out += String(text)))
  child.stderr?.on('data', (text) => (output.err += String(text)))
  const exit = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal }))
  })
  return { child, output, exit }
}

function accounts(...keys: string[]): Record<string, string> {
  return {
    AIMLAPI_ACCOUNTS: keys.map((key, index) => `account-${index + 1}=${key}`).join(','),
    AIMLAPI_BASE_URLS: simulator.url,
    AIMLAPI_BALANCE_INTERVAL_MS: '200',
    AIMLAPI_LEDGER_INTERVAL_MS: '200',
  }
}

async function serve(environment: Record<string, string>): Promise<Run & { url: string }> {
  const port = await findFreePort()
  const run = start(['--port', String(port)], environment)
  await eventually(() => expect(run.output.out).toContain(`:${port}/metrics`))
  return { ...run, url: `http://localhost:${port}` }
}

async function eventually(check: () => void | Promise<void>): Promise<void> {
  await vi.waitFor(check, { timeout: 20_000, interval: 100 })
}

async function get(url: string): Promise<{ status: number; text: string }> {
  const response = await fetch(url)
  return { status: response.status, text: await response.text() }
}

async function chat(): Promise<void> {
  const response = await fetch(`${simulator.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${DEFAULT_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'openai/gpt-4o', messages: [{ role: 'user', content: 'hello' }] }),
  })
  await response.text()
}

describe('aimlapi-exporter', { timeout: 90_000 }, () => {
  it('serves balance and ledger of every account, to the credit, and ends cleanly', async () => {
    const { child, url, output, exit } = await serve(accounts(DEFAULT_KEY, SECOND_KEY))
    await eventually(async () => expect((await get(`${url}/readyz`)).text).toBe('ready\n'))
    expect(await get(`${url}/healthz`)).toStrictEqual({ status: 200, text: 'ok\n' })
    expect((await get(`${url}/other`)).status).toBe(404)
    await eventually(async () =>
      expect((await get(`${url}/metrics`)).text).toMatch(
        /aimlapi_account_polls_total\{aimlapi_account="account-1",aimlapi_poll="ledger"\}/,
      ),
    )
    for (let n = 0; n < 20; n += 1) await chat()
    simulator.accounts.get('two').topUp(4_000_000, 'PAYMENT')
    const charged = simulator.ledger.sum().credits
    await eventually(async () => {
      const { text } = await get(`${url}/metrics`)
      expect(readSeries(text, 'aimlapi_ledger_charged_credits_total')).toStrictEqual([
        ['account-1', 'MODEL_USAGE', 'openai/gpt-4o', charged],
      ])
      expect(readSeries(text, 'aimlapi_ledger_topup_credits_total')).toStrictEqual([
        ['account-2', 'PAYMENT', undefined, 4_000_000],
      ])
      expect(text).toContain('aimlapi_balance_credits{aimlapi_account="account-2"} 12000000')
    })
    const { text } = await get(`${url}/metrics`)
    const { email, userId } = simulator.accounts.get('one')
    // The first 8 characters name a key in this label, and nowhere else.
    expect(text).toContain(`aimlapi_key="${DEFAULT_KEY.slice(0, 8)}"`)
    const rest = `${text.replaceAll(/aimlapi_key="\w{8}"/g, '')}${output.out}${output.err}`
    for (const secret of [DEFAULT_KEY.slice(0, 8), SECOND_KEY.slice(0, 8), email, String(userId)])
      expect(rest).not.toContain(secret)

    child.kill('SIGTERM')
    expect(await exit).toStrictEqual({ code: 0, signal: null })
    expect(output.err).toBe('')
  })

  it('is degraded with one refused key, names its account on stderr, and ends on SIGINT too', async () => {
    const { child, url, output, exit } = await serve(accounts(DEFAULT_KEY, 'canary-of-a-wrong-key'))
    await eventually(async () =>
      expect(await get(`${url}/readyz`)).toStrictEqual({
        status: 200,
        text: 'degraded: no balance yet of account-2\n',
      }),
    )
    await eventually(() => expect(output.err).toContain('refuses the key of account "account-2" (HTTP 401)'))
    expect(output.err).not.toContain('canary')
    child.kill('SIGINT')
    expect(await exit).toStrictEqual({ code: 0, signal: null })
  })

  it('answers scrapes while the account API hangs, within 50 ms of another whose API answers', async () => {
    const [hung, normal] = await Promise.all([serve(accounts(DEFAULT_KEY)), serve(accounts(SECOND_KEY))])
    for (const { url } of [hung, normal])
      await eventually(async () =>
        expect((await get(`${url}/metrics`)).text).toContain('aimlapi_balance_usd{'),
      )
    const hanging = simulator.misbehave({ account: 'one', fault: 'hang' })
    // Balance, key and ledger: every poll is waiting for an answer.
    await eventually(() => expect(hanging.hits).toBeGreaterThan(1))
    // In turn, so that whatever else the machine does slows both.
    const differencesMs: number[] = []
    for (let n = 0; n < 41; n += 1)
      differencesMs.push((await scrapeMs(hung.url)) - (await scrapeMs(normal.url)))
    expect(differencesMs.toSorted((a, b) => a - b)[20]).toBeLessThan(50)
    // The last good value is still there.
    expect((await get(`${hung.url}/metrics`)).text).toContain(
      'aimlapi_balance_usd{aimlapi_account="account-1"} 2.5',
    )
  })

  it('says in one line that its port is taken, and ends with 1', async () => {
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(0, 'localhost', resolve))
    const { port } = taken.address() as AddressInfo
    const { output, exit } = start(['--port', String(port)], accounts(DEFAULT_KEY))
    expect((await exit).code).toBe(1)
    expect(output.err).toBe(
      `aimlapi-exporter: cannot listen on localhost:${port} (EADDRINUSE); see --host and --port\n`,
    )
    taken.close()
  })

  it('says in one line what is wrong with its configuration, and ends with 2', async () => {
    const { output, exit } = start(['--port', 'nine'], accounts(DEFAULT_KEY))
    expect((await exit).code).toBe(2)
    expect(output).toStrictEqual({
      out: '',
      err: 'aimlapi-exporter: --port is "nine"; accepted: a whole number from 1 to 65535\n',
    })
  })

  it('prints balance and runway once, and ends with 0', async () => {
    for (let n = 0; n < 3; n += 1) await chat()
    const { output, exit } = start(['--once'], accounts(DEFAULT_KEY, SECOND_KEY))
    expect((await exit).code).toBe(0)
    const [headings, one, two] = output.out.split('\n')
    expect(headings).toMatch(/^ACCOUNT +BALANCE +CREDITS +SPENT 24 H +RUNWAY +LOW +AUTO TOP-UP$/)
    expect(one).toMatch(/^account-1 +\$2\.[45]\d +[\d,]+ +\$0\.\d+ +.+ +no +off$/)
    expect(two).toMatch(/^account-2 +\$4\.00 +8,000,000 +\$0\.00 +no spend +no +off$/)
  })

  it('prints why an account has no answer, and ends with 1', async () => {
    const { output, exit } = start(['--once'], accounts(DEFAULT_KEY, 'canary-of-a-wrong-key'))
    expect((await exit).code).toBe(1)
    expect(output.out).toContain('account-2: no balance (401: the key was refused)\n')
    expect(output.out + output.err).not.toContain('canary')
  })
})

/** Account, type, model and value of every series of a ledger metric. */
function readSeries(text: string, name: string): unknown[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`))
    .map((line) => [
      ...['aimlapi_account', 'aimlapi_ledger_type', 'gen_ai_request_model'].map(
        (label) => line.match(`${label}="([^"]*)"`)?.[1],
      ),
      Number(line.split(' ').at(-1)),
    ])
}

async function scrapeMs(url: string): Promise<number> {
  const startMs = performance.now()
  await get(`${url}/metrics`)
  return performance.now() - startMs
}
