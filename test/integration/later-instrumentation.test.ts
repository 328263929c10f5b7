/** Whoever instruments Node's own modules after us finds them as if we were not there. */
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { expect, it } from 'vitest'

const ROOT = path.resolve(import.meta.dirname, '../..')

/** An SDK that comes later: its exporters get `http` first, and its instrumentation wraps it then. */
const LATER = `
  require('node:http')
  const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http')
  const { isWrapped } = require('@opentelemetry/instrumentation')
  const instrumentation = new HttpInstrumentation()
  const { Server } = require('http')
  const wrapped = isWrapped(Server.prototype.emit)
  instrumentation.disable()
  process.stdout.write(String(wrapped), () => process.exit())
`
const OURS = `new (require('./dist/index.cjs').AimlapiInstrumentation)();`

it.each([
  ['alone', LATER],
  ['after our instrumentation', OURS + LATER],
  ['after our instrumentation with an SDK that exports spans', `require('./dist/register.cjs');${LATER}`],
])('an instrumentation of http wraps the server: %s', (_, code) => {
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', code], {
    cwd: ROOT,
    encoding: 'utf8',
    env: {
      PATH: process.env['PATH'],
      AIMLAPI_API_KEY: 'key',
      AIMLAPI_BALANCE_INTERVAL_MS: '0',
      AIMLAPI_SETTLEMENT_INTERVAL_MS: '0',
      OTEL_TRACES_EXPORTER: 'otlp',
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
    },
  })
  expect([stdout, stderr.replaceAll(/^aimlapi: .*\n/gm, '')]).toEqual(['true', ''])
})
