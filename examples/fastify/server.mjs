import Fastify from 'fastify'
import { withSpendTags } from 'opentelemetry-instrumentation-aimlapi'

const app = Fastify()

// `done` runs the route, so what the route calls carries the tag. The body has been read by then.
app.addHook('preHandler', (request, reply, done) => {
  withSpendTags({ route: request.routeOptions.url ?? 'unknown' }, done)
})

app.post('/ask', async (request) => {
  const response = await fetch('https://api.aimlapi.com/v1/chat/completions', {
    method: 'POST',
    headers: {
      authorization: `Bearer ${process.env.AIMLAPI_API_KEY}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({
      model: 'gpt-4o-mini',
      messages: [{ role: 'user', content: String(request.body.question) }],
    }),
  })
  const { choices } = await response.json()
  return { answer: choices[0].message.content }
})

await app.listen({ port: Number(process.env.PORT ?? 3000), host: '127.0.0.1' })
console.log(`listening on http://localhost:${app.server.address().port}`)
