/** A CommonJS program, to be put into one file: a call, what /metrics says of it, and a natural exit. */
const { register } = require('opentelemetry-instrumentation-aimlapi')

async function main() {
  const { CELL_ORIGIN, CELL_KEY, OTEL_EXPORTER_PROMETHEUS_PORT: port } = process.env
  const registration = register()
  const answer = await fetch(`${CELL_ORIGIN}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${CELL_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'canary-prompt' }] }),
  })
  await answer.json()
  await registration.forceFlush()
  const metrics = await fetch(`http://127.0.0.1:${port}/metrics`).then(
    (page) => page.text(),
    () => '',
  )
  const [, count] = /^aimlapi_requests_total\{.*\} (\d+)/m.exec(metrics) ?? []
  console.log(JSON.stringify({ result: count ?? 'not counted' }))
}

void main()
