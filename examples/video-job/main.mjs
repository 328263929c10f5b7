import { setTimeout as sleep } from 'node:timers/promises'

const url = 'https://api.aimlapi.com/v2/video/generations'
const headers = {
  authorization: `Bearer ${process.env.AIMLAPI_API_KEY}`,
  'content-type': 'application/json',
}

// The create call says what the job costs. However often it is polled, it is counted once.
const created = await fetch(url, {
  method: 'POST',
  headers,
  body: JSON.stringify({ model: 'alibaba/wan-2-6-t2v', prompt: 'A river from above' }),
})
const { id } = await created.json()
console.log(`job ${id}`)

for (;;) {
  const polled = await fetch(`${url}?generation_id=${encodeURIComponent(id)}`, { headers })
  const { status } = await polled.json()
  console.log(status)
  if (status === 'completed' || status === 'succeeded' || status === 'error') break
  await sleep(Number(process.env.POLL_INTERVAL_MS ?? 5000))
}

const port = process.env.OTEL_EXPORTER_PROMETHEUS_PORT ?? 9464
const metrics = await (await fetch(`http://localhost:${port}/metrics`)).text()
console.log(metrics.match(/^aimlapi_(requests|credits|cost).*$/gm)?.join('\n'))
