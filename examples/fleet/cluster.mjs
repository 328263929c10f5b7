// Several processes on one host, each with a /metrics of its own:
//   WORKERS=4 node --import opentelemetry-instrumentation-aimlapi/register cluster.mjs
// The primary serves 9464 and calls nobody; the workers serve 9465 and up. A restarted worker keeps its port.
import cluster from 'node:cluster'

const FIRST_PORT = Number(process.env.OTEL_EXPORTER_PROMETHEUS_PORT ?? 9464)
const workers = Number(process.env.WORKERS ?? 4)

let stopping = false

function fork(slot) {
  const worker = cluster.fork({ OTEL_EXPORTER_PROMETHEUS_PORT: String(FIRST_PORT + slot) })
  worker.once('exit', () => {
    if (!stopping) fork(slot)
    else if (Object.keys(cluster.workers).length === 0) process.exit(0)
  })
}

function stop() {
  stopping = true
  for (const worker of Object.values(cluster.workers)) worker.process.kill('SIGTERM')
}

if (cluster.isPrimary) {
  for (let slot = 1; slot <= workers; slot++) fork(slot)
  process.once('SIGTERM', stop)
} else {
  // Your service: import('./server.mjs')
  const baseUrl = process.env.AIMLAPI_BASE_URLS ?? 'https://api.aimlapi.com'
  const response = await fetch(`${baseUrl}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${process.env.AIMLAPI_API_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'gpt-4o-mini',
      messages: [{ role: 'user', content: 'Hello from a worker.' }],
    }),
  })
  await response.json()
  setInterval(() => {}, 60_000)
}
