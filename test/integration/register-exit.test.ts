/** What an exporter does never holds up the end of a process for long. */
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo, type Server } from 'node:net'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const ROOT = path.resolve(import.meta.dirname, '../..')
/** Says when its event loop is empty for the first time, and when it ends. */
const PROGRAM = `
let emptyMs
process.prependOnceListener('beforeExit', () => { emptyMs = performance.now() })
process.on('exit', () => console.log(performance.now() - emptyMs))
require('@opentelemetry/api').metrics.getMeter('a').createCounter('b').add(1)
`
/** Far below the time-outs of the exporters, which are 10 s, and above the documented 1 s on a slow machine. */
const BOUND_MS = 6_000

describe('the natural end of a process whose collector never answers', () => {
  let silent: Server
  beforeAll(async () => {
    silent = createServer().listen(0, '127.0.0.1')
    await once(silent, 'listening')
  })
  afterAll(() => silent.close())

  it.each(['http/protobuf', 'http/json', 'grpc'])('does not wait for its time-out (%s)', async (protocol) => {
    const { port } = silent.address() as AddressInfo
    const { stdout, status } = spawnSync(
      process.execPath,
      ['--require', 'opentelemetry-instrumentation-aimlapi/register', '--eval', PROGRAM],
      {
        cwd: ROOT,
        encoding: 'utf8',
        env: {
          PATH: process.env['PATH'],
          OTEL_METRICS_EXPORTER: 'otlp',
          OTEL_TRACES_EXPORTER: 'none',
          OTEL_LOGS_EXPORTER: 'none',
          OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
          OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
        },
      },
    )
    expect(status).toBe(0)
    expect(Number(stdout)).toBeLessThan(BOUND_MS)
  })
})
