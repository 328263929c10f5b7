import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ConfigurationError } from '../../src/config.ts'
import { runSpend } from '../../src/spend/command.ts'
import { FOCUS_COLUMNS } from '../../src/spend/focus.ts'
import { DEFAULT_KEY, MODELS, startSimulator, type Simulator } from '../simulator/index.ts'

const OTHER_KEY = 'aaaabbbb'.padEnd(32, '0')
const MANAGEMENT_KEY = 'ccccdddd'.padEnd(32, '0')
const CREDITS_PER_USD = 2_000_000

let simulator: Simulator
beforeAll(async () => {
  simulator = await startSimulator({
    accounts: [
      {
        name: 'default',
        keys: [
          { key: DEFAULT_KEY, name: 'production' },
          { key: OTHER_KEY, name: 'n8n, "odd"\u001b[31m' },
          { key: MANAGEMENT_KEY, management: true },
        ],
      },
    ],
  })
  for (const [key, model] of [
    [DEFAULT_KEY, 'openai/gpt-4o'],
    [DEFAULT_KEY, 'gpt-4o-mini'],
    [OTHER_KEY, 'openai/gpt-4o'],
    [OTHER_KEY, 'flux/schnell'],
  ] as const) {
    const isImage = MODELS.find(({ name }) => name === model)?.family === 'image'
    const path = isImage ? 'images/generations' : 'chat/completions'
    const response = await fetch(`${simulator.url}/v1/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model, prompt: 'x', messages: [{ role: 'user', content: 'canary prompt' }] }),
    })
    await response.text()
  }
})
afterAll(() => simulator.close())

async function spend(words: string, keys: Record<string, string> = {}) {
  const output = { out: '', err: '' }
  const environment = { AIMLAPI_API_KEY: DEFAULT_KEY, AIMLAPI_BASE_URLS: simulator.url, ...keys }
  const code = await runSpend(words.split(' ').filter(Boolean), environment, {
    write: (text) => (output.out += text),
    complain: (text) => (output.err += text),
    isTerminal: false,
  })
  return { code, ...output }
}

const ALL = { AIMLAPI_MANAGEMENT_KEY: MANAGEMENT_KEY }
const bookedUsd = (filter = {}): number => simulator.ledger.sum(filter).credits / CREDITS_PER_USD

describe('the command spend', () => {
  /** Answers lists of keys and usage as they are given here. */
  async function spendOf(words: string, keys: unknown, usage: unknown) {
    const server = createServer((request, response) =>
      response.end(JSON.stringify(request.url === '/v1/keys' ? keys : usage)),
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const result = await spend(words, { ...ALL, AIMLAPI_BASE_URLS: `http://127.0.0.1:${port}` })
    server.close()
    return result
  }
  const usage = { spend: 1.5, groups: [{ day: '2026-03-01', model: 'openai/gpt-5', spend: 1.5 }] }

  it('counts a key once that is configured beside the management key of its account', async () => {
    const accounts = { AIMLAPI_API_KEY: '', AIMLAPI_ACCOUNTS: `main=${DEFAULT_KEY},side=${OTHER_KEY}` }
    const keys = { ...accounts, AIMLAPI_MANAGEMENT_KEY: `main=${MANAGEMENT_KEY}` }
    const { total } = JSON.parse((await spend('--json', keys)).out) as { total: { usd: number } }
    expect(total.usd).toBeCloseTo(bookedUsd(), 9)
  })

  it('counts a key once that is listed twice', async () => {
    const { code, out } = await spendOf('--csv', [{ prefix: '0a11ce00' }, { prefix: '0a11ce00' }], usage)
    expect({ code, out: out.split('\r\n')[1] }).toStrictEqual({ code: 0, out: 'openai/gpt-5,1.5,1,0,0,0,0' })
  })

  it('says that something is missing when a key of the list cannot be read', async () => {
    const { code, err } = await spendOf('--csv', [{ prefix: '0a11ce00' }, { prefix: 'longer-than-8' }], usage)
    expect(code).toBe(1)
    expect(err).toMatch(/^MISSING: account default \(unparsable: /)
  })

  it.each([
    [{ ...usage, spend: 2 }, 'incomplete: the total'],
    [{ spend: 1.5, groups: [{ model: 'openai/gpt-5', spend: 1.5 }] }, 'unparsable: '],
  ])('says so when the groups of a key are not all that it spent: %j', async (said, reason) => {
    for (const format of ['--csv', '--focus']) {
      const { code, err } = await spendOf(format, [{ prefix: '0a11ce00' }], said)
      expect(code).toBe(1)
      expect(err).toContain(`MISSING: key 0a11ce00 of account default (${reason}`)
    }
  })

  it('shows no character of a model that turns the text around it', async () => {
    const groups = [{ day: '2026-03-01', model: 'evil\u202E/\u2028x', spend: 1e-4, tokens: { input: 4e12 } }]
    const { out } = await spendOf('', [{ prefix: '0a11ce00' }], { spend: 1e-4, groups })
    expect(out).toMatch(/^evil \/ x +\$0\.0001 .* 4\.00T /m)
  })

  it('says what is wrong with a key that cannot be one', async () => {
    const keys = { AIMLAPI_MANAGEMENT_KEY: 'canary of words' }
    expect((await spend('--csv', keys)).err).toMatch(
      /^environment variable AIMLAPI_MANAGEMENT_KEY has a bad key \(not shown\)/,
    )
  })

  it.each(['constructor', 'toString'])('sends the key of an account named %s, and no other', async (name) => {
    const accounts = { AIMLAPI_API_KEY: '', AIMLAPI_ACCOUNTS: `${name}=${DEFAULT_KEY}` }
    const { code, out } = await spend('--by key', accounts)
    expect(code).toBe(0)
    expect(out).toContain(`Account ${name}: only the configured key is shown`)
  })

  it('shows a line for each model, the dearest first, and what they cost together', async () => {
    const { code, out, err } = await spend('', ALL)
    expect({ code, err }).toStrictEqual({ code: 0, err: '' })
    const lines = out.split('\n')
    expect(lines[0]).toMatch(/^Spend from \d{4}-\d\d-\d\d to \d{4}-\d\d-\d\d \(UTC\)$/)
    expect(lines[2]).toMatch(/^MODEL +USD +SHARE +INPUT +OUTPUT +REQUESTS +FAILED$/)
    expect(lines.filter((line) => /^(?:openai|flux)\//.test(line))).toHaveLength(3)
    const total = lines.find((line) => line.startsWith('TOTAL'))
    expect(total).toMatch(/^TOTAL +\$[\d.]+ +100 % +[\d.]+k? +[\d.]+k? +4 +0$/)
    expect(Number(/\$([\d.]+)/.exec(total ?? '')?.[1])).toBeCloseTo(bookedUsd(), 3)
  })

  it('of one key says that there may be others', async () => {
    const { out } = await spend('--since today')
    expect(out).toContain('Account default: only the configured key is shown')
    expect(out).not.toContain('flux')
  })

  it('by key adds up to the books, and shows no control character of a name', async () => {
    const { out } = await spend('--by key --json', ALL)
    const report = JSON.parse(out) as { total: { usd: number }; rows: { key: string; usd: number }[] }
    expect(report.total.usd).toBeCloseTo(bookedUsd(), 9)
    expect(Object.fromEntries(report.rows.map(({ key, usd }) => [key, usd]))).toStrictEqual({
      '5eedc0de (production)': expect.closeTo(bookedUsd({ keyPrefix: '5eedc0de' }), 9),
      'aaaabbbb (n8n, "odd" [31m)': expect.closeTo(bookedUsd({ keyPrefix: 'aaaabbbb' }), 9),
    })
  })

  it('as CSV quotes what has to be quoted', async () => {
    const { out } = await spend('--by key --csv', ALL)
    const [headings, ...rows] = out.trimEnd().split('\r\n')
    expect(headings).toBe('key,usd,share,input_tokens,output_tokens,requests_succeeded,requests_failed')
    expect(rows.some((row) => row.startsWith('"aaaabbbb (n8n, ""odd"" [31m)",0.'))).toBe(true)
  })

  it('as FOCUS has every column, with the cost of each day, key and model', async () => {
    const { out } = await spend('--focus --tz Asia/Tokyo', { AIMLAPI_MANAGEMENT_KEY: MANAGEMENT_KEY })
    const [headings = '', ...rows] = out.trimEnd().split('\r\n')
    const columns = headings.split(',')
    expect(columns).toStrictEqual(FOCUS_COLUMNS.map(({ name }) => name))
    expect(rows).toHaveLength(4)
    const field = (row: string, name: string): string => row.split(',')[columns.indexOf(name)] ?? ''
    // The name of the second key has a comma of its own, behind all of these.
    const sum = rows.reduce((total, row) => total + Number(field(row, 'BilledCost')), 0)
    expect(sum).toBeCloseTo(bookedUsd(), 9)
    expect(field(rows[0] ?? '', 'ServiceCategory')).toBe('AI and Machine Learning')
    expect(field(rows[0] ?? '', 'ChargePeriodStart')).toMatch(/^\d{4}-\d\d-\d\dT15:00:00Z$/)
  })

  it('names what was not answered, and ends with 1', async () => {
    const fault = simulator.misbehave({ path: '/v2/usage/detail', fault: 'status=403', count: 1 })
    const { code, out } = await spend('', ALL)
    fault.stop()
    expect(code).toBe(1)
    expect(out).toContain('MISSING: key 5eedc0de of account default (403: the key has no permission)')
    const refused = await spend('--json', { AIMLAPI_API_KEY: 'canary-of-a-wrong-key' })
    expect(refused.code).toBe(1)
    expect(refused.err).toBe(
      'MISSING: account default (401: the key was refused: check AIMLAPI_API_KEY or AIMLAPI_ACCOUNTS)\n',
    )
    expect(refused.out).not.toContain('canary')
    const managed = await spend('--csv', { ...ALL, AIMLAPI_MANAGEMENT_KEY: 'canary-of-a-wrong-key' })
    expect(managed.err).toContain('401: the management key was refused: check AIMLAPI_MANAGEMENT_KEY')
    expect(managed.err).not.toContain('canary')
  })

  it('sends the management key to nothing but keys and usage', async () => {
    await spend('', ALL)
    const asked = simulator.requests.filter(({ path }) => !/generations|completions/.test(path))
    expect(new Set(asked.map(({ path }) => path))).toStrictEqual(new Set(['/v1/keys', '/v2/usage/detail']))
  })

  it.each([
    ['--by team', /--by is "team"; accepted: model, day, key/],
    ['--since 93d', /at most 92 days/],
    ['--since yesterday', /--since is "yesterday"; accepted: 24h, 30d/],
    ['--since 2026-02-30', /--since is "2026-02-30"/],
    ['--since 2100-01-01', /accepted: a --since in the past/],
    ['--tz europe/berlin', /Did you mean Europe\/Berlin\?/],
    ['--json --csv', /--json and --csv are given together/],
    ['--account nobody', /accepted: default/],
    ['--key canary-key', /--key names none of the keys; accepted: 5eedc0de/],
    ['canary-key', /an argument that is no flag/],
    ['--sinse 3d', /'--sinse'/],
  ])('refuses "%s" with what is accepted', async (words, message) => {
    await expect(spend(words)).rejects.toThrow(ConfigurationError)
    await expect(spend(words)).rejects.toThrow(message)
    await expect(spend(words)).rejects.not.toThrow(/canary/)
  })
})
