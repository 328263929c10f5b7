/** An application with a /metrics of its own: ours stand in it, and no second port is opened. */
import http from 'node:http'
import { register } from 'opentelemetry-instrumentation-aimlapi'
import prometheus from 'prom-client'
import calls from './calls.cjs'

const registration = register({ prometheus: false })
const orders = new prometheus.Counter({ name: 'orders_total', help: 'Orders' })

const server = http.createServer(async (_request, response) => {
  response.setHeader('content-type', prometheus.register.contentType)
  response.end((await prometheus.register.metrics()) + (await registration.prometheusText()))
})
server.listen(0, '127.0.0.1', async () => {
  await calls.throughFetch()
  orders.inc()
  console.log(JSON.stringify({ result: 'ready', port: server.address().port }))
})
process.stdin.resume().on('end', () => {
  server.close()
  server.closeAllConnections()
})
