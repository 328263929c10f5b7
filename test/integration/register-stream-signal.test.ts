import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { expect, it, vi } from 'vitest'
import { startCollector } from './register-support/http.ts'

const ROOT = path.resolve(import.meta.dirname, '../..')
const SERVICE = path.join(import.meta.dirname, 'register-support/stream-service.mjs')
const EVENT = { id: 'chatcmpl-1', model: 'gpt-5-2026', choices: [{ index: 0, delta: { content: 'word ' } }] }
const EVENT_INTERVAL_MS = 20

/** Answers with a stream that goes on until the caller has gone. */
async function startEndlessApi() {
  const server = createServer((request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'x-inference-id': 'inf-1' })
    const timer = setInterval(() => response.write(`data: ${JSON.stringify(EVENT)}\n\n`), EVENT_INTERVAL_MS)
    response.on('close', () => clearInterval(timer))
    request.resume()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

it.each(['SIGTERM', 'SIGINT'] as const)(
  'a stream that is being read when %s comes is handed on as a call that was broken off, once',
  async (signal) => {
    const api = await startEndlessApi()
    const collector = await startCollector()
    const flag = ['--import', 'opentelemetry-instrumentation-aimlapi/register']
    const child = spawn(process.execPath, [...flag, SERVICE], {
      cwd: ROOT,
      env: {
        AIMLAPI_BASE_URLS: `http://127.0.0.1:${(api.address() as AddressInfo).port}`,
        AIMLAPI_BALANCE_INTERVAL_MS: '0',
        AIMLAPI_SETTLEMENT_INTERVAL_MS: '0',
        OTEL_METRICS_EXPORTER: 'otlp',
        OTEL_TRACES_EXPORTER: 'otlp',
        OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      },
    })
    try {
      let output = ''
      child.stdout.on('data', (text: Buffer) => (output += text.toString()))
      await vi.waitFor(() => expect(output.split('reading').length).toBeGreaterThan(3), { timeout: 20_000 })
      const ended = once(child, 'close')
      child.kill(signal)
      expect(await ended).toEqual([null, signal])

      const spans = collector.received.filter((push) => push.includes('"traceId"'))
      const metrics = collector.received.filter((push) => push.includes('"aimlapi.requests"'))
      const ERROR_TYPE = /"key":"error\.type","value":\{"stringValue":"([^"]*)"/g
      const errorTypes = new Set(
        [...spans, ...metrics].flatMap((push) => [...push.matchAll(ERROR_TYPE)].map(([, type]) => type)),
      )
      expect(errorTypes).toEqual(new Set(['aborted']))
      expect(metrics).toHaveLength(1)
    } finally {
      child.kill('SIGKILL')
      collector.close()
      api.closeAllConnections()
      api.close()
    }
  },
)
