import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ConfigurationError } from '../../../src/config.ts'
import { readInvocation, type RunInvocation } from '../../../src/exporter/invocation.ts'

const KEY = 'canary-0123456789'
const ENVIRONMENT = { AIMLAPI_API_KEY: KEY }
let directory: string

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'aimlapi-exporter-'))
})
afterAll(() => rmSync(directory, { recursive: true }))

function writeAccounts(text: string, mode = 0o600): string {
  const path = join(directory, `accounts-${Math.random()}`)
  writeFileSync(path, text)
  chmodSync(path, mode)
  return path
}

function read(words: string[], environment: Record<string, string> = ENVIRONMENT): RunInvocation {
  return readInvocation(words, environment) as RunInvocation
}

function problemOf(words: string[], environment: Record<string, string> = ENVIRONMENT): string {
  try {
    readInvocation(words, environment)
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message
    throw error
  }
  return 'none'
}

describe('an invocation of the exporter', () => {
  it('without flags follows the environment, with ledger and usage on and nothing to settle', () => {
    const { command, config, prometheus } = read([])
    expect(command).toBe('serve')
    expect(config.accounts).toStrictEqual([{ name: 'default', apiKey: KEY }])
    expect(config.accountBaseUrl).toBe('https://api.aimlapi.com')
    expect(config.balance).toStrictEqual({ enabled: true, intervalMs: 60_000 })
    expect(config.ledger).toStrictEqual({ enabled: true, intervalMs: 60_000 })
    expect(config.usage).toStrictEqual({ enabled: true, intervalMs: 60_000 })
    expect(config.settlement.enabled).toBe(false)
    expect(prometheus).toStrictEqual({ host: 'localhost', port: 9464, endpoint: '/metrics' })
  })

  it('takes a variable without a value as not set, as compose files give one', () => {
    const empty = {
      AIMLAPI_LEDGER_INTERVAL_MS: '',
      AIMLAPI_USAGE_INTERVAL_MS: ' ',
      AIMLAPI_BALANCE_INTERVAL_MS: '',
    }
    const { config } = read([], { ...ENVIRONMENT, ...empty })
    for (const poll of ['ledger', 'usage', 'balance'] as const)
      expect(config[poll]).toStrictEqual({ enabled: true, intervalMs: 60_000 })
  })

  it('with flags follows them rather than the environment', () => {
    const words =
      '--host 0.0.0.0 --port 9000 --base-url http://gateway/ai/v1 --balance-interval-ms 5000'.split(' ')
    const environment = {
      ...ENVIRONMENT,
      OTEL_EXPORTER_PROMETHEUS_PORT: '1',
      AIMLAPI_BASE_URLS: 'https://elsewhere',
      AIMLAPI_BALANCE_INTERVAL_MS: '7000',
      OTEL_METRICS_EXPORTER: 'otlp',
    }
    const { config, prometheus } = read([...words, '--ledger-interval-ms=9000'], environment)
    expect(prometheus).toStrictEqual({ host: '0.0.0.0', port: 9000, endpoint: '/metrics' })
    expect(config.accountBaseUrl).toBe('http://gateway/ai')
    expect(config.balance.intervalMs).toBe(5000)
    expect(config.ledger).toStrictEqual({ enabled: true, intervalMs: 9000 })
  })

  it.each([
    [['--no-ledger'], {}, false],
    [[], { AIMLAPI_LEDGER_INTERVAL_MS: '0' }, false],
    [['--ledger-interval-ms', '0'], {}, false],
    [[], { AIMLAPI_LEDGER_INTERVAL_MS: '5000' }, true],
    [['--no-ledger'], { AIMLAPI_LEDGER_INTERVAL_MS: '5000' }, false],
  ])('%j with %j has the ledger on: %s', (words, environment, enabled) => {
    expect(read(words, { ...ENVIRONMENT, ...environment }).config.ledger.enabled).toBe(enabled)
  })

  it('may just be asked for help or its version, also with other mistakes', () => {
    expect(readInvocation(['--help'], {})).toStrictEqual({ command: 'help' })
    expect(readInvocation(['-v'], {})).toStrictEqual({ command: 'version' })
    expect(readInvocation(['--once'], ENVIRONMENT)).toHaveProperty('command', 'once')
  })

  it('takes accounts from a file rather than from the environment', () => {
    const path = writeAccounts(`# ours\nprod = ${KEY}\n\nstaging=${KEY}=2\n`)
    const { config, warnings } = read(['--accounts-file', path])
    expect(config.accounts).toStrictEqual([
      { name: 'prod', apiKey: KEY },
      { name: 'staging', apiKey: `${KEY}=2` },
    ])
    expect(warnings).toStrictEqual([])
  })

  it('warns of a file that everybody can read', () => {
    const path = writeAccounts(`prod=${KEY}`, 0o644)
    const { warnings } = read(['--accounts-file', path])
    expect(warnings).toStrictEqual([expect.stringContaining('can be read by every user')])
    expect(warnings.join()).not.toContain('canary')
  })

  it.each([
    ['no account', [], {}, /^no account: set AIMLAPI_API_KEY/],
    ['an unknown flag', ['--prot', '1'], ENVIRONMENT, /^Unknown option '--prot'/],
    ['a flag without its value', ['--port'], ENVIRONMENT, /--port/],
    ['a port that is none', ['--port', 'http'], ENVIRONMENT, /^--port is "http"; accepted: .*65535/],
    [
      'an interval that is none',
      ['--balance-interval-ms', '1m'],
      ENVIRONMENT,
      /^--balance-interval-ms is "1m"/,
    ],
    [
      'a bad variable',
      [],
      { ...ENVIRONMENT, AIMLAPI_LEDGER_INTERVAL_MS: 'often' },
      /AIMLAPI_LEDGER_INTERVAL_MS/,
    ],
    ['a base URL that is none', ['--base-url', 'api'], ENVIRONMENT, /^--base-url /],
    ['a file that is not there', ['--accounts-file', '/nowhere/accounts'], ENVIRONMENT, /nowhere.*ENOENT/],
    ['a key in the wrong place', [KEY], ENVIRONMENT, /argument that is no flag/],
    ['a key as an unknown flag', [`--api-key=${KEY}`], ENVIRONMENT, /Unknown option '--api-key'/],
    ['accounts without names', [], { AIMLAPI_ACCOUNTS: `${KEY},a=${KEY}` }, /AIMLAPI_ACCOUNTS/],
  ])('says what is wrong in one line and shows no key: %s', (_what, words, environment, expected) => {
    const problem = problemOf(words, environment)
    expect(problem).toMatch(expected)
    expect(problem).not.toContain('\n')
    expect(problem).not.toContain('canary')
  })

  it.each([
    ['lines without "="', `a=${KEY}\n${KEY}`, /line 2 has no "="/],
    ['a key that stands where its name should', `${KEY}==`, /entry 1 has a bad key \(not shown\)/],
    ['broken JSON', `[{"name":"a","apiKey":"${KEY}"`, /no valid JSON/],
    ['another JSON', `[["${KEY}"]]`, /^accounts file, entry 1 /],
    ['a name twice', `a=${KEY}\na=${KEY}2`, /^accounts file .*same account name in entries 1 and 2/],
    ['an empty name', `a=${KEY}\n=${KEY}2`, /^accounts file, entry 2 has no account name/],
    ['no key', 'a=', /^accounts file, entry 1 has no key/],
    ['nothing', '# none\n', /^accounts file has no entry/],
  ])('says what is wrong with an accounts file of %s', (_what, text, expected) => {
    const problem = problemOf(['--accounts-file', writeAccounts(text)])
    expect(problem).toMatch(expected)
    expect(problem).not.toContain('canary')
  })
})

describe('an accounts file', () => {
  it('is a JSON array or lines, with any line end and a byte order mark', () => {
    const accounts = [{ name: 'a', apiKey: KEY }]
    for (const text of [`\uFEFF ${JSON.stringify(accounts)}\n`, `\uFEFFa=${KEY}\r\n`])
      expect(read(['--accounts-file', writeAccounts(text)]).config.accounts).toStrictEqual(accounts)
  })
})
