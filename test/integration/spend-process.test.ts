/** The command as it is installed: the built file, in a process of its own. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findFreePort } from '../free-port.ts'
import { DEFAULT_KEY, startSimulator, type Simulator } from '../simulator/index.ts'

const PROGRAMS = ['mjs', 'cjs'].map((type) =>
  fileURLToPath(new URL(`../../dist/cli.${type}`, import.meta.url)),
)
const [PROGRAM = ''] = PROGRAMS
const BATCH_KEY = 'ba7c4ba7'.padEnd(32, '0')
const WRONG_KEY = 'canary0123456789canary0123456789'
const ACCOUNTS = { AIMLAPI_ACCOUNTS: `main=${DEFAULT_KEY},batch=${BATCH_KEY}` }

let simulator: Simulator
let usd: Record<string, number>

beforeAll(async () => {
  simulator = await startSimulator({
    accounts: [
      { name: 'main', keys: [DEFAULT_KEY] },
      { name: 'batch', keys: [BATCH_KEY] },
    ],
  })
  for (const [key, model] of [
    [DEFAULT_KEY, 'openai/gpt-4o'],
    [BATCH_KEY, 'openai/gpt-4o-mini'],
  ]) {
    const response = await fetch(`${simulator.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model, messages: [{ role: 'user', content: 'canary prompt' }] }),
    })
    await response.text()
  }
  const booked = (account: string): number => simulator.ledger.sum({ account }).credits / 2_000_000
  usd = { main: booked('main'), batch: booked('batch') }
})
afterAll(() => simulator.close())

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

function spend(
  words: string,
  environment: Record<string, string> = { AIMLAPI_API_KEY: DEFAULT_KEY },
  program = PROGRAM,
): Promise<Ended> {
  const child = spawn(process.execPath, [program, 'spend', ...words.split(' ').filter(Boolean)], {
    env: { PATH: process.env['PATH'] ?? '', AIMLAPI_BASE_URLS: simulator.url, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [out, err] = ['', '']
  child.stdout.on('data', (text) => (out += String(text)))
  child.stderr.on('data', (text) => (err += String(text)))
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, out, err })))
}

describe('the installed command spend', { timeout: 90_000 }, () => {
  it.each(PROGRAMS)('prints a table and ends with 0: %s', async (program) => {
    const { code, out, err } = await spend('', undefined, program)
    expect({ code, err }).toStrictEqual({ code: 0, err: '' })
    expect(out).toMatch(/^Spend from .*\n\nMODEL +USD .*\nopenai\/gpt-4o +\$0\.\d{4} +100 % .*\n─+\nTOTAL /)
  })

  it('of several accounts shows each key with its account', async () => {
    const { code, out, err } = await spend('--by key --json', ACCOUNTS)
    expect({ code, err }).toStrictEqual({ code: 0, err: '' })
    const { rows } = JSON.parse(out) as { rows: { key: string; usd: number }[] }
    expect(Object.fromEntries(rows.map((row) => [row.key, row.usd]))).toStrictEqual({
      'main: 5eedc0de': expect.closeTo(usd['main'] ?? 0, 9),
      'batch: ba7c4ba7': expect.closeTo(usd['batch'] ?? 0, 9),
    })
    const table = (await spend('--by key', ACCOUNTS)).out
    expect(table).toMatch(/^main: 5eedc0de +\$/m)
    expect(table).toContain('Accounts main, batch: only the configured key is shown')
  })

  it('writes CSV and FOCUS to standard output, and nothing else', async () => {
    const csv = await spend('--csv', ACCOUNTS)
    expect({ ...csv, out: csv.out.split('\r\n').length }).toStrictEqual({ code: 0, err: '', out: 1 + 2 + 1 })
    const focus = await spend('--focus', ACCOUNTS)
    const [headings = '', ...rows] = focus.out.trimEnd().split('\r\n')
    const cost = headings.split(',').indexOf('BilledCost')
    expect({ code: focus.code, err: focus.err, rows: rows.length }).toStrictEqual({
      code: 0,
      err: '',
      rows: 2,
    })
    expect(rows.reduce((sum, row) => sum + Number(row.split(',')[cost]), 0)).toBeCloseTo(
      (usd['main'] ?? 0) + (usd['batch'] ?? 0),
      9,
    )
  })

  it('says in words that the key is wrong, and ends with 1', async () => {
    const { code, out, err } = await spend('', { AIMLAPI_API_KEY: WRONG_KEY })
    expect(code).toBe(1)
    expect(out).toContain(
      'MISSING: account default (401: the key was refused: check AIMLAPI_API_KEY or AIMLAPI_ACCOUNTS)',
    )
    expect(out).toContain('Nothing could be read.')
    expect(out).not.toContain('only the configured key')
    expect(out + err).not.toContain('canary')
  })

  it('of several accounts shows those that answer, names the one that does not, and ends with 1', async () => {
    const keys = { AIMLAPI_ACCOUNTS: `main=${DEFAULT_KEY},gone=${WRONG_KEY}` }
    const { code, out, err } = await spend('--csv', keys)
    expect(code).toBe(1)
    expect(out).toContain('openai/gpt-4o,')
    expect(err).toBe(
      'MISSING: account gone (401: the key was refused: check AIMLAPI_API_KEY or AIMLAPI_ACCOUNTS)\n',
    )
  })

  it('says in words that nobody answers, and ends with 1', async () => {
    const url = `http://127.0.0.1:${await findFreePort()}`
    const { code, out, err } = await spend(`--base-url ${url}`)
    expect(code).toBe(1)
    expect(out).toContain('MISSING: account default (ECONNREFUSED: no server listens at the base URL)')
    expect(out).toContain('Nothing could be read.')
    expect(err).toBe('')
  })

  it.each([
    ['--by team', /--by is "team"; accepted: model, day, key/],
    ['--since yesterday', /--since is "yesterday"/],
    ['--json --csv', /--json and --csv are given together/],
  ])('ends with 2 for "%s", and says what is accepted', async (words, message) => {
    const { code, out, err } = await spend(words)
    expect({ code, out }).toStrictEqual({ code: 2, out: '' })
    expect(err).toMatch(message)
    expect(err).not.toMatch(/^\s+at /m)
  })

  it('ends quietly when its reader has seen enough', async () => {
    const child = spawn(process.execPath, [PROGRAM, 'spend', '--csv'], {
      env: {
        PATH: process.env['PATH'] ?? '',
        AIMLAPI_BASE_URLS: simulator.url,
        AIMLAPI_API_KEY: DEFAULT_KEY,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child.stdout.destroy()
    let err = ''
    child.stderr.on('data', (text) => (err += String(text)))
    const code = await new Promise((resolve) => child.on('close', resolve))
    expect({ code, err }).toStrictEqual({ code: 0, err: '' })
  })

  it('ends with 2 without a key, and names the variables', async () => {
    const { code, err } = await spend('', {})
    expect(code).toBe(2)
    expect(err).toMatch(/AIMLAPI_API_KEY, AIMLAPI_ACCOUNTS or AIMLAPI_MANAGEMENT_KEY/)
  })
})
