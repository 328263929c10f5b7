import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { parse } from 'yaml'
import { parseMetrics, spendOf } from '../../../examples/demo/metrics.ts'
import { readOptions } from '../../../examples/demo/options.ts'
import { configurationFor, graphUrl } from '../../../examples/demo/prometheus.ts'
import { renderTable } from '../../../examples/demo/table.ts'
import { startSimulator, type Simulator } from '../../simulator/index.ts'

const ROOT = join(import.meta.dirname, '..', '..', '..')

const PAGE = `# HELP aimlapi_requests_total HTTP attempts
# TYPE aimlapi_requests_total counter
aimlapi_requests_total{gen_ai_request_model="gpt-4o",aimlapi_tag_team="search"} 7
aimlapi_requests_total{gen_ai_request_model="gpt-4o",error_type="429"} 2
aimlapi_requests_total{gen_ai_request_model="gpt-4o",error_type="aborted"} 4
aimlapi_requests_total{gen_ai_request_model="gpt-4o",error_type="abandoned"} 1
aimlapi_requests_total{gen_ai_request_model="say \\"hi\\", {now}\\\\"} 1 1700000000000
aimlapi_tokens_total{gen_ai_request_model="gpt-4o",gen_ai_token_type="input"} 100
aimlapi_tokens_total{gen_ai_request_model="gpt-4o",gen_ai_token_type="output"} 50
aimlapi_credits_used_total{gen_ai_request_model="gpt-4o",aimlapi_tag_team="search",aimlapi_usage_source="response"} 1500
aimlapi_credits_used_total{gen_ai_request_model="gpt-4o",aimlapi_tag_team="support",aimlapi_usage_source="ledger"} 2500
aimlapi_credits_refunded_total{gen_ai_request_model="gpt-4o"} 1000
aimlapi_cost_usd_total{gen_ai_request_model="gpt-4o"} 0.002
aimlapi_usage_pending{aimlapi_account="default"} 3
aimlapi_balance_usd{aimlapi_account="default"} 18
`

describe('the table', () => {
  it('sums the samples by model, takes refunds off, and shows what was settled', () => {
    const spend = spendOf(parseMetrics(PAGE))
    expect(spend.models.map(({ model }) => model)).toEqual(['gpt-4o', 'say "hi", {now}\\'])
    expect(spend.models[0]).toEqual({
      model: 'gpt-4o',
      calls: 14,
      failed: 2,
      brokenOff: 5,
      inputTokens: 100,
      outputTokens: 50,
      credits: 3000,
      usd: 0.0015,
    })
    expect(spend.total.calls).toBe(15)
    expect(spend).toMatchObject({
      settledCredits: 2500,
      refundedCredits: 1000,
      pendingCalls: 3,
      balanceUsd: 18,
    })
    expect(spend.teams).toEqual([
      ['support', 2500],
      ['search', 1500],
    ])
  })

  it('says how long the balance lasts, and has no line for what is not known', () => {
    const footer = {
      elapsedSeconds: 3600,
      charged: undefined,
      addresses: [['metrics', 'http://x/metrics']] as const,
    }
    const text = renderTable(spendOf(parseMetrics(PAGE)), footer)
    expect(text).toContain('18.0000 USD, at this pace for 12000.0 h')
    expect(text).not.toContain('account  ')
    const silent = renderTable(spendOf([]), { ...footer, charged: { charged: 12, held: 2 } })
    expect(silent).not.toContain('balance')
    expect(silent).toContain('12 credits charged, 2 of them for running jobs')
  })

  it.each([
    [0, 'open        0 calls pending, 0 missing'],
    [1, 'open        1 call pending, 0 missing'],
    [2, 'open        2 calls pending, 0 missing'],
  ])('says of %d calls in plain English that they wait', (pending, line) => {
    const page = `aimlapi_usage_pending{aimlapi_account="default"} ${pending}`
    const footer = { elapsedSeconds: 1, charged: undefined, addresses: [] }
    expect(renderTable(spendOf(parseMetrics(page)), footer).split('\n')).toContain(line)
  })

  it('keeps its lines within a usual terminal', () => {
    const long = PAGE.replaceAll('gpt-4o', 'a/very/long/model/name/that/never/seems/to/end')
    const footer = { elapsedSeconds: 1, charged: undefined, addresses: [] }
    const lines = renderTable(spendOf(parseMetrics(long)), footer).split('\n')
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(95)
  })
})

describe('the command line', () => {
  it('runs until Ctrl-C against the simulator, unless told otherwise', () => {
    expect(readOptions([], {})).toEqual({ seconds: Number.POSITIVE_INFINITY, port: undefined, live: false })
    expect(readOptions(['--seconds', '20', '--port=9500'], {})).toMatchObject({ seconds: 20, port: 9500 })
    expect(readOptions(['--help'], {})).toBe('help')
  })

  it.each([['--seconds=soon'], ['--seconds=-1'], ['--port=70000'], ['--nonsense']])(
    'refuses %s',
    (argument) => {
      expect(() => readOptions([argument], {})).toThrow(argument.slice(0, 6))
    },
  )

  it('asks for a key before it calls the real API', () => {
    expect(() => readOptions(['--live'], {})).toThrow('AIMLAPI_API_KEY')
    expect(readOptions(['--live'], { AIMLAPI_API_KEY: 'k' })).toMatchObject({ live: true })
  })
})

describe('the Prometheus beside it', () => {
  it('has the shipped rules and one target, and alerts nobody', async () => {
    const configuration = parse(await configurationFor(ROOT, '127.0.0.1:9999'))
    expect(configuration.scrape_configs).toEqual([
      { job_name: 'aimlapi-demo', static_configs: [{ targets: ['127.0.0.1:9999'] }] },
    ])
    expect(configuration.alerting).toBeUndefined()
    expect(configuration.rule_files).toEqual([join(ROOT, 'docker/prometheus/rules/*.yml')])
  })

  it('is linked to with the query that it draws', () => {
    const url = new URL(
      graphUrl('http://127.0.0.1:9090', 'sum by (aimlapi_tag_team) (aimlapi_cost_usd_total)'),
    )
    expect(url.pathname).toBe('/graph')
    expect(url.searchParams.get('g0.expr')).toBe('sum by (aimlapi_tag_team) (aimlapi_cost_usd_total)')
    expect(url.searchParams.get('g0.tab')).toBe('0')
  })
})

describe('the traffic', () => {
  let simulator: Simulator

  beforeAll(async () => {
    simulator = await startSimulator()
    vi.stubEnv('DEMO_BASE_URL', simulator.url)
  })
  afterAll(async () => {
    vi.unstubAllEnvs()
    await simulator.close()
  })

  it('does not poll for a job that was refused', async () => {
    const traffic = '../../../examples/demo/traffic.mjs'
    const { SIMULATED_TRAFFIC } = (await import(traffic)) as {
      SIMULATED_TRAFFIC: { feature: string; call: () => Promise<void> }[]
    }
    simulator.misbehave({ method: 'POST', fault: 'status=429' })
    const jobs = SIMULATED_TRAFFIC.filter(({ feature }) => feature === 'clip' || feature === 'transcript')
    for (const { call } of jobs) await call()
    expect(simulator.requests.map(({ method }) => method)).toEqual(jobs.map(() => 'POST'))
  })
})
