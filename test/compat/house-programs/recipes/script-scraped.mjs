/** A call, and the /metrics of this process. */
import calls from './calls.cjs'

await calls.throughFetch()
const answer = await fetch(`http://127.0.0.1:${process.env.OTEL_EXPORTER_PROMETHEUS_PORT}/metrics`)
const [, count] = /^aimlapi_requests_total\{.*\} (\d+)/m.exec(await answer.text()) ?? []
console.log(JSON.stringify({ result: count ?? 'not counted' }))
