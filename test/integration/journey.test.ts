import { execFileSync, fork, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { findFreePort } from '../free-port.ts'
import { DEFAULT_KEY, startSimulator, type Simulator } from '../simulator/index.ts'

const ROOT = path.resolve(import.meta.dirname, '../..')
const SERVICE = path.join(import.meta.dirname, 'journey-support/service.mjs')
const hasPromtool = spawnSync('promtool', ['--version']).status === 0

/** `name{label="…"} value` lines of a metric, summed over those that have all of `labels`. */
function sumSamples(text: string, name: string, labels: Record<string, string> = {}): number {
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`)
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) && wanted.every((label) => line.includes(label)))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
}

describe('from a fetch in a service to its /metrics, with one flag and no change of code', () => {
  let simulator: Simulator
  let service: ChildProcess
  let scrape: string

  beforeAll(async () => {
    simulator = await startSimulator({ seed: 'journey' })
    const port = await findFreePort()
    service = fork(SERVICE, {
      cwd: ROOT,
      execArgv: ['--import', 'opentelemetry-instrumentation-aimlapi/register'],
      env: {
        ...process.env,
        AIMLAPI_API_KEY: DEFAULT_KEY,
        AIMLAPI_BASE_URLS: simulator.url,
        AIMLAPI_METRIC_TAGS: 'team',
        OTEL_EXPORTER_PROMETHEUS_PORT: String(port),
        OTEL_SERVICE_NAME: 'journey',
      },
    })
    const [message] = (await once(service, 'message')) as [{ done: string; refused: unknown }]
    expect(message).toEqual({ done: 'completed', refused: 'refused' })
    await simulator.idle()
    // The balance and the key's usage come with the first answers of the account API, each in its own time.
    await vi.waitFor(async () => {
      scrape = await (await fetch(`http://localhost:${port}/metrics`)).text()
      expect(scrape).toContain('aimlapi_balance_credits{')
      expect(scrape).toContain('aimlapi_key="')
    }, 10_000)
  })

  afterAll(async () => {
    service.disconnect()
    await once(service, 'exit')
    await simulator.close()
  })

  it('counts the credits that the ledger has, to the credit', () => {
    expect(simulator.ledger.sum().credits).toBeGreaterThan(0)
    expect(sumSamples(scrape, 'aimlapi_credits_used_total')).toBe(simulator.ledger.sum().credits)
  })

  it('counts the tokens that the ledger has', () => {
    const { inputTokens, outputTokens } = simulator.ledger.sum()
    expect(sumSamples(scrape, 'aimlapi_tokens_total', { gen_ai_token_type: 'input' })).toBe(inputTokens)
    expect(sumSamples(scrape, 'aimlapi_tokens_total', { gen_ai_token_type: 'output' })).toBe(outputTokens)
  })

  it('splits the spend by team', () => {
    const search = sumSamples(scrape, 'aimlapi_credits_used_total', { aimlapi_tag_team: 'search' })
    expect(search).toBe(simulator.ledger.sum({ model: 'gpt-4o' }).credits)
    expect(sumSamples(scrape, 'aimlapi_credits_used_total', { aimlapi_tag_team: 'support' })).toBeGreaterThan(
      0,
    )
  })

  it('counts requests with their error types', () => {
    expect(sumSamples(scrape, 'aimlapi_requests_total', { error_type: '429' })).toBe(1)
    expect(
      sumSamples(scrape, 'aimlapi_requests_total', { gen_ai_operation_name: 'fetch_response' }),
    ).toBeGreaterThan(0)
  })

  it('measures durations and streams in the histograms of the GenAI conventions', () => {
    expect(sumSamples(scrape, 'gen_ai_client_operation_duration_count')).toBeGreaterThan(4)
    expect(sumSamples(scrape, 'gen_ai_client_operation_time_to_first_chunk_count')).toBe(1)
    expect(sumSamples(scrape, 'gen_ai_client_token_usage_count')).toBeGreaterThan(3)
  })

  it('shows the balance of the account', () => {
    expect(sumSamples(scrape, 'aimlapi_balance_credits', { aimlapi_account: 'default' })).toBeGreaterThan(0)
  })

  it('leaks neither key nor prompt', () => {
    expect(scrape).not.toContain('canary')
    // The API's own public name of a key is its first 8 characters: they stand in one label, and nowhere else.
    const prefix = DEFAULT_KEY.slice(0, 8)
    expect(scrape).toContain(`aimlapi_key="${prefix}"`)
    expect(scrape.replaceAll(`aimlapi_key="${prefix}"`, '')).not.toContain(prefix)
  })

  it.skipIf(!hasPromtool && process.env.CI === undefined)('is clean for promtool check metrics', () => {
    const output = execFileSync('promtool', ['check', 'metrics'], {
      input: scrape,
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    expect(output.toString()).toBe('')
  })
})
