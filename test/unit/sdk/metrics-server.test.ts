import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { diag } from '@opentelemetry/api'
import { afterEach, expect, it } from 'vitest'
import { serveMetrics } from '../../../src/sdk/metrics-server.ts'

afterEach(() => diag.disable())

it('a port in use rejects nothing, even when the logger of the host throws', async () => {
  const occupant = createServer().listen(0, '127.0.0.1')
  await once(occupant, 'listening')
  const { port } = occupant.address() as AddressInfo
  const fail = (): never => {
    throw new Error('of the logger')
  }
  diag.setLogger({ error: fail, warn: fail, info: fail, debug: fail, verbose: fail })
  const place = { host: '127.0.0.1', port, endpoint: '/metrics' }
  expect(await serveMetrics(place, async () => '')).toBeUndefined()
  occupant.close()
})
