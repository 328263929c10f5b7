import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { diag, DiagLogLevel } from '@opentelemetry/api'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { checkExporterPort } from '../../../src/doctor/exporter-port.ts'
import { checkHook } from '../../../src/doctor/hook-probe.ts'
import { formatDiagnosis } from '../../../src/doctor/report.ts'
import { checkSettings } from '../../../src/doctor/settings.ts'
import { checkRuntime } from '../../../src/doctor/versions.ts'
import { AimlapiInstrumentation } from '../../../src/instrumentation.ts'

describe('the runtime', () => {
  it.each([
    [{ node: '20.19.4' }, 'ok'],
    [{ node: '26.1.0' }, 'ok'],
    [{ node: '18.20.0' }, 'failure'],
    [{ node: '22.2.0', bun: '1.4.5' }, 'failure'],
    [{ node: '22.2.0', deno: '2.9.6' }, 'failure'],
  ])('%j is: %s', (versions, status) => {
    expect(checkRuntime(versions)).toMatchObject({ status })
  })
})

describe('the environment', () => {
  it('says what is observed and where metrics go', () => {
    const { check, config } = checkSettings({ OTEL_METRICS_EXPORTER: 'prometheus,otlp' })
    expect(check).toMatchObject({
      status: 'ok',
      summary:
        'observes https://api.aimlapi.com, https://tools.aimlapi.com; metrics go to http://localhost:9464/metrics and otlp, with no spend tag',
    })
    expect(checkSettings({ AIMLAPI_METRIC_TAGS: 'team,feature' }).check.summary).toContain('team, feature')
    expect(config?.accountBaseUrl).toBe('https://api.aimlapi.com')
  })

  it('with a bad value is a failure that names the variable, and never shows a key', () => {
    const { check, config } = checkSettings({ AIMLAPI_ACCOUNTS: 'main=secret-canary,main=secret-canary-2' })
    expect(check).toMatchObject({ status: 'failure', summary: expect.stringContaining('AIMLAPI_ACCOUNTS') })
    expect(JSON.stringify(check)).not.toContain('canary')
    expect(config).toBeUndefined()
  })

  it('that switches the SDK off, or exports nothing, is reported', () => {
    expect(checkSettings({ OTEL_SDK_DISABLED: 'true' }).check).toMatchObject({ status: 'failure' })
    expect(checkSettings({ OTEL_METRICS_EXPORTER: 'none' }).check).toMatchObject({ status: 'warning' })
  })
})

describe('the hook', () => {
  it('is not set on a Node.js that is too old, which is logged and throws nothing', async () => {
    const said: string[] = []
    const say = (text: string) => void said.push(text)
    diag.setLogger({ error: say, warn: say, info: say, debug: say, verbose: say }, DiagLogLevel.ERROR)
    const { getBuiltinModule } = process
    try {
      Object.defineProperty(process, 'getBuiltinModule', { value: undefined, configurable: true })
      expect(await checkHook()).toMatchObject({ status: 'failure' })
    } finally {
      Object.defineProperty(process, 'getBuiltinModule', { value: getBuiltinModule, configurable: true })
      diag.disable()
    }
    expect(said).toEqual([expect.stringMatching(/^aimlapi: Node\.js v\S+ is too old/)])
  })

  it('is seen to work by fetch and by node:http, and is gone afterwards', async () => {
    expect(await checkHook()).toMatchObject({
      status: 'ok',
      summary: expect.stringContaining('fetch and node:http'),
    })
    const other = new AimlapiInstrumentation({ enabled: false, balance: false, settlement: false })
    other.enable()
    await other.shutdown()
  })

  it('is checked without a request for the account, whose key a proxy could read', async () => {
    const seen: string[] = []
    const proxy = createServer((request, response) => {
      seen.push(request.url ?? '')
      response.end('{}')
    })
    await once(proxy.listen(0, '127.0.0.1'), 'listening')
    vi.stubEnv('HTTP_PROXY', `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`)
    vi.stubEnv('AIMLAPI_USAGE_INTERVAL_MS', '100')
    vi.stubEnv('AIMLAPI_API_KEY', 'canary0123456789canary0123456789')
    try {
      for (let run = 0; run < 20; run++) await checkHook()
    } finally {
      vi.unstubAllEnvs()
      proxy.close()
    }
    expect(seen).toEqual([])
  })

  it('that another instrumentation of the process owns is a failure, not a silent success', async () => {
    const live = new AimlapiInstrumentation({
      baseUrls: 'http://127.0.0.1:1',
      balance: false,
      settlement: false,
    })
    try {
      expect(await checkHook()).toMatchObject({
        status: 'failure',
        summary: expect.stringContaining('fetch and by node:http'),
      })
    } finally {
      await live.shutdown()
    }
  })
})

describe('the exporter port', () => {
  let server: Server | undefined
  afterEach(() => server?.close())

  async function serve(page: string): Promise<number> {
    server = createServer((_, response) => response.end(page))
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
    return (server.address() as AddressInfo).port
  }
  const at = (port: number) => ({ host: '127.0.0.1', port, endpoint: '/metrics' })

  it('that is free is fine, and the advice is the flag that may be missing', async () => {
    const port = await serve('')
    await new Promise((resolve) => server?.close(resolve))
    expect(await checkExporterPort(at(port))).toMatchObject({
      status: 'ok',
      summary: `127.0.0.1:${port} is free`,
      advice: expect.stringContaining('--import opentelemetry-instrumentation-aimlapi/register'),
    })
  })

  it('that an instrumented process serves already is fine, and the advice is another port', async () => {
    const port = await serve('# TYPE aimlapi_requests_total counter\naimlapi_requests_total 1\n')
    expect(await checkExporterPort(at(port))).toMatchObject({
      status: 'ok',
      advice: expect.stringContaining('OTEL_EXPORTER_PROMETHEUS_PORT'),
    })
  })

  it('that something else has is a failure', async () => {
    const port = await serve('<html>not metrics</html>')
    expect(await checkExporterPort(at(port))).toMatchObject({
      status: 'failure',
      summary: `127.0.0.1:${port} is in use by another process`,
    })
  })

  it('on an address that this machine does not have is a failure', async () => {
    expect(await checkExporterPort({ host: '192.0.2.1', port: 9464, endpoint: '/metrics' })).toMatchObject({
      status: 'failure',
      summary: expect.stringContaining('EADDRNOTAVAIL'),
    })
  })

  it('that is switched off is not looked at', async () => {
    expect(await checkExporterPort(false)).toMatchObject({ status: 'skipped' })
  })
})

describe('the report', () => {
  it('lists every check in columns, the advice below, and a verdict', () => {
    expect(
      formatDiagnosis({
        ok: false,
        checks: [
          { name: 'Node.js', status: 'ok', summary: '22.12.0' },
          { name: 'hook', status: 'failure', summary: 'saw nothing', advice: 'Look.' },
          { name: 'clock', status: 'warning', summary: 'is 20 s ahead' },
        ],
      }),
    ).toBe(
      [
        'ok       Node.js  22.12.0',
        'failure  hook     saw nothing',
        '                  → Look.',
        'warning  clock    is 20 s ahead',
        '',
        '1 to repair. 1 to look at.',
        '',
      ].join('\n'),
    )
  })
})
