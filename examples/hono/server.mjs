import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { withSpendTags } from 'opentelemetry-instrumentation-aimlapi'

const app = new Hono()

// A label must not take any value that a client cares to send.
const TEAMS = new Set(['search', 'support'])
function teamOf(context) {
  const team = context.req.header('x-team')
  return TEAMS.has(team) ? team : 'unknown'
}

// `next` returns a promise: every call that is made until it is fulfilled carries the tag.
app.use((context, next) => withSpendTags({ team: teamOf(context) }, next))

app.post('/ask', async (context) => {
  const { question } = await context.req.json()
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
  return context.json({ answer: choices[0].message.content })
})

serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000), hostname: '127.0.0.1' }, ({ port }) => {
  console.log(`listening on http://localhost:${port}`)
})
