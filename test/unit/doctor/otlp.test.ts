import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { resolveConfig } from '../../../src/config.ts'
import { checkOtlp } from '../../../src/doctor/otlp.ts'
import { findFreePort } from '../../free-port.ts'

const closing: (() => void)[] = []
afterEach(() => {
  vi.unstubAllEnvs()
  closing.splice(0).forEach((close) => close())
})

async function startCollector(status: number): Promise<string> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(status).end('{}'))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function check(endpoint: string) {
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', endpoint)
  return checkOtlp(resolveConfig({}, { OTEL_METRICS_EXPORTER: 'otlp' }))
}

describe('the OTLP endpoint', () => {
  it('is not looked at where nothing is pushed', async () => {
    expect(await checkOtlp(resolveConfig({}, {}))).toEqual([])
  })

  it('that takes an export is fine', async () => {
    const url = await startCollector(200)
    expect(await check(url)).toEqual([
      { name: 'OTLP endpoint', status: 'ok', summary: `${url} takes metrics` },
    ])
  })

  it('that refuses is a failure with its status', async () => {
    const [found] = await check(await startCollector(404))
    expect(found).toMatchObject({ status: 'failure', summary: expect.stringContaining('status 404') })
  })

  it('where no server listens is a failure, and its secrets are not shown', async () => {
    const port = await findFreePort()
    const [found] = await check(`http://user:canary@127.0.0.1:${port}`)
    expect(found).toMatchObject({ status: 'failure', summary: expect.stringContaining('ECONNREFUSED') })
    expect(JSON.stringify(found)).not.toContain('canary')
  })
})
