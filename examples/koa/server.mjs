import { json } from 'node:stream/consumers'
import Koa from 'koa'
import { withSpendTags } from 'opentelemetry-instrumentation-aimlapi'

const app = new Koa()

// A label must not take any value that a client cares to send.
const TEAMS = new Set(['search', 'support'])
const teamOf = (context) => (TEAMS.has(context.get('x-team')) ? context.get('x-team') : 'unknown')

// `next` returns a promise: every call that is made until it is fulfilled carries the tag.
app.use((context, next) => withSpendTags({ team: teamOf(context) }, next))

app.use(async (context) => {
  const { question } = await json(context.req)
  const response = await fetch('https://api.aimlapi.com/v1/chat/completions', {
    method: 'POST',
    headers: {
      authorization: `Bearer ${process.env.AIMLAPI_API_KEY}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({
      model: 'gpt-4o-mini',
      messages: [{ role: 'user', content: String(question) }],
    }),
  })
  const { choices } = await response.json()
  context.body = { answer: choices[0].message.content }
})

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log(`listening on http://localhost:${server.address().port}`)
})
