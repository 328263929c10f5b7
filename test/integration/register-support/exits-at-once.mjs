// One call of a process that exits with code 3 as soon as it has the answer. Its exporter writes at once, to stdout.
import { writeSync } from 'node:fs'
import { createServer } from 'node:http'
import { BasicTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { AimlapiInstrumentation } from '../../../dist/index.mjs'

const ANSWER = JSON.stringify({ model: 'gpt-5-2026', meta: { usage: { credits_used: 2000 } } })
const exporter = {
  export(spans, done) {
    for (const { name, attributes } of spans) writeSync(1, `${name} ${attributes['aimlapi.credits.used']}\n`)
    done({ code: 0 })
  },
  shutdown: () => Promise.resolve(),
}
const server = createServer((request, response) => {
  request.resume().on('end', () => response.setHeader('content-type', 'application/json').end(ANSWER))
})
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
const url = `http://127.0.0.1:${server.address().port}`

const instrumentation = new AimlapiInstrumentation({
  enabled: false,
  apiKey: 'a-key-of-this-test',
  baseUrls: [url],
  balance: false,
})
instrumentation.setTracerProvider(
  new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }),
)
instrumentation.enable()
const response = await fetch(`${url}/v1/chat/completions`, {
  method: 'POST',
  body: JSON.stringify({ model: 'gpt-5' }),
})
await response.json()
process.exit(3)
