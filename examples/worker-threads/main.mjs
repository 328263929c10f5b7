import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

// Diagnostics channels belong to a thread: each worker that makes calls registers for itself, on a port of its own.
const port = Number(process.env.OTEL_EXPORTER_PROMETHEUS_PORT ?? 9464)
const worker = new Worker(new URL('worker.mjs', import.meta.url), {
  env: { ...process.env, OTEL_EXPORTER_PROMETHEUS_PORT: String(port) },
})
const [answer] = await once(worker, 'message')
console.log(answer)

const metrics = await (await fetch(`http://localhost:${port}/metrics`)).text()
console.log(metrics.match(/^aimlapi_(requests|tokens|credits|cost).*$/gm)?.join('\n'))
worker.postMessage('stop')
await once(worker, 'exit')
