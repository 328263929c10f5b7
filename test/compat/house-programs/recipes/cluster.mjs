/** Workers of node:cluster, told which port each of them serves: the same for all, or one after the other. */
import cluster from 'node:cluster'

const { OTEL_EXPORTER_PROMETHEUS_PORT: port, CELL_PORTS } = process.env

if (cluster.isPrimary) {
  for (const slot of [0, 1])
    cluster.fork({
      CELL_CALLS: String(slot === 0 ? 1 : 5),
      OTEL_EXPORTER_PROMETHEUS_PORT: String(Number(port) + (CELL_PORTS === 'own' ? slot : 0)),
    })
  let ready = 0
  cluster.on('message', () => {
    ready += 1
    if (ready === 2) console.log(JSON.stringify({ result: 'ready' }))
  })
  process.stdin.resume().on('end', () => {
    for (const worker of Object.values(cluster.workers)) worker.process.kill('SIGTERM')
  })
} else {
  const { register } = await import('opentelemetry-instrumentation-aimlapi')
  register()
  const { default: calls } = await import('./calls.cjs')
  for (let call = 0; call < Number(process.env.CELL_CALLS); call++) await calls.throughFetch()
  process.send('ready')
}
