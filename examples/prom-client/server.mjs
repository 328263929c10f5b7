import { createServer } from 'node:http'
import { Counter, register as own } from 'prom-client'
import { register } from 'opentelemetry-instrumentation-aimlapi'

// No second port: this service serves /metrics itself.
const aimlapi = register({ prometheus: false })

const asked = new Counter({ name: 'questions_asked_total', help: 'Questions that users have asked.' })
const headers = {
  authorization: `Bearer ${process.env.AIMLAPI_API_KEY}`,
  'content-type': 'application/json',
}

async function ask(question) {
  asked.inc()
  const answer = await fetch('https://api.aimlapi.com/v1/chat/completions', {
    method: 'POST',
    headers,
    body: JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: question }] }),
  })
  return (await answer.json()).choices[0].message.content
}

const server = createServer(async (request, response) => {
  if (request.url !== '/metrics') return response.end(`${await ask('Name three rivers.')}\n`)
  response.setHeader('content-type', own.contentType)
  response.end((await own.metrics()) + (await aimlapi.prometheusText()))
})
server.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log(`listening on http://localhost:${server.address().port}`)
})
