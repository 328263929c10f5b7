// What a bundler gets: one call, and then what /metrics says of it.
import { register } from 'opentelemetry-instrumentation-aimlapi'

async function main() {
  const registration = register()
  const { AIMLAPI_BASE_URLS, OTEL_EXPORTER_PROMETHEUS_PORT: port } = process.env
  const response = await fetch(`${AIMLAPI_BASE_URLS}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', connection: 'close' },
    body: JSON.stringify({ model: 'gpt-5', messages: [] }),
  })
  await response.json()
  await registration.forceFlush()
  const metrics = await fetch(`http://localhost:${port}/metrics`).catch(() => undefined)
  console.log((await metrics?.text()) ?? 'the application goes on')
  await registration.shutdown()
}

void main()
